"""Handlers of statements on tables, views and sequences."""

from collections.abc import Callable
from typing import Any

from pipeline.local.answers import Answer
from pipeline.local.dml.statements import truncate
from pipeline.local.session import Session
from pipeline.local.tables.alter import alter_table
from pipeline.local.tables.create import create_table
from pipeline.local.tables.views import alter_view, create_view
from pipeline.sql.grammar.tables import AlterTable, AlterView, CreateTable, CreateView, TruncateTable

HANDLERS: dict[type, Callable[[Session, Any], Answer]] = {
    AlterTable: alter_table,
    AlterView: alter_view,
    CreateTable: create_table,
    CreateView: create_view,
    TruncateTable: truncate,
}
