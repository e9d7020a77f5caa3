"""COPY INTO, both ways. Source: docs.snowflake.com/en/sql-reference/sql/copy-into-table, copy-into-location."""

from dataclasses import dataclass

from pipeline.sql.grammar.model import Fragment, Options, Statement
from pipeline.sql.grammar.stages import StageRef
from pipeline.sql.names import QualifiedName


@dataclass(frozen=True, slots=True)
class CopyTransformation:
    """FROM (SELECT items FROM @stage [(options)] [alias]).

    `items` are the projections' texts with their aliases removed; `rest` is the text after the stage and alias
    (WHERE, ORDER BY… which Snowflake refuses), None when there is nothing.
    """

    query: Fragment
    items: tuple[Fragment, ...]
    distinct: bool
    alias: str | None
    stage_options: Options
    rest: Fragment | None


@dataclass(frozen=True, slots=True)
class CopyIntoTable(Statement):
    """COPY INTO table [(columns)] FROM stage | (SELECT …) options.

    `stage` is None for an external location, whose address is in `url`. FILES, PATTERN, FILE_FORMAT, ON_ERROR… are
    in `options` (FILE_FORMAT an OPTIONS value, or a string naming a format).
    """

    table: QualifiedName
    columns: tuple[str, ...]
    stage: StageRef | None
    url: str | None
    transformation: CopyTransformation | None
    options: Options


@dataclass(frozen=True, slots=True)
class CopyIntoLocation(Statement):
    """COPY INTO @stage/path FROM table | (query) [PARTITION BY (expr)] options; one of `table`, `query` is there."""

    stage: StageRef | None
    url: str | None
    table: QualifiedName | None
    query: Fragment | None
    partition_by: Fragment | None
    options: Options


@dataclass(frozen=True, slots=True)
class CopyFiles(Statement):
    """COPY FILES INTO @stage FROM @stage options."""

    target: StageRef
    source: StageRef
    options: Options
