{%- from "dates.sql" import moment -%}
{%- set production = database ~ "." ~ production_schema -%}
{%- set monitoring = database ~ "." ~ monitoring_schema -%}
-- 9. The views, as dashboards read them.

-- name: daily-kpi
-- title: KPI of each day
-- description: The newest days of VW_DAILY_KPI up to the day.
-- section: 9 The views
-- param: top int = 14
-- param: today date = {{ today }}
-- chart: lines order_date revenue
SELECT
    order_date,
    orders,
    customers,
    revenue,
    average_order,
    units
FROM {{ production }}.vw_daily_kpi
WHERE order_date <= :today
ORDER BY order_date DESC
LIMIT :top;

-- name: product-performance
-- title: Performance of the products
-- description: VW_PRODUCT_PERFORMANCE, of one category when it is given.
-- section: 9 The views
-- param: category str = ''
-- param: top int = 50
-- chart: bars product_name revenue
SELECT
    product_id,
    product_name,
    product_category,
    orders,
    units,
    revenue,
    average_price,
    last_sale
FROM {{ production }}.vw_product_performance
WHERE :category = '' OR CONTAINS(product_category, :category)
ORDER BY revenue DESC, product_id
LIMIT :top;

-- name: inventory-alerts
-- title: Alerts of the stock
-- description: VW_INVENTORY_ALERTS without the products that are well stocked, most urgent first, with the sales up to the day.
-- section: 9 The views
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
    stock.current_stock_level,
    stock.stock_status,
    COALESCE(sales.units, 0) AS units_sold,
    stock.warehouse_location
FROM {{ production }}.vw_inventory_alerts AS stock
LEFT JOIN sales ON stock.product_id = sales.product_id
WHERE stock.stock_status <> 'OK'
ORDER BY stock.current_stock_level, stock.product_id;

-- name: stock-status
-- title: Products by status of their stock
-- description: How many products are RUPTURE, CRITIQUE, BAS and OK.
-- section: 9 The views
-- chart: bars stock_status products
SELECT
    stock_status,
    COUNT(*) AS products,
    SUM(current_stock_level) AS stock
FROM {{ production }}.vw_inventory_alerts
GROUP BY stock_status
ORDER BY stock_status;

-- name: stale-tables
-- title: Tables without recent writes
-- description: Tables of PIPELINE_HEALTH that nothing was written to for some minutes, or ever.
-- section: 9 The views
-- param: minutes int = 60
-- param: now timestamp = current_timestamp
SELECT
    layer,
    table_name,
    row_count,
    last_write,
    DATEDIFF('minute', last_write, {{ moment(":now") }}) AS minutes_since
FROM {{ monitoring }}.pipeline_health
WHERE last_write IS NULL OR DATEDIFF('minute', last_write, {{ moment(":now") }}) >= :minutes
ORDER BY layer, table_name;
