{%- set staging = database ~ "." ~ staging_schema -%}
{%- set production = database ~ "." ~ production_schema -%}
-- Once a day: what is old enough leaves the raw layer and staging, and old adjustments move to the archive.
-- The move is one transaction, so no adjustment is ever counted twice or not at all, and only what is in the archive
-- is deleted. The streams are append-only: nothing here wakes a task.
CREATE OR ALTER TASK {{ staging }}.task_retention
    WAREHOUSE = {{ warehouse }}
    SCHEDULE = '{{ retention_schedule }}'
    COMMENT = 'Raw events {{ raw_days }} days, staging {{ staging_days }} days, history {{ history_days }} days'
AS
BEGIN
    DELETE FROM {{ database }}.{{ raw_schema }}.raw_events_stream
    WHERE ingestion_timestamp < DATEADD('day', -{{ raw_days }}, CURRENT_TIMESTAMP());

    DELETE FROM {{ staging }}.stg_orders
    WHERE ingestion_timestamp < DATEADD('day', -{{ staging_days }}, SYSDATE());

    DELETE FROM {{ staging }}.stg_inventory_adjustments
    WHERE ingestion_timestamp < DATEADD('day', -{{ staging_days }}, SYSDATE());

    BEGIN TRANSACTION;

    INSERT INTO {{ production }}.inventory_history_archive (
        adjustment_id, adjustment_date, adjustment_timestamp, product_id, product_name, product_category,
        adjustment_type, quantity_change, new_stock_level, reason, warehouse_location, created_at, archived_at
    )
    SELECT
        adjustment_id,
        adjustment_date,
        adjustment_timestamp,
        product_id,
        product_name,
        product_category,
        adjustment_type,
        quantity_change,
        new_stock_level,
        reason,
        warehouse_location,
        created_at,
        SYSDATE() AS archived_at
    FROM {{ production }}.inventory_history
    WHERE adjustment_date < DATEADD('day', -{{ history_days }}, SYSDATE()::DATE);

    DELETE FROM {{ production }}.inventory_history
    WHERE adjustment_id IN (
        SELECT archived.adjustment_id
        FROM {{ production }}.inventory_history_archive AS archived
    );

    COMMIT;
END;
