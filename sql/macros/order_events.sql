{#- How a line of JSON becomes a typed event, in one place: the task that keeps the events and the task that
    collects the rejected lines read the same text, so no line can be taken by both or by neither. -#}

{#- A field that must be a JSON string; anything else is NULL. -#}
{% macro text(field) -%}
IFF(TYPEOF(content:{{ field }}) = 'VARCHAR', content:{{ field }}::VARCHAR, NULL) AS {{ field }}
{%- endmacro %}

{#- ISO-8601 text to TIMESTAMP_NTZ in UTC; without a zone it is UTC already, whatever the session's TIMEZONE.
    Unreadable text is NULL. The shape is checked first, because automatic detection also takes other notations. -#}
{% macro utc(time) -%}
IFF(
    REGEXP_LIKE({{ time }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})?'),
    CONVERT_TIMEZONE(
        'UTC',
        TRY_TO_TIMESTAMP_LTZ({{ time }} || IFF(REGEXP_LIKE({{ time }}, '.*(Z|[+-][0-9]{2}:[0-9]{2})'), '', '+00:00'))
    )::TIMESTAMP_NTZ,
    NULL
)
{%- endmacro %}

{#- Every row of `relation` as an event: typed columns, and reject_reason, which is NULL for a valid one.
    An amount written with an exponent is a DOUBLE to Snowflake, and money never goes through one: it is rejected. -#}
{% macro read_events(relation) -%}
SELECT
    content,
    source_file,
    source_row,
    loaded_at,
    event_id,
    order_id,
    customer_id,
    status AS event_type,
    amount,
    currency,
    {{ utc("updated_at") }} AS event_time,
    CASE
        WHEN COALESCE(TYPEOF(content), 'NULL_VALUE') <> 'OBJECT' THEN 'the line is not a JSON object'
        WHEN COALESCE(event_id, '') = '' THEN 'event_id is missing or not text'
        WHEN COALESCE(order_id, '') = '' THEN 'order_id is missing or not text'
        WHEN COALESCE(customer_id, '') = '' THEN 'customer_id is missing or not text'
        WHEN status IS NULL THEN 'status is missing or not text'
        WHEN status NOT IN ('CREATED', 'PAID', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'REFUNDED')
            THEN 'status is unknown'
        WHEN amount IS NULL THEN 'amount is missing or not a decimal number that fits'
        WHEN COALESCE(currency, '') = '' THEN 'currency is missing or not text'
        WHEN event_time IS NULL THEN 'updated_at is missing or not an ISO-8601 time'
    END AS reject_reason
FROM (
    SELECT
        content,
        source_file,
        source_row,
        loaded_at,
        {{ text("event_id") }},
        {{ text("order_id") }},
        {{ text("customer_id") }},
        {{ text("status") }},
        IFF(
            TYPEOF(content:amount) IN ('INTEGER', 'DECIMAL'), TRY_TO_NUMBER(content:amount::VARCHAR, 12, 2), NULL
        ) AS amount,
        {{ text("currency") }},
        {{ text("updated_at") }}
    FROM {{ relation }}
)
{%- endmacro %}
