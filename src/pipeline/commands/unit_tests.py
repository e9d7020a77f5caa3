"""Run the tests that a project's users wrote: each on a fresh local account, in parallel processes.

The project is deployed once for each moment at which tests begin; every test gets a copy of that account's files.
Processes and not threads, because the account and its client are Python for the most part.
"""

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from pipeline.commands.project_tasks import ProjectTasks
from pipeline.commands.tasks import resume_graph
from pipeline.commands.trials import TrialResult, Verdict, play
from pipeline.commands.workspace import Request, Workspace, open_workspace
from pipeline.errors import Interrupted, PipelineError, StatementFailed, UsageError
from pipeline.project.suggest import did_you_mean
from pipeline.project.unit_tests import UnitTest, read_unit_tests

BEFORE = timedelta(seconds=1)
"""How long before a test's start its account is deployed."""


@dataclass(frozen=True, slots=True)
class TestReport:
    """All tests that ran, in the order of the files."""

    __test__ = False  # pytest would collect the class by its name

    project: str
    results: tuple[TrialResult, ...]
    seconds: float

    def count(self, verdict: Verdict) -> int:
        return sum(result.verdict is verdict for result in self.results)

    @property
    def passed(self) -> bool:
        return self.count(Verdict.PASSED) == len(self.results)


@dataclass(frozen=True, slots=True)
class TrialFinished:
    """Event: a test has ended."""

    result: TrialResult
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class TestNotice:
    """Event: a word to the user."""

    __test__ = False

    text: str


TestEvent = TrialFinished | TestNotice
Listener = Callable[[TestEvent], None]


def run_unit_tests(
    request: Request,
    *,
    names: Sequence[str] = (),
    keyword: str | None = None,
    jobs: int | None = None,
    listen: Listener,
) -> TestReport:
    """Run the tests of these names or files that have `keyword` in their name, by default all of the project.

    `jobs` processes at most, by default one for each processor.

    Raises:
        ConfigError: a file of tests is not as it must be.
        UsageError: there is no such test.
        StatementFailed: the project does not deploy on a fresh local account.
    """
    began = time.perf_counter()
    workspace = open_workspace(request)
    for notice in workspace.notices:
        listen(TestNotice(notice))
    tests = select(read_unit_tests(workspace.project, workspace.renderer), workspace, names, keyword)
    with tempfile.TemporaryDirectory(prefix="pipeline-test-") as folder, _pool(request, tests, jobs) as pool:
        results = _Tests(pool, Path(folder), listen).results(tests)
    return TestReport(workspace.project.name, results, time.perf_counter() - began)


def select(
    tests: tuple[UnitTest, ...], workspace: Workspace, names: Sequence[str], keyword: str | None
) -> tuple[UnitTest, ...]:
    """The tests that are named, by their own name or by their file's. Raises UsageError when there are none."""
    folder = workspace.project.tests
    if not tests:
        raise UsageError(f"There are no tests in {folder}.", hint="docs/testing.md shows how to write them.")
    chosen = tests if not names else tuple(test for test in tests if any(_called(test, name) for name in names))
    for name in names:
        if not any(_called(test, name) for test in tests):
            known = {test.name for test in tests} | {test.at.path.name for test in tests}
            raise UsageError(f"There is no test '{name}' in {folder}.", hint=did_you_mean(name, known, "tests"))
    if keyword is not None:
        chosen = tuple(test for test in chosen if keyword.casefold() in f"{test.at.path.name} {test.name}".casefold())
        if not chosen:
            raise UsageError(f"No test has '{keyword}' in its name.")
    return chosen


def _called(test: UnitTest, name: str) -> bool:
    path = test.at.path
    return name in (test.name, path.name, path.stem) or Path(name).resolve() == path.resolve()


class _Tests:
    """The processes' work: accounts first, then the tests as their accounts are ready."""

    def __init__(self, pool: ProcessPoolExecutor, folder: Path, listen: Listener) -> None:
        self._pool = pool
        self._folder = folder
        self._listen = listen

    def results(self, tests: Sequence[UnitTest]) -> tuple[TrialResult, ...]:
        """Each test's result, in the tests' order. Raises Interrupted on Ctrl-C."""
        results: dict[int, TrialResult] = {}
        try:
            for index, result in self._finished(tests):
                results[index] = result
                self._listen(TrialFinished(result, len(results), len(tests)))
        except KeyboardInterrupt as error:
            raise Interrupted(f"Interrupted after {len(results)} of {len(tests)} tests.") from error
        return tuple(results[index] for index in range(len(tests)))

    def _finished(self, tests: Sequence[UnitTest]) -> Iterator[tuple[int, TrialResult]]:
        """Positions and results, as the tests end."""
        waiting: dict[Future[Path], list[int]] = {}
        for number, now in enumerate(dict.fromkeys(test.now for test in tests)):
            account = self._pool.submit(_deploy, self._folder / f"account_{number}", now)
            waiting[account] = [index for index, test in enumerate(tests) if test.now == now]
        running: dict[Future[TrialResult], int] = {}
        while waiting or running:
            futures: list[Future[Any]] = [*waiting, *running]
            wait(futures, return_when=FIRST_COMPLETED)
            for account in [future for future in waiting if future.done()]:
                for index in waiting.pop(account):
                    folder = self._folder / f"test_{index}"
                    running[self._pool.submit(_play, account.result(), folder, tests[index])] = index
            for trial in [future for future in running if future.done()]:
                yield running.pop(trial), trial.result()


@contextmanager
def _pool(request: Request, tests: Sequence[UnitTest], jobs: int | None) -> Iterator[ProcessPoolExecutor]:
    """Processes that have the project open. What has not begun is left when the block raises."""
    context = _context()
    workers = max(1, min(jobs or _processors(), len(tests)))
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(request,))
    for _ in range(workers - 1):  # one deploys; meanwhile the others get ready
        pool.submit(_prepare)
    try:
        yield pool
    except BrokenProcessPool as error:
        raise PipelineError("A process that ran tests has died.", hint="`--jobs 1` runs them one by one.") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _context() -> BaseContext:
    """Processes forked from one that has only imported what they need: threads of this one cannot be cut off."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "pipeline.targets.trial", "pipeline.project.templates"])
    return context


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


# --- in the processes -----------------------------------------------------------------------------------------------

_open: list[Workspace] = []
"""The project, which a process reads once for all of its tests."""


def _begin(request: Request) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _open.append(open_workspace(request))


def _prepare() -> None:
    from pipeline.targets.trial import prepare

    prepare()


def _deploy(folder: Path, now: datetime) -> Path:
    """The account from which the tests that begin at `now` start: everything deployed, all tasks started."""
    from pipeline.targets.trial import trial_account

    workspace = _open[0]
    with trial_account(folder, now - BEFORE, kept=True) as trial:
        for statement in workspace.statements:
            if not statement.compile_only:
                try:
                    trial.session.run(statement.text)
                except StatementFailed as error:
                    error.at = error.at or workspace.place(statement, error.message)
                    raise
        project = ProjectTasks(workspace, trial.session)
        for root in project.graphs.roots():
            _exhaust(resume_graph(project, root.name))
    return folder


def _exhaust(iterable: Iterable[object]) -> None:
    for _ in iterable:
        pass


def _play(account: Path, folder: Path, test: UnitTest) -> TrialResult:
    """The test on a copy of the account."""
    from pipeline.targets.trial import trial_account

    shutil.copytree(account, folder)
    try:
        with trial_account(folder, test.now) as trial:
            return play(_open[0], trial, test)
    finally:
        shutil.rmtree(folder)
