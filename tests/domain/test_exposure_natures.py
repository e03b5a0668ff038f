"""How a contact met a positive is kept in clear as one of a few words."""

from __future__ import annotations

import pytest

from outreach.domain.exposure_natures import ExposureNature, nature_of


@pytest.mark.parametrize(
    ("text", "nature"),
    [
        ("repas", ExposureNature.FRIENDS),
        ("Repas de famille", ExposureNature.FAMILY),
        ("déjeuner avec un collègue", ExposureNature.WORK),
        ("École", ExposureNature.SCHOOL),
        ("covoiturage avec Zoé Durand", ExposureNature.TRANSPORT),
        ("EHPAD", ExposureNature.CARE),
        ("mariage", ExposureNature.EVENT),
        ("chez Zoé Durand, 06 39 98 00 12", ExposureNature.OTHER),
        (" - ", None),
        ("", None),
    ],
)
def test_what_was_written_becomes_one_of_a_few_words(text: str, nature: ExposureNature | None) -> None:
    assert nature_of(text) is nature
