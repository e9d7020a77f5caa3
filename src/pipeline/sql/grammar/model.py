"""What all statements are made of: names, fragments of text, options, and the statements that stay text."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pipeline.sql.names import QualifiedName


@dataclass(frozen=True, slots=True)
class Statement:
    """Base of every statement that `parse` gives."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of the statement's text, kept as written; `offset` is its place in the text given to `parse`.

    For a literal ($$…$$ or '…') the text is the literal's value and the offset that of its first character.
    """

    text: str
    offset: int


class CreateMode(Enum):
    """How CREATE meets an object that exists."""

    NEW = "CREATE"
    OR_REPLACE = "CREATE OR REPLACE"
    OR_ALTER = "CREATE OR ALTER"
    IF_NOT_EXISTS = "CREATE … IF NOT EXISTS"


class ObjectKind(Enum):
    """Kinds of objects, by Snowflake's words."""

    ACCOUNT = "ACCOUNT"
    AGGREGATION_POLICY = "AGGREGATION POLICY"
    ALERT = "ALERT"
    API_INTEGRATION = "API INTEGRATION"
    AUTHENTICATION_POLICY = "AUTHENTICATION POLICY"
    CATALOG_INTEGRATION = "CATALOG INTEGRATION"
    COLUMN = "COLUMN"
    COMPUTE_POOL = "COMPUTE POOL"
    DATABASE = "DATABASE"
    DATABASE_ROLE = "DATABASE ROLE"
    DYNAMIC_TABLE = "DYNAMIC TABLE"
    EVENT_TABLE = "EVENT TABLE"
    EXTERNAL_ACCESS_INTEGRATION = "EXTERNAL ACCESS INTEGRATION"
    EXTERNAL_TABLE = "EXTERNAL TABLE"
    EXTERNAL_VOLUME = "EXTERNAL VOLUME"
    FILE_FORMAT = "FILE FORMAT"
    FUNCTION = "FUNCTION"
    GIT_REPOSITORY = "GIT REPOSITORY"
    ICEBERG_TABLE = "ICEBERG TABLE"
    IMAGE_REPOSITORY = "IMAGE REPOSITORY"
    INTEGRATION = "INTEGRATION"
    MASKING_POLICY = "MASKING POLICY"
    MATERIALIZED_VIEW = "MATERIALIZED VIEW"
    NETWORK_POLICY = "NETWORK POLICY"
    NETWORK_RULE = "NETWORK RULE"
    NOTEBOOK = "NOTEBOOK"
    NOTIFICATION_INTEGRATION = "NOTIFICATION INTEGRATION"
    PASSWORD_POLICY = "PASSWORD POLICY"
    PIPE = "PIPE"
    PROCEDURE = "PROCEDURE"
    PROJECTION_POLICY = "PROJECTION POLICY"
    RESOURCE_MONITOR = "RESOURCE MONITOR"
    ROLE = "ROLE"
    ROW_ACCESS_POLICY = "ROW ACCESS POLICY"
    SCHEMA = "SCHEMA"
    SECRET = "SECRET"
    SECURITY_INTEGRATION = "SECURITY INTEGRATION"
    SEMANTIC_VIEW = "SEMANTIC VIEW"
    SEQUENCE = "SEQUENCE"
    SERVICE = "SERVICE"
    SESSION_POLICY = "SESSION POLICY"
    SHARE = "SHARE"
    STAGE = "STAGE"
    STORAGE_INTEGRATION = "STORAGE INTEGRATION"
    STREAM = "STREAM"
    STREAMLIT = "STREAMLIT"
    TABLE = "TABLE"
    TAG = "TAG"
    TASK = "TASK"
    USER = "USER"
    VIEW = "VIEW"
    WAREHOUSE = "WAREHOUSE"


class ValueKind(Enum):
    """What an option's value was written as."""

    WORD = "word"
    """One unquoted word: TRUE, XSMALL, AUTO; `text` is as written."""
    NAME = "name"
    """A dotted or quoted name; `text` is as written, `Value.name()` reads it (a WORD can be read so too)."""
    STRING = "string"
    """'…' or $$…$$; `text` is the value, escapes resolved."""
    NUMBER = "number"
    """A number with its sign; `text` is as written."""
    LIST = "list"
    """(a, b, …); `items` holds the values."""
    OPTIONS = "options"
    """(A = 1 B = 2 …); `options` holds them."""
    VARIABLE = "variable"
    """$name, :name or ?; `text` is as written."""
    EXPRESSION = "expression"
    """Anything else, up to the end of the clause; `text` is as written."""


@dataclass(frozen=True, slots=True)
class Value:
    """The value of an option."""

    kind: ValueKind
    text: str
    offset: int
    items: "tuple[Value, ...]" = ()
    options: "Options | None" = None

    @property
    def word(self) -> str:
        """The text in upper case, for comparison with keywords, whether it was quoted or not."""
        return self.text.upper()

    def name(self) -> QualifiedName:
        """The value as an object's name; a string holds a name's SQL text, as 'db.schema.fmt' does."""
        return QualifiedName.parse(self.text)


@dataclass(frozen=True, slots=True)
class Option:
    """NAME = value; the name in upper case."""

    name: str
    value: Value
    offset: int


@dataclass(frozen=True, slots=True)
class Options:
    """Options in the order written; a name occurs once."""

    items: tuple[Option, ...] = ()

    def __iter__(self) -> Iterator[Option]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(option.name for option in self.items)

    def get(self, name: str) -> Value | None:
        """The value of an option, or None when it was not written."""
        return next((option.value for option in self.items if option.name == name), None)

    def text(self, name: str) -> str | None:
        """The text of an option's value, or None when it was not written."""
        value = self.get(name)
        return None if value is None else value.text

    def without(self, *names: str) -> "Options":
        """These options less the named ones."""
        return Options(tuple(option for option in self.items if option.name not in names))


class TravelTo(Enum):
    """AT includes the point, BEFORE stops short of it."""

    AT = "AT"
    BEFORE = "BEFORE"


class TravelBy(Enum):
    """What names the point of a time travel."""

    TIMESTAMP = "TIMESTAMP"
    OFFSET = "OFFSET"
    STATEMENT = "STATEMENT"
    STREAM = "STREAM"


@dataclass(frozen=True, slots=True)
class TimeTravel:
    """AT | BEFORE ( TIMESTAMP | OFFSET | STATEMENT | STREAM => expression )."""

    to: TravelTo
    by: TravelBy
    expression: Fragment


@dataclass(frozen=True, slots=True)
class Clone:
    """CLONE source [AT | BEFORE (…)]; `words` holds what follows: COPY GRANTS…."""

    source: QualifiedName
    at: TimeTravel | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RenameTo:
    """ALTER … RENAME TO name."""

    name: QualifiedName


@dataclass(frozen=True, slots=True)
class SwapWith:
    """ALTER … SWAP WITH name."""

    name: QualifiedName


@dataclass(frozen=True, slots=True)
class SetOptions:
    """ALTER … SET A = 1 [,] B = 2."""

    options: Options


@dataclass(frozen=True, slots=True)
class UnsetOptions:
    """ALTER … UNSET a, b; names in upper case."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suspend:
    """ALTER … SUSPEND."""


@dataclass(frozen=True, slots=True)
class Resume:
    """ALTER … RESUME [IF SUSPENDED]."""

    if_suspended: bool = False


@dataclass(frozen=True, slots=True)
class RecordedAction:
    """An ALTER action that changes no rows and no behaviour here: tags, policies, contacts, clustering services."""

    text: str


@dataclass(frozen=True, slots=True)
class Query(Statement):
    """A query: SELECT, WITH, VALUES, (…)."""

    text: str


@dataclass(frozen=True, slots=True)
class Flow(Statement):
    """A chain of statements `a ->> b`: each reads the results of those before it as $1 (the last), $2…"""

    text: str
    parts: tuple[Fragment, ...]


class DmlKind(Enum):
    """The statement that a DML is."""

    INSERT = "INSERT"
    MULTI_INSERT = "INSERT ALL"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    MERGE = "MERGE"


@dataclass(frozen=True, slots=True)
class Dml(Statement):
    """A statement that changes rows; `target` is the (first) table written, where it could be read.

    `overwrite` is INSERT OVERWRITE.
    """

    kind: DmlKind
    text: str
    target: QualifiedName | None = None
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Block(Statement):
    """An anonymous scripting block: [DECLARE …] BEGIN … END."""

    text: str


@dataclass(frozen=True, slots=True)
class Unsupported(Statement):
    """A statement that this grammar does not know; `words` are its leading keywords, in upper case."""

    words: str
    text: str
