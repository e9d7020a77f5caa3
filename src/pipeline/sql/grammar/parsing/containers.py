"""Databases, schemas, warehouses, DROP, UNDROP, GRANT, and what is recorded only."""

from collections.abc import Callable

from pipeline.sql.grammar.containers import (
    AbortAllQueries,
    AlterContainer,
    AlterRecorded,
    AlterWarehouse,
    CreateDatabase,
    CreateRecorded,
    CreateSchema,
    CreateWarehouse,
    Drop,
    Grant,
    ManagedAccess,
    Undrop,
)
from pipeline.sql.grammar.model import ObjectKind, Options, Resume, Statement, Suspend, Unsupported
from pipeline.sql.grammar.options import OptionList
from pipeline.sql.grammar.parsing.common import (
    AlterHead,
    AlterParser,
    CreateHead,
    CreateParser,
    expect_kind,
    recorded,
    take_clone,
    take_if_exists,
    take_recorded,
    take_rename,
    take_settings,
    take_swap,
)
from pipeline.sql.grammar.reader import Reader

RECORDED_KINDS = frozenset(
    {
        ObjectKind.AGGREGATION_POLICY,
        ObjectKind.API_INTEGRATION,
        ObjectKind.AUTHENTICATION_POLICY,
        ObjectKind.CATALOG_INTEGRATION,
        ObjectKind.COMPUTE_POOL,
        ObjectKind.DATABASE_ROLE,
        ObjectKind.EXTERNAL_ACCESS_INTEGRATION,
        ObjectKind.EXTERNAL_VOLUME,
        ObjectKind.GIT_REPOSITORY,
        ObjectKind.IMAGE_REPOSITORY,
        ObjectKind.INTEGRATION,
        ObjectKind.MASKING_POLICY,
        ObjectKind.NETWORK_POLICY,
        ObjectKind.NETWORK_RULE,
        ObjectKind.NOTEBOOK,
        ObjectKind.NOTIFICATION_INTEGRATION,
        ObjectKind.PASSWORD_POLICY,
        ObjectKind.PROJECTION_POLICY,
        ObjectKind.RESOURCE_MONITOR,
        ObjectKind.ROLE,
        ObjectKind.ROW_ACCESS_POLICY,
        ObjectKind.SECRET,
        ObjectKind.SECURITY_INTEGRATION,
        ObjectKind.SEMANTIC_VIEW,
        ObjectKind.SERVICE,
        ObjectKind.SESSION_POLICY,
        ObjectKind.SHARE,
        ObjectKind.STORAGE_INTEGRATION,
        ObjectKind.STREAMLIT,
        ObjectKind.TAG,
        ObjectKind.USER,
    }
)
"""Kinds whose CREATE and ALTER are kept as text."""


def create_database(reader: Reader, head: CreateHead) -> Statement:
    name = reader.name()
    if reader.at("FROM") or reader.at("AS", "REPLICA"):
        return Unsupported("CREATE DATABASE … FROM", reader.text)
    clone = take_clone(reader)
    return CreateDatabase(name, head.mode, "TRANSIENT" in head.modifiers, clone, _container_options(reader)[0])


def create_schema(reader: Reader, head: CreateHead) -> CreateSchema:
    name = reader.name()
    clone = take_clone(reader)
    found, managed = _container_options(reader)
    return CreateSchema(name, head.mode, "TRANSIENT" in head.modifiers, managed, clone, found)


def _container_options(reader: Reader) -> tuple[Options, bool]:
    found, managed = OptionList(), False
    while not reader.at_end:
        if reader.take("WITH", "MANAGED", "ACCESS"):
            managed = True
        elif not found.take(reader) and take_recorded(reader) is None:
            reader.fail()
    return found.options, managed


def alter_container(reader: Reader, head: AlterHead) -> AlterContainer:
    action = take_rename(reader) or take_swap(reader) or take_settings(reader) or _managed_access(reader)
    return AlterContainer(head.kind, head.name, head.if_exists, action or recorded(reader))


def _managed_access(reader: Reader) -> ManagedAccess | None:
    if reader.take("ENABLE", "MANAGED", "ACCESS"):
        return ManagedAccess(True)
    if reader.take("DISABLE", "MANAGED", "ACCESS"):
        return ManagedAccess(False)
    return None


def create_warehouse(reader: Reader, head: CreateHead) -> CreateWarehouse:
    name = reader.name()
    reader.take("WITH")
    found = OptionList()
    found.take_all(reader)
    while take_recorded(reader) is not None:
        found.take_all(reader)
    return CreateWarehouse(name, head.mode, found.options)


def alter_warehouse(reader: Reader) -> AlterWarehouse:
    """ALTER WAREHOUSE may name none: then it is the current one."""
    reader.expect("ALTER", "WAREHOUSE")
    if_exists = take_if_exists(reader)
    actions = ("SUSPEND", "RESUME", "ABORT", "SET", "UNSET", "RENAME")
    name = None if reader.word in actions and reader.peek(1).upper not in actions else reader.name()
    action = take_rename(reader) or take_settings(reader)
    if action is not None:
        return AlterWarehouse(name, if_exists, action)
    if reader.take("SUSPEND"):
        return AlterWarehouse(name, if_exists, Suspend())
    if reader.take("RESUME"):
        return AlterWarehouse(name, if_exists, Resume(reader.take("IF", "SUSPENDED")))
    reader.expect("ABORT", "ALL", "QUERIES")
    return AlterWarehouse(name, if_exists, AbortAllQueries())


def create_recorded(reader: Reader, head: CreateHead) -> CreateRecorded:
    name = reader.name()
    if not reader.at_end:
        reader.rest()
    return CreateRecorded(head.kind, name, head.mode, reader.text)


def alter_recorded(reader: Reader, head: AlterHead) -> AlterRecorded:
    reader.rest()
    return AlterRecorded(head.kind, head.name, head.if_exists, reader.text)


def alter_account(reader: Reader) -> AlterRecorded:
    reader.expect("ALTER", "ACCOUNT")
    reader.rest()
    return AlterRecorded(ObjectKind.ACCOUNT, None, False, reader.text)


def drop(reader: Reader) -> Drop:
    reader.expect("DROP")
    kind = expect_kind(reader)
    if_exists = take_if_exists(reader)
    name = reader.name()
    if_exists = take_if_exists(reader) or if_exists
    arguments = reader.signature() if reader.at("(") else None
    behaviour = reader.take_one_of("CASCADE", "RESTRICT")
    return Drop(kind, name, if_exists, behaviour == "CASCADE" if behaviour else None, arguments)


def undrop(reader: Reader) -> Undrop:
    reader.expect("UNDROP")
    return Undrop(expect_kind(reader), reader.name())


def grant(reader: Reader) -> Grant:
    revoke = reader.expect_one_of("GRANT", "REVOKE") == "REVOKE"
    reader.rest()
    return Grant(revoke, reader.text)


STATEMENTS: dict[tuple[str, ...], Callable[[Reader], Statement]] = {
    ("DROP",): drop,
    ("UNDROP",): undrop,
    ("GRANT",): grant,
    ("REVOKE",): grant,
    ("ALTER", "WAREHOUSE"): alter_warehouse,
    ("ALTER", "ACCOUNT"): alter_account,
}

CREATES: dict[ObjectKind, CreateParser] = {
    **dict.fromkeys(RECORDED_KINDS, create_recorded),
    ObjectKind.DATABASE: create_database,
    ObjectKind.SCHEMA: create_schema,
    ObjectKind.WAREHOUSE: create_warehouse,
}

ALTERS: dict[ObjectKind, AlterParser] = {
    **dict.fromkeys(RECORDED_KINDS, alter_recorded),
    ObjectKind.DATABASE: alter_container,
    ObjectKind.SCHEMA: alter_container,
}
