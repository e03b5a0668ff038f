"""What an agent's desk shows beside the person in hand, a statement for each part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from outreach.domain.case_records import Person
from outreach.storage.agent_store import STILL_THERE
from outreach.storage.vault import Vault


@dataclass(frozen=True)
class PastCall:
    """An earlier try; `who` is a login. `sealed_note` opens with the person's key."""

    at: datetime
    who: str
    status: str
    outcome: str | None
    answered_at: datetime | None
    ended_at: datetime | None
    inbound: bool
    phone_position: int
    sealed_note: bytes | None
    note: str = ""


_CALLS = text(
    """
    select a.started_at as at, u.login as who, a.status, a.outcome, a.answered_at, a.ended_at, a.inbound,
      a.phone_position, a.sealed_note
    from call_attempts a join users u on u.id = a.agent_id
    where a.case_record_id = :case_record_id and a.outcome is not null
    order by a.started_at desc limit 50
    """
)


def past_calls(connection: Connection, case_record_id: UUID) -> list[PastCall]:
    """Tries with an outcome, the latest first."""
    rows = connection.execute(_CALLS, {"case_record_id": case_record_id})
    return [PastCall(**row) for row in rows.mappings()]


@dataclass(frozen=True)
class NamedContact:
    """Someone a positive named, as far as the desk shows them. `person` None: erased, or `restricted`."""

    case_record_id: UUID
    platform: str
    kind: str
    state: str
    last_contact_on: date | None
    household: bool
    collective_setting: bool
    last_outcome: str | None
    person: Person | None
    restricted: bool = False


_CONTACTS = text(
    """
    select c.id as case_record_id, c.platform, c.kind, c.state, x.last_contact_on, c.household,
      c.collective_setting, c.last_outcome, p.id as person_id, p.sealed, k.wrapped_key
    from exposures x join case_records c on c.id = x.contact_id
    join persons p on p.id = c.person_id
    left join person_keys k on k.person_id = p.id
    where x.positive_id = :case_record_id
    order by x.created_at, x.id limit 200
    """
)


def named_contacts(connection: Connection, vault: Vault, case_record_id: UUID) -> list[NamedContact]:
    """The contacts of a positive in the order they were named."""
    rows = connection.execute(_CONTACTS, {"case_record_id": case_record_id})
    return [_contact(dict(row), vault) for row in rows.mappings()]


def _contact(row: dict[str, Any], vault: Vault) -> NamedContact:
    person = _opened(vault, row.pop("person_id"), row.pop("sealed"), row.pop("wrapped_key"))
    return NamedContact(**row, person=person)


def _opened(vault: Vault, person_id: UUID, sealed: bytes | None, wrapped: bytes | None) -> Person | None:
    if sealed is None or wrapped is None:
        return None
    return Person.from_sealed(vault.person_key(person_id, wrapped).open(sealed))


_PERSONS = text(
    """
    select p.id, p.sealed, k.wrapped_key from persons p left join person_keys k on k.person_id = p.id
    where p.id = any(cast(:ids as uuid[]))
    """
)


def persons_of(connection: Connection, vault: Vault, ids: Sequence[UUID]) -> dict[UUID, Person | None]:
    """Several people opened with one statement; None for who was erased."""
    rows = connection.execute(_PERSONS, {"ids": list(ids)})
    return {row.id: _opened(vault, row.id, row.sealed, row.wrapped_key) for row in rows}


@dataclass(frozen=True)
class AtDesk:
    """An agent's shift: `state` as storage/presence_store.py names it; the pause's reason and beginning."""

    state: str
    since: datetime
    pause: str | None
    paused_since: datetime | None


_AT_DESK = text(
    """
    select p.state, p.since, b.reason, b.started_at from agent_presence p
    left join agent_pauses b on b.user_id = p.user_id and b.ended_at is null
    where p.user_id = :user_id
    """
)


def at_desk(connection: Connection, user_id: UUID) -> AtDesk | None:
    """None for an agent who never began a shift."""
    row = connection.execute(_AT_DESK, {"user_id": user_id}).one_or_none()
    return None if row is None else AtDesk(*row)


_PROMISED = text(
    """
    select to_timestamp(floor(extract(epoch from callback_at) / 1800) * 1800) as slot, count(*) as calls
    from call_list_entries
    where platform = :platform and callback_at is not null and state <> 'CLOSED'
      and callback_at >= :since and callback_at < :until
    group by 1
    """
)


def promised_calls(
    connection: Connection, platform: str, *, since: datetime, until: datetime
) -> dict[datetime, int]:
    """How many calls are promised for each half hour."""
    rows = connection.execute(_PROMISED, {"platform": platform, "since": since, "until": until})
    return {row.slot: row.calls for row in rows}


_NEXT = text(
    """
    select (select min(e.not_before) from unnest(cast(:platforms as text[])) p(code)
        cross join lateral (select w.not_before from call_list_entries w
          where w.platform = p.code and w.state = 'WAITING' and w.not_before > :now
          order by w.not_before limit 1) e) as waits_until,
      exists (select from call_list_entries r join platform_modes m on m.platform = r.platform
        where r.platform = any(cast(:platforms as text[])) and r.queue = any(cast(:queues as text[]))
          and r.language = any(cast(:languages as text[])) and r.state = 'READY'
          and (r.shed_level = 0 or r.shed_level > case when m.ends_at <= :now then 1 else m.level end)
          and not r.callback_for_me_only) as ready
    """
)


def next_callable(
    connection: Connection,
    *,
    platforms: Sequence[str],
    queues: Sequence[str],
    languages: Sequence[str],
    now: datetime,
) -> tuple[datetime | None, bool]:
    """When the next person who waits becomes callable; whether somebody is now."""
    lists = {"platforms": list(platforms), "queues": list(queues), "languages": list(languages)}
    row = connection.execute(_NEXT, {**lists, "now": now}).one()
    return row.waits_until, row.ready


_FREE = text(
    """
    select role, count(*) as people from (
      select u.id, unnest(u.roles) as role from users u
      join agent_presence p on p.user_id = u.id
      where u.ended_at is null and u.id <> :but and u.platforms @> array[cast(:platform as text)]
        and p.state = 'ON_SHIFT' and p.heartbeat_at > :alive
        and not exists (select from call_attempts a where a.agent_id = u.id and a.outcome is null)
        and not exists (select from call_attempts a where a.transfer_user_id = u.id
          and (a.outcome is null or a.transfer_sid is not null))
        and not exists (select from call_list_entries e where e.leased_by = u.id and e.state = 'LEASED')
    ) free group by role order by role
    """
)


def free_colleagues(connection: Connection, platform: str, *, but: UUID, now: datetime) -> dict[str, int]:
    """How many colleagues of each role are free to be brought into a call."""
    wanted = {"platform": platform, "but": but, "alive": now - STILL_THERE}
    return {row.role: row.people for row in connection.execute(_FREE, wanted)}


_HELP = text(
    "select exists (select from alarms where kind = 'HELP_WANTED' and subject = :subject"
    " and cleared_at is null)"
)


def hand_is_raised(connection: Connection, attempt_id: UUID) -> bool:
    """Whether the agent of a call waits for help."""
    return bool(connection.execute(_HELP, {"subject": str(attempt_id)}).scalar())
