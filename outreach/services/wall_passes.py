"""Addresses for wall screens: figures of some platforms for months, without anybody being signed in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.roles import Role, Scope, scopes_of
from outreach.errors import InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.access import Asker
from outreach.services.reach import platforms_of
from outreach.storage import journal, user_store, wall_pass_store
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.wall_pass_store import WallPass

GOOD_FOR = timedelta(days=90)
TOKEN_BYTES = 24


@dataclass(frozen=True)
class WallPasses:
    """Whoever holds one sees counts, and nothing of a person.

    A pass shows what its maker may show now: with the account, the right or the platform it ends.
    """

    database: Database
    clock: Clock

    def make(self, asker: Asker, platforms: Sequence[str]) -> tuple[WallPass, str]:
        """A pass and its token, shown this once. Raises InvalidInput, NotFound."""
        if not platforms:
            raise InvalidInput(
                "Say which platforms it shows.", field="platforms", mend="choose one or more of yours"
            )
        for platform in platforms:
            asker.need_platform(platform)
        pass_id, token, now = new_id(), secrets.token_urlsafe(TOKEN_BYTES), self.clock.now()
        with self.database.begin() as connection:
            wall_pass_store.add(
                connection,
                pass_id,
                digest=_digest(token),
                platforms=platforms,
                by=asker.user_id,
                now=now,
                good_until=now + GOOD_FOR,
            )
            _note(connection, Event.WALL_PASS_MADE, platforms, pass_id, asker, now)
            made = next(
                each for each in wall_pass_store.good(connection, platforms, now) if each.id == pass_id
            )
        return made, token

    def platforms_of(self, token: str) -> tuple[str, ...]:
        """What it shows. Raises NotFound for a pass that is not good (any more)."""
        with self.database.begin() as connection:
            found = wall_pass_store.by_digest(connection, _digest(token), self.clock.now())
            platforms = _still_shown(connection, *found) if found else ()
        if not platforms:
            raise NotFound(
                "This address of a wall screen is not good any more: make another one on the board."
            )
        return platforms

    def good(self, asker: Asker, *, before: UUID | None = None, most: int = 50) -> list[WallPass]:
        """Those that show the asker's platforms, newest first; `before` ends the page before."""
        found: list[WallPass] = []
        with self.database.begin() as connection:
            while len(found) < most:
                now = self.clock.now()
                piece = wall_pass_store.good(connection, asker.platforms, now, before=before, most=most)
                found += [each for each in piece if _still_shown(connection, each.platforms, each.maker)]
                if len(piece) < most:
                    break
                before = piece[-1].id
        return found[:most]

    def end(self, asker: Asker, pass_id: UUID) -> None:
        """From now on its address shows nothing. Raises NotFound."""
        now = self.clock.now()
        with self.database.begin() as connection:
            platforms = wall_pass_store.end(connection, pass_id, asker.platforms, now)
            if not platforms:
                raise NotFound("There is no such wall screen.")
            _note(connection, Event.WALL_PASS_ENDED, platforms, pass_id, asker, now)


def _still_shown(connection: Connection, platforms: Sequence[str], maker_id: UUID) -> tuple[str, ...]:
    """Of these platforms those that the maker could make a pass for today."""
    maker = user_store.by_id(connection, maker_id)
    if maker is None or maker.ended_at:
        return ()
    if Scope.CALLS_SUPERVISE not in scopes_of(Role(role) for role in maker.roles):
        return ()
    reached = platforms_of(connection, maker)
    return tuple(each for each in platforms if each in reached)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _note(
    connection: Connection, event: Event, platforms: Sequence[str], pass_id: UUID, asker: Asker, now: datetime
) -> None:
    by, facts = journal.by_user(asker.user_id), {"wall_pass": str(pass_id)}
    journal.write(connection, *(JournalEntry(now, each, event, by, facts=facts) for each in platforms))
