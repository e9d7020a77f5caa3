{%- set production = database ~ "." ~ production_schema -%}
-- 4. Customers.

-- name: rfm
-- title: RFM of each customer
-- description: Recency, frequency and amount of each customer, each as a fifth from 1 to 5 (best), with a name for the mix.
-- section: 4 Customers
-- param: top int = 50
-- param: today date = {{ today }}
WITH customers AS (
    SELECT
        customer_id,
        DATEDIFF('day', MAX(order_date), :today) AS recency_days,
        COUNT(*) AS orders,
        SUM(total_amount) AS amount
    FROM {{ production }}.orders
    WHERE order_date <= :today
    GROUP BY customer_id
),

scores AS (
    SELECT
        customer_id,
        recency_days,
        orders,
        amount,
        NTILE(5) OVER (ORDER BY recency_days DESC, customer_id) AS recency_score,
        NTILE(5) OVER (ORDER BY orders, customer_id) AS frequency_score,
        NTILE(5) OVER (ORDER BY amount, customer_id) AS monetary_score
    FROM customers
)

SELECT
    customer_id,
    recency_days,
    orders,
    amount,
    recency_score,
    frequency_score,
    monetary_score,
    CASE
        WHEN recency_score >= 4 AND frequency_score >= 4 AND monetary_score >= 4 THEN 'Champions'
        WHEN recency_score >= 4 AND frequency_score >= 3 THEN 'Loyal'
        WHEN recency_score >= 4 THEN 'New or promising'
        WHEN frequency_score >= 4 THEN 'At risk'
        WHEN recency_score <= 2 AND frequency_score <= 2 THEN 'Lost'
        ELSE 'To be won'
    END AS segment
FROM scores
ORDER BY recency_score + frequency_score + monetary_score DESC, customer_id
LIMIT :top;

-- name: rfm-segments
-- title: RFM segments
-- description: Customers and revenue of each RFM segment.
-- section: 4 Customers
-- param: today date = {{ today }}
-- chart: bars segment customers
WITH customers AS (
    SELECT
        customer_id,
        DATEDIFF('day', MAX(order_date), :today) AS recency_days,
        COUNT(*) AS orders,
        SUM(total_amount) AS amount
    FROM {{ production }}.orders
    WHERE order_date <= :today
    GROUP BY customer_id
),

scores AS (
    SELECT
        customer_id,
        amount,
        NTILE(5) OVER (ORDER BY recency_days DESC, customer_id) AS recency_score,
        NTILE(5) OVER (ORDER BY orders, customer_id) AS frequency_score,
        NTILE(5) OVER (ORDER BY amount, customer_id) AS monetary_score
    FROM customers
),

segments AS (
    SELECT
        amount,
        CASE
            WHEN recency_score >= 4 AND frequency_score >= 4 AND monetary_score >= 4 THEN 'Champions'
            WHEN recency_score >= 4 AND frequency_score >= 3 THEN 'Loyal'
            WHEN recency_score >= 4 THEN 'New or promising'
            WHEN frequency_score >= 4 THEN 'At risk'
            WHEN recency_score <= 2 AND frequency_score <= 2 THEN 'Lost'
            ELSE 'To be won'
        END AS segment
    FROM scores
)

SELECT
    segment,
    COUNT(*) AS customers,
    SUM(amount) AS revenue,
    ROUND(AVG(amount), 2) AS average_customer
FROM segments
GROUP BY segment
ORDER BY revenue DESC, segment;

-- name: loyal-customers
-- title: Loyal customers
-- description: Customers with many orders in the last days.
-- section: 4 Customers
-- param: days int = 90
-- param: orders int = 5
-- param: today date = {{ today }}
SELECT
    customer_id,
    COUNT(*) AS orders,
    SUM(total_amount) AS revenue,
    MAX(order_date) AS last_order
FROM {{ production }}.orders
WHERE order_date > DATEADD('day', 0 - :days, :today) AND order_date <= :today
GROUP BY customer_id
HAVING COUNT(*) >= :orders
ORDER BY orders DESC, revenue DESC, customer_id;

-- name: inactive-customers
-- title: Inactive customers
-- description: Customers whose last order is many days ago, most valuable first.
-- section: 4 Customers
-- param: days int = 30
-- param: today date = {{ today }}
SELECT
    customer_id,
    MAX(order_date) AS last_order,
    DATEDIFF('day', MAX(order_date), :today) AS days_since,
    COUNT(*) AS orders,
    SUM(total_amount) AS lifetime_value
FROM {{ production }}.orders
WHERE order_date <= :today
GROUP BY customer_id
HAVING DATEDIFF('day', MAX(order_date), :today) >= :days
ORDER BY lifetime_value DESC, customer_id;

-- name: new-vs-returning
-- title: New and returning customers
-- description: Customers of each month who ordered for the first time, and those who had ordered before.
-- section: 4 Customers
-- param: months int = 12
-- param: today date = {{ today }}
WITH firsts AS (
    SELECT
        customer_id,
        DATE_TRUNC('month', MIN(order_date)) AS first_month
    FROM {{ production }}.orders
    GROUP BY customer_id
)

SELECT
    DATE_TRUNC('month', orders.order_date) AS month_start,
    COUNT(DISTINCT IFF(firsts.first_month = DATE_TRUNC('month', orders.order_date), orders.customer_id, NULL))
        AS new_customers,
    COUNT(DISTINCT IFF(firsts.first_month < DATE_TRUNC('month', orders.order_date), orders.customer_id, NULL))
        AS returning_customers
FROM {{ production }}.orders AS orders
INNER JOIN firsts ON orders.customer_id = firsts.customer_id
WHERE orders.order_date >= DATEADD('month', 1 - :months, DATE_TRUNC('month', :today)) AND orders.order_date <= :today
GROUP BY DATE_TRUNC('month', orders.order_date)
ORDER BY month_start;

-- name: cohorts
-- title: Cohorts
-- description: Customers by the month of their first order, and how many of them ordered again in each month after.
-- section: 4 Customers
-- param: today date = {{ today }}
WITH firsts AS (
    SELECT
        customer_id,
        DATE_TRUNC('month', MIN(order_date)) AS cohort
    FROM {{ production }}.orders
    WHERE order_date <= :today
    GROUP BY customer_id
)

SELECT
    firsts.cohort,
    DATEDIFF('month', firsts.cohort, orders.order_date) AS months_later,
    COUNT(DISTINCT orders.customer_id) AS customers,
    SUM(orders.total_amount) AS revenue
FROM {{ production }}.orders AS orders
INNER JOIN firsts ON orders.customer_id = firsts.customer_id
WHERE orders.order_date <= :today
GROUP BY firsts.cohort, DATEDIFF('month', firsts.cohort, orders.order_date)
ORDER BY firsts.cohort, months_later;

-- name: vip-customers
-- title: VIP customers
-- description: Customers who have spent more than an amount.
-- section: 4 Customers
-- param: amount decimal = 1000
-- param: today date = {{ today }}
SELECT
    customer_id,
    COUNT(*) AS orders,
    SUM(total_amount) AS lifetime_value,
    ROUND(AVG(total_amount), 2) AS average_order,
    MAX(order_date) AS last_order
FROM {{ production }}.orders
WHERE order_date <= :today
GROUP BY customer_id
HAVING SUM(total_amount) > :amount
ORDER BY lifetime_value DESC, customer_id;

-- name: customer-orders
-- title: Orders of a customer
-- description: All orders of one customer up to the day, newest first.
-- section: 4 Customers
-- param: customer int = 1
-- param: today date = {{ today }}
SELECT
    order_timestamp,
    order_id,
    product_name,
    quantity,
    total_amount,
    payment_method,
    sales_channel
FROM {{ production }}.orders
WHERE customer_id = :customer AND order_date <= :today
ORDER BY order_timestamp DESC, order_id;
