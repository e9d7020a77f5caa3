"""Projects in a temporary folder, for the tests of this directory."""

from pathlib import Path

from pipeline.project.folder import Project, read_project
from pipeline.project.render import ProjectRenderer
from pipeline.project.rendered import Rendered

CONFIG = """\
project: shop
vars:
  database: SHOP
  days: 30
steps:
  - name: setup
    script: sql/a.sql
"""


def write(root: Path, files: dict[str, str]) -> Path:
    """The folder with these files, in a directory below `root` that holds nothing else."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def project(
    root: Path,
    files: dict[str, str],
    *,
    environment: str | None = None,
    overrides: dict[str, str] | None = None,
    environ: dict[str, str] | None = None,
) -> Project:
    """A project of CONFIG, unless `files` has another, and an empty sql/a.sql, unless it has one."""
    write(root, {"config.yaml": CONFIG, "sql/a.sql": "", **files})
    return read_project(root, environment, overrides or {}, environ or {})


def render(root: Path, script: str, **files: str) -> Rendered:
    """sql/a.sql rendered; other files are macros, named without their ending."""
    macros = {f"sql/macros/{name}.sql": text for name, text in files.items()}
    shop = project(root, {"sql/a.sql": script, **macros})
    return ProjectRenderer(shop).script(shop.scripts[0])
