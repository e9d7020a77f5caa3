{%- set production = database ~ "." ~ production_schema -%}
{%- set monitoring = database ~ "." ~ monitoring_schema -%}
-- 9. The views, as dashboards read them.

-- name: daily-kpi
-- title: KPI of each day
-- description: The newest days of VW_DAILY_KPI.
-- section: 9 The views
-- param: top int = 14
-- chart: lines order_date revenue
SELECT
    order_date,
    orders,
    customers,
    revenue,
    average_order,
    units
FROM {{ production }}.vw_daily_kpi
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
-- description: VW_INVENTORY_ALERTS without the products that are well stocked, most urgent first.
-- section: 9 The views
SELECT
    product_id,
    product_name,
    current_stock_level,
    stock_status,
    units_sold_30_days,
    warehouse_location
FROM {{ production }}.vw_inventory_alerts
WHERE stock_status <> 'OK'
ORDER BY current_stock_level, product_id;

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
SELECT
    layer,
    table_name,
    row_count,
    last_write,
    minutes_since
FROM {{ monitoring }}.pipeline_health
WHERE minutes_since IS NULL OR minutes_since >= :minutes
ORDER BY layer, table_name;
