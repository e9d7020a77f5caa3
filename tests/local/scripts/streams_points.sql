-- Where a stream begins, and when it ends.
CREATE TABLE t (id INT) CHANGE_TRACKING = TRUE;
INSERT INTO t VALUES (1);
SET first_insert = LAST_QUERY_ID();
INSERT INTO t VALUES (2);
SET second_insert = LAST_QUERY_ID();
CREATE STREAM after_first ON TABLE t AT (STATEMENT => $first_insert);
CREATE STREAM before_second ON TABLE t BEFORE (STATEMENT => $second_insert);
CREATE STREAM at_second ON TABLE t AT (STATEMENT => $second_insert);
SELECT id FROM after_first;
--> 2
SELECT id FROM before_second;
--> 2
SELECT COUNT(*) FROM at_second;
--> 0
CREATE STREAM same ON TABLE t AT (STREAM => 'after_first');
CREATE STREAM same_before ON TABLE t BEFORE (STREAM => 'after_first');
SELECT (SELECT COUNT(*) FROM same), (SELECT COUNT(*) FROM same_before);
--> 1 | 1
SELECT id, METADATA$ACTION FROM t CHANGES (INFORMATION => DEFAULT) AT (STATEMENT => $first_insert);
--> 2 | INSERT
SELECT id FROM t CHANGES (INFORMATION => APPEND_ONLY) BEFORE (STATEMENT => $first_insert) END (STATEMENT => $first_insert);
--> 1
-- Points that are none.
CREATE STREAM bad ON TABLE t AT (STREAM => s1);
--! 904
CREATE STREAM bad ON TABLE t AT (OFFSET => 60);
--! 1071
CREATE STREAM bad ON TABLE t AT (TIMESTAMP => CURRENT_TIMESTAMP());
--! 1071
CREATE STREAM bad ON TABLE t AT (TIMESTAMP => '2001-01-01'::TIMESTAMP_LTZ);
--! 707
CREATE STREAM bad ON TABLE t AT (STATEMENT => '00000000-0000-0000-0000-000000000000');
--! 1050
-- Before changes were recorded.
CREATE TABLE late (id INT);
INSERT INTO late VALUES (1);
SET late_insert = LAST_QUERY_ID();
DELETE FROM late;
CREATE STREAM bad ON TABLE late AT (STATEMENT => $late_insert);
--! 91930
-- One table, many streams, each with its own place.
CREATE TABLE sink (id INT);
INSERT INTO sink SELECT id FROM after_first;
SELECT (SELECT COUNT(*) FROM after_first), (SELECT COUNT(*) FROM same);
--> 0 | 1
-- A WHERE that drops all rows consumes them as well.
INSERT INTO sink SELECT id FROM same WHERE 1 = 0;
SELECT COUNT(*) FROM same;
--> 0
SELECT SYSTEM$STREAM_HAS_DATA('same'), SYSTEM$STREAM_HAS_DATA('before_second');
--> False | True
SELECT SYSTEM$STREAM_HAS_DATA('no_such_stream');
--! 2003
-- SELECT * gives the three METADATA$ columns too.
INSERT INTO sink SELECT * FROM before_second;
--! 2020
INSERT INTO sink SELECT * EXCLUDE (METADATA$ACTION, METADATA$ISUPDATE, METADATA$ROW_ID) FROM before_second;
-- A base that is replaced under a name is another one: stale for good, and shown as such.
CREATE OR REPLACE TABLE t (id INT);
SELECT * FROM at_second;
--! 91901
SHOW STREAMS LIKE 'at_second' ->> SELECT "stale" FROM $1;
--> true
CREATE OR REPLACE STREAM at_second ON TABLE t;
INSERT INTO t VALUES (9);
SELECT id FROM at_second;
--> 9
