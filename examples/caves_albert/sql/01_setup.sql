-- Where the pipeline lives. Everything is created only if it is missing: a second run changes nothing.

CREATE WAREHOUSE IF NOT EXISTS {{ warehouse }}
    WAREHOUSE_SIZE = '{{ warehouse_size }}'
    AUTO_SUSPEND = 60
    AUTO_RESUME = TRUE
    INITIALLY_SUSPENDED = TRUE
    COMMENT = 'Runs the tasks and queries of Les Caves d''Albert; costs nothing while it sleeps';

CREATE DATABASE IF NOT EXISTS {{ database }}
    DATA_RETENTION_TIME_IN_DAYS = {{ retention_days }}
    COMMENT = 'Les Caves d''Albert: from the events of the shop and its warehouses to tables ready for analysis';

CREATE SCHEMA IF NOT EXISTS {{ database }}.{{ raw_schema }}
    COMMENT = 'Bronze: events as they arrived, kept {{ raw_days }} days';

CREATE SCHEMA IF NOT EXISTS {{ database }}.{{ staging_schema }}
    COMMENT = 'Silver: typed events, kept {{ staging_days }} days; the tasks live here';

CREATE SCHEMA IF NOT EXISTS {{ database }}.{{ production_schema }}
    COMMENT = 'Gold: orders and stock, kept for ever';

CREATE SCHEMA IF NOT EXISTS {{ database }}.{{ monitoring_schema }}
    COMMENT = 'How the pipeline itself is doing';

-- One event a line, so a broken line spoils only itself.
-- (sqlfluff's grammar does not know MULTI_LINE for JSON, hence the noqa.)
CREATE FILE FORMAT IF NOT EXISTS {{ database }}.{{ raw_schema }}.json_lines
    TYPE = JSON
    STRIP_OUTER_ARRAY = FALSE
    MULTI_LINE = FALSE -- noqa: PRS
    COMMENT = 'JSON Lines: one object a line';

CREATE STAGE IF NOT EXISTS {{ database }}.{{ raw_schema }}.events_stage
    FILE_FORMAT = (FORMAT_NAME = '{{ database }}.{{ raw_schema }}.json_lines')
    COMMENT = 'Files of events, before they are loaded';
