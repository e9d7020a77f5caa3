"""Past deploys."""

from rich.console import Console

from pipeline.cli.views.table import draw
from pipeline.cli.words import counted, duration, moment
from pipeline.commands.history import Past
from pipeline.targets.past import PastDeploy, PastStatement

STATEMENT, ERROR = 60, 120
"""Characters that a line has for a statement, and for what was wrong with it."""


def deploys_view(deploys: tuple[PastDeploy, ...], console: Console) -> None:
    """A line per deploy, the latest first."""
    if not deploys:
        console.print("Nothing was deployed yet.")
        return
    draw(
        console,
        ("deploy", "status", "started", "took", "by", "commit", "done", "failed"),
        (
            (
                deploy.deploy_id,
                deploy.status,
                moment(deploy.started),
                _took(deploy.seconds),
                f"{deploy.user}@{deploy.host}",
                _commit(deploy),
                str(deploy.done),
                str(deploy.failed),
            )
            for deploy in deploys
        ),
    )


def deploys_document(deploys: tuple[PastDeploy, ...]) -> object:
    """The deploys as JSON."""
    return list(deploys)


def past_view(past: Past, console: Console) -> None:
    """One deploy and a line per statement."""
    deploy = past.deploy
    console.print(
        f"Deploy {deploy.deploy_id}: {deploy.status}, {moment(deploy.started)}, {_took(deploy.seconds)}, by "
        f"{deploy.user}@{deploy.host} as {deploy.account_user} ({deploy.account_role}), pipeline {deploy.version}"
        + (f", commit {_commit(deploy)}" if deploy.git_commit else "")
        + f". {counted(deploy.done, 'statement')} done, {deploy.failed} failed.\n",
        soft_wrap=True,
    )
    draw(
        console,
        ("#", "status", "at", "took", "rows", "query id", "statement"),
        (
            (
                str(statement.position),
                statement.status,
                f"{statement.script}:{statement.line}",
                _took(None if statement.milliseconds is None else statement.milliseconds / 1000),
                "" if statement.rows is None else str(statement.rows),
                statement.query_id or "",
                _words(statement),
            )
            for statement in past.statements
        ),
    )


def past_document(past: Past) -> object:
    """The deploy as JSON."""
    return {"deploy": past.deploy, "statements": past.statements}


def _took(seconds: float | None) -> str:
    return "" if seconds is None else duration(seconds)


def _commit(deploy: PastDeploy) -> str:
    return "" if deploy.git_commit is None else deploy.git_commit[:8] + ("+" if deploy.git_dirty else "")


def _words(statement: PastStatement) -> str:
    text = " ".join((statement.error or statement.text or "").split())
    room = ERROR if statement.error else STATEMENT
    return text if len(text) <= room else text[: room - 1] + "…"
