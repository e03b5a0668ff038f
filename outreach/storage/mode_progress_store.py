"""How far a change of the mode is: contacts who still wait for their SMS or their call, and who was moved."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from outreach.domain.send_ledger import Because
from outreach.storage.journal import Event


class Moved(NamedTuple):
    """Contacts turned into SMS, and back into calls; `lately`: of both; `last_at`: the last of them."""

    texted: int
    returned: int
    lately: int
    last_at: datetime | None


_TO_TEXT = """
    from call_list_entries e {more} where e.platform = :platform and e.purpose = 'INFORM'
      and e.state in ('READY', 'WAITING') and e.shed_level > 0 and e.shed_level <= :level
"""


def to_text(connection: Connection, platform: str, *, level: int) -> int:
    """Contacts whom this level texts, and whom no sender took yet."""
    count: int = connection.execute(
        text(f"select count(*) {_TO_TEXT.format(more='')}"), {"platform": platform, "level": level}
    ).scalar_one()
    return count


def zones_to_text(connection: Connection, platform: str, *, level: int) -> list[str]:
    """The zones in which these contacts live."""
    persons = "join persons p on p.id = e.person_id"
    statement = text(f"select distinct p.time_zone {_TO_TEXT.format(more=persons)}")
    return list(connection.execute(statement, {"platform": platform, "level": level}).scalars())


_TO_RETURN = text(
    """
    select count(*) from messages m
    join call_list_entries e on e.message_id = m.id and e.state = 'TEXTED'
    where m.status = 'QUEUED' and m.purpose = 'CONTACT_INFORMED' and m.platform = :platform
      and not exists (select from call_list_entries s where s.message_id = m.id and s.state = 'TEXTED'
        and s.shed_level > 0 and s.shed_level <= :level)
    """
)


def to_return(connection: Connection, platform: str, *, level: int) -> int:
    """Contacts whose SMS did not leave, and whom this level calls again."""
    count: int = connection.execute(_TO_RETURN, {"platform": platform, "level": level}).scalar_one()
    return count


_MOVED = text(
    """
    select count(*) filter (where event = :shed), count(*) filter (where event = :returned),
      count(*) filter (where at >= :lately), max(at)
    from journal
    where platform = :platform and event in (:shed, :returned) and at >= :since
      and (event = :shed or facts ->> 'because' = :cancelled)
    """
)


def moved(connection: Connection, platform: str, *, since: datetime, lately: datetime) -> Moved:
    """Who was moved since then."""
    values = {
        "platform": platform,
        "since": since,
        "lately": lately,
        "shed": Event.ENTRY_SHED.value,
        "returned": Event.ENTRY_RETURNED.value,
        "cancelled": Because.CANCELLED.value,
    }
    return Moved(*connection.execute(_MOVED, values).one())
