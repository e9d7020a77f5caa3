{%- set production = database ~ "." ~ production_schema -%}
-- 5. Inventory. The stock is what the warehouses report; orders do not change it.

-- name: low-stock
-- title: Low stock
-- description: Products with few bottles left, fewest first.
-- section: 5 Inventory
-- param: below int = 50
-- chart: bars product_name current_stock_level
SELECT
    product_id,
    product_name,
    product_category,
    current_stock_level,
    stock_status,
    warehouse_location
FROM {{ production }}.vw_inventory_alerts
WHERE current_stock_level < :below
ORDER BY current_stock_level, product_id;

-- name: stock-out-forecast
-- title: When products run out
-- description: Mean and deviation of the daily sales of the last days, and the days that the stock lasts at that pace.
-- section: 5 Inventory
-- param: days int = 30
-- param: top int = 20
-- param: today date = {{ today }}
WITH daily AS (
    SELECT
        product_id,
        order_date,
        SUM(quantity) AS units
    FROM {{ production }}.orders
    WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
    GROUP BY product_id, order_date
),

-- days without a sale count as zero
pace AS (
    SELECT
        product_id,
        SUM(units) / NULLIF(:days, 0) AS daily_mean,
        SQRT(
            GREATEST(0, SUM(units * units) / NULLIF(:days, 0) - SQUARE(SUM(units) / NULLIF(:days, 0)))
        ) AS daily_deviation
    FROM daily
    GROUP BY product_id
)

SELECT
    stock.product_id,
    stock.product_name,
    stock.current_stock_level,
    ROUND(pace.daily_mean, 2) AS daily_mean,
    ROUND(pace.daily_deviation, 2) AS daily_deviation,
    ROUND(GREATEST(0, stock.current_stock_level) / NULLIF(pace.daily_mean, 0), 1) AS days_left
FROM {{ production }}.inventory_current AS stock
INNER JOIN pace ON stock.product_id = pace.product_id
ORDER BY days_left, stock.product_id
LIMIT :top;

-- name: recent-adjustments
-- title: Recent adjustments
-- description: Adjustments of the stock in the last days, newest first.
-- section: 5 Inventory
-- param: days int = 7
-- param: top int = 100
-- param: today date = {{ today }}
SELECT
    adjustment_timestamp,
    product_name,
    adjustment_type,
    quantity_change,
    new_stock_level,
    reason,
    warehouse_location
FROM {{ production }}.inventory_history
WHERE adjustment_date > DATEADD('day', 0 - :days, :today) AND adjustment_date <= :today
ORDER BY adjustment_timestamp DESC, adjustment_id
LIMIT :top;

-- name: adjustments-by-type
-- title: Adjustments by type
-- description: How often each type of adjustment was made, and what it changed.
-- section: 5 Inventory
-- param: days int = 90
-- param: today date = {{ today }}
-- chart: bars adjustment_type quantity_change
SELECT
    adjustment_type,
    COUNT(*) AS adjustments,
    SUM(quantity_change) AS quantity_change,
    ROUND(AVG(quantity_change), 1) AS average_change
FROM {{ production }}.inventory_history
WHERE adjustment_date > DATEADD('day', 0 - :days, :today) AND adjustment_date <= :today
GROUP BY adjustment_type
ORDER BY adjustments DESC, adjustment_type;

-- name: stock-turnover
-- title: Turnover of the stock
-- description: Bottles sold in the last days for each bottle in stock now; none where nothing is in stock.
-- section: 5 Inventory
-- param: days int = 90
-- param: today date = {{ today }}
WITH sales AS (
    SELECT
        product_id,
        SUM(quantity) AS units
    FROM {{ production }}.orders
    WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
    GROUP BY product_id
)

SELECT
    stock.product_id,
    stock.product_name,
    COALESCE(sales.units, 0) AS units_sold,
    stock.current_stock_level,
    ROUND(COALESCE(sales.units, 0) / NULLIF(GREATEST(0, stock.current_stock_level), 0), 2) AS turnover
FROM {{ production }}.inventory_current AS stock
LEFT JOIN sales ON stock.product_id = sales.product_id
ORDER BY turnover DESC NULLS LAST, stock.product_id;

-- name: out-of-stock
-- title: Out of stock
-- description: Products of which nothing is left, with the bottles sold in the last days.
-- section: 5 Inventory
-- param: days int = 30
-- param: today date = {{ today }}
WITH sales AS (
    SELECT
        product_id,
        SUM(quantity) AS units
    FROM {{ production }}.orders
    WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
    GROUP BY product_id
)

SELECT
    stock.product_id,
    stock.product_name,
    stock.product_category,
    stock.current_stock_level,
    COALESCE(sales.units, 0) AS units_sold,
    stock.last_adjustment_timestamp
FROM {{ production }}.inventory_current AS stock
LEFT JOIN sales ON stock.product_id = sales.product_id
WHERE stock.current_stock_level <= 0
ORDER BY units_sold DESC, stock.product_id;

-- name: stock-history
-- title: History of a product's stock
-- description: Each adjustment of one product up to the day with the level after it, in order of time.
-- section: 5 Inventory
-- param: product int = 1000
-- param: today date = {{ today }}
-- chart: lines adjustment_timestamp new_stock_level
SELECT
    adjustment_timestamp,
    adjustment_type,
    quantity_change,
    new_stock_level,
    reason,
    warehouse_location
FROM {{ production }}.inventory_history
WHERE product_id = :product AND adjustment_date <= :today
ORDER BY adjustment_timestamp, adjustment_id;
