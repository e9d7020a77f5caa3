{%- from "dates.sql" import day -%}
{%- set production = database ~ "." ~ production_schema -%}
-- Views that dashboards read. An order here is an order line: one product, one quantity.

CREATE OR REPLACE VIEW {{ production }}.vw_daily_kpi
    COPY GRANTS
    COMMENT = 'Each UTC day: orders, customers, revenue, average order, units'
AS
SELECT
    order_date,
    COUNT(*) AS orders,
    COUNT(DISTINCT customer_id) AS customers,
    SUM(total_amount) AS revenue,
    ROUND(AVG(total_amount), 2) AS average_order,
    SUM(quantity) AS units
FROM {{ production }}.orders
GROUP BY order_date;

CREATE OR REPLACE VIEW {{ production }}.vw_product_performance
    COPY GRANTS
    COMMENT = 'Each product that was sold: orders, units, revenue, average price of a bottle, last sale'
AS
SELECT
    product_id,
    MAX_BY(product_name, order_timestamp) AS product_name,
    MAX_BY(product_category, order_timestamp) AS product_category,
    COUNT(*) AS orders,
    SUM(quantity) AS units,
    SUM(total_amount) AS revenue,
    ROUND(SUM(total_amount) / NULLIF(SUM(quantity), 0), 2) AS average_price,
    MAX(order_timestamp) AS last_sale
FROM {{ production }}.orders
GROUP BY product_id;

CREATE OR REPLACE VIEW {{ production }}.vw_inventory_alerts
    COPY GRANTS
    COMMENT = 'Each product with its stock, how that is to be judged, and its sales of the last 30 days'
AS
WITH sales AS (
    SELECT
        product_id,
        SUM(quantity) AS units
    FROM {{ production }}.orders
    WHERE
        order_date > DATEADD('day', -30, {{ day(today) }})
        AND order_date <= {{ day(today) }}
    GROUP BY product_id
)

SELECT
    stock.product_id,
    stock.product_name,
    stock.product_category,
    stock.current_stock_level,
    CASE
        WHEN stock.current_stock_level <= 0 THEN 'RUPTURE'
        WHEN stock.current_stock_level < 20 THEN 'CRITIQUE'
        WHEN stock.current_stock_level < 50 THEN 'BAS'
        ELSE 'OK'
    END AS stock_status,
    COALESCE(sales.units, 0) AS units_sold_30_days,
    stock.last_adjustment_timestamp,
    stock.warehouse_location,
    stock.updated_at
FROM {{ production }}.inventory_current AS stock
LEFT JOIN sales ON stock.product_id = sales.product_id;
