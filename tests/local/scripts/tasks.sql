-- The grammar of tasks and the rules on graphs. Nothing is left started.
CREATE TABLE t (id INT);
CREATE STREAM s ON TABLE t;
CREATE TASK root SCHEDULE = '10 SECONDS' AS SELECT 1;
CREATE TASK IF NOT EXISTS root SCHEDULE = '5 HOURS' AS SELECT 2;
--> ROOT already exists, statement succeeded.
CREATE TASK root AS SELECT 1;
--! 2002
CREATE TASK a AFTER root AS SELECT 1;
CREATE TASK b AFTER root WHEN SYSTEM$STREAM_HAS_DATA('S') AND NOT SYSTEM$STREAM_HAS_DATA('S') AS SELECT 1;
CREATE TASK c COMMENT = 'both' AFTER a, b AS BEGIN INSERT INTO t VALUES (1); LET n INT := 2; IF (n > 1) THEN RETURN n; END IF; END;
CREATE TASK last FINALIZE = root AS SELECT 1;
-- Each is suspended; the schedule is kept as written.
SHOW TASKS ->> SELECT "name", "schedule", "state", "condition" FROM $1 ORDER BY "name";
--> A | NULL | suspended | NULL
--> B | NULL | suspended | SYSTEM$STREAM_HAS_DATA('S') AND NOT SYSTEM$STREAM_HAS_DATA('S')
--> C | NULL | suspended | NULL
--> LAST | NULL | suspended | NULL
--> ROOT | 10 SECONDS | suspended | NULL
SHOW TASKS LIKE 'c' ->> SELECT ARRAY_SIZE(PARSE_JSON("predecessors")), "comment" FROM $1;
--> 2 | both
SELECT name FROM TABLE(information_schema.task_dependents(TASK_NAME => 'root')) ORDER BY name;
--> A
--> B
--> C
--> LAST
--> ROOT
-- What is wrong with a task alone.
CREATE TASK x SCHEDULE = '5M' AS SELECT 1;
--! 91400
CREATE TASK x SCHEDULE = '9 SECONDS' AS SELECT 1;
--! 91400
CREATE TASK x SCHEDULE = 'USING CRON 0 0 * * 7 UTC' AS SELECT 1;
--! 91400
CREATE TASK x SCHEDULE = '1 MINUTE' AFTER root AS SELECT 1;
--! 91400
CREATE TASK x AFTER nope AS SELECT 1;
--! 91400
CREATE TASK x FINALIZE = root AS SELECT 1;
--! 91400
CREATE TASK x WAREHOUSE = no_such_warehouse AS SELECT 1;
--! 91400
CREATE TASK x QUERY_TAG = 'a' QUERY_TAG = 'b' AS SELECT 1;
--! 1427
EXECUTE TASK c;
--! 91400
-- With the root started nothing of the graph changes.
ALTER TASK root SUSPEND;
SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('root');
SHOW TASKS ->> SELECT "name" FROM $1 WHERE "state" = 'started' ORDER BY "name";
--> A
--> B
--> C
--> LAST
--> ROOT
ALTER TASK a SUSPEND;
--! 91421
ALTER TASK b REMOVE WHEN;
--! 91421
CREATE OR REPLACE TASK a AFTER root AS SELECT 2;
--! 91421
CREATE OR ALTER TASK root SCHEDULE = '10 SECONDS' AS SELECT 2;
--! 91421
DROP TASK c;
--! 91421
CREATE TASK d AFTER root AS SELECT 1;
--! 91421
-- Suspending what is suspended, resuming what is started: nothing.
ALTER TASK root RESUME;
ALTER TASK root SUSPEND;
ALTER TASK root SUSPEND;
-- Children keep their own state; now all of it changes.
SHOW TASKS LIKE 'a' ->> SELECT "state" FROM $1;
--> started
CREATE OR ALTER TASK c AFTER a SUSPEND_TASK_AFTER_NUM_FAILURES = 3 AS SELECT 3;
--! 1003
CREATE OR ALTER TASK c SUSPEND_TASK_AFTER_NUM_FAILURES = 3 AFTER a AS SELECT 3;
SHOW TASKS LIKE 'c' ->> SELECT "state", NULLIF("comment", ''), "definition", ARRAY_SIZE(PARSE_JSON("predecessors")) FROM $1;
--> started | NULL | SELECT 3 | 1
ALTER TASK c ADD AFTER b;
ALTER TASK c ADD AFTER b;
ALTER TASK c REMOVE AFTER a;
ALTER TASK c REMOVE AFTER a;
--! 91400
ALTER TASK b REMOVE WHEN;
ALTER TASK b MODIFY AS SELECT 7;
ALTER TASK b SET COMMENT = 'seven';
ALTER TASK b UNSET COMMENT;
CREATE TASK copy CLONE c;
SHOW TASKS LIKE 'copy' ->> SELECT "state", ARRAY_SIZE(PARSE_JSON("predecessors")) FROM $1;
--> suspended | 1
-- A dropped parent leaves its children as suspended roots.
DROP TASK b;
SHOW TASKS LIKE 'c' ->> SELECT "state", "last_suspended_reason", ARRAY_SIZE(PARSE_JSON("predecessors")) FROM $1;
--> suspended | CHILD_BECAME_ROOT | 0
DROP TASK nope;
--! 2003
DROP TASK IF EXISTS nope;
