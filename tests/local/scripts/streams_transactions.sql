-- Two targets from one stream need one transaction; what a transaction changes itself it does not see.
CREATE TABLE t (id INT);
CREATE STREAM s ON TABLE t;
CREATE TABLE a (id INT);
CREATE TABLE b (id INT);
INSERT INTO t VALUES (1), (2);
BEGIN;
INSERT INTO a SELECT id FROM s;
INSERT INTO t VALUES (3);
INSERT INTO b SELECT id FROM s;
SELECT COUNT(*) FROM s;
--> 2
COMMIT;
SELECT (SELECT COUNT(*) FROM a), (SELECT COUNT(*) FROM b);
--> 2 | 2
SELECT id FROM s;
--> 3
-- A rollback leaves the offset.
BEGIN;
INSERT INTO a SELECT id FROM s;
ROLLBACK;
SELECT id FROM s;
--> 3
-- So does a statement that fails.
INSERT INTO a SELECT 'x' || id FROM s;
--! 100038
SELECT id FROM s;
--> 3
-- CREATE TABLE AS consumes.
CREATE TABLE c AS SELECT id FROM s WHERE 1 = 0;
SELECT COUNT(*) FROM s;
--> 0
-- A plain SELECT in a transaction does not.
INSERT INTO t VALUES (4);
BEGIN;
SELECT id FROM s;
--> 4
COMMIT;
SELECT id FROM s;
--> 4
-- MERGE that matches nothing and updates nothing consumes.
MERGE INTO a USING (SELECT id FROM s) q ON a.id = q.id AND 1 = 0 WHEN MATCHED THEN DELETE;
SELECT COUNT(*) FROM s;
--> 0
