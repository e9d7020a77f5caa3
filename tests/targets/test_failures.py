"""Every exception of the connector becomes an error of ours, by its meaning."""

import inspect
from collections.abc import Callable

import pytest
from snowflake.connector import errors

from pipeline.errors import CannotConnect, CommunicationError, StatementFailed
from pipeline.targets.failures import account_text, mapped, mapped_error


def connector_errors() -> list[type[Exception]]:
    """Every class that the connector may raise."""
    found: list[type[Exception]] = []
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.Error) and issubclass(kind, Exception):
            found.append(kind)
    return found


@pytest.mark.parametrize("kind", connector_errors(), ids=lambda kind: kind.__name__)
def test_every_class_is_mapped(kind: Callable[..., Exception]) -> None:
    # Some constructors take a message and nothing else, those of HTTP in connector 4.x keywords alone.
    error = kind("hello") if kind is errors.MissingDependencyError else kind(msg="hello")
    assert isinstance(mapped_error(error, connecting_to="'dev' of a file"), CannotConnect)
    with pytest.raises((StatementFailed, CommunicationError)), mapped():
        raise error


def test_a_refused_statement_keeps_its_numbers() -> None:
    error = errors.ProgrammingError(
        msg="SQL compilation error:\nObject 'X' does not exist.", errno=2003, sqlstate="42S02", sfqid="q-1"
    )
    found = mapped_error(error)
    assert isinstance(found, StatementFailed)
    assert (found.errno, found.sqlstate, found.query_id) == (2003, "42S02", "q-1")
    assert found.message == "SQL compilation error:\nObject 'X' does not exist."


@pytest.mark.parametrize("errno", [250001, 250002, 250003, 290404, 390114])
def test_numbers_that_tell_of_a_lost_connection(errno: int) -> None:
    error = errors.OperationalError(msg="gone", errno=errno, sqlstate="08001")
    assert isinstance(mapped_error(error), CommunicationError)


def test_an_operational_error_of_a_statement_is_the_statements() -> None:
    error = errors.OperationalError(msg="Statement timed out", errno=630, sqlstate="57014", sfqid="q")
    assert isinstance(mapped_error(error), StatementFailed)


def test_a_socket_that_breaks_is_a_lost_connection() -> None:
    assert isinstance(mapped_error(ConnectionResetError("reset")), CommunicationError)


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("002003 (42S02): 01b2c3d4-0000-1111-2222-333344445555: Object 'X'", "Object 'X'"),
        ("002003 (42S02): Object 'X'", "Object 'X'"),
        ("------: Object 'X'", "Object 'X'"),
        ("Object 'X'", "Object 'X'"),
    ],
)
def test_the_connectors_prefix_is_dropped(message: str, wanted: str) -> None:
    assert account_text(Exception(message)) == wanted


def test_other_faults_pass_through() -> None:
    with pytest.raises(KeyError), mapped():
        raise KeyError("ours")
