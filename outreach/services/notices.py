"""Notices: published for a platform or a region, acknowledged by agents, and who has not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.notices import NewNotice, NoticeState, check_notice
from outreach.domain.roles import SCOPES_OF_ROLE, Role, Scope
from outreach.errors import NotFound
from outreach.storage import journal, notice_store
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.notice_store import EVERY_READER, Notice, PublishedNotice, Reader, ReadersAsked
from outreach.storage.touched import touch_orders

CALLING_ROLES = tuple(role.value for role in Role if Scope.CALLS_WORK in SCOPES_OF_ROLE[role])


@dataclass(frozen=True)
class Notices:
    """What every agent must have read. Kept in the clear: no personal data is let in."""

    database: Database
    clock: Clock

    def publish(self, notice: NewNotice, *, author_id: UUID, platforms: Sequence[str]) -> UUID:
        """Raises InvalidInput; NotFound for a platform, or a region with one, that is not the author's."""
        check_notice(notice)
        now = self.clock.now()
        with self.database.begin() as connection:
            named = notice_store.platforms_of(connection, notice.platform or None, notice.region or None)
            if not named or not set(named) <= set(platforms):
                raise NotFound("There is no such platform or region among yours.")
            notice_id = notice_store.add(connection, notice, author_id, now)
            self._note(connection, named, Event.NOTICE_PUBLISHED, author_id, notice_id)
            _show(connection, named)
        return notice_id

    def withdraw(self, notice_id: UUID, *, by: UUID, platforms: Sequence[str]) -> None:
        """It concerns nobody any more; withdrawing again changes nothing. Raises NotFound."""
        with self.database.begin() as connection:
            named = self._platforms(connection, notice_id, platforms)
            if not set(named) <= set(platforms):
                raise NotFound("There is no such notice among yours.")
            if notice_store.withdraw(connection, notice_id, self.clock.now()):
                self._note(connection, named, Event.NOTICE_WITHDRAWN, by, notice_id)
                _show(connection, named)

    def in_force(
        self, user_id: UUID, platforms: Sequence[str], *, before: UUID | None, most: int
    ) -> list[Notice]:
        """What concerns someone now, newest first, and whether they acknowledged it."""
        with self.database.begin() as connection:
            now = notice_store.in_force(self.clock.now())
            return notice_store.seen_by(connection, user_id, platforms, now, before=before, most=most)

    def told(
        self, user_id: UUID, platforms: Sequence[str], *, before: UUID | None, most: int
    ) -> list[Notice]:
        """What ever concerned someone, newest first: in force, ended and withdrawn."""
        with self.database.begin() as connection:
            begun = notice_store.begun(self.clock.now())
            return notice_store.seen_by(connection, user_id, platforms, begun, before=before, most=most)

    def published(
        self,
        platforms: Sequence[str],
        *,
        before: UUID | None = None,
        most: int = 50,
        state: NoticeState | None = None,
    ) -> list[PublishedNotice]:
        """Notices for these platforms, newest first, and how many have acknowledged each."""
        now = self.clock.now()
        with self.database.begin() as connection:
            return notice_store.published(
                connection, platforms, CALLING_ROLES, now=now, before=before, state=state, most=most
            )

    def one_published(self, notice_id: UUID, platforms: Sequence[str]) -> PublishedNotice:
        """Raises NotFound."""
        with self.database.begin() as connection:
            found = notice_store.published(
                connection, platforms, CALLING_ROLES, now=self.clock.now(), only=notice_id
            )
        if not found:
            raise NotFound("There is no such notice among yours.")
        return found[0]

    def acknowledge(self, notice_id: UUID, *, by: UUID, platforms: Sequence[str]) -> None:
        """They have read it; once is enough. Raises NotFound."""
        with self.database.begin() as connection:
            named = self._platforms(connection, notice_id, platforms)
            if notice_store.acknowledge(connection, notice_id, by, self.clock.now()):
                mine = [platform for platform in named if platform in platforms]
                self._note(connection, mine, Event.NOTICE_ACKNOWLEDGED, by, notice_id)

    def readers(
        self, notice_id: UUID, platforms: Sequence[str], asked: ReadersAsked = EVERY_READER
    ) -> list[Reader]:
        """Who calls on the asker's platforms and has, or has not, acknowledged it. Raises NotFound."""
        with self.database.begin() as connection:
            named = self._platforms(connection, notice_id, platforms)
            mine = [platform for platform in named if platform in platforms]
            return notice_store.readers(connection, notice_id, mine, CALLING_ROLES, asked)

    def _platforms(self, connection: Connection, notice_id: UUID, platforms: Sequence[str]) -> list[str]:
        found: Any = notice_store.one(connection, notice_id, platforms)
        if found is None:
            raise NotFound("There is no such notice among yours.")
        return notice_store.platforms_of(connection, found.platform, found.region)

    def _note(
        self, connection: Connection, platforms: Sequence[str], event: Event, by: UUID, notice_id: UUID
    ) -> None:
        now, facts = self.clock.now(), {"notice_id": str(notice_id)}
        lines = [
            JournalEntry(now, platform, event, journal.by_user(by), facts=facts) for platform in platforms
        ]
        journal.write_all(connection, lines)


def _show(connection: Connection, platforms: Sequence[str]) -> None:
    """On every desk, at once."""
    for platform in platforms:
        touch_orders(connection, platform)
