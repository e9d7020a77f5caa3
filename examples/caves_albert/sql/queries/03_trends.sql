{%- set production = database ~ "." ~ production_schema -%}
-- 3. Trends: of the last `days` days up to `today`.

-- name: sales-per-day
-- title: Sales per day
-- description: Orders, units and revenue of each day.
-- section: 3 Trends
-- param: days int = 30
-- param: today date = {{ today }}
-- chart: lines order_date revenue
SELECT
    order_date,
    COUNT(*) AS orders,
    SUM(quantity) AS units,
    SUM(total_amount) AS revenue
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY order_date
ORDER BY order_date;

-- name: sales-per-week-category
-- title: Sales per week and category
-- description: Units and revenue of each category in each week (from Monday).
-- section: 3 Trends
-- param: days int = 90
-- param: today date = {{ today }}
SELECT
    DATE_TRUNC('week', order_date) AS week_start,
    product_category,
    SUM(quantity) AS units,
    SUM(total_amount) AS revenue
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY DATE_TRUNC('week', order_date), product_category
ORDER BY week_start, product_category;

-- name: sales-per-month
-- title: Sales per month
-- description: Orders, customers and revenue of each month.
-- section: 3 Trends
-- param: months int = 12
-- param: today date = {{ today }}
-- chart: bars month_start revenue
SELECT
    DATE_TRUNC('month', order_date) AS month_start,
    COUNT(*) AS orders,
    COUNT(DISTINCT customer_id) AS customers,
    SUM(total_amount) AS revenue
FROM {{ production }}.orders
WHERE order_date >= DATEADD('month', 1 - :months, DATE_TRUNC('month', :today)) AND order_date <= :today
GROUP BY DATE_TRUNC('month', order_date)
ORDER BY month_start;

-- name: weekday-seasonality
-- title: Days of the week
-- description: Orders and revenue of an average Monday, Tuesday and so on, of those that have orders.
-- section: 3 Trends
-- param: days int = 90
-- param: today date = {{ today }}
-- chart: bars weekday revenue_per_day
SELECT
    DAYOFWEEKISO(order_date) AS weekday_number,
    DAYNAME(MIN(order_date)) AS weekday,
    COUNT(DISTINCT order_date) AS days_counted,
    ROUND(COUNT(*) / COUNT(DISTINCT order_date), 1) AS orders_per_day,
    ROUND(SUM(total_amount) / COUNT(DISTINCT order_date), 2) AS revenue_per_day
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY DAYOFWEEKISO(order_date)
ORDER BY weekday_number;

-- name: hour-of-day
-- title: Hours of the day
-- description: Orders and revenue by hour (UTC), with the share of all orders.
-- section: 3 Trends
-- param: days int = 90
-- param: today date = {{ today }}
-- chart: bars hour_of_day orders
SELECT
    HOUR(order_timestamp) AS hour_of_day,
    COUNT(*) AS orders,
    ROUND(100 * COUNT(*) / SUM(COUNT(*)) OVER (), 1) AS share_pct,
    SUM(total_amount) AS revenue
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY HOUR(order_timestamp)
ORDER BY hour_of_day;

-- name: category-trend
-- title: Trend of the categories
-- description: Revenue of each category in the last days and in as many days before, with the change in percent.
-- section: 3 Trends
-- param: days int = 30
-- param: today date = {{ today }}
-- chart: bars product_category change_pct
WITH periods AS (
    SELECT
        product_category,
        SUM(IFF(order_date > DATEADD('day', 0 - :days, :today), total_amount, 0)) AS revenue,
        SUM(IFF(order_date > DATEADD('day', 0 - :days, :today), 0, total_amount)) AS revenue_before
    FROM {{ production }}.orders
    WHERE order_date > DATEADD('day', -2 * :days, :today) AND order_date <= :today
    GROUP BY product_category
)

SELECT
    product_category,
    revenue,
    revenue_before,
    ROUND(100 * (revenue - revenue_before) / NULLIF(revenue_before, 0), 1) AS change_pct
FROM periods
ORDER BY product_category;

-- name: moving-average
-- title: Seven-day average
-- description: Revenue of each day with orders beside the mean of it and the six days with orders before it.
-- section: 3 Trends
-- param: days int = 30
-- param: today date = {{ today }}
-- chart: lines order_date seven_day_average
SELECT
    order_date,
    revenue,
    ROUND(
        AVG(revenue) OVER (ORDER BY order_date ROWS BETWEEN 6 PRECEDING AND CURRENT ROW), 2
    ) AS seven_day_average
FROM {{ production }}.vw_daily_kpi
WHERE order_date <= :today
QUALIFY order_date > DATEADD('day', 0 - :days, :today)
ORDER BY order_date;
