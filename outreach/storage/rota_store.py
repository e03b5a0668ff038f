"""The rota as stored: shifts, absences, pauses, and who is at work now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, and_, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from outreach.domain.rota import Absence, AbsenceReason, PauseReason, Shift
from outreach.ids import new_id
from outreach.storage.agent_store import STILL_THERE
from outreach.storage.tables import agent_pauses, agent_presence, rota_absences, rota_shifts, users


@dataclass(frozen=True)
class StoredShift:
    """A shift as the rota shows it; `login` of the agent, or ''."""

    id: UUID
    day: date
    starts_at: datetime
    ends_at: datetime
    positions: int | None
    login: str


@dataclass(frozen=True)
class StoredAbsence:
    id: UUID
    platform: str
    starts_at: datetime
    ends_at: datetime
    positions: int | None
    login: str
    reason: AbsenceReason


@dataclass(frozen=True)
class AtWork:
    """An agent whose page is open, on shift or paused; `pause` says why, and since when."""

    user_id: UUID
    login: str
    state: str
    since: datetime
    pause: str | None
    paused_since: datetime | None


def replace_days(
    connection: Connection,
    platform: str,
    days: Sequence[date],
    shifts: Sequence[tuple[date, Shift]],
    now: datetime,
) -> int:
    """The rota of these days is these shifts; how many were there before."""
    c = rota_shifts.c
    removed = connection.execute(delete(rota_shifts).where(c.platform == platform, c.day.in_(days))).rowcount
    rows = [
        {
            "id": new_id(),
            "platform": platform,
            "day": day,
            "starts_at": shift.starts_at,
            "ends_at": shift.ends_at,
            "positions": None if shift.user_id else shift.positions,
            "user_id": shift.user_id,
            "written_at": now,
        }
        for day, shift in shifts
    ]
    if rows:
        connection.execute(insert(rota_shifts), rows)
    return removed


def put_shift(
    connection: Connection, platform: str, shift_id: UUID, day: date, shift: Shift, now: datetime
) -> None:
    """Add a shift, or replace the one of this id."""
    values = {
        "platform": platform,
        "day": day,
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "positions": None if shift.user_id else shift.positions,
        "user_id": shift.user_id,
        "written_at": now,
    }
    connection.execute(
        insert_or(rota_shifts)
        .values(id=shift_id, **values)
        .on_conflict_do_update(index_elements=[rota_shifts.c.id], set_=values)
    )


def place_of_shift(connection: Connection, shift_id: UUID) -> tuple[str, date] | None:
    """The platform and the day of a shift, which is locked; None when there is no such shift."""
    c = rota_shifts.c
    row = connection.execute(select(c.platform, c.day).where(c.id == shift_id).with_for_update()).first()
    return None if row is None else (row.platform, row.day)


def remove_shift(connection: Connection, shift_id: UUID) -> None:
    connection.execute(delete(rota_shifts).where(rota_shifts.c.id == shift_id))


def shifts_between(connection: Connection, platform: str, start: datetime, end: datetime) -> list[Shift]:
    c = rota_shifts.c
    rows = connection.execute(
        select(c.starts_at, c.ends_at, func.coalesce(c.positions, 0), c.user_id).where(
            c.platform == platform, c.ends_at > start, c.starts_at < end
        )
    )
    return [Shift(*row) for row in rows]


def planned_days(connection: Connection, platform: str, first: date, last: date) -> set[date]:
    """The days that the rota says something about."""
    c = rota_shifts.c
    return set(
        connection.execute(
            select(c.day).distinct().where(c.platform == platform, c.day.between(first, last))
        ).scalars()
    )


def rota_between(connection: Connection, platform: str, first: date, last: date) -> list[StoredShift]:
    c = rota_shifts.c
    rows = connection.execute(
        select(c.id, c.day, c.starts_at, c.ends_at, c.positions, func.coalesce(users.c.login, ""))
        .join(users, users.c.id == c.user_id, isouter=True)
        .where(c.platform == platform, c.day.between(first, last))
        .order_by(c.starts_at, c.ends_at, users.c.login)
    )
    return [StoredShift(*row) for row in rows]


def absences_between(connection: Connection, platform: str, start: datetime, end: datetime) -> list[Absence]:
    c = rota_absences.c
    rows = connection.execute(
        select(c.starts_at, c.ends_at, func.coalesce(c.positions, 0), c.user_id).where(
            c.platform == platform, c.ends_at > start, c.starts_at < end
        )
    )
    return [Absence(*row) for row in rows]


def list_absences(
    connection: Connection, platform: str, start: datetime, end: datetime
) -> list[StoredAbsence]:
    c = rota_absences.c
    rows = connection.execute(
        select(
            c.id, c.platform, c.starts_at, c.ends_at, c.positions, func.coalesce(users.c.login, ""), c.reason
        )
        .join(users, users.c.id == c.user_id, isouter=True)
        .where(c.platform == platform, c.ends_at > start, c.starts_at < end)
        .order_by(c.starts_at, c.id)
    )
    return [StoredAbsence(*row[:6], AbsenceReason(row[6])) for row in rows]


def add_absence(
    connection: Connection, platform: str, absence: Absence, reason: AbsenceReason, now: datetime
) -> UUID:
    absence_id = new_id()
    connection.execute(
        insert(rota_absences).values(
            id=absence_id,
            platform=platform,
            user_id=absence.user_id,
            positions=None if absence.user_id else absence.positions,
            starts_at=absence.starts_at,
            ends_at=absence.ends_at,
            reason=reason.value,
            written_at=now,
        )
    )
    return absence_id


def platform_of_absence(connection: Connection, absence_id: UUID) -> str | None:
    return connection.execute(
        select(rota_absences.c.platform).where(rota_absences.c.id == absence_id)
    ).scalar()


def remove_absence(connection: Connection, absence_id: UUID) -> bool:
    return connection.execute(delete(rota_absences).where(rota_absences.c.id == absence_id)).rowcount > 0


def agents_named(connection: Connection, platform: str, logins: Sequence[str]) -> dict[str, UUID]:
    """Who of these works on the platform, by login."""
    rows = connection.execute(
        select(users.c.login, users.c.id).where(
            users.c.login.in_(logins), users.c.platforms.contains([platform]), users.c.ended_at.is_(None)
        )
    )
    return {row.login: row.id for row in rows}


# --- now ---


def at_work(connection: Connection, platform: str, now: datetime) -> list[AtWork]:
    """Everyone of the platform whose page is open, whoever came first on top."""
    c, paused = agent_presence.c, agent_pauses.c
    rows = connection.execute(
        select(users.c.id, users.c.login, c.state, c.since, paused.reason, paused.started_at)
        .join(users, users.c.id == c.user_id)
        .join(
            agent_pauses,
            and_(paused.user_id == c.user_id, paused.ended_at.is_(None), c.state == "PAUSED"),
            isouter=True,
        )
        .where(
            users.c.platforms.contains([platform]),
            c.state.in_(["ON_SHIFT", "PAUSED"]),
            c.heartbeat_at > now - STILL_THERE,
        )
        .order_by(c.since, users.c.login)
    )
    return [AtWork(*row) for row in rows]


_STARTED_LATELY = text(
    "select count(distinct actor) from journal"
    " where platform = :platform and event = 'SHIFT_STARTED' and at > :since and at <= :now"
)


def started_lately(connection: Connection, platform: str, now: datetime) -> int:
    """Agents who began a shift in the last 24 hours."""
    wanted = {"platform": platform, "since": now - timedelta(hours=24), "now": now}
    return int(connection.execute(_STARTED_LATELY, wanted).scalar_one())


def begin_pause(
    connection: Connection, user_id: UUID, platform: str, reason: PauseReason, now: datetime
) -> bool:
    """Whether a pause began; False when one is open already."""
    begun = connection.execute(
        insert_or(agent_pauses)
        .values(id=new_id(), user_id=user_id, platform=platform, reason=reason.value, started_at=now)
        .on_conflict_do_nothing(index_elements=[agent_pauses.c.user_id], index_where=text("ended_at is null"))
        .returning(agent_pauses.c.id)
    ).first()
    return begun is not None


def end_pause(connection: Connection, user_id: UUID, now: datetime) -> str | None:
    """The platform whose pause ended; None when there was none."""
    return connection.execute(
        update(agent_pauses)
        .where(agent_pauses.c.user_id == user_id, agent_pauses.c.ended_at.is_(None))
        .values(ended_at=now)
        .returning(agent_pauses.c.platform)
    ).scalar()
