{%- from "events.sql" import read_events -%}
{%- set raw = database ~ "." ~ raw_schema -%}
{%- set staging = database ~ "." ~ staging_schema -%}
{%- set production = database ~ "." ~ production_schema -%}
-- Two graphs and a task of its own, each running only while its streams have rows:
--
--     task_raw_to_staging_orders                 task_raw_to_staging_inventory                 task_raw_to_rejected
--         task_staging_to_prod_orders                task_staging_to_prod_inventory_history
--                                                        task_staging_to_prod_inventory_current
--
-- A parent also wakes for rows that a failed child left in its stream, so a child's next try needs no new events: a task
-- that is skipped takes its children with it.
-- Parents come first: a child can only name a task that exists.

CREATE OR ALTER TASK {{ staging }}.task_raw_to_staging_orders
    WAREHOUSE = {{ warehouse }}
    SCHEDULE = '{{ task_schedule }}'
    COMMENT = 'Valid orders from the raw layer to staging'
    WHEN
        SYSTEM$STREAM_HAS_DATA('{{ raw }}.stream_raw_orders')
        OR SYSTEM$STREAM_HAS_DATA('{{ staging }}.stream_stg_orders')
AS
INSERT INTO {{ staging }}.stg_orders (
    order_id, event_type, event_timestamp, customer_id, product_id, product_name, product_category, quantity,
    unit_price, discount, total_amount, payment_method, sales_channel, bottle_size_l, shipping_address,
    ingestion_timestamp
)
SELECT
    order_line_id,
    event_type,
    event_timestamp,
    customer_id,
    product_id,
    product_name,
    category,
    quantity,
    unit_price,
    discount,
    total_price,
    payment_method,
    sales_channel,
    bottle_size_l,
    shipping_address,
    ingestion_timestamp
FROM (
    {{ read_events(raw ~ ".stream_raw_orders") | indent(4) }}
)
WHERE event_type = 'ORDER_CREATED' AND reject_reason IS NULL;

-- One row per order into the MERGE, the latest version; of versions of the same time the first that arrived, of those
-- that arrived together the greatest, to the last column: which one it is must not depend on chance.
-- A version that is older than the one already there changes nothing.
CREATE OR ALTER TASK {{ staging }}.task_staging_to_prod_orders
    WAREHOUSE = {{ warehouse }}
    COMMENT = 'Each order once, in its latest version'
    AFTER {{ staging }}.task_raw_to_staging_orders
    WHEN SYSTEM$STREAM_HAS_DATA('{{ staging }}.stream_stg_orders')
AS
MERGE INTO {{ production }}.orders AS target
USING (
    SELECT
        order_id,
        event_timestamp,
        customer_id,
        product_id,
        product_name,
        product_category,
        quantity,
        unit_price,
        discount,
        total_amount,
        payment_method,
        sales_channel,
        shipping_address
    FROM {{ staging }}.stream_stg_orders
    QUALIFY ROW_NUMBER() OVER (
        PARTITION BY order_id
        ORDER BY
            event_timestamp DESC, ingestion_timestamp, total_amount DESC, quantity DESC, unit_price DESC,
            discount DESC, customer_id, product_id, product_name, product_category, payment_method, sales_channel,
            shipping_address
    ) = 1
) AS source
    ON target.order_id = source.order_id
WHEN MATCHED AND source.event_timestamp > target.order_timestamp THEN UPDATE SET
    order_date = source.event_timestamp::DATE,
    order_timestamp = source.event_timestamp,
    customer_id = source.customer_id,
    product_id = source.product_id,
    product_name = source.product_name,
    product_category = source.product_category,
    quantity = source.quantity,
    unit_price = source.unit_price,
    discount = source.discount,
    total_amount = source.total_amount,
    payment_method = source.payment_method,
    sales_channel = source.sales_channel,
    shipping_address = source.shipping_address,
    updated_at = SYSDATE()
WHEN NOT MATCHED THEN INSERT (
    order_id, order_date, order_timestamp, customer_id, product_id, product_name, product_category, quantity,
    unit_price, discount, total_amount, payment_method, sales_channel, shipping_address, created_at, updated_at
) VALUES (
    source.order_id, source.event_timestamp::DATE, source.event_timestamp, source.customer_id, source.product_id,
    source.product_name, source.product_category, source.quantity, source.unit_price, source.discount,
    source.total_amount, source.payment_method, source.sales_channel, source.shipping_address, SYSDATE(), SYSDATE()
);

CREATE OR ALTER TASK {{ staging }}.task_raw_to_staging_inventory
    WAREHOUSE = {{ warehouse }}
    SCHEDULE = '{{ task_schedule }}'
    COMMENT = 'Valid adjustments of the stock from the raw layer to staging'
    WHEN
        SYSTEM$STREAM_HAS_DATA('{{ raw }}.stream_raw_inventory')
        OR SYSTEM$STREAM_HAS_DATA('{{ staging }}.stream_stg_inventory_for_history')
        OR SYSTEM$STREAM_HAS_DATA('{{ staging }}.stream_stg_inventory_for_current')
AS
INSERT INTO {{ staging }}.stg_inventory_adjustments (
    adjustment_id, event_type, event_timestamp, product_id, product_name, product_category, adjustment_type,
    quantity_change, reason, warehouse_location, ingestion_timestamp
)
SELECT
    event_id,
    event_type,
    event_timestamp,
    product_id,
    product_name,
    category,
    adjustment_type,
    quantity_change,
    reason,
    warehouse_location,
    ingestion_timestamp
FROM (
    {{ read_events(raw ~ ".stream_raw_inventory") | indent(4) }}
)
WHERE event_type = 'INVENTORY_ADJUSTED' AND reject_reason IS NULL;

-- The level after an adjustment is the sum of the product's changes up to it, in order of event time, ties by id.
-- A late adjustment therefore changes the levels after it: for each product all rows from its earliest new one on
-- are worked out again, on top of the sum of everything before, archived rows included.
-- Of rows with one id the first that arrived counts, of those that arrived together the earliest, to the last column.
CREATE OR ALTER TASK {{ staging }}.task_staging_to_prod_inventory_history
    WAREHOUSE = {{ warehouse }}
    COMMENT = 'Each adjustment once, with the stock level after it'
    AFTER {{ staging }}.task_raw_to_staging_inventory
    WHEN
        SYSTEM$STREAM_HAS_DATA('{{ staging }}.stream_stg_inventory_for_history')
        OR SYSTEM$STREAM_HAS_DATA('{{ staging }}.stream_stg_inventory_for_current')
AS
MERGE INTO {{ production }}.inventory_history AS target
USING (
    WITH known AS (
        SELECT
            adjustment_id,
            adjustment_timestamp,
            product_id,
            quantity_change
        FROM {{ production }}.inventory_history
        UNION ALL
        SELECT
            adjustment_id,
            adjustment_timestamp,
            product_id,
            quantity_change
        FROM {{ production }}.inventory_history_archive
    ),

    fresh AS (
        SELECT
            adjustment_id,
            event_timestamp AS adjustment_timestamp,
            product_id,
            product_name,
            product_category,
            adjustment_type,
            quantity_change,
            reason,
            warehouse_location
        FROM {{ staging }}.stream_stg_inventory_for_history
        WHERE adjustment_id NOT IN (SELECT known.adjustment_id FROM known)
        QUALIFY ROW_NUMBER() OVER (
            PARTITION BY adjustment_id
            ORDER BY
                ingestion_timestamp, event_timestamp, product_id, quantity_change, adjustment_type, reason,
                warehouse_location, product_name, product_category
        ) = 1
    ),

    starts AS (
        SELECT
            product_id,
            MIN(adjustment_timestamp) AS since
        FROM fresh
        GROUP BY product_id
    ),

    opening AS (
        SELECT
            known.product_id,
            SUM(known.quantity_change) AS stock_level
        FROM known
        INNER JOIN starts ON known.product_id = starts.product_id
        WHERE known.adjustment_timestamp < starts.since
        GROUP BY known.product_id
    ),

    affected AS (
        SELECT
            known.adjustment_id,
            known.adjustment_timestamp,
            known.product_id,
            known.quantity_change
        FROM known
        INNER JOIN starts ON known.product_id = starts.product_id
        WHERE known.adjustment_timestamp >= starts.since
        UNION ALL
        SELECT
            adjustment_id,
            adjustment_timestamp,
            product_id,
            quantity_change
        FROM fresh
    ),

    levels AS (
        SELECT
            affected.adjustment_id,
            COALESCE(opening.stock_level, 0) + SUM(affected.quantity_change) OVER (
                PARTITION BY affected.product_id
                ORDER BY affected.adjustment_timestamp, affected.adjustment_id
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS new_stock_level
        FROM affected
        LEFT JOIN opening ON affected.product_id = opening.product_id
    )

    SELECT
        levels.adjustment_id,
        levels.new_stock_level,
        fresh.adjustment_id IS NOT NULL AS is_fresh,
        fresh.adjustment_timestamp,
        fresh.product_id,
        fresh.product_name,
        fresh.product_category,
        fresh.adjustment_type,
        fresh.quantity_change,
        fresh.reason,
        fresh.warehouse_location
    FROM levels
    LEFT JOIN fresh ON levels.adjustment_id = fresh.adjustment_id
) AS source
    ON target.adjustment_id = source.adjustment_id
WHEN MATCHED AND target.new_stock_level <> source.new_stock_level THEN UPDATE SET
    new_stock_level = source.new_stock_level
WHEN NOT MATCHED AND source.is_fresh THEN INSERT (
    adjustment_id, adjustment_date, adjustment_timestamp, product_id, product_name, product_category,
    adjustment_type, quantity_change, new_stock_level, reason, warehouse_location, created_at
) VALUES (
    source.adjustment_id, source.adjustment_timestamp::DATE, source.adjustment_timestamp, source.product_id,
    source.product_name, source.product_category, source.adjustment_type, source.quantity_change,
    source.new_stock_level, source.reason, source.warehouse_location, SYSDATE()
);

-- The stock of the products that have new adjustments: the sum of all their changes, the rest as the newest has it.
CREATE OR ALTER TASK {{ staging }}.task_staging_to_prod_inventory_current
    WAREHOUSE = {{ warehouse }}
    COMMENT = 'The stock now of each product that has new adjustments'
    AFTER {{ staging }}.task_staging_to_prod_inventory_history
    WHEN SYSTEM$STREAM_HAS_DATA('{{ staging }}.stream_stg_inventory_for_current')
AS
MERGE INTO {{ production }}.inventory_current AS target
USING (
    SELECT
        product_id,
        product_name,
        product_category,
        SUM(quantity_change) OVER (PARTITION BY product_id) AS current_stock_level,
        adjustment_timestamp AS last_adjustment_timestamp,
        warehouse_location
    FROM (
        SELECT
            adjustment_id,
            adjustment_timestamp,
            product_id,
            product_name,
            product_category,
            quantity_change,
            warehouse_location
        FROM {{ production }}.inventory_history
        UNION ALL
        SELECT
            adjustment_id,
            adjustment_timestamp,
            product_id,
            product_name,
            product_category,
            quantity_change,
            warehouse_location
        FROM {{ production }}.inventory_history_archive
    )
    WHERE product_id IN (
        SELECT new_rows.product_id
        FROM {{ staging }}.stream_stg_inventory_for_current AS new_rows
    )
    QUALIFY ROW_NUMBER() OVER (PARTITION BY product_id ORDER BY adjustment_timestamp DESC, adjustment_id DESC) = 1
) AS source
    ON target.product_id = source.product_id
WHEN MATCHED THEN UPDATE SET
    product_name = source.product_name,
    product_category = source.product_category,
    current_stock_level = source.current_stock_level,
    last_adjustment_timestamp = source.last_adjustment_timestamp,
    warehouse_location = source.warehouse_location,
    updated_at = SYSDATE()
WHEN NOT MATCHED THEN INSERT (
    product_id, product_name, product_category, current_stock_level, last_adjustment_timestamp, warehouse_location,
    updated_at
) VALUES (
    source.product_id, source.product_name, source.product_category, source.current_stock_level,
    source.last_adjustment_timestamp, source.warehouse_location, SYSDATE()
);

CREATE OR ALTER TASK {{ staging }}.task_raw_to_rejected
    WAREHOUSE = {{ warehouse }}
    SCHEDULE = '{{ task_schedule }}'
    COMMENT = 'Events that are not as they must be, with the reason'
    WHEN SYSTEM$STREAM_HAS_DATA('{{ raw }}.stream_raw_rejected')
AS
INSERT INTO {{ staging }}.rejected_events (
    event_id, event_type, reject_reason, event_metadata, event_content, ingestion_timestamp, rejected_at
)
SELECT
    COALESCE(order_line_id, event_id) AS event_id,
    event_type,
    reject_reason,
    event_metadata,
    event_content,
    ingestion_timestamp,
    SYSDATE() AS rejected_at
FROM (
    {{ read_events(raw ~ ".stream_raw_rejected") | indent(4) }}
)
WHERE reject_reason IS NOT NULL;
