"""Audiences in SQL: whom the filters find, piece by piece, and what decides whether each is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, text

from outreach.domain.audiences import AudienceFilter, CandidateFacts
from outreach.domain.call_list import EntryState


@dataclass(frozen=True)
class AudienceQuery:
    """Whose audience it is, and as of when. `told_since`, `template`: an earlier SMS that counts as told.

    `people`: only these (then the filters were asked before); `call_purpose` is None for an SMS campaign.
    """

    campaign_id: UUID
    platform: str
    filter: AudienceFilter
    from_file: bool
    as_of: datetime
    template: str
    told_since: datetime
    call_purpose: str | None = None


class Candidate(NamedTuple):
    """Someone whom the filters found, through one case record: their latest."""

    person_id: UUID
    case_record_id: UUID
    language: str
    time_zone: str
    phone_position: int | None
    sealed_person: bytes | None
    wrapped_key: bytes | None
    last_exposure_on: Any
    opened_at: datetime
    facts: CandidateFacts


class Named(NamedTuple):
    """Someone whom a file names, by the value it used."""

    value: bytes | str
    person_id: UUID


# Filters, each written once; a parameter of the same name comes with it.
_FILTERS = {
    "kind": "c.kind = :kind",
    "household": "c.household = :household",
    "collective_setting": "c.collective_setting = :collective_setting",
    "vulnerable": "c.vulnerable = :vulnerable",
    "last_exposure_from": "c.last_exposure_on >= :last_exposure_from",
    "last_exposure_until": "c.last_exposure_on <= :last_exposure_until",
    "listed_from": "c.listed_at >= :listed_from",
    "listed_until": "c.listed_at <= :listed_until",
    "adult": "p.adult = :adult",
    "languages": "p.language = any(cast(:languages as text[]))",
    "mode_version": """(exists (select from messages m
          where m.case_record_id = c.id and m.mode_version = :mode_version)
        or exists (select from call_attempts a
          where a.case_record_id = c.id and a.mode_version = :mode_version))""",
    "tags": """exists (select from case_tags t
        where t.case_record_id = c.id and t.tag = any(cast(:tags as text[])))""",
}
_NOT_REACHED = "c.reached_at is null and c.informed_at is null"
_REACHED = f"not ({_NOT_REACHED})"
_NAMED_BY_FILE = """exists (select from campaign_people f
    where f.campaign_id = :campaign and f.person_id = c.person_id)"""
_ENTRY = {
    "entry_purposes": "e.purpose = any(cast(:entry_purposes as text[]))",
    "entry_classes": "e.call_class = any(cast(:entry_classes as smallint[]))",
    "entry_states": "e.state = any(cast(:entry_states as text[]))",
}

_FOUND = """
    select distinct on (c.person_id) c.person_id, c.id as case_record_id, c.last_exposure_on,
      coalesce(c.result_at, c.listed_at) as opened_at, {reached} as reached
    from case_records c join persons p on p.id = c.person_id
    where c.platform = :platform and c.listed_at <= :as_of and {which}
    order by c.person_id, c.listed_at desc, c.id
    {limit}
"""
# Members, whatever the filters, and even the platform, would say of them by now.
_AGAIN = """
    select c.person_id, c.id as case_record_id, c.last_exposure_on,
      coalesce(c.result_at, c.listed_at) as opened_at, {reached} as reached
    from case_records c where c.id = any(cast(:records as uuid[]))
"""
_WITH_FACTS = """
    with found as ({found})
    select found.person_id, found.case_record_id, p.language, p.time_zone,
      n.position, p.sealed, k.wrapped_key, found.last_exposure_on, found.opened_at,
      n.number_index, p.adult, p.opted_out, p.sealed is null or k.wrapped_key is null as erased,
      exists (select from person_phones x where x.person_id = p.id and not x.bad) as has_number,
      gone.deceased, gone.do_not_call, found.reached,
      {told} as told,
      {listed} as on_the_list,
      exists (select from person_phones x
        join call_list_entries held on held.number_index = x.number_index and held.state = 'LEASED'
        where x.person_id = p.id) as in_a_call
    from found join persons p on p.id = found.person_id
    left join person_keys k on k.person_id = p.id
    left join lateral ({number}) n on true
    left join lateral (
      select coalesce(bool_or(e.closed_because = 'DECEASED'), false) as deceased,
        coalesce(bool_or(e.closed_because = 'DO_NOT_CALL'), false) as do_not_call
      from case_records mine join call_list_entries e on e.case_record_id = mine.id
      where mine.person_id = p.id and e.closed_because in ('DECEASED', 'DO_NOT_CALL')
    ) gone on true
    order by found.person_id
"""
_SMS_NUMBER = """
    select x.position, x.number_index from person_phones x
    where x.person_id = p.id and x.can_sms and not x.bad
      and not exists (select from opt_outs o where o.number_index = x.number_index)
    order by x.position limit 1
"""
_CALL_NUMBER = """
    select x.position, x.number_index from person_phones x
    where x.person_id = p.id and not x.bad order by x.position limit 1
"""
# Told: this text lately, to the person or to their number; or anything of this campaign to their number.
_TOLD = """exists (select from messages m
        where (m.person_id = p.id or m.number_index = n.number_index)
          and ((m.template = :template and m.created_at >= :told_since) or m.campaign_id = :campaign)
          and m.status not in ('CANCELLED', 'EXPIRED', 'FAILED', 'UNDELIVERED', 'UNKNOWN'))"""
_LISTED = """exists (select from call_list_entries e
        where e.case_record_id = found.case_record_id and e.purpose = :call_purpose
          and e.state <> 'CLOSED')"""


def piece(connection: Connection, query: AudienceQuery, *, after: UUID, most: int) -> list[Candidate]:
    """The next people of an audience, in the order of their ids; `after` ends the piece before."""
    conditions, values = _conditions(query)
    which = " and ".join(["c.person_id > :after", *conditions])
    found = _FOUND.format(which=which, reached=_REACHED, limit="limit :most")
    asked = {"platform": query.platform, "as_of": query.as_of, "after": after, "most": most}
    return _candidates(connection, query, found, values | asked)


def again(connection: Connection, query: AudienceQuery, case_record_ids: Sequence[UUID]) -> list[Candidate]:
    """These members as they are now, whatever the filters would say of them by now."""
    found = _AGAIN.format(reached=_REACHED)
    return _candidates(connection, query, found, {"records": list(case_record_ids)})


def _candidates(
    connection: Connection, query: AudienceQuery, found: str, values: dict[str, object]
) -> list[Candidate]:
    by_sms = query.call_purpose is None
    statement = _WITH_FACTS.format(
        found=found,
        number=_SMS_NUMBER if by_sms else _CALL_NUMBER,
        told=_TOLD if by_sms else "false",
        listed="false" if by_sms else _LISTED,
    )
    told = {"template": query.template, "told_since": query.told_since, "campaign": query.campaign_id}
    of_channel = told if by_sms else {"call_purpose": query.call_purpose}
    return [_candidate(row) for row in connection.execute(text(statement), {**values, **of_channel})]


def _candidate(row: Row[Any]) -> Candidate:
    number = row.number_index
    facts = CandidateFacts(
        number_index=None if number is None else bytes(number),
        has_number=row.has_number,
        erased=row.erased,
        deceased=row.deceased,
        do_not_call=row.do_not_call,
        reached=row.reached,
        adult=row.adult,
        opted_out=row.opted_out,
        told=row.told,
        on_the_list=row.on_the_list,
        in_a_call=row.in_a_call,
    )
    return Candidate(
        row.person_id,
        row.case_record_id,
        row.language,
        row.time_zone,
        row.position,
        row.sealed,
        row.wrapped_key,
        row.last_exposure_on,
        row.opened_at,
        facts,
    )


def _conditions(query: AudienceQuery) -> tuple[list[str], dict[str, object]]:
    """The filter as SQL with its values; only words of this module become SQL."""
    asked = {name: _plain(value) for name, value in vars(query.filter).items()}
    asked = {name: value for name, value in asked.items() if value is not None and value != []}
    conditions = [sql for name, sql in _FILTERS.items() if name in asked]
    of_entry = [sql for name, sql in _ENTRY.items() if name in asked]
    if of_entry:
        if EntryState.CLOSED not in query.filter.entry_states:
            of_entry.append("e.state <> 'CLOSED'")
        conditions.append(
            f"exists (select from call_list_entries e where e.case_record_id = c.id"
            f" and {' and '.join(of_entry)})"
        )
    if query.filter.not_reached:
        conditions.append(_NOT_REACHED)
    if query.from_file:
        conditions.append(_NAMED_BY_FILE)
        asked["campaign"] = query.campaign_id
    known = {*_FILTERS, *_ENTRY, "campaign"}
    return conditions, {name: value for name, value in asked.items() if name in known}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, Enum) else value


def by_external_id(connection: Connection, platform: str, external_ids: Sequence[str]) -> list[Named]:
    """The people of records that an outside system calls so."""
    rows = connection.execute(
        text(
            """
            select r.external_id, c.person_id from case_references r
            join case_records c on c.id = r.case_record_id
            where r.platform = :platform and r.external_id = any(cast(:ids as text[]))
            """
        ),
        {"platform": platform, "ids": list(external_ids)},
    )
    return [Named(*row) for row in rows]


def by_number(connection: Connection, platform: str, numbers: Sequence[bytes]) -> list[Named]:
    """The people of a platform whom these numbers reach; of a household, everyone."""
    rows = connection.execute(
        text(
            """
            select x.number_index, x.person_id from person_phones x
            where x.number_index = any(cast(:numbers as bytea[])) and exists (
              select from case_records c where c.person_id = x.person_id and c.platform = :platform)
            """
        ),
        {"platform": platform, "numbers": list(numbers)},
    )
    return [Named(bytes(row[0]), row[1]) for row in rows]
