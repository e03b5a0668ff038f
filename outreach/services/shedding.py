"""Turns entries that the mode sheds into messages, inside the claim's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from uuid import UUID

from outreach.domain.case_records import Person
from outreach.domain.household_texts import plan_households
from outreach.domain.load_shedding import ModeInForce
from outreach.domain.messages import URGENCY_OF, USEFUL_FOR, MessagePurpose, MessageStatus, Urgency
from outreach.domain.outcomes import CallOutcome
from outreach.domain.scripts import RenderedText, template_of
from outreach.domain.send_ledger import Claim, Prepared
from outreach.ids import new_id
from outreach.services.message_settings import MessageSettings
from outreach.services.personal_links import PersonalLinks
from outreach.services.scripts import Scripts
from outreach.services.settling import inform
from outreach.storage import journal, message_store, shed_store
from outreach.storage.database import Connection
from outreach.storage.message_store import NewMessage
from outreach.storage.shed_store import ShedEntry
from outreach.storage.vault import CannotOpen, Vault

# Someone listed shortly after their household was told is told by the same SMS.
ONE_SMS_FOR_HOUSEHOLD = timedelta(hours=24)
PURPOSE = MessagePurpose.CONTACT_INFORMED
SHEDDER = journal.by_system("shedding")


@dataclass(frozen=True)
class Shedding:
    """Only the sender calls this: whom it takes is neither leased nor leasable from then on."""

    vault: Vault
    scripts: Scripts
    settings: MessageSettings
    links: PersonalLinks

    def shed(
        self, connection: Connection, claim: Claim, mode: ModeInForce, *, zones: Sequence[str], most: int
    ) -> list[Prepared]:
        """Make SENDING messages of up to `most` entries (and of their households) that this mode texts.

        `zones`: where an SMS may arrive now. The mode's row is locked by the caller, so that entry, message
        and mode are of one version.
        """
        level = mode.level(claim.now)
        entries = shed_store.take(connection, mode.platform, level=level, zones=zones, most=most)
        if not entries:
            return []
        entries += self._households(connection, mode, level, entries)
        return self._text(connection, claim, mode, entries)

    def _households(
        self, connection: Connection, mode: ModeInForce, level: int, entries: Sequence[ShedEntry]
    ) -> list[ShedEntry]:
        numbers = {entry.number_index for entry in entries if entry.number_index}
        taken = [entry.entry_id for entry in entries]
        return shed_store.take_household(
            connection, mode.platform, level=level, numbers=sorted(numbers), taken=taken
        )

    def _text(
        self, connection: Connection, claim: Claim, mode: ModeInForce, entries: Sequence[ShedEntry]
    ) -> list[Prepared]:
        since = claim.now - ONE_SMS_FOR_HOUSEHOLD
        numbers = sorted({entry.number_index for entry in entries if entry.number_index is not None})
        plan = plan_households(entries, shed_store.told_numbers(connection, numbers, since=since))
        made: list[tuple[NewMessage, Prepared]] = []
        pairs = [(entry.entry_id, message_id) for entry, message_id in plan.joined]
        called = [entry.entry_id for entry in plan.called]
        text_in = cache(partial(self._render, connection, claim, mode.platform))  # it names nobody
        for household in plan.texted.values():
            ids = [entry.entry_id for entry in household]
            try:
                made.append(self._message(claim, mode, household[0], text_in(household[0].language)))
            except (CannotOpen, IndexError):  # a sealed value that no longer fits: called instead
                called += ids
            else:
                pairs += [(entry_id, made[-1][0].id) for entry_id in ids]
        message_store.add(connection, [message for message, _ in made], actor=SHEDDER)
        shed_store.stand(connection, pairs, mode_version=mode.version, now=claim.now)
        shed_store.never_shed(connection, called)
        self._tell_joined(connection, [message_id for _, message_id in plan.joined], claim.now)
        return [prepared for _, prepared in made]

    def _tell_joined(self, connection: Connection, standing: Sequence[UUID], now: datetime) -> None:
        """Who joins a message that has arrived already is told from now on."""
        delivered = message_store.delivered_among(connection, standing)
        inform(connection, delivered, CallOutcome.SMS_DELIVERED, now)

    def _render(self, connection: Connection, claim: Claim, platform: str, language: str) -> RenderedText:
        return self.scripts.render(
            connection,
            template_of(PURPOSE),
            language=language,
            platform=platform,
            now=claim.now,
            variables={"personal_link": self.links.stand_in},
        )

    def _message(
        self, claim: Claim, mode: ModeInForce, entry: ShedEntry, text: RenderedText
    ) -> tuple[NewMessage, Prepared]:
        """The text names nobody: only the link is this message's own."""
        message_id = new_id()
        body = text.text.replace(self.links.stand_in, self.links.address_of(message_id))
        key = self.vault.person_key(entry.person_id, entry.wrapped_key)
        position = entry.phone_position or 0
        to = Person.from_sealed(key.open(entry.sealed_person)).number_at(position)
        message = NewMessage(
            id=message_id,
            platform=mode.platform,
            person_id=entry.person_id,
            case_record_id=entry.case_record_id,
            entry_id=entry.entry_id,
            purpose=PURPOSE.value,
            status=MessageStatus.SENDING.value,
            urgency=int(URGENCY_OF[PURPOSE]),
            number_index=entry.number_index or b"",
            phone_position=position,
            sender=claim.sender,
            template=text.template,
            template_version=text.version,
            mode_version=mode.version,
            language=text.language,
            sealed_body=key.seal_text(body),
            segments=text.segments,
            send_id=new_id(),
            tries=1,
            not_before=claim.now,
            useful_until=claim.now + USEFUL_FOR[PURPOSE],
            claimed_by=claim.claimed_by,
            claimed_at=claim.now,
            created_at=claim.now,
            parameters=text.stamp,
            link_digest=self.links.digest_of(message_id),
        )
        return message, _prepared(message, to, body, entry.time_zone)


def _prepared(message: NewMessage, to: str, body: str, time_zone: str) -> Prepared:
    return Prepared(
        message_id=message.id,
        send_id=message.send_id,
        to=to,
        body=body,
        segments=message.segments,
        time_zone=time_zone,
        useful_until=message.useful_until,
        platform=message.platform,
        urgency=Urgency(message.urgency),
    )
