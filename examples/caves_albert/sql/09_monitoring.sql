{%- set raw = database ~ "." ~ raw_schema -%}
{%- set staging = database ~ "." ~ staging_schema -%}
{%- set production = database ~ "." ~ production_schema -%}
{%- set monitoring = database ~ "." ~ monitoring_schema -%}
-- How the pipeline itself is doing: the state of each table, and the outcome of each run of a task graph.

CREATE OR ALTER TABLE {{ monitoring }}.graph_runs (
    root_task VARCHAR NOT NULL,
    graph_run_group_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL COMMENT 'SUCCEEDED or FAILED',
    tasks_succeeded INT NOT NULL,
    tasks_failed INT NOT NULL,
    first_error VARCHAR,
    started_at TIMESTAMP_LTZ,
    recorded_at TIMESTAMP_LTZ NOT NULL
)
COMMENT = 'Each run of a task graph, written by its finalizer';

{% for finalizer, root in [
    ("task_record_orders_run", "task_raw_to_staging_orders"),
    ("task_record_inventory_run", "task_raw_to_staging_inventory"),
] %}
CREATE OR ALTER TASK {{ staging }}.{{ finalizer }}
    WAREHOUSE = {{ warehouse }}
    COMMENT = 'The outcome of each run of {{ root }} and its children'
    FINALIZE = {{ staging }}.{{ root }}
AS
INSERT INTO {{ monitoring }}.graph_runs (
    root_task, graph_run_group_id, outcome, tasks_succeeded, tasks_failed, first_error, started_at, recorded_at
)
SELECT
    '{{ root | upper }}' AS root_task,
    SYSTEM$TASK_RUNTIME_INFO('CURRENT_TASK_GRAPH_RUN_GROUP_ID')::VARCHAR AS graph_run_group_id,
    IFF(COUNT_IF(state LIKE 'FAILED%') = 0, 'SUCCEEDED', 'FAILED') AS outcome,
    COUNT_IF(state = 'SUCCEEDED') AS tasks_succeeded,
    COUNT_IF(state LIKE 'FAILED%') AS tasks_failed,
    MIN_BY(error_message, IFF(state LIKE 'FAILED%', completed_time, NULL)) AS first_error,
    MIN(query_start_time) AS started_at,
    CURRENT_TIMESTAMP() AS recorded_at
FROM TABLE(
    {{ database }}.INFORMATION_SCHEMA.TASK_HISTORY(
        SCHEDULED_TIME_RANGE_START => DATEADD('hour', -2, CURRENT_TIMESTAMP()),
        RESULT_LIMIT => 10000
    )
)
WHERE
    graph_run_group_id::VARCHAR = SYSTEM$TASK_RUNTIME_INFO('CURRENT_TASK_GRAPH_RUN_GROUP_ID')::VARCHAR
    AND name <> '{{ finalizer | upper }}';
{% endfor %}

CREATE OR REPLACE VIEW {{ monitoring }}.pipeline_health
    COPY GRANTS
    COMMENT = 'Each table: rows, last write, minutes since'
AS
SELECT
    layer,
    table_name,
    row_count,
    last_write,
    DATEDIFF('minute', last_write, SYSDATE()) AS minutes_since
FROM (
    {%- for layer, table, written in [
        ("RAW", raw ~ ".raw_events_stream", "CONVERT_TIMEZONE('UTC', MAX(ingestion_timestamp))::TIMESTAMP_NTZ"),
        ("STAGING", staging ~ ".stg_orders", "MAX(ingestion_timestamp)"),
        ("STAGING", staging ~ ".stg_inventory_adjustments", "MAX(ingestion_timestamp)"),
        ("STAGING", staging ~ ".rejected_events", "MAX(rejected_at)"),
        ("PRODUCTION", production ~ ".orders", "MAX(updated_at)"),
        ("PRODUCTION", production ~ ".inventory_current", "MAX(updated_at)"),
        ("PRODUCTION", production ~ ".inventory_history", "MAX(created_at)"),
    ] %}
    SELECT
        '{{ layer }}' AS layer,
        '{{ table.split(".") | last | upper }}' AS table_name,
        COUNT(*) AS row_count,
        {{ written }} AS last_write
    FROM {{ table }}
    {%- if not loop.last %}
    UNION ALL
    {%- endif %}
    {%- endfor %}
);
