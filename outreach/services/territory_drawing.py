"""Drawing territories: what a change would give and take of whose rights, and the change itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.reasons import check_plain
from outreach.domain.territory_tree import (
    Placed,
    Territory,
    TerritoryKind,
    apart_code,
    check_territory,
    platforms_in_tree,
    territory_of,
)
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.services.reach import reached
from outreach.storage import journal, platform_store, sign_in_line_store, territory_store, user_store
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.sign_in_line_store import SignInEvent, SignInLine

COMMAND_LINE = journal.by_system("command line")
Tree = Mapping[str, Territory]


@dataclass(frozen=True)
class ReachChange:
    """Platforms that an account gains and loses. `login` "", no `roles`: it reaches further than whoever
    draws."""

    user_id: UUID
    login: str
    roles: tuple[str, ...]
    gains: tuple[str, ...]
    loses: tuple[str, ...]


@dataclass(frozen=True)
class TerritoryDrawing:
    """`within`, everywhere: whoever draws reaches these platforms (None: all). Where a platform stands
    decides who reaches it, so nobody draws around another's: NotFound."""

    database: Database
    clock: Clock

    def preview(self, drawn: Territory, *, within: Sequence[str] | None = None) -> list[ReachChange]:
        """Whose rights would change, by login. Raises InvalidInput, NotFound."""
        with self.database.begin() as connection:
            return _changes(connection, drawn, within)

    def draw(
        self,
        drawn: Territory,
        *,
        within: Sequence[str] | None = None,
        by: UUID | None = None,
        reason: str = "",
        seen: int | None = None,
    ) -> list[ReachChange]:
        """Add a territory, or draw one anew; it counts from everybody's next request on.

        `seen`: how many accounts the preview said would change (None: it was not asked for); Conflict when
        it is another number by now. Raises InvalidInput, NotFound.
        """
        check_plain(reason)
        with self.database.begin() as connection:
            territory_store.take_turn(connection)
            changes = _changes(connection, drawn, within)
            if seen is not None and seen != len(changes):
                raise Conflict("Other accounts would change than you were shown.")
            before = territory_store.tree(connection).get(drawn.code)
            territory_store.put(connection, drawn)
            self._note(connection, drawn, before, changes, by=by, reason=reason.strip())
        return changes

    def bringing(self, platform: str, into: str, *, alone: bool = False) -> Territory:
        """The drawing that brings a platform's department, with all that stands in it, into a territory;
        `alone`: the platform only, which stands apart from then on. Raises InvalidInput, NotFound.
        """
        with self.database.begin() as connection:
            tree, placed = territory_store.tree(connection), territory_store.placed_platforms(connection)
            name = platform_store.read(connection, platform).name
        one = next(each for each in placed if each.platform == platform)
        if alone and apart_code(platform) not in tree:
            return Territory(apart_code(platform), name, TerritoryKind.PLATFORM, into)
        return _moved(one, into, tree)

    def _note(
        self,
        connection: Connection,
        drawn: Territory,
        before: Territory | None,
        changes: Sequence[ReachChange],
        *,
        by: UUID | None,
        reason: str,
    ) -> None:
        now, actor = self.clock.now(), COMMAND_LINE if by is None else journal.by_user(by)
        facts = {
            "territory": drawn.code,
            "name": drawn.name,
            "into": drawn.parent,
            "out_of": before.parent if before and before.parent != drawn.parent else None,
            "accounts": len(changes),
            "reason": reason or None,
        }
        told = {key: value for key, value in facts.items() if value is not None}
        journal.write(connection, JournalEntry(now, "", Event.TERRITORY_DRAWN, actor, facts=told))
        for each in changes:
            line = SignInLine(now, SignInEvent.RIGHTS_CHANGED, each.user_id, by)
            sign_in_line_store.note(connection, line)


def _changes(connection: Connection, drawn: Territory, within: Sequence[str] | None) -> list[ReachChange]:
    tree, placed = territory_store.tree(connection), territory_store.placed_platforms(connection)
    check_territory(drawn, tree)
    _check_platform(drawn, placed)
    after = {**tree, drawn.code: drawn}
    touched = {*platforms_in_tree(drawn.code, placed, tree), *platforms_in_tree(drawn.code, placed, after)}
    if within is not None and not touched <= set(within):
        raise NotFound("This territory holds platforms that are not among yours.")
    found: list[ReachChange] = []
    for user in user_store.with_territory(connection):
        had, has = reached(user, placed, tree), reached(user, placed, after)
        if set(had) != set(has):
            is_theirs = within is None or set(had) <= set(within)
            gains, loses = sorted({*has} - {*had}), sorted({*had} - {*has})
            login, roles = (user.login, tuple(sorted(user.roles))) if is_theirs else ("", ())
            found.append(ReachChange(user.id, login, roles, tuple(gains), tuple(loses)))
    return found


def _check_platform(drawn: Territory, placed: Sequence[Placed]) -> None:
    apart = {apart_code(each.platform) for each in placed}
    if drawn.kind is TerritoryKind.PLATFORM and drawn.code not in apart:
        raise InvalidInput(
            "No platform has this code.",
            field="code",
            mend="Write P- and the platform's code, for example P-40.",
        )


def _moved(one: Placed, into: str, tree: Tree) -> Territory:
    """A department that the tree does not know yet is drawn. Who stands apart moves alone."""
    at = tree.get(territory_of(one, tree) or "")
    if at is not None and at.kind in (TerritoryKind.PLATFORM, TerritoryKind.DEPARTMENT):
        return replace(at, parent=into)
    if not one.department:
        raise InvalidInput("This platform lies in no department.", field="platform")
    return Territory(one.department, one.department, TerritoryKind.DEPARTMENT, into)
