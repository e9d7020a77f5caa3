"""Streams."""

import pytest

from pipeline.sql.grammar import parse
from pipeline.sql.grammar.model import (
    CreateMode,
    Fragment,
    RecordedAction,
    Statement,
    TimeTravel,
    TravelBy,
    TravelTo,
    UnsetOptions,
)
from pipeline.sql.grammar.streams import AlterStream, CloneStream, CreateStream, StreamSource
from pipeline.sql.names import QualifiedName
from pipeline.sql.problems import InvalidProperty, TextProblem, Unexpected

S, T = QualifiedName.of("S"), QualifiedName.of("T")


def travel(to: TravelTo, by: TravelBy, text: str, offset: int) -> TimeTravel:
    return TimeTravel(to, by, Fragment(text, offset))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("CREATE STREAM s ON TABLE t", CreateStream(S, CreateMode.NEW, StreamSource.TABLE, T)),
        (
            "CREATE STREAM IF NOT EXISTS d.x.s ON VIEW d.x.t APPEND_ONLY = TRUE",
            CreateStream(
                QualifiedName.of("D", "X", "S"),
                CreateMode.IF_NOT_EXISTS,
                StreamSource.VIEW,
                QualifiedName.of("D", "X", "T"),
                append_only=True,
            ),
        ),
        (
            "CREATE OR REPLACE STREAM s COPY GRANTS ON TABLE t AT (STREAM => 's')"
            " SHOW_INITIAL_ROWS = false COMMENT = 'x'",
            CreateStream(
                S,
                CreateMode.OR_REPLACE,
                StreamSource.TABLE,
                T,
                travel(TravelTo.AT, TravelBy.STREAM, "'s'", 64),
                show_initial_rows=False,
                copy_grants=True,
                comment="x",
            ),
        ),
        (
            "CREATE STREAM s ON TABLE t BEFORE (TIMESTAMP => TO_TIMESTAMP_LTZ(1, 2))",
            CreateStream(
                S,
                CreateMode.NEW,
                StreamSource.TABLE,
                T,
                travel(TravelTo.BEFORE, TravelBy.TIMESTAMP, "TO_TIMESTAMP_LTZ(1, 2)", 48),
            ),
        ),
        (
            "CREATE STREAM s ON TABLE t AT(OFFSET => -60*5)",
            CreateStream(S, CreateMode.NEW, StreamSource.TABLE, T, travel(TravelTo.AT, TravelBy.OFFSET, "-60*5", 40)),
        ),
        (
            "CREATE OR ALTER STREAM s ON EXTERNAL TABLE t INSERT_ONLY = TRUE",
            CreateStream(S, CreateMode.OR_ALTER, StreamSource.EXTERNAL_TABLE, T, insert_only=True),
        ),
        ("CREATE STREAM s ON STAGE t", CreateStream(S, CreateMode.NEW, StreamSource.STAGE, T)),
        ("CREATE STREAM s ON DYNAMIC TABLE t", CreateStream(S, CreateMode.NEW, StreamSource.DYNAMIC_TABLE, T)),
        (
            "CREATE STREAM s WITH TAG (a = 'b') ON TABLE t",
            CreateStream(S, CreateMode.NEW, StreamSource.TABLE, T, recorded=("WITH TAG (a = 'b')",)),
        ),
        ("CREATE STREAM s CLONE t COPY GRANTS", CloneStream(S, CreateMode.NEW, T, copy_grants=True)),
        ("ALTER STREAM s UNSET COMMENT", AlterStream(S, False, UnsetOptions(("COMMENT",)))),
        ("ALTER STREAM IF EXISTS s SET TAG a = 'b'", AlterStream(S, True, RecordedAction("SET TAG a = 'b'"))),
    ],
)
def test_stream(text: str, wanted: Statement) -> None:
    assert parse(text) == wanted


@pytest.mark.parametrize(
    ("text", "problem", "message"),
    [
        ("CREATE STREAM s", Unexpected, "syntax error line 1 at position 15 unexpected '<EOF>'."),
        ("CREATE STREAM s ON t", Unexpected, "syntax error line 1 at position 19 unexpected 't'."),
        ("CREATE STREAM s ON TABLE t FOO = 1", InvalidProperty, "invalid property 'FOO' for 'STREAM'"),
        (
            "CREATE STREAM s ON TABLE t APPEND_ONLY = 1",
            TextProblem,
            "invalid value [1] where TRUE or FALSE is wanted",
        ),
        ("CREATE STREAM s ON TABLE t AT (X => 1)", Unexpected, "syntax error line 1 at position 31 unexpected 'X'."),
    ],
)
def test_problem(text: str, problem: type[TextProblem], message: str) -> None:
    with pytest.raises(problem) as caught:
        parse(text)
    assert caught.value.message == message
