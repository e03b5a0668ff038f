"""The rota: read from a file, corrected by absences; who is at work; the minutes there are and will be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.clock import Clock
from outreach.domain.calling_hours import OpenHours, hours_from
from outreach.domain.purposes import Purpose
from outreach.domain.rota import (
    HOUR,
    Absence,
    AbsenceReason,
    PauseReason,
    RotaRow,
    Shift,
    columns_of,
    minutes_per_hour,
    planned_at,
    read_row,
)
from outreach.errors import InvalidInput, NotFound
from outreach.services.table_reading import open_table
from outreach.storage import journal, lease_store, platform_store, presence_store, rota_store
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.platform_store import Platform
from outreach.storage.presence_store import PresenceState
from outreach.storage.rota_store import AtWork, StoredAbsence, StoredShift

MOST_ROWS = 20_000
MOST_HOURS = 24 * 14
MOST_DAYS = 62


@dataclass(frozen=True)
class RowToMend:
    """`row` as a spreadsheet counts; the header is 1."""

    row: int
    field: str
    reason: str
    mend: str


@dataclass(frozen=True)
class RotaReport:
    """What a file brings. With errors nothing is written."""

    days: int
    shifts: int
    replaced: int
    errors: list[RowToMend]


@dataclass(frozen=True)
class Capacity:
    """`minutes`: of agents in each hour from `start`; `planned`: people the rota has at work now."""

    start: datetime
    planned: int
    on_shift: int
    paused: int
    minutes: list[float]


@dataclass(frozen=True)
class _Day:
    """The rota between two moments; `known`: days of which it says something."""

    shifts: list[Shift]
    absences: list[Absence]
    known: set[date]


@dataclass(frozen=True)
class Rota:
    """Planned work and work at hand of one platform."""

    database: Database
    clock: Clock

    def import_file(self, content: bytes, *, platform: str, actor: str, dry_run: bool = False) -> RotaReport:
        """A file is the whole rota of the days it names: the same file again changes nothing.

        Raises InvalidInput for a file that cannot be read, NotFound for an unknown platform.
        """
        with self.database.begin() as connection:
            zone = ZoneInfo(platform_store.read(connection, platform).time_zone)
            rows, errors = _read(content, zone)
            shifts, unknown = _shifts(connection, platform, rows)
            errors = sorted([*errors, *unknown], key=lambda error: error.row)
            days = sorted({day for day, _ in shifts})
            if errors or dry_run:
                return RotaReport(len(days), len(shifts), 0, errors)
            now = self.clock.now()
            replaced = rota_store.replace_days(connection, platform, days, shifts, now)
            facts = {"days": len(days), "shifts": len(shifts), "replaced": replaced}
            journal.write(connection, JournalEntry(now, platform, Event.ROTA_IMPORTED, actor, facts=facts))
        return RotaReport(len(days), len(shifts), replaced, [])

    def shifts(self, platform: str, first: date, last: date) -> list[StoredShift]:
        """The rota of these days, the last one included. Raises InvalidInput."""
        if not 0 <= (last - first).days <= MOST_DAYS:
            raise InvalidInput(
                "The span is too long or ends before it begins.",
                field="until",
                mend=f"at most {MOST_DAYS} days",
            )
        with self.database.begin() as connection:
            return rota_store.rota_between(connection, platform, first, last)

    def add_absence(
        self,
        platform: str,
        *,
        starts_at: datetime,
        ends_at: datetime,
        reason: AbsenceReason,
        login: str = "",
        positions: int | None = None,
        actor: str,
    ) -> UUID:
        """An agent, or some positions, will not be there. Raises InvalidInput, NotFound."""
        if ends_at <= starts_at:
            raise InvalidInput(
                "The absence ends before it begins.", field="ends_at", mend="choose a later end"
            )
        if bool(login) == bool(positions):
            raise InvalidInput(
                "An absence names an agent or a number of positions.",
                field="agent",
                mend="fill one of the two",
            )
        now = self.clock.now()
        with self.database.begin() as connection:
            user_id = _agent(connection, platform, login) if login else None
            absence = Absence(starts_at, ends_at, positions or 0, user_id)
            absence_id = rota_store.add_absence(connection, platform, absence, reason, now)
            facts = {"absence_id": str(absence_id), "reason": reason.value}
            journal.write(connection, JournalEntry(now, platform, Event.ABSENCE_ADDED, actor, facts=facts))
        return absence_id

    def remove_absence(self, absence_id: UUID, *, platforms: Sequence[str], actor: str) -> None:
        """They come after all. Raises NotFound."""
        with self.database.begin() as connection:
            platform = rota_store.platform_of_absence(connection, absence_id)
            if platform is None or platform not in platforms:
                raise NotFound("There is no such absence.")
            rota_store.remove_absence(connection, absence_id)
            facts = {"absence_id": str(absence_id)}
            journal.write(
                connection,
                JournalEntry(self.clock.now(), platform, Event.ABSENCE_REMOVED, actor, facts=facts),
            )

    def absences(self, platform: str, start: datetime, end: datetime) -> list[StoredAbsence]:
        with self.database.begin() as connection:
            return rota_store.list_absences(connection, platform, start, end)

    # --- now ---

    def at_work(self, platform: str) -> list[AtWork]:
        """Whose page is open: on shift, or paused and why."""
        with self.database.begin() as connection:
            return rota_store.at_work(connection, platform, self.clock.now())

    def pause(self, user_id: UUID, platform: str, reason: PauseReason) -> None:
        """No call for a while: what they held goes back to its place, a live call stays theirs."""
        now = self.clock.now()
        with self.database.begin() as connection:
            rota_store.end_pause(connection, user_id, now)
            rota_store.begin_pause(connection, user_id, platform, reason, now)
            presence_store.set_state(connection, user_id, PresenceState.PAUSED, now)
            lease_store.release(connection, agent_id=user_id, now=now, because=Event.PAUSE_STARTED.value)
            facts = {"reason": reason.value}
            line = JournalEntry(now, platform, Event.PAUSE_STARTED, journal.by_user(user_id), facts=facts)
            journal.write(connection, line)

    def resume(self, user_id: UUID) -> None:
        """Back to the calls; without a pause nothing changes."""
        now = self.clock.now()
        with self.database.begin() as connection:
            platform = rota_store.end_pause(connection, user_id, now)
            if platform is None:
                return
            presence_store.set_state(connection, user_id, PresenceState.ON_SHIFT, now)
            journal.write(
                connection, JournalEntry(now, platform, Event.PAUSE_ENDED, journal.by_user(user_id))
            )

    # --- ahead ---

    def minutes_ahead(self, platform: str, start: datetime, hours: int) -> list[float]:
        """Agents' minutes in each of the hours that follow `start`.

        On a day of which the rota says nothing: as many agents as are on shift now (else as began a shift in
        the last 24 hours) while the platform's calling hours are open. A day off is a row with 0 positions.
        """
        if not 0 < hours <= MOST_HOURS:
            raise InvalidInput("So many hours are not planned.", field="hours", mend=f"at most {MOST_HOURS}")
        with self.database.begin() as connection:
            return self._minutes(connection, platform_store.read(connection, platform), start, hours)

    def capacity(self, platform: str, hours: int = 72) -> Capacity:
        """Who is there now, and the minutes of the hours ahead."""
        now = self.clock.now()
        minutes = self.minutes_ahead(platform, now, hours)
        with self.database.begin() as connection:
            there = rota_store.at_work(connection, platform, now)
            shifts = rota_store.shifts_between(connection, platform, now, now + HOUR)
            absences = rota_store.absences_between(connection, platform, now, now + HOUR)
        paused = sum(agent.state == PresenceState.PAUSED for agent in there)
        return Capacity(now, planned_at(shifts, absences, now), len(there) - paused, paused, minutes)

    def _minutes(
        self, connection: Connection, platform: Platform, start: datetime, hours: int
    ) -> list[float]:
        end, zone = start + hours * HOUR, ZoneInfo(platform.time_zone)
        planned = _planned(connection, platform.code, start, end, zone)
        minutes = minutes_per_hour(planned.shifts, planned.absences, start, hours)
        unknown = [n for n in range(hours) if _day_of(start + n * HOUR, zone) not in planned.known]
        if unknown:
            agents = self._agents(connection, platform.code)
            open_hours = hours_from(platform.calling_hours, Purpose.INTERVIEW).in_zone(
                platform.time_zone, region=platform.department
            )
            for n in unknown:
                minutes[n] += agents * _open_minutes(open_hours, start + n * HOUR)
        return minutes

    def _agents(self, connection: Connection, platform: str) -> int:
        now = self.clock.now()
        there = rota_store.at_work(connection, platform, now)
        on_shift = sum(agent.state == PresenceState.ON_SHIFT for agent in there)
        return on_shift or rota_store.started_lately(connection, platform, now)


def _read(content: bytes, zone: ZoneInfo) -> tuple[list[tuple[int, RotaRow]], list[RowToMend]]:
    table = open_table(content)
    columns = columns_of(table.headers)
    rows: list[tuple[int, RotaRow]] = []
    errors: list[RowToMend] = []
    for number, cells in table.rows():
        if len(rows) + len(errors) >= MOST_ROWS:
            raise InvalidInput("The rota is too long.", field="file", mend=f"send at most {MOST_ROWS} rows")
        named = {field: cells[place] for field, place in columns.items() if place < len(cells)}
        try:
            rows.append((number, read_row(named, zone)))
        except InvalidInput as error:
            errors.append(RowToMend(number, error.field, str(error), error.mend))
    return rows, errors


def _shifts(
    connection: Connection, platform: str, rows: Sequence[tuple[int, RotaRow]]
) -> tuple[list[tuple[date, Shift]], list[RowToMend]]:
    agents = rota_store.agents_named(
        connection, platform, sorted({row.agent for _, row in rows if row.agent})
    )
    shifts: list[tuple[date, Shift]] = []
    errors: list[RowToMend] = []
    for number, row in rows:
        if row.agent and row.agent not in agents:
            errors.append(
                RowToMend(number, "agent", "Nobody of this platform has this login.", "write a login in use")
            )
            continue
        user_id = agents.get(row.agent)
        shifts.append((row.day, Shift(row.starts_at, row.ends_at, row.positions or 0, user_id)))
    return shifts, errors


def _agent(connection: Connection, platform: str, login: str) -> UUID:
    found = rota_store.agents_named(connection, platform, [login])
    if login not in found:
        raise NotFound("Nobody of this platform has this login.")
    return found[login]


def _planned(connection: Connection, platform: str, start: datetime, end: datetime, zone: ZoneInfo) -> _Day:
    return _Day(
        rota_store.shifts_between(connection, platform, start, end),
        rota_store.absences_between(connection, platform, start, end),
        rota_store.planned_days(connection, platform, _day_of(start, zone), _day_of(end, zone)),
    )


def _day_of(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _open_minutes(hours: OpenHours, begins: datetime) -> float:
    """How long calling hours are open in the hour that begins."""
    ends, at, total = begins + HOUR, begins, timedelta()
    while at < ends:
        opens = hours.next_open(at)
        if opens >= ends:
            break
        closes = min(ends, hours.closes_at(opens))
        total += closes - opens
        at = closes
    return total.total_seconds() / 60
