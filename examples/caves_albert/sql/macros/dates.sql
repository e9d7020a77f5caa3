{#- The day that analyses look back from, as SQL: the variable `today`, either current_date or a fixed day. -#}
{% macro day(today) -%}
{% if today == "current_date" %}SYSDATE()::DATE{% else %}{{ today | literal }}::DATE{% endif %}
{%- endmacro %}
