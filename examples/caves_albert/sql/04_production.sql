-- Gold: what the shop and its warehouses look like now, and how the stock came to be.

CREATE OR ALTER TABLE {{ database }}.{{ production_schema }}.orders (
    order_id VARCHAR NOT NULL PRIMARY KEY,
    order_date DATE NOT NULL COMMENT 'UTC day of order_timestamp',
    order_timestamp TIMESTAMP_NTZ NOT NULL COMMENT 'Event time of the version that is shown',
    customer_id INT NOT NULL,
    product_id INT NOT NULL,
    product_name VARCHAR,
    product_category VARCHAR,
    quantity INT NOT NULL,
    unit_price NUMBER(10, 2) NOT NULL,
    discount NUMBER(10, 2) NOT NULL,
    total_amount NUMBER(10, 2) NOT NULL,
    payment_method VARCHAR,
    sales_channel VARCHAR,
    shipping_address VARCHAR,
    created_at TIMESTAMP_NTZ NOT NULL COMMENT 'When the order was first written here',
    updated_at TIMESTAMP_NTZ NOT NULL COMMENT 'When a later version was last written here'
)
CLUSTER BY (order_date)
COMMENT = 'Gold: each order once, in its latest version';

CREATE OR ALTER TABLE {{ database }}.{{ production_schema }}.inventory_history (
    adjustment_id VARCHAR NOT NULL PRIMARY KEY,
    adjustment_date DATE NOT NULL,
    adjustment_timestamp TIMESTAMP_NTZ NOT NULL,
    product_id INT NOT NULL,
    product_name VARCHAR,
    product_category VARCHAR,
    adjustment_type VARCHAR NOT NULL,
    quantity_change INT NOT NULL,
    new_stock_level INT NOT NULL COMMENT 'Sum of the changes of the product up to this one, in order of event time',
    reason VARCHAR,
    warehouse_location VARCHAR,
    created_at TIMESTAMP_NTZ NOT NULL
)
COMMENT = 'Gold: each adjustment of the stock once, with the level after it';

CREATE OR ALTER TABLE {{ database }}.{{ production_schema }}.inventory_history_archive (
    adjustment_id VARCHAR NOT NULL PRIMARY KEY,
    adjustment_date DATE NOT NULL,
    adjustment_timestamp TIMESTAMP_NTZ NOT NULL,
    product_id INT NOT NULL,
    product_name VARCHAR,
    product_category VARCHAR,
    adjustment_type VARCHAR NOT NULL,
    quantity_change INT NOT NULL,
    new_stock_level INT NOT NULL COMMENT 'As it was when the row moved here',
    reason VARCHAR,
    warehouse_location VARCHAR,
    created_at TIMESTAMP_NTZ NOT NULL,
    archived_at TIMESTAMP_NTZ NOT NULL
)
COMMENT = 'Adjustments older than {{ history_days }} days; they still count in the levels';

CREATE OR ALTER TABLE {{ database }}.{{ production_schema }}.inventory_current (
    product_id INT NOT NULL PRIMARY KEY,
    product_name VARCHAR,
    product_category VARCHAR,
    current_stock_level INT NOT NULL,
    last_adjustment_timestamp TIMESTAMP_NTZ NOT NULL,
    warehouse_location VARCHAR,
    updated_at TIMESTAMP_NTZ NOT NULL
)
CLUSTER BY (product_category, product_id)
COMMENT = 'Gold: each product once, with its stock now';
