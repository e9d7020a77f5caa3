-- COPY INTO of JSON.
CREATE STAGE st FILE_FORMAT = (TYPE = JSON);
PUT 'file://{files}/people.json' @st AUTO_COMPRESS = TRUE;
CREATE TABLE raw (v VARIANT);
COPY INTO raw FROM @st ->> SELECT "file", "status", "rows_loaded" FROM $1;
--> st/people.json.gz | LOADED | 3
SELECT v:id::INT, v:name::STRING, TYPEOF(v:name) FROM raw ORDER BY 1;
--> 1 | Ann | VARCHAR
--> 2 | NULL | NULL_VALUE
--> 3 | Cid | VARCHAR
CREATE TABLE typed (id INT, name STRING);
COPY INTO typed FROM @st;
--! 2019
COPY INTO typed FROM @st MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE ->> SELECT "rows_loaded" FROM $1;
--> 3
SELECT id, name FROM typed ORDER BY id;
--> 1 | Ann
--> 2 | NULL
--> 3 | Cid
CREATE TABLE transformed (id INT, first_tag STRING, file STRING);
COPY INTO transformed FROM (SELECT $1:id::INT, $1:tags[0]::STRING, METADATA$FILENAME FROM @st) ->> SELECT "rows_loaded" FROM $1;
--> 3
SELECT * FROM transformed ORDER BY id;
--> 1 | a | people.json.gz
--> 2 | NULL | people.json.gz
--> 3 | NULL | people.json.gz
-- An array is one row, or one for each element.
COPY INTO @st/array.json FROM (SELECT ARRAY_CONSTRUCT(1, 2, 3)) FILE_FORMAT = (TYPE = JSON COMPRESSION = NONE) SINGLE = TRUE;
COPY INTO raw FROM @st/array.json ->> SELECT "rows_loaded" FROM $1;
--> 1
COPY INTO raw FROM @st/array.json FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE) FORCE = TRUE ->> SELECT "rows_loaded" FROM $1;
--> 3
-- No JSON at all.
COPY INTO @st/bad.json FROM (SELECT '{"a":') FILE_FORMAT = (TYPE = CSV COMPRESSION = NONE ESCAPE_UNENCLOSED_FIELD = NONE) SINGLE = TRUE;
COPY INTO raw FROM @st/bad.json;
--! 100069
COPY INTO raw FROM @st/bad.json ON_ERROR = SKIP_FILE ->> SELECT "status", "errors_seen" FROM $1;
--> LOAD_FAILED | 1
