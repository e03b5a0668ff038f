"""People to try a text on: invented, and each unlike the others where texts differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from outreach.domain.case_records import CaseKind
from outreach.domain.scripts import Audience, Value


class Sample(StrEnum):
    """Who they are."""

    LONGEST = "LONGEST"  # every value as long as it can be
    POSITIVE = "POSITIVE"
    CONTACT = "CONTACT"
    LANDLINE = "LANDLINE"  # no SMS reaches them
    ENGLISH = "ENGLISH"  # reads the English text
    MINOR = "MINOR"
    LONG_NAME = "LONG_NAME"
    LITTLE_KNOWN = "LITTLE_KNOWN"  # fields of the record are missing


@dataclass(frozen=True)
class SamplePerson:
    """`kind` None: either. `values`: in place of the catalog's longest ones, by variable."""

    sample: Sample
    kind: CaseKind | None = None
    language: str = "fr"
    can_sms: bool = True
    values: Mapping[str, Value] = field(default_factory=dict)

    def reads(self, audience: Audience) -> bool:
        """Whether a text for this audience may come to them."""
        return self.kind is None or audience in (Audience.ANYONE, Audience(self.kind.value))


_USUAL: Mapping[str, Value] = {
    "person_name": "Jeanne Martin",
    "birth_date_known": True,
    "adult": True,
    "vulnerable": False,
    "light": False,
    "exposure_known": True,
    "isolation_length": 7,
    "quarantine_length": 7,
    "contacts_named": 2,
}
PEOPLE = (
    SamplePerson(Sample.LONGEST),
    SamplePerson(Sample.POSITIVE, CaseKind.POSITIVE, values={**_USUAL, "positive": True}),
    SamplePerson(
        Sample.CONTACT, CaseKind.CONTACT, values={**_USUAL, "person_name": "Léa Petit", "positive": False}
    ),
    SamplePerson(Sample.LANDLINE, can_sms=False, values={**_USUAL, "person_name": "Odette Roux"}),
    SamplePerson(Sample.ENGLISH, language="en", values={**_USUAL, "person_name": "Mary Brown"}),
    SamplePerson(Sample.MINOR, values={**_USUAL, "person_name": "Tom Faure", "adult": False}),
    SamplePerson(
        Sample.LONG_NAME,
        values={**_USUAL, "person_name": "Marie-Antoinette de La Rochefoucauld-Montbazon"},
    ),
    SamplePerson(
        Sample.LITTLE_KNOWN,
        values={**_USUAL, "person_name": "Dupont", "birth_date_known": False, "exposure_known": False},
    ),
)


def people_for(audience: Audience) -> list[SamplePerson]:
    """Those whom a text for this audience may come to."""
    return [person for person in PEOPLE if person.reads(audience)]
