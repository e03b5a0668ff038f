"""Holidays are named in the language of the reader, by the calendar of the place."""

from __future__ import annotations

from datetime import date

import pytest

from outreach.domain.holiday_calendars import holiday_names, holidays_of

EASTER_MONDAY, GOOD_FRIDAY, ABOLITION = date(2021, 4, 5), date(2021, 4, 2), date(2021, 6, 10)


@pytest.mark.parametrize(
    ("region", "day", "language", "name"),
    [
        ("40", EASTER_MONDAY, "fr", "Lundi de Pâques"),
        ("40", EASTER_MONDAY, "en", "Easter Monday"),
        ("40", GOOD_FRIDAY, "fr", None),
        ("57", GOOD_FRIDAY, "fr", "Vendredi saint"),
        ("973", ABOLITION, "fr", "Abolition de l'esclavage"),
        ("40", ABOLITION, "fr", None),
    ],
)
def test_a_holiday_has_its_name(region: str, day: date, language: str, name: str | None) -> None:
    assert holiday_names(region, "", day.year, language).get(day) == name


@pytest.mark.parametrize("region", ["40", "57", "973", "CH"])
@pytest.mark.parametrize("language", ["fr", "en", "xx"])
def test_the_same_days_are_named_as_are_closed(region: str, language: str) -> None:
    assert set(holiday_names(region, "", 2021, language)) == holidays_of(region, "", 2021)
