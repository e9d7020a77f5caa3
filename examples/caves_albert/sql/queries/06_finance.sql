{%- set production = database ~ "." ~ production_schema -%}
-- 6. Finance.

-- name: revenue-by-payment
-- title: Revenue by payment method
-- description: Orders and revenue of each payment method, with its share of the revenue.
-- section: 6 Finance
-- param: days int = 90
-- param: today date = {{ today }}
-- chart: bars payment_method revenue
SELECT
    payment_method,
    COUNT(*) AS orders,
    SUM(total_amount) AS revenue,
    ROUND(100 * SUM(total_amount) / NULLIF(SUM(SUM(total_amount)) OVER (), 0), 1) AS share_pct
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY payment_method
ORDER BY revenue DESC, payment_method;

-- name: basket-by-category
-- title: Basket by category
-- description: Average, middle and greatest order of each category.
-- section: 6 Finance
-- param: days int = 90
-- param: today date = {{ today }}
-- chart: bars product_category average_order
SELECT
    product_category,
    COUNT(*) AS orders,
    ROUND(AVG(total_amount), 2) AS average_order,
    ROUND(MEDIAN(total_amount), 2) AS median_order,
    MAX(total_amount) AS greatest_order
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY product_category
ORDER BY average_order DESC, product_category;

-- name: month-over-month
-- title: Month over month
-- description: Revenue of each month beside the month with orders before, with the growth in percent.
-- section: 6 Finance
-- param: today date = {{ today }}
-- chart: bars month_start revenue
WITH months AS (
    SELECT
        DATE_TRUNC('month', order_date) AS month_start,
        SUM(total_amount) AS revenue
    FROM {{ production }}.orders
    WHERE order_date <= :today
    GROUP BY DATE_TRUNC('month', order_date)
)

SELECT
    month_start,
    revenue,
    LAG(revenue) OVER (ORDER BY month_start) AS revenue_before,
    ROUND(
        100 * (revenue - LAG(revenue) OVER (ORDER BY month_start))
        / NULLIF(LAG(revenue) OVER (ORDER BY month_start), 0), 1
    ) AS growth_pct
FROM months
ORDER BY month_start;

-- name: discounts
-- title: Discounts given
-- description: Orders with a discount in each month, what was given, and its share of the price before it.
-- section: 6 Finance
-- param: months int = 12
-- param: today date = {{ today }}
-- chart: bars month_start discount_pct
SELECT
    DATE_TRUNC('month', order_date) AS month_start,
    COUNT(*) AS orders,
    COUNT_IF(discount > 0) AS discounted_orders,
    SUM(discount) AS discounts,
    ROUND(100 * SUM(discount) / NULLIF(SUM(quantity * unit_price), 0), 2) AS discount_pct
FROM {{ production }}.orders
WHERE order_date >= DATEADD('month', 1 - :months, DATE_TRUNC('month', :today)) AND order_date <= :today
GROUP BY DATE_TRUNC('month', order_date)
ORDER BY month_start;

-- name: channel-mix
-- title: Sales channels
-- description: Orders, customers, revenue and share of each sales channel.
-- section: 6 Finance
-- param: days int = 90
-- param: today date = {{ today }}
-- chart: bars sales_channel revenue
SELECT
    sales_channel,
    COUNT(*) AS orders,
    COUNT(DISTINCT customer_id) AS customers,
    SUM(total_amount) AS revenue,
    ROUND(100 * SUM(total_amount) / NULLIF(SUM(SUM(total_amount)) OVER (), 0), 1) AS share_pct
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY sales_channel
ORDER BY revenue DESC, sales_channel;
