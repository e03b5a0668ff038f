"""AUTO: its setting on each platform, and what it proposed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from outreach.domain.auto_mode import AutoSetting, AutoTargets
from outreach.domain.load_shedding import Mode
from outreach.errors import NotFound
from outreach.storage.tables import auto_modes, journal, mode_proposals
from outreach.storage.touched import touch_orders

_c = mode_proposals.c


@dataclass(frozen=True)
class Proposal:
    """`because`: one sentence; `mode_version`: of the row it was made for; `state`: OPEN until answered.

    `from_mode`, `called`, `informed`: what the sentence says; `answer_reason`: of whoever answered.
    """

    id: UUID
    platform: str
    mode: Mode
    because: str
    mode_version: int
    made_at: datetime
    expires_at: datetime
    state: str = "OPEN"
    answered_by: UUID | None = None
    answered_at: datetime | None = None
    answer_reason: str = ""
    from_mode: Mode | None = None
    called: float | None = None
    informed: float | None = None


@dataclass(frozen=True)
class AutoWish:
    """What a platform wants of AUTO."""

    setting: AutoSetting = AutoSetting.OFF
    targets: AutoTargets = field(default_factory=AutoTargets)


_COLUMNS = [_c[name] for name in Proposal.__dataclass_fields__]


def wish_of(connection: Connection, platform: str) -> AutoWish:
    """OFF, with the usual targets, where nobody turned it on."""
    c = auto_modes.c
    found = connection.execute(
        select(c.setting, c.called, c.informed).where(c.platform == platform)
    ).one_or_none()
    return AutoWish() if found is None else _wish(*found)


def put_wish(
    connection: Connection, platform: str, wish: AutoWish, *, author_id: UUID | None, now: datetime
) -> None:
    values = {
        "setting": wish.setting.value,
        "called": wish.targets.called,
        "informed": wish.targets.informed,
        "author_id": author_id,
        "changed_at": now,
    }
    connection.execute(
        upsert(auto_modes)
        .values(platform=platform, **values)
        .on_conflict_do_update(index_elements=[auto_modes.c.platform], set_=values)
    )


def turned_on(connection: Connection) -> dict[str, AutoWish]:
    """The platforms on which AUTO looks ahead."""
    c = auto_modes.c
    rows = connection.execute(
        select(c.platform, c.setting, c.called, c.informed)
        .where(c.setting != AutoSetting.OFF.value)
        .order_by(c.platform)
    )
    return {platform: _wish(*wish) for platform, *wish in rows}


def open_proposal(connection: Connection, platform: str) -> Proposal | None:
    """The one that waits for an answer, locked."""
    row = connection.execute(
        select(*_COLUMNS).where(_c.platform == platform, _c.state == "OPEN").with_for_update()
    ).one_or_none()
    return _proposal(row) if row else None


def proposals(connection: Connection, platform: str, *, most: int) -> list[Proposal]:
    """Newest first."""
    rows = connection.execute(
        select(*_COLUMNS).where(_c.platform == platform).order_by(_c.made_at.desc(), _c.id.desc()).limit(most)
    )
    return [_proposal(row) for row in rows]


def lock(connection: Connection, proposal_id: UUID) -> Proposal:
    """Raises NotFound."""
    row = connection.execute(select(*_COLUMNS).where(_c.id == proposal_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such proposal.")
    return _proposal(row)


def add(connection: Connection, proposal: Proposal) -> None:
    connection.execute(insert(mode_proposals).values(**vars(proposal)))
    touch_orders(connection, proposal.platform)


def answer(
    connection: Connection, proposal_id: UUID, state: str, *, by: UUID | None, now: datetime, reason: str = ""
) -> None:
    platform = connection.execute(
        update(mode_proposals)
        .where(_c.id == proposal_id)
        .values(state=state, answered_by=by, answered_at=now, answer_reason=reason)
        .returning(_c.platform)
    ).scalar_one()
    touch_orders(connection, platform)


def declined_since(connection: Connection, platform: str, mode: Mode, since: datetime) -> bool:
    """Whether a supervisor declined this mode lately."""
    found = connection.execute(
        select(_c.id)
        .where(
            _c.platform == platform,
            _c.mode == mode.value,
            _c.state == "DECLINED",
            _c.answered_at >= since,
        )
        .limit(1)
    )
    return found.first() is not None


def _proposal(row: Row[tuple[object, ...]]) -> Proposal:
    values = dict(row._mapping)
    left = values["from_mode"]
    modes = {"mode": Mode(values["mode"]), "from_mode": Mode(left) if left else None}
    return Proposal(**values | modes)


def _wish(setting: str, called: float, informed: float) -> AutoWish:
    return AutoWish(AutoSetting(setting), AutoTargets(called, informed))


class Decision(NamedTuple):
    """One look of AUTO. `facts`: mode, because, done; from, about, called, informed where it was kept."""

    id: int
    at: datetime
    facts: dict[str, Any]


def decisions(
    connection: Connection,
    platform: str,
    *,
    before: tuple[datetime, int] | None,
    most: int,
    done: Collection[str] = (),
) -> list[Decision]:
    """What AUTO decided and why, newest first; `before` ends the page before. No `done`: whatever it did."""
    c = journal.c
    statement = (
        select(c.id, c.at, c.facts)
        .where(c.platform == platform, c.event == "AUTO_DECIDED")
        .order_by(c.at.desc(), c.id.desc())
        .limit(most)
    )
    if before is not None:
        statement = statement.where(tuple_(c.at, c.id) < before)
    if done:
        statement = statement.where(c.facts["done"].astext.in_(done))
    return [Decision(*row) for row in connection.execute(statement)]
