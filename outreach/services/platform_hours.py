"""When a platform calls: its hours for each purpose, and a change of them, which the call list follows.

A change is kept at once; a sweep lets entries follow in pieces, and goes on where one stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from outreach.clock import Clock, monotonic
from outreach.domain.call_list import EntryState, effective_deadline
from outreach.domain.calling_hours import CallingHours, OpenHours, Span, callee_hours, hours_from
from outreach.domain.next_steps import AFTER_NETWORK_FAILURE
from outreach.domain.purposes import Purpose
from outreach.domain.reasons import check_plain
from outreach.errors import InvalidInput
from outreach.storage import hours_store, journal, platform_store
from outreach.storage.database import Connection, Database
from outreach.storage.hours_store import Change, TimedEntry
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.platform_store import Platform

PIECE = 500  # entries locked together: nobody's click waits for more
SECONDS = 1.0  # of one run: other sweeps wait meanwhile


@dataclass(frozen=True)
class NewHours:
    """`week`: the spans of each day as "08:30-20:00", Monday first, none where it is closed; `holidays` None:
    a public holiday is a day like another."""

    purpose: Purpose
    week: Sequence[Sequence[str]]
    holidays: Sequence[str] | None

    def stored(self) -> dict[str, Any]:
        holidays = None if self.holidays is None else list(self.holidays)
        return {"week": [list(day) for day in self.week], "holidays": holidays}


def written(spans: Sequence[Span]) -> list[str]:
    """Spans as people write them: "08:30-20:00"."""
    return [f"{_minute(opens)}-{_minute(closes)}" for opens, closes in spans]


def _minute(of_day: int) -> str:
    return f"{of_day // 60:02d}:{of_day % 60:02d}"


@dataclass(frozen=True)
class PlatformHours:
    """Reads and changes calling hours; those of SMS are the installation's."""

    database: Database
    clock: Clock
    piece: int = PIECE

    def of(self, platform: str) -> dict[Purpose, CallingHours]:
        """By purpose; what the platform never set is as built in. Raises NotFound."""
        with self.database.begin() as connection:
            stored = platform_store.read(connection, platform).calling_hours
        return {purpose: hours_from(stored, purpose) for purpose in Purpose}

    def change(self, platform: str, new: NewHours, *, reason: str, by: UUID | None) -> None:
        """Kept at once; who may be called now, and everybody's last callable moment, follow in `follow`.

        `by` None: the command line. Raises InvalidInput, NotFound.
        """
        if not reason.strip():
            raise InvalidInput("A reason is needed.", field="reason", mend="Say in a few words why.")
        check_plain(reason)
        now, purpose = self.clock.now(), new.purpose.value
        with self.database.begin() as connection:
            before = hours_store.change(connection, platform, purpose, new.stored())
            facts = {
                "purpose": purpose,
                "hours": _told(new.stored()),
                "before": _told(before),
                "reason": reason.strip(),
            }
            actor = journal.by_user(by) if by else journal.by_system("command line")
            line = JournalEntry(now, platform, Event.HOURS_CHANGED, actor, facts=facts)
            journal.write(connection, line)

    def follow(self, *, most_seconds: float = SECONDS) -> int:
        """Sweep: entries follow the changes of hours; how many pieces of the list did. It waits for nobody:
        who is in other hands has their turn in the next run."""
        until, pieces = monotonic() + most_seconds, 0
        while changes := self._unfollowed():
            pieces += 1
            if not self._follow_piece(changes[0]) or monotonic() >= until:
                break
        return pieces

    def _unfollowed(self) -> list[Change]:
        with self.database.begin() as connection:
            return hours_store.unfollowed(connection)

    def _follow_piece(self, change: Change) -> bool:
        """Up to the first who is in other hands; False when that is the first of all."""
        with self.database.begin() as connection:
            piece = hours_store.next_entries(connection, change, most=self.piece)
        free = self._look_at(change, piece)
        ahead = list(takewhile(free.__contains__, piece))
        if piece and not ahead:
            return False
        all_done = ahead == piece and len(piece) < self.piece
        with self.database.begin() as connection:
            hours_store.followed_to(connection, change, None if all_done else ahead[-1])
        return True

    def _look_at(self, change: Change, ids: Sequence[UUID]) -> set[UUID]:
        with self.database.begin() as connection:
            return put_under_hours(connection, change.platform, ids, self.clock.now())


def put_under_hours(connection: Connection, platform: str, ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """These entries of a platform stand by its hours from now on; those that were in nobody else's hands.

    The hours are read once the entries are held: a later change finds them as they were left.
    """
    entries = hours_store.lock_free(connection, platform, ids, soon=now + AFTER_NETWORK_FAILURE)
    place = platform_store.read(connection, platform)
    after = [_following(each, _hours_of(place, each), now) for each in entries]
    moved = [(old, new) for old, new in zip(entries, after, strict=True) if old != new]
    if moved:
        hours_store.move(connection, [new for _, new in moved])
        journal.write_all(connection, _reclassed(place.code, moved, now))
    return {each.id for each in entries}


def _hours_of(place: Platform, each: TimedEntry) -> OpenHours:
    return callee_hours(
        place.calling_hours,
        Purpose(each.purpose),
        zone=each.zone,
        platform_zone=place.time_zone,
        department=place.department,
    )


def _following(each: TimedEntry, hours: OpenHours, now: datetime) -> TimedEntry:
    """As the entry stands under these hours. Whoever may be called already keeps since when."""
    last = effective_deadline(each.deadline, hours, opened_at=each.opened_at)
    each = each._replace(effective_deadline=last)
    in_hand = each.state == EntryState.LEASED and each.ready_until is not None
    ready = each.state == EntryState.READY and each.ready_until is not None
    if hours.is_open(now) and (ready or in_hand):
        return each._replace(ready_until=hours.closes_at(now))
    if in_hand:
        return each._replace(ready_until=now)  # given back, it waits
    if not (ready or each.waits_for_hours):
        return each
    if hours.is_open(now):
        return each._replace(state=EntryState.READY.value, not_before=now, ready_until=hours.closes_at(now))
    return each._replace(state=EntryState.WAITING.value, not_before=hours.next_open(now), ready_until=None)


def _reclassed(
    platform: str, moved: Sequence[tuple[TimedEntry, TimedEntry]], now: datetime
) -> list[JournalEntry]:
    """Only last callable moments are written down: calling hours alone say the rest."""
    return [
        JournalEntry(
            now,
            platform,
            Event.ENTRY_RECLASSED,
            journal.by_system("hours"),
            case_record_id=new.case_record_id,
            entry_id=new.id,
            facts={
                "call_class": new.call_class,
                "effective_deadline": new.effective_deadline.isoformat(),
                "because": "HOURS_CHANGED",
            },
        )
        for old, new in moved
        if old.effective_deadline != new.effective_deadline
    ]


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _told(stored: Mapping[str, Any] | None) -> str:
    """As one line of the journal says them; "" for those built in."""
    if stored is None:
        return ""
    days = [f"{name} {', '.join(spans) or '-'}" for name, spans in zip(_DAYS, stored["week"], strict=True)]
    on_holidays = stored.get("holidays")
    return "; ".join([*days, *([] if on_holidays is None else [f"holidays {', '.join(on_holidays) or '-'}"])])
