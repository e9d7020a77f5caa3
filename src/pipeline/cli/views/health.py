"""The verdict on the pipeline and what it rests on."""

from rich.console import Console

from pipeline.cli.views.table import draw
from pipeline.commands.health import Health, Level

_MARKS = {Level.OK: "✓", Level.WARNING: "!", Level.FAILURE: "✗"}
_VERDICTS = {Level.OK: "healthy", Level.WARNING: "healthy, with warnings", Level.FAILURE: "unhealthy"}


def view(health: Health, console: Console) -> None:
    """A line per finding, with what to do about it, and the verdict."""
    draw(
        console,
        ("", "check", "finding"),
        (
            (_MARKS[check.level], check.what, check.detail + (f" – {check.hint}" if check.hint else ""))
            for check in health.checks
        ),
    )
    console.print(f"\n{health.environment} is {_VERDICTS[health.level]}.", soft_wrap=True)


def document(health: Health) -> dict[str, object]:
    """The findings as JSON."""
    return {
        "environment": health.environment,
        "verdict": health.level,
        "checks": health.checks,
        "tables": [{"table": table.table, "rows": table.rows} for table in health.tables],
        "last_load": health.last_load,
        "latency_seconds": health.latency_seconds,
    }
