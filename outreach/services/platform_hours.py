"""When a platform calls: its hours for each purpose, and a change of them, which the call list follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_list import effective_deadline
from outreach.domain.calling_hours import CallingHours, Span, callee_hours, hours_from
from outreach.domain.purposes import Purpose
from outreach.domain.reasons import check_plain
from outreach.errors import InvalidInput
from outreach.services.call_list import CallList
from outreach.storage import hours_store, journal, platform_store
from outreach.storage.database import Connection, Database
from outreach.storage.hours_store import TimedEntry
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.platform_store import Platform

PIECE = 2_000


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
    call_list: CallList

    def of(self, platform: str) -> dict[Purpose, CallingHours]:
        """By purpose; what the platform never set is as built in. Raises NotFound."""
        with self.database.begin() as connection:
            stored = platform_store.read(connection, platform).calling_hours
        return {purpose: hours_from(stored, purpose) for purpose in Purpose}

    def change(self, platform: str, new: NewHours, *, reason: str, by: UUID) -> None:
        """At once: who may be called now, and everybody's last callable moment, follow.

        Raises InvalidInput, NotFound.
        """
        if not reason.strip():
            raise InvalidInput("A reason is needed.", field="reason", mend="Say in a few words why.")
        check_plain(reason)
        self._keep(platform, new, reason.strip(), by)
        self._move_deadlines(platform, new.purpose)
        self.call_list.keep_ready()

    def _keep(self, platform: str, new: NewHours, reason: str, by: UUID) -> None:
        now, purpose = self.clock.now(), new.purpose.value
        with self.database.begin() as connection:
            before = hours_store.lock(connection, platform)
            hours_store.keep(connection, platform, {**before, purpose: new.stored()})
            hours_store.look_again(connection, platform, purpose, now)
            facts = {
                "purpose": purpose,
                "hours": _told(new.stored()),
                "before": _told(before.get(purpose)),
                "reason": reason,
            }
            line = JournalEntry(now, platform, Event.HOURS_CHANGED, journal.by_user(by), facts=facts)
            journal.write(connection, line)

    def _move_deadlines(self, platform: str, purpose: Purpose) -> None:
        """In pieces: nobody who works waits for it."""
        after: UUID | None = None
        while True:
            with self.database.begin() as connection:
                place = platform_store.read(connection, platform)
                piece = hours_store.timed(connection, platform, purpose.value, after=after, most=PIECE)
                self._move(connection, place, purpose, piece)
            if len(piece) < PIECE:
                return
            after = piece[-1].id

    def _move(
        self, connection: Connection, place: Platform, purpose: Purpose, piece: Sequence[TimedEntry]
    ) -> None:
        moved = {each: _last_moment(place, purpose, each) for each in piece}
        changed = {each: moment for each, moment in moved.items() if moment != each.effective_deadline}
        if not changed:
            return
        hours_store.move(connection, [each.id for each in changed], list(changed.values()))
        now, actor = self.clock.now(), journal.by_system("hours")
        journal.write_all(
            connection,
            [
                JournalEntry(
                    now,
                    place.code,
                    Event.ENTRY_RECLASSED,
                    actor,
                    case_record_id=each.case_record_id,
                    entry_id=each.id,
                    facts={
                        "call_class": each.call_class,
                        "effective_deadline": moment.isoformat(),
                        "because": "HOURS_CHANGED",
                    },
                )
                for each, moment in changed.items()
            ],
        )


def _last_moment(place: Platform, purpose: Purpose, each: TimedEntry) -> Any:
    hours = callee_hours(
        place.calling_hours,
        purpose,
        zone=each.zone,
        platform_zone=place.time_zone,
        department=place.department,
    )
    return effective_deadline(each.deadline, hours, opened_at=each.opened_at)


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _told(stored: Mapping[str, Any] | None) -> str:
    """As one line of the journal says them; "" for those built in."""
    if stored is None:
        return ""
    days = [f"{name} {', '.join(spans) or '-'}" for name, spans in zip(_DAYS, stored["week"], strict=True)]
    on_holidays = stored.get("holidays")
    return "; ".join([*days, *([] if on_holidays is None else [f"holidays {', '.join(on_holidays) or '-'}"])])
