"""Checks of quality as SQL: one row of whole numbers for each table, so that all of them make one statement."""

from dataclasses import dataclass, replace

from pipeline.project.quality import (
    AcceptedValues,
    Balance,
    Condition,
    Constant,
    Count,
    CustomSql,
    Freshness,
    NotNull,
    Quality,
    Range,
    Relationship,
    Rule,
    TableChecks,
    Unique,
)
from pipeline.sql.names import quote_literal

Declared = TableChecks | Balance | CustomSql

_REFERENCED = "pipeline_referenced"
"""Columns that are joined for relationships; no table is likely to have one of that name."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Numbers that one SELECT without a FROM of its own gives: `columns` are expressions over `source`."""

    of: Declared
    columns: tuple[str, ...]
    source: str


def probes(quality: Quality) -> tuple[Probe, ...]:
    """One for each table, balance and query that is declared."""
    tables = (_table_probe(table) for table in quality.tables)
    balances = (_balance_probe(balance) for balance in quality.balances)
    queries = (Probe(query, ("COUNT(*)",), f"FROM ({query.sql}\n)") for query in quality.queries)
    return (*tables, *balances, *queries)


def apart(probe: Probe) -> tuple[Probe, ...]:
    """A probe of each check of a table; of a balance or query there is only the one."""
    if not isinstance(probe.of, TableChecks):
        return (probe,)
    return tuple(_table_probe(replace(probe.of, checks=(check,))) for check in probe.of.checks)


def statement(several: tuple[Probe, ...]) -> str:
    """All the probes in one: a row each, its number in the first column, padded with NULL to one width."""
    width = max(len(probe.columns) for probe in several)
    selects = []
    for number, probe in enumerate(several):
        columns = (str(number), *probe.columns, *["NULL"] * (width - len(probe.columns)))
        named = ", ".join(f"{column} AS n{position}" for position, column in enumerate(columns))
        selects.append(f"SELECT {named} {probe.source}".rstrip())
    return "\nUNION ALL\n".join(selects)


def offending(table: TableChecks, rule: Rule, limit: int) -> str | None:
    """The rows that break the rule; None for a rule that no single row breaks."""
    if isinstance(rule, Freshness):
        return None
    columns = _shown(table, rule)
    if isinstance(rule, Unique):
        filled = _all_filled(rule)
        where = f"WHERE {filled}" if table.where is None else f"WHERE ({table.where}\n) AND {filled}"
        keys = ", ".join(rule.columns)
        return (
            f"SELECT {columns} FROM {table.table} {where}"
            f" QUALIFY COUNT(*) OVER (PARTITION BY {keys}) > 1 ORDER BY {keys} LIMIT {limit}"
        )
    broken, join = _broken(rule, 0)
    chosen = broken if table.where is None else f"({table.where}\n) AND ({broken})"
    return f"SELECT {columns} FROM {table.table} AS checked{join} WHERE {chosen} LIMIT {limit}"


def _table_probe(table: TableChecks) -> Probe:
    columns, joins = ["COUNT(*)"], ""
    for number, check in enumerate(table.checks):
        match check.rule:
            case Unique(columns=keys) as rule:
                filled = f"COALESCE(COUNT_IF({_all_filled(rule)}), 0)"
                columns.append(f"{filled} - COUNT(DISTINCT {', '.join(keys)})")
            case Freshness(column=column):
                columns.append(f"DATEDIFF('second', MAX({column})::TIMESTAMP_LTZ, CURRENT_TIMESTAMP())")
            case rule:
                broken, join = _broken(rule, number)
                columns.append(f"COALESCE(COUNT_IF({broken}), 0)")  # NULL when there is no row
                joins += join
    where = "" if table.where is None else f" WHERE {table.where}"
    return Probe(table, tuple(columns), f"FROM {table.table} AS checked{joins}{where}")


def _balance_probe(balance: Balance) -> Probe:
    waiting = (f"IFF(SYSTEM$STREAM_HAS_DATA({quote_literal(stream)}), 1, 0)" for stream in balance.while_empty)
    return Probe(balance, (*(_count(count) for count in (balance.total, *balance.parts)), *waiting), "")


def _count(count: Count) -> str:
    if count.sql is not None:
        return f"({count.sql}\n)"
    where = "" if count.where is None else f" WHERE {count.where}\n"
    return f"(SELECT COUNT(*) FROM {count.table}{where})"


def _broken(rule: NotNull | AcceptedValues | Range | Relationship | Condition, number: int) -> tuple[str, str]:
    """The condition that a row breaks the rule, and the join that it needs."""
    match rule:
        case NotNull(column):
            return f"{column} IS NULL", ""
        case AcceptedValues(column, values):
            return f"{column} NOT IN ({', '.join(map(_literal, values))})", ""
        case Range(column, least, most):
            bounds = [] if least is None else [f"{column} < {_literal(least)}"]
            bounds += [] if most is None else [f"{column} > {_literal(most)}"]
            return " OR ".join(bounds), ""
        case Relationship(column, table, field):
            name = f"{_REFERENCED}_{number}"
            # DISTINCT, so that the join gives each row once
            join = f" LEFT JOIN (SELECT DISTINCT {field} AS {name} FROM {table}) ON {column} = {name}"
            return f"{column} IS NOT NULL AND {name} IS NULL", join
        case Condition(text):
            return f"NOT ({text}\n)", ""  # the text may end in a comment


def _all_filled(rule: Unique) -> str:
    return " AND ".join(f"{column} IS NOT NULL" for column in rule.columns)


def _shown(table: TableChecks, rule: Rule) -> str:
    """The key and what the rule is about; the whole row where no key is declared or the rule names no column."""
    match rule:
        case Unique(columns):
            about = columns
        case NotNull(column) | AcceptedValues(column) | Range(column) | Relationship(column) | Freshness(column):
            about = (column,)
        case Condition():
            about = ()
    if not table.key or not about:
        return "checked.*" if not isinstance(rule, Unique) else "*"
    return ", ".join(dict.fromkeys((*table.key, *about)))


def _literal(value: Constant) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return quote_literal(value) if isinstance(value, str) else str(value)
