"""Marks of the call list: what a page's last row was ordered by, so that a row that moves hides nobody."""

from __future__ import annotations

from outreach.storage.list_view_store import ListedEntry, Place
from outreach.web import paging
from outreach.web.paging import as_id, as_moment, as_number

ABOVE_CLASSES = 1_000  # and far below what a column takes


def key_of(entry: ListedEntry) -> str:
    """What the mark of a page stands for."""
    call_class, deadline, entry_id = entry.place
    return f"{call_class} {deadline.isoformat()} {entry_id}"


def place_after(cursor: str) -> Place | None:
    """Where the page before ended; None for the first page. Raises InvalidInput."""
    return paging.place_after(cursor, _place)


def _place(key: str) -> Place:
    call_class, deadline, entry_id = key.split(" ")
    place = Place(as_number(call_class), as_moment(deadline), as_id(entry_id))
    if place.call_class >= ABOVE_CLASSES:
        raise ValueError
    return place
