"""Campaigns of calls: entries on the call list, with the campaign's own script and outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.audiences import CandidateFacts, Exclusion, exclusion_of
from outreach.domain.call_list import CallClass, CaseFacts, PlannedEntry, planned_entry
from outreach.domain.calling_hours import CallingHours, hours_from
from outreach.domain.campaigns import CampaignOutcome
from outreach.domain.load_shedding import ShedFacts, shed_level
from outreach.domain.outcomes import CallOutcome
from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.audiences import query_of, rules_of
from outreach.storage import (
    audience_store,
    call_list_store,
    campaign_entry_store,
    campaign_member_store,
    campaign_store,
    lease_store,
    platform_store,
)
from outreach.storage.audience_store import Candidate
from outreach.storage.campaign_member_store import Made, Pending
from outreach.storage.campaign_store import Campaign
from outreach.storage.database import Connection, Database
from outreach.storage.intake_rows import NewEntry
from outreach.storage.platform_store import Platform

PIECE = 500


@dataclass(frozen=True)
class EntryCampaign:
    """What an agent with an entry in hand needs of its campaign; `said`: the code kept so far."""

    campaign_id: UUID
    name: str
    script: str
    outcomes: tuple[CampaignOutcome, ...]
    said: str | None


@dataclass(frozen=True)
class CallCampaigns:
    """`make` is one piece, in the caller's transaction, which holds the campaign's row."""

    database: Database
    clock: Clock

    def make(self, connection: Connection, campaign: Campaign, now: datetime, *, zones: Sequence[str]) -> int:
        """Put the next members on the call list; how many members were dealt with."""
        pending = campaign_member_store.take_pending(connection, campaign.id, zones=zones, most=PIECE)
        if not pending:
            return 0
        chosen, left_out = self._divide(connection, campaign, pending, now)
        entries = self.put_on_list(connection, campaign, [who for _, who in chosen], now)
        made = []
        for member, who in chosen:
            entry_id = entries.get(who.case_record_id)
            if entry_id is None:
                left_out.append((member, Exclusion.ON_THE_LIST.value))
            else:
                made.append(Made(member.person_id, member.occasion, None, entry_id, None))
        campaign_member_store.save_made(connection, campaign.id, made, now=now)
        campaign_member_store.leave_out(connection, campaign.id, left_out, now=now)
        return len(pending)

    def _divide(
        self, connection: Connection, campaign: Campaign, pending: Sequence[Pending], now: datetime
    ) -> tuple[list[tuple[Pending, Candidate]], list[tuple[Pending, str]]]:
        """Who is put on the list and who is not after all; after a call under way the next one may come."""
        records = [member.case_record_id for member in pending]
        found = {
            who.case_record_id: who
            for who in audience_store.again(connection, query_of(campaign, now), records)
        }
        chosen: list[tuple[Pending, Candidate]] = []
        left_out: list[tuple[Pending, str]] = []
        for member in pending:
            who = found.get(member.case_record_id)
            facts = CandidateFacts(None, erased=True) if who is None else who.facts
            exclusion = exclusion_of(facts, rules_of(campaign))
            if who is not None and exclusion in (None, Exclusion.IN_A_CALL):
                chosen.append((member, who))
            elif exclusion is not None:
                left_out.append((member, exclusion.value))
        return chosen, left_out

    def put_on_list(
        self,
        connection: Connection,
        campaign: Campaign,
        people: Sequence[Candidate],
        now: datetime,
        *,
        call_class: CallClass | None = None,
    ) -> dict[UUID, UUID]:
        """The new entry of each case record that had no open one of this kind."""
        platform = platform_store.read(connection, campaign.platform)
        hours = hours_from(platform.calling_hours, campaign.plan.call_purpose)
        entries = [_entry(campaign, platform, hours, who, now, call_class) for who in people]
        added = campaign_entry_store.add(connection, campaign.id, entries, now=now)
        return {entry.case_record_id: entry.id for entry in entries if entry.id in added}

    def of_entry(self, entry_id: UUID, *, reader: UUID, platforms: Sequence[str]) -> EntryCampaign:
        """The campaign for which an entry stands on the list. Raises NotFound."""
        with self.database.begin() as connection:
            return self._of_entry(connection, entry_id, reader, platforms)

    def say(self, entry_id: UUID, code: str, *, by: UUID, platforms: Sequence[str]) -> CallOutcome:
        """Keep how the call went in the campaign's words; what to say at the wrap-up.

        Raises InvalidInput for a code that is not the campaign's, Conflict unless the agent holds the entry.
        """
        with self.database.begin() as connection:
            known = self._of_entry(connection, entry_id, by, platforms)
            chosen = next((each for each in known.outcomes if each.code == code), None)
            if chosen is None:
                raise InvalidInput(
                    "This is no outcome of the campaign.",
                    field="code",
                    mend=f"choose one of {', '.join(each.code for each in known.outcomes) or 'none'}",
                )
            call_list_store.held_entry(connection, entry_id, by)
            campaign_member_store.save_outcome(connection, entry_id, code)
        return chosen.outcome

    def _of_entry(
        self, connection: Connection, entry_id: UUID, reader: UUID, platforms: Sequence[str]
    ) -> EntryCampaign:
        found = campaign_member_store.member_of_entry(connection, entry_id)
        campaign = None if found is None else campaign_store.read(connection, found[0])
        if found is None or campaign is None:
            raise NotFound("This entry belongs to no campaign.", code="no_campaign")
        # What an agent holds they may read: it may be lent by a platform that is not theirs.
        if campaign.platform not in platforms and not _is_held(connection, entry_id, reader):
            raise NotFound("This entry belongs to no campaign.", code="no_campaign")
        plan = campaign.plan
        return EntryCampaign(campaign.id, campaign.name, plan.text, plan.outcomes, found[1])


def _is_held(connection: Connection, entry_id: UUID, agent_id: UUID) -> bool:
    leased = lease_store.lease_of(connection, agent_id)
    return leased is not None and leased.entry_id == entry_id


def _entry(
    campaign: Campaign,
    platform: Platform,
    hours: CallingHours,
    who: Candidate,
    now: datetime,
    call_class: CallClass | None,
) -> NewEntry:
    deadline = campaign.ends_at or now + timedelta(days=campaign.plan.days)
    facts = CaseFacts(
        purpose=campaign.plan.call_purpose,
        opened_at=now,
        deadline=deadline,
        zone=who.time_zone,
        region=platform.department if who.time_zone == platform.time_zone else "",
        last_exposure_on=who.last_exposure_on,
        has_number=who.facts.has_number,
        sms_returned=call_class is CallClass.SMS_RETURNED,
    )
    return _planned(campaign, who, planned_entry(facts, hours, now), now)


def _planned(campaign: Campaign, who: Candidate, planned: PlannedEntry, now: datetime) -> NewEntry:
    return NewEntry(
        id=new_id(),
        platform=campaign.platform,
        case_record_id=who.case_record_id,
        person_id=who.person_id,
        purpose=planned.purpose.value,
        state=planned.state.value,
        queue=planned.queue.value,
        language=who.language,
        call_class=int(planned.call_class),
        front=planned.front,
        effective_deadline=planned.effective_deadline,
        tie_break=planned.tie_break,
        deadline=planned.deadline,
        shed_level=shed_level(ShedFacts(Purpose.CAMPAIGN, can_sms=False)),
        not_before=planned.not_before,
        ready_until=planned.ready_until,
        number_index=who.facts.number_index,
        phone_position=who.phone_position or 0,
        entered_at=now,
    )
