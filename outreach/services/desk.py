"""An agent's desk, read in one transaction: the shift, the person in hand, the call, what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_attempts import CallStatus
from outreach.domain.callback_slots import MOST_AHEAD, SlotsOfPart, callback_slots
from outreach.domain.calling_hours import OpenHours
from outreach.domain.case_records import Person
from outreach.domain.desk_keys import Command, keys_in_force
from outreach.domain.load_shedding import Mode
from outreach.domain.outcome_choices import OutcomeChoice, OutcomeGroup, outcome_choices
from outreach.domain.outcome_undo import seconds_left
from outreach.domain.purposes import Purpose
from outreach.domain.roles import Role
from outreach.errors import NotFound
from outreach.services.access import Asker
from outreach.services.break_glass import hidden_from
from outreach.services.case_reading import CaseReading
from outreach.services.desk_words import DeskWords
from outreach.services.handing_out import queues_for
from outreach.services.interviews import Interview, Interviews
from outreach.services.outcome_undo import OutcomeUndo
from outreach.services.settling import hours_for
from outreach.storage import (
    attempt_store,
    call_list_store,
    case_sheet_store,
    desk_reading_store,
    desk_store,
    lease_store,
    mode_store,
    person_store,
)
from outreach.storage.attempt_store import Attempt
from outreach.storage.call_list_store import HouseholdEntry
from outreach.storage.case_sheet_store import CaseCard
from outreach.storage.database import Connection, Database
from outreach.storage.desk_reading_store import AtDesk, NamedContact, PastCall
from outreach.storage.lease_store import Leased
from outreach.storage.undo_store import Undoable
from outreach.storage.vault import PersonKey, Vault

RECENT_SWITCH = timedelta(minutes=30)


@dataclass(frozen=True)
class ModeSeen:
    """The mode in force. `new`: switched during this shift, a short while ago."""

    mode: Mode
    reason: str
    since: datetime
    ends_at: datetime | None
    new: bool


@dataclass(frozen=True)
class Shift:
    """The quiet line at the top of the desk. `at_desk` None: no shift was ever begun."""

    platform: str
    at_desk: AtDesk | None
    mode: ModeSeen | None
    held: Leased | None
    undoable: Undoable | None

    def undo_seconds(self, now: datetime) -> int:
        """How long the last outcome may still be undone."""
        return 0 if self.undoable is None else seconds_left(self.undoable.said_at, now)

    @property
    def begun(self) -> bool:
        return self.at_desk is not None and self.at_desk.state != "OFF"

    @property
    def paused(self) -> bool:
        return self.at_desk is not None and self.at_desk.pause is not None


@dataclass(frozen=True)
class Relative:
    """Someone else behind the same number, who may be told in the same call; a `restricted` person is not
    named, and is called by themselves."""

    entry: HouseholdEntry
    person: Person | None
    restricted: bool = False


@dataclass(frozen=True)
class InCall:
    """An open try, what the agent may say of it, and who may be brought in."""

    attempt: Attempt
    hand_raised: bool
    colleagues: dict[str, int]
    choices: dict[OutcomeGroup, list[OutcomeChoice]]


@dataclass(frozen=True)
class PersonInHand:
    """Whom the agent holds, and all that is shown of them. `draft`: what was typed and not said yet."""

    leased: Leased
    card: CaseCard
    hours: OpenHours
    our_zone: str
    household: list[Relative]
    calls: list[PastCall]
    messages: list[dict[str, Any]]
    replies: list[dict[str, Any]]
    contacts: list[NamedContact]
    interview: Interview | None
    draft: dict[str, str]
    third_party_text: str = ""


@dataclass(frozen=True)
class DeskView:
    """Everything on the screen. `waits_until`, `ready`: told only when nobody is in hand."""

    shift: Shift
    in_hand: PersonInHand | None
    call: InCall | None
    keys: dict[Command, str]
    waits_until: datetime | None = None
    ready: bool = False


@dataclass(frozen=True)
class Desk:
    """Reads; what the agent does goes through the services of calls."""

    database: Database
    vault: Vault
    clock: Clock
    case_reading: CaseReading
    interviews: Interviews
    words: DeskWords
    undo: OutcomeUndo

    def view(self, asker: Asker) -> DeskView:
        """The whole desk; reading the person is noted. Raises NotFound when the asker has no platform."""
        now = self.clock.now()
        with self.database.begin() as connection:
            shift = self._shift(connection, asker, now)
            attempt = attempt_store.open_of_agent(connection, asker.user_id)
            in_hand = self._in_hand(connection, asker, shift.held, attempt) if shift.held else None
            call = self._in_call(connection, attempt, shift.held, now) if attempt else None
            waits_until, ready = (None, False) if in_hand else self._next(connection, asker, now)
            keys = keys_in_force(desk_store.keys_of(connection, asker.user_id))
        if in_hand is not None:  # may take a connection of its own: none is held meanwhile
            in_hand = replace(in_hand, third_party_text=self.case_reading.third_party_text(in_hand.card))
        return DeskView(shift, in_hand, call, keys, waits_until, ready)

    def shift(self, asker: Asker) -> Shift:
        """The top line alone: no person is read."""
        with self.database.begin() as connection:
            return self._shift(connection, asker, self.clock.now())

    def call(self, asker: Asker) -> InCall | None:
        """The call alone: no person is read."""
        now = self.clock.now()
        with self.database.begin() as connection:
            attempt = attempt_store.open_of_agent(connection, asker.user_id)
            held = lease_store.lease_of(connection, asker.user_id)
            return self._in_call(connection, attempt, held, now) if attempt else None

    def colleagues(self, attempt: Attempt) -> dict[str, int]:
        """How many of each role are free to be brought into a call."""
        now = self.clock.now()
        with self.database.begin() as connection:
            return desk_reading_store.free_colleagues(
                connection, attempt.platform, but=attempt.agent_id, now=now
            )

    def contacts(self, positive_id: UUID, asker: Asker) -> list[NamedContact]:
        """Whom a positive named, for who has just named one more."""
        with self.database.begin() as connection:
            return self._contacts(connection, positive_id, asker.user_id)

    def callback_slots(self, asker: Asker, entry_id: UUID) -> list[SlotsOfPart]:
        """When this person may be promised a call, on their own clock. Raises NotFound, Conflict."""
        with self.database.begin() as connection:
            entry = call_list_store.held_entry(connection, entry_id, asker.user_id)
            context = call_list_store.context_of(connection, entry_id)
            hours = hours_for(entry, context)
            now = self.clock.now()
            promised = desk_reading_store.promised_calls(
                connection, entry.platform, since=now, until=now + timedelta(days=MOST_AHEAD)
            )
        supervises = Role.SUPERVISOR in asker.roles
        return callback_slots(
            hours,
            now,
            promised=promised,
            deadline=entry.deadline,
            past_deadline=supervises or entry.purpose is not Purpose.INTERVIEW,
        )

    def _shift(self, connection: Connection, asker: Asker, now: datetime) -> Shift:
        held = lease_store.lease_of(connection, asker.user_id)
        at_desk = desk_reading_store.at_desk(connection, asker.user_id)
        platform = held.platform if held else _first_platform(asker)
        return Shift(
            platform,
            at_desk,
            _mode(connection, platform, at_desk, now),
            held,
            self.undo.undoable(connection, asker.user_id, now),
        )

    def _in_hand(
        self, connection: Connection, asker: Asker, leased: Leased, attempt: Attempt | None
    ) -> PersonInHand:
        readable = (*asker.platforms, leased.platform)  # what is lent to an agent they may read
        card, household = self.case_reading.in_hand(
            connection, leased, reader=asker.user_id, platforms=readable
        )
        key = None if card.person is None else person_store.person_key(connection, self.vault, card.person.id)
        own = attempt if attempt is not None and attempt.entry_id == leased.entry_id else None
        record_id = leased.case_record_id
        context = call_list_store.context_of(connection, leased.entry_id)
        return PersonInHand(
            leased=leased,
            card=card,
            hours=hours_for(call_list_store.read(connection, leased.entry_id), context),
            our_zone=context.platform_zone,
            household=self._relatives(connection, household, asker.user_id),
            calls=[_with_note(call, key) for call in desk_reading_store.past_calls(connection, record_id)],
            messages=case_sheet_store.messages_of(connection, record_id),
            replies=_opened_replies(connection, leased.person_id, key),
            contacts=self._contacts(connection, record_id, asker.user_id),
            interview=self.interviews.beside(connection, own) if own and key else None,
            draft=self._draft(connection, asker.user_id, leased.entry_id, key),
        )

    def _draft(
        self, connection: Connection, agent_id: UUID, entry_id: UUID, key: PersonKey | None
    ) -> dict[str, str]:
        return {} if key is None else self.words.draft_of(connection, agent_id, entry_id, key)

    def _contacts(self, connection: Connection, positive_id: UUID, reader: UUID) -> list[NamedContact]:
        named = desk_reading_store.named_contacts(connection, self.vault, positive_id)
        hidden = self._hidden(connection, [each.case_record_id for each in named], reader)
        return [
            replace(each, person=None, restricted=True) if each.case_record_id in hidden else each
            for each in named
        ]

    def _relatives(
        self, connection: Connection, household: Sequence[HouseholdEntry], reader: UUID
    ) -> list[Relative]:
        hidden = self._hidden(connection, [entry.case_record_id for entry in household], reader)
        shown = [entry.person_id for entry in household if entry.case_record_id not in hidden]
        people = desk_reading_store.persons_of(connection, self.vault, shown) if shown else {}
        return [
            Relative(entry, people.get(entry.person_id), restricted=entry.case_record_id in hidden)
            for entry in household
        ]

    def _hidden(self, connection: Connection, records: Sequence[UUID], reader: UUID) -> set[UUID]:
        """A restricted person is not named beside whom the agent calls."""
        return hidden_from(connection, reader, records, self.clock.now()) if records else set()

    def _in_call(
        self, connection: Connection, attempt: Attempt, held: Leased | None, now: datetime
    ) -> InCall:
        talking = attempt.status is CallStatus.ANSWERED
        purpose = held.purpose if held else Purpose.INTERVIEW
        return InCall(
            attempt,
            desk_reading_store.hand_is_raised(connection, attempt.id),
            desk_reading_store.free_colleagues(connection, attempt.platform, but=attempt.agent_id, now=now)
            if talking
            else {},
            outcome_choices(purpose, dialled=attempt.dialled_at is not None or not attempt.over),
        )

    def _next(self, connection: Connection, asker: Asker, now: datetime) -> tuple[datetime | None, bool]:
        return desk_reading_store.next_callable(
            connection,
            platforms=asker.platforms,
            queues=[queue.value for queue in queues_for(asker)],
            languages=asker.languages,
            now=now,
        )


def _first_platform(asker: Asker) -> str:
    if not asker.platforms:
        raise NotFound("You belong to no platform: ask your administrator.")
    return asker.platforms[0]


def _mode(connection: Connection, platform: str, at_desk: AtDesk | None, now: datetime) -> ModeSeen:
    found = mode_store.in_force(connection, platform)
    ended = found.ends_at is not None and now >= found.ends_at
    since = found.ends_at if ended and found.ends_at is not None else found.starts_at
    begun = at_desk.since if at_desk else now
    return ModeSeen(
        found.at(now),
        "" if ended else found.reason,
        since,
        None if ended else found.ends_at,
        new=begun < since and now - since < RECENT_SWITCH,
    )


def _with_note(call: PastCall, key: PersonKey | None) -> PastCall:
    if key is None or call.sealed_note is None:
        return call
    return replace(call, note=key.open_text(call.sealed_note))


def _opened_replies(connection: Connection, person_id: UUID, key: PersonKey | None) -> list[dict[str, Any]]:
    if key is None:
        return []
    replies = case_sheet_store.replies_of(connection, person_id)
    return [{**reply, "body": key.open_text(reply["sealed_body"])} for reply in replies]
