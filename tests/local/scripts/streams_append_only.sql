-- Append-only streams show each insertion once, whatever became of the row.
CREATE TABLE t (id INT, v STRING);
INSERT INTO t VALUES (1, 'a');
CREATE STREAM s ON TABLE t APPEND_ONLY = TRUE;
INSERT INTO t VALUES (2, 'b'), (3, 'c');
DELETE FROM t WHERE id = 3;
UPDATE t SET v = 'z' WHERE id = 1;
SELECT id, METADATA$ACTION, METADATA$ISUPDATE FROM s ORDER BY id;
--> 2 | INSERT | False
--> 3 | INSERT | False
TRUNCATE TABLE t;
SELECT COUNT(*) FROM s;
--> 2
CREATE TABLE sink (id INT);
INSERT INTO sink SELECT id FROM s;
SELECT COUNT(*) FROM s;
--> 0
-- An update or a deletion alone is no insertion.
INSERT INTO t VALUES (5, 'e');
INSERT INTO sink SELECT id FROM s;
UPDATE t SET v = 'f' WHERE id = 5;
DELETE FROM t WHERE id = 5;
SELECT COUNT(*) FROM s;
--> 0
-- INSERT_ONLY is for external tables.
CREATE STREAM bad ON TABLE t INSERT_ONLY = TRUE;
--! 91913
