"""Tables, views, dynamic tables, sequences."""

import pytest

from pipeline.sql.grammar import parse
from pipeline.sql.grammar.model import (
    Clone,
    CreateMode,
    Fragment,
    Options,
    RecordedAction,
    RenameTo,
    Resume,
    SetOptions,
    Suspend,
    SwapWith,
    TimeTravel,
    TravelBy,
    TravelTo,
    UnsetOptions,
)
from pipeline.sql.grammar.tables import (
    AddColumns,
    AddConstraint,
    AlterColumns,
    AlterDynamicTable,
    AlterSequence,
    AlterTable,
    AlterView,
    ClusterBy,
    Column,
    ColumnChange,
    Constraint,
    ConstraintKind,
    CreateDynamicTable,
    CreateSequence,
    CreateTable,
    CreateView,
    DropColumns,
    DropConstraint,
    DropDefault,
    DropNotNull,
    Identity,
    Lifetime,
    RefreshTable,
    RenameColumn,
    SetColumnComment,
    SetDataType,
    SetDefault,
    SetIncrement,
    SetNotNull,
    SetSecure,
    TableAction,
    TruncateTable,
    ViewAction,
    ViewColumn,
)
from pipeline.sql.names import QualifiedName
from pipeline.sql.problems import InvalidProperty, TextProblem, Unexpected
from pipeline.sql.types import DataType, Kind, number, varchar

T = QualifiedName.of("T")


def created(text: str) -> CreateTable:
    found = parse(text)
    assert isinstance(found, CreateTable)
    return found


def column(definition: str) -> Column:
    (found,) = created(f"CREATE TABLE t ({definition})").columns
    return found


@pytest.mark.parametrize(
    ("definition", "wanted"),
    [
        ("a INT", Column("A", number())),
        ('"a b" NUMBER(10, 2) NOT NULL', Column("a b", number(10, 2), nullable=False)),
        ("a INT NULL", Column("A", number())),
        ("a INT DEFAULT NULL COMMENT 'x'", Column("A", number(), default=Fragment("NULL", 30), comment="x")),
        ("a TEXT DEFAULT 'x, y' NOT NULL", Column("A", varchar(), nullable=False, default=Fragment("'x, y'", 31))),
        ("a INT DEFAULT s.NEXTVAL", Column("A", number(), default=Fragment("s.NEXTVAL", 30))),
        ("a INT DEFAULT f(1, 2)::INT", Column("A", number(), default=Fragment("f(1, 2)::INT", 30))),
        ("a INT IDENTITY", Column("A", number(), identity=Identity())),
        ("a INT AUTOINCREMENT (5, 2) ORDER", Column("A", number(), identity=Identity(5, 2, True))),
        ("a INT IDENTITY START 5 INCREMENT BY 2 NOORDER", Column("A", number(), identity=Identity(5, 2, False))),
        ("a INT AS (b + (1))", Column("A", number(), virtual=Fragment("b + (1)", 26))),
        ("a TEXT COLLATE 'en-ci' COMMENT = 'x'", Column("A", varchar(), collation="en-ci", comment="x")),
        (
            "a TEXT WITH MASKING POLICY p USING (a, b) TAG (t = 'x')",
            Column("A", varchar(), policies=("WITH MASKING POLICY p USING (a, b)", "TAG (t = 'x')")),
        ),
        ("a TIMESTAMP(3) WITH TIME ZONE", Column("A", DataType(Kind.TIMESTAMP_TZ, precision=3))),
        ("a DOUBLE PRECISION NOT NULL", Column("A", DataType(Kind.FLOAT), nullable=False)),
        ("a ARRAY(INT NOT NULL)", Column("A", DataType(Kind.ARRAY, inner="INT NOT NULL"))),
    ],
)
def test_column(definition: str, wanted: Column) -> None:
    assert column(definition) == wanted


def test_timestamp_of_the_session() -> None:
    found = parse("CREATE TABLE t (a TIMESTAMP)", timestamp=Kind.TIMESTAMP_LTZ)
    assert isinstance(found, CreateTable)
    assert found.columns[0].type == DataType(Kind.TIMESTAMP_LTZ, precision=9)


def test_constraints() -> None:
    found = created(
        "CREATE TABLE t (a INT PRIMARY KEY, b INT CONSTRAINT u UNIQUE NOT ENFORCED RELY NOT NULL,"
        " c INT REFERENCES s.o (x) ON DELETE SET NULL, CONSTRAINT pk PRIMARY KEY (a, b), UNIQUE (c),"
        " FOREIGN KEY (b, c) REFERENCES o)"
    )
    assert found.constraints == (
        Constraint(ConstraintKind.PRIMARY_KEY, ("A",)),
        Constraint(ConstraintKind.UNIQUE, ("B",), "U", properties="NOT ENFORCED RELY"),
        Constraint(
            ConstraintKind.FOREIGN_KEY,
            ("C",),
            references=QualifiedName.of("S", "O"),
            reference_columns=("X",),
            properties="ON DELETE SET NULL",
        ),
        Constraint(ConstraintKind.PRIMARY_KEY, ("A", "B"), "PK"),
        Constraint(ConstraintKind.UNIQUE, ("C",)),
        Constraint(ConstraintKind.FOREIGN_KEY, ("B", "C"), references=QualifiedName.of("O")),
    )
    assert [column.nullable for column in found.columns] == [True, False, True]


def test_clauses_of_a_table() -> None:
    found = created(
        "CREATE OR ALTER TRANSIENT TABLE d.s.t (a INT) CLUSTER BY LINEAR (a, TO_DATE(b)) COPY GRANTS"
        " CHANGE_TRACKING = TRUE DATA_RETENTION_TIME_IN_DAYS = 3 COMMENT = 'it''s'"
        " WITH ROW ACCESS POLICY p ON (a) WITH TAG (x = 'y')"
    )
    assert (found.mode, found.lifetime) == (CreateMode.OR_ALTER, Lifetime.TRANSIENT)
    assert [expression.text for expression in found.cluster_by] == ["a", "TO_DATE(b)"]
    assert found.copy_grants
    assert [(option.name, option.value.text) for option in found.options] == [
        ("CHANGE_TRACKING", "TRUE"),
        ("DATA_RETENTION_TIME_IN_DAYS", "3"),
        ("COMMENT", "it's"),
    ]
    assert found.recorded == ("WITH ROW ACCESS POLICY p ON (a)", "WITH TAG (x = 'y')")


@pytest.mark.parametrize(
    ("text", "lifetime", "mode"),
    [
        ("CREATE TEMPORARY TABLE t (a INT)", Lifetime.TEMPORARY, CreateMode.NEW),
        ("CREATE LOCAL TEMP TABLE t (a INT)", Lifetime.TEMPORARY, CreateMode.NEW),
        ("CREATE OR REPLACE TABLE t (a INT)", Lifetime.PERMANENT, CreateMode.OR_REPLACE),
        ("CREATE TABLE IF NOT EXISTS t (a INT)", Lifetime.PERMANENT, CreateMode.IF_NOT_EXISTS),
    ],
)
def test_lifetime_and_mode(text: str, lifetime: Lifetime, mode: CreateMode) -> None:
    found = created(text)
    assert (found.lifetime, found.mode) == (lifetime, mode)


def test_columns_behind_cluster_by() -> None:
    found = created("CREATE TABLE t CLUSTER BY (a) (a INT)")
    assert (found.columns, len(found.cluster_by)) == ((Column("A", number()),), 1)


def test_table_from_something() -> None:
    assert created("CREATE TABLE t AS SELECT 1 AS a").query == Fragment("SELECT 1 AS a", 18)
    found = created("CREATE TABLE t (a, b TEXT) CLUSTER BY (a) AS (SELECT 1, 'x');")
    assert [column.type for column in found.columns] == [None, varchar()]
    assert found.query == Fragment("(SELECT 1, 'x')", 45)
    assert created("CREATE TABLE t LIKE s.o COPY GRANTS").like == QualifiedName.of("S", "O")
    assert created("CREATE TABLE t CLONE o").clone == Clone(QualifiedName.of("O"))
    assert created("CREATE TABLE t CLONE o BEFORE (STATEMENT => 'x')").clone == Clone(
        QualifiedName.of("O"), TimeTravel(TravelTo.BEFORE, TravelBy.STATEMENT, Fragment("'x'", 44))
    )
    assert created("CREATE TABLE t USING TEMPLATE (SELECT 1)").template == Fragment("(SELECT 1)", 30)


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        ("ADD a INT", AddColumns((Column("A", number()),), (), False)),
        (
            "ADD COLUMN IF NOT EXISTS a INT UNIQUE, COLUMN b INT NOT NULL",
            AddColumns(
                (Column("A", number()), Column("B", number(), nullable=False)),
                (Constraint(ConstraintKind.UNIQUE, ("A",)),),
                True,
            ),
        ),
        ("ADD (a INT, b INT)", AddColumns((Column("A", number()), Column("B", number())), (), False)),
        ("DROP COLUMN IF EXISTS a, b", DropColumns(("A", "B"), True)),
        ("DROP a", DropColumns(("A",), False)),
        ("DROP IF EXISTS a, IF EXISTS b", DropColumns(("A", "B"), True)),
        (
            "ADD a TEXT AS UPPER(b) || 'x' COMMENT 'y'",
            AddColumns((Column("A", varchar(), virtual=Fragment("UPPER(b) || 'x'", 28), comment="y"),), (), False),
        ),
        ("RENAME COLUMN a TO b", RenameColumn("A", "B")),
        ("RENAME TO d.s.u", RenameTo(QualifiedName.of("D", "S", "U"))),
        ("SWAP WITH u", SwapWith(QualifiedName.of("U"))),
        ("CLUSTER BY (a)", ClusterBy((Fragment("a", 26),))),
        ("DROP CLUSTERING KEY", ClusterBy(())),
        ("UNSET COMMENT, CHANGE_TRACKING", UnsetOptions(("COMMENT", "CHANGE_TRACKING"))),
        ("ADD CONSTRAINT u UNIQUE (a)", AddConstraint(Constraint(ConstraintKind.UNIQUE, ("A",), "U"))),
        ("DROP CONSTRAINT u CASCADE", DropConstraint(None, "U")),
        ("DROP PRIMARY KEY", DropConstraint(ConstraintKind.PRIMARY_KEY, None)),
        ("DROP UNIQUE (a)", DropConstraint(ConstraintKind.UNIQUE, None, ("A",))),
        ("ADD ROW ACCESS POLICY p ON (a)", RecordedAction("ADD ROW ACCESS POLICY p ON (a)")),
        ("SET TAG x = 'y'", RecordedAction("SET TAG x = 'y'")),
        ("ADD SEARCH OPTIMIZATION", RecordedAction("ADD SEARCH OPTIMIZATION")),
    ],
)
def test_alter_table(action: str, wanted: TableAction) -> None:
    assert parse(f"ALTER TABLE t {action}") == AlterTable(T, False, wanted)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ("ALTER COLUMN a SET NOT NULL", ColumnChange("A", SetNotNull())),
        ("MODIFY a DROP NOT NULL", ColumnChange("A", DropNotNull())),
        ("ALTER a SET DATA TYPE VARCHAR(20)", ColumnChange("A", SetDataType(varchar(20)))),
        ("ALTER a TYPE INT", ColumnChange("A", SetDataType(number()))),
        ("MODIFY COLUMN a INT", ColumnChange("A", SetDataType(number()))),
        ("ALTER a SET DEFAULT s.NEXTVAL", ColumnChange("A", SetDefault(Fragment("s.NEXTVAL", 34)))),
        ("ALTER a DROP DEFAULT", ColumnChange("A", DropDefault())),
        ("ALTER a COMMENT 'x'", ColumnChange("A", SetColumnComment("x"))),
        ("ALTER a UNSET COMMENT", ColumnChange("A", SetColumnComment(None))),
        ("ALTER a SET MASKING POLICY p", ColumnChange("A", RecordedAction("SET MASKING POLICY p"))),
    ],
)
def test_alter_column(change: str, wanted: ColumnChange) -> None:
    assert parse(f"ALTER TABLE t {change}") == AlterTable(T, False, AlterColumns((wanted,)))


def test_several_column_changes() -> None:
    wanted = AlterColumns((ColumnChange("A", DropNotNull()), ColumnChange("B", SetDataType(number()))))
    for text in ("MODIFY COLUMN a DROP NOT NULL, COLUMN b TYPE INT", "ALTER (a DROP NOT NULL, b TYPE INT)"):
        assert parse(f"ALTER TABLE IF EXISTS t {text}") == AlterTable(T, True, wanted)


def test_policies_of_several_columns() -> None:
    assert parse("ALTER TABLE t MODIFY COLUMN a SET MASKING POLICY p USING (a, b), COLUMN b UNSET MASKING POLICY") == (
        AlterTable(
            T,
            False,
            AlterColumns(
                (
                    ColumnChange("A", RecordedAction("SET MASKING POLICY p USING (a, b)")),
                    ColumnChange("B", RecordedAction("UNSET MASKING POLICY")),
                )
            ),
        )
    )


def test_set_properties_of_a_table() -> None:
    found = parse("ALTER TABLE t SET CHANGE_TRACKING = TRUE, COMMENT = 'x'")
    assert isinstance(found, AlterTable)
    assert isinstance(found.action, SetOptions)
    assert found.action.options.names == ("CHANGE_TRACKING", "COMMENT")


def test_truncate() -> None:
    assert parse("TRUNCATE t") == TruncateTable(T, False)
    assert parse("TRUNCATE TABLE IF EXISTS t") == TruncateTable(T, True)


def test_view() -> None:
    found = parse(
        "CREATE OR REPLACE SECURE RECURSIVE VIEW s.v (a COMMENT 'x', \"b\") COPY GRANTS COMMENT = 'y'"
        " CHANGE_TRACKING = TRUE AS SELECT a, b AS end FROM t"
    )
    assert isinstance(found, CreateView)
    assert found.name == QualifiedName.of("S", "V")
    assert found.columns == (ViewColumn("A", "x"), ViewColumn("b"))
    assert (found.secure, found.recursive, found.materialized, found.copy_grants) == (True, True, False, True)
    assert found.options.names == ("COMMENT", "CHANGE_TRACKING")
    assert found.query.text == "SELECT a, b AS end FROM t"


def test_view_with_its_comment_before_the_columns() -> None:
    found = parse("CREATE VIEW v COMMENT = 'x' (a, b) AS SELECT 1, 2")
    assert isinstance(found, CreateView)
    assert [column.name for column in found.columns] == ["A", "B"]


def test_materialized_view() -> None:
    found = parse("CREATE MATERIALIZED VIEW v CLUSTER BY (a) AS SELECT a FROM t")
    assert isinstance(found, CreateView)
    assert found.materialized
    assert found.cluster_by == (Fragment("a", 39),)


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        ("SET SECURE", SetSecure(True)),
        ("UNSET SECURE", SetSecure(False)),
        ("RENAME TO w", RenameTo(QualifiedName.of("W"))),
        ("UNSET COMMENT", UnsetOptions(("COMMENT",))),
        ("MODIFY COLUMN a COMMENT 'x'", AlterColumns((ColumnChange("A", SetColumnComment("x")),))),
        ("SUSPEND", Suspend()),
        ("RESUME", Resume()),
    ],
)
def test_alter_view(action: str, wanted: ViewAction) -> None:
    assert parse(f"ALTER VIEW v {action}") == AlterView(QualifiedName.of("V"), False, wanted)


def test_dynamic_table() -> None:
    found = parse("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' WAREHOUSE = w AS SELECT 1")
    assert isinstance(found, CreateDynamicTable)
    assert found.options.text("TARGET_LAG") == "1 minute"
    assert found.query == Fragment("SELECT 1", 64)
    assert parse("ALTER DYNAMIC TABLE t REFRESH") == AlterDynamicTable(T, False, RefreshTable())
    assert parse("ALTER DYNAMIC TABLE t SUSPEND") == AlterDynamicTable(T, False, Suspend())


def test_sequence() -> None:
    s = QualifiedName.of("S")
    assert parse("CREATE SEQUENCE s") == CreateSequence(s, CreateMode.NEW)
    assert parse("CREATE SEQUENCE s START = 5 INCREMENT BY -2 NOORDER COMMENT = 'x'") == CreateSequence(
        s, CreateMode.NEW, 5, -2, False, "x"
    )
    assert parse("ALTER SEQUENCE s SET INCREMENT BY 3") == AlterSequence(s, False, SetIncrement(3))


@pytest.mark.parametrize(
    ("text", "problem", "message"),
    [
        ("CREATE TABLE t (a INT", Unexpected, "syntax error line 1 at position 21 unexpected '<EOF>'."),
        ("CREATE TABLE t", Unexpected, "syntax error line 1 at position 14 unexpected '<EOF>'."),
        ("CREATE TABLE t (a INT,, b INT)", Unexpected, "syntax error line 1 at position 22 unexpected ','."),
        ("CREATE TABLE t (a FOO)", TextProblem, "Unsupported data type 'FOO'."),
        ("CREATE TABLE t (a INT) FOO = 1", InvalidProperty, "invalid property 'FOO' for 'TABLE'"),
        (
            "CREATE OR REPLACE TABLE IF NOT EXISTS t (a INT)",
            TextProblem,
            "options IF NOT EXISTS and OR REPLACE are incompatible.",
        ),
        ("ALTER TABLE t FROB x", Unexpected, "syntax error line 1 at position 14 unexpected 'FROB'."),
        ("CREATE VIEW v AS", Unexpected, "syntax error line 1 at position 16 unexpected '<EOF>'."),
        ("DROP TABLE t x", Unexpected, "syntax error line 1 at position 13 unexpected 'x'."),
    ],
)
def test_problem(text: str, problem: type[TextProblem], message: str) -> None:
    with pytest.raises(problem) as caught:
        parse(text)
    assert caught.value.message == message


def test_options_of_nothing_are_empty() -> None:
    assert created("CREATE TABLE t (a INT)").options == Options()
