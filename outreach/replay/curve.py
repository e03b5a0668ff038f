"""Reads an epidemic curve: Santé publique France's daily files, or date,area_code,positives."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from outreach.errors import InvalidInput, NotFound

AREA_COLUMNS = ("area_code", "dep", "reg", "fra")
DAY_COLUMNS = ("date", "jour")
COUNT_COLUMNS = ("positives", "P", "pop_pos")
AGE_COLUMN, ALL_AGES = "cl_age90", "0"
EXAMPLE = "example"  # the shipped curve: invented, of the shape of a real year
DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y")


@dataclass(frozen=True)
class Curve:
    """Positives of one area by sampling day; `missing`: days of the period that the file does not have."""

    area: str
    positives: Mapping[date, int]
    missing: tuple[date, ...] = ()

    @property
    def first(self) -> date:
        return min(self.positives)

    @property
    def last(self) -> date:
        return max(self.positives)


def curve_file(name: str) -> Path:
    """A file of the user's, or the shipped one when the name is `example` and no file has it."""
    given = Path(name)
    if name == EXAMPLE and not given.exists():
        return Path(__file__).with_name("example_curve.csv")
    return given


def read_curve(
    path: Path, area: str, *, since: date | None = None, until: date | None = None, scale: float = 1.0
) -> Curve:
    """One area's days of a file, both ends included; `scale` multiplies every day.

    Raises NotFound for an area or period the file does not have, InvalidInput for what is no curve.
    """
    days: dict[date, float] = {}
    known: set[str] = set()
    for code, day, count in _rows(path):
        known.add(code)
        if code == area and (since is None or day >= since) and (until is None or day <= until):
            days[day] = days.get(day, 0.0) + count
    if area not in known:
        some = ", ".join(sorted(known)[:12])
        raise NotFound(f"{path.name} has no area {area}; it has {some}{'…' if len(known) > 12 else ''}.")
    if not days:
        raise NotFound(f"{path.name} has no day of area {area} in that period.")
    return Curve(area, {day: round(count * scale) for day, count in sorted(days.items())}, _missing(days))


def _missing(days: Mapping[date, float]) -> tuple[date, ...]:
    first, last = min(days), max(days)
    whole = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(day for day in whole if day not in days)


def _rows(path: Path) -> Iterator[tuple[str, date, float]]:
    """Each row's area, day and positives; rows of single age classes are left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path.name} cannot be read as a curve: {type(error).__name__}.") from None
    heading = text.partition("\n")[0]
    reader = csv.DictReader(text.splitlines(), delimiter=";" if ";" in heading else ",")
    names = reader.fieldnames or []
    area, day, count = (
        _column(names, wanted, path.name) for wanted in (AREA_COLUMNS, DAY_COLUMNS, COUNT_COLUMNS)
    )
    by_age = AGE_COLUMN in names
    for number, row in enumerate(reader, start=2):
        if by_age and row[AGE_COLUMN] not in (ALL_AGES, ""):
            continue
        yield (row[area] or "").strip(), _day(row[day], number), _count(row[count], number)


def _column(names: object, wanted: tuple[str, ...], file: str) -> str:
    found = next((name for name in wanted if name in list(names)), None)  # type: ignore[call-overload]
    if found is None:
        raise InvalidInput(f"{file} has no column {' or '.join(wanted)}.", mend="date,area_code,positives")
    return str(found)


def _day(text: str | None, row: int) -> date:
    for pattern in DAY_FORMATS:
        try:
            return datetime.strptime((text or "").strip(), pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise InvalidInput(f"Row {row}: {text!r} is not a day.", field="date", mend="2021-07-14")


def _count(text: str | None, row: int) -> float:
    """A whole number, perhaps written "12,00"."""
    try:
        count = float((text or "0").replace(",", ".").replace("\N{NO-BREAK SPACE}", ""))
    except ValueError:
        count = -1.0
    if not 0 <= count < 1e9:
        raise InvalidInput(f"Row {row}: {text!r} is not a number of positives.", field="positives", mend="42")
    return count
