"""What is going on, while it goes on: a moving line on a terminal, plain lines elsewhere, always on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.cli.screen import Screen
from pipeline.cli.steps import place_of, words_of
from pipeline.cli.words import counted, duration
from pipeline.plan.model import (
    CompileQuery,
    Event,
    Notice,
    Planned,
    Restoring,
    RunStatement,
    StepFinished,
    StepResult,
    StepStarted,
    StepStatus,
)

if TYPE_CHECKING:
    from rich.status import Status

    from pipeline.commands.load import LoadEvent
    from pipeline.commands.runs import TaskEvent

SHORTEST = 12
"""Columns that a statement has on a narrow terminal at least."""


class _Lines:
    """Writes lines, above the moving one if there is one."""

    def __init__(self, screen: Screen, status: "Status | None") -> None:
        self._quiet = screen.quiet
        self._status = status

    def write(self, text: str) -> None:
        """One line that stays."""
        if self._quiet:
            return
        if self._status is not None:
            self._status.console.print(text, soft_wrap=True)
        else:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    @property
    def width(self) -> int | None:
        """Columns of the terminal; None where lines may be as long as they are."""
        return None if self._status is None else self._status.console.width

    def now(self, text: str) -> None:
        """What is being done; on a terminal only."""
        if self._status is not None:
            self._status.update(text)


@contextmanager
def _lines(screen: Screen) -> Iterator[_Lines]:
    if screen.quiet or not sys.stderr.isatty():
        yield _Lines(screen, None)
        return
    with screen.messages().status("") as status:
        yield _Lines(screen, status)


@contextmanager
def deploy_progress(screen: Screen) -> Iterator[Callable[[Event], None]]:
    """A listener for the events of a deploy."""
    with _lines(screen) as lines:

        def listen(event: Event) -> None:
            match event:
                case Planned(plan=plan, deploy_id=deploy_id):
                    lines.write(f"deploy {deploy_id}: {counted(len(plan.steps), 'step')}")
                case StepStarted(number=number, total=total, step=step):
                    lines.now(f"{number}/{total}  {place_of(step)}  {words_of(step)}")
                case StepFinished(number=number, total=total, result=result):
                    lines.write(_finished(number, total, result, lines.width))
                    if screen.verbose:
                        _details(lines, result)
                case Restoring(steps=steps):
                    lines.write(f"bringing back {counted(len(steps), 'task')} that the deploy had suspended")
                case Notice(text=text):
                    lines.write(f"note: {text}")

        yield listen


@contextmanager
def load_progress(screen: Screen) -> Iterator[Callable[["LoadEvent"], None]]:
    """A listener for the events of a load."""
    from pipeline.commands.load import FileUploaded, LoadNotice  # a deploy starts sooner without

    with _lines(screen) as lines:

        def listen(event: "LoadEvent") -> None:
            match event:
                case FileUploaded(file=file, new=new):
                    lines.write(f"{'staged' if new else 'staged before'}  {file.name}")
                case LoadNotice(text=text):
                    lines.write(f"note: {text}")

        yield listen


@contextmanager
def run_progress(screen: Screen) -> Iterator[Callable[["TaskEvent"], None]]:
    """A listener for the runs of task graphs."""
    from pipeline.commands.runs import RunSeen, TaskNotice  # as above

    with _lines(screen) as lines:

        def listen(event: "TaskEvent") -> None:
            match event:
                case RunSeen(run=run) if run.state.over:
                    took = "" if run.seconds is None else f"  {duration(run.seconds)}"
                    lines.write(f"{run.state.lower():<10} {run.task}{took}")
                case RunSeen(run=run):
                    lines.now(f"{run.state.lower()} {run.task}")
                case TaskNotice(text=text):
                    lines.write(f"note: {text}")

        yield listen


def _details(lines: _Lines, result: StepResult) -> None:
    """The whole statement and its query id, for `-v`."""
    match result.step:
        case RunStatement(statement=statement) | CompileQuery(statement=statement):
            for line in statement.readable.splitlines():
                lines.write(f"      │ {line}")
        case _:
            pass
    if result.query_id:
        lines.write(f"      query id: {result.query_id}")


def _finished(number: int, total: int, result: StepResult, width: int | None) -> str:
    mark = "✓" if result.status is StepStatus.DONE else "✗"
    head = f"{mark} {number:>{len(str(total))}}/{total}  {place_of(result.step):<26} "
    rows = "" if result.rows is None else f", {counted(result.rows, 'row')}"
    tail = f"  {duration(result.seconds)}{rows}"
    words = words_of(result.step)
    room = len(words) if width is None else max(width - len(head) - len(tail), SHORTEST)
    return head + (words if len(words) <= room else words[: room - 1] + "…") + tail
