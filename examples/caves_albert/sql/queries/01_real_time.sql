{%- set production = database ~ "." ~ production_schema -%}
-- 1. Real-time KPI, of the day `today`.

-- name: today
-- title: Today
-- description: Orders, customers, revenue, average order and units of the day.
-- section: 1 Real-time KPI
-- param: today date = {{ today }}
SELECT
    COUNT(*) AS orders,
    COUNT(DISTINCT customer_id) AS customers,
    COALESCE(SUM(total_amount), 0) AS revenue,
    COALESCE(ROUND(AVG(total_amount), 2), 0) AS average_order,
    COALESCE(SUM(quantity), 0) AS units
FROM {{ production }}.orders
WHERE order_date = :today;

-- name: today-vs-yesterday
-- title: Today against yesterday
-- description: The figures of the day beside those of the day before, with the growth in percent where there is one.
-- section: 1 Real-time KPI
-- param: today date = {{ today }}
WITH days AS (
    SELECT
        COUNT_IF(order_date = :today) AS orders_today,
        COUNT_IF(order_date = DATEADD('day', -1, :today)) AS orders_yesterday,
        COALESCE(SUM(IFF(order_date = :today, total_amount, 0)), 0) AS revenue_today,
        COALESCE(SUM(IFF(order_date = DATEADD('day', -1, :today), total_amount, 0)), 0) AS revenue_yesterday
    FROM {{ production }}.orders
    WHERE order_date BETWEEN DATEADD('day', -1, :today) AND :today
)

SELECT
    orders_today,
    orders_yesterday,
    ROUND(100 * (orders_today - orders_yesterday) / NULLIF(orders_yesterday, 0), 1) AS orders_growth_pct,
    revenue_today,
    revenue_yesterday,
    ROUND(100 * (revenue_today - revenue_yesterday) / NULLIF(revenue_yesterday, 0), 1) AS revenue_growth_pct
FROM days;

-- name: stock-by-category
-- title: Stock by category
-- description: Products, bottles in stock, and products that are low or out, of each category.
-- section: 1 Real-time KPI
-- chart: bars product_category stock
SELECT
    product_category,
    COUNT(*) AS products,
    SUM(current_stock_level) AS stock,
    COUNT_IF(stock_status IN ('BAS', 'CRITIQUE')) AS low_products,
    COUNT_IF(stock_status = 'RUPTURE') AS products_out
FROM {{ production }}.vw_inventory_alerts
GROUP BY product_category
ORDER BY product_category;

-- name: today-by-hour
-- title: Today, hour by hour
-- description: Orders and revenue of each hour (UTC) of the day so far.
-- section: 1 Real-time KPI
-- param: today date = {{ today }}
-- chart: bars hour_of_day revenue
SELECT
    HOUR(order_timestamp) AS hour_of_day,
    COUNT(*) AS orders,
    SUM(total_amount) AS revenue
FROM {{ production }}.orders
WHERE order_date = :today
GROUP BY HOUR(order_timestamp)
ORDER BY hour_of_day;

-- name: latest-orders
-- title: Latest orders
-- description: The newest orders up to the day.
-- section: 1 Real-time KPI
-- param: top int = 20
-- param: today date = {{ today }}
SELECT
    order_timestamp,
    order_id,
    customer_id,
    product_name,
    quantity,
    total_amount,
    sales_channel
FROM {{ production }}.orders
WHERE order_date <= :today
ORDER BY order_timestamp DESC, order_id
LIMIT :top;
