"""Steps, plan, events and report: plain data that every reader takes apart with `match`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from pipeline.errors import Location
from pipeline.plan.hashes import text_hash
from pipeline.sql.names import QualifiedName


class RunWhen(StrEnum):
    """When a statement of the project runs."""

    CHANGED = "changed"
    ALWAYS = "always"
    ONCE = "once"


class AfterDeploy(StrEnum):
    """What becomes of task graphs after a deploy."""

    RESUME = "resume"
    """New tasks are resumed, the others stay as they were."""
    SUSPEND = "suspend"
    """Every graph of the project is suspended at the end."""
    KEEP = "keep"
    """New tasks stay suspended, the others stay as they were."""


class Standing(StrEnum):
    """Why a task is resumed."""

    RESTORED = "restored"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the project, rendered; `position` counts from 1 over the whole deploy."""

    position: int
    script: str
    text: str
    at: Location
    query: str | None = None
    """The name under which `pipeline query` runs it."""
    shown: str | None = None
    """The text without its secrets, for people; None when it has none."""
    compile_only: bool = False
    """Whether a deploy has it compiled only: queries are for later."""
    run: RunWhen = RunWhen.CHANGED
    allowed: frozenset[str] = frozenset()
    """Risks that a comment at the statement takes: `-- pipeline: allow RISK`."""
    removes: str | None = None
    """For the DROP of what left the project: the key of the statement that had made it."""
    hashed: str | None = None
    """The text's hash, if it is known already."""

    @property
    def hash(self) -> str:
        """The text's; what the history has is `Resolved.hash`."""
        return self.hashed or text_hash(self.text)

    @property
    def headline(self) -> str:
        """The statement on one line, for people."""
        lines = self.readable.splitlines()
        return " ".join(" ".join(line for line in lines if not line.lstrip().startswith("--")).split())

    @property
    def readable(self) -> str:
        """The statement as it may be shown."""
        return self.text if self.shown is None else self.shown


@dataclass(frozen=True, slots=True)
class RunStatement:
    """Send the statement to the account; `defines` is the task that it creates or changes, if it does that."""

    statement: Statement
    defines: QualifiedName | None = None


@dataclass(frozen=True, slots=True)
class CompileQuery:
    """Let the account compile a named query, without running it."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class SuspendTask:
    """Suspend the root of a graph: its children keep their states."""

    task: QualifiedName
    final: bool = False
    """Whether it is to stay suspended, by `tasks.after_deploy: suspend`."""


@dataclass(frozen=True, slots=True)
class ResumeTask:
    """Resume one task; the planner lists the children and the finalizer of a graph before its root."""

    task: QualifiedName
    standing: Standing


Step: TypeAlias = RunStatement | CompileQuery | SuspendTask | ResumeTask


@dataclass(frozen=True, slots=True)
class Plan:
    """What a deploy does, in order. `notices` are for the user to read before it happens."""

    steps: tuple[Step, ...]
    notices: tuple[str, ...] = ()


class StepStatus(StrEnum):
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not run, because what it depends on failed."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of one step. `rows` is None where the statement returns or changes none."""

    step: Step
    status: StepStatus
    seconds: float
    rows: int | None = None
    query_id: str | None = None
    error: str | None = None
    errno: int | None = None
    sqlstate: str | None = None


class DeployStatus(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Report:
    """What a deploy did; `restored` are steps performed after a failure to bring task graphs back."""

    deploy_id: str
    project: str
    environment: str
    status: DeployStatus
    results: tuple[StepResult, ...]
    planned: int
    seconds: float
    restored: tuple[StepResult, ...] = ()
    notices: tuple[str, ...] = ()
    unchanged: int = 0
    """Statements of the project that did not need to run."""

    @property
    def done(self) -> int:
        return sum(result.status is StepStatus.DONE for result in self.results)


@dataclass(frozen=True, slots=True)
class Planned:
    """Event: the plan is made and about to be performed."""

    plan: Plan
    deploy_id: str


@dataclass(frozen=True, slots=True)
class StepStarted:
    """Event: step `number` (from 1) of `total` is sent."""

    number: int
    total: int
    step: Step


@dataclass(frozen=True, slots=True)
class StepFinished:
    """Event: step `number` of `total` is done or has failed."""

    number: int
    total: int
    result: StepResult


@dataclass(frozen=True, slots=True)
class Restoring:
    """Event: the deploy stopped, and the task graphs it had suspended are brought back by these steps."""

    steps: tuple[ResumeTask, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Event: something a user should know, and no more."""

    text: str


Event: TypeAlias = Planned | StepStarted | StepFinished | Restoring | Notice
