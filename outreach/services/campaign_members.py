"""Who is a campaign's: its audience frozen piece by piece, or people who join as a trigger fires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.domain.audiences import Exclusion
from outreach.domain.campaigns import CampaignChannel, MemberState
from outreach.domain.load_shedding import Mode
from outreach.services.audiences import FIRST, Audiences, Judged, query_of
from outreach.storage import audience_store, campaign_member_store, campaign_store, mode_store
from outreach.storage.campaign_member_store import NewMember
from outreach.storage.campaign_store import Campaign
from outreach.storage.database import Connection

PIECE = 2_000
# A trigger speaks of what happened lately: a rule that was paused for a week does not write to last week's.
RECENTLY = timedelta(hours=24)


@dataclass(frozen=True)
class CampaignMembers:
    """Each call is one piece, in the caller's transaction, which holds the campaign's row."""

    audiences: Audiences
    piece: int = PIECE

    def freeze(self, connection: Connection, campaign: Campaign, now: datetime) -> int:
        """Take the next people of the audience in; how many were found. The row remembers how far it is."""
        after = campaign.frozen_after or FIRST
        found = audience_store.piece(connection, query_of(campaign, now), after=after, most=self.piece)
        numbers = [each.facts.number_index for each in found if each.facts.number_index is not None]
        taken = campaign_member_store.taken_numbers(connection, campaign.id, numbers)
        judged = list(self.audiences.judge(campaign, found, taken, now=now))
        room = (campaign.confirmed_count or 0) - campaign_member_store.included(connection, campaign.id)
        campaign_member_store.add(
            connection, [_member(campaign, each, now) for each in _within(judged, room)]
        )
        campaign_store.change(
            connection,
            campaign.id,
            frozen_after=found[-1].person_id if found else after,
            frozen_at=None if len(found) == self.piece else now,
        )
        return len(found)

    def join(self, connection: Connection, campaign: Campaign, now: datetime) -> int:
        """People for whom the trigger fired become members, while the mode asks for it; how many."""
        mode = mode_store.in_force(connection, campaign.platform).at(now)
        if campaign.trigger is None or not _acts_under(campaign, mode):
            return 0
        joining = campaign_member_store.joining(
            connection,
            campaign.id,
            campaign.trigger.value,
            platform=campaign.platform,
            since=campaign.started_at or now,
            recent=now - RECENTLY,
            most=self.piece,
        )
        members = [
            NewMember(
                campaign_id=campaign.id,
                person_id=each.person_id,
                occasion=each.case_record_id,
                case_record_id=each.case_record_id,
                state=MemberState.PENDING.value,
                left_out_because=None,
                number_index=None,  # two people of a household may join a month apart
                joined_at=now,
            )
            for each in joining
        ]
        campaign_member_store.add(connection, members)
        return len(members)


def _acts_under(campaign: Campaign, mode: Mode) -> bool:
    return not campaign.plan.modes or mode in campaign.plan.modes


def _within(judged: Sequence[Judged], room: int) -> list[Judged]:
    """Never more members than were confirmed, whatever changed since."""
    kept = []
    for each in judged:
        if each.exclusion is None:
            room -= 1
            if room < 0:
                kept.append(Judged(each.candidate, Exclusion.NOT_CONFIRMED))
                continue
        kept.append(each)
    return kept


def _member(campaign: Campaign, judged: Judged, now: datetime) -> NewMember:
    by_sms = campaign.channel is CampaignChannel.SMS
    return NewMember(
        campaign_id=campaign.id,
        person_id=judged.candidate.person_id,
        occasion=campaign.id,
        case_record_id=judged.candidate.case_record_id,
        state=(MemberState.LEFT_OUT if judged.exclusion else MemberState.PENDING).value,
        left_out_because=judged.exclusion.value if judged.exclusion else None,
        number_index=judged.candidate.facts.number_index if by_sms else None,
        joined_at=now,
    )
