-- Where the pipeline lives. Everything is created only if it is missing: a second run changes nothing.

CREATE WAREHOUSE IF NOT EXISTS {{ warehouse }}
    WAREHOUSE_SIZE = '{{ warehouse_size }}'
    AUTO_SUSPEND = 60
    AUTO_RESUME = TRUE
    INITIALLY_SUSPENDED = TRUE
    COMMENT = 'Runs the tasks and queries of the order events; costs nothing while it sleeps';

CREATE DATABASE IF NOT EXISTS {{ database }}
    DATA_RETENTION_TIME_IN_DAYS = {{ retention_days }}
    COMMENT = 'Order events, from JSON Lines to tables ready for analysis';

CREATE SCHEMA IF NOT EXISTS {{ database }}.{{ raw_schema }}
    COMMENT = 'Events exactly as they arrived';

CREATE SCHEMA IF NOT EXISTS {{ database }}.{{ analytics_schema }}
    COMMENT = 'Typed events, the current state of each order, and the views of the dashboards';

-- One event a line, so a broken line spoils only itself.
-- (sqlfluff's grammar does not know MULTI_LINE for JSON, hence the noqa.)
CREATE FILE FORMAT IF NOT EXISTS {{ database }}.{{ raw_schema }}.json_lines
    TYPE = JSON
    STRIP_OUTER_ARRAY = FALSE
    MULTI_LINE = FALSE -- noqa: PRS
    COMMENT = 'JSON Lines: one object a line';

CREATE STAGE IF NOT EXISTS {{ database }}.{{ raw_schema }}.orders_stage
    FILE_FORMAT = (FORMAT_NAME = '{{ database }}.{{ raw_schema }}.json_lines')
    COMMENT = 'Files of order events, before they are loaded';
