-- Tables that the tasks keep, the stream between them, and the views of the dashboards.
-- Every TIMESTAMP_NTZ here is in UTC.

CREATE OR ALTER TABLE {{ database }}.{{ analytics_schema }}.orders_events (
    event_id VARCHAR NOT NULL PRIMARY KEY,
    order_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    event_type VARCHAR NOT NULL COMMENT 'CREATED, PAID, SHIPPED, DELIVERED, CANCELLED or REFUNDED',
    amount NUMBER(12, 2) NOT NULL,
    currency VARCHAR NOT NULL,
    event_time TIMESTAMP_NTZ NOT NULL COMMENT 'When it happened',
    latest_time_before TIMESTAMP_NTZ COMMENT 'Greatest event time on an earlier line of its file',
    source_file VARCHAR,
    source_row NUMBER(38, 0),
    loaded_at TIMESTAMP_NTZ COMMENT 'When its line was loaded into the raw layer',
    processed_at TIMESTAMP_NTZ COMMENT 'When the task wrote it here'
)
COMMENT = 'Each event once, as it first arrived';

CREATE OR ALTER TABLE {{ database }}.{{ analytics_schema }}.orders_current (
    order_id VARCHAR NOT NULL PRIMARY KEY,
    customer_id VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    amount NUMBER(12, 2) NOT NULL,
    currency VARCHAR NOT NULL,
    first_event_time TIMESTAMP_NTZ NOT NULL,
    last_event_time TIMESTAMP_NTZ NOT NULL,
    event_count NUMBER(38, 0) NOT NULL
)
COMMENT = 'Each order as its latest event has it; of events at the same time the greatest event_id counts';

CREATE OR ALTER TABLE {{ database }}.{{ analytics_schema }}.orders_events_rejected (
    source_file VARCHAR,
    source_row NUMBER(38, 0),
    reject_reason VARCHAR NOT NULL,
    content VARIANT,
    loaded_at TIMESTAMP_NTZ,
    rejected_at TIMESTAMP_NTZ
)
COMMENT = 'Lines that are JSON but no valid event, with the reason';

CREATE STREAM IF NOT EXISTS {{ database }}.{{ analytics_schema }}.orders_current_stream
    ON TABLE {{ database }}.{{ analytics_schema }}.orders_events
    APPEND_ONLY = TRUE
    COMMENT = 'New events for the task refresh_orders_current';

CREATE OR REPLACE VIEW {{ database }}.{{ analytics_schema }}.daily_revenue
    COPY GRANTS
    COMMENT = 'Revenue by the UTC day on which the order began, without cancelled and refunded orders'
AS
SELECT
    first_event_time::DATE AS day,
    currency,
    COUNT(*) AS orders,
    SUM(amount) AS revenue
FROM {{ database }}.{{ analytics_schema }}.orders_current
WHERE status NOT IN ('CANCELLED', 'REFUNDED')
GROUP BY first_event_time::DATE, currency;

CREATE OR REPLACE VIEW {{ database }}.{{ analytics_schema }}.customer_value
    COPY GRANTS
    COMMENT = 'What each customer has bought, without cancelled and refunded orders'
AS
SELECT
    customer_id,
    currency,
    COUNT_IF(status NOT IN ('CANCELLED', 'REFUNDED')) AS orders,
    COUNT_IF(status IN ('CANCELLED', 'REFUNDED')) AS lost_orders,
    SUM(IFF(status NOT IN ('CANCELLED', 'REFUNDED'), amount, 0)) AS revenue,
    MIN(first_event_time)::DATE AS first_day,
    MAX(last_event_time)::DATE AS last_day
FROM {{ database }}.{{ analytics_schema }}.orders_current
GROUP BY customer_id, currency;

CREATE OR REPLACE VIEW {{ database }}.{{ analytics_schema }}.order_life_cycle
    COPY GRANTS
    COMMENT = 'Each event of each order, in order of time'
AS
SELECT
    order_id,
    ROW_NUMBER() OVER (PARTITION BY order_id ORDER BY event_time, event_id) AS step,
    event_id,
    event_type,
    amount,
    currency,
    event_time,
    DATEDIFF('second', LAG(event_time) OVER (PARTITION BY order_id ORDER BY event_time, event_id), event_time)
        AS seconds_since_previous
FROM {{ database }}.{{ analytics_schema }}.orders_events;

CREATE OR REPLACE VIEW {{ database }}.{{ analytics_schema }}.late_by_order
    COPY GRANTS
    COMMENT = 'Events more than {{ late_minutes }} minutes older than an earlier line of their file'
AS
SELECT
    event_id,
    order_id,
    event_type,
    event_time,
    latest_time_before,
    DATEDIFF('second', event_time, latest_time_before) AS seconds_late,
    source_file,
    source_row
FROM {{ database }}.{{ analytics_schema }}.orders_events
WHERE event_time < DATEADD('minute', -{{ late_minutes }}, latest_time_before);

CREATE OR REPLACE VIEW {{ database }}.{{ analytics_schema }}.late_by_arrival
    COPY GRANTS
    COMMENT = 'Events loaded more than {{ late_minutes }} minutes after they happened: for live feeds'
AS
SELECT
    event_id,
    order_id,
    event_type,
    event_time,
    loaded_at,
    DATEDIFF('second', event_time, loaded_at) AS seconds_late,
    source_file,
    source_row
FROM {{ database }}.{{ analytics_schema }}.orders_events
WHERE loaded_at > DATEADD('minute', {{ late_minutes }}, event_time);

CREATE OR REPLACE VIEW {{ database }}.{{ analytics_schema }}.pipeline_latency
    COPY GRANTS
    COMMENT = 'By hour of loading: seconds from the event to its load, and from the load to the table'
AS
SELECT
    DATE_TRUNC('hour', loaded_at) AS load_hour,
    COUNT(*) AS events,
    ROUND(AVG(DATEDIFF('second', event_time, loaded_at)), 1) AS average_seconds_to_load,
    MAX(DATEDIFF('second', event_time, loaded_at)) AS most_seconds_to_load,
    ROUND(AVG(DATEDIFF('second', loaded_at, processed_at)), 1) AS average_seconds_to_table,
    MAX(DATEDIFF('second', loaded_at, processed_at)) AS most_seconds_to_table
FROM {{ database }}.{{ analytics_schema }}.orders_events
GROUP BY DATE_TRUNC('hour', loaded_at);
