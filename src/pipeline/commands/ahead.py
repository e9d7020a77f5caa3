"""Read the project's scripts while a login waits for the network."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pipeline.commands.effects_cache import EffectsCache
from pipeline.commands.workspace import Workspace
from pipeline.errors import PipelineError, SyntaxProblem


@contextmanager
def reading_ahead(workspace: Workspace) -> Iterator[None]:
    """While the block runs; what is wrong with a script is told when the scripts are asked for."""
    enough = threading.Event()
    thread = threading.Thread(target=_read, args=(workspace, enough), name="ahead", daemon=True)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def _read(workspace: Workspace, enough: threading.Event) -> None:
    """The statements; on a machine that never saw them also what they do, as far as there is time."""
    with suppress(PipelineError):
        statements = workspace.statements
        with EffectsCache(workspace.root) as cache:
            for statement in () if cache.exists else statements:
                if enough.is_set():
                    return
                with suppress(SyntaxProblem):
                    cache.effects(statement.text)
