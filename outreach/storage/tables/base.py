"""What all tables share: one metadata, its naming, and short words for common columns."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    MetaData,
    Text,
    Uuid,
    text,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)
Moment = DateTime(timezone=True)


def id_column(name: str = "id") -> Column[Any]:
    return Column(name, Uuid, primary_key=True)


def reference(target: str, name: str, *, null: bool = False, index: bool = False) -> Column[Any]:
    return Column(name, Uuid, ForeignKey(f"{target}.id"), nullable=null, index=index)


def platform_column(*, index: bool = False) -> Column[Any]:
    return Column("platform", Text, ForeignKey("platforms.code"), nullable=False, index=index)


def platform_code() -> Column[Any]:
    """The platform of rows that come by the hundred thousand: who writes them has read the platform already,
    and a foreign key would look it up, and lock it, for each (3 µs of 100 for a row of a file)."""
    return Column("platform", Text, nullable=False)


def needed(
    name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]], default: str | None = None
) -> Column[Any]:
    """A column that is never null."""
    return Column(name, kind, nullable=False, server_default=text(default) if default else None)
