"""CREATE, ALTER and TRUNCATE TABLE, dynamic tables. Source: …/sql/create-table, alter-table, alter-table-column."""

from collections.abc import Callable

from pipeline.sql.grammar.model import (
    Fragment,
    ObjectKind,
    RecordedAction,
    Resume,
    Statement,
    Suspend,
)
from pipeline.sql.grammar.options import OptionList
from pipeline.sql.grammar.parsing.columns import (
    Elements,
    column_definition,
    default_expression,
    elements,
    take_constraint,
)
from pipeline.sql.grammar.parsing.common import (
    AlterHead,
    AlterParser,
    CreateHead,
    CreateParser,
    cluster_by,
    recorded,
    take_clone,
    take_if_exists,
    take_recorded,
    take_recorded_action,
    take_rename,
    take_settings,
    take_swap,
)
from pipeline.sql.grammar.reader import Reader, comma
from pipeline.sql.grammar.tables import (
    AddColumns,
    AddConstraint,
    AlterColumns,
    AlterDynamicTable,
    AlterTable,
    ClusterBy,
    Column,
    ColumnChange,
    Constraint,
    ConstraintKind,
    CreateDynamicTable,
    CreateTable,
    DropColumns,
    DropConstraint,
    DropDefault,
    DropNotNull,
    Lifetime,
    RefreshTable,
    RenameColumn,
    RenameConstraint,
    SetColumnComment,
    SetDataType,
    SetDefault,
    SetNotNull,
    TableAction,
    TruncateTable,
)

TABLE_PROPERTIES = frozenset(
    {
        "CHANGE_TRACKING",
        "COMMENT",
        "DATA_RETENTION_TIME_IN_DAYS",
        "DEFAULT_DDL_COLLATION",
        "ENABLE_DATA_COMPACTION",
        "ENABLE_SCHEMA_EVOLUTION",
        "ERROR_LOGGING",
        "MAX_DATA_EXTENSION_TIME_IN_DAYS",
        "ROW_TIMESTAMP",
        "STAGE_COPY_OPTIONS",
        "STAGE_FILE_FORMAT",
    }
)
_SERVICES = (
    ("ADD", "SEARCH", "OPTIMIZATION"),
    ("DROP", "SEARCH", "OPTIMIZATION"),
    ("ADD", "ROW", "ACCESS", "POLICY"),
    ("DROP", "ROW", "ACCESS", "POLICY"),
    ("DROP", "ALL", "ROW", "ACCESS", "POLICIES"),
    ("ADD", "DATA", "METRIC", "FUNCTION"),
    ("DROP", "DATA", "METRIC", "FUNCTION"),
    ("MODIFY", "DATA", "METRIC", "FUNCTION"),
    ("SUSPEND", "RECLUSTER"),
    ("RESUME", "RECLUSTER"),
    ("RECLUSTER",),
)


def _lifetime(head: CreateHead) -> Lifetime:
    if head.temporary:
        return Lifetime.TEMPORARY
    return Lifetime.TRANSIENT if "TRANSIENT" in head.modifiers else Lifetime.PERMANENT


class _Tail:
    """The clauses behind a table's columns, in any order, up to AS and the query."""

    def __init__(self, kind: str = "", known: frozenset[str] | None = None) -> None:
        self.options = OptionList(kind, known)
        self.cluster_by: tuple[Fragment, ...] = ()
        self.copy_grants = False
        self.recorded: list[str] = []

    def take(self, reader: Reader) -> bool:
        """Read one clause if one comes next."""
        if reader.take("CLUSTER", "BY"):
            self.cluster_by = cluster_by(reader)
        elif reader.take("COPY", "GRANTS"):
            self.copy_grants = True
        elif not self.options.take(reader):
            clause = take_recorded(reader)
            if clause is None:
                return False
            self.recorded.append(clause)
        reader.take(",")
        return True


def create_table(reader: Reader, head: CreateHead) -> CreateTable:
    name = reader.name()
    inside = elements(reader) if reader.at("(") else Elements()
    tail = _Tail("TABLE", TABLE_PROPERTIES)
    like, clone, template, query = None, None, None, None
    while not reader.at_end:
        if reader.take("AS"):
            query = reader.rest()
        elif reader.take("USING", "TEMPLATE"):
            template = reader.rest()
        elif reader.take("LIKE"):
            like = reader.name()
        elif reader.at("CLONE"):
            clone = take_clone(reader)
        elif reader.at("(") and not inside.columns:  # CLUSTER BY may stand before the columns
            inside = elements(reader)
        elif not tail.take(reader):
            reader.fail()
    if not (inside.columns or query or like or clone or template):
        reader.fail()
    return CreateTable(
        name,
        head.mode,
        _lifetime(head),
        inside.columns,
        inside.constraints,
        tail.options.options,
        tail.cluster_by,
        tail.copy_grants,
        query,
        like,
        clone,
        template,
        tuple(tail.recorded),
    )


def create_dynamic_table(reader: Reader, head: CreateHead) -> CreateDynamicTable:
    name = reader.name()
    inside = elements(reader) if reader.at("(") else Elements()
    tail = _Tail()
    clone, query = None, None
    while not reader.at_end:
        if reader.take("AS"):
            query = reader.rest()
        elif reader.at("CLONE"):
            clone = take_clone(reader)
        elif not tail.take(reader):
            reader.fail()
    if not (query or clone):
        reader.fail()
    return CreateDynamicTable(
        name,
        head.mode,
        _lifetime(head),
        inside.columns,
        tail.options.options,
        query,
        clone,
        tail.cluster_by,
        tail.copy_grants,
        tuple(tail.recorded),
    )


def alter_table(reader: Reader, head: AlterHead) -> AlterTable:
    return AlterTable(head.name, head.if_exists, _table_action(reader))


def _table_action(reader: Reader) -> TableAction:
    service = take_recorded_action(reader, *_SERVICES)
    if service is not None:
        return service
    if reader.take("ADD"):
        return _add(reader)
    if reader.take("DROP"):
        return _drop(reader)
    if reader.take("RENAME", "COLUMN"):
        old = reader.identifier()
        reader.expect("TO")
        return RenameColumn(old, reader.identifier())
    if reader.take("RENAME", "CONSTRAINT"):
        old = reader.identifier()
        reader.expect("TO")
        return RenameConstraint(old, reader.identifier())
    if reader.at("ALTER") or reader.at("MODIFY"):
        return alter_columns(reader)
    if reader.take("CLUSTER", "BY"):
        return ClusterBy(cluster_by(reader))
    return take_rename(reader) or take_swap(reader) or take_settings(reader) or reader.fail()


def _add(reader: Reader) -> AddColumns | AddConstraint:
    constraint = take_constraint(reader)
    if constraint is not None:
        return AddConstraint(constraint)
    reader.take("COLUMN")
    missing_only = reader.take("IF", "NOT", "EXISTS")
    columns: list[Column] = []
    constraints: list[Constraint] = []
    bracketed = reader.take("(")
    while True:
        column, keys = column_definition(reader)
        columns.append(column)
        constraints.extend(keys)
        if not reader.take(","):
            break
        reader.take("COLUMN")
        missing_only = reader.take("IF", "NOT", "EXISTS") or missing_only
    if bracketed:
        reader.expect(")")
    return AddColumns(tuple(columns), tuple(constraints), missing_only)


def _drop(reader: Reader) -> DropColumns | DropConstraint | ClusterBy:
    if reader.take("CLUSTERING", "KEY"):
        return ClusterBy(())
    found: DropConstraint | None = None
    if reader.take("CONSTRAINT"):
        found = DropConstraint(None, reader.identifier())
    elif reader.take("PRIMARY", "KEY"):
        found = DropConstraint(ConstraintKind.PRIMARY_KEY, None)
    elif reader.at("UNIQUE", "("):
        reader.expect("UNIQUE")
        found = DropConstraint(ConstraintKind.UNIQUE, None, reader.identifiers())
    elif reader.take("FOREIGN", "KEY"):
        found = DropConstraint(ConstraintKind.FOREIGN_KEY, None, reader.identifiers())
    if found is not None:
        reader.take_one_of("CASCADE", "RESTRICT")
        return found
    reader.take("COLUMN")
    if_exists = take_if_exists(reader)
    names = [reader.identifier()]
    while reader.take(","):
        reader.take("COLUMN")
        if_exists = take_if_exists(reader) or if_exists
        names.append(reader.identifier())
    reader.take_one_of("CASCADE", "RESTRICT")
    return DropColumns(tuple(names), if_exists)


def alter_columns(reader: Reader) -> AlterColumns:
    """ALTER | MODIFY [COLUMN] change [, [COLUMN] change …], also with the changes in parentheses."""
    reader.expect_one_of("ALTER", "MODIFY")
    bracketed = reader.take("(")
    changes: list[ColumnChange] = []
    while True:
        reader.take("COLUMN")
        column = reader.identifier()
        changes.append(ColumnChange(column, _column_change(reader)))
        if not reader.take(","):
            break
    if bracketed:
        reader.expect(")")
    return AlterColumns(tuple(changes))


def _column_change(
    reader: Reader,
) -> SetNotNull | DropNotNull | SetDataType | SetDefault | DropDefault | SetColumnComment | RecordedAction:
    if reader.take("DROP", "DEFAULT"):
        return DropDefault()
    if reader.take("DROP", "NOT", "NULL"):
        return DropNotNull()
    if reader.take("UNSET", "COMMENT"):
        return SetColumnComment(None)
    if reader.at("UNSET", "TAG") or reader.at("SET", "TAG"):
        return recorded(reader)
    if reader.at("UNSET") or reader.at("SET", "MASKING") or reader.at("SET", "PROJECTION"):
        return RecordedAction(reader.fragment(lambda at: at.at_end or comma(at)).text)
    if reader.take("SET", "DEFAULT"):
        return SetDefault(default_expression(reader))
    reader.take("SET")
    if reader.take("NOT", "NULL"):
        return SetNotNull()
    if reader.take("COMMENT"):
        reader.take("=")
        return SetColumnComment(reader.string())
    if reader.take("DATA"):
        reader.expect("TYPE")
    else:
        reader.take("TYPE")
    return SetDataType(reader.data_type())


def alter_dynamic_table(reader: Reader, head: AlterHead) -> AlterDynamicTable:
    action: RefreshTable | Suspend | Resume | ClusterBy | None = None
    if reader.take("REFRESH"):
        reader.take("COPY", "SESSION")
        action = RefreshTable()
    elif reader.at("SUSPEND") and not reader.at("SUSPEND", "RECLUSTER"):
        reader.expect("SUSPEND")
        action = Suspend()
    elif reader.at("RESUME") and not reader.at("RESUME", "RECLUSTER"):
        reader.expect("RESUME")
        action = Resume()
    elif reader.take("CLUSTER", "BY"):
        action = ClusterBy(cluster_by(reader))
    elif reader.take("DROP", "CLUSTERING", "KEY"):
        action = ClusterBy(())
    chosen = action or take_rename(reader) or take_swap(reader) or take_settings(reader) or recorded(reader)
    return AlterDynamicTable(head.name, head.if_exists, chosen)


def truncate(reader: Reader) -> TruncateTable:
    reader.expect("TRUNCATE")
    reader.take("TABLE")
    if_exists = take_if_exists(reader)
    return TruncateTable(reader.name(), if_exists)


STATEMENTS: dict[tuple[str, ...], Callable[[Reader], Statement]] = {("TRUNCATE",): truncate}

CREATES: dict[ObjectKind, CreateParser] = {
    ObjectKind.TABLE: create_table,
    ObjectKind.DYNAMIC_TABLE: create_dynamic_table,
}

ALTERS: dict[ObjectKind, AlterParser] = {
    ObjectKind.TABLE: alter_table,
    ObjectKind.DYNAMIC_TABLE: alter_dynamic_table,
}
