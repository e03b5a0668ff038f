"""Taking people in while others change platform: who is new cannot be told until that is over."""

from __future__ import annotations

from outreach.errors import Conflict
from outreach.services.row_indexing import IndexedRow
from outreach.storage import case_store, platform_move_store
from outreach.storage.database import Connection


def is_settled(connection: Connection, platform: str) -> bool:
    """Whether nobody moves from or to it; no move begins before the transaction ends."""
    case_store.lock_intake(connection, platform)
    return not platform_move_store.other_ends(connection, platform)


def need_settled(connection: Connection, platform: str) -> None:
    """As `is_settled`. Raises Conflict."""
    if not is_settled(connection, platform):
        raise Conflict(
            "People are being moved from or to this platform: send it again when that is over.",
            code="being_moved",
        )


def need_known_here(connection: Connection, platform: str, row: IndexedRow) -> None:
    """Somebody who may stand at the other end of a move is not entered anew. Raises Conflict."""
    if row.name_birth_index is None:
        return
    for other in platform_move_store.other_ends(connection, platform):
        if case_store.namesakes(connection, other, {row.name_birth_index}):
            raise Conflict(
                "Somebody of this name and birth date is being moved between platforms: name this person"
                " again in some minutes.",
                code="being_moved",
            )
