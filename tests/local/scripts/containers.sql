-- UNDROP brings tables back with their streams and what these had not shown.
CREATE SCHEMA s1;
CREATE TABLE s1.t (id INT);
CREATE STREAM s1.changes ON TABLE s1.t;
INSERT INTO s1.t VALUES (3);
DROP SCHEMA s1;
SELECT * FROM s1.t;
--! 2003
CREATE SCHEMA s1;
UNDROP SCHEMA s1;
--! 2002
DROP SCHEMA s1;
DROP SCHEMA s1;
--! 2043
CREATE SCHEMA s2;
CREATE TABLE s2.t (id INT);
CREATE STREAM s2.changes ON TABLE s2.t;
INSERT INTO s2.t VALUES (3);
DROP SCHEMA s2;
UNDROP SCHEMA s2;
SELECT id, METADATA$ACTION FROM s2.changes;
--> 3 | INSERT
-- CREATE OR ALTER makes what is missing and keeps what is there.
CREATE OR ALTER SCHEMA s3 COMMENT = 'a';
CREATE OR ALTER TABLE s3.t (id INT);
INSERT INTO s3.t VALUES (1);
CREATE OR ALTER SCHEMA s3 COMMENT = 'b';
SELECT id FROM s3.t;
--> 1
CREATE OR ALTER VIEW s3.v AS SELECT id FROM t;
CREATE OR ALTER VIEW s3.v AS SELECT id * 10 AS ten FROM t;
SELECT ten FROM s3.v;
--> 10
-- OR REPLACE begins anew.
CREATE OR REPLACE SCHEMA s3;
SELECT * FROM s3.t;
--! 2003
-- An ungrouped column has one number without GROUP BY, another one with it.
CREATE TABLE g (id INT, v INT);
SELECT id, COUNT(*) FROM g;
--! 979
SELECT id, v, COUNT(*) FROM g GROUP BY id;
--! 1104
