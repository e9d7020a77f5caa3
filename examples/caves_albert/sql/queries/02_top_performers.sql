{%- set production = database ~ "." ~ production_schema -%}
-- 2. Top performers: of the last `days` days up to `today`.

-- name: top-products-revenue
-- title: Best products by revenue
-- description: The products that brought most.
-- section: 2 Top performers
-- param: days int = 90
-- param: top int = 10
-- param: today date = {{ today }}
-- chart: bars product_name revenue
SELECT
    product_id,
    MAX(product_name) AS product_name,
    SUM(total_amount) AS revenue,
    SUM(quantity) AS units
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY product_id
ORDER BY revenue DESC, product_id
LIMIT :top;

-- name: top-products-volume
-- title: Best products by volume
-- description: The products of which most bottles were sold.
-- section: 2 Top performers
-- param: days int = 90
-- param: top int = 10
-- param: today date = {{ today }}
-- chart: bars product_name units
SELECT
    product_id,
    MAX(product_name) AS product_name,
    SUM(quantity) AS units,
    SUM(total_amount) AS revenue
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY product_id
ORDER BY units DESC, product_id
LIMIT :top;

-- name: top-categories
-- title: Categories
-- description: Orders, units, revenue and share of the revenue of each category.
-- section: 2 Top performers
-- param: days int = 90
-- param: today date = {{ today }}
-- chart: bars product_category revenue
SELECT
    product_category,
    COUNT(*) AS orders,
    SUM(quantity) AS units,
    SUM(total_amount) AS revenue,
    ROUND(100 * SUM(total_amount) / NULLIF(SUM(SUM(total_amount)) OVER (), 0), 1) AS share_pct
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY product_category
ORDER BY revenue DESC, product_category;

-- name: top-customers
-- title: Best customers
-- description: The customers of greatest lifetime value, with the days since their first order.
-- section: 2 Top performers
-- param: top int = 20
-- param: today date = {{ today }}
-- chart: bars customer_id lifetime_value
SELECT
    customer_id,
    COUNT(*) AS orders,
    SUM(total_amount) AS lifetime_value,
    MIN(order_date) AS first_order,
    MAX(order_date) AS last_order,
    DATEDIFF('day', MIN(order_date), :today) AS tenure_days
FROM {{ production }}.orders
WHERE order_date <= :today
GROUP BY customer_id
ORDER BY lifetime_value DESC, customer_id
LIMIT :top;

-- name: top-orders
-- title: Greatest orders
-- description: The single orders of greatest amount.
-- section: 2 Top performers
-- param: days int = 90
-- param: top int = 10
-- param: today date = {{ today }}
SELECT
    order_id,
    order_date,
    customer_id,
    product_name,
    quantity,
    total_amount
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
ORDER BY total_amount DESC, order_id
LIMIT :top;
