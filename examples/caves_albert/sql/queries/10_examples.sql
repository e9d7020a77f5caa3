{%- set production = database ~ "." ~ production_schema -%}
-- 10. Examples: what one would put together for somebody.

-- name: managers-dashboard
-- title: The manager's dashboard
-- description: Today, this week, this month and the stock, in one row.
-- section: 10 Examples
-- param: today date = {{ today }}
WITH sales AS (
    SELECT
        COALESCE(SUM(IFF(order_date = :today, total_amount, 0)), 0) AS revenue_today,
        COALESCE(SUM(IFF(order_date >= DATE_TRUNC('week', :today), total_amount, 0)), 0) AS revenue_this_week,
        COALESCE(SUM(IFF(order_date >= DATE_TRUNC('month', :today), total_amount, 0)), 0) AS revenue_this_month,
        COUNT_IF(order_date = :today) AS orders_today
    FROM {{ production }}.orders
    WHERE order_date <= :today
),

stock AS (
    SELECT
        COUNT_IF(stock_status = 'RUPTURE') AS products_out,
        COUNT_IF(stock_status IN ('CRITIQUE', 'BAS')) AS products_low
    FROM {{ production }}.vw_inventory_alerts
)

SELECT
    sales.orders_today,
    sales.revenue_today,
    sales.revenue_this_week,
    sales.revenue_this_month,
    stock.products_out,
    stock.products_low
FROM sales
CROSS JOIN stock;

-- name: weekly-report
-- title: The weekly report
-- description: Each of the last weeks (from Monday): orders, customers, revenue, average order, discounts.
-- section: 10 Examples
-- param: weeks int = 8
-- param: today date = {{ today }}
-- chart: bars week_start revenue
SELECT
    DATE_TRUNC('week', order_date) AS week_start,
    COUNT(*) AS orders,
    COUNT(DISTINCT customer_id) AS customers,
    SUM(total_amount) AS revenue,
    ROUND(AVG(total_amount), 2) AS average_order,
    SUM(discount) AS discounts
FROM {{ production }}.orders
WHERE order_date >= DATEADD('week', 1 - :weeks, DATE_TRUNC('week', :today)) AND order_date <= :today
GROUP BY DATE_TRUNC('week', order_date)
ORDER BY week_start;

-- name: orders-to-prepare
-- title: Orders to prepare
-- description: The orders of the day with what to pack, where to send it, and whether the stock is enough.
-- section: 10 Examples
-- param: today date = {{ today }}
SELECT
    orders.order_timestamp,
    orders.order_id,
    orders.product_name,
    orders.quantity,
    orders.shipping_address,
    stock.warehouse_location,
    COALESCE(stock.current_stock_level, 0) >= orders.quantity AS in_stock
FROM {{ production }}.orders AS orders
LEFT JOIN {{ production }}.inventory_current AS stock ON orders.product_id = stock.product_id
WHERE orders.order_date = :today
ORDER BY orders.order_timestamp, orders.order_id;

-- name: top-wines
-- title: Wines of the week
-- description: The wines, spirits left out, of which most bottles were sold in the last seven days.
-- section: 10 Examples
-- param: top int = 5
-- param: today date = {{ today }}
-- chart: bars wine units
SELECT
    MAX(product_name) AS wine,
    MAX(product_category) AS category,
    SUM(quantity) AS units,
    SUM(total_amount) AS revenue
FROM {{ production }}.orders
WHERE
    order_date > DATEADD('day', -7, :today)
    AND order_date <= :today
    AND NOT CONTAINS(product_category, 'Spiritueux')
GROUP BY product_id
ORDER BY units DESC, revenue DESC, product_id
LIMIT :top;
