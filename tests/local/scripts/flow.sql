-- Each statement of a chain reads the results of those before it.
CREATE TABLE a (id INT, v STRING);
CREATE TABLE b (id INT);
INSERT INTO a VALUES (1, 'x'), (2, 'y');
SHOW TABLES ->> SELECT "name" FROM $1 ORDER BY "name";
--> A
--> B
SELECT id FROM a ->> SELECT id * 10 AS ten FROM $1 ->> SELECT SUM(t.ten), COUNT(f.id) FROM $1 t JOIN $2 f ON t.ten = f.id * 10;
--> 30 | 2
SELECT 1 ->> SELECT * FROM nope;
--! 2003
