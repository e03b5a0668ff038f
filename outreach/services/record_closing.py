"""A case record taken off the list by hand, put back on it, handed over, or erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_list import CallClass, EntryState, Queue, standing_at
from outreach.domain.case_records import CaseKind, CaseState
from outreach.domain.next_steps import LATEST_CALLBACK, NextStep, StepEffect, StepKind
from outreach.domain.outcomes import CallOutcome
from outreach.domain.purposes import Purpose
from outreach.domain.reasons import erasure_reason
from outreach.domain.record_edits import CLOSING
from outreach.domain.roles import Scope
from outreach.errors import Conflict, InvalidInput
from outreach.services import announcements
from outreach.services.access import Asker
from outreach.services.entry_planning import purpose_of
from outreach.services.erasure import Erasure
from outreach.services.held_record import HeldRecord, changes_of, hold
from outreach.services.message_queueing import MessageQueueing
from outreach.services.platform_moves import PlatformMoves
from outreach.services.settling import Settlement, hours_for, settle
from outreach.storage import (
    call_list_store,
    case_progress_store,
    case_sheet_store,
    intake_entry_store,
    journal,
    message_queue_store,
    person_store,
    platform_store,
    record_store,
    written_reason_store,
)
from outreach.storage.call_list_store import Entry
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.platform_store import Platform
from outreach.storage.vault import Vault

DECEASED = CallOutcome.DECEASED.value
HANDED_OVER = "HANDED_OVER"


@dataclass(frozen=True)
class RecordClosing:
    """What becomes of a record. All raise NotFound, NotAllowed, Conflict."""

    database: Database
    vault: Vault
    clock: Clock
    queueing: MessageQueueing
    moves: PlatformMoves
    erasure: Erasure

    def close(self, case_record_id: UUID, outcome: CallOutcome, asker: Asker) -> None:
        """End it by an outcome that no call brought: told at the counter, in hospital, to the health agency.

        Raises InvalidInput, NotAllowed where a supervisor is needed.
        """
        if outcome not in CLOSING:
            raise InvalidInput(
                "A record is not closed by hand with this outcome.",
                field="outcome",
                mend=f"Choose among: {', '.join(CLOSING)}.",
            )
        now = self.clock.now()
        with self.database.begin() as connection:
            message_queue_store.hold_queued_about(connection, [case_record_id])  # messages are locked first
            held = hold(connection, self.vault, case_record_id, asker, now)
            held.need_out_of_hand()
            if not held.entries:
                raise Conflict("This record is closed already.", code="record_closed")
            for entry in held.entries:
                told = Settlement(
                    entry.id,
                    outcome,
                    journal.by_user(asker.user_id),
                    now,
                    by_supervisor=Scope.CALLS_SUPERVISE in asker.scopes,
                )
                self._carry_out(connection, held, settle(connection, told), asker, now)

    def put_back(self, case_record_id: UUID, asker: Asker, *, at: datetime | None = None) -> None:
        """On the call list again, now or at an agreed moment. Raises InvalidInput for a past one."""
        now = self.clock.now()
        if at is not None and not now <= at <= now + LATEST_CALLBACK:
            raise InvalidInput(
                "This moment cannot be kept.", field="at", mend="Choose one within the next 30 days."
            )
        with self.database.begin() as connection:
            held = hold(connection, self.vault, case_record_id, asker, now)
            held.need_out_of_hand()
            if not held.entries:
                self._list_again(connection, held, asker)
            elif at is None and all(entry.state is EntryState.READY for entry in held.entries):
                raise Conflict("This record stands on the list already.", code="listed_already")
            for entry in intake_entry_store.open_entries(connection, [case_record_id]):
                self._place(connection, call_list_store.lock(connection, entry.id), at, asker, now)

    def platforms(self, *, but: str) -> list[Platform]:
        """Where a person of one platform can be handed over to."""
        with self.database.begin() as connection:
            return [each for each in platform_store.all_platforms(connection) if each.code != but]

    def hand_over(self, case_record_id: UUID, platform: str, reason: str, asker: Asker) -> None:
        """The person and all that is theirs, to another platform. Raises InvalidInput."""
        asker.need(Scope.CALLS_SUPERVISE)
        if not reason.strip():
            raise InvalidInput("Say why this person changes platform.", field="reason")
        with self.database.begin() as connection:
            held = hold(connection, self.vault, case_record_id, asker, self.clock.now())
            numbers = case_progress_store.record_numbers(connection, case_record_id)
        if not numbers:
            raise Conflict("A later record of this person took over its number.", code="superseded")
        self.moves.split(
            held.setting.platform,
            platform,
            [(numbers[0].source, numbers[0].external_id)],
            reason=HANDED_OVER,
            actor=journal.by_user(asker.user_id),
            by=asker.user_id,
            noting=lambda connection: self._note_hand_over(connection, held, platform, reason.strip(), asker),
        )

    def _note_hand_over(
        self, connection: Connection, held: HeldRecord, platform: str, reason: str, asker: Asker
    ) -> None:
        """The words of the reason are sealed: they may name the person, and the journal is kept for good."""
        now, record_id = self.clock.now(), held.known.id
        sealed = person_store.person_key(connection, self.vault, held.known.person_id).seal_text(reason)
        reason_id = written_reason_store.keep(connection, record_id, sealed=sealed, now=now)
        facts = {"to": platform, "reason_id": str(reason_id)}
        actor = journal.by_user(asker.user_id)
        line = JournalEntry(now, platform, Event.RECORD_HANDED_OVER, actor, record_id, facts=facts)
        journal.write(connection, line)

    def ask_for_sick_leave(self, case_record_id: UUID, asker: Asker) -> None:
        """The person needs a sick-leave certificate; saying it twice changes nothing."""
        now = self.clock.now()
        with self.database.begin() as connection:
            held = hold(connection, self.vault, case_record_id, asker, now)
            if not case_sheet_store.facts(connection, case_record_id).needs_sick_leave:
                case_progress_store.ask_for_sick_leave(connection, case_record_id)
                self._note(connection, held, Event.CASE_UPDATED, asker, {"fields": ["needs_sick_leave"]})

    def erase(self, case_record_id: UUID, because: str, asker: Asker) -> None:
        """The person's data goes for good, here and in records merged into this one. Raises InvalidInput."""
        asker.need(Scope.CALLS_SUPERVISE)
        why = erasure_reason(because)
        with self.database.begin() as connection:
            held = hold(connection, self.vault, case_record_id, asker, self.clock.now())
            held.need_out_of_hand()
            merged = record_store.merged_from(connection, case_record_id)
            people = {case_sheet_store.facts(connection, each).person_id for each in merged}
        for person_id in [held.known.person_id, *sorted(people - {held.known.person_id})]:
            self.erasure.erase(person_id, actor=journal.by_user(asker.user_id), because=why)

    def _list_again(self, connection: Connection, held: HeldRecord, asker: Asker) -> None:
        """Who was reached is asked for more; who was not, for the same as before."""
        if held.known.closed_because == DECEASED:
            raise Conflict("This person has died: nobody calls.", code="deceased")
        facts = case_sheet_store.facts(connection, held.known.id)
        kind = CaseKind(facts.kind)
        reached = kind is CaseKind.POSITIVE and facts.reached_at is not None
        purpose = Purpose.FOLLOW_UP if reached else purpose_of(kind)
        batch, changes = changes_of(connection, self.vault, held, [])
        record = held.unchanged()._replace(state=CaseState.OPEN.value, closed_because=None)
        changes.list_again(held.known, held.person, record, purpose)
        batch.write(connection, {})
        self._note(connection, held, Event.CASE_REOPENED, asker, {"because": "BY_HAND"})

    def _place(
        self, connection: Connection, entry: Entry, at: datetime | None, asker: Asker, now: datetime
    ) -> None:
        """A call is owed from now on: no SMS stands for it."""
        hours = hours_for(entry, call_list_store.context_of(connection, entry.id))
        queue = Queue.SEARCH if entry.queue is Queue.SEARCH else Queue.AGENTS
        standing = standing_at(at or now, queue, hours, now)
        promised = CallClass.POSITIVE if entry.purpose is Purpose.INTERVIEW else CallClass.CALLBACK
        call_list_store.move(
            connection,
            entry,
            event=Event.ENTRY_RETURNED,
            facts={"because": "BY_HAND"},
            actor=journal.by_user(asker.user_id),
            now=now,
            state=standing.state.value,
            queue=queue.value,
            not_before=standing.not_before,
            ready_until=standing.ready_until,
            shed_level=0,
            message_id=None,
            **({"callback_at": at, "call_class": promised.value, "front": 1} if at else {}),
            **_number(connection, entry),
        )

    def _carry_out(
        self, connection: Connection, held: HeldRecord, step: NextStep, asker: Asker, now: datetime
    ) -> None:
        """What the outcome asks for outside the call list."""
        if step.kind is not StepKind.CLOSE:
            return
        if StepEffect.STOP_EVERY_MESSAGE in step.effects:
            self.queueing.stop_for_good(connection, held.known.person_id, because=str(step.because), now=now)
        for effect in step.effects & announcements.REQUESTS.keys():
            announcements.announce_request(connection, held.setting.platform, held.known.id, effect, now)
        if StepEffect.EXPORT_TO_ARS in step.effects:
            self._note(connection, held, Event.ARS_HANDED_OFF, asker, {})

    def _note(
        self,
        connection: Connection,
        held: HeldRecord,
        event: Event,
        asker: Asker,
        facts: dict[str, object],
    ) -> None:
        line = JournalEntry(
            held.setting.now,
            held.setting.platform,
            event,
            journal.by_user(asker.user_id),
            case_record_id=held.known.id,
            facts=facts,
        )
        journal.write(connection, line)


def _number(connection: Connection, entry: Entry) -> dict[str, object]:
    """Who had lost their number is called at the first good one."""
    if entry.number_index is not None:
        return {}
    for line in person_store.phone_lines(connection, entry.person_id):
        if not line.bad:
            return {"number_index": line.number_index, "phone_position": line.position}
    return {}
