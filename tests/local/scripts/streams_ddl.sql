-- What DDL does to streams.
CREATE TABLE t (id INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
-- IF NOT EXISTS changes nothing, OR REPLACE forgets what is pending.
CREATE STREAM IF NOT EXISTS s ON TABLE t;
SELECT COUNT(*) FROM s;
--> 1
CREATE OR REPLACE STREAM s ON TABLE t AT (STREAM => 's');
SELECT COUNT(*) FROM s;
--> 1
CREATE STREAM copy CLONE s;
SELECT COUNT(*) FROM copy;
--> 1
CREATE OR REPLACE STREAM s ON TABLE t;
SELECT COUNT(*) FROM s;
--> 0
CREATE STREAM s ON TABLE t;
--! 2002
CREATE STREAM x ON TABLE nope;
--! 2003
CREATE STREAM x ON TABLE t AT (STREAM => 'no_such_stream');
--! 2003
-- A new column is there at once; a rename keeps the stream.
INSERT INTO t VALUES (2);
ALTER TABLE t ADD COLUMN note STRING;
ALTER TABLE t RENAME TO t2;
INSERT INTO t2 VALUES (3, 'n');
SELECT id, note FROM s ORDER BY id;
--> 2 | NULL
--> 3 | n
-- CREATE OR ALTER keeps rows and streams.
CREATE OR ALTER TABLE t2 (id INT, note STRING, more INT);
SELECT id, note, more FROM s ORDER BY id;
--> 2 | NULL | NULL
--> 3 | n | NULL
-- DROP ends the stream, UNDROP brings it back, OR REPLACE ends it for good.
DROP TABLE t2;
SELECT COUNT(*) FROM s;
--! 91901
UNDROP TABLE t2;
SELECT COUNT(*) FROM s;
--> 2
CREATE OR REPLACE TABLE t2 (id INT);
SELECT COUNT(*) FROM s;
--! 91901
-- Initial rows: those of the creation first, then what changed since the creation.
CREATE TABLE i (id INT);
INSERT INTO i VALUES (1), (2);
CREATE STREAM si ON TABLE i SHOW_INITIAL_ROWS = TRUE;
INSERT INTO i VALUES (3);
DELETE FROM i WHERE id = 1;
SELECT id, METADATA$ACTION FROM si ORDER BY id;
--> 1 | INSERT
--> 2 | INSERT
CREATE TABLE sink AS SELECT id FROM si;
SELECT id, METADATA$ACTION FROM si ORDER BY id;
--> 1 | DELETE
--> 3 | INSERT
