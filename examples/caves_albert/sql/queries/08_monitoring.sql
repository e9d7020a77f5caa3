{%- from "dates.sql" import moment -%}
{%- from "events.sql" import utc -%}
{%- set raw = database ~ "." ~ raw_schema -%}
{%- set staging = database ~ "." ~ staging_schema -%}
{%- set production = database ~ "." ~ production_schema -%}
{%- set monitoring = database ~ "." ~ monitoring_schema -%}
{%- macro arrived(time) -%}
{{ time }} > DATEADD('day', 0 - :days, {{ moment(":now") }}) AND {{ time }} <= {{ moment(":now") }}
{%- endmacro -%}
-- 8. Alerts and monitoring. What is about arrivals and runs looks back from the moment `now`, not from the day `today`:
-- those have times of the account's own clock.

-- name: alerts
-- title: Alerts
-- description: One row per kind of alert, with how many products, customers or events it is about.
-- section: 8 Alerts and monitoring
-- param: inactive_days int = 30
-- param: today date = {{ today }}
WITH inactive AS (
    SELECT customer_id
    FROM {{ production }}.orders
    WHERE order_date <= :today
    GROUP BY customer_id
    HAVING DATEDIFF('day', MAX(order_date), :today) >= :inactive_days
)

SELECT
    'products out of stock' AS alert_name,
    COUNT_IF(stock_status = 'RUPTURE') AS affected
FROM {{ production }}.vw_inventory_alerts
UNION ALL
SELECT
    'products with critical stock' AS alert_name,
    COUNT_IF(stock_status = 'CRITIQUE') AS affected
FROM {{ production }}.vw_inventory_alerts
UNION ALL
SELECT
    'inactive customers' AS alert_name,
    COUNT(*) AS affected
FROM inactive
UNION ALL
SELECT
    'rejected events' AS alert_name,
    COUNT(*) AS affected
FROM {{ staging }}.rejected_events
ORDER BY alert_name;

-- name: pipeline-health
-- title: Health of the pipeline
-- description: Each table with its rows, its last write, and the minutes since.
-- section: 8 Alerts and monitoring
-- param: now timestamp = current_timestamp
SELECT
    layer,
    table_name,
    row_count,
    last_write,
    DATEDIFF('minute', last_write, {{ moment(":now") }}) AS minutes_since
FROM {{ monitoring }}.pipeline_health
ORDER BY layer, table_name;

-- name: latency-by-hour
-- title: Latency by hour
-- description: Seconds from the arrival of an order to its first row in production, by hour of arrival (UTC).
-- section: 8 Alerts and monitoring
-- param: hours int = 24
-- param: now timestamp = current_timestamp
-- chart: lines arrival_hour average_seconds
WITH arrivals AS (
    SELECT
        staged.order_id,
        MIN(staged.ingestion_timestamp) AS arrived_at
    FROM {{ staging }}.stg_orders AS staged
    GROUP BY staged.order_id
),

-- an order that production had before its oldest row in staging has no latency to tell
waits AS (
    SELECT
        DATE_TRUNC('hour', arrivals.arrived_at) AS arrival_hour,
        DATEDIFF('second', arrivals.arrived_at, orders.created_at) AS seconds
    FROM arrivals
    INNER JOIN {{ production }}.orders AS orders ON arrivals.order_id = orders.order_id
    WHERE orders.created_at >= arrivals.arrived_at AND orders.created_at <= {{ moment(":now") }}
)

SELECT
    arrival_hour,
    COUNT(*) AS orders,
    ROUND(AVG(seconds), 1) AS average_seconds,
    MAX(seconds) AS most_seconds
FROM waits
GROUP BY arrival_hour
ORDER BY arrival_hour DESC
LIMIT :hours;

-- name: late-events
-- title: Late events
-- description: Events more than some minutes older than one that came before them in the same file or partition.
-- section: 8 Alerts and monitoring
-- param: minutes int = {{ late_minutes }}
-- param: top int = 50
WITH arrivals AS (
    SELECT
        event_id,
        event_type,
        COALESCE(
            event_metadata:file::VARCHAR, event_metadata:topic::VARCHAR || '/' || event_metadata:partition::VARCHAR
        ) AS arrived_in,
        COALESCE(event_metadata:row::INT, event_metadata:offset::INT) AS place,
        {{ utc("event_content:event_ts::VARCHAR") | indent(4) }} AS event_timestamp
    FROM {{ raw }}.raw_events_stream
),

behind AS (
    SELECT
        event_id,
        event_type,
        arrived_in,
        place,
        event_timestamp,
        DATEDIFF(
            'second',
            event_timestamp,
            MAX(event_timestamp) OVER (
                PARTITION BY arrived_in
                ORDER BY place
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
        ) AS seconds_late
    FROM arrivals
)

SELECT
    event_id,
    event_type,
    event_timestamp,
    seconds_late,
    arrived_in,
    place
FROM behind
WHERE seconds_late > 60 * :minutes
ORDER BY seconds_late DESC, arrived_in, place
LIMIT :top;

-- name: rejected-events
-- title: Rejected events
-- description: Why events were rejected, how often, and when last.
-- section: 8 Alerts and monitoring
SELECT
    event_type,
    reject_reason,
    COUNT(*) AS events,
    MAX(ingestion_timestamp) AS last_arrival
FROM {{ staging }}.rejected_events
GROUP BY event_type, reject_reason
ORDER BY events DESC, event_type, reject_reason;

-- name: rejected-samples
-- title: Examples of rejected events
-- description: The newest rejected events themselves.
-- section: 8 Alerts and monitoring
-- param: top int = 20
-- param: now timestamp = current_timestamp
SELECT
    ingestion_timestamp,
    event_id,
    reject_reason,
    event_metadata,
    event_content
FROM {{ staging }}.rejected_events
WHERE ingestion_timestamp <= {{ moment(":now") }}
ORDER BY ingestion_timestamp DESC, event_id
LIMIT :top;

-- name: backlog
-- title: Backlog
-- description: Rows that wait in each stream for its task; looking does not consume them.
-- section: 8 Alerts and monitoring
{%- for stream in [
    raw ~ ".stream_raw_orders", raw ~ ".stream_raw_inventory", raw ~ ".stream_raw_rejected",
    staging ~ ".stream_stg_orders", staging ~ ".stream_stg_inventory_for_history",
    staging ~ ".stream_stg_inventory_for_current",
] %}
SELECT
    '{{ stream.split(".") | last | upper }}' AS stream_name,
    COUNT(*) AS waiting_rows
FROM {{ stream }}
{%- if not loop.last %}
UNION ALL
{%- endif %}
{%- endfor %}
ORDER BY stream_name;

-- name: graph-runs
-- title: Runs of the task graphs
-- description: Outcome of the newest runs, as their finalizers recorded them.
-- section: 8 Alerts and monitoring
-- param: top int = 20
-- param: now timestamp = current_timestamp
SELECT
    root_task,
    outcome,
    tasks_succeeded,
    tasks_failed,
    first_error,
    started_at,
    recorded_at
FROM {{ monitoring }}.graph_runs
WHERE recorded_at <= :now
ORDER BY recorded_at DESC, root_task
LIMIT :top;

-- name: layers-in-balance
-- title: Nothing lost between the layers
-- description: Events in the raw layer against those in staging, rejected, and of types that are left where they are.
-- section: 8 Alerts and monitoring
-- param: days int = {{ staging_days }}
-- param: now timestamp = current_timestamp
WITH raw_events AS (
    SELECT
        COUNT(*) AS events,
        COUNT_IF(event_type NOT IN ('ORDER_CREATED', 'INVENTORY_ADJUSTED')) AS other_types
    FROM {{ raw }}.raw_events_stream
    WHERE {{ arrived("CONVERT_TIMEZONE('UTC', ingestion_timestamp)::TIMESTAMP_NTZ") }}
),

staged_orders AS (
    SELECT COUNT(*) AS events
    FROM {{ staging }}.stg_orders
    WHERE {{ arrived("ingestion_timestamp") }}
),

staged_adjustments AS (
    SELECT COUNT(*) AS events
    FROM {{ staging }}.stg_inventory_adjustments
    WHERE {{ arrived("ingestion_timestamp") }}
),

rejected AS (
    SELECT COUNT(*) AS events
    FROM {{ staging }}.rejected_events
    WHERE {{ arrived("ingestion_timestamp") }}
)

SELECT
    raw_events.events AS raw_events,
    staged_orders.events AS orders,
    staged_adjustments.events AS adjustments,
    rejected.events AS rejected_events,
    raw_events.other_types,
    raw_events.events - staged_orders.events - staged_adjustments.events - rejected.events - raw_events.other_types
        AS missing_events
FROM raw_events
CROSS JOIN staged_orders
CROSS JOIN staged_adjustments
CROSS JOIN rejected;
