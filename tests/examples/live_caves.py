"""Les Caves d'Albert on an account in memory whose clock is moved by hand."""

from pathlib import Path

from examples.live_project import LiveProject, is_json
from pipeline.sql.names import quote_literal
from truths.caves import CavesTruth, caves_truth

ROOT = Path(__file__).parents[2] / "examples" / "caves_albert"
GRAPHS = ("task_raw_to_staging_orders", "task_raw_to_staging_inventory", "task_raw_to_rejected", "task_retention")


class LiveCaves(LiveProject):
    """The project deployed, its tasks resumed."""

    def __init__(self) -> None:
        super().__init__(ROOT, "caves_albert_db.staging", GRAPHS)

    def send(self, *lines: str) -> None:
        """Events arrive in the raw layer, as the consumer would write them; what is no JSON never gets there."""
        if not lines:
            return
        first = len(self.lines)
        values = ", ".join(
            f"({quote_literal(line)}, {first + index})" for index, line in enumerate(lines) if is_json(line)
        )
        self.client.run(
            "INSERT INTO raw_data.raw_events_stream (event_id, event_type, event_metadata, event_content,"
            " ingestion_timestamp)"
            " SELECT NVL(event:order_line_id, event:event_id)::VARCHAR, event:event_type::VARCHAR,"
            " OBJECT_CONSTRUCT('topic', 'sales_events', 'partition', 0, 'offset', place), event, CURRENT_TIMESTAMP()"
            f" FROM (SELECT PARSE_JSON(column1) AS event, column2 AS place FROM VALUES {values})"
        )
        self.lines += lines

    def truth(self) -> CavesTruth:
        """What the tables must hold after all that was sent."""
        return caves_truth([("topic", self.lines)])
