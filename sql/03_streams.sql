-- One stream per consumer: whoever reads a stream empties it.
-- IF NOT EXISTS keeps the offset, and with it the rows that no task has read yet.

CREATE STREAM IF NOT EXISTS {{ database }}.{{ raw_schema }}.orders_events_stream
    ON TABLE {{ database }}.{{ raw_schema }}.orders_events_raw
    APPEND_ONLY = TRUE
    COMMENT = 'New lines for the task merge_orders_events';

CREATE STREAM IF NOT EXISTS {{ database }}.{{ raw_schema }}.orders_rejected_stream
    ON TABLE {{ database }}.{{ raw_schema }}.orders_events_raw
    APPEND_ONLY = TRUE
    COMMENT = 'New lines for the task collect_rejected_events';
