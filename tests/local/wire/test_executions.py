"""Statements that are queued, run, aborted and kept."""

import threading

import pytest

from pipeline.local import executions
from pipeline.local.errors import SnowflakeError
from pipeline.local.executions import Execution, Executions, State, Worker


def failed(_: Execution, error: SnowflakeError) -> bytes:
    return str(error).encode()


def execution(name: str, body: bytes = b"done", session: int = 1) -> Execution:
    return Execution(name, session, "", f"request of {name}", lambda _: body, lambda _: False)


def kept(store: Executions, *names: str) -> list[str]:
    return [name for name in names if store.get(name)]


def test_a_worker_runs_in_order() -> None:
    seen: list[str] = []
    worker = Worker("w", failed, lambda one: seen.append(one.query_id))
    every = [execution(str(number)) for number in range(20)]
    for one in every:
        worker.submit(one)
    worker.stop(10)
    assert seen == [str(number) for number in range(20)]
    assert {one.state for one in every} == {State.SUCCESS}


def test_one_that_waits_is_aborted_before_it_runs() -> None:
    gate = threading.Event()
    worker = Worker("w", failed, lambda _: None)
    first = Execution("first", 1, "", "", lambda _: b"%d" % gate.wait(10), lambda _: False)
    second = execution("second")
    worker.submit(first)
    worker.submit(second)
    second.abort()
    gate.set()
    worker.stop(10)
    assert (first.state, second.state) == (State.SUCCESS, State.ABORTED)
    assert second.body == b"000604 (57014): SQL execution canceled"


def test_abort_insists_until_the_engine_has_the_statement() -> None:
    asked: list[str] = []
    stopped = threading.Event()

    def run(_: Execution) -> bytes:
        assert stopped.wait(10)
        raise executions.cancelled()

    def abort(query_id: str) -> bool:
        asked.append(query_id)
        if len(asked) < 3:
            return False
        stopped.set()
        return True

    worker = Worker("w", failed, lambda _: None)
    one = Execution("one", 1, "", "", run, abort)
    worker.submit(one)
    while one.state is State.QUEUED:
        pass
    one.abort()
    assert one.wait(10)
    assert (len(asked), one.state) == (3, State.ABORTED)
    worker.stop(10)


def test_results_are_kept_within_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "MAX_KEPT", 2)
    store = Executions()
    for name in "abc":
        one = execution(name)
        store.add(one)
        one.perform(failed)
        store.kept(one)
    assert kept(store, *"abc") == ["b", "c"]
    assert store.by_request(1, "request of a") is None
    assert store.by_request(1, "request of c") is store.get("c")
    assert store.by_request(2, "request of c") is None


def test_results_are_kept_within_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "MAX_KEPT_BYTES", 100)
    store = Executions()
    running = execution("running")
    store.add(running)
    for name, size in (("a", 60), ("b", 60), ("large", 1000)):
        one = execution(name, b"x" * size)
        store.add(one)
        one.perform(failed)
        store.kept(one)
    assert kept(store, "running", "a", "b", "large") == ["running", "large"]


def test_results_are_kept_for_a_day() -> None:
    now = [1e9]
    store = Executions(clock=lambda: now[0])
    for name in "ab":
        one = execution(name)
        one.started = now[0]
        store.add(one)
        one.perform(failed)
        store.kept(one)
        now[0] += executions.KEPT_SECONDS + 1
    assert kept(store, *"ab") == ["b"]
