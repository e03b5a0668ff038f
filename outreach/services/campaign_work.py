"""The sweep of campaigns, in short pieces: killed between any two, nobody is missed or reached twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from outreach.clock import Clock, monotonic
from outreach.domain.audiences import ExclusionRules, exclusion_of
from outreach.domain.campaigns import (
    CampaignChannel,
    CampaignState,
    FollowUpKind,
    follow_up_step,
)
from outreach.domain.messages import MessageStatus
from outreach.services.audiences import query_of
from outreach.services.call_campaigns import CallCampaigns
from outreach.services.campaign_journal import journal_move
from outreach.services.campaign_members import CampaignMembers
from outreach.services.campaign_messages import CampaignMessages
from outreach.storage import (
    audience_store,
    campaign_entry_store,
    campaign_hold_store,
    campaign_member_store,
    campaign_store,
    journal,
    message_store,
    shed_store,
)
from outreach.storage.campaign_member_store import Followed, Look
from outreach.storage.campaign_store import Campaign
from outreach.storage.database import Connection, Database
from outreach.storage.message_store import Move
from outreach.storage.touched import touch_platform

SECONDS = 1.0  # of one look at all campaigns: other sweeps wait meanwhile
PIECE = 1_000
CAMPAIGNS = journal.by_system("campaigns")
CANCELLED, ENDED = "CAMPAIGN_CANCELLED", "CAMPAIGN_ENDED"


@dataclass(frozen=True)
class CampaignWork:
    """Several may run: each piece holds its campaign's row, and who finds it held goes to the next one."""

    database: Database
    clock: Clock
    members: CampaignMembers
    messages: CampaignMessages
    calls: CallCampaigns

    def run(self, *, most_seconds: float = SECONDS) -> int:
        """One look at every campaign at work; how many members, messages and entries were dealt with."""
        until, done = monotonic() + most_seconds, 0
        with self.database.begin() as connection:
            waiting = campaign_store.at_work(connection)
        while waiting and monotonic() < until:  # a piece of each in turn
            found = {campaign_id: self.piece(campaign_id) for campaign_id in waiting}
            done += sum(found.values())
            waiting = [campaign_id for campaign_id, count in found.items() if count]
        return done

    def piece(self, campaign_id: UUID) -> int:
        """One short transaction of one campaign; 0: nothing is to be done now."""
        now = self.clock.now()
        with self.database.begin() as connection:
            campaign = campaign_store.lock_if_free(connection, campaign_id)
            if campaign is None:
                return 0
            done = self._piece(connection, campaign, now)
            if done:
                touch_platform(connection, campaign.platform)  # its page shows how far it is
            return done

    def _piece(self, connection: Connection, campaign: Campaign, now: datetime) -> int:
        match campaign.state:
            case CampaignState.RUNNING:
                return self._run(connection, campaign, now)
            case CampaignState.PAUSED:
                return self._hold(connection, campaign)
            case CampaignState.CANCELLED:
                return self._withdraw(connection, campaign, CANCELLED, now)
            case CampaignState.DRAFT | CampaignState.READY | CampaignState.DONE:
                return 0
            case _:
                assert_never(campaign.state)

    def _run(self, connection: Connection, campaign: Campaign, now: datetime) -> int:
        if campaign.trigger is not None:
            joined = self.members.join(connection, campaign, now)
            return joined + self._reach(connection, campaign, now)
        if campaign.frozen_at is None:
            return self.members.freeze(connection, campaign, now) or 1
        if campaign.starts_at is not None and now < campaign.starts_at:
            return 0
        if campaign.ends_at is not None and now >= campaign.ends_at:
            return self._withdraw(connection, campaign, ENDED, now)
        reached = self._reach(connection, campaign, now)
        if reached == 0 and self._is_over(connection, campaign):
            self._finish(connection, campaign, now)
        return reached

    def _reach(self, connection: Connection, campaign: Campaign, now: datetime) -> int:
        if campaign.channel is CampaignChannel.CALLS:
            zones = shed_store.zones_of_callees(connection)
            return self.calls.make(connection, campaign, now, zones=zones)
        campaign_hold_store.keep_to_window(connection, campaign.id, campaign.plan.window, now=now)
        made = self.messages.make(connection, campaign, now)
        return made + self._follow_up(connection, campaign, now)

    def _follow_up(self, connection: Connection, campaign: Campaign, now: datetime) -> int:
        """Reminders to who did not read, then the call list."""
        if not campaign.plan.follow_up.is_asked:
            return 0
        campaign_member_store.look_soon_at_failed(connection, campaign.id, now=now)
        due = campaign_member_store.due_for_follow_up(connection, campaign.id, now=now, most=PIECE)
        if not due:
            return 0
        steps = {
            member: follow_up_step(
                campaign.plan.follow_up, member.first, member.reminder, now, replied=member.replied
            )
            for member in due
        }
        remind = [member for member, step in steps.items() if step.kind is FollowUpKind.REMIND]
        reminders = self.messages.remind(connection, campaign, remind, now) if remind else {}
        call = [member for member, step in steps.items() if step.kind is FollowUpKind.CALL]
        call += [member for member in remind if member.person_id not in reminders]
        entries = self._call(connection, campaign, call, now) if call else {}
        looks = [
            Look(
                member.person_id,
                member.occasion,
                _next_look(campaign, step.at, now, reminded=member.person_id in reminders),
                reminders.get(member.person_id),
                entries.get(member.case_record_id),
            )
            for member, step in steps.items()
        ]
        campaign_member_store.save_looks(connection, campaign.id, looks)
        return len(looks)

    def _call(
        self, connection: Connection, campaign: Campaign, members: Sequence[Followed], now: datetime
    ) -> dict[UUID, UUID]:
        """Whom no SMS reached stands on the call list, unless a call to them waits there already."""
        follow_up = campaign.plan.follow_up
        if follow_up.call_after_hours is None:
            return {}
        query = replace(query_of(campaign, now), call_purpose=campaign.plan.call_purpose.value)
        records = [member.case_record_id for member in members]
        rules, waiting = ExclusionRules(by_sms=False), campaign_entry_store.open_entry_of(connection, records)
        people = [
            who
            for who in audience_store.again(connection, query, records)
            if exclusion_of(replace(who.facts, in_a_call=False), rules) is None
            and who.case_record_id not in waiting
        ]
        return self.calls.put_on_list(connection, campaign, people, now, call_class=follow_up.call_class)

    def _is_over(self, connection: Connection, campaign: Campaign) -> bool:
        """Nobody waits for an SMS, a fate, a follow-up or a call any more."""
        return not (
            campaign_member_store.has_pending(connection, campaign.id)
            or campaign_member_store.has_follow_ups(connection, campaign.id)
            or campaign_hold_store.on_the_way(connection, campaign.id)
            or campaign_hold_store.has_open_entries(connection, campaign.id)
        )

    def _finish(self, connection: Connection, campaign: Campaign, now: datetime) -> None:
        campaign_store.change(connection, campaign.id, state=CampaignState.DONE.value, ended_at=now)
        journal_move(connection, campaign, CampaignState.DONE, now, actor=CAMPAIGNS)

    def _hold(self, connection: Connection, campaign: Campaign) -> int:
        """What came back to the queue or the list after the pause waits too."""
        held = campaign_hold_store.hold_messages(connection, campaign.id)
        return held + campaign_hold_store.hold_entries(connection, campaign.id, most=PIECE)

    def _withdraw(self, connection: Connection, campaign: Campaign, because: str, now: datetime) -> int:
        """Queued messages are cancelled, waiting entries closed; then the campaign has ended."""
        queued = campaign_hold_store.queued_ids(connection, campaign.id, most=PIECE)
        moves = [Move(message_id, MessageStatus.CANCELLED) for message_id in queued]
        message_store.move(connection, moves, actor=CAMPAIGNS, now=now)
        closed = campaign_hold_store.close_entries(
            connection, campaign.id, because=because, now=now, most=PIECE
        )
        if queued or closed:
            return len(queued) + closed
        if campaign_hold_store.is_in_hand(connection, campaign.id):
            return 0  # what a sender or an agent has in hand may come back
        if campaign.state is CampaignState.RUNNING:
            self._finish(connection, campaign, now)
        else:
            campaign_store.change(connection, campaign.id, ended_at=now)
        return 0


def _next_look(campaign: Campaign, at: datetime | None, now: datetime, *, reminded: bool) -> datetime | None:
    """A reminder is followed up in its turn; otherwise as the step says."""
    if not reminded or campaign.plan.follow_up.call_after_hours is None:
        return at
    return now
