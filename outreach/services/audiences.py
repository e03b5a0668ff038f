"""Whom a campaign reaches: found piece by piece, each judged by one rule; or named by a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.domain.audiences import (
    AudienceCount,
    Exclusion,
    ExclusionRules,
    exclusion_of,
    is_of_age,
    told_since,
)
from outreach.domain.campaigns import OF_UNREACHED, CampaignChannel
from outreach.domain.case_records import Person
from outreach.domain.column_mappings import Field, field_named
from outreach.domain.phone_numbers import UnusablePhone, parse
from outreach.domain.row_values import masked
from outreach.errors import InvalidInput
from outreach.services.table_reading import TableFile, open_table
from outreach.storage import audience_store, platform_store
from outreach.storage.audience_store import AudienceQuery, Candidate
from outreach.storage.campaign_store import Campaign, FileFinding
from outreach.storage.database import Connection, Database
from outreach.storage.vault import CannotOpen, Vault

PIECE = 2_000
FIRST = UUID(int=0)
NUMBER_FIELDS = (Field.PHONE_1, Field.PHONE_2, Field.PHONE_3)
NOT_HERE = ("nobody on this platform has this identifier", "check it, or import the person first")
NO_SUCH_NUMBER = ("nobody on this platform has this number", "check it, or import the person first")
EMPTY = ("neither an identifier nor a number", "fill in one of them, or remove the row")


@dataclass(frozen=True)
class Judged:
    """A candidate, and why they are left out; None for a member."""

    candidate: Candidate
    exclusion: Exclusion | None


@dataclass(frozen=True)
class NamedPeople:
    """What an audience file came to."""

    rows: int
    people: tuple[UUID, ...]
    findings: tuple[FileFinding, ...]


@dataclass(frozen=True)
class _Asked:
    """One row of an audience file: an identifier, or the index of its number."""

    row: int
    value: str
    identifier: str = ""
    number: bytes | None = None
    refusal: tuple[str, str] | None = None


@dataclass(frozen=True)
class Audiences:
    """Nothing here writes; each piece is a transaction of its own."""

    database: Database
    vault: Vault

    def count(self, campaign: Campaign, *, now: datetime) -> AudienceCount:
        """How many the campaign would reach as of now, and who is left out."""
        counted, after, taken = AudienceCount(), FIRST, set[bytes]()
        while True:
            with self.database.begin() as connection:
                piece = audience_store.piece(connection, query_of(campaign, now), after=after, most=PIECE)
            for judged in self.judge(campaign, piece, taken, now=now):
                counted = counted.plus(judged.candidate.language, [judged.exclusion])
            if len(piece) < PIECE:
                return counted
            after = piece[-1].person_id

    def judge(
        self, campaign: Campaign, candidates: Sequence[Candidate], taken: set[bytes], *, now: datetime
    ) -> Iterator[Judged]:
        """Each candidate of the ages asked for, judged; the numbers of members are added to `taken`."""
        rules = rules_of(campaign)
        for candidate in candidates:
            if not self._is_of_age(campaign, candidate, now):
                continue
            exclusion = exclusion_of(candidate.facts, rules, taken)
            if exclusion is None and rules.by_sms and candidate.facts.number_index is not None:
                taken.add(candidate.facts.number_index)
            yield Judged(candidate, exclusion)

    def _is_of_age(self, campaign: Campaign, candidate: Candidate, now: datetime) -> bool:
        wanted = campaign.plan.audience
        if not wanted.asks_age or candidate.sealed_person is None or candidate.wrapped_key is None:
            return True
        try:
            key = self.vault.person_key(candidate.person_id, candidate.wrapped_key)
            person = Person.from_sealed(key.open(candidate.sealed_person))
        except CannotOpen:
            return False
        return is_of_age(wanted, person.birth_date, now.date())

    def read_file(self, platform: str, content: bytes) -> NamedPeople:
        """Match the rows of a file with the platform's people; the file itself is not kept.

        Raises InvalidInput for a file that cannot be read, or has neither column.
        """
        table = open_table(content)
        with self.database.begin() as connection:
            asked = list(self._asked(connection, table, platform))
            people: dict[UUID, None] = {}
            findings: list[FileFinding] = []
            for start in range(0, len(asked), PIECE):
                self._match(connection, platform, asked[start : start + PIECE], people, findings)
        return NamedPeople(len(asked), tuple(people), tuple(findings))

    def _asked(self, connection: Connection, table: TableFile, platform: str) -> Iterator[_Asked]:
        department = platform_store.read(connection, platform).department
        places = _places(table)
        for number, cells in table.rows():
            told = {field: cells[place] for field, place in places.items() if place < len(cells)}
            yield self._asked_row(number, told, department)

    def _asked_row(self, row: int, told: dict[Field, str], department: str) -> _Asked:
        identifier = told.get(Field.EXTERNAL_ID, "")
        if identifier:
            return _Asked(row, masked(identifier), identifier=identifier)
        written = next((told[field] for field in NUMBER_FIELDS if told.get(field)), "")
        if not written:
            return _Asked(row, "", refusal=EMPTY)
        phone = parse(written, department=department)
        if isinstance(phone, UnusablePhone):
            return _Asked(row, masked(written), refusal=(phone.reason, phone.mend))
        return _Asked(row, masked(written), number=self.vault.number_index(phone.e164))

    def _match(
        self,
        connection: Connection,
        platform: str,
        asked: Sequence[_Asked],
        people: dict[UUID, None],
        findings: list[FileFinding],
    ) -> None:
        identifiers = [each.identifier for each in asked if each.identifier]
        numbers = [each.number for each in asked if each.number is not None]
        found: dict[bytes | str, list[UUID]] = {}
        for named in (
            *audience_store.by_external_id(connection, platform, identifiers),
            *audience_store.by_number(connection, platform, numbers),
        ):
            found.setdefault(named.value, []).append(named.person_id)
        for each in asked:
            mine = found.get(each.identifier if each.identifier else each.number or b"", [])
            people.update(dict.fromkeys(mine))
            if not mine:
                reason, mend = each.refusal or (NOT_HERE if each.identifier else NO_SUCH_NUMBER)
                findings.append(FileFinding(each.row, each.value, reason, mend))


def query_of(campaign: Campaign, now: datetime) -> AudienceQuery:
    """The campaign's audience as the store asks for it; before it was counted: as of now."""
    plan = campaign.plan
    return AudienceQuery(
        campaign_id=campaign.id,
        platform=campaign.platform,
        filter=plan.audience,
        from_file=campaign.from_file,
        as_of=campaign.as_of or now,
        template=plan.text,
        told_since=told_since(now, plan.told_within_days),
        call_purpose=plan.call_purpose.value if campaign.channel is CampaignChannel.CALLS else None,
    )


def rules_of(campaign: Campaign) -> ExclusionRules:
    return ExclusionRules(
        by_sms=campaign.channel is CampaignChannel.SMS,
        adults_only=campaign.plan.adults_only,
        unreached_only=campaign.trigger in OF_UNREACHED or campaign.plan.audience.not_reached,
    )


def _places(table: TableFile) -> dict[Field, int]:
    places = {
        field: place
        for place, header in enumerate(table.headers)
        if (field := field_named(header)) in (Field.EXTERNAL_ID, *NUMBER_FIELDS) and field is not None
    }
    if not places:
        raise InvalidInput(
            "The file names nobody: it has neither a column of identifiers nor one of numbers.",
            field="file",
            mend="head one column identifiant or telephone_1",
        )
    return places
