"""Taking an import back: which case records it opened, who touched each since, and undoing them in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text, update

from outreach.domain.import_undo import UNDONE, Keeping
from outreach.errors import Conflict
from outreach.storage.import_store import Import, ImportState
from outreach.storage.journal import Event
from outreach.storage.tables import imports
from outreach.storage.touched import touch_platform


class KeptRecord(NamedTuple):
    """A record of the import that stays, and why."""

    case_record_id: UUID
    why: Keeping


def opened_by(connection: Connection, stored: Import) -> list[UUID]:
    """The records an import opened, in the order of the file."""
    rows = connection.execute(
        text(
            """
            select case_record_id from journal
            where platform = :platform and event = 'CASE_CREATED' and at >= :since and at <= :until
              and facts ->> 'import_id' = :import_id
            order by id
            """
        ),
        _lines_of(stored),
    )
    return list(rows.scalars())


def changed_by(connection: Connection, stored: Import) -> list[UUID]:
    """Records known before that the import corrected, joined or converted: they stay as they are."""
    rows = connection.execute(
        text(
            """
            select distinct case_record_id from journal j
            where platform = :platform and event in ('CASE_UPDATED', 'CASE_MERGED', 'CASE_CONVERTED')
              and at >= :since and at <= :until and facts ->> 'import_id' = :import_id
              and not exists (select from journal k where k.case_record_id = j.case_record_id
                and k.event = 'CASE_CREATED' and k.facts ->> 'import_id' = :import_id)
            """
        ),
        _lines_of(stored),
    )
    return list(rows.scalars())


def _lines_of(stored: Import) -> dict[str, Any]:
    """Rows mended later say the import's id too: hence no end but the moment we look."""
    return {
        "platform": stored.platform,
        "since": stored.created_at,
        "until": stored.undone_at or datetime.max.replace(tzinfo=stored.created_at.tzinfo),
        "import_id": str(stored.id),
    }


# What the list and its sweeps do by themselves is no touch; nor is what the import did itself.
_BY_ITSELF = (
    "'CASE_CREATED', 'ENTRY_ADDED', 'ENTRY_RECLASSED', 'ENTRY_LEASED', 'ENTRY_RELEASED', 'LEASE_LAPSED',"
    " 'RECORD_WATCHED', 'RECORD_WATCH_RESOLVED', 'MESSAGE_QUEUED'"
)
_OTHERS = """
    select from case_records o where o.person_id = r.person_id and o.id <> r.id
      and o.closed_because is distinct from :undone
      and not exists (select from journal k where k.case_record_id = o.id and k.event = 'CASE_CREATED'
        and k.facts ->> 'import_id' = :import_id)
"""
_JUDGED = text(
    f"""
    select r.id, case
      when r.closed_because = :undone then ''
      when exists ({_OTHERS}) then 'KNOWN_BEFORE'
      when exists (select from call_attempts a where a.case_record_id = r.id) then 'CALLED'
      when exists (select from call_list_entries e where e.case_record_id = r.id and e.state = 'LEASED')
        then 'IN_HAND'
      when exists (select from messages m where m.person_id = r.person_id
        and m.status not in ('QUEUED', 'CANCELLED')) then 'TEXTED'
      when exists (select from inbound_messages m where m.person_id = r.person_id) then 'TEXTED'
      when r.merged_into is not null or exists (
        select from journal k where k.case_record_id = r.id and k.event not in ({_BY_ITSELF})
          and k.facts ->> 'import_id' is distinct from :import_id
          and not (k.event = 'ENTRY_ESCALATED' and k.actor like 'system:%')) then 'CHANGED'
      else 'UNTOUCHED' end as why
    from case_records r where r.id = any(cast(:ids as uuid[])) order by r.id
    """  # noqa: S608 - constants above
)


def judged(
    connection: Connection, stored: Import, record_ids: Sequence[UUID]
) -> tuple[list[UUID], list[KeptRecord]]:
    """Of these records those that can be taken back, and those that stay; what is gone is in neither."""
    rows = connection.execute(_JUDGED, _values(stored, record_ids)).all()
    untouched = [row.id for row in rows if row.why == "UNTOUCHED"]
    kept = [KeptRecord(row.id, Keeping(row.why)) for row in rows if row.why not in ("UNTOUCHED", "")]
    return untouched, kept


def _values(stored: Import, record_ids: Sequence[UUID]) -> dict[str, Any]:
    return {"ids": list(record_ids), "import_id": str(stored.id), "undone": UNDONE}


def lock(connection: Connection, record_ids: Sequence[UUID]) -> None:
    """Messages that wait, then entries, then records and people: the order in which everyone locks."""
    ids = {"ids": list(record_ids)}
    for statement in (
        "select id from messages where case_record_id = any(cast(:ids as uuid[])) and status = 'QUEUED'"
        " order by id for update",
        "select id from call_list_entries where case_record_id = any(cast(:ids as uuid[]))"
        " order by id for update",
        "select r.id from case_records r join persons p on p.id = r.person_id"
        " where r.id = any(cast(:ids as uuid[])) order by r.id for update",
    ):
        connection.execute(text(statement), ids)


def queued_messages(connection: Connection, record_ids: Sequence[UUID]) -> list[UUID]:
    """Messages about these records that nobody sent yet."""
    rows = connection.execute(
        text(
            "select id from messages where case_record_id = any(cast(:ids as uuid[])) and status = 'QUEUED'"
        ),
        {"ids": list(record_ids)},
    )
    return list(rows.scalars())


_CLOSE = (
    # The list
    """
    with closed as (
      update call_list_entries set state = 'CLOSED', closed_at = :now, closed_because = :undone,
        number_index = null, lease_id = null, leased_by = null, leased_until = null, version = version + 1
      where case_record_id = any(cast(:ids as uuid[])) and state <> 'CLOSED'
      returning id, platform, case_record_id
    )
    insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
    select :now, platform, :entry_closed, :actor, case_record_id, id, cast(:facts as jsonb) from closed
    """,
    # The records
    """
    with closed as (
      update case_records set state = 'CLOSED', closed_because = :undone, version = version + 1
      where id = any(cast(:ids as uuid[])) returning id, platform
    )
    insert into journal (at, platform, event, actor, case_record_id, facts)
    select :now, platform, :case_closed, :actor, id, cast(:facts as jsonb) from closed
    """,
    "delete from watched_records where case_record_id = any(cast(:ids as uuid[]))",
    "delete from case_tags where case_record_id = any(cast(:ids as uuid[]))",
    "delete from case_references where case_record_id = any(cast(:ids as uuid[]))",
    "delete from exposures where contact_id = any(cast(:ids as uuid[]))",
    # Contacts of another file wait for their positive again.
    "update exposures set positive_id = null where positive_id = any(cast(:ids as uuid[]))",
)
_LEFT_ALONE = text(
    """
    select distinct r.person_id from case_records r where r.id = any(cast(:ids as uuid[]))
      and not exists (select from case_records o where o.person_id = r.person_id
        and o.closed_because is distinct from :undone)
    """
)
_ERASE = (
    "delete from person_keys where person_id = any(cast(:people as uuid[]))",
    "delete from person_phones where person_id = any(cast(:people as uuid[]))",
    """
    update persons set sealed = null, name_birth_index = null, erased_at = :now, version = version + 1
    where id = any(cast(:people as uuid[]))
    """,
    """
    insert into journal (at, platform, event, actor, case_record_id, facts)
    select :now, r.platform, :erased, :actor, r.id, cast(:facts as jsonb)
    from case_records r where r.id = any(cast(:ids as uuid[]))
      and r.person_id = any(cast(:people as uuid[]))
    """,
    """
    update messages set sealed_body = null, number_index = ''
    where person_id = any(cast(:people as uuid[]))
    """,
)


def take_back(
    connection: Connection,
    stored: Import,
    record_ids: Sequence[UUID],
    *,
    actor: str,
    facts: str,
    now: datetime,
) -> None:
    """Close these records and erase their people; locked and judged before. `facts` as JSON text."""
    values = _values(stored, record_ids) | {
        "actor": actor,
        "facts": facts,
        "now": now,
        "entry_closed": Event.ENTRY_CLOSED.value,
        "case_closed": Event.CASE_CLOSED.value,
        "erased": Event.PERSON_ERASED.value,
    }
    for statement in _CLOSE:
        connection.execute(text(statement), values)
    # Unless another record of theirs stays.
    values["people"] = list(connection.execute(_LEFT_ALONE, values).scalars())
    for statement in _ERASE:
        connection.execute(text(statement), values)
    connection.execute(
        update(imports)
        .where(imports.c.id == stored.id)
        .values(taken_back=imports.c.taken_back + len(record_ids))
    )
    touch_platform(connection, stored.platform)


def begin(connection: Connection, stored: Import, *, by: UUID | None) -> None:
    """From now on a worker takes it back."""
    connection.execute(
        update(imports)
        .where(imports.c.id == stored.id)
        .values(state=ImportState.UNDOING, undone_by=by, taken_back=0)
    )


def finish(connection: Connection, import_id: UUID, *, now: datetime) -> None:
    connection.execute(
        update(imports).where(imports.c.id == import_id).values(state=ImportState.UNDONE, undone_at=now)
    )


def under_way(connection: Connection) -> list[UUID]:
    """Imports that are being taken back, oldest first."""
    rows = connection.execute(text("select id from imports where state = 'UNDOING' order by id"))
    return list(rows.scalars())


def need_nothing_later(connection: Connection, stored: Import) -> None:
    """Raises Conflict when a later file found the same rows: what it says would go with this one."""
    later = connection.execute(
        text(
            """
            select created_at from imports
            where platform = :platform and mapping = :mapping and id > :id and unchanged > 0
              and state in ('DONE', 'INCOMPLETE', 'RUNNING', 'QUEUED', 'UNDOING') order by id desc limit 1
            """
        ),
        {"platform": stored.platform, "mapping": stored.mapping, "id": stored.id},
    ).scalar()
    if later is not None:
        raise Conflict("A later file told the same rows again: undo that import first.", code="told_again")
