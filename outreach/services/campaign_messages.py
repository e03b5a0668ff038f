"""Makes the SMS of a campaign, piece by piece at its pace, and its reminders; the senders post them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from outreach.domain.audiences import Exclusion, exclusion_of
from outreach.domain.campaigns import FollowUp, Window, mark_after, release
from outreach.domain.messages import URGENCY_OF, USEFUL_FOR, MessagePurpose, MessageStatus, Urgency
from outreach.domain.scripts import RenderedText
from outreach.domain.sender_choice import SenderUse, asks_for_answer
from outreach.ids import new_id
from outreach.services.audiences import query_of, rules_of
from outreach.services.campaign_texts import CampaignTexts
from outreach.services.message_queueing import SAME_TEXT_AFTER
from outreach.services.message_settings import MessageSettings
from outreach.services.sender_failover import PlatformSenders, senders_of
from outreach.storage import (
    audience_store,
    campaign_entry_store,
    campaign_hold_store,
    campaign_member_store,
    campaign_store,
    journal,
    message_queue_store,
    message_store,
    mode_store,
    shed_store,
)
from outreach.storage.audience_store import Candidate
from outreach.storage.campaign_member_store import Followed, Made, Pending
from outreach.storage.campaign_store import Campaign
from outreach.storage.database import Connection
from outreach.storage.message_store import NewMessage
from outreach.storage.vault import CannotOpen, Vault

PIECE = 500
CAMPAIGNS = journal.by_system("campaigns")
Texts = dict[str, RenderedText]


@dataclass(frozen=True)
class _Batch:
    """What all messages of one piece share."""

    campaign: Campaign
    purpose: MessagePurpose
    text: str
    senders: PlatformSenders
    mode_version: int
    useful_until: datetime
    now: datetime
    entries: Mapping[UUID, UUID]  # of texts about a call: the entry that stands for it, by case record
    texts: Texts

    def entry_of(self, case_record_id: UUID) -> UUID | None:
        return self.entries.get(case_record_id)


@dataclass(frozen=True)
class CampaignMessages:
    """Each call is one piece, in the caller's transaction, which holds the campaign's row."""

    vault: Vault
    texts: CampaignTexts
    settings: MessageSettings
    piece: int = PIECE

    def make(self, connection: Connection, campaign: Campaign, now: datetime) -> int:
        """Queue the next messages that window and pace allow; how many members were dealt with."""
        rate = campaign.plan.pace.rate(self.settings.segments_per_second)
        queued = campaign_hold_store.queued(connection, campaign.id)
        pace = release(rate, released_at=campaign.released_at, queued=queued, now=now)
        zones = self._open_zones(connection, campaign.plan.window, now)
        if pace.segments == 0 or not zones:
            return 0
        most = min(self.piece, pace.segments)
        pending = campaign_member_store.take_pending(connection, campaign.id, zones=zones, most=most)
        if not pending:
            return 0
        candidates = self._candidates(connection, campaign, pending, now)
        batch = self._batch(connection, campaign, candidates, now)
        chosen, left_out = self._divide(connection, batch, pending, candidates)
        messages = self._messages(connection, batch, [who for _, who in chosen])
        message_store.add(connection, list(messages.values()), actor=CAMPAIGNS)
        made = [
            _made(campaign, member, messages[who.person_id], now)
            for member, who in chosen
            if who.person_id in messages
        ]
        closed = [(member, Exclusion.ERASED.value) for member, who in chosen if who.person_id not in messages]
        campaign_member_store.save_made(connection, campaign.id, made, now=now)
        campaign_member_store.leave_out(connection, campaign.id, left_out + closed, now=now)
        spent = sum(message.segments for message in messages.values())
        campaign_store.change(connection, campaign.id, released_at=mark_after(pace, rate, spent))
        return len(made) + len(left_out) + len(closed)

    def remind(
        self, connection: Connection, campaign: Campaign, members: Sequence[Followed], now: datetime
    ) -> dict[UUID, UUID]:
        """Queue reminders; the message of each person who may still get one."""
        records = [member.case_record_id for member in members]
        found = audience_store.again(connection, query_of(campaign, now), records)
        rules = rules_of(campaign)
        free = [who for who in found if exclusion_of(replace(who.facts, told=False), rules) is None]
        batch = self._batch(connection, campaign, free, now)
        batch = replace(
            batch, purpose=MessagePurpose.REMINDER, text=campaign.plan.follow_up.reminder_template, texts={}
        )
        messages = self._messages(connection, batch, free)
        message_store.add(connection, list(messages.values()), actor=CAMPAIGNS)
        return {person: message.id for person, message in messages.items()}

    def _open_zones(self, connection: Connection, window: Window, now: datetime) -> list[str]:
        zones = self.settings.hours.open_zones(shed_store.zones_of_callees(connection), now)
        return [zone for zone in zones if window.is_open(zone, now)]

    def _candidates(
        self, connection: Connection, campaign: Campaign, pending: Sequence[Pending], now: datetime
    ) -> list[Candidate]:
        """The members as they are now: since they joined, somebody may have said STOP."""
        records = [member.case_record_id for member in pending]
        return audience_store.again(connection, query_of(campaign, now), records)

    def _batch(
        self, connection: Connection, campaign: Campaign, candidates: Sequence[Candidate], now: datetime
    ) -> _Batch:
        purpose = self._purpose(campaign)
        useful_until = now + USEFUL_FOR[purpose]
        records = [who.case_record_id for who in candidates]
        return _Batch(
            campaign=campaign,
            purpose=purpose,
            text=campaign.plan.text,
            senders=senders_of(connection, campaign.platform, default=self.settings.sender, now=now),
            mode_version=mode_store.version(connection, campaign.platform),
            useful_until=min(useful_until, campaign.ends_at or useful_until),
            now=now,
            entries=campaign_entry_store.open_entry_of(connection, records) if campaign.trigger else {},
            texts={},
        )

    def _purpose(self, campaign: Campaign) -> MessagePurpose:
        """A standing campaign's text says what it is for; what a supervisor starts is a campaign's."""
        return self.texts.purpose_of(campaign.plan) if campaign.trigger else MessagePurpose.CAMPAIGN

    def _divide(
        self,
        connection: Connection,
        batch: _Batch,
        pending: Sequence[Pending],
        candidates: Sequence[Candidate],
    ) -> tuple[list[tuple[Pending, Candidate]], list[tuple[Pending, str]]]:
        """Who gets a message now, and who is left out after all; who is in a call waits for its end."""
        found = {who.case_record_id: who for who in candidates}
        chosen: list[tuple[Pending, Candidate]] = []
        left_out: list[tuple[Pending, str]] = []
        taken: set[bytes] = set()
        for member in pending:
            who = found.get(member.case_record_id)
            if who is None:  # the record is gone
                left_out.append((member, Exclusion.ERASED.value))
                continue
            exclusion = self._exclusion(connection, batch, who, taken)
            if exclusion is None:
                chosen.append((member, who))
                taken.add(who.facts.number_index or b"")
            elif exclusion is not Exclusion.IN_A_CALL:
                left_out.append((member, exclusion.value))
        return chosen, left_out

    def _exclusion(
        self, connection: Connection, batch: _Batch, who: Candidate, taken: set[bytes]
    ) -> Exclusion | None:
        exclusion = exclusion_of(who.facts, rules_of(batch.campaign), taken)
        number = who.facts.number_index
        if exclusion is None and batch.campaign.trigger is not None and number is not None:
            since = batch.now - SAME_TEXT_AFTER
            if message_queue_store.was_queued_since(connection, number, batch.purpose, since):
                return Exclusion.HOUSEHOLD_DUPLICATE
        return exclusion

    def _messages(
        self, connection: Connection, batch: _Batch, people: Sequence[Candidate]
    ) -> dict[UUID, NewMessage]:
        """By person. Somebody whose key no longer opens holds up nobody else: they have none."""
        messages = {}
        for who in people:
            if who.language not in batch.texts:
                batch.texts[who.language] = self._text(connection, batch, who.language)
            with suppress(CannotOpen):
                messages[who.person_id] = self._message(batch, who, batch.texts[who.language])
        return messages

    def _text(self, connection: Connection, batch: _Batch, language: str) -> RenderedText:
        return self.texts.sms(
            connection,
            batch.text,
            language=language,
            platform=batch.campaign.platform,
            variables=batch.campaign.plan.variables,
            now=batch.now,
        )

    def _message(self, batch: _Batch, who: Candidate, text: RenderedText) -> NewMessage:
        message_id = new_id()
        body, digest = self.texts.for_message(text, message_id)
        key = self.vault.person_key(who.person_id, who.wrapped_key or b"")
        urgency = URGENCY_OF[batch.purpose] if batch.campaign.trigger else Urgency.BULK
        use = SenderUse(batch.purpose, asks_for_answer(batch.purpose, body), who.facts.number_index or b"")
        return NewMessage(
            id=message_id,
            platform=batch.campaign.platform,
            person_id=who.person_id,
            case_record_id=who.case_record_id,
            entry_id=batch.entry_of(who.case_record_id),
            purpose=batch.purpose.value,
            status=MessageStatus.QUEUED.value,
            urgency=int(urgency),
            number_index=who.facts.number_index or b"",
            phone_position=who.phone_position or 0,
            sender=batch.senders.sender_for(use) or self.settings.sender,
            template=text.template,
            template_version=text.version,
            mode_version=batch.mode_version,
            language=text.language,
            sealed_body=key.seal_text(body),
            segments=text.segments,
            send_id=new_id(),
            tries=0,
            not_before=batch.campaign.plan.window.next_open(who.time_zone, batch.now),
            useful_until=batch.useful_until,
            claimed_by=None,
            claimed_at=None,
            created_at=batch.now,
            parameters=text.stamp,
            link_digest=digest,
            campaign_id=batch.campaign.id,
        )


def _made(campaign: Campaign, member: Pending, message: NewMessage, now: datetime) -> Made:
    look_at = first_look(campaign.plan.follow_up, now)
    return Made(member.person_id, member.occasion, message.id, None, look_at)


def first_look(wanted: FollowUp, now: datetime) -> datetime | None:
    """When the follow-up looks first; a message that fails is looked at sooner."""
    if not wanted.is_asked:
        return None
    return now + timedelta(hours=wanted.reminder_after_hours or wanted.call_after_hours or 0)
