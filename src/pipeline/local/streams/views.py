"""Changes of a view: its query over the base tables as they were and as they are, row by row.

A row of the view is known by the row ids of the base rows that it was made from, so the query is rewritten to carry
them. Only what Snowflake allows in a tracked view can be: projections, filters, inner joins, UNION ALL.
"""

from dataclasses import dataclass

from sqlglot import exp

from pipeline.local import versions
from pipeline.local.catalog import Object
from pipeline.local.dialect.parse import parse_query
from pipeline.local.dialect.relations import Relation, RelationColumn
from pipeline.local.dialect.translate import translate_query
from pipeline.local.errors import SnowflakeError, compilation, unsupported
from pipeline.local.objects import Kind, ViewSpec
from pipeline.local.resolver import SessionResolver, check_width, table_columns
from pipeline.local.session import Session
from pipeline.local.timetravel import METADATA_COLUMNS
from pipeline.local.versions import Window, column_list
from pipeline.sql.names import quote

ROW_ID = "METADATA$ROW_ID"
_NEW = "+"
"""Marks the row id of a base row that was inserted in the window."""


@dataclass(frozen=True, slots=True)
class RowsAt:
    """Base rows as they were at a version."""

    version: str

    def sql(self, table: int, names: list[str]) -> str:
        rows = versions.rows_at(table, names, self.version, hidden=True)
        return f"SELECT {column_list(names)}, {versions.ROW_ID} AS {quote(ROW_ID)} FROM ({rows})"


@dataclass(frozen=True, slots=True)
class RowsAndAppended:
    """Base rows as they were at the window's start, and those appended in it, whose ids are marked."""

    window: Window

    def sql(self, table: int, names: list[str]) -> str:
        old = RowsAt(self.window.after).sql(table, names)
        new = versions.appended(table, names, self.window)
        marked = f"SELECT {column_list(names)}, '{_NEW}' || {quote(ROW_ID)} FROM ({new})"
        return f"{old} UNION ALL {marked}"


class _CarryingResolver(SessionResolver):
    """Gives tables and nested views with their row ids as a hidden column."""

    rows: RowsAt | RowsAndAppended

    def relation(self, item: Object) -> Relation:
        if item.kind is Kind.VIEW:
            nested = self.within(item)
            return _carrying(nested, item)
        if item.kind is not Kind.TABLE:
            raise _refused(f"a {item.kind.value.lower()} as a source")
        columns = table_columns(item.spec)
        hidden = RelationColumn(ROW_ID, METADATA_COLUMNS[2].type, hidden=True)
        return Relation(self.rows.sql(item.id, [column.name for column in columns]), (*columns, hidden))

    def within(self, item: Object) -> "_CarryingResolver":
        plain = super().within(item)
        return _carrier(plain, self.rows)


def _carrier(resolver: SessionResolver, rows: RowsAt | RowsAndAppended) -> _CarryingResolver:
    carrying = _CarryingResolver(
        resolver.session,
        resolver.bindings,
        dry=resolver.dry,
        database=resolver.database,
        schema=resolver.schema,
        reads=resolver.reads,
    )
    carrying.rows = rows
    return carrying


def changes(resolver: SessionResolver, view: Object, window: Window, *, append_only: bool, initial: bool) -> Relation:
    """What changed in a view in the window, as a stream shows it."""
    spec: ViewSpec = view.spec
    columns = tuple(RelationColumn(column.name, column.type) for column in spec.columns)
    names = [column.name for column in columns]
    inside = resolver.within(view)
    if initial:
        rows = _carrying(_carrier(inside, RowsAt(window.after)), view).sql
        sql = _inserts(names, rows)
    elif append_only:
        rows = _carrying(_carrier(inside, RowsAndAppended(window)), view).sql
        sql = _inserts(names, f"SELECT * FROM ({rows}) WHERE contains({quote(ROW_ID)}, '{_NEW}')")
    else:
        old = _carrying(_carrier(inside, RowsAt(window.after)), view).sql
        new = _carrying(_carrier(inside, RowsAt(window.upto)), view).sql
        sql = _difference(names, old, new)
    return Relation(sql, (*columns, *METADATA_COLUMNS))


def _inserts(names: list[str], rows: str) -> str:
    return (
        f'SELECT {column_list(names)}, \'INSERT\' AS "METADATA$ACTION", FALSE AS "METADATA$ISUPDATE",'
        f" md5({quote(ROW_ID)}) AS {quote(ROW_ID)} FROM ({rows})"
    )


def _difference(names: list[str], old: str, new: str) -> str:
    listed = column_list(names)
    row = quote(ROW_ID)
    differs = " OR ".join(f"n.{quote(name)} IS DISTINCT FROM o.{quote(name)}" for name in names)
    return (
        f"WITH __n AS MATERIALIZED ({new}), __o AS MATERIALIZED ({old}), __c AS MATERIALIZED"
        f" (SELECT coalesce(n.{row}, o.{row}) AS rid, n.{row} IS NOT NULL AS isnew, o.{row} IS NOT NULL AS isold"
        f" FROM __n n FULL JOIN __o o ON n.{row} = o.{row} WHERE n.{row} IS NULL OR o.{row} IS NULL OR {differs})"
        f' SELECT {listed}, \'INSERT\' AS "METADATA$ACTION", c.isold AS "METADATA$ISUPDATE", md5(c.rid) AS {row}'
        f" FROM __n JOIN __c c ON __n.{row} = c.rid WHERE c.isnew"
        f" UNION ALL SELECT {listed}, 'DELETE', c.isnew, md5(c.rid) FROM __o JOIN __c c ON __o.{row} = c.rid"
        f" WHERE c.isold"
    )


def _carrying(resolver: _CarryingResolver, view: Object) -> Relation:
    """The view's rows with the row id of each as the last column."""
    spec: ViewSpec = view.spec
    tree = parse_query(spec.text)
    check(tree)
    _add_ids(tree)
    translated = translate_query(tree, resolver)
    check_width(view, len(translated.columns) - 1)
    resolver.reads.markers |= translated.markers
    columns = tuple(RelationColumn(column.name, column.type) for column in spec.columns)
    hidden = RelationColumn(ROW_ID, METADATA_COLUMNS[2].type, hidden=True)
    listed = column_list([*(column.name for column in columns), ROW_ID])
    return Relation(f"SELECT * FROM ({translated.sql}) AS __view({listed})", (*columns, hidden))


def _add_ids(tree: exp.Expr, names: frozenset[str] = frozenset()) -> None:
    """Add the row id to every SELECT of the tree; `names` are those of the CTEs around it."""
    assert isinstance(tree, exp.Query)
    for cte in tree.ctes:
        _add_ids(cte.this, names)
        names |= {cte.alias_or_name.upper()}
    if isinstance(tree, exp.Subquery):
        _add_ids(tree.this, names)
    elif isinstance(tree, exp.Union):
        for branch, tag in ((tree.left, "l"), (tree.right, "r")):
            _add_ids(branch, names)
            _tag(branch, tag)
    else:
        assert isinstance(tree, exp.Select)
        _add_ids_to_select(tree, names)


def _add_ids_to_select(tree: exp.Select, names: frozenset[str]) -> None:
    sources = [tree.args["from_"].this, *(join.this for join in tree.args.get("joins") or ())]
    for source in sources:
        if isinstance(source, exp.Subquery):
            _add_ids(source.this, names)
    if any(isinstance(source, exp.Subquery) or source.name.upper() in names for source in sources):
        # The row ids of inner queries are columns like others, which a star would give too.
        for star in [node for node in tree.expressions if isinstance(node, exp.Star)]:
            star.set("except_", [exp.to_identifier(ROW_ID, quoted=True)])
    ids = [exp.column(exp.to_identifier(ROW_ID, quoted=True), table=_alias(source)) for source in sources]
    whole: exp.Expression = ids[0]
    for part in ids[1:]:
        whole = exp.DPipe(this=exp.DPipe(this=whole, expression=exp.Literal.string("-")), expression=part)
    tree.append("expressions", exp.alias_(whole, ROW_ID, quoted=True))


def _alias(source: exp.Expression) -> exp.Identifier | None:
    alias = source.args.get("alias")
    if alias is not None and alias.this is not None:
        identifier: exp.Identifier = alias.this.copy()
        return identifier
    return source.this.copy() if isinstance(source, exp.Table) else None


def _tag(tree: exp.Expr, tag: str) -> None:
    """Tell the branches of a UNION ALL apart: one base row may give a row in each."""
    if isinstance(tree, exp.Subquery):
        _tag(tree.this, tag)
    elif isinstance(tree, exp.Union):
        _tag(tree.left, tag)
        _tag(tree.right, tag)
    else:
        row_id = tree.expressions[-1]
        row_id.set("this", exp.DPipe(this=exp.Literal.string(tag), expression=exp.Paren(this=row_id.this)))


_REFUSED: tuple[tuple[type[exp.Expression], str], ...] = (
    (exp.Group, "GROUP BY"),
    (exp.Having, "HAVING"),
    (exp.Qualify, "QUALIFY"),
    (exp.Distinct, "DISTINCT"),
    (exp.Window, "window functions"),
    (exp.Limit, "LIMIT"),
    (exp.Fetch, "LIMIT"),
    (exp.Order, "ORDER BY"),
    (exp.Lateral, "LATERAL"),
    (exp.Intersect, "INTERSECT"),
    (exp.Except, "EXCEPT"),
    (exp.Exists, "correlated subquery expressions"),
    (exp.Pivot, "PIVOT"),
    (exp.CurrentDate, "non-deterministic functions"),
    (exp.CurrentTime, "non-deterministic functions"),
    (exp.CurrentTimestamp, "non-deterministic functions"),
    (exp.Localtime, "non-deterministic functions"),
    (exp.Localtimestamp, "non-deterministic functions"),
)


def check_view(session: Session, view: Object) -> None:
    """Raises SnowflakeError 091912 for a view whose changes Snowflake does not track, nor those of views within it."""
    resolver = SessionResolver(session, {}, dry=True)
    resolver.view(view)
    sources = [session.catalog.get(item) for item in sorted({*resolver.reads.objects, view.id})]
    for item in sources:
        if item.kind is Kind.VIEW:
            check(parse_query(item.spec.text))
        elif item.kind is not Kind.TABLE:
            raise _refused(f"a {item.kind.value.lower()} as a source")
    if resolver.reads.streams:
        raise _refused("a stream as a source")
    if not any(item.kind is Kind.TABLE for item in sources):
        raise _refused("no table as a source")


def check(tree: exp.Expression) -> None:
    """Raises SnowflakeError 091912 for a query whose changes Snowflake does not track."""
    for kind, name in _REFUSED:
        if tree.find(kind) is not None:
            raise _refused(name)
    for join in tree.find_all(exp.Join):
        if str(join.args.get("method") or "").upper() == "NATURAL" and _joins_queries(join):
            raise unsupported("A stream on a view with NATURAL JOIN of a subquery")
        side = str(join.args.get("side") or "")
        if side or str(join.args.get("kind") or "").upper() in ("OUTER", "SEMI", "ANTI"):
            raise _refused(f"joins of type '[{side.upper()}_OUTER_JOIN]'")
    for union in tree.find_all(exp.Union):
        if union.args.get("distinct"):
            raise _refused("UNION without ALL")
    for select in tree.find_all(exp.Select):
        if select.args.get("from_") is None:
            raise _refused("SELECT without FROM")
        for source in (select.args["from_"].this, *(join.this for join in select.args.get("joins") or ())):
            if not isinstance(source, exp.Subquery) and not isinstance(source.this, exp.Identifier):
                raise unsupported("A stream on a view over VALUES or a table function")
        if not _is_source(select):
            raise _refused("subqueries outside FROM")
        if any(node.find(exp.AggFunc) is not None for node in select.expressions):
            raise _refused("aggregate functions")
    for call in tree.find_all(exp.Anonymous):
        if str(call.this).upper() in _AGGREGATES:
            raise _refused("aggregate functions")
        if str(call.this).upper() in _NON_DETERMINISTIC:
            raise _refused("non-deterministic functions")


def _joins_queries(join: exp.Join) -> bool:
    """Whether a subquery or a CTE is joined: their row ids are columns like others, which NATURAL would compare."""
    select = join.find_ancestor(exp.Select)
    root = join.root()
    if select is None:
        return True
    names = {cte.alias_or_name.upper() for cte in root.find_all(exp.CTE)}
    sources = [select.args["from_"].this, *(other.this for other in select.args["joins"])]
    return any(isinstance(source, exp.Subquery) or source.name.upper() in names for source in sources)


def _is_source(query: exp.Expression) -> bool:
    """Whether a SELECT is the query itself, a CTE, a branch of UNION ALL or a subquery in FROM."""
    parent = query.parent
    while isinstance(parent, (exp.Subquery, exp.Union)):
        parent = parent.parent
    return parent is None or isinstance(parent, (exp.CTE, exp.From, exp.Join))


_AGGREGATES = {"COUNT", "SUM", "AVG", "MIN", "MAX", "LISTAGG", "ARRAY_AGG", "OBJECT_AGG", "ANY_VALUE", "MEDIAN"}
_NON_DETERMINISTIC = {
    *("CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "GETDATE", "LOCALTIME", "LOCALTIMESTAMP"),
    *(
        "NORMAL",
        "RANDOM",
        "RANDSTR",
        "SEQ1",
        "SEQ2",
        "SEQ4",
        "SEQ8",
        "SYSDATE",
        "SYSTIMESTAMP",
        "UNIFORM",
        "UUID_STRING",
        "ZIPF",
    ),
}


def _refused(what: str) -> SnowflakeError:
    return compilation(f"Change tracking is not supported on queries with {what}.", 91912, "0A000")


def base_tables(session: Session, base: Object) -> list[Object]:
    """The tables that a stream's base reads: itself, or those behind a view."""
    if base.kind is Kind.TABLE:
        return [base]
    resolver = SessionResolver(session, {}, dry=True)
    resolver.view(base)
    found = (session.catalog.get(item) for item in sorted(resolver.reads.objects))
    return [item for item in found if item.kind is Kind.TABLE]
