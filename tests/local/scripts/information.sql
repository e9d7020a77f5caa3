-- SHOW, RESULT_SCAN, INFORMATION_SCHEMA and GET_DDL.
CREATE TABLE t (id INT NOT NULL, name VARCHAR(20) DEFAULT 'x', n NUMBER(10, 2));
CREATE VIEW v AS SELECT id, n * 2 AS twice FROM t;
CREATE STREAM s ON TABLE t APPEND_ONLY = TRUE;
INSERT INTO t (id) VALUES (1), (2);
SHOW TABLES;
SELECT "name", "kind", "rows" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--> T | TABLE | 2
SHOW STREAMS;
SELECT "name", "source_type", "type", "stale", "mode", "invalid_reason" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--> S | Table | DELTA | false | APPEND_ONLY | N/A
DESCRIBE TABLE t;
SELECT "name", "type", "null?", "default" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--> ID | NUMBER(38,0) | N | NULL
--> NAME | VARCHAR(20) | Y | 'x'
--> N | NUMBER(10,2) | Y | NULL
SELECT table_name, table_type, row_count FROM information_schema.tables WHERE table_schema = 'PUBLIC' ORDER BY 1;
--> T | BASE TABLE | 2
--> V | VIEW | NULL
SELECT column_name, is_nullable, data_type, character_maximum_length, numeric_precision, numeric_scale
FROM information_schema.columns WHERE table_name = 'T' ORDER BY ordinal_position;
--> ID | NO | NUMBER | NULL | 38 | 0
--> NAME | YES | TEXT | 20 | NULL | NULL
--> N | YES | NUMBER | NULL | 10 | 2
SELECT * FROM information_schema.no_such_view;
--! 2003
SHOW TABLES IN SCHEMA no_such_schema;
--! 2043
SELECT GET_DDL('TABLE', 't') ILIKE 'create or replace table t (%id number(38,0) not null,%';
--> True
SELECT COUNT(*) FROM TABLE(information_schema.query_history_by_session(RESULT_LIMIT => 5));
--> 5
