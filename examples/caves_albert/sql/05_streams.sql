-- One stream per consumer: whoever reads a stream empties it. Append-only, so that the retention's DELETEs
-- are nothing to the tasks. IF NOT EXISTS keeps the offset, and with it the rows that no task has read yet.
{%- set consumers = [
    (raw_schema, "stream_raw_orders", "raw_events_stream", "task_raw_to_staging_orders"),
    (raw_schema, "stream_raw_inventory", "raw_events_stream", "task_raw_to_staging_inventory"),
    (raw_schema, "stream_raw_rejected", "raw_events_stream", "task_raw_to_rejected"),
    (staging_schema, "stream_stg_orders", "stg_orders", "task_staging_to_prod_orders"),
    (staging_schema, "stream_stg_inventory_for_history", "stg_inventory_adjustments",
     "task_staging_to_prod_inventory_history"),
    (staging_schema, "stream_stg_inventory_for_current", "stg_inventory_adjustments",
     "task_staging_to_prod_inventory_current"),
] %}
{% for schema, stream, source, task in consumers %}
CREATE STREAM IF NOT EXISTS {{ database }}.{{ schema }}.{{ stream }}
    ON TABLE {{ database }}.{{ schema }}.{{ source }}
    APPEND_ONLY = TRUE
    COMMENT = 'New rows for {{ task }}';
{% endfor %}
