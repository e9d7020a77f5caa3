-- Net change of a standard stream: docs.snowflake.com/en/user-guide/streams-intro
CREATE TABLE t (id INT, v STRING);
INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e');
CREATE STREAM s ON TABLE t;
SELECT COUNT(*) FROM s;
--> 0

-- Inserted and deleted again: nothing.
INSERT INTO t VALUES (10, 'x');
DELETE FROM t WHERE id = 10;
SELECT id, v, METADATA$ACTION, METADATA$ISUPDATE FROM s;
-->

-- Inserted and updated: one insert with the last image.
INSERT INTO t VALUES (11, 'x');
UPDATE t SET v = 'y' WHERE id = 11;
UPDATE t SET v = 'z' WHERE id = 11;
SELECT id, v, METADATA$ACTION, METADATA$ISUPDATE FROM s;
--> 11 | z | INSERT | False

-- Updated several times: one pair, the first image and the last.
UPDATE t SET v = 'a1' WHERE id = 1;
UPDATE t SET v = 'a2' WHERE id = 1;
SELECT id, v, METADATA$ACTION, METADATA$ISUPDATE FROM s WHERE id = 1 ORDER BY METADATA$ACTION;
--> 1 | a | DELETE | True
--> 1 | a2 | INSERT | True
SELECT COUNT(DISTINCT METADATA$ROW_ID) FROM s WHERE id = 1;
--> 1

-- Updated, then deleted: a deletion with the original image.
UPDATE t SET v = 'b1' WHERE id = 2;
DELETE FROM t WHERE id = 2;
SELECT id, v, METADATA$ACTION, METADATA$ISUPDATE FROM s WHERE id = 2;
--> 2 | b | DELETE | False

-- Updated and updated back: nothing.
UPDATE t SET v = 'c1' WHERE id = 3;
UPDATE t SET v = 'c' WHERE id = 3;
SELECT id, v, METADATA$ACTION FROM s WHERE id = 3;
-->

-- Deleted and inserted again, equal: both, for they are two rows.
DELETE FROM t WHERE id = 4;
INSERT INTO t VALUES (4, 'd');
SELECT id, v, METADATA$ACTION, METADATA$ISUPDATE FROM s WHERE id = 4 ORDER BY METADATA$ACTION;
--> 4 | d | DELETE | False
--> 4 | d | INSERT | False

-- A SELECT moves nothing; a DML that reads does, even if it keeps no row.
CREATE TABLE sink (id INT);
SELECT COUNT(*) FROM s;
--> 6
INSERT INTO sink SELECT id FROM s WHERE 0 = 1;
SELECT COUNT(*) FROM s;
--> 0

-- TRUNCATE deletes what was there at the offset.
TRUNCATE TABLE t;
SELECT METADATA$ACTION, METADATA$ISUPDATE, COUNT(*) FROM s GROUP BY 1, 2;
--> DELETE | False | 5

-- INSERT OVERWRITE: all old rows go, all new ones come.
INSERT INTO sink SELECT id FROM s;
INSERT INTO t VALUES (1, 'a');
INSERT INTO sink SELECT id FROM s;
INSERT OVERWRITE INTO t SELECT 1, 'a';
SELECT id, METADATA$ACTION, METADATA$ISUPDATE FROM s ORDER BY METADATA$ACTION;
--> 1 | DELETE | False
--> 1 | INSERT | False
