"""Finding a record by what people say of themselves: a number, name and birth date, a record number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from outreach.clock import Clock
from outreach.domain import phone_numbers
from outreach.domain.case_records import Person, normalised_name
from outreach.domain.phone_numbers import Refusal, UnusablePhone
from outreach.domain.row_values import read_date
from outreach.domain.territories import folded
from outreach.errors import InvalidInput, TooManyRequests
from outreach.services.access import Asker
from outreach.services.break_glass import hidden_from
from outreach.storage import access_store, platform_store, record_search_store
from outreach.storage.access_store import AccessLine, AccessReason
from outreach.storage.database import Connection, Database
from outreach.storage.record_search_store import FoundRow
from outreach.storage.vault import Vault

MOST_FOUND = 50
MOST_SEARCHES = 60
IN = timedelta(minutes=10)
LONGEST = 200  # characters


@dataclass(frozen=True)
class FoundRecord:
    """A record that a search found; without a person once erased. `restricted`: this alone is shown of it."""

    id: UUID
    platform: str
    kind: str | None
    state: str | None
    listed_at: datetime | None
    result_at: datetime | None
    merged_into: UUID | None
    family_name: str
    given_names: str
    birth_date: date | None
    restricted: bool = False


@dataclass(frozen=True)
class RecordSearch:
    """Exact only: nobody leafs through people. Each search is a line of the access journal, found or not."""

    database: Database
    vault: Vault
    clock: Clock

    def by_number(self, written: str, asker: Asker) -> list[FoundRecord]:
        """Everyone behind a number. Raises InvalidInput, TooManyRequests."""
        indexes = [self.vault.number_index(e164) for e164 in self._numbers(written, asker)]
        with self.database.reading_as(
            asker.platforms, reader=asker.user_id, now=self.clock.now()
        ) as connection:
            need_few_searches(connection, asker.user_id, self.clock.now())
            rows = record_search_store.by_numbers(connection, indexes, asker.platforms, most=MOST_FOUND)
            return self._found(connection, rows, asker, AccessReason.SEARCH_NUMBER)

    def by_name(self, family_name: str, given_names: str, birth_date: str, asker: Asker) -> list[FoundRecord]:
        """Everyone of this name born that day, whatever the accents, hyphens, order and case.

        Raises InvalidInput, TooManyRequests.
        """
        born = read_date(birth_date)
        if not folded(family_name):
            raise InvalidInput("Give the family name.", field="family_name")
        if born is None:
            raise InvalidInput("Give the birth date.", field="birth_date", mend="Write dd/mm/yyyy.")
        names = {normalised_name(family_name, given_names), normalised_name(given_names, family_name)}
        indexes = [self.vault.name_birth_index(name, born.isoformat()) for name in sorted(names)]
        with self.database.reading_as(
            asker.platforms, reader=asker.user_id, now=self.clock.now()
        ) as connection:
            need_few_searches(connection, asker.user_id, self.clock.now())
            rows = record_search_store.by_names(connection, indexes, asker.platforms, most=MOST_FOUND)
            return self._found(connection, rows, asker, AccessReason.SEARCH_NAME)

    def by_reference(self, written: str, asker: Asker) -> list[FoundRecord]:
        """The record of this id, or that an outside system calls so. Raises InvalidInput, TooManyRequests."""
        told = written.strip()
        if not told or len(told) > LONGEST:
            raise InvalidInput("Give a record number.", field="reference")
        with self.database.reading_as(
            asker.platforms, reader=asker.user_id, now=self.clock.now()
        ) as connection:
            need_few_searches(connection, asker.user_id, self.clock.now())
            rows = record_search_store.by_reference(
                connection, told, _id_in(told), asker.platforms, most=MOST_FOUND
            )
            return self._found(connection, rows, asker, AccessReason.SEARCH_REFERENCE)

    def named(self, written: str, asker: Asker) -> UUID:
        """The one record of a number, by its id and nothing else of it; a line of the access journal too.

        Raises InvalidInput, TooManyRequests.
        """
        told, now = written.strip()[:LONGEST], self.clock.now()
        with self.database.reading_as(asker.platforms, reader=asker.user_id, now=now) as connection:
            need_few_searches(connection, asker.user_id, now)
            rows = record_search_store.by_reference(
                connection, told, _id_in(told), asker.platforms, most=MOST_FOUND
            )
            _note(connection, rows, asker, AccessReason.SEARCH_REFERENCE, now)
        if len(rows) > 1:
            raise InvalidInput(
                "Several records have this number.",
                field="record",
                mend="Give its identifier, which its page shows.",
            )
        if not rows:
            raise InvalidInput(
                "No record has this number.",
                field="record",
                mend="Give its identifier, which its page shows.",
            )
        return rows[0].id

    def _numbers(self, written: str, asker: Asker) -> list[str]:
        """As each of the asker's platforms would read it; of a number that two countries have, both."""
        with self.database.begin() as connection:
            departments = {platform_store.read(connection, code).department for code in asker.platforms}
        found: set[str] = set()
        reason = UnusablePhone(written, Refusal.NOT_A_NUMBER)
        for department in sorted(departments):
            read = phone_numbers.parse(written.strip()[:LONGEST], department=department)
            if isinstance(read, UnusablePhone):
                reason = read
                found.update(read.candidates)
            else:
                found.add(read.e164)
        if not found:
            raise InvalidInput(reason.reason, field="number", mend=reason.mend)
        return sorted(found)

    def _found(
        self, connection: Connection, rows: Sequence[FoundRow], asker: Asker, why: AccessReason
    ) -> list[FoundRecord]:
        now = self.clock.now()
        _note(connection, rows, asker, why, now)
        hidden = hidden_from(connection, asker.user_id, [row.id for row in rows], now)
        return [_restricted(row) if row.id in hidden else self._opened(row) for row in rows]

    def _opened(self, row: FoundRow) -> FoundRecord:
        person = Person("", "")
        if row.sealed is not None and row.wrapped_key is not None:
            key = self.vault.person_key(row.person_id, row.wrapped_key)
            person = Person.from_sealed(key.open(row.sealed))
        return FoundRecord(
            row.id,
            row.platform,
            row.kind,
            row.state,
            row.listed_at,
            row.result_at,
            row.merged_into,
            person.family_name,
            person.given_names,
            person.birth_date,
        )


def _note(
    connection: Connection, rows: Sequence[FoundRow], asker: Asker, why: AccessReason, now: datetime
) -> None:
    """Found or not, somebody looked."""
    lines = [AccessLine(now, row.platform, asker.user_id, row.id, why) for row in rows]
    if not lines and asker.platforms:
        lines = [AccessLine(now, asker.platforms[0], asker.user_id, None, why)]
    access_store.note_all(connection, lines)


def need_few_searches(connection: Connection, user_id: UUID, now: datetime) -> None:
    """Raises TooManyRequests for somebody who leafs through people, whatever the page they search from."""
    if access_store.searches_since(connection, user_id, now - IN) >= MOST_SEARCHES:
        raise TooManyRequests(int(IN.total_seconds()))


def _restricted(row: FoundRow) -> FoundRecord:
    """That there is one, and nothing of whom: what the record says is asked for with a reason."""
    return FoundRecord(row.id, row.platform, None, None, None, None, None, "", "", None, restricted=True)


def _id_in(told: str) -> UUID | None:
    try:
        return UUID(told)
    except ValueError:
        return None
