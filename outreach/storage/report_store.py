"""What a daily report tells beside the figures: decisions and alarms of a day, from the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from outreach.storage.journal import Event

DECIDED = (
    Event.MODE_SWITCHED,
    Event.MODE_RULE_CHANGED,
    Event.SWITCH_PLANNED,
    Event.SWITCH_CANCELLED,
    Event.AUTO_SET,
    Event.PROPOSAL_ANSWERED,
    Event.SPENDING_LIMITED,
    Event.SPENDING_RESET,
    Event.MUTUAL_AID_LENT,
    Event.MUTUAL_AID_ENDED,
    Event.PLATFORM_MOVED,
    Event.HOURS_CHANGED,
    Event.CAMPAIGN_MOVED,
)


class DecisionRow(NamedTuple):
    """`login` None: the program; `campaign`: the name of the one that was moved."""

    at: datetime
    event: str
    login: str | None
    facts: dict[str, Any]
    campaign: str | None


_DECISIONS = text(
    """
    select j.at, j.event, u.login, j.facts, c.name as campaign
    from journal j
    left join users u on j.actor = 'user:' || u.id::text
    left join campaigns c on c.id = cast(j.facts ->> 'campaign_id' as uuid)
    where j.platform = :platform and j.event = any(cast(:events as text[]))
      and j.at >= :since and j.at < :until
      and coalesce(j.facts ->> 'state', '') not in ('READY', 'DRAFT')
    order by j.at, j.id limit :most
    """
)


def decisions(
    connection: Connection, platform: str, *, since: datetime, until: datetime, most: int
) -> list[DecisionRow]:
    """What was decided on a platform, in the order of the day."""
    rows = connection.execute(
        _DECISIONS,
        {
            "platform": platform,
            "events": [event.value for event in DECIDED],
            "since": since,
            "until": until,
            "most": most,
        },
    )
    return [DecisionRow(*row) for row in rows]


def alarms(connection: Connection, platform: str, *, since: datetime, until: datetime) -> dict[str, int]:
    """How many alarms of each kind were raised for a platform, those forgotten since too."""
    rows: Sequence[Any] = connection.execute(
        text(
            "select facts ->> 'kind' as kind, count(*) as raised from journal where platform = :platform"
            " and event = 'ALARM_RAISED' and at >= :since and at < :until group by 1 order by 1"
        ),
        {"platform": platform, "since": since, "until": until},
    ).all()
    return {row.kind: row.raised for row in rows}
