"""Answers of interviews: appended sealed, read back for one record, and what they set on the case record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Text, and_, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql

from outreach.domain.case_records import CaseKind
from outreach.domain.purposes import Purpose
from outreach.errors import NotFound
from outreach.storage.tables import (
    call_list_entries,
    campaigns,
    case_records,
    exposures,
    interview_answers,
    interview_figures,
    person_keys,
    persons,
    platforms,
)

CALLS = "CALLS"  # domain/campaigns.py Channel: only a campaign of calls has a script of its own


@dataclass(frozen=True)
class InterviewFacts:
    """What a script is chosen by and speaks of. `own_script`: of the campaign of calls, or ''.

    `sealed_person` and `wrapped_key` are None once the person was erased. `contacts_to_name`: what a positive
    told, None before; `contacts_named`: what was recorded.
    """

    purpose: Purpose
    kind: CaseKind
    sampled_at: datetime | None
    result_at: datetime | None
    listed_at: datetime
    last_exposure_on: date | None
    household: bool
    collective_setting: bool
    vulnerable: bool
    adult: bool
    language: str
    sealed_person: bytes | None
    wrapped_key: bytes | None
    zone: str
    platform_name: str
    caller_id: str
    own_script: str
    contacts_to_name: int | None
    contacts_named: int


@dataclass(frozen=True)
class StoredAnswer:
    """One answer as stored; `sealed` opens with the person's key."""

    id: UUID
    attempt_id: UUID
    script: str
    script_version: int
    sealed: bytes
    answered_by: UUID
    answered_at: datetime


@dataclass(frozen=True)
class ContactsMissing:
    """A positive who told of more contacts than were named."""

    case_record_id: UUID
    to_name: int
    named: int
    answered_at: datetime


_NAMED = (
    select(func.count())
    .where(exposures.c.positive_id == case_records.c.id)
    .correlate(case_records)
    .scalar_subquery()
)
_FACTS = (
    select(
        call_list_entries.c.purpose,
        case_records.c.kind,
        case_records.c.sampled_at,
        case_records.c.result_at,
        case_records.c.listed_at,
        case_records.c.last_exposure_on,
        case_records.c.household,
        case_records.c.collective_setting,
        case_records.c.vulnerable,
        persons.c.adult,
        persons.c.language,
        persons.c.sealed,
        person_keys.c.wrapped_key,
        platforms.c.time_zone,
        platforms.c.name,
        platforms.c.caller_id,
        func.coalesce(campaigns.c.plan["text"].astext.cast(Text), ""),
        interview_figures.c.contacts_to_name,
        _NAMED,
    )
    .select_from(call_list_entries)
    .join(case_records, case_records.c.id == call_list_entries.c.case_record_id)
    .join(persons, persons.c.id == call_list_entries.c.person_id)
    .join(platforms, platforms.c.code == call_list_entries.c.platform)
    .outerjoin(person_keys, person_keys.c.person_id == persons.c.id)
    .outerjoin(interview_figures, interview_figures.c.case_record_id == case_records.c.id)
    .outerjoin(
        campaigns, and_(campaigns.c.id == call_list_entries.c.campaign_id, campaigns.c.channel == CALLS)
    )
    .where(call_list_entries.c.id == bindparam("entry_id"))
)


def facts_of(connection: Connection, entry_id: UUID) -> InterviewFacts:
    """All that a script needs, in one statement. Raises NotFound."""
    row = connection.execute(_FACTS, {"entry_id": entry_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such entry on the call list.")
    purpose, kind, *others = row
    return InterviewFacts(Purpose(purpose), CaseKind(kind), *others)


def add(
    connection: Connection,
    answer: StoredAnswer,
    *,
    platform: str,
    case_record_id: UUID,
    person_id: UUID,
) -> None:
    connection.execute(
        insert(interview_answers).values(
            **vars(answer), platform=platform, case_record_id=case_record_id, person_id=person_id
        )
    )


_ANSWERS = (
    select(*(interview_answers.c[name] for name in StoredAnswer.__dataclass_fields__))
    .where(
        interview_answers.c.case_record_id == bindparam("case_record_id"),
        interview_answers.c.sealed.is_not(None),
    )
    .order_by(interview_answers.c.id)
)


def of_case_record(connection: Connection, case_record_id: UUID) -> list[StoredAnswer]:
    """Every answer of a record, in all its calls, oldest first; erased ones are not there."""
    return [StoredAnswer(*row) for row in connection.execute(_ANSWERS, {"case_record_id": case_record_id})]


def set_facts(connection: Connection, case_record_id: UUID, **values: bool) -> None:
    """Write facts of the case record that an answer gave."""
    connection.execute(
        update(case_records)
        .where(case_records.c.id == case_record_id)
        .values(**values, version=case_records.c.version + 1)
    )


def set_contacts_to_name(
    connection: Connection, case_record_id: UUID, *, platform: str, count: int | None, now: datetime
) -> None:
    """How many contacts a positive told of; None takes it back."""
    statement = postgresql.insert(interview_figures).values(
        case_record_id=case_record_id, platform=platform, contacts_to_name=count, answered_at=now
    )
    changed = {"contacts_to_name": count, "answered_at": now}
    connection.execute(statement.on_conflict_do_update(index_elements=["case_record_id"], set_=changed))


def contacts_to_name(connection: Connection, case_record_id: UUID) -> int | None:
    figures = interview_figures.c
    found: int | None = connection.execute(
        select(figures.contacts_to_name).where(figures.case_record_id == case_record_id)
    ).scalar_one_or_none()
    return found


def contacts_missing(
    connection: Connection, platform_codes: Sequence[str], *, after: UUID | None, most: int
) -> list[ContactsMissing]:
    """Positives who told of more contacts than were named, in the order of their ids."""
    figures = interview_figures.c
    named: Any = (
        select(func.count()).where(exposures.c.positive_id == figures.case_record_id).scalar_subquery()
    )
    wanted = (
        select(figures.case_record_id, figures.contacts_to_name, named, figures.answered_at)
        .where(
            figures.platform.in_(platform_codes),
            figures.contacts_to_name > 0,
            figures.contacts_to_name > named,
        )
        .order_by(figures.case_record_id)
        .limit(most)
    )
    if after is not None:
        wanted = wanted.where(figures.case_record_id > after)
    return [ContactsMissing(*row) for row in connection.execute(wanted)]
