"""People, their case records and the names outside systems give them: found and written many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Connection,
    Row,
    Uuid,
    any_,
    cast,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from outreach.domain.case_records import CaseKind, CaseState, Situation
from outreach.storage.bulk import EncodedRow, copy_encoded
from outreach.storage.intake_rows import (
    ChangedCaseRecord,
    ChangedPerson,
    NewCaseRecord,
    NewExposure,
    NewPerson,
    NewPersonKey,
    NewPhone,
    NewReference,
)
from outreach.storage.tables import (
    case_records,
    case_references,
    exposures,
    opt_outs,
    person_keys,
    person_phones,
    persons,
)

_INTAKE_LOCK = 0x696E74616B65  # "intake"


@dataclass(frozen=True)
class KnownReference:
    """What an outside identifier already stands for."""

    case_record_id: UUID
    content_digest: bytes


@dataclass(frozen=True)
class Namesake:
    """A record whose person has the same name and birth date, and the numbers that would make them one."""

    case_record_id: UUID
    situation: Situation
    number_indexes: frozenset[bytes]


@dataclass(frozen=True)
class KnownPhone:
    position: int
    number_index: bytes
    can_sms: bool
    bad: bool


@dataclass(frozen=True)
class KnownCase:
    """A record and its person as stored; `sealed` and `wrapped_key` are None once the person was erased."""

    id: UUID
    person_id: UUID
    situation: Situation
    closed_because: str | None
    sampled_at: datetime | None
    deadline: datetime
    household: bool
    collective_setting: bool
    vulnerable: bool
    converted_at: datetime | None
    sealed: bytes | None
    wrapped_key: bytes | None
    opted_out: bool
    phones: tuple[KnownPhone, ...]


def lock_intake(connection: Connection, *platforms: str) -> None:
    """One intake at a time for a platform, until the transaction ends: two files may hold the same person."""
    for platform in sorted(platforms):
        key = func.hashtext(literal(platform))
        connection.execute(select(func.pg_advisory_xact_lock(literal(_INTAKE_LOCK % 2**31), key)))


def lock_intake_of(connection: Connection, case_record_ids: Sequence[UUID]) -> None:
    """As `lock_intake`, of the platforms these records stand under, also when their people move just now."""
    while True:
        platforms = _platforms_of(connection, case_record_ids)
        locking = connection.begin_nested()  # taken back, it lets the locks go: they are taken in order only
        lock_intake(connection, *platforms)
        if _platforms_of(connection, case_record_ids) == platforms:
            locking.commit()
            return
        locking.rollback()


def _platforms_of(connection: Connection, case_record_ids: Sequence[UUID]) -> set[str]:
    c = case_records.c
    return set(connection.execute(select(c.platform).where(c.id.in_(case_record_ids))).scalars())


def references(
    connection: Connection, platform: str, source: str, external_ids: Iterable[str]
) -> dict[str, KnownReference]:
    """The identifiers among these that are known, whatever record they stand for."""
    c = case_references.c
    rows = connection.execute(
        select(c.external_id, c.case_record_id, c.content_digest).where(
            c.platform == platform, c.source == source, c.external_id == any_(_texts(external_ids))
        )
    )
    return {row.external_id: KnownReference(row.case_record_id, row.content_digest) for row in rows}


def namesakes(
    connection: Connection, platform: str, name_birth_indexes: Iterable[bytes]
) -> dict[bytes, list[Namesake]]:
    """Records of people with one of these names and birth dates, latest first."""
    rows = connection.execute(
        select(
            persons.c.name_birth_index,
            case_records.c.id,
            *_SITUATION,
            func.array_agg(person_phones.c.number_index).label("numbers"),
        )
        .join(case_records, case_records.c.person_id == persons.c.id)
        .join(person_phones, person_phones.c.person_id == persons.c.id)
        .where(persons.c.platform == platform, persons.c.name_birth_index == any_(_bytes(name_birth_indexes)))
        .group_by(persons.c.id, case_records.c.id)
        .order_by(case_records.c.listed_at.desc(), case_records.c.id.desc())
    )
    found: dict[bytes, list[Namesake]] = {}
    for row in rows:
        namesake = Namesake(row.id, _situation(row), frozenset(row.numbers))
        found.setdefault(row.name_birth_index, []).append(namesake)
    return found


_SITUATION = (
    case_records.c.kind,
    case_records.c.state,
    case_records.c.listed_at,
    case_records.c.result_at,
    case_records.c.last_exposure_on,
)


def _situation(row: Row[Any]) -> Situation:
    return Situation(
        CaseKind(row.kind), CaseState(row.state), row.listed_at, row.result_at, row.last_exposure_on
    )


def known_cases(connection: Connection, case_record_ids: Iterable[UUID]) -> dict[UUID, KnownCase]:
    """Records with their people, locked until the transaction ends."""
    r = case_records.c
    rows = connection.execute(
        select(
            r.id,
            r.person_id,
            *_SITUATION,
            r.closed_because,
            r.sampled_at,
            r.deadline,
            r.household,
            r.collective_setting,
            r.vulnerable,
            r.converted_at,
            persons.c.sealed,
            persons.c.opted_out,
            person_keys.c.wrapped_key,
        )
        .join(persons, persons.c.id == r.person_id)
        .outerjoin(person_keys, person_keys.c.person_id == r.person_id)
        .where(r.id == any_(_uuids(case_record_ids)))
        .order_by(r.id)
        .with_for_update(of=[case_records, persons])
    ).all()
    phones = _phones_of(connection, [row.person_id for row in rows])
    return {row.id: _known_case(row, phones.get(row.person_id, ())) for row in rows}


def _known_case(row: Any, phones: tuple[KnownPhone, ...]) -> KnownCase:
    return KnownCase(
        id=row.id,
        person_id=row.person_id,
        situation=_situation(row),
        closed_because=row.closed_because,
        sampled_at=row.sampled_at,
        deadline=row.deadline,
        household=row.household,
        collective_setting=row.collective_setting,
        vulnerable=row.vulnerable,
        converted_at=row.converted_at,
        sealed=row.sealed,
        wrapped_key=row.wrapped_key,
        opted_out=row.opted_out,
        phones=phones,
    )


def _phones_of(connection: Connection, person_ids: Sequence[UUID]) -> dict[UUID, tuple[KnownPhone, ...]]:
    c = person_phones.c
    rows = connection.execute(
        select(c.person_id, c.position, c.number_index, c.can_sms, c.bad)
        .where(c.person_id == any_(_uuids(person_ids)))
        .order_by(c.person_id, c.position)
    )
    found: dict[UUID, tuple[KnownPhone, ...]] = {}
    for person_id, *phone in rows:
        found[person_id] = (*found.get(person_id, ()), KnownPhone(*phone))
    return found


def opted_out_numbers(connection: Connection, number_indexes: Iterable[bytes]) -> set[bytes]:
    """The numbers among these from which STOP was received."""
    c = opt_outs.c.number_index
    return set(connection.execute(select(c).where(c == any_(_bytes(number_indexes)))).scalars())


def add_people(
    connection: Connection,
    people: Sequence[EncodedRow],
    keys: Sequence[EncodedRow],
    phones: Sequence[EncodedRow],
) -> None:
    """Append people with their keys and numbers: encoded NewPerson, NewPersonKey and NewPhone."""
    copy_encoded(connection, persons, NewPerson._fields, people)
    copy_encoded(connection, person_keys, NewPersonKey._fields, keys)
    copy_encoded(connection, person_phones, NewPhone._fields, phones)


def add_case_records(connection: Connection, records: Sequence[EncodedRow]) -> None:
    """Append case records: each an encoded NewCaseRecord."""
    copy_encoded(connection, case_records, NewCaseRecord._fields, records)


def add_references(connection: Connection, added: Sequence[EncodedRow]) -> None:
    """Append outside identifiers: each an encoded NewReference."""
    copy_encoded(connection, case_references, NewReference._fields, added)


def put_references(connection: Connection, changed: Sequence[NewReference]) -> None:
    """Note what these identifiers last said, and of which record, new or known."""
    if not changed:
        return
    statement = insert(case_references)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["platform", "source", "external_id"],
            set_={
                "content_digest": statement.excluded.content_digest,
                "case_record_id": statement.excluded.case_record_id,
            },
        ),
        [row._asdict() for row in changed],
    )


def add_exposures(connection: Connection, added: Sequence[EncodedRow]) -> None:
    """Append exposures of new contacts: each an encoded NewExposure."""
    copy_encoded(connection, exposures, NewExposure._fields, added)


def put_exposures(connection: Connection, changed: Sequence[NewExposure]) -> None:
    """Exposures of known contacts: a repeated one takes the new date and nature."""
    if not changed:
        return
    statement = insert(exposures)
    connection.execute(
        statement.on_conflict_do_update(
            constraint="exposures_contact_positive_key",
            set_={
                "last_contact_on": func.coalesce(
                    statement.excluded.last_contact_on, exposures.c.last_contact_on
                ),
                "nature": func.coalesce(func.nullif(statement.excluded.nature, ""), exposures.c.nature),
            },
        ),
        [row._asdict() for row in changed],
    )


def named_positives(connection: Connection, case_record_ids: Iterable[UUID]) -> dict[UUID, set[str]]:
    """Whom each of these records was ever exposed to, by reference."""
    c = exposures.c
    rows = connection.execute(
        select(c.contact_id, c.positive_reference).where(c.contact_id == any_(_uuids(case_record_ids)))
    )
    found: dict[UUID, set[str]] = {}
    for contact_id, reference in rows:
        found.setdefault(contact_id, set()).add(reference)
    return found


def settle_exposures(connection: Connection, platform: str, positives: Mapping[str, UUID]) -> None:
    """Link the contacts who waited for these positives, by the reference the contacts gave."""
    if positives:
        connection.execute(
            text(_SETTLE),
            {"platform": platform, "names": list(positives), "records": list(positives.values())},
        )


_SETTLE = """
update exposures e set positive_id = given.record_id
from unnest(cast(:names as text[]), cast(:records as uuid[])) given(name, record_id)
cross join lateral (
  select id, contact_id from exposures
  where positive_id is null and positive_reference = given.name
  offset 0  -- keeps the planner to one look at the index for each name
) waiting, case_records contact
where e.id = waiting.id and waiting.contact_id <> given.record_id
  and contact.id = waiting.contact_id and contact.platform = :platform
"""


def change_people(connection: Connection, changed: Sequence[ChangedPerson]) -> None:
    if changed:
        connection.execute(text(_CHANGE_PEOPLE), [row._asdict() for row in changed])


_CHANGE_PEOPLE = """
update persons set sealed = :sealed, name_birth_index = :name_birth_index, language = :language,
  time_zone = :time_zone, phone_region = :phone_region, adult = :adult, version = version + 1
where id = :id and erased_at is null
"""


def change_case_records(connection: Connection, changed: Sequence[ChangedCaseRecord]) -> None:
    """Write changed facts. A record that becomes positive starts its own 24 hours: its first call, its first
    answer, are those after the conversion (the earlier ones stay in the journal)."""
    if changed:
        connection.execute(text(_CHANGE_RECORDS), [row._asdict() for row in changed])


_CHANGE_RECORDS = """
update case_records set
  first_called_at = case when kind = :kind then first_called_at end,
  reached_at = case when kind = :kind then reached_at end,
  kind = :kind, state = :state, closed_because = :closed_because, sampled_at = :sampled_at,
  result_at = :result_at, deadline = :deadline, last_exposure_on = :last_exposure_on, household = :household,
  collective_setting = :collective_setting, vulnerable = :vulnerable, converted_at = :converted_at,
  version = version + 1
where id = :id
"""


# Long arrays travel as one text each: the driver's own way escapes every element by itself.
def _texts(values: Iterable[str]) -> Any:
    return func.array(select(func.jsonb_array_elements_text(cast(list(values), JSONB))).scalar_subquery())


def _bytes(values: Iterable[bytes]) -> Any:
    hexes = func.string_to_array(literal(",".join(value.hex() for value in values)), ",")
    return func.array(select(func.decode(func.unnest(hexes), "hex")).scalar_subquery())


def _uuids(values: Iterable[UUID]) -> Any:
    return literal(list(values), ARRAY(Uuid))
