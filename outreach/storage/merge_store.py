"""Two case records made one: what pointed to the other record points to the one that is kept."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, text

_TAKE_OVER = (
    "update case_references set case_record_id = :kept where case_record_id = :other",
    """
    delete from exposures x where x.contact_id = :other and exists (select from exposures mine
      where mine.contact_id = :kept and mine.positive_reference = x.positive_reference)
    """,
    "update exposures set contact_id = :kept where contact_id = :other",
    "update exposures set positive_id = :kept where positive_id = :other",
    "delete from exposures where contact_id = positive_id and contact_id = :kept",
    """
    insert into case_tags (case_record_id, tag, tagged_at)
    select :kept, tag, tagged_at from case_tags where case_record_id = :other on conflict do nothing
    """,
    # Whoever reads the kept record reads the other too.
    """
    insert into restricted_records as kept (case_record_id, platform, by_user, since, kept_until)
    select :kept, platform, by_user, since, kept_until from restricted_records where case_record_id = :other
    on conflict (case_record_id) do update set kept_until = greatest(kept.kept_until, excluded.kept_until)
    """,
    "delete from watched_records where case_record_id = :other",
    "update case_records set merged_into = :kept where merged_into = :other",
    """
    update case_records set state = 'CLOSED', closed_because = :because, merged_into = :kept,
      version = version + 1 where id = :other
    """,
)
# Messages and tries keep the person they were made for, whose key opens them.
_TAKE_OVER_PERSON = (
    "update conversations set person_id = :kept where person_id = :other",
    "update asked_calls set person_id = :kept where person_id = :other and settled_at is null",
    """
    update persons k set opted_out = k.opted_out or o.opted_out from persons o
    where k.id = :kept and o.id = :other
    """,
    """
    delete from person_phones where person_id = :other and not exists (
      select from case_records r where r.person_id = :other and r.merged_into is null)
    """,
    """
    update persons set name_birth_index = null, version = version + 1 where id = :other and not exists (
      select from case_records r where r.person_id = :other and r.merged_into is null)
    """,
)


def queued_messages(connection: Connection, case_record_id: UUID) -> list[UUID]:
    """Messages about a record that nobody sent yet."""
    rows = connection.execute(
        text(
            "select id from messages where case_record_id = :id and status = 'QUEUED' order by id for update"
        ),
        {"id": case_record_id},
    )
    return list(rows.scalars())


def take_over(connection: Connection, kept: UUID, other: UUID, *, because: str) -> None:
    """References, exposures and tags; the other record is closed, and says what stands for it."""
    for statement in _TAKE_OVER:
        connection.execute(text(statement), {"kept": kept, "other": other, "because": because})


def take_over_person(connection: Connection, kept: UUID, other: UUID) -> None:
    """Whom conversations are with; nobody is found by the other person's name and numbers any more."""
    for statement in _TAKE_OVER_PERSON:
        connection.execute(text(statement), {"kept": kept, "other": other})
