"""How far somebody's rights go: their own platforms, and every platform inside the territory given them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from outreach.domain.territory_tree import Placed, Territory, platforms_in_tree
from outreach.errors import InvalidInput, NotFound
from outreach.storage import territory_store
from outreach.storage.database import Connection
from outreach.storage.user_store import User


def platforms_of(connection: Connection, user: User) -> tuple[str, ...]:
    """Their own first. A territory that is drawn no more gives nothing."""
    if user.territory is None:
        return user.platforms
    try:
        inside = territory_store.platforms_in(connection, user.territory)
    except NotFound:
        return user.platforms
    return (*user.platforms, *(code for code in inside if code not in user.platforms))


def reached(user: User, placed: Sequence[Placed], tree: Mapping[str, Territory]) -> tuple[str, ...]:
    """As `platforms_of`, were the territories drawn as in this tree."""
    if user.territory is None or user.territory not in tree:
        return user.platforms
    inside = platforms_in_tree(user.territory, placed, tree)
    return (*user.platforms, *(code for code in inside if code not in user.platforms))


def territory_given(connection: Connection, code: str) -> str | None:
    """The territory of this code, None for "" (no territory). Raises InvalidInput."""
    if not code:
        return None
    if code not in territory_store.tree(connection):
        raise InvalidInput(
            "There is no such territory.", field="territory", mend="Give the code of a department or region."
        )
    return code
