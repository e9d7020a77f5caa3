-- Every event as it came, from files (sql/copy/sales_events.sql) or from the topic (the consumer).
-- A table, in spite of its name. The ids are there to look events up; what does not fit them is NULL.
CREATE OR ALTER TABLE {{ database }}.{{ raw_schema }}.raw_events_stream (
    event_id VARCHAR COMMENT 'order_line_id of an order, event_id of an adjustment',
    event_type VARCHAR,
    product_id INT,
    customer_id INT,
    event_metadata OBJECT COMMENT 'topic, partition, offset, timestamp_ms and key; of a file: file and row',
    event_content VARIANT COMMENT 'The event',
    ingestion_timestamp TIMESTAMP_LTZ
)
COMMENT = 'Bronze: events as they arrived, repeats and faulty ones included';
