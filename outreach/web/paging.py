"""Long lists in pages: each answer carries the mark of the next one, and no other mark is taken."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from outreach.errors import InvalidInput
from outreach.services.access import LONGEST_LOGIN

Item = TypeVar("Item")
Row = TypeVar("Row")
Place = TypeVar("Place")
MOST = 200
LONGEST_NUMBER = 19  # digits of a bigint, less one
LONGEST_WORD = LONGEST_LOGIN  # and longer than a platform's code
LONGEST_MARK = 600
PageSize = Annotated[int, Query(ge=1, le=MOST, description="How many items at most.")]
Cursor = Annotated[str, Query(description="`next` of the page before.")]


class Page(BaseModel, Generic[Item]):
    """`next` is null on the last page."""

    items: list[Item]
    next: str | None


def mark_of(key: str) -> str:
    """A row's key as it travels in an address."""
    return base64.urlsafe_b64encode(key.encode()).decode()


def place_after(cursor: str, read: Callable[[str], Place]) -> Place | None:
    """Where a page begins, as `read` makes it of a row's key; None for the first page.

    `read` raises ValueError for what is no key of its list. Raises InvalidInput.
    """
    if not cursor:
        return None
    try:
        return read(_key_of(cursor))
    except ValueError:
        raise InvalidInput(
            "This page's mark is not one of ours; begin at the first page.", field="cursor"
        ) from None


def _key_of(mark: str) -> str:
    """Raises ValueError for what mark_of never makes."""
    key = base64.b64decode(mark[:LONGEST_MARK].encode("ascii"), altchars=b"-_", validate=True).decode()
    if mark_of(key) != mark:
        raise ValueError
    return key


def id_after(cursor: str) -> UUID | None:
    """For a list in the order of its ids. Raises InvalidInput."""
    return place_after(cursor, as_id)


def number_after(cursor: str, *, below: int = 2**63) -> int | None:
    """For a list in the order of its numbers; `below`: what its column holds. Raises InvalidInput."""

    def read(key: str) -> int:
        number = as_number(key)
        if number >= below:
            raise ValueError
        return number

    return place_after(cursor, read)


def word_after(cursor: str) -> str:
    """For a list in the order of its logins or codes; '' for the first page. Raises InvalidInput."""
    return place_after(cursor, as_word) or ""


def line_after(cursor: str) -> tuple[datetime, int] | None:
    """For lines of a history, by moment and number. Raises InvalidInput."""
    return place_after(cursor, _as_line)


def line_key(at: datetime, number: int) -> str:
    """What the mark of a page of a history stands for."""
    return f"{at.isoformat()} {number}"


def row_after(cursor: str) -> tuple[datetime, UUID] | None:
    """For rows by moment and id; whether the row itself still stands does not matter. Raises InvalidInput."""
    return place_after(cursor, _as_row)


def row_key(at: datetime, row_id: UUID) -> str:
    """What the mark of a page of such rows stands for."""
    return f"{at.isoformat()} {row_id}"


def as_id(key: str) -> UUID:
    """Raises ValueError for any other way of writing one."""
    found = UUID(key)
    if str(found) != key:
        raise ValueError
    return found


def as_number(key: str) -> int:
    """Raises ValueError for what is not digits only, or no column holds."""
    if not (key.isascii() and key.isdigit() and len(key) < LONGEST_NUMBER):
        raise ValueError
    return int(key)


def as_word(key: str) -> str:
    """Raises ValueError for what nobody is called."""
    if not (0 < len(key) <= LONGEST_WORD and key.isprintable()):
        raise ValueError
    return key


def as_moment(key: str) -> datetime:
    """Raises ValueError for a moment without a zone."""
    found = datetime.fromisoformat(key)
    if found.tzinfo is None:
        raise ValueError
    return found


def _as_line(key: str) -> tuple[datetime, int]:
    at, number = key.split(" ")
    return as_moment(at), as_number(number)


def _as_row(key: str) -> tuple[datetime, UUID]:
    at, row_id = key.split(" ")
    return as_moment(at), as_id(row_id)


def page_of(
    rows: Sequence[Row], size: int, *, shown: Callable[[Row], Item], key: Callable[[Row], str]
) -> Page[Item]:
    """A page from `size` + 1 rows: the extra one only tells that there is more."""
    return Page(items=[shown(row) for row in rows[:size]], next=next_mark(rows, size, key))


def next_mark(rows: Sequence[Row], size: int, key: Callable[[Row], str]) -> str | None:
    """Of the page after the first `size` of `size` + 1 rows; None when there is none."""
    return mark_of(key(rows[size - 1])) if len(rows) > size else None
