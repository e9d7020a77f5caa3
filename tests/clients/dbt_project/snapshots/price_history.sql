{% snapshot price_history %}
{{ config(target_schema='HISTORY', unique_key='id', strategy='check', check_cols=['price']) }}
select id, price from {{ ref('prices') }}
{% endsnapshot %}
