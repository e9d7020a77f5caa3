"""The commit that a project's folder is at."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class GitState:
    """The commit checked out; `dirty` when files of the folder differ from it."""

    commit: str
    dirty: bool


def git_state(folder: Path) -> GitState | None:
    """Where the folder's repository stands; None outside a repository, without a commit, or without git."""
    if shutil.which("git") is None:
        return None
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    return GitState(commit.strip(), dirty=bool(_git(folder, "status", "--porcelain", "--", ".")))


def _git(folder: Path, *arguments: str) -> str | None:
    finished = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False, timeout=30
    )
    return finished.stdout if finished.returncode == 0 else None
