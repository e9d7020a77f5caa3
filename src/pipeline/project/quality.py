"""Data quality as a project declares it in quality/*.yaml; docs/quality.md explains each key."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from pipeline.errors import Location
from pipeline.project.declared import Declaration, Fields, declaration_files, read_declarations
from pipeline.project.folder import Project
from pipeline.project.render import ProjectRenderer

FOLDER = "quality"
"""Where a project keeps its checks."""

Constant: TypeAlias = str | int | Decimal | bool


class Severity(StrEnum):
    """What a check that does not hold means."""

    ERROR = "error"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class NotNull:
    """The column has a value in every row."""

    column: str


@dataclass(frozen=True, slots=True)
class Unique:
    """No two rows have the same values; rows with a NULL among them are left out, as UNIQUE has it in SQL."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AcceptedValues:
    """The column has one of the values, or is NULL."""

    column: str
    values: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The column lies between the two, which belong to the range, or is NULL; None: no bound on that side."""

    column: str
    least: Constant | None
    most: Constant | None


@dataclass(frozen=True, slots=True)
class Relationship:
    """Each value of the column is found in `field` of another table, or is NULL."""

    column: str
    table: str
    field: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """The greatest time of the column is not older than `within`; a time without zone is UTC."""

    column: str
    within: timedelta


@dataclass(frozen=True, slots=True)
class Condition:
    """The SQL condition is not false in any row."""

    text: str


Rule: TypeAlias = NotNull | Unique | AcceptedValues | Range | Relationship | Freshness | Condition


@dataclass(frozen=True, slots=True)
class TableCheck:
    """A rule that a table's rows keep."""

    name: str
    severity: Severity
    at: Location
    rule: Rule


@dataclass(frozen=True, slots=True)
class TableChecks:
    """The rules of one table. `where` chooses rows, `key` are the columns that identify a row to people."""

    table: str
    where: str | None
    key: tuple[str, ...]
    checks: tuple[TableCheck, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows: those of a table that meet a condition, or what a query with one number says."""

    label: str
    table: str | None
    where: str | None
    sql: str | None


@dataclass(frozen=True, slots=True)
class Balance:
    """As many rows on one side as on the other. It holds only while these streams are empty."""

    name: str
    severity: Severity
    at: Location
    total: Count
    parts: tuple[Count, ...]
    while_empty: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomSql:
    """A query whose rows are the ones that must not be."""

    name: str
    severity: Severity
    at: Location
    sql: str


@dataclass(frozen=True, slots=True)
class Quality:
    """All that a project declares."""

    tables: tuple[TableChecks, ...]
    balances: tuple[Balance, ...]
    queries: tuple[CustomSql, ...]


_RULES = ("not_null", "unique", "accepted_values", "range", "relationships", "freshness", "condition")


def read_quality(project: Project, renderer: ProjectRenderer) -> Quality:
    """The checks of all files in quality/. Raises ConfigError or RenderError with file:line."""
    tables: list[TableChecks] = []
    balances: list[Balance] = []
    queries: list[CustomSql] = []
    for file in read_declarations(declaration_files(project.root / FOLDER), renderer):
        fields = file.fields("tables", "balances", "sql")
        tables += [_table(item) for item in _items(fields, "tables")]
        balances += [_balance(item) for item in _items(fields, "balances")]
        queries += [_custom(item) for item in _items(fields, "sql")]
    return Quality(tuple(tables), tuple(balances), tuple(queries))


def _items(fields: Fields, key: str) -> tuple[Declaration, ...]:
    found = fields.get(key)
    return () if found is None else found.items()


def _table(declaration: Declaration) -> TableChecks:
    declaration.what = "an entry of 'tables'"
    fields = declaration.fields("table", "where", "key", "severity", "checks")
    table = fields.required("table").text()
    severity = _severity(fields, Severity.ERROR)
    key = fields.get("key")
    checks = [
        check for item in fields.required("checks").items() for check in _table_checks(item, _short(table), severity)
    ]
    return TableChecks(table, fields.text("where"), () if key is None else key.texts(), tuple(checks))


def _short(table: str) -> str:
    """The name without the database, for people."""
    return ".".join(table.lower().split(".")[-2:])


def _table_checks(declaration: Declaration, table: str, default: Severity) -> list[TableCheck]:
    """One check, or for `not_null` one for each column."""
    declaration.what = "a check"
    fields = declaration.fields("name", "severity", *_RULES)
    severity = _severity(fields, default)
    kind, value = fields.one_of(_RULES)
    if kind == "not_null":
        rules: list[tuple[Location, Rule]] = [(item.at, NotNull(item.text())) for item in value.items()]
    else:
        rules = [(declaration.at, _rule(kind, value))]
    name = fields.text("name")
    return [TableCheck(name or f"{table}: {words_of(rule)}", severity, at, rule) for at, rule in rules]


def _rule(kind: str, value: Declaration) -> Rule:
    match kind:
        case "unique":
            return Unique(value.texts())
        case "accepted_values":
            fields = value.fields("column", "values")
            allowed = fields.required("values").items()
            return AcceptedValues(fields.required("column").text(), tuple(item.scalar() for item in allowed))
        case "range":
            return _range(value)
        case "relationships":
            fields = value.fields("column", "table", "field")
            column, table = fields.required("column").text(), fields.required("table").text()
            return Relationship(column, table, fields.text("field") or column)
        case "freshness":
            fields = value.fields("column", "within")
            return Freshness(fields.required("column").text(), fields.required("within").duration())
        case _:
            return Condition(value.text())


def _range(value: Declaration) -> Range:
    fields = value.fields("column", "min", "max")
    least, most = fields.get("min"), fields.get("max")
    if least is None and most is None:
        raise value.error("a range needs 'min' or 'max'")
    return Range(
        fields.required("column").text(),
        None if least is None else least.scalar(),
        None if most is None else most.scalar(),
    )


def words_of(rule: Rule) -> str:
    """The rule in words."""
    match rule:
        case NotNull(column):
            return f"{column} is not null"
        case Unique(columns):
            return f"{', '.join(columns)} {'is' if len(columns) == 1 else 'are'} unique"
        case AcceptedValues(column, values):
            return f"{column} is one of {', '.join(map(str, values))}"
        case Range(column, least, None):
            return f"{column} is at least {least}"
        case Range(column, None, most):
            return f"{column} is at most {most}"
        case Range(column, least, most):
            return f"{column} is between {least} and {most}"
        case Relationship(column, table, field):
            return f"{column} is found in {_short(table)}.{field}"
        case Freshness(column, within):
            return f"{column} is newer than {within}"
        case Condition(text):
            return " ".join(text.split())


def _balance(declaration: Declaration) -> Balance:
    declaration.what = "a balance"
    fields = declaration.fields("name", "severity", "rows", "equal", "while_empty")
    streams = fields.get("while_empty")
    return Balance(
        name=fields.required("name").text(),
        severity=_severity(fields, Severity.ERROR),
        at=declaration.at,
        total=_count(fields.required("rows")),
        parts=tuple(_count(item) for item in fields.required("equal").items()),
        while_empty=() if streams is None else streams.texts(),
    )


def _count(declaration: Declaration) -> Count:
    declaration.what = "a number of rows"
    fields = declaration.fields("label", "table", "where", "sql")
    kind, value = fields.one_of(("table", "sql"))
    text, where = value.text(), fields.text("where")
    if kind == "table":
        return Count(fields.text("label") or _short(text), text, where, None)
    if where is not None:
        raise declaration.error("'where' goes with 'table'; write the condition into the query")
    return Count(fields.required("label").text(), None, None, text.removesuffix(";"))


def _custom(declaration: Declaration) -> CustomSql:
    declaration.what = "an entry of 'sql'"
    fields = declaration.fields("name", "severity", "query")
    query = fields.required("query").text().removesuffix(";")
    return CustomSql(fields.required("name").text(), _severity(fields, Severity.ERROR), declaration.at, query)


def _severity(fields: Fields, default: Severity) -> Severity:
    found = fields.get("severity")
    return default if found is None else found.choice(Severity)
