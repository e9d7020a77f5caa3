"""The account's tasks and streams, read with SHOW, by column name.

Source: docs.snowflake.com/en/sql-reference/sql/show-tasks, show-streams.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from pipeline.plan.graphs import LiveTask
from pipeline.sql.names import QualifiedName, quote_literal, render
from pipeline.targets.session import Session


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """A task as SHOW TASKS has it."""

    live: LiveTask
    id: str
    schedule: str | None
    condition: str | None
    warehouse: str | None
    comment: str | None

    @property
    def name(self) -> QualifiedName:
        return self.live.name


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """A stream as SHOW STREAMS has it; `mode` is DEFAULT, APPEND_ONLY or INSERT_ONLY."""

    name: QualifiedName
    source: str | None
    mode: str
    stale: bool
    stale_after: datetime | None
    sources: frozenset[QualifiedName] = frozenset()
    """What it reads: its table or view, and the tables below a view."""


def read_tasks(session: Session, database: str) -> tuple[TaskInfo, ...]:
    """All tasks of a database; none when the database is not there."""
    outcome = session.run_if_exists(f"SHOW TASKS IN DATABASE {render(database)}")
    return () if outcome is None else tuple(_task(record) for record in outcome.records())


def read_streams(session: Session, database: str | None = None) -> tuple[StreamInfo, ...]:
    """All streams of a database, of the account without one; none when the database is not there."""
    where = "ACCOUNT" if database is None else f"DATABASE {render(database)}"
    outcome = session.run_if_exists(f"SHOW STREAMS IN {where}")
    return () if outcome is None else tuple(_stream(record) for record in outcome.records())


def _task(record: dict[str, object]) -> TaskInfo:
    predecessors = json.loads(_text(record["predecessors"]) or "[]")
    relations = json.loads(_text(record["task_relations"]) or "{}")
    finalized = relations.get("FinalizedRootTask")
    live = LiveTask(
        name=_name(record),
        started=_text(record["state"]) == "started",
        predecessors=tuple(shown_name(each, *_container(record)) for each in predecessors),
        finalizes=None if finalized is None else shown_name(finalized, *_container(record)),
        ever_ran=record["last_committed_on"] is not None,
    )
    return TaskInfo(
        live=live,
        id=str(record["id"]),
        schedule=_text(record["schedule"]),
        condition=_text(record["condition"]),
        warehouse=_text(record["warehouse"]),
        comment=_text(record["comment"]),
    )


def _stream(record: dict[str, object]) -> StreamInfo:
    stale_after = record["stale_after"]
    return StreamInfo(
        name=_name(record),
        source=_text(record["table_name"]),
        mode=_text(record["mode"]) or "DEFAULT",
        stale=record["stale"] in (True, "true", "TRUE"),
        stale_after=stale_after if isinstance(stale_after, datetime) else None,
        sources=_sources(record),
    )


_GONE = "No privilege or table dropped"
"""What SHOW STREAMS has for a source that is not there."""


def _sources(record: dict[str, object]) -> frozenset[QualifiedName]:
    """table_name and base_tables; a source that was dropped has neither, and a name of its own is none."""
    texts = [_text(record["table_name"]), *(_text(record["base_tables"]) or "").split(",")]
    return frozenset(
        shown_name(text.strip(), *_container(record)) for text in texts if text and text.strip() and text != _GONE
    )


def shown_name(text: str, database: str, schema: str) -> QualifiedName:
    """A name as SHOW gives it: quoted as SQL has it, or the stored names as they are, joined by dots.

    Only stored names are shown, so that what is not quoted is not folded either. Where dots in names leave a choice,
    it is an object of the given schema, of which one is shown.
    """
    if '"' in text:
        return QualifiedName.parse(text).within(database, schema)
    own = f"{database}.{schema}."
    if text.startswith(own):
        return QualifiedName.of(database, schema, text[len(own) :])
    return QualifiedName.of(*text.split(".", 2)).within(database, schema)


def _name(record: dict[str, object]) -> QualifiedName:
    return QualifiedName.of(*_container(record), str(record["name"]))


def _container(record: dict[str, object]) -> tuple[str, str]:
    return str(record["database_name"]), str(record["schema_name"])


def _text(value: object) -> str | None:
    """SHOW gives empty text where there is nothing, or NULL; both are None here."""
    return str(value) if value not in (None, "") else None


def has_data(session: Session, stream: QualifiedName) -> bool:
    """Whether the stream has rows to read; may be true of a stream whose changes cancel each other."""
    return session.run(f"SELECT SYSTEM$STREAM_HAS_DATA({quote_literal(str(stream))})").value() in (True, "true")
