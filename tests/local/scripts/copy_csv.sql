-- COPY INTO of CSV: what is loaded, what is remembered, what ON_ERROR does.
CREATE STAGE st;
PUT 'file://{files}/*.csv' @st AUTO_COMPRESS = FALSE;
CREATE FILE FORMAT plain TYPE = CSV SKIP_HEADER = 1 FIELD_OPTIONALLY_ENCLOSED_BY = '"';
CREATE TABLE t (id INT, name VARCHAR(20), paid DATE);
CREATE STREAM s ON TABLE t;
-- VALIDATION_MODE loads nothing.
COPY INTO t FROM @st/broken.csv FILE_FORMAT = plain VALIDATION_MODE = RETURN_ERRORS ->> SELECT "ERROR", "LINE", "COLUMN_NAME" FROM $1;
--> Numeric value 'X' is not recognized | 3 | "T"["ID":1]
--> Date 'never' is not recognized | 4 | "T"["PAID":3]
COPY INTO t FROM @st/people.csv FILE_FORMAT = plain VALIDATION_MODE = RETURN_2_ROWS;
--> 1 | Ann | 2026-01-02
--> 2 | Bob, jr. | NULL
SELECT COUNT(*) FROM t;
--> 0
-- ABORT_STATEMENT is the default, and loads nothing of any file.
COPY INTO t FROM @st FILES = ('people.csv', 'broken.csv') FILE_FORMAT = plain;
--! 100038
SELECT COUNT(*) FROM t;
--> 0
COPY INTO t FROM @st FILES = ('none.csv') FILE_FORMAT = plain;
--! 91016
-- Each of the others as it is documented.
COPY INTO t FROM @st/broken.csv FILE_FORMAT = plain ON_ERROR = SKIP_FILE;
--> st/broken.csv | LOAD_FAILED | 4 | 0 | 1 | 2 | Numeric value 'X' is not recognized | 3 | 1 | "T"["ID":1]
COPY INTO t FROM @st/broken.csv FILE_FORMAT = plain ON_ERROR = SKIP_FILE_2;
--> st/broken.csv | LOAD_FAILED | 4 | 0 | 2 | 2 | Numeric value 'X' is not recognized | 3 | 1 | "T"["ID":1]
COPY INTO t FROM @st/broken.csv FILE_FORMAT = plain ON_ERROR = 'SKIP_FILE_80%';
--> st/broken.csv | PARTIALLY_LOADED | 4 | 2 | 3 | 2 | Numeric value 'X' is not recognized | 3 | 1 | "T"["ID":1]
COPY INTO t FROM @st/broken.csv FILE_FORMAT = plain ON_ERROR = CONTINUE;
--> Copy executed with 0 files processed.
COPY INTO t FROM @st FILE_FORMAT = plain ON_ERROR = CONTINUE;
--> st/people.csv | LOADED | 3 | 3 | 3 | 0 | NULL | NULL | NULL | NULL
SELECT id, METADATA$ACTION FROM s ORDER BY id;
--> 1 | INSERT
--> 2 | INSERT
--> 3 | INSERT
--> 4 | INSERT
--> 7 | INSERT
-- DELETE keeps the load metadata, FORCE passes over it, TRUNCATE clears it.
DELETE FROM t;
COPY INTO t FROM @st/people FILE_FORMAT = plain;
--> Copy executed with 0 files processed.
COPY INTO t FROM @st/people FILE_FORMAT = plain FORCE = TRUE ->> SELECT "status", "rows_loaded" FROM $1;
--> LOADED | 3
TRUNCATE TABLE t;
COPY INTO t FROM @st/people FILE_FORMAT = plain ->> SELECT "status", "rows_loaded" FROM $1;
--> LOADED | 3
-- A load that is rolled back is not remembered.
CREATE TABLE u (id INT, name VARCHAR(20), paid DATE);
BEGIN;
COPY INTO u FROM @st/people FILE_FORMAT = plain;
ROLLBACK;
COPY INTO u FROM @st/people FILE_FORMAT = plain ->> SELECT "rows_loaded" FROM $1;
--> 3
SELECT file_name, row_count, status FROM TABLE(information_schema.copy_history(TABLE_NAME => 'u', START_TIME => DATEADD(HOUR, -1, CURRENT_TIMESTAMP())));
--> people.csv | 3 | Loaded
-- By name, with metadata; FILE_ROW_NUMBER counts from 1.
CREATE FILE FORMAT headed TYPE = CSV PARSE_HEADER = TRUE FIELD_OPTIONALLY_ENCLOSED_BY = '"';
CREATE TABLE m (paid DATE, id INT, source STRING, n INT, missing STRING);
COPY INTO m FROM @st/people FILE_FORMAT = (FORMAT_NAME = headed) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
  INCLUDE_METADATA = (source = METADATA$FILENAME, n = METADATA$FILE_ROW_NUMBER) ->> SELECT "rows_loaded" FROM $1;
--> 3
SELECT id, paid, source, n, missing FROM m ORDER BY id;
--> 1 | 2026-01-02 | people.csv | 1 | NULL
--> 2 | NULL | people.csv | 2 | NULL
--> 3 | 2026-03-04 | people.csv | 3 | NULL
-- Transformations take some functions only.
CREATE TABLE x (id INT, name STRING);
COPY INTO x FROM (SELECT $1::INT, CONCAT($2, '!') FROM @st/people) FILE_FORMAT = plain ->> SELECT "rows_loaded" FROM $1;
--> 3
COPY INTO x FROM (SELECT $1::INT, UPPER($2) FROM @st/people) FILE_FORMAT = plain FORCE = TRUE;
--! 2303
COPY INTO x FROM (SELECT $1 FROM @st/people) FILE_FORMAT = plain MATCH_BY_COLUMN_NAME = CASE_SENSITIVE;
--! 2303
-- PURGE removes what was loaded whole.
COPY INTO t FROM @st FILE_FORMAT = plain ON_ERROR = CONTINUE FORCE = TRUE PURGE = TRUE ->> SELECT "file", "status" FROM $1 ORDER BY 1;
--> st/broken.csv | PARTIALLY_LOADED
--> st/people.csv | LOADED
LIST @st ->> SELECT "name" FROM $1;
--> st/broken.csv
