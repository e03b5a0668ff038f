"""Whom we know already among the contacts a positive names: by exact number, or by name and birth date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.case_records import Person
from outreach.domain.column_mappings import Field, field_named
from outreach.domain.phone_numbers import PhoneNumber, parse
from outreach.domain.row_values import read_date
from outreach.errors import InvalidInput, NotAllowed, NotFound
from outreach.services.break_glass import hidden_from
from outreach.services.case_intake import RowOutcome
from outreach.services.named_contacts import NamedContacts
from outreach.services.record_search import need_few_searches
from outreach.services.row_indexing import name_birth_index
from outreach.storage import access_store, case_sheet_store, known_people_store, platform_store
from outreach.storage.access_store import AccessLine, AccessReason
from outreach.storage.case_sheet_store import CaseFacts
from outreach.storage.database import Connection, Database
from outreach.storage.known_people_store import KnownRecord
from outreach.storage.vault import Vault

NUMBERS = (Field.PHONE_1, Field.PHONE_2, Field.PHONE_3)
_OF_THE_CONTACT = frozenset({Field.LAST_CONTACT_ON, Field.EXPOSURE_NATURE, Field.HOUSEHOLD})


@dataclass(frozen=True)
class KnownPeople:
    """Looks on the positive's own platform, as often as one may search. Each look is an access line, found
    or not; a restricted person is not among those shown."""

    database: Database
    vault: Vault
    clock: Clock
    named_contacts: NamedContacts

    def matching(
        self, positive_id: UUID, fields: Mapping[str, str], *, by: UUID, platforms: Sequence[str]
    ) -> list[KnownRecord]:
        """People who share the first number typed, or the name and birth date.

        Raises NotFound, TooManyRequests.
        """
        typed = {field: text for key, text in fields.items() if (field := field_named(key)) and text.strip()}
        with self.database.begin() as connection:
            positive = self._positive(connection, positive_id, platforms)
            number = self._number(connection, positive, typed.get(Field.PHONE_1, ""))
            name = self._name(typed)
            if number is None and name is None:
                return []
            now = self.clock.now()
            need_few_searches(connection, by, now)
            found = known_people_store.known_people(
                connection,
                self.vault,
                platform=positive.platform,
                positive_id=positive_id,
                number=number,
                name=name,
            )
            hidden = hidden_from(connection, by, [each.case_record_id for each in found], now)
            known = [each for each in found if each.case_record_id not in hidden]
            nobody = AccessReason.SEARCH_NUMBER if number else AccessReason.SEARCH_NAME
            lines = [_line(each, by, now) for each in known]
            access_store.note_all(connection, lines or [AccessLine(now, positive.platform, by, None, nobody)])
        return known

    def link(
        self,
        positive_id: UUID,
        contact_id: UUID,
        fields: Mapping[str, str],
        *,
        by: UUID,
        platforms: Sequence[str],
    ) -> RowOutcome:
        """Somebody known is a contact of this positive; `fields`: of the meeting alone.

        Raises NotFound; NotAllowed for a restricted person; InvalidInput for a person whose birth date is not
        known, whom nothing identifies.
        """
        with self.database.begin() as connection:
            positive = self._positive(connection, positive_id, platforms)
            if hidden_from(connection, by, [contact_id], self.clock.now()):
                raise NotAllowed(
                    "This record is restricted: whoever reads it must say why first.",
                    code="restricted_record",
                )
            card = case_sheet_store.card(connection, self.vault, contact_id, platforms=[positive.platform])
        if card.person is None:
            raise NotFound("This person's data was erased.", code="erased")
        person = card.person.person
        if person.birth_date is None:
            raise InvalidInput(
                "This person's birth date is not known.", field="birth_date", mend="type the contact instead"
            )
        meeting = {key: text for key, text in fields.items() if field_named(key) in _OF_THE_CONTACT}
        return self.named_contacts.name(
            positive_id, {**meeting, **_as_fields(person)}, by=by, platforms=platforms
        )

    def _positive(self, connection: Connection, positive_id: UUID, platforms: Sequence[str]) -> CaseFacts:
        positive = case_sheet_store.facts(connection, positive_id)
        if positive.platform not in platforms:
            raise NotFound("There is no such case record.")
        return positive

    def _number(self, connection: Connection, positive: CaseFacts, text: str) -> bytes | None:
        if not text:
            return None
        platform = platform_store.read(connection, positive.platform)
        read = parse(text, residence_country=None, department=platform.department)
        return self.vault.number_index(read.e164) if isinstance(read, PhoneNumber) else None

    def _name(self, typed: Mapping[Field, str]) -> bytes | None:
        born = read_date(typed.get(Field.BIRTH_DATE, ""))
        person = Person(typed.get(Field.FAMILY_NAME, ""), typed.get(Field.GIVEN_NAMES, ""), birth_date=born)
        return name_birth_index(self.vault, person) if person.family_name else None


def _line(known: KnownRecord, by: UUID, now: datetime) -> AccessLine:
    why = AccessReason.SEARCH_NAME if known.same_name else AccessReason.SEARCH_NUMBER
    return AccessLine(now, known.platform, by, known.case_record_id, why)


def _as_fields(person: Person) -> dict[str, str]:
    """What an intake recognises a person by."""
    named = {
        Field.FAMILY_NAME.value: person.family_name,
        Field.GIVEN_NAMES.value: person.given_names,
        Field.BIRTH_DATE.value: person.birth_date.isoformat() if person.birth_date else "",
    }
    numbers = {field.value: phone.e164 for field, phone in zip(NUMBERS, person.phones, strict=False)}
    return {**named, **numbers}
