"""How far the change of the mode is: contacts turned into SMS, and back into calls, after a switch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from outreach.clock import Clock, monotonic
from outreach.domain.load_shedding import Mode, ModeInForce
from outreach.domain.sms_hours import SHORTEST_VALIDITY, SmsHours
from outreach.storage import mode_progress_store, mode_store, shed_store, spend_store
from outreach.storage.database import Connection, Database
from outreach.storage.mode_progress_store import Moved

COUNTED_FOR = timedelta(hours=24)  # afterwards whoever comes in is texted as a matter of course
LATELY = timedelta(minutes=5)
SHARE = 10  # for pages, counting takes a tenth of the time at most, however long the list
QUICK = 0.1  # seconds: what costs less is counted each time


class Standstill(StrEnum):
    """Why contacts who are to be texted wait."""

    HOURS = "HOURS"
    BUDGET = "BUDGET"  # a sender that is stopped brings back the calls by itself


@dataclass(frozen=True)
class ModeProgress:
    """`texted`, `returned`: since `counted_from`, the last change of the mode or a day ago.

    `to_text`, `to_return`: contacts still to be moved. `last_at`: when the last one was.
    """

    platform: str
    mode: Mode
    version: int
    began_at: datetime
    counted_from: datetime
    to_text: int
    to_return: int
    texted: int
    returned: int
    a_minute: float
    last_at: datetime | None
    ends_about: datetime | None
    standstill: Standstill | None
    goes_on_at: datetime | None

    @property
    def to_go(self) -> int:
        return self.to_text + self.to_return

    @property
    def done(self) -> int:
        return self.texted + self.returned

    @property
    def done_at(self) -> datetime | None:
        """When everybody was where the mode wants them; None while somebody is not, or had to be moved."""
        return None if self.to_go else self.last_at

    @property
    def follows_a_switch(self) -> bool:
        """Whether a change of mode is what this tells of; else contacts are texted as they come in."""
        lately = self.counted_from == self.began_at and self.version > 1
        return (lately and self.done + self.to_go > 0) or (self.to_go > 0 and self.mode is not Mode.NORMAL)


@dataclass(frozen=True)
class ModeProgresses:
    """Counted from the list and the journal; nothing is kept of it but for pages, in `glance`."""

    database: Database
    clock: Clock
    hours: SmsHours
    _kept: dict[str, tuple[float, ModeProgress]] = field(default_factory=dict)

    def show(self, platform: str) -> ModeProgress:
        """As of now. Raises NotFound."""
        now = self.clock.now()
        with self.database.begin() as connection:
            row = mode_store.in_force(connection, platform)
            level, began_at = row.level(now), _began(row, now)
            counted_from = max(began_at, now - COUNTED_FOR)
            to_text = mode_progress_store.to_text(connection, platform, level=level)
            to_return = mode_progress_store.to_return(connection, platform, level=level)
            moved = mode_progress_store.moved(
                connection, platform, since=counted_from, lately=max(counted_from, now - LATELY)
            )
            standstill, goes_on_at = self._standstill(connection, row, now) if to_text else (None, None)
        a_minute = _a_minute(moved, now - counted_from)
        going = to_text + to_return if a_minute and standstill is None else 0
        return ModeProgress(
            platform=platform,
            mode=row.at(now),
            version=row.version,
            began_at=began_at,
            counted_from=counted_from,
            to_text=to_text,
            to_return=to_return,
            texted=moved.texted,
            returned=moved.returned,
            a_minute=a_minute,
            last_at=moved.last_at,
            ends_about=now + timedelta(minutes=going / a_minute) if going else None,
            standstill=standstill,
            goes_on_at=goes_on_at,
        )

    def glance(self, platform: str) -> ModeProgress:
        """For a page that asks again and again: some seconds old where counting is slow."""
        until, kept = self._kept.get(platform, (0.0, None))
        began = monotonic()
        if kept is not None and began < until:
            return kept
        found = self.show(platform)
        took = monotonic() - began
        self._kept[platform] = (began + SHARE * took if took > QUICK else 0.0, found)
        return found

    def _standstill(
        self, connection: Connection, row: ModeInForce, now: datetime
    ) -> tuple[Standstill | None, datetime | None]:
        """Why nobody is texted now, and from when on somebody is, where that is known."""
        if spend_store.is_stopped(connection, row.platform):
            return Standstill.BUDGET, None
        everywhere = shed_store.zones_of_callees(connection)
        if len(self.hours.open_zones(everywhere, now)) == len(everywhere):
            return None, None
        zones = mode_progress_store.zones_to_text(connection, row.platform, level=row.level(now))
        if not zones or self.hours.open_zones(zones, now):
            return None, None
        return Standstill.HOURS, min(self._goes_on(zone, now) for zone in zones)

    def _goes_on(self, zone: str, now: datetime) -> datetime:
        is_last_minute = self.hours.is_open(zone, now)
        return self.hours.next_open(zone, now + SHORTEST_VALIDITY if is_last_minute else now)


def _began(row: ModeInForce, now: datetime) -> datetime:
    """The switch, or the moment at which its mode ended by itself."""
    return row.starts_at if row.at(now) is row.mode or row.ends_at is None else row.ends_at


def _a_minute(moved: Moved, since: timedelta) -> float:
    """Contacts a minute, of the last five or of all there were since."""
    minutes = min(LATELY, since).total_seconds() / 60
    return round(moved.lately / max(minutes, 1.0), 1)
