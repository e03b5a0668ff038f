"""One week of a rota as people read it: each day with its holiday, shifts, absences and agents' hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from outreach.clock import Clock
from outreach.domain.holiday_calendars import holiday_names
from outreach.domain.rota import minutes_per_hour
from outreach.storage import platform_store, rota_store
from outreach.storage.database import Database
from outreach.storage.platform_store import Platform
from outreach.storage.rota_store import StoredAbsence, StoredShift

WEEK = 7
HOURS = 24


@dataclass(frozen=True)
class RotaDay:
    """`holiday`: its name, or ''; `known`: whether the rota says anything of it; `hours`: of agents."""

    day: date
    holiday: str
    known: bool
    shifts: list[StoredShift]
    absences: list[StoredAbsence]
    hours: float


@dataclass(frozen=True)
class RotaWeek:
    """From a Monday; `spans`: the different shifts of the week, as local hours "08:30" to "17:00"."""

    platform: Platform
    days: list[RotaDay]
    spans: list[tuple[str, str]]

    @property
    def first(self) -> date:
        return self.days[0].day

    def in_span(self, day: RotaDay, span: tuple[str, str]) -> list[StoredShift]:
        """A cell of the week's table."""
        zone = ZoneInfo(self.platform.time_zone)
        return [shift for shift in day.shifts if span_of(shift, zone) == span]


@dataclass(frozen=True)
class RotaWeeks:
    """Read by supervisors, pilots and managers."""

    database: Database
    clock: Clock

    def week(self, platform: str, day: date | None = None, *, language: str = "fr") -> RotaWeek:
        """The week that holds a day of the platform's calendar, else today. Raises NotFound."""
        with self.database.begin() as connection:
            place = platform_store.read(connection, platform)
            zone = ZoneInfo(place.time_zone)
            wanted = day or self.clock.now().astimezone(zone).date()
            days = [wanted + timedelta(days=n - wanted.weekday()) for n in range(WEEK)]
            shifts = rota_store.rota_between(connection, platform, days[0], days[-1])
            start, end = _midnight(days[0], zone), _midnight(days[-1] + timedelta(days=1), zone)
            absences = rota_store.list_absences(connection, platform, start, end)
            plain = rota_store.shifts_between(connection, platform, start, end)
            away = rota_store.absences_between(connection, platform, start, end)
        spans = sorted({span_of(shift, zone) for shift in shifts})
        return RotaWeek(
            place,
            [
                RotaDay(
                    day=each,
                    holiday=_holiday(place, each, language),
                    known=any(shift.day == each for shift in shifts),
                    shifts=[shift for shift in shifts if shift.day == each],
                    absences=_touching(absences, each, zone),
                    hours=sum(minutes_per_hour(plain, away, _midnight(each, zone), HOURS)) / 60,
                )
                for each in days
            ],
            spans,
        )


def span_of(shift: StoredShift, zone: ZoneInfo) -> tuple[str, str]:
    """Its hours in the platform's time; the end of the day is 24:00."""
    starts, ends = (moment.astimezone(zone).strftime("%H:%M") for moment in (shift.starts_at, shift.ends_at))
    return starts, "24:00" if ends == "00:00" else ends


def _holiday(place: Platform, day: date, language: str) -> str:
    return holiday_names(place.department, place.time_zone, day.year, language).get(day, "")


def _touching(absences: Sequence[StoredAbsence], day: date, zone: ZoneInfo) -> list[StoredAbsence]:
    begins, ends = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    return [absence for absence in absences if absence.starts_at < ends and absence.ends_at > begins]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
