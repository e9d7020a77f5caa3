"""INFORMATION_SCHEMA and ACCOUNT_USAGE: views and table functions."""

from sqlglot import exp

from pipeline.local.dialect.relations import Relation, Resolver
from pipeline.local.errors import unsupported
from pipeline.local.session import Session
from pipeline.sql.names import QualifiedName


def view(session: Session, name: QualifiedName) -> Relation:
    raise unsupported(f"{name}")


def table_function(session: Session, parts: tuple[str, ...], node: exp.Expression, resolver: Resolver) -> Relation:
    raise unsupported(f"{parts}")
