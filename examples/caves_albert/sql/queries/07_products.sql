{%- set production = database ~ "." ~ production_schema -%}
-- 7. Products.

-- name: most-profitable
-- title: Products that earn most
-- description: Revenue after discounts of each product, what was given away, and the revenue of a bottle.
-- section: 7 Products
-- param: days int = 90
-- param: top int = 10
-- param: today date = {{ today }}
-- chart: bars product_name revenue
SELECT
    product_id,
    MAX(product_name) AS product_name,
    SUM(total_amount) AS revenue,
    SUM(discount) AS discounts,
    ROUND(SUM(total_amount) / NULLIF(SUM(quantity), 0), 2) AS revenue_per_bottle
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY product_id
ORDER BY revenue_per_bottle DESC, product_id
LIMIT :top;

-- name: abc-analysis
-- title: ABC analysis
-- description: Products by revenue: A makes the first 80 %, B the next 15 %, C the rest.
-- section: 7 Products
-- param: days int = 90
-- param: today date = {{ today }}
WITH products AS (
    SELECT
        product_id,
        MAX(product_name) AS product_name,
        SUM(total_amount) AS revenue
    FROM {{ production }}.orders
    WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
    GROUP BY product_id
),

shares AS (
    SELECT
        product_id,
        product_name,
        revenue,
        100 * (SUM(revenue) OVER (ORDER BY revenue DESC, product_id) - revenue)
        / NULLIF(SUM(revenue) OVER (), 0) AS share_before
    FROM products
)

SELECT
    product_id,
    product_name,
    revenue,
    ROUND(share_before, 1) AS share_before_pct,
    CASE
        WHEN share_before < 80 THEN 'A'
        WHEN share_before < 95 THEN 'B'
        ELSE 'C'
    END AS class
FROM shares
ORDER BY revenue DESC, product_id;

-- name: declining-products
-- title: Declining products
-- description: Products whose units fell by more than a percentage against as many days before.
-- section: 7 Products
-- param: days int = 30
-- param: drop_pct int = 20
-- param: today date = {{ today }}
-- chart: bars product_name change_pct
WITH periods AS (
    SELECT
        product_id,
        MAX(product_name) AS product_name,
        SUM(IFF(order_date > DATEADD('day', 0 - :days, :today), quantity, 0)) AS units,
        SUM(IFF(order_date > DATEADD('day', 0 - :days, :today), 0, quantity)) AS units_before
    FROM {{ production }}.orders
    WHERE order_date > DATEADD('day', -2 * :days, :today) AND order_date <= :today
    GROUP BY product_id
)

SELECT
    product_id,
    product_name,
    units,
    units_before,
    ROUND(100 * (units - units_before) / NULLIF(units_before, 0), 1) AS change_pct
FROM periods
WHERE 100 * (units_before - units) > :drop_pct * units_before
ORDER BY change_pct, product_id;

-- name: bought-together
-- title: Bought together
-- description: Pairs of products that the same customer bought on the same day.
-- section: 7 Products
-- param: days int = 90
-- param: top int = 10
-- param: today date = {{ today }}
WITH bought AS (
    SELECT DISTINCT
        customer_id,
        order_date,
        product_id,
        product_name
    FROM {{ production }}.orders
    WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
)

SELECT
    a.product_id AS product_a,
    b.product_id AS product_b,
    MAX(a.product_name) AS name_a,
    MAX(b.product_name) AS name_b,
    COUNT(*) AS times
FROM bought AS a
INNER JOIN bought AS b
    ON
        a.customer_id = b.customer_id
        AND a.order_date = b.order_date
        AND a.product_id < b.product_id
GROUP BY a.product_id, b.product_id
ORDER BY times DESC, product_a, product_b
LIMIT :top;

-- name: price-bands
-- title: Price bands
-- description: Orders, units and revenue by the price of a bottle.
-- section: 7 Products
-- param: days int = 90
-- param: today date = {{ today }}
-- chart: bars price_band revenue
SELECT
    CASE
        WHEN unit_price < 15 THEN '1 below 15 €'
        WHEN unit_price < 30 THEN '2 15 to 30 €'
        WHEN unit_price < 60 THEN '3 30 to 60 €'
        ELSE '4 60 € and more'
    END AS price_band,
    COUNT(*) AS orders,
    SUM(quantity) AS units,
    SUM(total_amount) AS revenue
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY price_band
ORDER BY price_band;

-- name: slow-sellers
-- title: Slow sellers
-- description: Products in stock of which few or no bottles were sold in the last days.
-- section: 7 Products
-- param: days int = 90
-- param: top int = 10
-- param: today date = {{ today }}
WITH sales AS (
    SELECT
        product_id,
        SUM(quantity) AS units,
        MAX(order_date) AS last_sale
    FROM {{ production }}.orders
    WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
    GROUP BY product_id
)

SELECT
    stock.product_id,
    stock.product_name,
    stock.current_stock_level,
    COALESCE(sales.units, 0) AS units_sold,
    sales.last_sale
FROM {{ production }}.inventory_current AS stock
LEFT JOIN sales ON stock.product_id = sales.product_id
WHERE stock.current_stock_level > 0
ORDER BY units_sold, stock.product_id
LIMIT :top;
