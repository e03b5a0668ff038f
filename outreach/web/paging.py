"""Long lists in pages: each answer carries the cursor of the next one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from outreach.errors import InvalidInput

Item = TypeVar("Item")
Row = TypeVar("Row")
MOST = 200
LONGEST_NUMBER = 19  # digits of a bigint, less one
PageSize = Annotated[int, Query(ge=1, le=MOST, description="How many items at most.")]
Cursor = Annotated[str, Query(max_length=500, description="`next` of the page before.")]


class Page(BaseModel, Generic[Item]):
    """`next` is null on the last page."""

    items: list[Item]
    next: str | None


def after(cursor: str) -> str:
    """The key the cursor stands for; '' for the first page. Raises InvalidInput."""
    try:
        return base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise InvalidInput(
            "This cursor is not one of ours.", field="cursor", mend="Take `next` of the page before."
        ) from None


def number_after(cursor: str) -> int | None:
    """The number the cursor stands for; None for the first page. Raises InvalidInput."""
    key = after(cursor)
    if key and not (key.isascii() and key.isdigit() and len(key) < LONGEST_NUMBER):
        raise InvalidInput(
            "This cursor is not one of ours.", field="cursor", mend="Take `next` of the page before."
        )
    return int(key) if key else None


def page_of(
    rows: Sequence[Row], size: int, *, shown: Callable[[Row], Item], key: Callable[[Row], str]
) -> Page[Item]:
    """A page from `size` + 1 rows: the extra one only tells that there is more."""
    items = rows[:size]
    more = len(rows) > size
    cursor = base64.urlsafe_b64encode(key(items[-1]).encode()).decode() if more else None
    return Page(items=[shown(row) for row in items], next=cursor)
