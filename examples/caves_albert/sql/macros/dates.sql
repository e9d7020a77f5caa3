{#- The day that analyses look back from, as SQL: the variable `today`, either current_date or a fixed day. -#}
{% macro day(today) -%}
{% if today == "current_date" %}SYSDATE()::DATE{% else %}{{ today | literal }}::DATE{% endif %}
{%- endmacro %}

{#- A moment with or without a zone as TIMESTAMP_NTZ in UTC, as the tables of STAGING and PRODUCTION have it. -#}
{% macro moment(time) -%}
CONVERT_TIMEZONE('UTC', {{ time }}::TIMESTAMP_LTZ)::TIMESTAMP_NTZ
{%- endmacro %}
