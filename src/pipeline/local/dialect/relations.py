"""What a query reads, and who knows it: the seam between the dialect and the account."""

from dataclasses import dataclass
from typing import Protocol

from sqlglot import exp

from pipeline.sql.types import DataType, Kind


@dataclass(frozen=True, slots=True)
class RelationColumn:
    """A visible column. `hidden` columns answer to their name but are not part of `*` (METADATA$FILENAME)."""

    name: str
    type: DataType
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows to read: `sql` is a DuckDB SELECT giving exactly `columns`, by their names, in their order."""

    sql: str
    columns: tuple[RelationColumn, ...]


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: a DuckDB expression and its Snowflake type."""

    sql: str
    type: DataType


@dataclass(frozen=True, slots=True)
class Settings:
    """The session parameters that change what a text means; part of the key under which a translation is kept."""

    timestamp_type_mapping: Kind = Kind.TIMESTAMP_NTZ
    week_start: int = 0
    """0 and 1: Monday; 2 to 7: Tuesday to Sunday (docs.snowflake.com/en/sql-reference/parameters#week-start)."""
    week_of_year_policy: int = 0
    date_output_format: str = "YYYY-MM-DD"
    time_output_format: str = "HH24:MI:SS"
    timestamp_ntz_output_format: str = "YYYY-MM-DD HH24:MI:SS.FF3"
    timestamp_ltz_output_format: str = "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM"
    timestamp_tz_output_format: str = "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM"


class Resolver(Protocol):
    """What the dialect asks of the account. Every method raises SnowflakeError where the name is not known."""

    @property
    def settings(self) -> Settings: ...

    def table(self, parts: tuple[str, ...], node: exp.Table) -> Relation:
        """A table, view, stream or INFORMATION_SCHEMA view; `parts` are stored names, the object's own last.

        `node.args` keeps `when` (AT, BEFORE) and `changes` (CHANGES) for time travel.
        """
        ...

    def function(self, parts: tuple[str, ...], node: exp.Expression) -> Relation:
        """TABLE(name(…)); `node.expressions` are the arguments, named ones as `exp.Kwarg`.

        GENERATOR, FLATTEN and SPLIT_TO_TABLE never come here.
        """
        ...

    def stage(self, node: exp.Table) -> Relation:
        """`@stage/path (FILE_FORMAT => …, PATTERN => …)`: columns $1, $2… and the hidden METADATA$ columns."""
        ...

    def variable(self, name: str) -> exp.Expression:
        """The literal that `$name` stands for; `name` is folded."""
        ...

    def binding(self, name: str) -> DataType:
        """The type of a bound value: '1', '2'… for `?` in order, else the folded name of `:name`.

        The value itself is asked for at execution, as the marker `b_<name>`.
        """
        ...

    def scalar(self, parts: tuple[str, ...], node: exp.Expression, arguments: tuple[Scalar, ...]) -> Scalar | None:
        """A function that only the account can answer (SYSTEM$…, LAST_QUERY_ID, a user's own); None if unknown."""
        ...
