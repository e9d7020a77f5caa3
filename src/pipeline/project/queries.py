"""Named queries: a statement of a queries step under comments that name and describe it.

    -- name: daily-revenue
    -- title: Revenue per day
    -- description: Revenue of the last days.
    -- section: Revenue
    -- param: days int = 30
    -- chart: lines day revenue
    SELECT … WHERE day > DATEADD('day', 0 - :days, :today)

A parameter without a default must be given. `:name` inside of literals and comments is text, `content:name` is a path.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.errors import Location, SyntaxProblem, UsageError
from pipeline.project.charts import Chart, read_chart
from pipeline.project.folder import Project
from pipeline.project.model import StepKind
from pipeline.project.params import Param, ParamType, literal_of
from pipeline.project.render import ProjectRenderer
from pipeline.project.rendered import Rendered
from pipeline.project.suggest import did_you_mean, nearest
from pipeline.sql.lexer import TokenKind, literal_value, tokens
from pipeline.sql.problems import Unterminated
from pipeline.sql.splitter import Piece, split

_KEYS = ("name", "title", "description", "section", "param", "chart")
_MARKER = re.compile(r"[ \t]*--[ \t]*(?P<key>[A-Za-z]+)[ \t]*:[ \t]*(?P<value>.*?)[ \t]*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_PARAM = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s+(?P<type>\w+)(?:\s*=\s*(?P<default>.+))?")
_STRING = re.compile(r"'(?:[^'\\]|''|\\.)*'", re.DOTALL)
_SIMILAR = 0.75
"""How like a marker's key a word must be to be taken for a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Query:
    """A named query; `sql` holds its parameters as `:name`."""

    name: str
    title: str
    description: str
    section: str
    params: tuple[Param, ...]
    sql: str
    at: Location
    script: Rendered
    line: int
    """Where the statement begins in the rendered script."""
    chart: Chart | None = None

    def location(self, line: int) -> Location:
        """Where line `line`, from 1, of the statement was written. Binding does not change the lines."""
        return self.script.location(self.line + line - 1)


@dataclass(frozen=True, slots=True)
class _Marker:
    key: str
    value: str
    line: int


def project_queries(project: Project, renderer: ProjectRenderer) -> tuple[Query, ...]:
    """The queries of all queries steps, in their order.

    Raises RenderError or SyntaxProblem, with the template's line, for a script that cannot be read, and for a name
    that is used twice.
    """
    queries: dict[str, Query] = {}
    for step in project.steps:
        if step.kind is StepKind.QUERIES:
            for script in step.scripts:
                for query in read_queries(renderer.script(script)):
                    if query.name in queries:
                        first = queries[query.name].at
                        raise SyntaxProblem(f"a second query is named '{query.name}'; first in {first}", at=query.at)
                    queries[query.name] = query
    return tuple(queries.values())


def read_queries(script: Rendered) -> tuple[Query, ...]:
    """The named queries of a script; statements without a name are left to the deploy. Raises SyntaxProblem."""
    queries = []
    position = 0
    for piece in _pieces(script):
        markers = list(_markers(script, position, piece.start))
        position = piece.end
        if markers:
            queries.append(_query(script, piece, markers))
    for marker in _markers(script, position, len(script.text)):
        raise SyntaxProblem(f"no statement follows '-- {marker.key}:'", at=script.location(marker.line))
    return tuple(queries)


def find_query(queries: tuple[Query, ...], name: str) -> Query:
    """The query of that name. UsageError, with the nearest name, when there is none."""
    for query in queries:
        if query.name == name:
            return query
    hint = did_you_mean(name, (query.name for query in queries), "queries")
    raise UsageError(f"there is no query '{name}'", hint=hint)


def bind(query: Query, values: Mapping[str, str]) -> str:
    """The query's SQL with its parameters as literals. UsageError for a missing, unknown or wrong one."""
    known = {param.name for param in query.params}
    for name in values:
        if name not in known:
            hint = did_you_mean(name, known, "parameters") if known else None
            raise UsageError(f"query '{query.name}' has no parameter '{name}'", hint=hint)
    literals = {param.name: _bound(query, param, values) for param in query.params}
    parts: list[str] = []
    position = 0
    for start, name in _references(query.sql):
        parts += query.sql[position:start], literals[name]
        position = start + len(name) + 1
    return "".join(parts) + query.sql[position:]


def _bound(query: Query, param: Param, values: Mapping[str, str]) -> str:
    text = values.get(param.name, param.default)
    if text is None:
        hint = f"--param {param.name}=… ({param.type})"
        raise UsageError(f"query '{query.name}' needs the parameter '{param.name}'", hint=hint)
    try:
        return literal_of(param.type, text)
    except ValueError as error:
        raise UsageError(f"parameter '{param.name}' must be {error}, not '{text}'") from error


def _pieces(script: Rendered) -> tuple[Piece, ...]:
    try:
        return split(script.text)
    except Unterminated as error:
        line = script.text.count("\n", 0, error.offset) + 1
        raise SyntaxProblem(error.message, at=script.location(line), hint=error.hint) from error


def _markers(script: Rendered, start: int, end: int) -> Iterator[_Marker]:
    """The markers among the comments of a gap between statements; comments of other kinds are passed over."""
    first = script.text.count("\n", 0, start) + 1
    found = []
    for offset, line in enumerate(script.text[start:end].split("\n")):
        match = _MARKER.fullmatch(line)
        if match is not None:
            found.append(_Marker(match["key"], match["value"], first + offset))
    names = any(marker.key == "name" for marker in found)
    for marker in found:
        if marker.key in _KEYS:
            yield marker
        elif names and (near := nearest(marker.key, _KEYS, _SIMILAR)):
            at = script.location(marker.line)
            raise SyntaxProblem(f"unknown marker '-- {marker.key}:'", at=at, hint=f"did you mean '-- {near}:'?")


def _query(script: Rendered, piece: Piece, markers: list[_Marker]) -> Query:
    texts: dict[str, str] = {}
    params: dict[str, Param] = {}
    for marker in markers:
        at = script.location(marker.line)
        if marker.key == "param":
            param = _param(marker.value, at)
            if param.name in params:
                raise SyntaxProblem(f"a second parameter is named '{param.name}'", at=at)
            params[param.name] = param
        elif marker.key in texts:
            raise SyntaxProblem(f"a second '-- {marker.key}:' above one statement", at=at)
        else:
            texts[marker.key] = marker.value
    name, place = _name(script, texts, markers)
    _check_end(script, piece)
    _check_references(script, piece, params, place)
    title, section = texts.get("title", name), texts.get("section", "")
    description = texts.get("description", "")
    chart = _chart(script, texts, markers)
    return Query(
        name, title, description, section, tuple(params.values()), piece.text, place, script, piece.line, chart
    )


def _name(script: Rendered, texts: Mapping[str, str], markers: list[_Marker]) -> tuple[str, Location]:
    if "name" not in texts:
        at = script.location(markers[0].line)
        raise SyntaxProblem(f"'-- {markers[0].key}:' without '-- name:'", at=at, hint="name the query first")
    at = next(script.location(marker.line) for marker in markers if marker.key == "name")
    if not _NAME.fullmatch(texts["name"]):
        raise SyntaxProblem("a query's name must be letters, digits, - and _", at=at, hint="such as 'daily-revenue'")
    return texts["name"], at


def _chart(script: Rendered, texts: Mapping[str, str], markers: list[_Marker]) -> Chart | None:
    if "chart" not in texts:
        return None
    try:
        return read_chart(texts["chart"])
    except ValueError as error:
        at = next(script.location(marker.line) for marker in markers if marker.key == "chart")
        raise SyntaxProblem(str(error), at=at, hint="such as '-- chart: lines day revenue'") from error


def _param(text: str, at: Location) -> Param:
    match = _PARAM.fullmatch(text)
    if match is None:
        message = "a parameter is written NAME TYPE, or NAME TYPE = DEFAULT"
        raise SyntaxProblem(message, at=at, hint="such as '-- param: days int = 30'")
    types = [kind.value for kind in ParamType]
    if match["type"] not in types:
        hint = did_you_mean(match["type"], types, "types")
        raise SyntaxProblem(f"unknown type '{match['type']}' of a parameter", at=at, hint=hint)
    kind = ParamType(match["type"])
    default = match["default"]
    if default is not None:
        default = literal_value(default) if _STRING.fullmatch(default) else default
        try:
            literal_of(kind, default)
        except ValueError as error:
            raise SyntaxProblem(f"the default of '{match['name']}' must be {error}", at=at) from error
    return Param(match["name"], kind, default)


def _check_end(script: Rendered, piece: Piece) -> None:
    """A name inside of a statement is the next query's: the semicolon before it is missing."""
    position = 0
    for token in tokens(piece.text):
        gap = piece.text[position : token.start]
        for offset, line in enumerate(gap.split("\n")):
            match = _MARKER.fullmatch(line)
            if match is not None and match["key"] == "name":
                at = script.location(piece.line + piece.text.count("\n", 0, position) + offset)
                raise SyntaxProblem("'-- name:' stands inside of a statement", at=at, hint="a ';' is missing before it")
        position = token.end


def _check_references(script: Rendered, piece: Piece, params: Mapping[str, Param], at: Location) -> None:
    used = set()
    for start, name in _references(piece.text):
        if name not in params:
            line = script.location(piece.line + piece.text.count("\n", 0, start))
            hint = did_you_mean(name, params, "parameters") or f"declare it: -- param: {name} int"
            raise SyntaxProblem(f"unknown parameter ':{name}'", at=line, hint=hint)
        used.add(name)
    for name in params:
        if name not in used:
            raise SyntaxProblem(f"the statement does not use the parameter '{name}'", at=at)


def _references(sql: str) -> Iterator[tuple[int, str]]:
    """Offset and name of each `:name` that is no path of a value, as in `content:name`."""
    for token in tokens(sql):
        if token.kind is TokenKind.BIND and not _follows_value(sql, token.start):
            yield token.start, token.text[1:]


def _follows_value(sql: str, offset: int) -> bool:
    before = sql[offset - 1] if offset else " "
    return before.isalnum() or before in "_$\"])'"
