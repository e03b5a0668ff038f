"""What SMS have cost: limits of platforms, segments counted by hour, day and month, and what is stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.messages import Urgency
from outreach.domain.spend_limits import (
    ALL,
    USUAL_PREFIXES,
    Breaker,
    PlatformBudget,
    Span,
    SpendLimits,
    Spent,
    span_start,
)
from outreach.storage.tables import platforms, spend_limits, spending, stopped_prefixes

SPAN_OF = {
    Breaker.DAILY_BUDGET: Span.DAY,
    Breaker.MONTHLY_BUDGET: Span.MONTH,
    Breaker.PREFIX_RATE: Span.HOUR,
}


@dataclass(frozen=True)
class _Limited:
    """A platform's row, before what it has spent."""

    platform: str
    time_zone: str
    limits: SpendLimits
    stopped: frozenset[str]


def budgets(
    connection: Connection, now: datetime, *, platform: str | None = None
) -> dict[str, PlatformBudget]:
    """Where every platform stands, or one."""
    limited = _limited(connection, platform)
    spent = _spent(connection, limited, now)
    return {
        one.platform: PlatformBudget(one.limits, spent.get(one.platform, Spent()), one.stopped)
        for one in limited
    }


def _limited(connection: Connection, platform: str | None) -> list[_Limited]:
    stopped = (
        select(func.array_agg(stopped_prefixes.c.prefix))
        .where(stopped_prefixes.c.platform == platforms.c.code)
        .scalar_subquery()
    )
    columns = (spend_limits.c.daily_euros, spend_limits.c.monthly_euros, spend_limits.c.per_hour)
    query = select(platforms.c.code, platforms.c.time_zone, *columns, stopped.label("stopped")).select_from(
        platforms.outerjoin(spend_limits, spend_limits.c.platform == platforms.c.code)
    )
    rows = connection.execute(query if platform is None else query.where(platforms.c.code == platform))
    return [
        _Limited(
            row.code,
            row.time_zone,
            SpendLimits(row.daily_euros, row.monthly_euros, row.per_hour or USUAL_PREFIXES),
            frozenset(row.stopped or ()),
        )
        for row in rows
    ]


_SPENT = text(
    """
    select a.platform,
      coalesce(sum(s.segments - s.forgiven) filter (where s.span = 'DAY'), 0) as day,
      coalesce(sum(s.segments - s.forgiven) filter (where s.span = 'MONTH'), 0) as month
    from unnest(cast(:platforms as text[]), cast(:days as timestamptz[]), cast(:months as timestamptz[]))
      a(platform, day, month)
    join spending s on s.platform = a.platform
      and (s.span = 'DAY' and s.starts_at = a.day or s.span = 'MONTH' and s.starts_at = a.month)
    group by a.platform
    """
)


def _spent(connection: Connection, limited: Sequence[_Limited], now: datetime) -> dict[str, Spent]:
    if not limited:
        return {}
    rows = connection.execute(
        _SPENT,
        {
            "platforms": [one.platform for one in limited],
            "days": [span_start(Span.DAY, now, one.time_zone) for one in limited],
            "months": [span_start(Span.MONTH, now, one.time_zone) for one in limited],
        },
    )
    return {row.platform: Spent(int(row.day), int(row.month)) for row in rows}


def this_hour(connection: Connection, platform: str, now: datetime) -> dict[str, int]:
    """Segments of this hour by prefix, less what was forgiven."""
    c = spending.c
    rows = connection.execute(
        select(c.prefix, c.segments - c.forgiven).where(
            c.platform == platform,
            c.span == Span.HOUR.value,
            c.starts_at == span_start(Span.HOUR, now, "UTC"),
        )
    )
    return dict(tuple(row) for row in rows)


_COUNT = text(
    """
    insert into spending (platform, span, starts_at, prefix, segments)
    select platform, span, starts_at, prefix, sum(segments) from unnest(cast(:platforms as text[]),
      cast(:spans as text[]), cast(:starts as timestamptz[]), cast(:prefixes as text[]),
      cast(:segments as integer[])) a(platform, span, starts_at, prefix, segments)
    group by platform, span, starts_at, prefix
    order by platform, span, starts_at, prefix
    on conflict (platform, span, starts_at, prefix) do update
      set segments = spending.segments + excluded.segments,
          forgiven = least(spending.forgiven, spending.segments + excluded.segments)
    returning platform, span, prefix, segments - forgiven as used
    """
)


def count(
    connection: Connection, segments: Mapping[tuple[str, str], int], now: datetime
) -> dict[tuple[str, str], int]:
    """Add segments by platform and prefix to their hour, day and month; the totals of this hour.

    Rows are taken in order, so that claims of several senders never wait for each other in a circle.
    """
    zones = _zones(connection)
    rows = [
        (
            platform,
            span.value,
            span_start(span, now, zones[platform]),
            prefix if span is Span.HOUR else ALL,
            n,
        )
        for (platform, prefix), n in segments.items()
        for span in Span
    ]
    names = ("platforms", "spans", "starts", "prefixes", "segments")
    counted = connection.execute(_COUNT, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    return {(row.platform, row.prefix): row.used for row in counted if row.span == Span.HOUR}


def refund(connection: Connection, segments: Mapping[tuple[str, str], int], moment: datetime) -> None:
    """Take segments off that were counted at that moment by `count`, and not used."""
    count(connection, {key: -n for key, n in segments.items()}, moment)


def _zones(connection: Connection) -> dict[str, str]:
    return {
        row.code: row.time_zone for row in connection.execute(select(platforms.c.code, platforms.c.time_zone))
    }


def hold_back(
    connection: Connection,
    sender: str,
    platform: str,
    *,
    above: Urgency | None,
    until: datetime,
    now: datetime,
) -> None:
    """What is due of a platform and less urgent than `above` (None: all of it) waits until then."""
    connection.execute(
        text(
            "update messages set not_before = :until, held_until = :until"
            " where status = 'QUEUED' and sender = :sender"
            " and platform = :platform and urgency > :above and not_before <= :now"
        ),
        {
            "sender": sender,
            "platform": platform,
            "above": -1 if above is None else int(above),
            "until": until,
            "now": now,
        },
    )


def hold(connection: Connection, message_ids: Sequence[UUID], until: datetime) -> None:
    """These wait until then; a breaker, and nothing else, holds them back."""
    if message_ids:
        connection.execute(
            text(
                "update messages set not_before = :until, held_until = :until"
                " where id = any(cast(:ids as uuid[])) and status = 'QUEUED'"
            ),
            {"ids": list(message_ids), "until": until},
        )


def let_go(connection: Connection, platform: str, *, now: datetime) -> None:
    """What a breaker held back is due again; what waits for something else (a pause, an hour) is not."""
    connection.execute(
        text(
            "update messages set not_before = :now, held_until = null"
            " where status = 'QUEUED' and platform = :platform and not_before > :now"
            " and held_until = not_before"
        ),
        {"platform": platform, "now": now},
    )


def stop(connection: Connection, platform: str, prefix: str, segments: int, now: datetime) -> bool:
    """Note that this prefix (ALL: every SMS) is stopped; whether that is new."""
    added = connection.execute(
        insert(stopped_prefixes)
        .values(platform=platform, prefix=prefix, since=now, segments=segments)
        .on_conflict_do_nothing()
    )
    return added.rowcount > 0


def reopen(connection: Connection, platform: str, prefix: str) -> bool:
    """Whether it was stopped."""
    c = stopped_prefixes.c
    gone = connection.execute(delete(stopped_prefixes).where(c.platform == platform, c.prefix == prefix))
    return gone.rowcount > 0


def is_stopped(connection: Connection, platform: str) -> bool:
    """Whether the platform's budget has ended: nothing is sent at all."""
    c = stopped_prefixes.c
    return (
        connection.execute(select(func.count()).where(c.platform == platform, c.prefix == ALL)).scalar_one()
        > 0
    )


def platforms_stopped(connection: Connection) -> list[str]:
    """Those whose budget has ended."""
    c = stopped_prefixes.c
    return list(connection.execute(select(c.platform).where(c.prefix == ALL)).scalars())


def forgive(connection: Connection, platform: str, breaker: Breaker, prefix: str, now: datetime) -> int:
    """Count from now on only, in the breaker's own span; the segments that are counted no more."""
    c, span = spending.c, SPAN_OF[breaker]
    start = span_start(span, now, _zones(connection)[platform])
    where = (c.platform == platform, c.span == span.value, c.starts_at == start, c.prefix == prefix)
    used = connection.execute(select(c.segments - c.forgiven).where(*where).with_for_update()).scalar()
    connection.execute(update(spending).where(*where).values(forgiven=c.segments))
    return used or 0


def put_limits(connection: Connection, platform: str, limits: SpendLimits) -> None:
    """Replace a platform's limits; the built-in prefixes are kept as "built in"."""
    per_hour = None if limits.per_hour == USUAL_PREFIXES else dict(limits.per_hour)
    values = {
        "daily_euros": limits.daily_euros,
        "monthly_euros": limits.monthly_euros,
        "per_hour": per_hour,
    }
    connection.execute(
        insert(spend_limits)
        .values(platform=platform, **values)
        .on_conflict_do_update(index_elements=["platform"], set_=values)
    )
