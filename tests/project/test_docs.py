"""docs/configuration.md says what the code does."""

import re
from pathlib import Path

from pipeline.plan.allow import allowed_risks
from pipeline.plan.guards import RiskKind
from pipeline.project.model import schema
from pipeline.project.params import ParamType
from pipeline.project.queries import bind, read_queries
from pipeline.project.render import ProjectRenderer
from project.folders_of_projects import project

DOCS = (Path(__file__).parents[2] / "docs/configuration.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCS, re.DOTALL | re.MULTILINE)


def test_every_key_and_type_is_explained() -> None:
    found = schema()
    keys = set(found["properties"])
    for definition in found["$defs"].values():
        keys |= set(definition.get("properties", ()))

    named = set(re.findall(r"`([\w]+)`", DOCS))
    assert keys - named == set()
    assert {kind.value for kind in ParamType} - named == set()


def test_the_example_projects_are_valid(tmp_path: Path) -> None:
    (config,) = blocks("yaml")
    files = {"config.yaml": config, "sql/01_tables.sql": "", "sql/02_queries.sql": ""}

    assert project(tmp_path, files).variables == {"database": "SHOP"}
    assert project(tmp_path, files, environment="prod").variables == {"database": "SHOP_PROD"}


def test_the_examples_of_sql_are_valid(tmp_path: Path) -> None:
    copy, guarded, query = blocks("sql")
    load = "load:\n  stage: S\n  table: T\n  copy: sql/copy.sql\n"
    base = "project: shop\nvars: {database: SHOP}\nsteps: [{name: a, script: sql/a.sql}]\n"
    files = {"config.yaml": base + load, "sql/a.sql": query, "sql/copy.sql": copy}
    files["sql/guarded.sql"] = guarded
    base = base.replace("script: sql/a.sql", "scripts: [sql/a.sql, sql/guarded.sql]")
    files["config.yaml"] = base + load
    shop = project(tmp_path, files)
    renderer = ProjectRenderer(shop)
    statement = renderer.copy_statement(("a.gz",), "CONTINUE")

    assert statement is not None
    assert statement.text.startswith("COPY INTO T (content")
    (found,) = read_queries(renderer.script(shop.scripts[0]))
    assert bind(found, {"days": "7"}).startswith("SELECT day, revenue\nFROM SHOP.")
    assert allowed_risks(renderer.script(shop.scripts[1]).text) == {RiskKind.TRUNCATE.value}
