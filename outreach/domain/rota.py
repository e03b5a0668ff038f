"""The rota: who is planned to work and when, and the minutes that gives in each hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.domain.territories import folded
from outreach.errors import InvalidInput

MOST_POSITIONS = 1_000
HOUR = timedelta(hours=1)
MIDNIGHT_AFTER = "24:00"
YEARS = range(2000, 2200)


class PauseReason(StrEnum):
    """Why someone on shift takes no call."""

    BREAK = "BREAK"
    MEAL = "MEAL"
    MEETING = "MEETING"
    TRAINING = "TRAINING"
    TECHNICAL = "TECHNICAL"


class AbsenceReason(StrEnum):
    """Why someone planned does not come; a sick note stays out of here."""

    LEAVE = "LEAVE"
    ABSENT = "ABSENT"
    TRAINING = "TRAINING"
    LENT_ELSEWHERE = "LENT_ELSEWHERE"


@dataclass(frozen=True)
class Shift:
    """From one moment to another: so many positions, or one agent."""

    starts_at: datetime
    ends_at: datetime
    positions: int = 0
    user_id: UUID | None = None


@dataclass(frozen=True)
class Absence:
    """So many positions, or one agent, away from what the rota says."""

    starts_at: datetime
    ends_at: datetime
    positions: int = 0
    user_id: UUID | None = None


def minutes_per_hour(
    shifts: Sequence[Shift], absences: Sequence[Absence], start: datetime, hours: int
) -> list[float]:
    """Agents' minutes in each of the hours that follow `start`."""
    return [_minutes(shifts, absences, start + n * HOUR, start + (n + 1) * HOUR) for n in range(hours)]


def _minutes(shifts: Sequence[Shift], absences: Sequence[Absence], begins: datetime, ends: datetime) -> float:
    here = [shift for shift in shifts if shift.starts_at < ends and shift.ends_at > begins]
    away = [absence for absence in absences if absence.starts_at < ends and absence.ends_at > begins]
    edges = {begins, ends}
    spans: list[Shift | Absence] = [*here, *away]
    for span in spans:
        edges |= {max(begins, span.starts_at), min(ends, span.ends_at)}
    return sum(
        planned_at(here, away, first) * (last - first).total_seconds() / 60
        for first, last in pairwise(sorted(edges))
    )


def planned_at(shifts: Sequence[Shift], absences: Sequence[Absence], at: datetime) -> int:
    """How many people are planned to work at a moment.

    Someone away whom the rota does not name takes a position away; nobody counts twice.
    """
    here = [shift for shift in shifts if shift.starts_at <= at < shift.ends_at]
    away = [absence for absence in absences if absence.starts_at <= at < absence.ends_at]
    named = {shift.user_id for shift in here if shift.user_id is not None}
    gone = {absence.user_id for absence in away if absence.user_id is not None}
    missing = sum(absence.positions for absence in away) + len(gone - named)
    return len(named - gone) + max(0, sum(shift.positions for shift in here) - missing)


# --- rows of a file ---


class RotaField(StrEnum):
    """The columns of a rota."""

    DATE = "date"
    FROM = "from"
    UNTIL = "until"
    POSITIONS = "positions"
    AGENT = "agent"


_HEADERS = {
    **dict.fromkeys(("DATE", "JOUR", "DAY"), RotaField.DATE),
    **dict.fromkeys(("FROM", "DE", "DEBUT", "HEUREDEBUT", "START", "BEGINS"), RotaField.FROM),
    **dict.fromkeys(("UNTIL", "A", "FIN", "HEUREFIN", "END", "ENDS", "TO"), RotaField.UNTIL),
    **dict.fromkeys(("POSITIONS", "POSTES", "POSTE", "NOMBRE"), RotaField.POSITIONS),
    **dict.fromkeys(("AGENT", "LOGIN", "IDENTIFIANT", "TRACEUR"), RotaField.AGENT),
}


_NAMED = {  # in both languages that a header may be in
    frozenset({RotaField.DATE}): "date (jour)",
    frozenset({RotaField.FROM}): "from (début)",
    frozenset({RotaField.UNTIL}): "until (fin)",
    frozenset({RotaField.POSITIONS, RotaField.AGENT}): "positions (postes) / agent",
}


@dataclass(frozen=True)
class RotaRow:
    """One row, read; `agent` is a login, or ''."""

    day: date
    starts_at: datetime
    ends_at: datetime
    positions: int | None
    agent: str


def columns_of(headers: Sequence[str]) -> dict[RotaField, int]:
    """Which column holds what. Raises InvalidInput when one is missing."""
    found: dict[RotaField, int] = {}
    for place, header in enumerate(headers):
        field = _HEADERS.get(folded(header))
        if field is not None:
            found.setdefault(field, place)
    missing = [name for fields, name in _NAMED.items() if not fields & found.keys()]
    if missing:
        raise InvalidInput(
            f"The rota has no column {', '.join(missing)}.",
            field="file",
            mend="name the columns date, from, until, positions, agent in line 1",
        )
    return found


def read_row(cells: dict[RotaField, str], zone: ZoneInfo) -> RotaRow:
    """A row in the platform's own time. Raises InvalidInput, which names the column and how to mend it."""
    day = _day(cells.get(RotaField.DATE, ""))
    begins = _moment(day, cells.get(RotaField.FROM, ""), zone, RotaField.FROM)
    ends = _moment(day, cells.get(RotaField.UNTIL, ""), zone, RotaField.UNTIL)
    if ends <= begins:
        raise InvalidInput(
            "The shift ends before it begins.",
            field=RotaField.UNTIL.value,
            mend="write two rows for a shift past midnight, the first until 24:00",
        )
    agent = cells.get(RotaField.AGENT, "").strip()
    positions = _positions(cells.get(RotaField.POSITIONS, "").strip())
    if (positions is None) == (not agent):
        raise InvalidInput(
            "A row names an agent or a number of positions.",
            field=RotaField.POSITIONS.value,
            mend="fill one of the two columns",
        )
    return RotaRow(day, begins, ends, positions, agent)


def _day(text: str) -> date:
    try:
        day = _date(text.strip())
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise InvalidInput(
            "This is not a date.", field=RotaField.DATE.value, mend="write 2021-03-16 or 16/03/2021"
        )
    return day


def _date(text: str) -> date:
    if "/" not in text:
        return date.fromisoformat(text)
    day, month, year = (int(part) for part in text.split("/"))
    return date(year, month, day)


def _moment(day: date, text: str, zone: ZoneInfo, field: RotaField) -> datetime:
    """ "8:30", "08:30:00", "8h30" or "9h"; "24:00" is the end of the day."""
    written = text.strip().lower().replace("h", ":")
    if written in (MIDNIGHT_AFTER, "24:"):
        return datetime.combine(day + timedelta(days=1), time(), zone)
    try:
        hour, _, minute = written.partition(":")
        at = time(int(hour), int(minute.partition(":")[0] or 0))
    except ValueError:
        raise InvalidInput("This is not an hour.", field=field.value, mend="write 08:30") from None
    return datetime.combine(day, at, zone)


def _positions(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_POSITIONS):
        raise InvalidInput(
            "This is not a number of positions.",
            field=RotaField.POSITIONS.value,
            mend=f"write a whole number up to {MOST_POSITIONS}; 0 when nobody works",
        )
    return int(text)
