"""Curves as they are published, and files that are none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from outreach.errors import InvalidInput, NotFound
from outreach.replay.curve import EXAMPLE, Curve, curve_file, read_curve

DAY = date(2021, 7, 14)


def read(tmp_path: Path, text: str, area: str = "40") -> Curve:
    path = tmp_path / "curve.csv"
    path.write_text(text, encoding="utf-8")
    return read_curve(path, area)


@pytest.mark.parametrize(
    "text",
    [
        "date,area_code,positives\n2021-07-14,40,42\n2021-07-14,33,900\n",
        "dep;jour;P;T;cl_age90;pop\n40;2021-07-14;42;1000;0;410000\n40;2021-07-14;5;90;29;50000\n",
        "reg;jour;pop;P;T;cl_age90\n40;2021-07-14;410000;42,00;1000,00;0\n",
        "\N{ZERO WIDTH NO-BREAK SPACE}fra;jour;P\n40;14/07/2021;42\n",
        "date,area_code,area,positives,method\n2021-07-14,40,Landes,42,observed\n",
    ],
)
def test_a_published_file_is_read_whatever_its_columns_are_called(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).positives == {DAY: 42}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("day,place,count\n", "no column area_code"),
        ("date,area_code,positives\nhier,40,3\n", "Row 2: 'hier' is not a day"),
        ("date,area_code,positives\n2021-07-14,40,-3\n", "Row 2: '-3' is not a number"),
        ("date,area_code,positives\n2021-07-14,40,many\n", "Row 2: 'many' is not a number"),
    ],
)
def test_what_is_no_curve_is_refused_with_its_row(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        read(tmp_path, text)


def test_an_area_the_file_does_not_have_is_named_with_those_it_has(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no area 99; it has 33, 40"):
        read(tmp_path, "date,area_code,positives\n2021-07-14,40,1\n2021-07-14,33,1\n", "99")


def test_days_the_file_lacks_are_told(tmp_path: Path) -> None:
    curve = read(tmp_path, "date,area_code,positives\n2021-07-14,40,1\n2021-07-16,40,1\n")
    assert curve.missing == (date(2021, 7, 15),)


def test_the_shipped_curve_is_a_whole_year_with_waves_and_quiet_sundays() -> None:
    curve = read_curve(curve_file(EXAMPLE), EXAMPLE)
    sundays = [n for day, n in curve.positives.items() if day.weekday() == 6]
    mondays = [n for day, n in curve.positives.items() if day.weekday() == 0]
    assert len(curve.positives) == 365
    assert not curve.missing
    assert sum(sundays) * 5 < sum(mondays)
    assert max(curve.positives.values()) > 10 * min(mondays)


def test_a_scaled_curve_keeps_its_days(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_text("date,area_code,positives\n2021-07-14,40,41\n", encoding="utf-8")
    assert read_curve(path, "40", scale=10).positives == {DAY: 410}
