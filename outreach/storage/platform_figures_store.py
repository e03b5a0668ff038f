"""Counts behind a platform's figures, in one pass for all parts of a period (`edges`: where each begins)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from outreach.domain.load_shedding import Mode
from outreach.domain.outcomes import CHANNEL_OUTCOMES
from outreach.domain.platform_figures import LONGEST_SHIFT, ShiftLine, Switched
from outreach.storage.undo_store import STANDS

_WORKING = ("SHIFT_STARTED", "PAUSE_ENDED")
_PLACE = "width_bucket({at}, cast(:edges as timestamptz[])) - 1"
_SPAN = "{at} >= :since and {at} < :until"


@dataclass(frozen=True)
class Period:
    """Parts of [since, until); `edges` begin with `since`."""

    platform: str
    edges: Sequence[datetime]
    until: datetime

    @property
    def ends(self) -> list[datetime]:
        """Of each part."""
        return [*self.edges[1:], self.until]

    def values(self) -> dict[str, Any]:
        return {
            "platform": self.platform,
            "edges": list(self.edges),
            "since": self.edges[0],
            "until": self.until,
        }


def _counting(columns: str, source: str, where: str, at: str, *, more: str = "") -> TextClause:
    place, span = _PLACE.format(at=at), _SPAN.format(at=at)
    return text(
        f"select {place} as place, {columns} from {source} where {where} and {span} group by 1{more}"  # noqa: S608
    )


_OUTCOMES = _counting(
    "j.facts ->> 'outcome' as outcome, count(*) as calls",
    "journal j",
    f"j.platform = :platform and j.event = 'ATTEMPT_OUTCOME' and j.attempt_id is not null and {STANDS}",
    "j.at",
    more=", 2",
)
_CALLED = _counting(
    "count(distinct j.case_record_id) filter (where j.facts ->> 'reached_at' is not null) as reached,"
    " count(distinct date_trunc('hour', j.at)) as hours",
    "journal j",
    f"j.platform = :platform and j.event = 'ATTEMPT_OUTCOME' and j.attempt_id is not null and {STANDS}"
    " and not j.facts ->> 'outcome' = any(cast(:channel as text[]))",
    "j.at",
)
_CLOSED = _counting(
    "count(*) as closed, count(*) filter (where j.facts ->> 'because' = 'UNREACHED') as unreached",
    "journal j",
    f"j.platform = :platform and j.event = 'ENTRY_CLOSED' and {STANDS}",
    "j.at",
)
_MESSAGES = _counting(
    "count(m.accepted_at) as sent, count(m.delivered_at) as delivered, count(m.read_at) as read,"
    " count(m.returned_at) filter (where m.accepted_at is not null) as called",
    "journal j join messages m on m.id = j.message_id",
    "j.platform = :platform and j.event = 'MESSAGE_QUEUED'",
    "j.at",
)
_NAMED = _counting(
    "count(*) as asked, sum(named.n) as contacts, count(*) filter (where named.n = 0) as nobody",
    "case_records c cross join lateral"
    " (select count(*) as n from exposures x where x.positive_id = c.id) named",
    "c.platform = :platform and c.kind = 'POSITIVE' and c.reached_at is not null",
    "c.result_at",
)
_FORECASTS = _counting(
    "count(*) as made, sum(abs(f.called - f.called_seen)) as error",
    "forecasts f",
    "f.platform = :platform and f.called is not null and f.called_seen is not null",
    "f.made_at",
)
# Once over the list, whatever the moments: a bucket counts the moments that had come by then.
_OPEN_AT = text(
    """
    select entered, closed, count(*) as entries
    from (
      select width_bucket(entered_at, cast(:moments as timestamptz[])) as entered,
        width_bucket(coalesce(closed_at, 'infinity'), cast(:moments as timestamptz[])) as closed
      from call_list_entries
      where platform = :platform and entered_at < :last and (closed_at is null or closed_at >= :first)
    ) placed group by 1, 2
    """
)
_SHIFTS = text(
    """
    select actor, at, event from journal
    where platform = :platform and at >= :before and at < :until
      and event in ('SHIFT_STARTED', 'SHIFT_ENDED', 'PAUSE_STARTED', 'PAUSE_ENDED')
    order by at, id
    """
)
_SWITCHES = text(
    """
    select at, facts ->> 'mode' as mode, cast(facts ->> 'ends_at' as timestamptz) as ends_at from journal
    where platform = :platform and event = 'MODE_SWITCHED' and at < :until order by at, id
    """
)


def outcomes(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """place, outcome, calls."""
    return connection.execute(_OUTCOMES, period.values()).all()


def calls(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """place, persons reached by a call, hours in which someone called."""
    channel = [outcome.value for outcome in CHANNEL_OUTCOMES]
    return connection.execute(_CALLED, period.values() | {"channel": channel}).all()


def closed(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """place, entries closed, of them given up."""
    return connection.execute(_CLOSED, period.values()).all()


def messages(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """place and the fate of messages queued there: sent, delivered, read, called after all."""
    return connection.execute(_MESSAGES, period.values()).all()


def named_contacts(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """place of the result; positives who were reached, contacts they named, who named nobody."""
    return connection.execute(_NAMED, period.values()).all()


def forecasts(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """place, forecasts scored, sum of their errors."""
    return connection.execute(_FORECASTS, period.values()).all()


def open_at(connection: Connection, platform: str, moments: Sequence[datetime]) -> dict[datetime, int]:
    """How many entries were open at each of these moments, which are in order."""
    wanted = {"platform": platform, "moments": list(moments), "first": moments[0], "last": moments[-1]}
    rows = connection.execute(_OPEN_AT, wanted).all()
    return {
        moment: sum(row.entries for row in rows if row.entered <= place < row.closed)
        for place, moment in enumerate(moments)
    }


def shift_lines(connection: Connection, period: Period) -> list[ShiftLine]:
    """Who began and ended to work, from one shift before the period on."""
    rows = connection.execute(
        _SHIFTS, period.values() | {"before": period.edges[0] - LONGEST_SHIFT - timedelta(minutes=1)}
    )
    return [ShiftLine(row.actor, row.at, row.event in _WORKING) for row in rows]


def switches(connection: Connection, platform: str, until: datetime) -> list[Switched]:
    """Every switch before a moment, oldest first."""
    rows = connection.execute(_SWITCHES, {"platform": platform, "until": until})
    return [Switched(row.at, Mode(row.mode), row.ends_at) for row in rows]
