-- The event as it came, and where it came from. Filled by sql/copy/orders_events.sql.
CREATE OR ALTER TABLE {{ database }}.{{ raw_schema }}.orders_events_raw (
    content VARIANT COMMENT 'The line of JSON',
    source_file VARCHAR COMMENT 'Path of the file in its stage',
    source_row NUMBER(38, 0) COMMENT 'Row in that file, from 1',
    loaded_at TIMESTAMP_LTZ COMMENT 'When the load began to read the file'
)
COMMENT = 'Order events as they arrived, repeats and faulty ones included';
