"""What a notice may say: it is kept in the clear, so it names nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outreach.domain.notices import NewNotice, check_notice
from outreach.errors import InvalidInput

NOW = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)
NOTICE = NewNotice("Isolement", "Depuis lundi : 7 jours.", NOW, None, platform="40")


@pytest.mark.parametrize(
    "text",
    [
        "L'isolement dure 7 jours depuis le 16/03/2021, 10 jours avant.",
        "Appelez entre 8h30 et 20h, 7 jours sur 7.",
        "Depuis le 2021-03-16, 2 400 cas par jour ; le plan a 1 200 pages.",
        "Du 16/03/2021 au 31/03/2021 : script court.",
    ],
)
def test_dates_hours_and_amounts_may_be_said(text: str) -> None:
    check_notice(replace(NOTICE, text=text))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "Rappelez M. X au 06 39 98 00 12."}, "text"),
        ({"text": "Rappelez le +33639980012"}, "text"),
        ({"text": "Rappelez le 06.39.98.00.12"}, "text"),
        ({"text": "Numéro de sécurité sociale 1 85 05 78 006 084"}, "text"),
        ({"title": "anne.martin@example.fr"}, "title"),
        ({"title": " "}, "title"),
        ({"text": ""}, "text"),
        ({"text": "x" * 5_000}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"platform": ""}, "platform"),
        ({"region": "75"}, "platform"),
        ({"ends_at": NOW}, "ends_at"),
        ({"ends_at": NOW - timedelta(days=1)}, "ends_at"),
    ],
)
def test_a_notice_that_cannot_be_names_what_to_mend(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_notice(replace(NOTICE, **change))
    assert refused.value.field == field
