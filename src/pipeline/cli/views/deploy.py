"""What a deploy did."""

from rich.console import Console

from pipeline.cli.steps import place_of, words_of
from pipeline.cli.words import counted, duration
from pipeline.plan.model import CompileQuery, Report, ResumeTask, RunStatement, StepResult, SuspendTask


def view(report: Report, console: Console) -> None:
    """The summary: the lines of progress have told the rest."""
    if not report.planned:
        console.print(
            f"Nothing to do for {report.project} in {report.environment}: "
            f"{counted(report.unchanged, 'statement')} unchanged.",
            soft_wrap=True,
        )
        return
    done = [type(result.step) for result in report.results]
    parts = [counted(done.count(RunStatement), "statement") + " done"]
    if compiled := done.count(CompileQuery):
        parts.append(f"{compiled} queries compiled" if compiled > 1 else "1 query compiled")
    if suspended := done.count(SuspendTask):
        parts.append(f"{counted(suspended, 'task')} suspended")
    if resumed := done.count(ResumeTask):
        parts.append(f"{counted(resumed, 'task')} resumed")
    if report.unchanged:
        parts.append(f"{report.unchanged} unchanged")
    console.print(
        f"Deployed {report.project} to {report.environment} in {duration(report.seconds)}: {', '.join(parts)}.",
        soft_wrap=True,
    )


def document(report: Report) -> dict[str, object]:
    """The report as JSON."""
    return {
        "deploy_id": report.deploy_id,
        "project": report.project,
        "environment": report.environment,
        "status": report.status,
        "planned": report.planned,
        "done": report.done,
        "unchanged": report.unchanged,
        "seconds": round(report.seconds, 3),
        "notices": report.notices,
        "steps": [_step(result) for result in report.results],
    }


def _step(result: StepResult) -> dict[str, object]:
    return {
        "kind": _KINDS[type(result.step)],
        "at": place_of(result.step),
        "what": words_of(result.step),
        "status": result.status,
        "rows": result.rows,
        "seconds": round(result.seconds, 3),
        "query_id": result.query_id,
    }


_KINDS = {
    RunStatement: "statement",
    CompileQuery: "compile",
    SuspendTask: "suspend",
    ResumeTask: "resume",
}
