{#- How a line of JSON becomes a typed event, in one place: the tasks that keep the events and the task that
    collects the rejected ones read the same text, so no event can be taken by both or by neither. -#}

{#- A field that must be a JSON string; anything else is NULL. -#}
{% macro text(field) -%}
IFF(TYPEOF(event_content:{{ field }}) = 'VARCHAR', event_content:{{ field }}::VARCHAR, NULL) AS {{ field }}
{%- endmacro %}

{#- A field that must be a whole JSON number; anything else is NULL. -#}
{% macro whole(field) -%}
IFF(
            TYPEOF(event_content:{{ field }}) = 'INTEGER', TRY_TO_NUMBER(event_content:{{ field }}::VARCHAR, 38, 0), NULL
        ) AS {{ field }}
{%- endmacro %}

{#- A field that must be a JSON number without an exponent, to the cent; anything else is NULL. With an exponent it
    is a DOUBLE to Snowflake, and money never goes through one. -#}
{% macro decimal(field, precision=10, scale=2) -%}
IFF(
            TYPEOF(event_content:{{ field }}) IN ('INTEGER', 'DECIMAL'),
            TRY_TO_NUMBER(event_content:{{ field }}::VARCHAR, {{ precision }}, {{ scale }}),
            NULL
        ) AS {{ field }}
{%- endmacro %}

{#- ISO-8601 text to TIMESTAMP_NTZ in UTC; without a zone it is UTC already, whatever the session's TIMEZONE.
    Unreadable text is NULL. The shape is checked first, because automatic detection also takes other notations. -#}
{% macro utc(time) -%}
IFF(
        REGEXP_LIKE(
            {{ time }},
            '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})?'
        ),
        CONVERT_TIMEZONE(
            'UTC',
            TRY_TO_TIMESTAMP_LTZ({{ time }} || IFF(REGEXP_LIKE({{ time }}, '.*(Z|[+-][0-9]{2}:[0-9]{2})'), '', '+00:00'))
        )::TIMESTAMP_NTZ,
        NULL
    )
{%- endmacro %}

{#- Every row of `relation`, a stream on the raw layer, as an event: typed columns, and reject_reason, which is NULL
    for a valid event and for one of a type that this pipeline does not know: those stay in the raw layer. -#}
{% macro read_events(relation) -%}
SELECT
    *,
    CASE
        WHEN event_type IS NULL THEN 'event_type is missing or not text'
        WHEN event_type NOT IN ('ORDER_CREATED', 'INVENTORY_ADJUSTED') THEN NULL
        WHEN product_id IS NULL THEN 'product_id is missing or not a whole number'
        WHEN event_timestamp IS NULL THEN 'event_ts is missing or not an ISO-8601 time'
        WHEN event_type = 'ORDER_CREATED' THEN
            CASE
                WHEN COALESCE(order_line_id, '') = '' THEN 'order_line_id is missing or not text'
                WHEN customer_id IS NULL THEN 'customer_id is missing or not a whole number'
                WHEN quantity IS NULL OR quantity <= 0 THEN 'quantity is missing or not a positive whole number'
                WHEN unit_price IS NULL THEN 'unit_price is missing or not a decimal number that fits'
                WHEN discount IS NULL THEN 'discount is missing or not a decimal number that fits'
                WHEN total_price IS NULL THEN 'total_price is missing or not a decimal number that fits'
            END
        WHEN COALESCE(event_id, '') = '' THEN 'event_id is missing or not text'
        WHEN COALESCE(adjustment_type, '') = '' THEN 'adjustment_type is missing or not text'
        WHEN quantity_change IS NULL THEN 'quantity_change is missing or not a whole number'
    END AS reject_reason
FROM (
    SELECT
        *,
        {{ utc("event_ts") | indent(4) }} AS event_timestamp
    FROM (
        SELECT
            event_metadata,
            event_content,
            CONVERT_TIMEZONE('UTC', ingestion_timestamp)::TIMESTAMP_NTZ AS ingestion_timestamp,
            {{ text("event_type") }},
            {{ text("order_line_id") }},
            {{ text("event_id") }},
            {{ whole("customer_id") }},
            {{ whole("product_id") }},
            {{ text("product_name") }},
            {{ text("category") }},
            {{ whole("quantity") }},
            {{ decimal("unit_price") }},
            {{ decimal("discount") }},
            {{ decimal("total_price") }},
            {{ decimal("bottle_size_l", 5, 3) }},
            {{ text("payment_method") }},
            {{ text("sales_channel") }},
            {{ text("shipping_address") }},
            {{ text("adjustment_type") }},
            {{ whole("quantity_change") }},
            {{ text("reason") }},
            {{ text("warehouse_location") }},
            {{ text("event_ts") }}
        FROM {{ relation }}
    )
)
{%- endmacro %}
