"""The SQL of both projects is Snowflake's, as two grammars that are not ours read it."""

import os
import re
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pytest
import sqlglot
from sqlfluff.core import FluffConfig, Linter
from sqlglot.errors import ErrorLevel

from pipeline.project.folder import Project, read_project
from pipeline.project.render import ProjectRenderer

ROOT = Path(__file__).parents[2]
PROJECTS = [path for path in (ROOT, ROOT / "examples" / "caves_albert") if (path / "config.example.yaml").is_file()]
SCRIPTS = [
    pytest.param(project, path, id=path.relative_to(ROOT).as_posix())
    for project in PROJECTS
    for path in sorted((project / "sql").rglob("*.sql"))
    if path.parent.name != "macros"
]


def of(folder: Path) -> Project:
    return read_project(folder, "local", {}, os.environ)


def fingerprint(folder: Path, path: Path) -> str:
    """What sqlfluff's findings depend on: the script, the macros it may use, the settings, sqlfluff itself."""
    files = [path, *sorted((folder / "sql" / "macros").glob("*")), ROOT / ".sqlfluff", folder / ".sqlfluff"]
    texts = [file.read_bytes() for file in files if file.is_file()]
    return sha256(b"\0".join([version("sqlfluff").encode(), *texts])).hexdigest()


@pytest.mark.parametrize(("folder", "path"), SCRIPTS)
def test_sqlfluff_finds_nothing(
    folder: Path, path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    # sqlfluff takes seconds for a script: pytest's cache knows which ones were clean and have not changed since
    found_clean = f"sqlfluff/{fingerprint(folder, path)}"
    cached = pytestconfig.pluginmanager.hasplugin("cacheprovider")
    if cached and pytestconfig.cache.get(found_clean, False):
        return
    monkeypatch.chdir(folder)
    # sqlfluff knows bind variables, but not after LIMIT.
    text = re.sub(r"\bLIMIT :\w+", "LIMIT 1", path.read_text(encoding="utf-8"))
    config = FluffConfig.from_path(str(path))
    faults = Linter(config=config).lint_string(text, fname=str(path)).get_violations()
    assert [f"{path}:{fault.line_no}: {fault.rule_code()} {fault.desc()}" for fault in faults] == []
    if cached:
        pytestconfig.cache.set(found_clean, True)


@pytest.mark.parametrize("folder", PROJECTS, ids=[path.name for path in PROJECTS])
def test_sqlglot_parses_every_script(folder: Path) -> None:
    project = of(folder)
    renderer = ProjectRenderer(project)
    for script in project.scripts:
        text = renderer.script(script).text
        statements = sqlglot.parse(text, dialect="snowflake", error_level=ErrorLevel.RAISE)
        assert any(statements), script.name


@pytest.mark.parametrize("folder", PROJECTS, ids=[path.name for path in PROJECTS])
def test_every_environment_renders(folder: Path) -> None:
    for environment in of(folder).environments:
        project = read_project(folder, environment, {}, os.environ)
        renderer = ProjectRenderer(project)
        for script in project.scripts:
            assert "{{" not in renderer.script(script).text


@pytest.mark.parametrize("folder", PROJECTS, ids=[path.name for path in PROJECTS])
def test_nothing_that_holds_rows_or_an_offset_is_replaced(folder: Path) -> None:
    project = of(folder)
    renderer = ProjectRenderer(project)
    for script in project.scripts:
        text = renderer.script(script).text.upper()
        replaced = re.findall(r"CREATE\s+OR\s+REPLACE\s+(?:SECURE\s+)?(\w+)", text)
        assert set(replaced) <= {"VIEW"}, script.name
        assert not re.search(r"\b(DROP|TRUNCATE)\s+(TABLE|SCHEMA|DATABASE|STREAM|STAGE)\b", text), script.name
