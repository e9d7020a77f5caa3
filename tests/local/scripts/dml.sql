CREATE TABLE t (id INT, v VARCHAR(5), n NUMBER(10, 2) DEFAULT 1.5);
INSERT INTO t (id, v) VALUES (1, 'a'), (2, 'b');
--> 2
INSERT INTO t VALUES (3, 'c', DEFAULT);
--> 1
SELECT * FROM t ORDER BY id;
--> 1 | a | 1.50
--> 2 | b | 1.50
--> 3 | c | 1.50
INSERT INTO t (id) VALUES (1, 2);
--! 2020
INSERT INTO t (id, v) VALUES (9, 'too long');
--! 100078
INSERT INTO t (nope) VALUES (1);
--! 904
UPDATE t SET n = n + id, v = 'q' WHERE id > 1;
--> 2 | 0
UPDATE t SET v = s.v FROM (SELECT 1 AS id, 'w' AS v UNION ALL SELECT 1, 'w') s WHERE t.id = s.id;
--> 1 | 1
DELETE FROM t USING (SELECT 3 AS id) s WHERE t.id = s.id;
--> 1
SELECT * FROM t ORDER BY id;
--> 1 | w | 1.50
--> 2 | q | 3.50
MERGE INTO t USING (SELECT 2 AS id, 'm' AS v UNION ALL SELECT 7, 'n') s ON t.id = s.id
  WHEN MATCHED AND s.v = 'm' THEN UPDATE SET v = s.v
  WHEN MATCHED THEN DELETE
  WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v);
--> 1 | 1 | 0
SELECT * FROM t ORDER BY id;
--> 1 | w | 1.50
--> 2 | m | 3.50
--> 7 | n | 1.50
-- In what is inserted a bare name is the source's, though the target has a column of that name.
MERGE INTO t USING (SELECT 8 AS id, 'b' AS v, 'e' AS other) ON t.id = 8
  WHEN NOT MATCHED AND v = 'b' THEN INSERT (id, v) VALUES (id + 1, v || other);
--> 1
MERGE INTO t USING (SELECT 8 AS id) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, v) VALUES (id, v);
--! 904
DELETE FROM t WHERE v = 'be' AND id = 9;
--> 1
-- Several source rows for one target row.
MERGE INTO t USING (SELECT 1 AS id, 'x' AS v UNION ALL SELECT 1, 'y') s ON t.id = s.id
  WHEN MATCHED THEN UPDATE SET v = s.v;
--! 100090
ALTER SESSION SET ERROR_ON_NONDETERMINISTIC_MERGE = FALSE;
MERGE INTO t USING (SELECT 1 AS id, 'x' AS v UNION ALL SELECT 1, 'x') s ON t.id = s.id
  WHEN MATCHED THEN UPDATE SET v = s.v;
ALTER SESSION UNSET ERROR_ON_NONDETERMINISTIC_MERGE;
SELECT v FROM t WHERE id = 1;
--> x
-- A single clause with a condition changes the rows that meet it, and no others.
CREATE TABLE m (id INT, v INT, w INT);
INSERT INTO m VALUES (1, 1, 1), (2, 2, 2);
MERGE INTO m USING (SELECT 1 AS id, 10 AS v UNION ALL SELECT 2, 20) s ON m.id = s.id
  WHEN MATCHED AND s.v > 10 THEN UPDATE SET v = s.v;
--> 1
SELECT * FROM m ORDER BY id;
--> 1 | 1 | 1
--> 2 | 20 | 2
MERGE INTO m USING (SELECT 1 AS id UNION ALL SELECT 2) s ON m.id = s.id WHEN MATCHED AND m.v = 20 THEN DELETE;
--> 1
SELECT id FROM m;
--> 1
CREATE TABLE even (id INT);
CREATE TABLE odd (id INT, note STRING);
INSERT ALL
  WHEN id % 2 = 0 THEN INTO even
  ELSE INTO odd (id, note) VALUES (id, 'odd')
  SELECT id FROM t;
SELECT id FROM even;
--> 2
SELECT id, note FROM odd ORDER BY id;
--> 1 | odd
--> 7 | odd
INSERT OVERWRITE INTO even SELECT id + 1 FROM odd;
SELECT id FROM even ORDER BY id;
--> 2
--> 8
CREATE TABLE auto (id INT AUTOINCREMENT START 10 INCREMENT 5, v STRING);
INSERT INTO auto (v) VALUES ('a'), ('b');
SELECT id, v FROM auto ORDER BY id;
--> 10 | a
--> 15 | b
CREATE VIEW w AS SELECT id FROM t;
INSERT INTO w VALUES (1);
--! 2032
INSERT INTO missing VALUES (1);
--! 2003
