"""The tables of Les Caves d'Albert against their truth, on whatever account they are."""

from typing import Protocol

from truths.caves import CavesTruth


class Asked(Protocol):
    """What answers: rows of a statement, rows of a named query with its defaults."""

    def rows(self, sql: str) -> list[tuple[object, ...]]: ...

    def query(self, name: str) -> list[tuple[object, ...]]: ...


def check_tables(account: Asked, truth: CavesTruth) -> None:
    """Every table of STAGING and PRODUCTION against the truth, value by value."""
    orders = account.rows(
        "SELECT order_id, order_timestamp, customer_id, product_id, product_name, product_category, quantity,"
        " unit_price, discount, total_amount, payment_method, sales_channel, shipping_address, order_date"
        " FROM production.orders ORDER BY order_id"
    )
    assert orders == [
        (
            row.order_id,
            row.time,
            row.customer_id,
            row.product_id,
            row.product_name,
            row.product_category,
            row.quantity,
            row.unit_price,
            row.discount,
            row.total_amount,
            row.payment_method,
            row.sales_channel,
            row.shipping_address,
            row.time.date(),
        )
        for _, row in sorted(truth.orders.items())
    ]
    check_stock(account, truth)
    assert account.query("layers-in-balance") == [
        (truth.loaded, truth.staged_orders, truth.staged_adjustments, len(truth.rejected), truth.other_types, 0)
    ]


def check_stock(account: Asked, truth: CavesTruth) -> None:
    """INVENTORY_HISTORY with its archive, and INVENTORY_CURRENT, against the truth."""
    history = account.rows(
        "SELECT adjustment_id, adjustment_timestamp, product_id, adjustment_type, quantity_change, new_stock_level,"
        " reason, warehouse_location FROM production.inventory_history ORDER BY adjustment_id"
    )
    archived = {row[0] for row in account.rows("SELECT adjustment_id FROM production.inventory_history_archive")}
    assert history == [
        (
            row.adjustment_id,
            row.time,
            row.product_id,
            row.adjustment_type,
            row.quantity_change,
            level,
            row.reason,
            row.warehouse_location,
        )
        for _, (row, level) in sorted(truth.history.items())
        if row.adjustment_id not in archived
    ]
    assert len(history) + len(archived) == len(truth.history)
    stock = account.rows(
        "SELECT product_id, product_name, product_category, current_stock_level, last_adjustment_timestamp,"
        " warehouse_location FROM production.inventory_current ORDER BY product_id"
    )
    assert stock == [
        (row.product_id, row.product_name, row.product_category, row.level, row.last_adjustment, row.warehouse_location)
        for _, row in sorted(truth.stock.items())
    ]
