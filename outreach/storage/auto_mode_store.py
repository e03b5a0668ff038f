"""AUTO: its setting on each platform, and what it proposed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from outreach.domain.auto_mode import AutoSetting
from outreach.domain.load_shedding import Mode
from outreach.errors import NotFound
from outreach.storage.tables import auto_modes, mode_proposals

_c = mode_proposals.c


@dataclass(frozen=True)
class Proposal:
    """`because`: one sentence; `mode_version`: of the row it was made for; `state`: OPEN until answered."""

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


_COLUMNS = [_c[name] for name in Proposal.__dataclass_fields__]


def setting_of(connection: Connection, platform: str) -> AutoSetting:
    """OFF where nobody turned it on."""
    found = connection.execute(
        select(auto_modes.c.setting).where(auto_modes.c.platform == platform)
    ).scalar_one_or_none()
    return AutoSetting(found) if found else AutoSetting.OFF


def put_setting(
    connection: Connection, platform: str, setting: AutoSetting, *, author_id: UUID | None, now: datetime
) -> None:
    values = {"setting": setting.value, "author_id": author_id, "changed_at": now}
    connection.execute(
        upsert(auto_modes)
        .values(platform=platform, **values)
        .on_conflict_do_update(index_elements=[auto_modes.c.platform], set_=values)
    )


def turned_on(connection: Connection) -> dict[str, AutoSetting]:
    """The platforms on which AUTO looks ahead."""
    c = auto_modes.c
    rows = connection.execute(
        select(c.platform, c.setting).where(c.setting != AutoSetting.OFF.value).order_by(c.platform)
    )
    return {platform: AutoSetting(setting) for platform, setting in rows}


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


def answer(connection: Connection, proposal_id: UUID, state: str, *, by: UUID | None, now: datetime) -> None:
    connection.execute(
        update(mode_proposals)
        .where(_c.id == proposal_id)
        .values(state=state, answered_by=by, answered_at=now)
    )


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
    return Proposal(**values | {"mode": Mode(values["mode"])})
