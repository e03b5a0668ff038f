"""Turns entries that the mode sheds into messages, inside the claim's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from outreach.domain.case_records import Person
from outreach.domain.load_shedding import ModeInForce
from outreach.domain.messages import URGENCY_OF, USEFUL_FOR, MessagePurpose, MessageStatus
from outreach.domain.outcomes import CallOutcome
from outreach.domain.send_ledger import Claim, Prepared
from outreach.ids import new_id
from outreach.rendering import Catalog, RenderedText
from outreach.services.message_settings import MessageSettings
from outreach.services.settling import inform
from outreach.storage import journal, message_store, platform_store, shed_store
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
    catalog: Catalog
    settings: MessageSettings

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
        by_number = _by_number(entries)
        since = claim.now - ONE_SMS_FOR_HOUSEHOLD
        standing = shed_store.standing_messages(connection, list(by_number), since=since)
        name = platform_store.read(connection, mode.platform).name
        made: dict[bytes, tuple[NewMessage, Prepared]] = {}
        unreadable: list[UUID] = [e.entry_id for e in entries if e.number_index is None]
        for number, household in by_number.items():
            if number in standing:
                continue
            try:
                made[number] = self._message(claim, mode, household[0], self._render(name, household[0]))
            except (CannotOpen, IndexError):  # a sealed value that no longer fits: called instead
                unreadable += [entry.entry_id for entry in household]
        message_store.add(connection, [message for message, _ in made.values()], actor=SHEDDER)
        stands = standing | {number: message.id for number, (message, _) in made.items()}
        pairs = [
            (entry.entry_id, stands[number])
            for number, household in by_number.items()
            if number in stands
            for entry in household
        ]
        shed_store.stand(connection, pairs, mode_version=mode.version, now=claim.now)
        shed_store.never_shed(connection, unreadable)
        self._tell_joined(connection, standing, claim.now)
        return [prepared for _, prepared in made.values()]

    def _tell_joined(self, connection: Connection, standing: dict[bytes, UUID], now: datetime) -> None:
        """Who joins a message that has arrived already is told from now on."""
        delivered = message_store.delivered_among(connection, list(standing.values()))
        inform(connection, delivered, CallOutcome.SMS_DELIVERED, now)

    def _render(self, platform_name: str, entry: ShedEntry) -> RenderedText:
        return _rendered(self.catalog, platform_name, self.settings.information_address, entry.language)

    def _message(
        self, claim: Claim, mode: ModeInForce, entry: ShedEntry, text: RenderedText
    ) -> tuple[NewMessage, Prepared]:
        key = self.vault.person_key(entry.person_id, entry.wrapped_key)
        position = entry.phone_position or 0
        to = Person.from_sealed(key.open(entry.sealed_person)).number_at(position)
        message = NewMessage(
            id=new_id(),
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
            sealed_body=key.seal_text(text.text),
            segments=text.segments,
            send_id=new_id(),
            tries=1,
            not_before=claim.now,
            useful_until=claim.now + USEFUL_FOR[PURPOSE],
            claimed_by=claim.claimed_by,
            claimed_at=claim.now,
            created_at=claim.now,
        )
        return message, _prepared(message, to, text.text, entry.time_zone)


def _prepared(message: NewMessage, to: str, body: str, time_zone: str) -> Prepared:
    return Prepared(
        message_id=message.id,
        send_id=message.send_id,
        to=to,
        body=body,
        segments=message.segments,
        time_zone=time_zone,
        useful_until=message.useful_until,
    )


def _by_number(entries: Sequence[ShedEntry]) -> dict[bytes, list[ShedEntry]]:
    """Entries behind one number together; each entry under the first number it was taken with."""
    grouped: dict[bytes, list[ShedEntry]] = {}
    seen: set[UUID] = set()
    for entry in entries:
        if entry.number_index is not None and entry.entry_id not in seen:
            seen.add(entry.entry_id)
            grouped.setdefault(bytes(entry.number_index), []).append(entry)
    return grouped


@lru_cache(maxsize=256)
def _rendered(catalog: Catalog, platform_name: str, address: str, language: str) -> RenderedText:
    """The text names nobody: it is one for a platform and a language."""
    return catalog.render(PURPOSE, language, {"platform_name": platform_name, "information_address": address})
