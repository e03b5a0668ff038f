"""The legs of a call: the agent's, then the person's, in a room named by the attempt; each ordered once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_attempts import CallStatus, Leg
from outreach.domain.outcomes import CallOutcome
from outreach.errors import TelephonyError
from outreach.log import get_logger
from outreach.services.callback_urls import CallbackUrls, Webhook
from outreach.storage import agent_store, attempt_store, journal, person_store, platform_store
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Connection, Database
from outreach.storage.vault import Vault
from outreach.telephony.failure_codes import failure_class
from outreach.telephony.provider import (
    AgentLegOrder,
    FailureClass,
    PersonLegOrder,
    ProviderCall,
    TelephonyProvider,
)

log = get_logger("call_legs")

AGENT_RING_SECONDS = 30
PERSON_RING_SECONDS = 45


@dataclass(frozen=True)
class CallLegs:
    """Orders legs outside any transaction. `caller_id` is shown unless the platform has its own."""

    database: Database
    vault: Vault
    clock: Clock
    provider: TelephonyProvider
    urls: CallbackUrls
    caller_id: str

    def ring_agent(self, attempt: Attempt) -> None:
        """Ring the agent's phone or computer; whoever answers is put in the room by the answer's TwiML.

        Raises TelephonyError when the phone company refused; without an answer from it, the leg's own
        reports settle what happened, else the sweep.
        """
        with self.database.begin() as connection:
            order = AgentLegOrder(
                to=agent_store.address_of(connection, self.vault, attempt.agent_id),
                sender=self._sender(connection, attempt),
                answer_url=self.urls.of(Webhook.AGENT_ANSWER, attempt.id),
                status_callback=self.urls.of(Webhook.AGENT_STATUS, attempt.id),
                ring_seconds=AGENT_RING_SECONDS,
            )
        try:
            leg = self.provider.call_agent(order)
        except TelephonyError as error:
            if error.unknown_fate:
                return
            self.end_unconnected(attempt.id, CallOutcome.CANCELLED)
            raise
        self._keep_sid(attempt.id, Leg.AGENT, leg)

    def dial_person(self, attempt_id: UUID) -> None:
        """Order the person's leg, once: whoever moves the attempt to DIALLING posts it, nobody else does."""
        with self.database.begin() as connection:
            attempt = attempt_store.lock(connection, attempt_id)
            if not attempt.open or attempt.status is not CallStatus.AGENT_ON_LINE:
                return
            if attempt.inbound:
                self._meet_caller(connection, attempt)
                return
            attempt_store.change(
                connection, attempt_id, status=CallStatus.DIALLING, dialled_at=self.clock.now()
            )
            write_move(connection, attempt, CallStatus.DIALLING, self.clock)
            number = person_store.open_person(connection, self.vault, attempt.person_id).person.number_at(
                attempt.phone_position
            )
            order = self._person_order(connection, attempt, number)
        try:
            leg = self.provider.call_person(order)
        except TelephonyError as error:
            if not error.unknown_fate:
                self.end_unconnected(attempt_id, _outcome_of_refusal(error))
            return
        kept = self._keep_sid(attempt_id, Leg.PERSON, leg)
        if kept.over or (kept.agent_left_at is not None and not kept.person_on_line):
            self.end_stray(attempt_id, leg.sid)  # nobody waits for the person any more

    def _meet_caller(self, connection: Connection, attempt: Attempt) -> None:
        """The person called us and waits in the room: the agent's answer begins the conversation."""
        now = self.clock.now()
        attempt_store.change(
            connection, attempt.id, status=CallStatus.ANSWERED, dialled_at=attempt.started_at, answered_at=now
        )
        write_move(connection, attempt, CallStatus.ANSWERED, self.clock)

    def bring_in(self, attempt: Attempt, user_id: UUID) -> None:
        """Add a colleague's phone to the room. Raises TelephonyError."""
        with self.database.begin() as connection:
            order = PersonLegOrder(
                conference=str(attempt.conference),
                to=agent_store.address_of(connection, self.vault, user_id),
                sender=self._sender(connection, attempt),
                label=Leg.TRANSFER.value,
                status_callback=self.urls.of(Webhook.TRANSFER_STATUS, attempt.id),
                ring_seconds=AGENT_RING_SECONDS,
            )
            attempt_store.change(connection, attempt.id, transfer_user_id=user_id, transfer_sid=None)
        try:
            leg = self.provider.call_person(order)
        except TelephonyError as error:
            if not error.unknown_fate:
                self._forget_colleague(attempt.id)
            raise
        if self._keep_sid(attempt.id, Leg.TRANSFER, leg).over:
            self.end_stray(attempt.id, leg.sid)

    def _forget_colleague(self, attempt_id: UUID) -> None:
        with self.database.begin() as connection:
            attempt_store.change(connection, attempt_id, transfer_user_id=None)

    def end_unconnected(self, attempt_id: UUID, suggestion: CallOutcome) -> None:
        """The attempt is over before the person was on the line."""
        with self.database.begin() as connection:
            attempt = attempt_store.lock(connection, attempt_id)
            if not attempt.open or attempt.status in (CallStatus.ANSWERED, CallStatus.WRAP_UP):
                return
            attempt_store.change(
                connection,
                attempt_id,
                status=CallStatus.WRAP_UP,
                ended_at=self.clock.now(),
                suggested_outcome=suggestion,
            )
            write_move(connection, attempt, CallStatus.WRAP_UP, self.clock)

    def end_all(self, attempt: Attempt) -> None:
        """Hang up whatever is left of the call."""
        for sid in (attempt.person_sid, attempt.transfer_sid, attempt.agent_sid):
            if sid:
                self.provider.hang_up(sid)

    def end_stray(self, attempt_id: UUID, sid: str) -> None:
        """Hang up a leg of a call that is over; when it cannot be now, its next report brings us back."""
        try:
            self.provider.hang_up(sid)
        except TelephonyError as error:
            log.warning("leg.not_ended", attempt_id=str(attempt_id), code=error.code)

    def _sender(self, connection: Connection, attempt: Attempt) -> str:
        return platform_store.caller_id(connection, attempt.platform) or self.caller_id

    def _person_order(self, connection: Connection, attempt: Attempt, number: str) -> PersonLegOrder:
        return PersonLegOrder(
            conference=str(attempt.conference),
            to=number,
            sender=self._sender(connection, attempt),
            label=Leg.PERSON.value,
            status_callback=self.urls.of(Webhook.PERSON_STATUS, attempt.id),
            amd_callback=self.urls.of(Webhook.MACHINE_DETECTION, attempt.id),
            conference_callback=self.urls.of(Webhook.CONFERENCE, attempt.id),
            ring_seconds=PERSON_RING_SECONDS,
        )

    def _keep_sid(self, attempt_id: UUID, leg: Leg, call: ProviderCall) -> Attempt:
        """Remember the provider's name for a leg, unless the leg's own report was faster; the attempt now."""
        column = f"{leg.value}_sid"
        with self.database.begin() as connection:
            attempt = attempt_store.lock(connection, attempt_id)
            changes: dict[str, object] = {}
            refused = leg is Leg.TRANSFER and attempt.transfer_user_id is None  # ended before it had a name
            if getattr(attempt, column) is None and not refused:
                changes[column] = call.sid
                if leg is Leg.AGENT:
                    changes["agent_left_at"] = None  # another leg, for who comes back
            if attempt.conference_sid is None and call.conference_sid:
                changes["conference_sid"] = call.conference_sid
            if changes:
                attempt_store.change(connection, attempt_id, **changes)
        return attempt


def _outcome_of_refusal(error: TelephonyError) -> CallOutcome:
    """A refused leg says either that the number is wrong or that the network failed."""
    wrong = failure_class(error.code, None) is FailureClass.WRONG_NUMBER
    return CallOutcome.INVALID_NUMBER if wrong else CallOutcome.NETWORK_FAILED


def write_move(connection: Connection, attempt: Attempt, status: CallStatus, clock: Clock) -> None:
    """The journal line of a move of ours (the phone company's are written where its reports are applied)."""
    journal.write(
        connection,
        journal.JournalEntry(
            clock.now(),
            attempt.platform,
            journal.Event.ATTEMPT_MOVED,
            journal.by_user(attempt.agent_id),
            case_record_id=attempt.case_record_id,
            entry_id=attempt.entry_id,
            attempt_id=attempt.id,
            facts={"status": status.value},
        ),
    )
