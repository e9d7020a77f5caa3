"""Bring back the task graphs that a stopped deploy had suspended."""

from collections.abc import Callable, Sequence

from pipeline.commands.perform import text_of
from pipeline.errors import PipelineError
from pipeline.plan.model import Event, Plan, Restoring, Step, StepResult, StepStatus
from pipeline.plan.planner import restoration
from pipeline.targets.session import Session


def bring_back(
    session: Session, plan: Plan, done: Sequence[Step], failed: Step | None, listen: Callable[[Event], None]
) -> tuple[StepResult, ...]:
    """Resume what was started before. What fails here is said beside the first failure, and ends it."""
    steps = restoration(plan, done, failed)
    if not steps:
        return ()
    listen(Restoring(steps))
    restored: list[StepResult] = []
    for step in steps:
        try:
            outcome = session.run(text_of(step))
        except PipelineError as error:
            return (*restored, StepResult(step, StepStatus.FAILED, 0.0, error=error.message))
        restored.append(StepResult(step, StepStatus.DONE, outcome.seconds, None, outcome.query_id))
    return tuple(restored)
