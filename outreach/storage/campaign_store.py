"""Campaigns: their rows, moved from state to state under a lock of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, insert, select, text, update

from outreach.domain.audiences import AudienceCount
from outreach.domain.campaigns import CampaignChannel, CampaignPlan, CampaignState, Trigger
from outreach.errors import NotFound
from outreach.storage.tables import campaign_findings, campaign_people, campaigns

c = campaigns.c


@dataclass(frozen=True)
class Campaign:
    """A campaign as stored."""

    id: UUID
    platform: str
    name: str
    channel: CampaignChannel
    state: CampaignState
    trigger: Trigger | None
    plan: CampaignPlan
    from_file: bool
    as_of: datetime | None
    counted: AudienceCount | None
    previewed_at: datetime | None
    confirmed_count: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    frozen_after: UUID | None
    frozen_at: datetime | None
    released_at: datetime | None
    author_id: UUID | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    letter_batches: int
    version: int


@dataclass(frozen=True)
class FileFinding:
    """A row of an audience file that matches nobody; `value` is masked."""

    row: int
    value: str
    reason: str
    mend: str


_COLUMNS = [c[name] for name in Campaign.__dataclass_fields__]


@cache
def _plans() -> TypeAdapter[CampaignPlan]:
    return TypeAdapter(CampaignPlan)


@cache
def _counts() -> TypeAdapter[AudienceCount]:
    return TypeAdapter(AudienceCount)


def _campaign(row: Row[Any]) -> Campaign:
    values = dict(row._mapping)
    counted, trigger = values["counted"], values["trigger"]
    return Campaign(
        **values
        | {
            "channel": CampaignChannel(values["channel"]),
            "state": CampaignState(values["state"]),
            "trigger": Trigger(trigger) if trigger else None,
            "plan": _plans().validate_python(values["plan"]),
            "counted": _counts().validate_python(counted) if counted is not None else None,
        }
    )


def add(
    connection: Connection,
    *,
    campaign_id: UUID,
    platform: str,
    name: str,
    channel: CampaignChannel,
    plan: CampaignPlan,
    author_id: UUID | None,
    now: datetime,
    trigger: Trigger | None = None,
) -> None:
    """A new draft."""
    connection.execute(
        insert(campaigns).values(
            id=campaign_id,
            platform=platform,
            name=name,
            channel=channel.value,
            state=CampaignState.DRAFT.value,
            trigger=trigger.value if trigger else None,
            plan=_plans().dump_python(plan, mode="json"),
            author_id=author_id,
            created_at=now,
        )
    )


def read(connection: Connection, campaign_id: UUID) -> Campaign:
    """Raises NotFound."""
    return _found(connection.execute(select(*_COLUMNS).where(c.id == campaign_id)).one_or_none())


def lock(connection: Connection, campaign_id: UUID) -> Campaign:
    """The campaign, held until the transaction ends; it waits for a piece that is being made."""
    query = select(*_COLUMNS).where(c.id == campaign_id).with_for_update()
    return _found(connection.execute(query).one_or_none())


def lock_if_free(connection: Connection, campaign_id: UUID) -> Campaign | None:
    """The campaign, unless someone else has it in hand now."""
    query = select(*_COLUMNS).where(c.id == campaign_id).with_for_update(skip_locked=True)
    row = connection.execute(query).one_or_none()
    return None if row is None else _campaign(row)


def _found(row: Row[Any] | None) -> Campaign:
    if row is None:
        raise NotFound("There is no such campaign.")
    return _campaign(row)


def change(connection: Connection, campaign_id: UUID, **values: object) -> None:
    """Set columns of a locked campaign."""
    stored = {name: _stored(value) for name, value in values.items()}
    connection.execute(update(campaigns).where(c.id == campaign_id).values(**stored, version=c.version + 1))


def _stored(value: object) -> object:
    if isinstance(value, CampaignPlan):
        return _plans().dump_python(value, mode="json")
    if isinstance(value, AudienceCount):
        return _counts().dump_python(value, mode="json")
    return value


def of_platforms(
    connection: Connection,
    platforms: Sequence[str],
    *,
    before: UUID | None,
    most: int,
    states: Sequence[CampaignState] = (),
    channel: CampaignChannel | None = None,
) -> list[Campaign]:
    """Campaigns of these platforms, newest first, but the standing ones; `before` ends the page before."""
    query = select(*_COLUMNS).where(c.platform.in_(platforms), c.trigger.is_(None))
    if states:
        query = query.where(c.state.in_([state.value for state in states]))
    if channel is not None:
        query = query.where(c.channel == channel.value)
    if before is not None:
        query = query.where(c.id < before)
    return [_campaign(row) for row in connection.execute(query.order_by(c.id.desc()).limit(most))]


def standing(connection: Connection, platform: str) -> list[Campaign]:
    """The platform's standing campaigns, oldest first."""
    query = select(*_COLUMNS).where(c.platform == platform, c.trigger.is_not(None))
    return [_campaign(row) for row in connection.execute(query.order_by(c.id))]


def at_work(connection: Connection) -> list[UUID]:
    """Campaigns the sweep looks at: running, or paused or cancelled with something still to hold back."""
    rows = connection.execute(
        text(
            """
            select id from campaigns where state in ('RUNNING', 'PAUSED', 'CANCELLED')
              and (state <> 'CANCELLED' or ended_at is null) order by id
            """
        )
    )
    return list(rows.scalars())


def name_people(connection: Connection, campaign_id: UUID, people: Sequence[UUID]) -> None:
    """Whom the audience file names, in place of whom an earlier one named."""
    connection.execute(campaign_people.delete().where(campaign_people.c.campaign_id == campaign_id))
    if people:
        connection.execute(
            text(
                "insert into campaign_people (campaign_id, person_id)"
                " select :campaign, p from unnest(cast(:people as uuid[])) p on conflict do nothing"
            ),
            {"campaign": campaign_id, "people": list(people)},
        )


def put_findings(connection: Connection, campaign_id: UUID, findings: Sequence[FileFinding]) -> None:
    """What is to be mended in the file, in place of what was found in an earlier one."""
    connection.execute(campaign_findings.delete().where(campaign_findings.c.campaign_id == campaign_id))
    if findings:
        rows: list[Mapping[str, object]] = [{"campaign_id": campaign_id, **vars(each)} for each in findings]
        connection.execute(insert(campaign_findings), rows)


def findings(connection: Connection, campaign_id: UUID) -> list[FileFinding]:
    f = campaign_findings.c
    rows = connection.execute(
        select(f.row, f.value, f.reason, f.mend).where(f.campaign_id == campaign_id).order_by(f.row)
    )
    return [FileFinding(*row) for row in rows]
