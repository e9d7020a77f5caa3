-- Named queries: `pipeline query` lists them, `pipeline query daily-revenue --param days=7` runs one.

-- name: daily-revenue
-- title: Revenue per day
-- description: Revenue of the last days that have orders, by the UTC day on which each order began; cancelled and refunded orders are left out.
-- section: Revenue
-- param: days int = 30
-- chart: lines day revenue
SELECT
    day,
    currency,
    orders,
    revenue
FROM {{ database }}.{{ analytics_schema }}.daily_revenue
WHERE day > (
    SELECT DATEADD('day', 0 - :days, MAX(newest.day))
    FROM {{ database }}.{{ analytics_schema }}.daily_revenue AS newest
)
ORDER BY day DESC, currency;

-- name: top-days
-- title: Best days
-- description: The days with the greatest revenue.
-- section: Revenue
-- param: top int = 5
SELECT
    day,
    currency,
    orders,
    revenue
FROM {{ database }}.{{ analytics_schema }}.daily_revenue
ORDER BY revenue DESC, day, currency
LIMIT :top;

-- name: customer-value
-- title: Customer value
-- description: The customers who bought most, with their average order.
-- section: Customers
-- param: top int = 20
-- chart: bars customer_id revenue
SELECT
    customer_id,
    currency,
    orders,
    lost_orders,
    revenue,
    ROUND(revenue / NULLIF(orders, 0), 2) AS average_order,
    first_day,
    last_day
FROM {{ database }}.{{ analytics_schema }}.customer_value
ORDER BY revenue DESC, customer_id, currency
LIMIT :top;

-- name: order-life-cycle
-- title: Life of an order
-- description: The events of each order in order of time, of one order when it is given.
-- section: Orders
-- param: order_id str = ''
-- param: top int = 100
SELECT
    order_id,
    step,
    event_type,
    amount,
    currency,
    event_time,
    seconds_since_previous
FROM {{ database }}.{{ analytics_schema }}.order_life_cycle
WHERE :order_id IN ('', order_id)
ORDER BY order_id, step
LIMIT :top;

-- name: order-status
-- title: Orders by status
-- description: How many orders stand at each status, and what they are worth.
-- section: Orders
-- chart: bars status orders
SELECT
    status,
    currency,
    COUNT(*) AS orders,
    SUM(amount) AS amount
FROM {{ database }}.{{ analytics_schema }}.orders_current
GROUP BY status, currency
ORDER BY orders DESC, status, currency;

-- name: events-per-day
-- title: Events per day
-- description: Events of each UTC day and the orders that they belong to.
-- section: Events
-- param: days int = 30
-- chart: bars day events
SELECT
    event_time::DATE AS day,
    COUNT(*) AS events,
    COUNT(DISTINCT order_id) AS orders
FROM {{ database }}.{{ analytics_schema }}.orders_events
WHERE event_time::DATE > (
    SELECT DATEADD('day', 0 - :days, MAX(newest.event_time)::DATE)
    FROM {{ database }}.{{ analytics_schema }}.orders_events AS newest
)
GROUP BY event_time::DATE
ORDER BY day DESC;

-- name: late-by-order
-- title: Late events in their file
-- description: Events more than {{ late_minutes }} minutes older than an earlier line of the same file.
-- section: Events
-- param: top int = 50
SELECT
    event_id,
    order_id,
    event_type,
    event_time,
    latest_time_before,
    seconds_late,
    source_file,
    source_row
FROM {{ database }}.{{ analytics_schema }}.late_by_order
ORDER BY seconds_late DESC, event_id
LIMIT :top;

-- name: late-by-arrival
-- title: Late events of a live feed
-- description: Events loaded more than {{ late_minutes }} minutes after they happened; of a file of old events that is every one.
-- section: Events
-- param: top int = 50
SELECT
    event_id,
    order_id,
    event_type,
    event_time,
    loaded_at,
    seconds_late
FROM {{ database }}.{{ analytics_schema }}.late_by_arrival
ORDER BY seconds_late DESC, event_id
LIMIT :top;

-- name: rejected-events
-- title: Rejected lines
-- description: Lines that are JSON but no valid event, with the reason, newest first.
-- section: Pipeline
-- param: top int = 50
SELECT
    loaded_at,
    source_file,
    source_row,
    reject_reason,
    content
FROM {{ database }}.{{ analytics_schema }}.orders_events_rejected
ORDER BY loaded_at DESC, source_file, source_row
LIMIT :top;

-- name: backlog
-- title: Backlog
-- description: Rows that wait in each stream for its task; looking does not consume them.
-- section: Pipeline
SELECT
    'orders_events_stream' AS stream_name,
    COUNT(*) AS waiting_rows
FROM {{ database }}.{{ raw_schema }}.orders_events_stream
UNION ALL
SELECT
    'orders_rejected_stream' AS stream_name,
    COUNT(*) AS waiting_rows
FROM {{ database }}.{{ raw_schema }}.orders_rejected_stream
UNION ALL
SELECT
    'orders_current_stream' AS stream_name,
    COUNT(*) AS waiting_rows
FROM {{ database }}.{{ analytics_schema }}.orders_current_stream
ORDER BY stream_name;

-- name: latency
-- title: Latency by hour
-- description: Seconds from the event to its load and from the load to the table, by hour of loading.
-- section: Pipeline
-- param: hours int = 24
-- chart: lines load_hour average_seconds_to_table
SELECT
    load_hour,
    events,
    average_seconds_to_load,
    most_seconds_to_load,
    average_seconds_to_table,
    most_seconds_to_table
FROM {{ database }}.{{ analytics_schema }}.pipeline_latency
WHERE load_hour > (
    SELECT DATEADD('hour', 0 - :hours, MAX(newest.load_hour))
    FROM {{ database }}.{{ analytics_schema }}.pipeline_latency AS newest
)
ORDER BY load_hour DESC;
