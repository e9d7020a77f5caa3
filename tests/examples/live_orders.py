"""The order events on an account in memory whose clock is moved by hand."""

from pathlib import Path

from examples.live_project import LiveProject, is_json
from pipeline.sql.names import quote_literal
from truths.orders import OrdersTruth, orders_truth

ROOT = Path(__file__).parents[2]


class LiveOrders(LiveProject):
    """The project deployed, its tasks resumed."""

    def __init__(self) -> None:
        super().__init__(ROOT, "order_events.analytics", ("merge_orders_events",))
        self.files: list[tuple[str, list[str]]] = []

    def send(self, *lines: str) -> None:
        """A file of these lines arrives in the raw layer, as COPY INTO would load it."""
        file = f"file_{len(self.files)}.jsonl"
        rows = [(line, number) for number, line in enumerate(lines, 1) if is_json(line)]
        values = ", ".join(f"({quote_literal(line)}, {number})" for line, number in rows)
        self.client.run(
            "INSERT INTO raw.orders_events_raw (content, source_file, source_row, loaded_at)"
            f" SELECT PARSE_JSON(column1), '{file}', column2, CURRENT_TIMESTAMP() FROM VALUES {values}"
        )
        self.files.append((file, list(lines)))

    def truth(self) -> OrdersTruth:
        """What the tables must hold after all that was sent."""
        return orders_truth(self.files)
