"""The watch list of a platform: kept by a sweep, read and resolved by those who steer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.watch_list import BY_HAND, Missing, Resolution, check_days
from outreach.errors import InvalidInput, NotFound
from outreach.storage import journal, platform_store, watch_store
from outreach.storage.database import Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.watch_store import Watched

PIECE = 5_000


@dataclass(frozen=True)
class WatchList:
    """Case records without a result, a doctor's word, or the positive they belong to."""

    database: Database
    clock: Clock

    def keep(self) -> int:
        """Sweep: who lacks something for too long comes on, who lacks it no more leaves. How many moved."""
        now, moved = self.clock.now(), 0
        for why in Missing:
            with self.database.begin() as connection:
                moved += watch_store.resolve_by_import(connection, why, now=now)
            with self.database.begin() as connection:
                moved += watch_store.watch(connection, why, now=now, most=PIECE)
        return moved

    def records(
        self,
        platform: str,
        *,
        after: UUID | None,
        most: int,
        why: Missing | None = None,
        days: int = 0,
    ) -> list[Watched]:
        """Who is on the list, the oldest records first; `days`: only those that came in so long ago."""
        now = self.clock.now()
        listed_before = now - timedelta(days=days) if days else None
        with self.database.reading_as([platform], now=now) as connection:
            return watch_store.open_records(
                connection, platform, after=after, most=most, why=why, listed_before=listed_before
            )

    def counts(self, platform: str) -> dict[Missing, int]:
        """How many records of the list lack what."""
        with self.database.begin() as connection:
            return watch_store.counts(connection, platform)

    def resolve(
        self, case_record_id: UUID, because: Resolution, *, by: UUID | None, platforms: Sequence[str]
    ) -> None:
        """By hand; again changes nothing. Raises NotFound, InvalidInput."""
        if because not in BY_HAND:
            raise InvalidInput(
                "Only an import says so.",
                field="because",
                mend=f"Choose among: {', '.join(sorted(BY_HAND))}.",
            )
        now = self.clock.now()
        with self.database.begin() as connection:
            platform = watch_store.platform_of(connection, case_record_id)
            if platform is None or platform not in platforms:
                raise NotFound("This case record is not on the watch list.")
            if watch_store.resolve(connection, case_record_id, because, by=by, now=now):
                facts = {"because": because.value}
                line = JournalEntry(
                    now,
                    platform,
                    Event.RECORD_WATCH_RESOLVED,
                    journal.by_user(by) if by else journal.by_system("command line"),
                    case_record_id,
                    facts=facts,
                )
                journal.write(connection, line)

    def days(self, platform: str) -> int:
        """After how many days a record comes on the list."""
        with self.database.begin() as connection:
            return watch_store.days_of(connection, platform)

    def set_days(self, platform: str, days: int) -> None:
        """Raises InvalidInput, NotFound."""
        check_days(days)
        with self.database.begin() as connection:
            platform_store.read(connection, platform)
            watch_store.set_days(connection, platform, days)
