"""What a forecast is made from, in a few grouped statements; forecasts as made, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, select, text, update

from outreach.domain.import_undo import UNDONE
from outreach.ids import first_id_of
from outreach.storage.tables import forecasts

CONTACTS_LOOKED_AT = 5_000
USUAL_LAG = 1.0  # hours from a result to the moment we learn of it


# Records of an import that was taken back, and those merged into another one: nothing is learned of them.
_COUNTS = f"merged_into is null and closed_because is distinct from '{UNDONE}'"


class ToldOf(NamedTuple):
    """Positives of one local hour."""

    day: date
    hour: int
    positives: int


# First by quarters of an hour, which every zone's hours are made of: few moments are put on its clock.
_TOLD = text(
    f"""
    select cast(local as date), cast(extract(hour from local) as integer),
      cast(sum(people) as integer), sum(lag) / 3600
    from (
      select date_bin('15 minutes', listed_at, timestamptz '2000-01-01 00:00+00') at time zone :zone as local,
        count(*) as people, sum(greatest(0, date_part('epoch', listed_at - result_at))) as lag
      from case_records
      where platform = :platform and kind = 'POSITIVE' and listed_at >= :since and {_COUNTS}
      group by 1
    ) told
    group by 1, 2
    """  # noqa: S608 - a constant
)


def told(connection: Connection, platform: str, *, zone: str, since: datetime) -> tuple[list[ToldOf], float]:
    """Positives by the local hour in which we learned of them, and the mean hours since their result."""
    rows = connection.execute(_TOLD, {"platform": platform, "zone": zone, "since": since}).all()
    people = sum(row[2] for row in rows)
    return [ToldOf(*row[:3]) for row in rows], sum(row[3] or 0 for row in rows) / people if people else 1.0


class Calls(NamedTuple):
    """Calls that are alike; `hour` is local."""

    hour: int
    purpose: str
    light: bool
    outcome: str
    calls: int
    minutes: float


def calls(connection: Connection, platform: str, *, zone: str, since: datetime) -> list[Calls]:
    """Calls of ours with an outcome, by local hour."""
    rows = connection.execute(
        text(
            """
            select cast(extract(hour from a.started_at at time zone :zone) as integer), e.purpose,
              coalesce(a.script_parameters ->> 'light', '0') = '1', a.outcome, count(*),
              cast(sum(least(7200, extract(epoch from a.outcome_at - a.started_at))) / 60 as float)
            from call_attempts a join call_list_entries e on e.id = a.entry_id
            where a.id >= :first and a.platform = :platform and a.outcome is not null and not a.inbound
            group by 1, 2, 3, 4
            """
        ),
        {"platform": platform, "zone": zone, "first": first_id_of(since)},
    )
    return [Calls(*row) for row in rows]


class Texts(NamedTuple):
    """SMS that stood for calls, counted."""

    ended: int
    delivered: int
    read: int
    asked: int
    messages: int
    segments: int


def texts(connection: Connection, platform: str, *, since: datetime) -> Texts:
    row = connection.execute(
        text(
            """
            select
              count(*) filter (where status in ('DELIVERED', 'READ', 'UNDELIVERED', 'FAILED', 'UNKNOWN')),
              count(*) filter (where status in ('DELIVERED', 'READ')),
              count(*) filter (where status = 'READ' and returned_at is null),
              count(*) filter (where status = 'READ' and returned_at is not null),
              count(*), coalesce(sum(segments), 0)
            from messages
            where id >= :first and platform = :platform and purpose = 'CONTACT_INFORMED'
              and status not in ('CANCELLED', 'EXPIRED')
            """
        ),
        {"platform": platform, "first": first_id_of(since)},
    ).one()
    return Texts(*row)


class Contacts(NamedTuple):
    """Contacts of the same groups."""

    adult: bool
    vulnerable: bool
    household: bool
    collective_setting: bool
    people: int
    can_sms: int


def contacts(connection: Connection, platform: str, *, since: datetime) -> list[Contacts]:
    """The latest contacts by what a mode looks at."""
    rows = connection.execute(
        text(
            f"""
            select p.adult, c.vulnerable, c.household, c.collective_setting, count(*),
              count(*) filter (where exists (select from person_phones x
                where x.person_id = c.person_id and x.can_sms and not x.bad))
            from (select * from case_records where platform = :platform and kind = 'CONTACT'
                    and listed_at >= :since and {_COUNTS} order by listed_at desc limit :most) c
            join persons p on p.id = c.person_id
            group by 1, 2, 3, 4
            """  # noqa: S608 - a constant
        ),
        {"platform": platform, "since": since, "most": CONTACTS_LOOKED_AT},
    )
    return [Contacts(*row) for row in rows]


def named(connection: Connection, platform: str, *, since: datetime) -> tuple[int, int]:
    """Positives listed since then who were spoken to, and contacts listed since then."""
    row = connection.execute(
        text(
            f"""
            select count(*) filter (where kind = 'POSITIVE' and reached_at is not null),
              count(*) filter (where kind = 'CONTACT')
            from case_records where platform = :platform and listed_at >= :since and {_COUNTS}
            """  # noqa: S608 - a constant
        ),
        {"platform": platform, "since": since},
    ).one()
    return row[0], row[1]


@dataclass(frozen=True)
class StoredForecast:
    """A forecast of the mode in force; `…_seen`: what came of it, once it is scored."""

    id: UUID
    platform: str
    mode: str
    mode_version: int
    made_at: datetime
    hours: int
    until: datetime
    called: float | None
    reached: float | None
    informed: float | None
    called_seen: float | None = None
    reached_seen: float | None = None
    informed_seen: float | None = None
    state: str = "OPEN"


_c = forecasts.c
_COLUMNS = [_c[name] for name in StoredForecast.__dataclass_fields__]


def add(connection: Connection, made: Sequence[StoredForecast]) -> None:
    if made:
        connection.execute(insert(forecasts), [vars(each) for each in made])


def to_score(connection: Connection, *, now: datetime, most: int) -> list[StoredForecast]:
    """Whose horizon has passed, locked."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(_c.state == "OPEN", _c.until <= now)
        .order_by(_c.until)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return [StoredForecast(*row) for row in rows]


def scored(connection: Connection, platform: str, *, most: int) -> list[StoredForecast]:
    """The newest scored forecasts."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(_c.platform == platform, _c.state == "SCORED")
        .order_by(_c.made_at.desc(), _c.hours)
        .limit(most)
    )
    return [StoredForecast(*row) for row in rows]


class PastShares(NamedTuple):
    """A scored forecast in short."""

    made_at: datetime
    called: float | None
    called_seen: float | None
    informed: float | None
    informed_seen: float | None


def past_shares(connection: Connection, platform: str, *, hours: int, since: datetime) -> list[PastShares]:
    """Scored forecasts of this horizon made since then, the oldest first."""
    rows = connection.execute(
        select(_c.made_at, _c.called, _c.called_seen, _c.informed, _c.informed_seen)
        .where(_c.platform == platform, _c.made_at >= since, _c.state == "SCORED", _c.hours == hours)
        .order_by(_c.made_at)
    )
    return [PastShares(*row) for row in rows]


def close(connection: Connection, forecast_id: UUID, state: str, **shares: float | None) -> None:
    connection.execute(update(forecasts).where(_c.id == forecast_id).values(state=state, **shares))


def forget(connection: Connection, *, made_before: datetime) -> int:
    """Forecasts that are too old to tell anything."""
    return connection.execute(forecasts.delete().where(_c.made_at < made_before)).rowcount


class CameTrue(NamedTuple):
    """Shares of those due in a window; None when nobody was."""

    called: float | None
    reached: float | None
    informed: float | None


_CAME_TRUE = text(
    f"""
    select
      avg(cast(first_called_at <= deadline as integer) + 0.0) filter (where to_call),
      avg(cast(reached_at <= deadline as integer) + 0.0) filter (where to_reach),
      avg(cast(informed_at <= deadline as integer) + 0.0) filter (where to_inform)
    from (
      select coalesce(first_called_at, 'infinity') as first_called_at,
        coalesce(reached_at, 'infinity') as reached_at, coalesce(informed_at, 'infinity') as informed_at,
        deadline,
        kind = 'POSITIVE' and (first_called_at is null or first_called_at > :made_at) as to_call,
        kind = 'POSITIVE' and (reached_at is null or reached_at > :made_at) as to_reach,
        kind = 'CONTACT' and (informed_at is null or informed_at > :made_at) as to_inform
      from case_records
      where platform = :platform and listed_at >= cast(:made_at as timestamptz) - interval '3 days'
        and deadline > :made_at and deadline <= :until and {_COUNTS}
    ) due
    """  # noqa: S608 - a constant
)


def came_true(connection: Connection, made: StoredForecast) -> CameTrue:
    """What happened to those whose deadline fell within a forecast's horizon."""
    row = connection.execute(
        _CAME_TRUE, {"platform": made.platform, "made_at": made.made_at, "until": made.until}
    ).one()
    return CameTrue(*(None if share is None else float(share) for share in row))


def mode_held(connection: Connection, made: StoredForecast) -> bool:
    """Whether the mode a forecast was made for was neither switched nor over until its end."""
    found: Any = connection.execute(
        text(
            """
            select version = :version and (ends_at is null or ends_at >= :until or ends_at <= :made_at)
            from platform_modes where platform = :platform
            """
        ),
        {
            "platform": made.platform,
            "version": made.mode_version,
            "made_at": made.made_at,
            "until": made.until,
        },
    ).scalar_one_or_none()
    return bool(found)
