{%- from "order_events.sql" import read_events -%}
-- The task graph: merge_orders_events, and after it refresh_orders_current and collect_rejected_events.
-- The root also wakes for rows that a failed child left in its stream, so a child's next try needs no new data.
-- Parents come first: a child can only name a task that exists.

CREATE OR ALTER TASK {{ database }}.{{ analytics_schema }}.merge_orders_events
    WAREHOUSE = {{ warehouse }}
    SCHEDULE = '{{ task_schedule }}'
    COMMENT = 'Each valid event once into orders_events: the first arrival is kept'
    WHEN
        SYSTEM$STREAM_HAS_DATA('{{ database }}.{{ raw_schema }}.orders_events_stream')
        OR SYSTEM$STREAM_HAS_DATA('{{ database }}.{{ raw_schema }}.orders_rejected_stream')
        OR SYSTEM$STREAM_HAS_DATA('{{ database }}.{{ analytics_schema }}.orders_current_stream')
AS
MERGE INTO {{ database }}.{{ analytics_schema }}.orders_events AS target
USING (
    SELECT
        event_id,
        order_id,
        customer_id,
        event_type,
        amount,
        currency,
        event_time,
        MAX(event_time) OVER (
            PARTITION BY source_file
            ORDER BY source_row, loaded_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS latest_time_before,
        source_file,
        source_row,
        CONVERT_TIMEZONE('UTC', loaded_at)::TIMESTAMP_NTZ AS loaded_at_utc
    FROM (
        {{ read_events(database ~ "." ~ raw_schema ~ ".orders_events_stream") | indent(8) }}
    )
    WHERE reject_reason IS NULL
    QUALIFY ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY loaded_at, source_file, source_row) = 1
) AS source
    ON target.event_id = source.event_id
WHEN NOT MATCHED THEN INSERT (
    event_id, order_id, customer_id, event_type, amount, currency, event_time, latest_time_before,
    source_file, source_row, loaded_at, processed_at
) VALUES (
    source.event_id, source.order_id, source.customer_id, source.event_type, source.amount, source.currency,
    source.event_time, source.latest_time_before,
    source.source_file, source.source_row, source.loaded_at_utc, SYSDATE()
);

-- Only the orders that have new events are worked out anew, each from all of its events.
CREATE OR ALTER TASK {{ database }}.{{ analytics_schema }}.refresh_orders_current
    WAREHOUSE = {{ warehouse }}
    COMMENT = 'The current state of each order that has new events'
    AFTER {{ database }}.{{ analytics_schema }}.merge_orders_events
    WHEN SYSTEM$STREAM_HAS_DATA('{{ database }}.{{ analytics_schema }}.orders_current_stream')
AS
MERGE INTO {{ database }}.{{ analytics_schema }}.orders_current AS target
USING (
    SELECT
        order_id,
        customer_id,
        event_type AS status,
        amount,
        currency,
        MIN(event_time) OVER (PARTITION BY order_id) AS first_event_time,
        event_time AS last_event_time,
        COUNT(*) OVER (PARTITION BY order_id) AS event_count
    FROM {{ database }}.{{ analytics_schema }}.orders_events
    WHERE order_id IN (
        SELECT new_events.order_id
        FROM {{ database }}.{{ analytics_schema }}.orders_current_stream AS new_events
    )
    QUALIFY ROW_NUMBER() OVER (PARTITION BY order_id ORDER BY event_time DESC, event_id DESC) = 1
) AS source
    ON target.order_id = source.order_id
WHEN MATCHED THEN UPDATE SET
    customer_id = source.customer_id,
    status = source.status,
    amount = source.amount,
    currency = source.currency,
    first_event_time = source.first_event_time,
    last_event_time = source.last_event_time,
    event_count = source.event_count
WHEN NOT MATCHED THEN INSERT (
    order_id, customer_id, status, amount, currency, first_event_time, last_event_time, event_count
) VALUES (
    source.order_id, source.customer_id, source.status, source.amount, source.currency,
    source.first_event_time, source.last_event_time, source.event_count
);

CREATE OR ALTER TASK {{ database }}.{{ analytics_schema }}.collect_rejected_events
    WAREHOUSE = {{ warehouse }}
    COMMENT = 'Lines that are no valid event, with the reason'
    AFTER {{ database }}.{{ analytics_schema }}.merge_orders_events
    WHEN SYSTEM$STREAM_HAS_DATA('{{ database }}.{{ raw_schema }}.orders_rejected_stream')
AS
INSERT INTO {{ database }}.{{ analytics_schema }}.orders_events_rejected (
    source_file, source_row, reject_reason, content, loaded_at, rejected_at
)
SELECT
    source_file,
    source_row,
    reject_reason,
    content,
    CONVERT_TIMEZONE('UTC', loaded_at)::TIMESTAMP_NTZ AS loaded_at_utc,
    SYSDATE() AS rejected_at
FROM (
    {{ read_events(database ~ "." ~ raw_schema ~ ".orders_rejected_stream") | indent(4) }}
)
WHERE reject_reason IS NOT NULL;
