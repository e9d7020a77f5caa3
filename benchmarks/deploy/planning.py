"""Plan 10,000 statements of which 10 changed, against the time that sqlglot takes to tokenise the same text.

`python -m benchmarks.deploy.planning`: rendering, splitting, hashing, comparing with the history and making the plan,
without asking an account: its answers are at hand. Cold is without the file of effects that an earlier plan left, warm
with it. Each is measured in a process of its own, in turns; the processors' time counts, and the median of the ratios.
"""

import gc
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from pipeline.commands.effects_cache import CACHE, EffectsCache
from pipeline.commands.workspace import Workspace
from pipeline.plan.changes import Applied, Live, Verdict
from pipeline.plan.decide import decide
from pipeline.plan.model import AfterDeploy
from pipeline.plan.planner import make_plan
from pipeline.plan.resolve import resolve
from pipeline.project.folder import read_project
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName

SCRIPTS, STATEMENTS, CHANGED = 100, 100, 10
ROUNDS = 7
WARM_LIMIT, COLD_LIMIT = 0.15, 0.5


def statement(number: int) -> str:
    """Tables, views, loads, streams and merges, each on what came before; a tenth are tasks and grants."""
    schema, group = f"BENCH.S{number // 500}", number // 10 * 10
    table, view = f"{schema}.T{group}", f"{schema}.V{group}"
    match number % 10:
        case 0:
            return (
                f"CREATE OR ALTER TABLE {table} (\n    id NUMBER(38, 0) NOT NULL,\n    name VARCHAR(200),\n"
                "    amount NUMBER(12, 2) DEFAULT 0,\n    created_at TIMESTAMP_NTZ,\n    content VARIANT\n)"
            )
        case 1:
            return (
                f"CREATE OR REPLACE VIEW {view} AS\nSELECT o.id, o.name, SUM(o.amount) AS total, COUNT(*) AS orders\n"
                f"FROM {table} AS o\nWHERE o.created_at >= DATEADD('day', -30, CURRENT_DATE())\nGROUP BY o.id, o.name"
            )
        case 2:
            return f"CREATE STREAM IF NOT EXISTS {schema}.ST{group} ON TABLE {table} APPEND_ONLY = TRUE"
        case 3:
            return (
                f"CREATE OR ALTER TASK {schema}.K{group}\n  SCHEDULE = '5 MINUTE'\n"
                f"  WHEN SYSTEM$STREAM_HAS_DATA('{schema}.ST{group}')\nAS INSERT INTO {schema}.LOG (id)\n"
                f"  SELECT id FROM {schema}.ST{group}"
            )
        case 4:
            return f"GRANT SELECT ON VIEW {view} TO ROLE READER"
        case 5 | 6 | 7:
            return (
                f"INSERT INTO {table} (id, name, amount)\nSELECT {number}, 'name {number}', 12.5\n"
                f"WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE id = {number})"
            )
        case 8:
            return f"ALTER TABLE {table} SET COMMENT = 'number {number}'"
        case _:
            return (
                f"MERGE INTO {table} AS t USING (SELECT id, name, total FROM {view}) AS s ON t.id = s.id\n"
                "WHEN MATCHED THEN UPDATE SET name = s.name, amount = s.total\n"
                "WHEN NOT MATCHED THEN INSERT (id, name, amount) VALUES (s.id, s.name, s.total)"
            )


def write_project(folder: Path) -> None:
    """100 scripts of 100 statements."""
    (folder / "sql").mkdir()
    names = [f"sql/{number:03}.sql" for number in range(SCRIPTS)]
    for script, name in enumerate(names):
        texts = [statement(script * STATEMENTS + each) for each in range(STATEMENTS)]
        (folder / name).write_text(";\n\n".join(texts) + ";\n", encoding="utf-8")
    (folder / "config.yaml").write_text(
        "project: bench\nvars:\n  database: BENCH\nsteps:\n  - name: all\n    scripts:\n"
        + "".join(f"      - {name}\n" for name in names),
        encoding="utf-8",
    )


def edit(folder: Path) -> None:
    """Change ten statements, in ten scripts."""
    for number in range(CHANGED):
        path = folder / f"sql/{number * 10:03}.sql"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("DATEADD('day', -30,", "DATEADD('day', -60,", 1), encoding="utf-8")


def history_of(folder: Path) -> dict[str, Applied]:
    """What the history has after a deploy of the folder."""
    workspace = Workspace(read_project(folder, None, {}, {}))
    with EffectsCache(folder) as cache:
        found = resolve(workspace.statements, cache.effects, "BENCH")
    return {
        each.key: Applied(each.key, each.hash, each.statement.script, "x", each.statement.at.line, "d")
        for each in found
    }


def live_of(history: dict[str, Applied]) -> Live:
    """The objects that the deploy made."""
    objects: dict[ObjectKind, set[QualifiedName]] = {}
    for key in history:
        kind, _, name = key.rpartition(" ")
        if kind in {each.value for each in (ObjectKind.TABLE, ObjectKind.VIEW, ObjectKind.TASK, ObjectKind.STREAM)}:
            objects.setdefault(ObjectKind(kind), set()).add(QualifiedName.parse(name))
    return Live({kind: frozenset(names) for kind, names in objects.items()}, frozenset({"BENCH"}))


def plan_seconds(folder: Path, history: dict[str, Applied], live: Live) -> float:
    """Processor seconds of one plan, from the folder to the steps."""
    began = time.process_time()
    workspace = Workspace(read_project(folder, None, {}, {}))
    with EffectsCache(folder) as cache:
        known = {row.key: row.hash for row in history.values()}
        found = resolve(workspace.statements, cache.effects, "BENCH", known)
        changes = decide(found, history, {}, live)
        pending = {decision.statement.position for decision in changes.pending}
        make_plan(workspace.statements, [], AfterDeploy.KEEP, "BENCH", pending=pending)
    seconds = time.process_time() - began
    changed = sum(decision.verdict is Verdict.CHANGED for decision in changes.decisions)
    if changed != CHANGED:
        raise SystemExit(f"{changed} statements are taken for changed, not {CHANGED}")
    return seconds


def tokenise_seconds(folder: Path) -> float:
    """Processor seconds of sqlglot's tokenizer over all scripts."""
    from sqlglot.dialects.snowflake import Snowflake

    texts = [path.read_text(encoding="utf-8") for path in sorted((folder / "sql").iterdir())]
    began = time.process_time()
    for text in texts:
        Snowflake().tokenize(text)
    return time.process_time() - began


def measure_once(folder: Path) -> None:
    """Print the seconds of sqlglot, of a cold plan and of a warm one."""
    gc.set_threshold(100_000, 50, 50)  # as the command sets it
    import sqlglot  # noqa: F401  imported once and for all: what is measured is the work

    shutil.rmtree(folder / CACHE, ignore_errors=True)
    original = folder.parent / "original"
    history = history_of(original)
    live = live_of(history)
    print(tokenise_seconds(folder), plan_seconds(folder, history, live), plan_seconds(folder, history, live))


def main() -> int:
    if len(sys.argv) > 1:
        measure_once(Path(sys.argv[1]))
        return 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "edited"
        for each in (Path(made) / "original", folder):
            each.mkdir()
            write_project(each)
        edit(folder)
        rounds = []
        for _ in range(ROUNDS):
            command = [sys.executable, "-m", "benchmarks.deploy.planning", str(folder)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            rounds.append(tuple(map(float, done.stdout.split())))
    tokens = median(each[0] for each in rounds)
    print(f"{'sqlglot tokenises the same text':<34} {tokens:6.2f} s")
    failed = False
    for name, place, limit in (("cold", 1, COLD_LIMIT), ("warm", 2, WARM_LIMIT)):
        ratio = median(each[place] / each[0] for each in rounds)
        print(f"{f'plan, {name}':<34} {median(each[place] for each in rounds):6.2f} s  {ratio:.3f} (at most {limit})")
        failed = failed or ratio > limit
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
