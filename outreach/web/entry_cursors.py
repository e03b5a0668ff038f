"""Cursors of the call list: what a page's last row was ordered by, so that a row that moves hides nobody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from outreach.errors import InvalidInput
from outreach.storage.list_view_store import ListedEntry, Place
from outreach.web.paging import after

ABOVE_CLASSES = 1_000  # and far below what a column takes


def key_of(entry: ListedEntry) -> str:
    """What the cursor of a page stands for."""
    call_class, deadline, entry_id = entry.place
    return f"{call_class} {deadline.isoformat()} {entry_id}"


def place_after(cursor: str) -> Place | None:
    """Where the page before ended; None for the first page. Raises InvalidInput."""
    if not cursor:
        return None
    key = after(cursor)
    try:
        call_class, deadline, entry_id = key.split(" ")
        place = Place(int(call_class), datetime.fromisoformat(deadline), UUID(entry_id))
    except ValueError:
        raise _unknown() from None
    if place.effective_deadline.tzinfo is None or not 0 <= place.call_class < ABOVE_CLASSES:
        raise _unknown()
    return place


def _unknown() -> InvalidInput:
    return InvalidInput(
        "This cursor is not one of ours.", field="cursor", mend="Take `next` of the page before."
    )
