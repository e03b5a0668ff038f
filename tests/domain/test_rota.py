"""The rota: how many people a moment has, and what a row of a file may say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.domain.rota import Absence, RotaField, Shift, columns_of, minutes_per_hour, planned_at, read_row
from outreach.errors import InvalidInput
from outreach.ids import new_id

EIGHT = datetime(2021, 3, 16, 8, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
ANNE, BOB = new_id(), new_id()


def at(hours: float) -> datetime:
    return EIGHT + timedelta(hours=hours)


def shift(begins: float, ends: float, positions: int = 0, **more: object) -> Shift:
    return Shift(at(begins), at(ends), positions, **more)  # type: ignore[arg-type]


def away(begins: float, ends: float, positions: int = 0, **more: object) -> Absence:
    return Absence(at(begins), at(ends), positions, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shifts", "absences", "minutes"),
    [
        ([], [], [0, 0]),
        ([shift(0, 2, 30)], [], [1800, 1800]),
        ([shift(0.5, 1.25, 2)], [], [60, 30]),
        ([shift(0, 2, 3), shift(1, 2, 4)], [], [180, 420]),
        ([shift(0, 2, 3)], [away(0.5, 1, 1)], [150, 180]),
        ([shift(0, 2, 1)], [away(0, 2, 5)], [0, 0]),  # never less than nobody
        ([shift(0, 2, user_id=ANNE)], [], [60, 60]),
        ([shift(0, 2, user_id=ANNE), shift(1, 2, user_id=ANNE)], [], [60, 60]),  # nobody counts twice
        ([shift(0, 2, user_id=ANNE), shift(0, 2, user_id=BOB)], [away(0, 1, user_id=BOB)], [60, 120]),
        ([shift(0, 2, 5)], [away(0, 1, user_id=BOB)], [240, 300]),  # not named: one position less
        ([shift(0, 2, user_id=ANNE), shift(0, 2, 5)], [away(0, 2, user_id=ANNE)], [300, 300]),
        ([shift(0, 2, 0)], [], [0, 0]),
    ],
)
def test_minutes_are_positions_and_named_agents_without_who_is_away(
    shifts: list[Shift], absences: list[Absence], minutes: list[float]
) -> None:
    assert minutes_per_hour(shifts, absences, EIGHT, 2) == pytest.approx(minutes)


def test_the_minute_a_shift_ends_is_no_work_any_more() -> None:
    assert planned_at([shift(0, 1, 4)], [], at(0)) == 4
    assert planned_at([shift(0, 1, 4)], [], at(1)) == 0


def row(**cells: str) -> dict[RotaField, str]:
    usual = {"date": "2021-03-16", "from": "08:30", "until": "12:00", "positions": "12"}
    return {RotaField(name): text for name, text in (usual | cells).items()}


@pytest.mark.parametrize(
    ("cells", "begins", "ends"),
    [
        ({}, "2021-03-16T07:30:00+00:00", "2021-03-16T11:00:00+00:00"),
        ({"date": "16/03/2021", "from": "8h30", "until": "12h"}, "2021-03-16T07:30:00+00:00", None),
        ({"from": "08:30:00", "until": "24:00"}, None, "2021-03-16T23:00:00+00:00"),
        # The night the clocks go forward, midnight to 24:00 lasts 23 hours.
        (
            {"date": "2021-03-28", "from": "00:00", "until": "24:00"},
            "2021-03-27T23:00:00+00:00",
            "2021-03-28T22:00:00+00:00",
        ),
    ],
)
def test_hours_are_read_on_the_platforms_clock(
    cells: dict[str, str], begins: str | None, ends: str | None
) -> None:
    read = read_row(row(**cells), PARIS)
    for moment, wanted in ((read.starts_at, begins), (read.ends_at, ends)):
        assert wanted is None or moment.astimezone(UTC).isoformat() == wanted


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"date": "31/02/2021"}, "date"),
        ({"date": "16.03.2021"}, "date"),
        ({"date": "9999-12-31"}, "date"),
        ({"from": "25:00"}, "from"),
        ({"until": "soir"}, "until"),
        ({"until": "08:30"}, "until"),
        ({"until": "06:00"}, "until"),
        ({"positions": "douze"}, "positions"),
        ({"positions": "-1"}, "positions"),
        ({"positions": "5000"}, "positions"),
        ({"positions": ""}, "positions"),
        ({"agent": "anne"}, "positions"),
    ],
)
def test_a_row_that_cannot_be_names_the_column_and_how_to_mend_it(cells: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_row(row(**cells), PARIS)
    assert refused.value.field == field
    assert refused.value.mend


def test_columns_are_found_in_french_and_english() -> None:
    assert columns_of(["Jour", "Début", "Fin", "Postes"]) == {
        RotaField.DATE: 0,
        RotaField.FROM: 1,
        RotaField.UNTIL: 2,
        RotaField.POSITIONS: 3,
    }
    with pytest.raises(InvalidInput, match="positions \\(postes\\) / agent"):
        columns_of(["date", "from", "until"])
    with pytest.raises(InvalidInput, match="from \\(début\\), until \\(fin\\)"):
        columns_of(["date", "agent"])
