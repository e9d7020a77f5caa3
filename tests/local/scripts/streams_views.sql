-- Streams on views: projections, filters, inner joins, UNION ALL.
CREATE TABLE o (id INT, customer INT, amount INT);
CREATE TABLE c (customer INT, name STRING);
INSERT INTO c VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO o VALUES (10, 1, 5), (11, 2, 50);
CREATE VIEW big AS SELECT id, amount * 2 AS twice FROM o WHERE amount > 10;
CREATE VIEW named AS SELECT o.id, c.name FROM o JOIN c ON o.customer = c.customer;
CREATE VIEW both AS SELECT id FROM o UNION ALL SELECT customer FROM c;
CREATE STREAM s_big ON VIEW big;
CREATE STREAM s_named ON VIEW named;
CREATE STREAM s_both ON VIEW both APPEND_ONLY = TRUE;
INSERT INTO o VALUES (12, 1, 7), (13, 2, 70);
UPDATE o SET amount = 60 WHERE id = 11;
SELECT id, twice, METADATA$ACTION, METADATA$ISUPDATE FROM s_big ORDER BY id, METADATA$ACTION;
--> 11 | 100 | DELETE | True
--> 11 | 120 | INSERT | True
--> 13 | 140 | INSERT | False
SELECT id, name, METADATA$ACTION FROM s_named ORDER BY id;
--> 12 | Ann | INSERT
--> 13 | Bob | INSERT
UPDATE c SET name = 'Bea' WHERE customer = 2;
SELECT id, name, METADATA$ACTION, METADATA$ISUPDATE FROM s_named WHERE id = 11 ORDER BY METADATA$ACTION;
--> 11 | Bob | DELETE | True
--> 11 | Bea | INSERT | True
SELECT id FROM s_both ORDER BY id;
--> 12
--> 13
-- A row that leaves the filter is deleted.
UPDATE o SET amount = 1 WHERE id = 11;
SELECT id, METADATA$ACTION, METADATA$ISUPDATE FROM s_big WHERE id = 11;
--> 11 | DELETE | False
CREATE VIEW grouped AS SELECT customer, COUNT(*) AS n FROM o GROUP BY customer;
CREATE STREAM bad ON VIEW grouped;
--! 91912
CREATE VIEW outer_joined AS SELECT o.id, c.name FROM o LEFT JOIN c ON o.customer = c.customer;
CREATE STREAM bad ON VIEW outer_joined;
--! 91912
CREATE OR REPLACE TABLE c (customer INT, name STRING);
SELECT COUNT(*) FROM s_named;
--! 91901
-- CTEs, stars and nested views carry their rows too.
CREATE TABLE n (id INT, v STRING);
CREATE VIEW nested AS WITH kept AS (SELECT * FROM n WHERE id > 0) SELECT * FROM kept;
CREATE VIEW outermost AS SELECT * FROM (SELECT id, UPPER(v) AS v FROM nested) WHERE id < 100
  UNION ALL (SELECT id * 1000, v FROM nested);
CREATE STREAM s_outermost ON VIEW outermost;
INSERT INTO n VALUES (1, 'a'), (-1, 'b'), (200, 'c');
UPDATE n SET v = 'z' WHERE id = 1;
SELECT id, v, METADATA$ACTION FROM s_outermost ORDER BY id;
--> 1 | Z | INSERT
--> 1000 | z | INSERT
--> 200000 | c | INSERT
