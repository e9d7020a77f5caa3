-- What `pipeline load` runs. Beside the variables it sees the load target of the configuration, the names of
-- the staged files, and what to do with a line that is no JSON. Nothing in it fails for a strange value:
-- what is wrong with an event is found out in staging, with its reason.
COPY INTO {{ table }} (
    event_id, event_type, product_id, customer_id, event_metadata, event_content, ingestion_timestamp
)
FROM (
    SELECT
        IFF($1:order_line_id IS NULL, $1:event_id, $1:order_line_id)::VARCHAR AS event_id,
        $1:event_type::VARCHAR AS event_type,
        TRY_TO_NUMBER($1:product_id::VARCHAR, 38, 0) AS product_id,
        TRY_TO_NUMBER($1:customer_id::VARCHAR, 38, 0) AS customer_id,
        OBJECT_CONSTRUCT('file', METADATA$FILENAME, 'row', METADATA$FILE_ROW_NUMBER) AS event_metadata,
        $1,
        METADATA$START_SCAN_TIME
    FROM @{{ stage }}
)
FILES = ({{ files }})
ON_ERROR = {{ on_error }};
