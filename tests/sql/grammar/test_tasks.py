"""Tasks: the clauses in their order, the texts of the errors, the forms of ALTER and EXECUTE."""

import pytest

from pipeline.sql.grammar import parse
from pipeline.sql.grammar.model import (
    CreateMode,
    Fragment,
    RecordedAction,
    Resume,
    SetOptions,
    Suspend,
    UnsetOptions,
    ValueKind,
)
from pipeline.sql.grammar.tasks import (
    AddAfter,
    AlterTask,
    CloneTask,
    CreateTask,
    ExecuteMode,
    ExecuteTask,
    ModifyAs,
    ModifyWhen,
    RemoveAfter,
    RemoveWhen,
    TaskAction,
)
from pipeline.sql.names import QualifiedName
from pipeline.sql.problems import DuplicateProperty, InvalidProperty, TextProblem, Unexpected

T = QualifiedName.of("T")


def created(text: str) -> CreateTask:
    found = parse(text)
    assert isinstance(found, CreateTask)
    return found


def test_all_clauses() -> None:
    text = (
        "CREATE OR REPLACE TASK d.s.t WITH TAG (a = 'b') WAREHOUSE = w SCHEDULE = 'USING CRON 0 * * * * UTC'"
        " CONFIG = $${\"a\": 1}$$ OVERLAP_POLICY = NO_OVERLAP, TIMEZONE = 'UTC' USER_TASK_TIMEOUT_MS = 1000"
        " COMMENT = 'it''s' AFTER a, d.s.\"b\" EXECUTE AS USER u"
        " WHEN SYSTEM$STREAM_HAS_DATA('s') AND CAST(1 AS INT) = 1 AS INSERT INTO x SELECT a AS b FROM y"
    )
    found = created(text)
    assert (found.name, found.mode) == (QualifiedName.of("D", "S", "T"), CreateMode.OR_REPLACE)
    assert [(option.name, option.value.text) for option in found.options] == [
        ("WAREHOUSE", "w"),
        ("SCHEDULE", "USING CRON 0 * * * * UTC"),
        ("CONFIG", '{"a": 1}'),
        ("OVERLAP_POLICY", "NO_OVERLAP"),
        ("TIMEZONE", "UTC"),
        ("USER_TASK_TIMEOUT_MS", "1000"),
        ("COMMENT", "it's"),
    ]
    assert found.after == (QualifiedName.of("A"), QualifiedName.of("D", "S", "b"))
    assert found.execute_as == "U"
    assert found.when is not None
    assert found.when.text == "SYSTEM$STREAM_HAS_DATA('s') AND CAST(1 AS INT) = 1"
    assert found.body == Fragment("INSERT INTO x SELECT a AS b FROM y", text.index("INSERT"))
    assert found.recorded == ("WITH TAG (a = 'b')",)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("CALL p()", "CALL p()"),
        ("BEGIN a; b; END;", "BEGIN a; b; END"),
        ("DECLARE x INT; BEGIN a; END", "DECLARE x INT; BEGIN a; END"),
        ("$$ BEGIN a; END; $$", " BEGIN a; END; "),
        ("'SELECT ''x'''", "SELECT 'x'"),
        ("SELECT $$x$$", "SELECT $$x$$"),
        ("SHOW TABLES ->> SELECT 1", "SHOW TABLES ->> SELECT 1"),
    ],
)
def test_body(body: str, wanted: str) -> None:
    found = created(f"CREATE TASK t AS {body}").body
    assert found.text == wanted


def test_finalizer() -> None:
    assert created("CREATE TASK t FINALIZE = d.s.r AS SELECT 1").finalize == QualifiedName.of("D", "S", "R")
    assert created("CREATE TASK t AS SELECT 1").finalize is None


def test_clone() -> None:
    assert parse("CREATE TASK t CLONE s.u") == CloneTask(T, CreateMode.NEW, QualifiedName.of("S", "U"))


@pytest.mark.parametrize(
    ("text", "problem", "message"),
    [
        ("CREATE TASK t QUERY_TAG = 'a' QUERY_TAG = 'b' AS x", DuplicateProperty, "duplicate property 'QUERY_TAG';"),
        ("CREATE TASK t FOO = 1 AS SELECT 1", InvalidProperty, "invalid property 'FOO' for 'TASK'"),
        ("ALTER TASK t SET FOO = 1", InvalidProperty, "invalid property 'FOO' for 'TASK'"),
        (
            "CREATE TASK t AFTER a COMMENT = 'x' AS SELECT 1",
            Unexpected,
            "syntax error line 1 at position 22 unexpected 'COMMENT'.",
        ),
        (
            "CREATE TASK t EXECUTE AS USER u AFTER a AS SELECT 1",
            Unexpected,
            "syntax error line 1 at position 32 unexpected 'AFTER'.",
        ),
        ("CREATE TASK t SCHEDULE = '1 MINUTE'", Unexpected, "syntax error line 1 at position 35 unexpected '<EOF>'."),
        ("CREATE TASK t AS", Unexpected, "syntax error line 1 at position 16 unexpected '<EOF>'."),
        ("ALTER TASK t RENAME TO u", Unexpected, "syntax error line 1 at position 13 unexpected 'RENAME'."),
        ("ALTER TASK t RESUME now", Unexpected, "syntax error line 1 at position 20 unexpected 'now'."),
    ],
)
def test_problem(text: str, problem: type[TextProblem], message: str) -> None:
    with pytest.raises(problem) as caught:
        parse(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        ("RESUME", Resume()),
        ("SUSPEND", Suspend()),
        ("ADD AFTER a, b", AddAfter((QualifiedName.of("A"), QualifiedName.of("B")))),
        ("REMOVE AFTER s.a", RemoveAfter((QualifiedName.of("S", "A"),))),
        ("MODIFY AS BEGIN a; b; END;", ModifyAs(Fragment("BEGIN a; b; END", 23))),
        ("MODIFY AS $$ a $$", ModifyAs(Fragment(" a ", 25))),
        ("MODIFY WHEN 1 = 1", ModifyWhen(Fragment("1 = 1", 25))),
        ("REMOVE WHEN", RemoveWhen()),
        ("UNSET WAREHOUSE, FINALIZE", UnsetOptions(("WAREHOUSE", "FINALIZE"))),
        ("UNSET FINALIZE", UnsetOptions(("FINALIZE",))),
        ("SET TAG a = 'b'", RecordedAction("SET TAG a = 'b'")),
        ("UNSET DCM PROJECT", RecordedAction("UNSET DCM PROJECT")),
    ],
)
def test_alter(action: str, wanted: TaskAction) -> None:
    assert parse(f"ALTER TASK t {action}") == AlterTask(T, False, wanted)


def test_set() -> None:
    found = parse("ALTER TASK IF EXISTS t SET FINALIZE = r SCHEDULE = '5 MINUTES', USER_TASK_TIMEOUT_MS = 5")
    assert isinstance(found, AlterTask)
    assert isinstance(found.action, SetOptions)
    assert found.if_exists
    assert [(option.name, option.value.kind) for option in found.action.options] == [
        ("FINALIZE", ValueKind.WORD),
        ("SCHEDULE", ValueKind.STRING),
        ("USER_TASK_TIMEOUT_MS", ValueKind.NUMBER),
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("EXECUTE TASK t", ExecuteTask(T)),
        ("EXECUTE TASK t USING CONFIG = '{}'", ExecuteTask(T, config="{}")),
        ("EXECUTE TASK t RETRY LAST", ExecuteTask(T, ExecuteMode.RETRY_LAST)),
        ("EXECUTE TASK t RETRY GRAPH RUN GROUP 'g'", ExecuteTask(T, ExecuteMode.RETRY_GROUP, group_id="g")),
    ],
)
def test_execute(text: str, wanted: ExecuteTask) -> None:
    assert parse(text) == wanted
