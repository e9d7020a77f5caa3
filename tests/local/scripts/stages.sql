-- Stages: PUT, LIST, REMOVE and SELECT from files. `{files}` is the folder beside the scripts.
CREATE STAGE st;
CREATE STAGE st;
--! 2002
CREATE STAGE IF NOT EXISTS st;
--> ST already exists, statement succeeded.
PUT 'file://{files}/people.*' @st/in AUTO_COMPRESS = FALSE;
PUT 'file://{files}/people.csv' @st/in AUTO_COMPRESS = FALSE OVERWRITE = TRUE;
PUT 'file://{files}/people.csv' @st/packed AUTO_COMPRESS = TRUE;
-- The names in LIST begin with the stage's in lower case; a path is a prefix.
LIST @st ->> SELECT "name" FROM $1 ORDER BY "name";
--> st/in/people.csv
--> st/in/people.json
--> st/packed/people.csv.gz
LIST @st/in/people.j ->> SELECT "name", "size" FROM $1;
--> st/in/people.json | 94
LIST @st PATTERN = '.*[.]gz' ->> SELECT "name" FROM $1;
--> st/packed/people.csv.gz
LIST @nope;
--! 2003
CREATE FILE FORMAT plain TYPE = CSV SKIP_HEADER = 1 FIELD_OPTIONALLY_ENCLOSED_BY = '"';
CREATE FILE FORMAT lines TYPE = JSON;
SELECT $1, $2, METADATA$FILENAME, METADATA$FILE_ROW_NUMBER FROM @st/in/people.csv (FILE_FORMAT => 'plain') ORDER BY 4;
--> 1 | Ann | in/people.csv | 1
--> 2 | Bob, jr. | in/people.csv | 2
--> 3 | Cid | in/people.csv | 3
SELECT COUNT(*), COUNT(DISTINCT METADATA$FILENAME) FROM @st (FILE_FORMAT => 'plain', PATTERN => '.*people[.]csv.*');
--> 6 | 2
SELECT $1:id::INT, $1:name::STRING, $1:tags[1]::STRING FROM @st/in/people.json (FILE_FORMAT => lines) ORDER BY 1;
--> 1 | Ann | b
--> 2 | NULL | NULL
--> 3 | Cid | NULL
SELECT $1 FROM @st (FILE_FORMAT => 'no_such_format');
--! 2003
-- A file that holds the result of a query, and what is in the way of the next one.
COPY INTO @st/out/one.csv FROM (SELECT 7 AS id, 'a,b' AS name) FILE_FORMAT = (TYPE = CSV COMPRESSION = NONE FIELD_OPTIONALLY_ENCLOSED_BY = '"') SINGLE = TRUE;
SELECT $1, $2 FROM @st/out (FILE_FORMAT => (TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '"'));
--! 1003
CREATE FILE FORMAT enclosed TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '"';
SELECT $1, $2 FROM @st/out (FILE_FORMAT => enclosed);
--> 7 | a,b
REMOVE @st/packed;
REMOVE @st PATTERN = '.*json';
LIST @st ->> SELECT "name" FROM $1 ORDER BY "name";
--> st/in/people.csv
--> st/out/one.csv
-- The stage of a table, and that of the user.
CREATE TABLE t (id INT);
PUT 'file://{files}/people.csv' @%t AUTO_COMPRESS = FALSE;
LIST @%t ->> SELECT "name" FROM $1;
--> people.csv
-- A stage that is replaced has lost its files.
CREATE OR REPLACE STAGE st;
LIST @st ->> SELECT COUNT(*) FROM $1;
--> 0
DROP STAGE st;
LIST @st;
--! 2003
