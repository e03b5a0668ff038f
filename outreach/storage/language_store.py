"""People whose language nobody at their platform speaks: handed to the interpreters' queue."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from outreach.storage import journal
from outreach.storage.journal import Event

_HAND_OVER = text(
    """
    with unspoken as (
      select e.id, p.language from call_list_entries e join platforms p on p.code = e.platform
      left join platform_modes m on m.platform = e.platform
      where (e.shed_level = 0
          or e.shed_level > case when m.ends_at <= :now then 1 else coalesce(m.level, 1) end)
        and e.state in ('READY', 'WAITING') and e.queue = 'AGENTS' and e.loan = 0 and not exists (
        select from users u
        where u.ended_at is null and e.platform = any(u.platforms) and e.language = any(u.languages))
      limit :most for update of e skip locked
    ), moved as (
      update call_list_entries e
      set queue = 'INTERPRETERS', shed_level = 0, language = unspoken.language, version = e.version + 1
      from unspoken where e.id = unspoken.id
      returning e.id, e.platform, e.case_record_id
    )
    insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
    select :now, platform, :event, :actor, case_record_id, id,
      jsonb_build_object('queue', 'INTERPRETERS', 'because', 'LANGUAGE_NOT_SPOKEN')
    from moved
    """
)


def hand_to_interpreters(connection: Connection, now: datetime, *, most: int = 2_000) -> int:
    """Entries in a language that nobody of the platform speaks go to who has an interpreter; how many.

    Whom the mode texts gets the SMS, in the person's own language; an interpreter's person is called. The
    person's own language stays on the person; the entry takes the platform's, in which it is leased.
    """
    moved = connection.execute(
        _HAND_OVER,
        {
            "now": now,
            "most": most,
            "event": Event.ENTRY_ESCALATED.value,
            "actor": journal.by_system("languages"),
        },
    )
    return moved.rowcount
