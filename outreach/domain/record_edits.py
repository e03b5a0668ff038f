"""A case record edited by hand: read by the same rules as a file, and anything odd is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from outreach.domain.case_records import CaseKind, Person
from outreach.domain.case_rows import CaseRow, Finding, RowSetting, read_row
from outreach.domain.column_mappings import Field
from outreach.domain.outcomes import CallOutcome
from outreach.errors import InvalidInput

PERSON_FIELDS = (
    *(Field.FAMILY_NAME, Field.GIVEN_NAMES, Field.BIRTH_DATE, Field.SEX, Field.ADDRESS, Field.POSTCODE),
    *(Field.TOWN, Field.COUNTRY, Field.EMAIL, Field.LANGUAGE, Field.DOCTOR),
)
CASE_FIELDS = (
    *(Field.SAMPLED_AT, Field.RESULT_AT, Field.LAST_CONTACT_ON),
    *(Field.HOUSEHOLD, Field.COLLECTIVE_SETTING, Field.VULNERABLE),
)
EDITABLE = frozenset({*PERSON_FIELDS, *CASE_FIELDS})
LONGEST_CELL = 500
# By hand: the matter ended otherwise than by a call of ours.
CLOSING = (
    *(CallOutcome.INFO_GIVEN, CallOutcome.COMPLETED, CallOutcome.PROXY_DONE, CallOutcome.ALREADY_DONE),
    *(CallOutcome.HOSPITALISED, CallOutcome.DECEASED, CallOutcome.DO_NOT_CALL, CallOutcome.ESCALATE_ARS),
)
_OLD_IS_POSSIBLE = "the result is more than 60 days old"
_YES_NO = {True: "oui", False: "non"}


def cells_of(
    person: Person, *, kind: CaseKind, dates: Mapping[Field, str], flags: Mapping[Field, bool]
) -> dict[Field, str]:
    """A record as a file would write it. `dates`: those there are, ISO."""
    texts: dict[Field, str] = {
        field: getattr(person, field.value) for field in PERSON_FIELDS if field is not Field.BIRTH_DATE
    }
    born = person.birth_date.isoformat() if person.birth_date else ""
    told = {field: _YES_NO[flag] for field, flag in flags.items()}
    named = {Field.KIND: "positif" if kind is CaseKind.POSITIVE else "contact", Field.EXTERNAL_ID: "-"}
    return {**texts, Field.BIRTH_DATE: born, **dates, **told, **named}


def edited(
    person: Person, cells: Mapping[Field, str], asked: Mapping[Field, str], setting: RowSetting
) -> CaseRow:
    """The record with what was asked; numbers as before. Raises InvalidInput for what cannot be read."""
    too_long = next((field for field, text in asked.items() if len(text) > LONGEST_CELL), None)
    if too_long is not None:
        raise InvalidInput(
            "This is too long.", field=too_long.value, mend=f"At most {LONGEST_CELL} characters."
        )
    together = {**cells, **{field: text.strip() for field, text in asked.items()}}
    case, findings = read_row(0, {field: text for field, text in together.items() if text}, {}, setting)
    odd = next((found for found in findings if _matters(found, asked)), None)
    if odd is not None or case is None:
        found = odd or findings[0]
        raise InvalidInput(found.reason, field=str(found.field or ""), mend=found.mend)
    kept = replace(
        case.person,
        phones=person.phones,
        unusable_phones=person.unusable_phones,
        kept_aside=person.kept_aside,
    )
    return replace(case, person=kept)


def _matters(found: Finding, asked: Mapping[Field, str]) -> bool:
    return found.field in asked and found.reason != _OLD_IS_POSSIBLE
