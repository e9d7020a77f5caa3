-- SHOW: the columns that pipelines read, by name; options that narrow it.
CREATE TABLE t (id INT) COMMENT = 'a table';
CREATE TRANSIENT TABLE t2 (id INT) CLUSTER BY (id);
CREATE VIEW v AS SELECT id FROM t;
CREATE STREAM s ON TABLE t COMMENT = 'a stream';
CREATE STREAM sv ON VIEW v APPEND_ONLY = TRUE;
CREATE TASK k SCHEDULE = '60 MINUTES' CONFIG = '{"a": 1}' AS SELECT 1;
CREATE TASK k2 AFTER k AS SELECT 1;
CREATE STAGE st COMMENT = 'a stage';
CREATE FILE FORMAT f TYPE = JSON;
CREATE PROCEDURE p(n INT) RETURNS INT LANGUAGE SQL AS $$BEGIN RETURN 1; END$$;
INSERT INTO t VALUES (1), (2);
SHOW TABLES ->> SELECT "name", "database_name" = CURRENT_DATABASE(), "schema_name", "kind", "comment", "cluster_by", "rows", "retention_time" FROM $1 ORDER BY "name";
--> T | True | PUBLIC | TABLE | a table |  | 2 | 1
--> T2 | True | PUBLIC | TRANSIENT |  | LINEAR(id) | 0 | 1
SHOW VIEWS ->> SELECT "name", "text" LIKE '%SELECT id FROM t%', "is_secure", "is_materialized" FROM $1;
--> V | True | false | false
SHOW STREAMS ->> SELECT "created_on" IS NOT NULL, "name", "schema_name", "comment", ENDSWITH("table_name", '.PUBLIC.T'), "source_type", "type", "stale", "mode", "stale_after" IS NOT NULL, "invalid_reason", "owner_role_type" FROM $1 WHERE "name" = 'S';
--> True | S | PUBLIC | a stream | True | Table | DELTA | false | DEFAULT | True | N/A | ROLE
SHOW STREAMS ->> SELECT "name", ENDSWITH("table_name", '.PUBLIC.V'), "source_type", ENDSWITH("base_tables", '.PUBLIC.T'), "mode" FROM $1 WHERE "name" = 'SV';
--> SV | True | View | True | APPEND_ONLY
SHOW TASKS ->> SELECT "created_on" IS NOT NULL, "name", "id" IS NOT NULL, "schedule", "state", "definition", "condition", "config", "last_suspended_reason", "task_relations" IS NOT NULL FROM $1 WHERE "name" = 'K';
--> True | K | True | 60 MINUTES | suspended | SELECT 1 | NULL | {"a": 1} | NULL | True
SHOW TASKS ->> SELECT "name", ENDSWITH(PARSE_JSON("predecessors")[0]::STRING, '.PUBLIC.K'), ENDSWITH(PARSE_JSON("task_relations"):Predecessors[0]::STRING, '.PUBLIC.K') FROM $1 WHERE "name" = 'K2';
--> K2 | True | True
SHOW TASKS LIKE 'k%' ->> SELECT COUNT(*) FROM $1;
--> 2
SHOW TASKS STARTS WITH 'K' LIMIT 1 ->> SELECT "name" FROM $1;
--> K
SHOW TASKS ROOT ONLY ->> SELECT "name" FROM $1;
--> K
SHOW TERSE STREAMS LIKE 's' ->> SELECT "name", "kind", "schema_name", ENDSWITH("tableOn", '.PUBLIC.T') FROM $1;
--> S | STREAM | PUBLIC | True
SHOW STAGES ->> SELECT "name", "comment", "type" FROM $1;
--> ST | a stage | INTERNAL
SHOW FILE FORMATS ->> SELECT "name", "type" FROM $1;
--> F | JSON
SHOW PROCEDURES LIKE 'p' IN SCHEMA ->> SELECT "name", "min_num_arguments", "arguments" FROM $1;
--> P | 1 | P(NUMBER) RETURN NUMBER
SHOW COLUMNS IN TABLE t ->> SELECT "table_name", "column_name", "kind", PARSE_JSON("data_type"):type::STRING FROM $1;
--> T | ID | COLUMN | FIXED
SHOW SCHEMAS LIKE 'public' ->> SELECT "name" FROM $1;
--> PUBLIC
SHOW PRIMARY KEYS IN TABLE t ->> SELECT COUNT(*) FROM $1;
--> 0
SHOW PARAMETERS LIKE 'LOCK_TIMEOUT' IN SESSION ->> SELECT "key", "default" FROM $1;
--> LOCK_TIMEOUT | 43200
SHOW TABLES IN DATABASE no_such_database;
--! 2043
SHOW TASKS IN SCHEMA no_such_schema;
--! 2043
-- SHOW OBJECTS calls a transient table a TABLE.
SHOW OBJECTS LIKE 'T2';
SELECT "name", "kind", "is_dynamic", "is_iceberg" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--> T2 | TABLE | N | N
