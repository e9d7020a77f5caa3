"""Whose lock was taken away."""

from rich.console import Console

from pipeline.commands.unlock import Unlocked


def view(unlocked: Unlocked, console: Console) -> None:
    """One line."""
    found = unlocked.holder
    if found is None:
        console.print(f"Nobody has the lock of {unlocked.environment}.", soft_wrap=True)
        return
    console.print(
        f"The lock of {unlocked.environment} was taken from deploy {found.owner} of {found.user} on {found.host}, "
        f"silent for {found.silent_seconds} s. `pipeline deploy` continues what it left.",
        soft_wrap=True,
    )


def document(unlocked: Unlocked) -> dict[str, object]:
    """The same as JSON."""
    return {"environment": unlocked.environment, "taken_from": unlocked.holder}
