"""Wrap-up: the agent says how the call went; list, journal, case record and outbox change together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_attempts import CallStatus
from outreach.domain.next_steps import NextStep, StepEffect, StepKind
from outreach.domain.outcomes import CHANNEL_OUTCOMES, FLAGS, CallOutcome
from outreach.domain.purposes import Purpose
from outreach.errors import Conflict, InvalidInput, TelephonyError
from outreach.log import get_logger
from outreach.services import announcements
from outreach.services.break_glass import hidden_from
from outreach.services.call_bar import own
from outreach.services.call_legs import CallLegs
from outreach.services.calling import settlement_of
from outreach.services.message_queueing import MessageQueueing
from outreach.services.settling import Settlement, settle
from outreach.services.transfers import hand_to_colleague
from outreach.storage import (
    alarm_store,
    attempt_store,
    call_list_store,
    case_progress_store,
    journal,
    lease_store,
    listener_store,
    message_queue_store,
    person_store,
    presence_store,
    undo_store,
)
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Connection, Database
from outreach.storage.vault import Vault

log = get_logger("wrap_up")

LONGEST_NOTE = 4_000  # characters
# What may be said of a whole household at once: they were told, in this call.
SHARED_OUTCOMES = frozenset({CallOutcome.COMPLETED, CallOutcome.INFO_GIVEN, CallOutcome.PROXY_DONE})


@dataclass(frozen=True)
class Report:
    """What the agent says. `outcome` None confirms what the line suggests.

    `household`: other entries behind the same number that were dealt with in this call; they get the same
    outcome, which must then be a final one. `note` is sealed; `callback_at` has a zone.
    """

    outcome: CallOutcome | None = None
    note: str = ""
    callback_at: datetime | None = None
    for_me_only: bool = False
    by_supervisor: bool = False
    needs_sick_leave: bool = False
    household: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class WrapUp:
    """Ends attempts."""

    database: Database
    vault: Vault
    clock: Clock
    legs: CallLegs
    queueing: MessageQueueing

    def record(self, agent_id: UUID, attempt_id: UUID, report: Report) -> NextStep | None:
        """Say the outcome; what follows. The same report twice changes nothing and gives None.

        A line that is still up is hung up. Raises Conflict when another outcome was said before, InvalidInput
        and NotAllowed as the rule of next steps does.
        """
        now = self.clock.now()
        with self.database.begin() as connection:
            attempt = own(attempt_store.lock(connection, attempt_id), agent_id)
            outcome = _said(attempt, report)
            if not attempt.open:
                _check_same(attempt, outcome)
                self._keep_words(connection, attempt, report)
                return None
            step = self._settle(connection, attempt, outcome, report, now)
        self._end_legs(attempt)
        return step

    def confirm_line(self, attempt_id: UUID) -> bool:
        """Record what the line said, for an agent who leaves it to the system; whether it said anything."""
        now = self.clock.now()
        with self.database.begin() as connection:
            attempt = attempt_store.lock(connection, attempt_id)
            if not attempt.open or attempt.suggested_outcome is None:
                return False
            self._settle(connection, attempt, attempt.suggested_outcome, Report(), now)
        self._end_legs(attempt)
        return True

    def end_for_agent(
        self, attempt_id: UUID, *, actor: str, allow: Callable[[Connection, Attempt, CallOutcome], None]
    ) -> NextStep:
        """A supervisor ends a wrap-up: what the line said, else a conversation that goes on (PARTIAL).

        `allow` may refuse, and tells whom it concerns, in the same transaction. Raises Conflict when there is
        nothing to wrap up.
        """
        now = self.clock.now()
        with self.database.begin() as connection:
            attempt = attempt_store.lock(connection, attempt_id)
            if not attempt.open or attempt.status is not CallStatus.WRAP_UP:
                raise Conflict("This call is not in wrap-up.", code="not_in_wrap_up")
            outcome = attempt.suggested_outcome or CallOutcome.PARTIAL
            allow(connection, attempt, outcome)
            step = self._settle(connection, attempt, outcome, Report(), now, actor=actor)
        self._end_legs(attempt)
        return step

    def _settle(
        self,
        connection: Connection,
        attempt: Attempt,
        outcome: CallOutcome,
        report: Report,
        now: datetime,
        *,
        actor: str = "",
    ) -> NextStep:
        said = settlement_of(attempt, outcome, now)
        settlement = replace(
            said,
            actor=actor or said.actor,
            callback_at=report.callback_at,
            for_me_only=report.for_me_only,
            by_supervisor=report.by_supervisor,
        )
        entry_ids = (attempt.entry_id, *report.household)
        message_queue_store.hold_queued(connection, entry_ids)
        call_list_store.lock_all(connection, {*entry_ids, *_in_colleagues_hands(connection, attempt, now)})
        undo_store.keep(
            connection,
            agent_id=attempt.agent_id,
            attempt_id=attempt.id,
            person_id=attempt.person_id,
            entry_ids=entry_ids,
            now=now,
        )
        alarm_store.settle(connection, AlarmKind.HELP_WANTED, str(attempt.id), now=now)
        step = settle(connection, settlement)
        hand_to_colleague(connection, attempt, step, now)
        self._settle_household(connection, attempt, settlement, report.household)
        self._keep_words(connection, attempt, report)
        self._carry_out(connection, attempt, step, now)
        return step

    def _settle_household(
        self, connection: Connection, attempt: Attempt, settlement: Settlement, entry_ids: Sequence[UUID]
    ) -> None:
        """The others behind the number, told in the same call."""
        if not entry_ids:
            return
        if settlement.outcome not in SHARED_OUTCOMES:
            raise InvalidInput(
                "This outcome is one person's own.", field="household", mend="say it for each of them"
            )
        self._check_household(connection, attempt, entry_ids)
        for entry_id in entry_ids:
            called_at = settlement.dialled_at
            settle(connection, replace(settlement, entry_id=entry_id, attempt_id=None, called_at=called_at))

    def _check_household(self, connection: Connection, attempt: Attempt, entry_ids: Collection[UUID]) -> None:
        """Raises InvalidInput for whoever is not to be told in somebody else's call."""
        behind = {each.entry_id: each for each in call_list_store.household_of(connection, attempt.entry_id)}
        if not behind.keys() >= set(entry_ids):
            raise InvalidInput("An entry is not behind this number, or is closed.", field="household")
        told = [behind[each] for each in entry_ids]
        own = call_list_store.read(connection, attempt.entry_id).purpose
        if own is not Purpose.INTERVIEW and any(each.purpose is Purpose.INTERVIEW for each in told):
            raise InvalidInput(
                "A positive is interviewed in a call of their own.",
                field="household",
                mend="leave them on the call list",
            )
        records = {each.case_record_id for each in told}
        if hidden_from(connection, attempt.agent_id, records, self.clock.now()):
            raise InvalidInput(
                "A restricted person is told in a call of their own.",
                field="household",
                mend="leave them on the call list",
            )

    def _keep_words(self, connection: Connection, attempt: Attempt, report: Report) -> None:
        """The note, and what the person asked for: also when the system said the same outcome first."""
        if report.needs_sick_leave:
            case_progress_store.ask_for_sick_leave(connection, attempt.case_record_id)
        if len(report.note) > LONGEST_NOTE:
            raise InvalidInput(f"A note has {LONGEST_NOTE} characters at most.", field="note")
        if report.note:
            key = person_store.person_key(connection, self.vault, attempt.person_id)
            attempt_store.change(connection, attempt.id, sealed_note=key.seal_text(report.note))

    def _carry_out(self, connection: Connection, attempt: Attempt, step: NextStep, now: datetime) -> None:
        """What the outcome asks for outside the call list."""
        if step.kind is StepKind.CALLBACK and step.at is not None:
            self.queueing.queue_callback_agreed(
                connection, entry_id=attempt.entry_id, callback_at=step.at, now=now
            )
        if StepEffect.TEXT_MISSED_CALL in step.effects:
            self.queueing.queue_missed_call(connection, entry_id=attempt.entry_id, now=now)
        if StepEffect.STOP_EVERY_MESSAGE in step.effects:
            self.queueing.stop_for_good(connection, attempt.person_id, because=str(step.because), now=now)
        if StepEffect.ALERT_SUPERVISOR in step.effects:
            alarm_store.raise_alarm(
                connection,
                AlarmKind.EMERGENCY,
                str(attempt.id),
                platform=attempt.platform,
                now=now,
                facts={"case_record_id": str(attempt.case_record_id)},
            )
        for effect in step.effects & announcements.REQUESTS.keys():
            announcements.announce_request(connection, attempt.platform, attempt.case_record_id, effect, now)
        if StepEffect.EXPORT_TO_ARS in step.effects:
            journal.write(connection, _line(attempt, journal.Event.ARS_HANDED_OFF, now))

    def _end_legs(self, attempt: Attempt) -> None:
        """Hang up what is left; the outcome stands whatever the phone company says."""
        with self.database.begin() as connection:
            listeners = listener_store.sids_in(connection, attempt.conference)
        for sid in (*_legs_to_end(attempt), *listeners):
            if sid is None:
                continue
            try:
                self.legs.provider.hang_up(sid)
            except TelephonyError as error:
                log.warning("leg.not_ended", attempt_id=str(attempt.id), code=error.code)


def _in_colleagues_hands(connection: Connection, attempt: Attempt, now: datetime) -> list[UUID]:
    """Whom the colleague holds who may be given this person; nobody puts another into their hands now."""
    if attempt.transfer_user_id is None:
        return []
    presence_store.hold(connection, attempt.transfer_user_id, now)
    return lease_store.held_by(connection, attempt.transfer_user_id)


def _legs_to_end(attempt: Attempt) -> list[str | None]:
    """Both, unless the person's leg goes on: with a colleague, or to the message for a caller."""
    with_colleague = attempt.status is CallStatus.ANSWERED and attempt.transfer_sid is not None
    hears_message = attempt.inbound and attempt.answered_at is None
    if with_colleague or hears_message:
        return [attempt.agent_sid]
    return [attempt.person_sid, attempt.agent_sid]


def _said(attempt: Attempt, report: Report) -> CallOutcome:
    outcome = report.outcome or attempt.suggested_outcome or attempt.outcome
    if outcome is None:
        raise InvalidInput("Say how the call went.", field="outcome", mend="choose one of the outcomes")
    if outcome in CHANNEL_OUTCOMES:
        raise InvalidInput(f"{outcome} is not for an agent to say.", field="outcome")
    if FLAGS[outcome].human and attempt.dialled_at is None:
        raise InvalidInput("Nobody was called yet.", field="outcome", mend="call, or give the entry back")
    return outcome


def _check_same(attempt: Attempt, outcome: CallOutcome) -> None:
    if attempt.outcome is not outcome:
        raise Conflict(f"The outcome {attempt.outcome} was said before.", code="outcome_said")


def _line(attempt: Attempt, event: journal.Event, now: datetime) -> journal.JournalEntry:
    return journal.JournalEntry(
        now,
        attempt.platform,
        event,
        journal.by_user(attempt.agent_id),
        case_record_id=attempt.case_record_id,
        entry_id=attempt.entry_id,
        attempt_id=attempt.id,
    )
