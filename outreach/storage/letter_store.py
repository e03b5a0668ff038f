"""Letters to whom a campaign did not reach: counted into a batch once, read again as often as needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text


class LetterRow(NamedTuple):
    """Someone to write to, sealed; `restricted`: not as long as that stands."""

    person_id: UUID
    occasion: UUID
    case_record_id: UUID
    record_number: str | None
    language: str
    because: str
    sealed_person: bytes
    wrapped_key: bytes
    restricted: bool


# Left out for want of a number, called in vain, refused to a senior, or an SMS that did not arrive and that
# no call follows. The erased and the dead get none; restricted people neither: who is to be written to must
# not be told to whoever reads the file.
_RESTRICTED = """exists (select from case_records theirs
  join restricted_records x on x.case_record_id = theirs.id where theirs.person_id = m.person_id)"""
_UNREACHED = f"""
    from campaign_members m
    join persons p on p.id = m.person_id and p.sealed is not null
    join person_keys k on k.person_id = p.id
    left join messages sent on sent.id = coalesce(m.reminder_id, m.message_id)
    left join call_list_entries e on e.id = m.entry_id
    where m.campaign_id = :campaign and not {_RESTRICTED}
      and (m.left_out_because in ('NO_NUMBER', 'NO_SMS_LINE')
        or e.closed_because in ('UNREACHED', 'REFUSED', 'CAMPAIGN_ENDED')
        or (m.entry_id is null and m.look_at is null
          and sent.status in ('UNDELIVERED', 'FAILED', 'UNKNOWN', 'EXPIRED')))
"""


def start_batch(connection: Connection, campaign_id: UUID, batch: int) -> int:
    """Whoever is unreached and in no batch yet goes into this one; how many."""
    return connection.execute(
        text(
            f"""
            update campaign_members t set letter_batch = :batch
            from (select m.person_id, m.occasion {_UNREACHED} and m.letter_batch is null) unreached
            where t.campaign_id = :campaign and t.person_id = unreached.person_id
              and t.occasion = unreached.occasion
            """  # noqa: S608 - constants above
        ),
        {"campaign": campaign_id, "batch": batch},
    ).rowcount


def waiting(connection: Connection, campaign_id: UUID) -> int:
    """How many are unreached and in no batch yet."""
    found = connection.execute(
        text(f"select count(*) {_UNREACHED} and m.letter_batch is null"),
        {"campaign": campaign_id},
    )
    return int(found.scalar_one())


# A line that does not say is of a time when whoever began to fetch a batch had taken it away.
_PUT_OFF = text(
    """
    update campaign_members m set letter_batch = null
    from unnest(cast(:people as uuid[]), cast(:occasions as uuid[])) held(person_id, occasion)
    where m.campaign_id = :campaign and m.letter_batch = :batch
      and m.person_id = held.person_id and m.occasion = held.occasion
      and not exists (select from journal j join campaigns c on c.platform = j.platform
        where c.id = :campaign and j.event = 'CAMPAIGN_EXPORTED' and j.facts->>'what' = 'LETTERS'
          and j.facts->>'campaign_id' = :named and j.facts->>'batch' = :taken
          and coalesce(j.facts->>'whole', 'true') = 'true')
    """
)


def put_off(connection: Connection, campaign_id: UUID, batch: int, held: Sequence[LetterRow]) -> int:
    """These wait for a later batch, unless this one was taken away whole before; how many.

    A batch that was taken away before holds them rightly: their letter was written then.
    """
    return connection.execute(
        _PUT_OFF,
        {
            "people": [row.person_id for row in held],
            "occasions": [row.occasion for row in held],
            "campaign": campaign_id,
            "batch": batch,
            "named": str(campaign_id),
            "taken": str(batch),
        },
    ).rowcount


_ROWS = text(
    f"""
    select m.person_id, m.occasion, m.case_record_id, number.external_id, p.language,
      coalesce(e.closed_because, m.left_out_because, sent.status), p.sealed, k.wrapped_key,
      {_RESTRICTED} as restricted
    from campaign_members m
    join persons p on p.id = m.person_id and p.sealed is not null
    join person_keys k on k.person_id = p.id
    left join messages sent on sent.id = coalesce(m.reminder_id, m.message_id)
    left join call_list_entries e on e.id = m.entry_id
    left join lateral (select r.external_id from case_references r
      where r.case_record_id = m.case_record_id order by r.created_at, r.external_id limit 1) number on true
    where m.campaign_id = :campaign and m.letter_batch = :batch
      and (m.person_id, m.occasion) > (:person, :occasion)
    order by m.person_id, m.occasion limit :most
    """  # noqa: S608 - a constant above
)


def rows(
    connection: Connection, campaign_id: UUID, batch: int, *, after: tuple[UUID, UUID], most: int
) -> list[LetterRow]:
    """The next people of a batch, in the order of their ids; restricted ones too."""
    found = connection.execute(
        _ROWS,
        {
            "campaign": campaign_id,
            "batch": batch,
            "person": after[0],
            "occasion": after[1],
            "most": most,
        },
    )
    return [LetterRow(*row) for row in found]
