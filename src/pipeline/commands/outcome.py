"""What became of the steps of a deploy, and how it is told when they did not all succeed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.commands.hints import hint_for
from pipeline.commands.workspace import Workspace
from pipeline.errors import CommunicationError, Interrupted, PipelineError, StatementFailed
from pipeline.plan.model import CompileQuery, ResumeTask, RunStatement, Statement, Step, StepResult, StepStatus

CANCELLED = 604
"""The error of a statement that was cancelled: "SQL execution canceled"."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The steps of a plan, the results of those that ended, by their number, and the tasks that were brought back."""

    steps: Sequence[Step]
    results: Mapping[int, StepResult]
    restored: tuple[StepResult, ...] = ()

    @property
    def in_order(self) -> tuple[StepResult, ...]:
        return tuple(self.results[number] for number in sorted(self.results))

    @property
    def failure(self) -> StepResult | None:
        """The first step that failed, in the plan's order."""
        return next((result for result in self.in_order if result.status is StepStatus.FAILED), None)

    @property
    def complete(self) -> bool:
        return self.failure is None and len(self.results) == len(self.steps)

    def statement_failed(self, failure: StepResult, workspace: Workspace) -> StatementFailed:
        """The error of `failure`; the hint comes from the project's other statements too."""
        statement = statement_of(failure.step)
        message = failure.error or "The statement failed."
        error = StatementFailed(
            message,
            at=None if statement is None else workspace.place(statement, message),
            notes=self.notes(),
            query_id=failure.query_id,
            errno=failure.errno,
            sqlstate=failure.sqlstate,
        )
        if statement is not None:
            error.hint = hint_for(error, statement, workspace.statements)
        return error

    def cancelled(self, failure: StepResult) -> Interrupted:
        """The error when the user's second Ctrl-C cancelled the statement of `failure`."""
        statement = statement_of(failure.step)
        at = None if statement is None else statement.at
        return Interrupted("Interrupted in this statement, which was cancelled.", at=at, notes=self.notes())

    def connection_lost(self, lost: PipelineError) -> CommunicationError:
        return CommunicationError(
            lost.message,
            hint="What became of the statements under way is not known; `pipeline deploy` finds out and goes on.",
            notes=self.notes(),
        )

    def interrupted(self) -> Interrupted:
        """The error when the user stopped the deploy between two steps."""
        missing = next((step for number, step in enumerate(self.steps) if number not in self.results), None)
        statement = None if missing is None else statement_of(missing)
        return Interrupted(
            "Interrupted before this statement." if statement else "Interrupted.",
            at=None if statement is None else statement.at,
            notes=self.notes(),
        )

    def notes(self) -> tuple[str, ...]:
        """What was done and what was not, every failure but the first, and what became of the tasks."""
        failures = [result for result in self.in_order if result.status is StepStatus.FAILED]
        notes = [f"{self._progress(failures)}; `pipeline deploy` continues here."]
        for result in failures[1:]:
            statement = statement_of(result.step)
            notes.append(f"Also {'' if statement is None else f'{statement.at}: '}{result.error}")
        for result in self.restored:
            assert isinstance(result.step, ResumeTask), "only tasks are brought back"
            if result.status is StepStatus.DONE:
                notes.append(f"Task {result.step.task} is started again, as before the deploy.")
            else:
                notes.append(
                    f"Task {result.step.task} was started before the deploy and could not be resumed: {result.error} "
                    "`pipeline tasks resume` does it."
                )
        return tuple(notes)

    def _progress(self, failures: Sequence[StepResult]) -> str:
        """`3 of 9 statements done, 1 cancelled, 5 not run`."""
        planned = sum(statement_of(step) is not None for step in self.steps)
        of_statements = [result for result in self.in_order if statement_of(result.step) is not None]
        done = sum(result.status is StepStatus.DONE for result in of_statements)
        failed = [failure for failure in failures if statement_of(failure.step) is not None]
        cancelled = sum(failure.errno == CANCELLED for failure in failed)
        counts = {"failed": len(failed) - cancelled, "cancelled": cancelled, "not run": planned - done - len(failed)}
        counted = (f"{number} {what}" for what, number in counts.items() if number)
        return ", ".join((f"{done} of {planned} statements done", *counted))


def statement_of(step: Step) -> Statement | None:
    """The project's statement that a step sends; None for what the tool adds."""
    match step:
        case RunStatement(statement=statement) | CompileQuery(statement=statement):
            return statement
        case _:
            return None
