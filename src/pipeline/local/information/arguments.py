"""The arguments of table functions: constants, by name or by place."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlglot import exp

from pipeline.local import queries
from pipeline.local.errors import SnowflakeError, compilation
from pipeline.local.resolver import SessionResolver
from pipeline.local.session import Session

MOST_ROWS = 10_000


class Arguments:
    """What a table function was called with; names in upper case, a name that was not given has no value."""

    def __init__(self, session: Session, function: str, values: Mapping[str, object]) -> None:
        self.session = session
        self.function = function
        self.values = values

    @classmethod
    def read(
        cls, session: Session, function: str, names: Sequence[str], node: exp.Expression, resolver: SessionResolver
    ) -> "Arguments":
        """Evaluate the arguments of a call; those without a name come in the order of `names`.

        Raises:
            SnowflakeError: an unknown name, too many arguments, or an argument that is not a constant.
        """
        found: dict[str, object] = {}
        for place, each in enumerate(node.expressions):
            if isinstance(each, exp.Kwarg):
                name, value = str(each.this.name).upper(), each.expression
            elif place < len(names):
                name, value = names[place], each
            else:
                raise compilation(
                    f"too many arguments for function [{function}] expected {len(names)}, got {len(node.expressions)}",
                    939,
                    "22023",
                )
            if name not in names:
                raise compilation(f"Invalid argument name '{name}' for function '{function}'.", 1006, "42601")
            found[name] = _evaluate(session, value, resolver)
        return cls(session, function, {name: value for name, value in found.items() if value is not None})

    def text(self, name: str) -> str | None:
        value = self.values.get(name)
        return None if value is None else str(value)

    def required(self, name: str) -> str:
        """Raises SnowflakeError 001044 when it was not given."""
        value = self.text(name)
        if value is None:
            raise compilation(f"Required argument '{name}' is missing for function '{self.function}'.", 1044, "42P13")
        return value

    def moment(self, name: str) -> datetime | None:
        """A date or timestamp; without a zone it is in the session's.

        Raises:
            SnowflakeError: 100035, a text that is no timestamp.
        """
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            value = _parsed(value)
        elif not isinstance(value, datetime):
            if not isinstance(value, date):
                raise compilation(f"invalid value [{value}] for parameter '{name}'", 1008, "22023")
            value = datetime(value.year, value.month, value.day)
        if value.tzinfo is None:
            value = value.replace(tzinfo=ZoneInfo(self.session.parameters.text("TIMEZONE")))
        return value.astimezone(UTC)

    def limit(self, default: int) -> int:
        """RESULT_LIMIT, 1 to 10,000.

        Raises:
            SnowflakeError: it is out of range.
        """
        text = str(self.values.get("RESULT_LIMIT", default))
        if not text.lstrip("-").isdigit():
            raise compilation(f"invalid value [{text}] for parameter 'RESULT_LIMIT'", 1008, "22023")
        if int(text) > MOST_ROWS:
            raise SnowflakeError(
                "Value for parameter RESULT_LIMIT exceeds maximum allowable value (10,000).", 1008, "22023"
            )
        if int(text) < 1:
            raise SnowflakeError("Value for parameter RESULT_LIMIT is less than 1.", 1008, "22023")
        return int(text)


def _evaluate(session: Session, node: exp.Expression, resolver: SessionResolver) -> object:
    answer = queries.select(session, f"SELECT {node.sql(dialect='snowflake')}", resolver.bindings)
    return answer.rows[0][0]


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise SnowflakeError(f"Timestamp '{text}' is not recognized", 100035, "22007") from None
