"""Identifiers: UUIDv7, so that rows sort by age, with one type for each thing they name."""

from __future__ import annotations

from datetime import datetime
from typing import NewType
from uuid import UUID

import uuid_utils.compat as uuid_utils

UserId = NewType("UserId", UUID)
ImportId = NewType("ImportId", UUID)
OutboxId = NewType("OutboxId", UUID)
PlatformCode = NewType("PlatformCode", str)


def new_id() -> UUID:
    """A fresh UUIDv7: unique without asking anyone, increasing with time."""
    return uuid_utils.uuid7()


def first_id_of(moment: datetime) -> UUID:
    """No id made from this moment on is smaller: finds young rows through a primary key."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
