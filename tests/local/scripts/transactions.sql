-- docs.snowflake.com/en/sql-reference/transactions
CREATE TABLE t (id INT NOT NULL, v STRING);
-- Without a transaction both are no-ops.
COMMIT;
ROLLBACK;
BEGIN;
INSERT INTO t VALUES (1, 'a');
ROLLBACK;
SELECT COUNT(*) FROM t;
--> 0
BEGIN TRANSACTION;
INSERT INTO t VALUES (1, 'a');
-- BEGIN within a transaction is ignored.
BEGIN;
INSERT INTO t VALUES (2, 'b');
-- A statement that fails is undone alone.
INSERT INTO t VALUES (3, 'c'), (NULL, 'd');
--! 100072
SELECT nope FROM t;
--! 904
INSERT INTO t SELECT id + 10, v FROM t;
COMMIT;
SELECT id, v FROM t ORDER BY id;
--> 1 | a
--> 2 | b
--> 11 | a
--> 12 | b
-- DDL commits what is open.
BEGIN;
INSERT INTO t VALUES (20, 'x');
CREATE TABLE other (id INT);
ROLLBACK;
SELECT COUNT(*) FROM t;
--> 5
-- AUTOCOMMIT = FALSE opens a transaction with the first change.
ALTER SESSION SET AUTOCOMMIT = FALSE;
INSERT INTO t VALUES (30, 'y');
ROLLBACK;
INSERT INTO t VALUES (31, 'y');
COMMIT;
ALTER SESSION UNSET AUTOCOMMIT;
SELECT COUNT(*) FROM t;
--> 6
-- A change of AUTOCOMMIT commits what is open.
ALTER SESSION SET AUTOCOMMIT = FALSE;
INSERT INTO t VALUES (32, 'y');
ALTER SESSION SET AUTOCOMMIT = TRUE;
ROLLBACK;
SELECT COUNT(*) FROM t;
--> 7
BEGIN;
INSERT INTO t VALUES (33, 'y');
ALTER SESSION SET AUTOCOMMIT = TRUE;
ROLLBACK;
SELECT COUNT(*) FROM t;
--> 7
