"""ORDER BY keys: NULLs are the greatest values; a VARIANT sorts by its value, not by its text."""

from sqlglot import exp

from pipeline.local.dialect.typed import Typed
from pipeline.local.errors import unsupported
from pipeline.sql.types import Kind


def order_keys(value: Typed, ordered: exp.Expression) -> list[str]:
    """DuckDB's keys for one `expr [ASC|DESC] [NULLS FIRST|LAST]`."""
    if not isinstance(ordered, exp.Ordered):
        raise unsupported(f"ORDER BY {ordered.sql()}")
    direction = "DESC" if ordered.args.get("desc") else "ASC"
    nulls = "FIRST" if ordered.args.get("nulls_first") else "LAST"
    return [f"{key} {direction} NULLS {nulls}" for key in sort_values(value)]


def sort_values(value: Typed) -> list[str]:
    """What to sort by so that DuckDB's order is Snowflake's."""
    match value.kind:
        case Kind.VARIANT:
            return [f"sf_variant_number({value.sql})", f"({value.sql} ->> '$')"]
        case Kind.TIMESTAMP_TZ:
            return [f"({value.sql}).utc"]
        case Kind.ARRAY | Kind.OBJECT:
            raise unsupported(f"ORDER BY on {value.type}")
        case _:
            return [value.sql]


def partition_key(value: Typed) -> str:
    """What tells partitions apart: the instant of a TIMESTAMP_TZ, the value of a VARIANT."""
    match value.kind:
        case Kind.TIMESTAMP_TZ:
            return f"({value.sql}).utc"
        case Kind.VARIANT:
            return f"sf_variant_key({value.sql})"
        case _:
            return value.sql
