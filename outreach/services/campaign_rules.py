"""SMS that leave by themselves, as standing campaigns: of a trigger, or on the program's own paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.campaigns import CampaignState, SentBy
from outreach.domain.load_shedding import MODES, Mode
from outreach.domain.messages import MessagePurpose, MessageStatus
from outreach.domain.scripts import template_of
from outreach.ids import first_id_of
from outreach.storage import campaign_figures_store, campaign_store, mode_store, platform_store
from outreach.storage.campaign_figures_store import MessageCount
from outreach.storage.database import Connection, Database

PURPOSE_OF: Mapping[SentBy, MessagePurpose] = {
    SentBy.EVERY_CONTACT_WHILE_SHED: MessagePurpose.CONTACT_INFORMED,
    SentBy.FIRST_MISS: MessagePurpose.MISSED_CALL,
    SentBy.CALLBACK_AGREED: MessagePurpose.CALLBACK_AGREED,
}
FIRST_THAT_TEXTS = MODES[Mode.SMS_LOW_RISK].level


@dataclass(frozen=True)
class StandingCampaign:
    """`campaign_id` is None for the program's own paths, which are neither paused nor changed.

    `acts_now`: whether it would write to somebody under the mode in force. `statuses`: of its messages.
    """

    name: str
    trigger: str
    text: str
    campaign_id: UUID | None
    state: CampaignState
    acts_now: bool
    modes: tuple[Mode, ...]
    messages: int
    segments: int
    statuses: Mapping[MessageStatus, int]


@dataclass(frozen=True)
class CampaignRules:
    """What a platform's people get without anybody starting it."""

    database: Database
    clock: Clock

    def standing(self, platform: str, *, within: timedelta = timedelta(days=1)) -> list[StandingCampaign]:
        """Every standing campaign; the program's own paths with what they sent lately. Raises NotFound."""
        now = self.clock.now()
        with self.database.begin() as connection:
            platform_store.read(connection, platform)
            mode = mode_store.in_force(connection, platform).at(now)
            own = [_own_path(connection, platform, path, mode, now - within) for path in SentBy]
            return own + _of_triggers(connection, platform, mode)


def _own_path(
    connection: Connection, platform: str, path: SentBy, mode: Mode, since: datetime
) -> StandingCampaign:
    purpose = PURPOSE_OF[path]
    counts = campaign_figures_store.messages_of_purpose(
        connection, platform, purpose.value, first_id=first_id_of(since), since=since
    )
    shed = path is SentBy.EVERY_CONTACT_WHILE_SHED
    return StandingCampaign(
        name=path.value,
        trigger=path.value,
        text=template_of(purpose),
        campaign_id=None,
        state=CampaignState.RUNNING,
        acts_now=not shed or MODES[mode].level >= FIRST_THAT_TEXTS,
        modes=tuple(m for m in Mode if MODES[m].level >= FIRST_THAT_TEXTS) if shed else (),
        messages=sum(count.messages for count in counts),
        segments=sum(count.segments for count in counts),
        statuses=_statuses(counts),
    )


def _of_triggers(connection: Connection, platform: str, mode: Mode) -> list[StandingCampaign]:
    standing = []
    for campaign in campaign_store.standing(connection, platform):
        counts = campaign_figures_store.messages(connection, campaign.id)
        asked = not campaign.plan.modes or mode in campaign.plan.modes
        standing.append(
            StandingCampaign(
                name=campaign.name,
                trigger=campaign.trigger.value if campaign.trigger else "",
                text=campaign.plan.text,
                campaign_id=campaign.id,
                state=campaign.state,
                acts_now=asked and campaign.state is CampaignState.RUNNING,
                modes=campaign.plan.modes,
                messages=sum(count.messages for count in counts),
                segments=sum(count.segments for count in counts),
                statuses=_statuses(counts),
            )
        )
    return standing


def _statuses(counts: list[MessageCount]) -> dict[MessageStatus, int]:
    return {MessageStatus(count.status): count.messages for count in counts}
