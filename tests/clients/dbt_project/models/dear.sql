{{ config(materialized='table') }}
select id, name, price from {{ ref('named') }} where price > 10
