"""What is wrong with a record of a file, and where: COPY counts, reports or raises it as ON_ERROR says.

Texts and positions: docs.snowflake.com/en/sql-reference/sql/copy-into-table and results recorded from live accounts.
"""

from dataclasses import dataclass
from enum import Enum

from pipeline.local.errors import SnowflakeError
from pipeline.sql.types import MAX_VARCHAR_LENGTH

ADVICE = (
    "  If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' or "
    "'CONTINUE' for the ON_ERROR option. For more information on loading options, please run 'info loading_data' in a "
    "SQL client."
)


LONGEST_SHOWN = 1 << 20
"""So many characters of a rejected record are kept."""


class Category(Enum):
    """CATEGORY of VALIDATION_MODE's results."""

    PARSING = "parsing"
    CONVERSION = "conversion"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RowError:
    """One rejected record. Lines, characters and rows count from 1, bytes from 0."""

    message: str
    errno: int
    sqlstate: str
    category: Category
    row: int
    line: int | None
    character: int | None
    column: str | None
    row_line: int
    byte_offset: int | None = None
    record: str | None = None

    def as_failure(self, file: str) -> SnowflakeError:
        """What ABORT_STATEMENT fails with."""
        where = f"  File '{file}', line {self.line}, character {self.character}\n"
        if self.row_line == self.line or self.line is None:
            row = f"  Row {self.row}, column {self.column}\n"
        else:
            row = f"  Row {self.row} starts at line {self.row_line}, column {self.column}\n"
        return SnowflakeError(f"{self.message}\n{where}{row}{ADVICE}", self.errno, self.sqlstate)


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """The table and columns that fields are meant for, as errors name them."""

    table: str
    columns: tuple[str, ...]

    def at(self, index: int) -> str:
        """`"T"["COL":2]` for the column at `index` (from 0); only the number where the table has none."""
        if index < len(self.columns):
            return f'"{self.table}"["{self.columns[index]}":{index + 1}]'
        return f'"{self.table}"[{index + 1}]'


def too_large(size: int) -> tuple[str, int, str]:
    """A value above the largest that VARIANT and VARCHAR hold: message, errno, sqlstate."""
    text = f"Max LOB size ({MAX_VARCHAR_LENGTH}) exceeded, actual size of parsed column is {size}"
    return text, 100082, "22000"
