"""The transformation of Les Caves d'Albert in DuckDB's own SQL, as one who knows DuckDB would write it.

The rules are the project's: the same events are taken, with the same checks of each field's JSON type. There are no
versions, streams or task history: a batch is known by its number.
"""

from functools import partial
from pathlib import Path

import duckdb

from benchmarks.local.measure import Stopwatch

TABLES = """
CREATE TABLE raw (content JSON, ingested TIMESTAMPTZ, batch INTEGER);
CREATE TABLE stg_orders (order_id VARCHAR, event_timestamp TIMESTAMP, customer_id BIGINT, product_id BIGINT,
    product_name VARCHAR, product_category VARCHAR, quantity BIGINT, unit_price DECIMAL(10, 2),
    discount DECIMAL(10, 2), total_amount DECIMAL(10, 2), payment_method VARCHAR, sales_channel VARCHAR,
    bottle_size_l DECIMAL(5, 3), shipping_address VARCHAR, ingested TIMESTAMP, batch INTEGER);
CREATE TABLE stg_adjustments (adjustment_id VARCHAR, event_timestamp TIMESTAMP, product_id BIGINT,
    product_name VARCHAR, product_category VARCHAR, adjustment_type VARCHAR, quantity_change BIGINT, reason VARCHAR,
    warehouse_location VARCHAR, ingested TIMESTAMP, batch INTEGER);
CREATE TABLE orders (order_id VARCHAR, order_date DATE, order_timestamp TIMESTAMP, customer_id BIGINT,
    product_id BIGINT, product_name VARCHAR, product_category VARCHAR, quantity BIGINT, unit_price DECIMAL(10, 2),
    discount DECIMAL(10, 2), total_amount DECIMAL(10, 2), payment_method VARCHAR, sales_channel VARCHAR,
    shipping_address VARCHAR, created_at TIMESTAMP, updated_at TIMESTAMP);
CREATE TABLE history (adjustment_id VARCHAR, adjustment_date DATE, adjustment_timestamp TIMESTAMP, product_id BIGINT,
    product_name VARCHAR, product_category VARCHAR, adjustment_type VARCHAR, quantity_change BIGINT,
    new_stock_level BIGINT, reason VARCHAR, warehouse_location VARCHAR, created_at TIMESTAMP);
CREATE TABLE current_stock (product_id BIGINT, product_name VARCHAR, product_category VARCHAR, level BIGINT,
    last_adjustment TIMESTAMP, warehouse_location VARCHAR, updated_at TIMESTAMP);
"""

_FIELDS = {
    "event_type": "VARCHAR",
    "order_line_id": "VARCHAR",
    "event_id": "VARCHAR",
    "customer_id": "BIGINT",
    "product_id": "BIGINT",
    "product_name": "VARCHAR",
    "category": "VARCHAR",
    "quantity": "BIGINT",
    "unit_price": "DECIMAL(10, 2)",
    "discount": "DECIMAL(10, 2)",
    "total_price": "DECIMAL(10, 2)",
    "bottle_size_l": "DECIMAL(5, 3)",
    "payment_method": "VARCHAR",
    "sales_channel": "VARCHAR",
    "shipping_address": "VARCHAR",
    "adjustment_type": "VARCHAR",
    "quantity_change": "BIGINT",
    "reason": "VARCHAR",
    "warehouse_location": "VARCHAR",
    "event_ts": "VARCHAR",
}
_JSON_TYPES = {"VARCHAR": "('VARCHAR')", "BIGINT": "('UBIGINT', 'BIGINT')"}
_NUMBERS = "('UBIGINT', 'BIGINT', 'DOUBLE')"
_TIME = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?"


def _typed() -> str:
    paths = ", ".join(f"'$.{name}'" for name in _FIELDS)
    columns = []
    for place, (name, kind) in enumerate(_FIELDS.items(), 1):
        value = f"p[{place}]" if kind == "VARCHAR" else f"TRY_CAST(p[{place}] AS {kind})"
        columns.append(f"CASE WHEN k[{place}] IN {_JSON_TYPES.get(kind, _NUMBERS)} THEN {value} END AS {name}")
    return f"""
SELECT *, CASE WHEN regexp_full_match(event_ts, '{_TIME}') THEN
       TRY_CAST(event_ts || CASE WHEN regexp_matches(event_ts, '(Z|[+-]\\d{{2}}:\\d{{2}})$') THEN '' ELSE 'Z' END
                AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END AS event_timestamp
FROM (SELECT ingested AT TIME ZONE 'UTC' AS ingested, {", ".join(columns)}
      FROM (SELECT json_extract_string(content, [{paths}]) AS p, json_type(content, [{paths}]) AS k, ingested
            FROM raw WHERE batch = {{batch}}))
"""


# Materialized, for otherwise each condition of the filter extracts the whole event once more: six times as slow.
STAGE_ORDERS = f"""
INSERT INTO stg_orders
WITH events AS MATERIALIZED ({_typed()})
SELECT order_line_id, event_timestamp, customer_id, product_id, product_name, category, quantity, unit_price,
       discount, total_price, payment_method, sales_channel, bottle_size_l, shipping_address, ingested, {{batch}}
FROM events
WHERE event_type = 'ORDER_CREATED' AND product_id IS NOT NULL AND event_timestamp IS NOT NULL AND order_line_id <> ''
  AND customer_id IS NOT NULL AND quantity > 0 AND unit_price IS NOT NULL AND discount IS NOT NULL
  AND total_price IS NOT NULL
"""

MERGE_ORDERS = """
MERGE INTO orders AS t USING (
    SELECT * FROM stg_orders WHERE batch = {batch}
    QUALIFY row_number() OVER (
        PARTITION BY order_id ORDER BY event_timestamp DESC, ingested, total_amount DESC, quantity DESC) = 1
) AS s ON t.order_id = s.order_id
WHEN MATCHED AND s.event_timestamp > t.order_timestamp THEN UPDATE SET
    order_date = s.event_timestamp::DATE, order_timestamp = s.event_timestamp, customer_id = s.customer_id,
    product_id = s.product_id, product_name = s.product_name, product_category = s.product_category,
    quantity = s.quantity, unit_price = s.unit_price, discount = s.discount, total_amount = s.total_amount,
    payment_method = s.payment_method, sales_channel = s.sales_channel, shipping_address = s.shipping_address,
    updated_at = now() AT TIME ZONE 'UTC'
WHEN NOT MATCHED THEN INSERT VALUES (
    s.order_id, s.event_timestamp::DATE, s.event_timestamp, s.customer_id, s.product_id, s.product_name,
    s.product_category, s.quantity, s.unit_price, s.discount, s.total_amount, s.payment_method, s.sales_channel,
    s.shipping_address, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
"""

STAGE_ADJUSTMENTS = f"""
INSERT INTO stg_adjustments
WITH events AS MATERIALIZED ({_typed()})
SELECT event_id, event_timestamp, product_id, product_name, category, adjustment_type, quantity_change, reason,
       warehouse_location, ingested, {{batch}}
FROM events
WHERE event_type = 'INVENTORY_ADJUSTED' AND product_id IS NOT NULL AND event_timestamp IS NOT NULL AND event_id <> ''
  AND adjustment_type <> '' AND quantity_change IS NOT NULL
"""

MERGE_HISTORY = """
MERGE INTO history AS t USING (
    WITH fresh AS (
        SELECT * FROM stg_adjustments AS s
        WHERE batch = {batch} AND NOT EXISTS (FROM history AS h WHERE h.adjustment_id = s.adjustment_id)
        QUALIFY row_number() OVER (PARTITION BY adjustment_id ORDER BY ingested, event_timestamp) = 1),
    starts AS (SELECT product_id, min(event_timestamp) AS since FROM fresh GROUP BY product_id),
    opening AS (
        SELECT h.product_id, sum(h.quantity_change) AS level
        FROM history AS h JOIN starts USING (product_id) WHERE h.adjustment_timestamp < since GROUP BY h.product_id),
    affected AS (
        SELECT h.adjustment_id, h.adjustment_timestamp, h.product_id, h.quantity_change
        FROM history AS h JOIN starts USING (product_id) WHERE h.adjustment_timestamp >= since
        UNION ALL SELECT adjustment_id, event_timestamp, product_id, quantity_change FROM fresh),
    levels AS (
        SELECT a.adjustment_id, coalesce(o.level, 0) + sum(a.quantity_change) OVER (
                   PARTITION BY a.product_id ORDER BY a.adjustment_timestamp, a.adjustment_id
                   ROWS UNBOUNDED PRECEDING) AS level
        FROM affected AS a LEFT JOIN opening AS o USING (product_id))
    SELECT l.adjustment_id, l.level, f.adjustment_id IS NOT NULL AS is_fresh, f.* EXCLUDE (adjustment_id)
    FROM levels AS l LEFT JOIN fresh AS f USING (adjustment_id)
) AS s ON t.adjustment_id = s.adjustment_id
WHEN MATCHED AND t.new_stock_level <> s.level THEN UPDATE SET new_stock_level = s.level
WHEN NOT MATCHED AND s.is_fresh THEN INSERT VALUES (
    s.adjustment_id, s.event_timestamp::DATE, s.event_timestamp, s.product_id, s.product_name, s.product_category,
    s.adjustment_type, s.quantity_change, s.level, s.reason, s.warehouse_location, now() AT TIME ZONE 'UTC')
"""

MERGE_STOCK = """
MERGE INTO current_stock AS t USING (
    SELECT product_id, product_name, product_category, sum(quantity_change) OVER (PARTITION BY product_id) AS level,
           adjustment_timestamp, warehouse_location
    FROM history WHERE product_id IN (SELECT product_id FROM stg_adjustments WHERE batch = {batch})
    QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY adjustment_timestamp DESC, adjustment_id DESC) = 1
) AS s ON t.product_id = s.product_id
WHEN MATCHED THEN UPDATE SET product_name = s.product_name, product_category = s.product_category, level = s.level,
    last_adjustment = s.adjustment_timestamp, warehouse_location = s.warehouse_location,
    updated_at = now() AT TIME ZONE 'UTC'
WHEN NOT MATCHED THEN INSERT VALUES (s.product_id, s.product_name, s.product_category, s.level,
    s.adjustment_timestamp, s.warehouse_location, now() AT TIME ZONE 'UTC')
"""

STEPS = {
    "orders to staging": STAGE_ORDERS,
    "orders to production": MERGE_ORDERS,
    "adjustments to staging": STAGE_ADJUSTMENTS,
    "adjustments to history": MERGE_HISTORY,
    "stock now": MERGE_STOCK,
}


_AT = "TIMESTAMP '2025-01-01' + to_seconds(3 * n)"
_SOURCE = "FROM range({rows}) AS r(n)"
FILL = (
    f"INSERT INTO raw SELECT json_object('number', n), '2025-01-01'::TIMESTAMPTZ, -1 {_SOURCE}",
    "INSERT INTO stg_orders (order_id, event_timestamp, customer_id, product_id, quantity, unit_price, discount,"
    f" total_amount, batch) SELECT md5(n::VARCHAR), {_AT}, 1, 1000 + n % 50, 1, 10, 0, 10, -1 {_SOURCE}",
    "INSERT INTO stg_adjustments (adjustment_id, event_timestamp, product_id, adjustment_type, quantity_change, batch)"
    f" SELECT md5(n::VARCHAR), {_AT}, 1000 + n % 50, 'CORRECTION', 1, -1 {_SOURCE}",
    "INSERT INTO orders (order_id, order_date, order_timestamp, customer_id, product_id, quantity, unit_price,"
    " discount, total_amount, created_at, updated_at)"
    f" SELECT md5(n::VARCHAR), ({_AT})::DATE, {_AT}, 1, 1000 + n % 50, 1, 10, 0, 10, {_AT}, {_AT} {_SOURCE}",
    "INSERT INTO history (adjustment_id, adjustment_date, adjustment_timestamp, product_id, adjustment_type,"
    " quantity_change, new_stock_level, created_at)"
    f" SELECT md5(n::VARCHAR), ({_AT})::DATE, {_AT}, 1000 + n % 50, 'CORRECTION', 1, n // 50 + 1, {_AT} {_SOURCE}",
)
"""One adjustment by one of each product in turn, so the level is known."""


def database(folder: Path) -> duckdb.DuckDBPyConnection:
    """A new file database with the tables."""
    connection = duckdb.connect(str(folder / "hand.duckdb"))
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(TABLES)
    return connection


def load(connection: duckdb.DuckDBPyConnection, file: Path, batch: int) -> None:
    """The events of a file in the raw layer."""
    source = f"read_json_objects('{file}', format='newline_delimited')"
    connection.execute(f"INSERT INTO raw SELECT json, now(), {batch} FROM {source}")


def fill(connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Rows of last year in every table but the stock, as batch -1."""
    for sql in FILL:
        connection.execute(sql.format(rows=rows))


def transform(connection: duckdb.DuckDBPyConnection, batch: int, watch: Stopwatch) -> None:
    """The five steps of a batch, each timed."""
    for name, sql in STEPS.items():
        watch.time(name, partial(connection.execute, sql.replace("{batch}", str(batch))))


DIGESTS = (
    "SELECT count(*), sum(quantity), sum(total_amount), max(order_timestamp) FROM orders",
    "SELECT count(*), sum(quantity_change), sum(new_stock_level), max(adjustment_timestamp) FROM history",
    "SELECT count(*), sum(level), sum(level * product_id), max(last_adjustment) FROM current_stock",
)


def digests(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What the tables of PRODUCTION hold, to compare."""
    return [" | ".join(map(str, connection.execute(sql).fetchall()[0])) for sql in DIGESTS]
