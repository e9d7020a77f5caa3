select id, upper(name) as name, price from {{ ref('prices') }}
