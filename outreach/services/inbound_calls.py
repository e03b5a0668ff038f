"""Calls to the outreach number: put to a free agent, or answered by a message and called back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from outreach.clock import Clock
from outreach.domain.call_attempts import Leg
from outreach.domain.call_list import CallClass, EntryState, Queue, standing_at
from outreach.domain.load_shedding import NEVER_SHED
from outreach.errors import Conflict, InvalidInput, TelephonyError
from outreach.ids import new_id
from outreach.log import get_logger
from outreach.services.asked_calls import ask_for_call
from outreach.services.call_legs import CallLegs
from outreach.services.callback_urls import CallbackUrls, Webhook
from outreach.services.calling import new_attempt, start_attempt
from outreach.services.interview_texts import InterviewTexts
from outreach.services.scripts import Scripts
from outreach.services.settling import hours_for
from outreach.storage import (
    agent_store,
    asked_call_store,
    call_list_store,
    inbound_store,
    journal,
    platform_store,
    reply_store,
)
from outreach.storage.asked_call_store import AskedCall
from outreach.storage.attempt_store import Attempt
from outreach.storage.call_list_store import Entry
from outreach.storage.database import Connection, Database
from outreach.storage.inbound_store import Caller
from outreach.storage.platform_store import Platform
from outreach.storage.reply_store import Writer
from outreach.storage.vault import Vault
from outreach.telephony import markup
from outreach.telephony.webhooks import InboundCall

log = get_logger("inbound_calls")

LEASE = timedelta(minutes=5)
AGENT, MESSAGE = "AGENT", "MESSAGE"
INBOUND = "INBOUND_CALL"
ANSWERING_ROLES = ["agent", "senior"]


@dataclass(frozen=True)
class Answered:
    """What the caller hears, and the attempt whose agent is to be rung once that is said."""

    markup: str
    attempt: Attempt | None = None


@dataclass(frozen=True)
class InboundCalls:
    """Answers the phone."""

    database: Database
    vault: Vault
    clock: Clock
    urls: CallbackUrls
    scripts: Scripts
    legs: CallLegs
    texts: InterviewTexts

    def answer(self, call: InboundCall) -> Answered:
        """Decide once for each call; a repeated webhook is answered by the message, which harms nobody."""
        with self.database.begin() as connection:
            number = self.vault.number_index(call.sender)
            reply_store.hold_number(connection, number)
            caller = inbound_store.caller(connection, number) or self._given_up(connection, number)
            if caller is None:
                return self._answer_stranger(connection, call)
            return self._answer_known(connection, call, caller)

    def ring_agent(self, attempt: Attempt) -> None:
        """Once the caller is in the room; when the agent's phone refuses, the caller hears the message."""
        try:
            self.legs.ring_agent(attempt)
        except TelephonyError:
            self.send_away(attempt)

    def send_away(self, attempt: Attempt) -> None:
        """Nobody answered the caller: say that we call back. The entry is back on the list by its outcome."""
        if attempt.person_sid is None:
            return
        try:
            self.legs.provider.say_to(attempt.person_sid, self.urls.of(Webhook.NOBODY_FREE, attempt.id))
        except TelephonyError as error:
            log.info("caller.gone", attempt_id=str(attempt.id), code=error.code)

    def message(self, platform_code: str, *, known: bool) -> str:
        """The spoken message for a caller nobody is free for."""
        with self.database.begin() as connection:
            return self._message(connection, platform_store.read(connection, platform_code), known=known)

    def _message(self, connection: Connection, platform: Platform, *, known: bool) -> str:
        spoken = self.scripts.render(
            connection,
            "inbound_known" if known else "inbound_unknown",
            language=platform.language,
            platform=platform.code,
            now=self.clock.now(),
        )
        return markup.say_then_hang_up(spoken.text, markup.spoken_language(spoken.language))

    def _answer_stranger(self, connection: Connection, call: InboundCall) -> Answered:
        platform = platform_store.of_caller_id(connection, call.to)
        known = platform or next(iter(platform_store.all_platforms(connection)), None)
        if known is None:
            raise InvalidInput("No platform is set up to answer calls.", code="no_platform")
        self._keep(connection, call, known.code, None, MESSAGE)
        return Answered(self._message(connection, known, known=False))

    def _answer_known(self, connection: Connection, call: InboundCall, caller: Caller) -> Answered:
        entry = call_list_store.lock(connection, caller.entry_id)
        platform = platform_store.read(connection, entry.platform)
        repeated = inbound_store.was_kept(connection, call.sid)
        attempt = None if repeated else self._put_to_agent(connection, call, entry, caller)
        if attempt is not None:
            self._keep(connection, call, entry.platform, entry, AGENT)
            return Answered(self._room(attempt), attempt)
        if not repeated:
            self._bring_forward(connection, entry, caller)
            self._keep(connection, call, entry.platform, entry, MESSAGE)
        return Answered(self._message(connection, platform, known=True))

    def _given_up(self, connection: Connection, number: bytes) -> Caller | None:
        """Somebody whom we gave up as unreached reaches us: their entry is open again."""
        writer = asked_call_store.given_up(connection, number)
        if writer is None or not self._ask(connection, number, writer):
            return None
        return inbound_store.caller(connection, number)

    def _ask(self, connection: Connection, number: bytes, writer: Writer) -> bool:
        now = self.clock.now()
        asked = AskedCall(number, writer, INBOUND, asked_at=now, due_at=now)
        return ask_for_call(connection, asked, now=now)

    def _put_to_agent(
        self, connection: Connection, call: InboundCall, entry: Entry, caller: Caller
    ) -> Attempt | None:
        """Lease the entry to a free agent and write the attempt; None when nobody is free for it."""
        now = self.clock.now()
        if entry.state in (EntryState.LEASED, EntryState.CLOSED) or entry.queue is not Queue.AGENTS:
            return None
        agent_id = agent_store.free_on_shift(
            connection, entry.platform, ANSWERING_ROLES, now, language=entry.language
        )
        if agent_id is None or not agent_store.take_if_free(connection, agent_id):
            return None
        rung = replace(entry, phone_position=caller.phone_position, number_index=caller.number_index)
        attempt = new_attempt(connection, rung, agent_id, now)
        attempt = replace(attempt, inbound=True, person_sid=call.sid)
        attempt = self.texts.stamped(connection, attempt)
        lease_id, until = new_id(), now + LEASE
        try:
            with connection.begin_nested():  # another caller may be given the same agent at this instant
                inbound_store.hand_to(
                    connection, entry, caller, agent_id=agent_id, lease_id=lease_id, until=until, now=now
                )
                start_attempt(connection, attempt)
        except Conflict:
            return None
        return attempt

    def _room(self, attempt: Attempt) -> str:
        return markup.join_conference(
            markup.ConferenceSeat(
                conference=str(attempt.conference),
                label=Leg.PERSON.value,
                status_callback=self.urls.of(Webhook.CONFERENCE, attempt.id),
            )
        )

    def _bring_forward(self, connection: Connection, entry: Entry, caller: Caller) -> None:
        """The person called: a callback is due now, which only their calling hours may delay.

        In an agent's hands, perhaps in their wrap-up, it is noted until they let go.
        """
        if entry.state is EntryState.LEASED:
            self._ask(connection, caller.number_index, Writer(entry.person_id, entry.platform))
        if entry.state in (EntryState.LEASED, EntryState.CLOSED):
            return
        now = self.clock.now()
        hours = hours_for(entry, call_list_store.context_of(connection, entry.id))
        standing = standing_at(now, entry.queue, hours, now)
        positive = entry.call_class is CallClass.POSITIVE
        call_list_store.move(
            connection,
            entry,
            event=journal.Event.ENTRY_RESCHEDULED,
            facts={"because": INBOUND},
            actor=journal.by_system("inbound"),
            now=now,
            state=standing.state.value,
            not_before=standing.not_before,
            ready_until=standing.ready_until,
            call_class=int(CallClass.POSITIVE if positive else CallClass.CALLBACK),
            callback_at=now,
            shed_level=NEVER_SHED,
            message_id=None,
        )

    def _keep(
        self, connection: Connection, call: InboundCall, platform: str, entry: Entry | None, answer: str
    ) -> None:
        inbound_store.keep_call(
            connection,
            call_id=new_id(),
            sid=call.sid,
            platform=platform,
            entry=entry,
            answered_with=answer,
            now=self.clock.now(),
        )
