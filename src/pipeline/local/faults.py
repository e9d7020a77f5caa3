"""Errors of DuckDB and sqlglot as Snowflake's: each class by its meaning, each known text by its own number.

`MAPPED` names every class; a test proves that none is missing.
"""

import re
from collections.abc import Callable

import duckdb
import sqlglot.errors

from pipeline.errors import SyntaxProblem
from pipeline.local.dialect import functions
from pipeline.local.errors import SnowflakeError, compilation, syntax_error, unsupported
from pipeline.local.internal import internal_fault
from pipeline.sql.problems import DuplicateProperty, InvalidProperty, TextProblem, Unexpected


def from_duckdb(error: duckdb.Error, statement: str = "") -> SnowflakeError:
    """What an error of DuckDB means in Snowflake; `statement` is the text that met it."""
    raised = functions.raised(str(error))
    if raised is not None:
        return raised
    if isinstance(error, duckdb.BinderException) and (ungrouped := _UNGROUPED.search(str(error))) is not None:
        return _not_grouped(ungrouped[1], statement)
    if isinstance(error, duckdb.BinderException | duckdb.ParserException):
        for pattern, message, errno in _MISPLACED:
            if re.search(pattern, str(error)) is not None:
                return compilation(message, errno, "42000" if errno == 1003 else "42601")
    return next(_BY_CLASS[kind](str(error), error) for kind in type(error).__mro__ if kind in _BY_CLASS)


def from_text(problem: SyntaxProblem) -> SnowflakeError:
    """What a problem of the grammar means in Snowflake."""
    if isinstance(problem, Unexpected):
        return syntax_error(problem.found, problem.line, problem.position)
    if isinstance(problem, DuplicateProperty):
        return compilation(f"duplicate property '{problem.property}';", 1427, "42601", problem.line, problem.position)
    if isinstance(problem, InvalidProperty):
        return compilation(problem.message, 1420, "22023", problem.line, problem.position)
    if isinstance(problem, TextProblem):
        return compilation(problem.message, 1003, "42000", problem.line, problem.position)
    return compilation(problem.message, 1003, "42000")


_OUTSIDE = "Window function appears outside of SELECT, QUALIFY, and ORDER BY clauses."
_MISPLACED = (
    (r"WHERE clause cannot contain aggregates", "Invalid aggregate function in where clause.", 2035),
    (r"GROUP BY clause cannot contain aggregates", "An aggregate function is not a valid group by expression.", 979),
    (r"(WHERE|GROUP BY) clause cannot contain window functions", _OUTSIDE, 2303),
    (r"HAVING clause cannot contain window functions", "A window function is not a valid group by expression.", 979),
    (r"aggregate function calls cannot be nested", "Aggregate functions cannot be nested.", 2303),
    (r"cannot contain window function calls", "Window function may not appear inside an aggregate function.", 2303),
    (r"not allowed in window definitions|window functions? calls? cannot be nested", _OUTSIDE, 2303),
    (r"at least one window function must appear", "found QUALIFY clause but no window function.", 2303),
    (r"Frame (starting from|start|end) .*cannot", "Invalid window frame.", 2303),
    (r"SELECT clause without selection list", "syntax error: SELECT has no expressions.", 1003),
)
"""What users write wrong and only DuckDB notices; it has no class of its own for it."""
_UNGROUPED = re.compile(r'column "?(.+?)"? must appear in the GROUP BY clause')


def _not_grouped(column: str, statement: str) -> SnowflakeError:
    """Snowflake's number depends on whether the query has a GROUP BY."""
    if re.search(r"\bGROUP\s+BY\b", statement, re.IGNORECASE) is None:
        return compilation(f"[{column}] is not a valid group by expression", 979, "42601")
    return compilation(
        f"'{column}' in select clause is neither an aggregate nor in the group by clause.", 1104, "42601"
    )


def _conversion(text: str, error: BaseException) -> SnowflakeError:
    match = re.search(r"Could not convert string '(.*?)' to (\w+)", text, re.DOTALL)
    if match is not None:
        value, kind = match[1], match[2].upper()
        if kind in ("DATE", "TIMESTAMP", "TIME"):
            return SnowflakeError(f"{kind.capitalize()} '{value}' is not recognized", 100040, "22007")
        if kind in ("BOOL", "BOOLEAN"):
            return SnowflakeError(f"Boolean value '{value}' is not recognized", 100037, "22018")
        return SnowflakeError(f"Numeric value '{value}' is not recognized", 100038, "22018")
    match = re.search(
        r"invalid (?:date|timestamp|time) field format: \"(.*?)\"|(?:date|timestamp|time) .*?\"(.*?)\"", text
    )
    if match is not None and "invalid date field" in text:
        return SnowflakeError(f"Date '{match[1]}' is not recognized", 100040, "22007")
    if match is not None:
        return SnowflakeError(f"Timestamp '{match[1] or match[2]}' is not recognized", 100035, "22007")
    if "out of range" in text or "Could not cast value" in text:
        return _out_of_range(text, error)
    return SnowflakeError(f"Value is not recognized: {_first_line(text)}", 100038, "22018")


def _out_of_range(text: str, error: BaseException) -> SnowflakeError:
    del error
    match = re.search(r"(?<![\w.])(-?\d[\d.]*)", text)
    return SnowflakeError(f"Numeric value '{match[1] if match else ''}' is out of range", 100039, "22003")


def _constraint(text: str, error: BaseException) -> SnowflakeError:
    del error
    match = re.search(r"NOT NULL constraint failed: (?:[\w.$]+\.)?(.+)", text)
    column = match[1].strip().strip('"') if match else "?"
    return SnowflakeError(f"NULL result in a non-nullable column '{column}'", 100072, "22000")


def _memory(text: str, error: BaseException) -> SnowflakeError:
    del error
    return SnowflakeError(
        f"The statement needs more memory than this machine gives: {_first_line(text)}", 300005, "53200"
    )


def _storage(text: str, error: BaseException) -> SnowflakeError:
    del error
    return SnowflakeError(f"The account's file cannot be written or read: {_first_line(text)}", 300006, "58030")


def _interrupted(text: str, error: BaseException) -> SnowflakeError:
    del text, error
    return SnowflakeError("SQL execution canceled", 604, "57014")


def _untranslated(text: str, error: BaseException) -> SnowflakeError:
    """DuckDB refused text that this program made, which is a fault of this program."""
    del text
    return internal_fault(error)


def _input(text: str, error: BaseException) -> SnowflakeError:
    del error
    if "division by zero" in text.lower():
        return SnowflakeError("Division by zero", 100051, "22012")
    if "more than one row" in text.lower():
        return SnowflakeError("Single-row subquery returns more than one row.", 90150, "21000")
    if "JSON" in text:
        return SnowflakeError(f"Error parsing JSON: {_first_line(text)}", 100069, "22P02")
    return SnowflakeError(f"Invalid argument: {_first_line(text)}", 100131, "22023")


def _unsupported(text: str, error: BaseException) -> SnowflakeError:
    del error
    return SnowflakeError(f"{_first_line(text)} (not supported by the local account)", 391900, "0A000")


def _conflict(text: str, error: BaseException) -> SnowflakeError:
    if "Could not write" in text or "Could not sync" in text:
        return _storage(text, error)  # DuckDB's commit wraps what the disk said
    return SnowflakeError(f"The transaction was aborted: {_first_line(text)}", 391902, "25000")


def _first_line(text: str) -> str:
    line = text.split("\n", 1)[0]
    return line.split("Error: ", 1)[-1]


_BY_CLASS: dict[type[BaseException], Callable[[str, BaseException], SnowflakeError]] = {
    duckdb.BinderException: _untranslated,
    duckdb.CatalogException: _untranslated,
    duckdb.ConnectionException: _storage,
    duckdb.ConstraintException: _constraint,
    duckdb.ConversionException: _conversion,
    duckdb.DependencyException: _untranslated,
    duckdb.FatalException: _storage,
    duckdb.HTTPException: _storage,
    duckdb.IOException: _storage,
    duckdb.InternalException: _untranslated,
    duckdb.InterruptException: _interrupted,
    duckdb.InvalidInputException: _input,
    duckdb.InvalidTypeException: _untranslated,
    duckdb.NotImplementedException: _unsupported,
    duckdb.OutOfMemoryException: _memory,
    duckdb.OutOfRangeException: _out_of_range,
    duckdb.ParserException: _untranslated,
    duckdb.PermissionException: _storage,
    duckdb.ResourceInUseException: _storage,
    duckdb.SequenceException: _out_of_range,
    duckdb.SerializationException: _storage,
    duckdb.SyntaxException: _input,  # of a value, such as LIKE's escape: a text's own is a ParserException
    duckdb.TransactionException: _conflict,
    duckdb.TypeMismatchException: _conversion,
    # What DuckDB has no class of its own for in Python comes as one of PEP 249's.
    duckdb.DataError: _conversion,
    duckdb.DatabaseError: _untranslated,
    duckdb.Error: _untranslated,
    duckdb.IntegrityError: _constraint,
    duckdb.InternalError: _untranslated,
    duckdb.NotSupportedError: _unsupported,
    duckdb.OperationalError: _storage,
    duckdb.ProgrammingError: _untranslated,
}


def _unread(error: sqlglot.errors.SqlglotError) -> SnowflakeError:
    return compilation(f"syntax error {_first_line(str(error))}", 1003, "42000")


def _ungenerated(error: sqlglot.errors.SqlglotError) -> SnowflakeError:
    return unsupported(_first_line(str(error)))


_BY_SQLGLOT: dict[type[BaseException], Callable[[sqlglot.errors.SqlglotError], SnowflakeError]] = {
    sqlglot.errors.ParseError: _unread,
    sqlglot.errors.TokenError: _unread,
    sqlglot.errors.UnsupportedError: _ungenerated,
    # The optimizer and the executor are not used: that one of them speaks is a fault of this program.
    sqlglot.errors.OptimizeError: internal_fault,
    sqlglot.errors.SchemaError: internal_fault,
    sqlglot.errors.ExecuteError: internal_fault,
    sqlglot.errors.SqlglotError: internal_fault,
}


def from_sqlglot(error: sqlglot.errors.SqlglotError) -> SnowflakeError:
    """What an error of sqlglot means in Snowflake, where `dialect.parse` has not said it with its place."""
    return next(_BY_SQLGLOT[kind](error) for kind in type(error).__mro__ if kind in _BY_SQLGLOT)


MAPPED = frozenset((*_BY_CLASS, *_BY_SQLGLOT))
