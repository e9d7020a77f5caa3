"""Every risk: found with the facts that make it one, and not without them."""

import pytest

from pipeline.errors import Refused, UsageError
from pipeline.plan.allow import allowed_risks
from pipeline.plan.changes import Live
from pipeline.plan.decide import decide
from pipeline.plan.guards import Column, Facts, Risk, StreamFact, judged, read_allowances, refuse
from pipeline.plan.rules import find_risks
from pipeline.sql.names import QualifiedName
from plan.statements import resolved

T = QualifiedName.of("D", "S", "T")
S = QualifiedName.of("D", "S", "ST")
ELSEWHERE = QualifiedName.of("E", "S", "ST")
ROWS = Facts(rows={T: 7})
COLUMNS = Facts(rows={T: 7}, columns={T: (Column("A", "NUMBER(38,0)"), Column("B", "VARCHAR(20)"))})
STREAM = Facts(streams=(StreamFact(S, frozenset({T}), 3),))
RUNNING = Facts(running=frozenset({QualifiedName.of("D", "S", "K")}))


def risks(text: str, facts: Facts, allowed: frozenset[str] = frozenset()) -> tuple[Risk, ...]:
    changes = decide(resolved(text, allowed=allowed), {}, {}, Live({}, frozenset()))
    return find_risks(changes.pending, facts)


CASES = [
    ("CREATE OR REPLACE TABLE d.s.t (a INT)", ROWS, "replace-table"),
    ("DROP TABLE d.s.t", ROWS, "drop-table"),
    ("DROP SCHEMA d.s", ROWS, "drop-container"),
    ("CREATE OR REPLACE DATABASE d", ROWS, "drop-container"),
    ("CREATE OR REPLACE VIEW d.s.t AS SELECT 1 AS a", STREAM, "orphan-stream"),
    ("CREATE OR REPLACE STREAM d.s.st ON TABLE d.s.t", STREAM, "reset-stream"),
    ("DROP STREAM d.s.st", STREAM, "reset-stream"),
    ("CREATE OR REPLACE TASK d.s.k AS SELECT 1", RUNNING, "running-task"),
    ("CREATE OR ALTER TABLE d.s.t (a INT)", COLUMNS, "drop-column"),
    ("ALTER TABLE d.s.t DROP COLUMN b", COLUMNS, "drop-column"),
    ("CREATE OR ALTER TABLE d.s.t (a INT, b VARCHAR(5))", COLUMNS, "narrow-column"),
    ("ALTER TABLE d.s.t ALTER COLUMN a SET DATA TYPE NUMBER(5, 0)", COLUMNS, "narrow-column"),
    ("TRUNCATE TABLE d.s.t", ROWS, "truncate"),
    ("INSERT OVERWRITE INTO d.s.t SELECT 1", ROWS, "truncate"),
    ("DELETE FROM d.s.t", ROWS, "delete-all"),
    ("DELETE FROM d.s.t /* WHERE a = 1 */", ROWS, "delete-all"),
    ("DELETE FROM d.s.t WHERE TRUE", ROWS, "delete-all"),
    ("DELETE FROM d.s.t WHERE (1 = 1)", ROWS, "delete-all"),
    ("INSERT OVERWRITE ALL INTO d.s.u VALUES (a) INTO d.s.t VALUES (a) SELECT 1 AS a", ROWS, "truncate"),
    ("ALTER TABLE d.s.t SET CHANGE_TRACKING = FALSE", STREAM, "orphan-stream"),
    ("CREATE OR ALTER TABLE d.s.t (a INT) CHANGE_TRACKING = FALSE", STREAM, "orphan-stream"),
    ("ALTER VIEW d.s.t SET CHANGE_TRACKING = FALSE", STREAM, "orphan-stream"),
    ("DELETE FROM d.s.t USING (SELECT a FROM d.s.u WHERE a = 1) AS u", ROWS, "delete-all"),
    ("BEGIN DELETE FROM d.s.u; TRUNCATE TABLE d.s.t; END", ROWS, "truncate"),
    ("EXECUTE IMMEDIATE 'TRUNCATE TABLE d.s.t'", ROWS, "truncate"),
    ("EXECUTE IMMEDIATE $$ BEGIN CREATE OR REPLACE TABLE d.s.t (a INT); END $$", ROWS, "replace-table"),
    ("BEGIN ALTER TABLE d.s.u ADD COLUMN z INT; ALTER TABLE d.s.t DROP COLUMN b; END", COLUMNS, "drop-column"),
    ("DROP SCHEMA d.s", Facts(streams=(StreamFact(S, frozenset({T}), 3),)), "reset-stream"),
    ("DROP SCHEMA d.s", Facts(streams=(StreamFact(ELSEWHERE, frozenset({T}), 3),)), "orphan-stream"),
    ("DROP TASK d.s.k", RUNNING, "running-task"),
    ("CREATE OR REPLACE SCHEMA d.s", RUNNING, "running-task"),
]


@pytest.mark.parametrize(("text", "facts", "kind"), CASES)
def test_each_risk_is_found_and_is_none_without_its_facts(text: str, facts: Facts, kind: str) -> None:
    assert [risk.kind.value for risk in risks(text, facts)] == [kind]
    assert risks(text, Facts()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "CREATE OR ALTER TABLE d.s.t (a INT, b VARCHAR(20), c INT)",
        "CREATE TABLE IF NOT EXISTS d.s.t (a INT)",
        "DELETE FROM d.s.t WHERE a = 1",
        "CREATE OR REPLACE STREAM d.s.st ON TABLE d.s.t AT (STREAM => 'd.s.st')",
        "CREATE STREAM IF NOT EXISTS d.s.st ON TABLE d.s.t",
        "ALTER TABLE d.s.t ADD COLUMN c INT",
    ],
)
def test_the_safe_ways_are_free(text: str) -> None:
    facts = Facts(rows=COLUMNS.rows, columns=COLUMNS.columns, streams=STREAM.streams)
    assert risks(text, facts) == ()


def test_a_stream_that_is_made_anew_loses_only_unread_rows() -> None:
    texts = ("CREATE OR REPLACE VIEW d.s.t AS SELECT 1 AS a", "CREATE OR REPLACE STREAM d.s.st ON VIEW d.s.t")
    pending = decide(resolved(*texts), {}, {}, Live({}, frozenset())).pending
    empty = Facts(streams=(StreamFact(S, frozenset({T}), 0),))
    assert find_risks(pending, empty) == ()
    assert [risk.kind.value for risk in find_risks(pending, STREAM)] == ["orphan-stream", "reset-stream"]


def test_a_stale_stream_has_nothing_left_to_lose() -> None:
    stale = Facts(streams=(StreamFact(S, frozenset({T}), None),))
    assert risks("CREATE OR REPLACE STREAM d.s.st ON TABLE d.s.t", stale) == ()


@pytest.mark.parametrize("allow", ["truncate", "truncate:t", "truncate:s.t", "TRUNCATE:d.s.t"])
def test_what_is_allowed_is_not_refused(allow: str) -> None:
    found = judged(risks("TRUNCATE TABLE d.s.t", ROWS), read_allowances([allow]))
    refuse(found)
    assert [risk.allowed for risk in found] == [True]


@pytest.mark.parametrize("allow", ["delete-all", "truncate:u", "truncate:x.t"])
def test_what_is_allowed_elsewhere_is_refused(allow: str) -> None:
    with pytest.raises(Refused, match="7 rows") as caught:
        refuse(judged(risks("TRUNCATE TABLE d.s.t", ROWS), read_allowances([allow])))
    assert caught.value.notes == ("Nothing has run.",)


def test_a_comment_at_the_statement_allows() -> None:
    allowed = allowed_risks("-- pipeline: allow truncate, drop-table")
    assert allowed == {"truncate", "drop-table"}
    refuse(judged(risks("TRUNCATE TABLE d.s.t", ROWS, allowed), ()))


def test_a_loss_is_told_once() -> None:
    changes = decide(
        resolved("CREATE OR REPLACE TABLE d.s.t (a INT)", "TRUNCATE TABLE d.s.t"), {}, {}, Live({}, frozenset())
    )
    assert [risk.kind.value for risk in find_risks(changes.pending, ROWS)] == ["replace-table"]


def test_a_risk_that_there_is_not() -> None:
    with pytest.raises(UsageError, match="no risk 'everything'"):
        read_allowances(["everything"])


@pytest.mark.parametrize("text", ["truncate:", "truncate: ", "truncate:a.b.c.d", 'truncate:"t'])
def test_an_allowance_for_no_object_is_none_for_all(text: str) -> None:
    with pytest.raises(UsageError, match="names no object"):
        read_allowances([text])
