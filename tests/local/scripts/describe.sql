-- DESCRIBE and GET_DDL of each kind, and that the text makes the object again.
CREATE TABLE t (id INT AUTOINCREMENT START 5 INCREMENT 2, name VARCHAR(20) NOT NULL DEFAULT 'x' COMMENT 'who', n NUMBER(10, 2), v VARIANT, d DATE, PRIMARY KEY (id));
DESCRIBE TABLE t ->> SELECT "name", "type", "kind", "null?", "primary key", "comment" FROM $1;
--> ID | NUMBER(38,0) | COLUMN | N | Y | NULL
--> NAME | VARCHAR(20) | COLUMN | N | N | who
--> N | NUMBER(10,2) | COLUMN | Y | N | NULL
--> V | VARIANT | COLUMN | Y | N | NULL
--> D | DATE | COLUMN | Y | N | NULL
CREATE VIEW w (a, b) AS SELECT id, name FROM t;
DESCRIBE VIEW w ->> SELECT "name", "type" FROM $1;
--> A | NUMBER(38,0)
--> B | VARCHAR(20)
CREATE STREAM s ON TABLE t COMMENT = 'changes';
DESCRIBE STREAM s ->> SELECT "name", "comment", "source_type", "type", "stale", "mode" FROM $1;
--> S | changes | Table | DELTA | false | DEFAULT
CREATE TASK k SCHEDULE = '60 MINUTES' COMMENT = 'hourly' AS INSERT INTO t (name) SELECT name FROM s;
DESCRIBE TASK k ->> SELECT "name", "schedule", "state", "comment", "definition" FROM $1;
--> K | 60 MINUTES | suspended | hourly | INSERT INTO t (name) SELECT name FROM s
CREATE FILE FORMAT f TYPE = CSV SKIP_HEADER = 2;
DESCRIBE FILE FORMAT f ->> SELECT "property", "property_type", "property_value" FROM $1 WHERE "property" IN ('TYPE', 'SKIP_HEADER') ORDER BY 1;
--> SKIP_HEADER | Integer | 2
--> TYPE | String | CSV
CREATE STAGE st FILE_FORMAT = (FORMAT_NAME = f) COMMENT = 'files';
DESCRIBE STAGE st ->> SELECT COUNT(*) > 5 FROM $1;
--> True
CREATE PROCEDURE p(n INT) RETURNS INT LANGUAGE SQL AS $$BEGIN RETURN :n + 1; END$$;
DESCRIBE PROCEDURE p(INT) ->> SELECT "property", "value" FROM $1 WHERE "property" IN ('language', 'execute as') ORDER BY 1;
--> execute as | OWNER
--> language | SQL
CALL p(4);
--> 5
DESCRIBE SCHEMA public ->> SELECT "kind", "name" FROM $1 WHERE "kind" IN ('TABLE', 'VIEW', 'STREAM', 'TASK') ORDER BY 1, 2;
SELECT 1 AS one, 'x'::VARCHAR(7) AS two;
DESCRIBE RESULT LAST_QUERY_ID() ->> SELECT "name", "type" FROM $1;
--> ONE | NUMBER(1,0)
--> TWO | VARCHAR(7)
DESCRIBE TABLE nope;
--! 2003
DESCRIBE TASK nope;
--! 2003
-- The text of each, run again, gives the same text.
SET table_text = (SELECT GET_DDL('TABLE', 't'));
SET view_text = (SELECT GET_DDL('VIEW', 'w'));
SET stream_text = (SELECT GET_DDL('STREAM', 's'));
SET task_text = (SELECT GET_DDL('TASK', 'k'));
SET format_text = (SELECT GET_DDL('FILE_FORMAT', 'f'));
SET procedure_text = (SELECT GET_DDL('PROCEDURE', 'p(NUMBER)'));
EXECUTE IMMEDIATE $table_text;
EXECUTE IMMEDIATE $view_text;
EXECUTE IMMEDIATE $stream_text;
EXECUTE IMMEDIATE $task_text;
EXECUTE IMMEDIATE $format_text;
EXECUTE IMMEDIATE $procedure_text;
SELECT GET_DDL('TABLE', 't') = $table_text, GET_DDL('VIEW', 'w') = $view_text, GET_DDL('STREAM', 's') = $stream_text,
  GET_DDL('TASK', 'k') = $task_text, GET_DDL('FILE_FORMAT', 'f') = $format_text, GET_DDL('PROCEDURE', 'p(NUMBER)') = $procedure_text;
--> True | True | True | True | True | True
INSERT INTO t (name) VALUES ('a'), ('b');
SELECT id, name FROM t ORDER BY id;
--> 5 | a
--> 7 | b
SELECT GET_DDL('TABLE', 'nope');
--! 2003
