"""Writes `docs/local-account.md` from the registries that the account itself works by.

python -m pipeline.local.documentation docs/local-account.md
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.local import containers, execute, file_formats, information, parameters, system_functions
from pipeline.local.copying.options import STAGE_OPTIONS
from pipeline.local.dialect import library, registry
from pipeline.local.gaps import GAPS
from pipeline.local.information import account_usage, histories, schema_views
from pipeline.local.parameters import Effect
from pipeline.local.show.listings import LISTINGS
from pipeline.local.tasks import properties
from pipeline.sql.grammar.containers import AlterRecorded, AlterWarehouse, CreateRecorded, CreateWarehouse, Grant
from pipeline.sql.grammar.model import Dml, DmlKind, Flow, Query, Statement, Unsupported
from pipeline.sql.grammar.parsing.dispatch import STATEMENTS
from pipeline.sql.grammar.session import Explain, ShowKind

REFUSING = (Explain,)
"""Statements whose handler does nothing but refuse."""

RECORDED = (CreateRecorded, AlterRecorded, CreateWarehouse, AlterWarehouse, Grant)
"""Statements that are accepted and change no rows."""


def page() -> str:
    """The whole page."""
    sections = (_statements(), _listings(), _functions(), _information(), _loading(), _parameters(), _gaps())
    return _HEAD + "\n".join("\n".join(section) + "\n" for section in sections)


_HEAD = """# What the local account does

Made by `make docs` from the registries that the account works by; a test compares them.

Everything is one of three:
- **works**: the same rows, the same number and state of errors as in Snowflake, save for the gaps at the end;
- **recorded only**: accepted, kept and shown, without an effect, as it could not change a row on one machine;
- **refused**: error 391900, `… is not supported by the local account.` Nothing that is refused is half done.

"""


def _statements() -> Iterator[str]:
    kinds = sorted(_kinds(Statement), key=lambda kind: kind.__name__)
    works = [kind for kind in kinds if kind in execute.HANDLERS and kind not in (*RECORDED, *REFUSING)]
    unknown = [kind for kind in kinds if kind not in execute.HANDLERS and kind not in (Query, Dml, Flow, Unsupported)]
    refused = [*unknown, *REFUSING]
    yield "## Statements\n"
    yield f"Works: queries, a ->> b, {_listed(kind.value for kind in DmlKind)}, {_listed(map(_words, works))}.\n"
    recorded = sorted(kind.value for kind in containers.RECORDED_ONLY)
    yield f"Recorded only: GRANT, REVOKE, warehouses, CREATE, ALTER and DROP of {_listed(recorded)}.\n"
    yield f"Refused: {_listed(map(_words, refused))}, CREATE and ALTER FUNCTION, and what is not named on this page."


def _kinds(base: type) -> set[type]:
    assert STATEMENTS, "importing the parsers makes every statement known"
    children: list[type] = base.__subclasses__()
    # A dataclass with slots replaces the class that it was made of, which may live on as a subclass.
    known = {kind for kind in children if getattr(sys.modules[kind.__module__], kind.__name__) is kind}
    return {kind for kind in known if not _kinds(kind)} | {grandchild for kind in known for grandchild in _kinds(kind)}


def _words(kind: type) -> str:
    return _OWN_WORDS.get(execute.words_of(kind), execute.words_of(kind))


_OWN_WORDS = {
    "ALTER CONTAINER": "ALTER DATABASE, ALTER SCHEMA",
    "ALTER ROUTINE": "ALTER PROCEDURE",
    "BEGIN TRANSACTION": "BEGIN",
    "BLOCK": "BEGIN … END and DECLARE … BEGIN … END",
    "CLONE STREAM": "CREATE STREAM … CLONE",
    "CLONE TASK": "CREATE TASK … CLONE",
    "COPY INTO LOCATION": "COPY INTO @stage",
    "COPY INTO TABLE": "COPY INTO table",
    "CREATE ROUTINE": "CREATE PROCEDURE (LANGUAGE SQL)",
    "LIST FILES": "LIST",
    "REMOVE FILES": "REMOVE",
    "SET VARIABLES": "SET",
    "UNSET VARIABLES": "UNSET",
}


def _listings() -> Iterator[str]:
    refused = sorted(kind.value for kind in ShowKind if kind not in LISTINGS)
    yield "## SHOW\n"
    yield f"Works: {_listed(sorted(kind.value for kind in LISTINGS))}.\n"
    yield f"Refused: {_listed(refused)}."


def _functions() -> Iterator[str]:
    yield "## Functions\n"
    assert library, "importing the rules fills the registry"
    known = sorted({*registry.FUNCTIONS, *system_functions.FUNCTIONS})
    yield f"Works: {_listed(known)}.\n"
    refused = sorted(registry.REFUSED.difference(known))
    yield f"Refused: {_listed(refused)}, and every function that is not named on this page."


def _information() -> Iterator[str]:
    yield "## INFORMATION_SCHEMA and SNOWFLAKE.ACCOUNT_USAGE\n"
    yield f"Views: {_listed(sorted(schema_views.VIEWS))}.\n"
    yield f"Table functions: {_listed(sorted(histories.FUNCTIONS))}; TABLE(RESULT_SCAN(…)).\n"
    yield f"ACCOUNT_USAGE: {_listed(sorted(account_usage.VIEWS))}.\n"
    yield f"Refused views: {_listed(sorted(schema_views.OTHERS))}.\n"
    yield f"Refused table functions: {_listed(information.REFUSED_FUNCTIONS)}."


def _loading() -> Iterator[str]:
    yield "## Stages, files and COPY\n"
    for kind, readers in file_formats.READERS.items():
        only = sorted(
            f"{name} = {reader.value}" for name, reader in readers.items() if isinstance(reader, file_formats.Only)
        )
        free = sorted(name for name, reader in readers.items() if not isinstance(reader, file_formats.Only))
        yield f"Options of file format {kind}: {_listed(free)}; with this value only: {_listed(only)}.\n"
    yield f"Refused types of files: {_listed(file_formats.REFUSED_TYPES)}.\n"
    yield f"Copy options of stages: {_listed(sorted(STAGE_OPTIONS))}.\n"
    yield "## Tasks\n"
    yield f"Properties with numbers: {_listed(sorted(properties.NUMBERS))}.\n"
    yield f"For serverless tasks only, and recorded only: {_listed(sorted(properties.SERVERLESS_ONLY))}."


def _parameters() -> Iterator[str]:
    yield "## Session parameters\n"
    for effect in Effect:
        names = [name for name, one in parameters.PARAMETERS.items() if one.effect is effect]
        yield f"{effect.value.capitalize()}: {_listed(names)}.\n"
    yield "Parameters that only clients read are accepted under any name that clients use for them."


def _gaps() -> Iterator[str]:
    yield "## Gaps\n"
    yield "| what | here | why |\n|---|---|---|"
    for gap in GAPS:
        yield f"| {gap.what} | {gap.here} | {gap.reason} |"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def main() -> None:
    """Write the page to the path given."""
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
