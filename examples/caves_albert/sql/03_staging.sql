-- Silver: valid events with their types, repeats still included. Every TIMESTAMP_NTZ is in UTC.

CREATE OR ALTER TABLE {{ database }}.{{ staging_schema }}.stg_orders (
    order_id VARCHAR NOT NULL,
    event_type VARCHAR NOT NULL,
    event_timestamp TIMESTAMP_NTZ NOT NULL,
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
    bottle_size_l NUMBER(5, 3),
    shipping_address VARCHAR,
    ingestion_timestamp TIMESTAMP_NTZ
)
COMMENT = 'Silver: valid orders as they arrived';

CREATE OR ALTER TABLE {{ database }}.{{ staging_schema }}.stg_inventory_adjustments (
    adjustment_id VARCHAR NOT NULL,
    event_type VARCHAR NOT NULL,
    event_timestamp TIMESTAMP_NTZ NOT NULL,
    product_id INT NOT NULL,
    product_name VARCHAR,
    product_category VARCHAR,
    adjustment_type VARCHAR NOT NULL,
    quantity_change INT NOT NULL,
    new_stock_level INT COMMENT 'Unknown here: the events carry no level, the history works it out',
    reason VARCHAR,
    warehouse_location VARCHAR,
    ingestion_timestamp TIMESTAMP_NTZ
)
COMMENT = 'Silver: valid adjustments of the stock as they arrived';

CREATE OR ALTER TABLE {{ database }}.{{ staging_schema }}.rejected_events (
    event_id VARCHAR,
    event_type VARCHAR,
    reject_reason VARCHAR NOT NULL,
    event_metadata OBJECT,
    event_content VARIANT,
    ingestion_timestamp TIMESTAMP_NTZ,
    rejected_at TIMESTAMP_NTZ
)
COMMENT = 'Events of a known type, or of none, that are not as they must be, with the reason';
