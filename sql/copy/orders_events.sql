-- What `pipeline load` runs. Beside the variables it sees the load target of the configuration, the names of
-- the staged files, and what to do with a line that is no JSON.
COPY INTO {{ table }} (content, source_file, source_row, loaded_at)
FROM (
    SELECT
        $1,
        METADATA$FILENAME,
        METADATA$FILE_ROW_NUMBER,
        METADATA$START_SCAN_TIME
    FROM @{{ stage }}
)
FILES = ({{ files }})
ON_ERROR = {{ on_error }};
