"""An outcome takes effect: attempt, case record, call list, journal and outbox change together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from outreach.domain.call_list import (
    FRONT,
    IN_ORDER,
    CallClass,
    CaseFacts,
    EntryState,
    Queue,
    class_of,
    front_of,
    standing_at,
)
from outreach.domain.calling_hours import DayPart, OpenHours, callee_hours
from outreach.domain.load_shedding import NEVER_SHED, Mode, ModeRule, rules_from
from outreach.domain.messages import MessageStatus
from outreach.domain.next_steps import MOST_TRIES, NextStep, StepEffect, StepFacts, StepKind, next_step
from outreach.domain.outcomes import CHANNEL_OUTCOMES, FLAGS, CallOutcome
from outreach.domain.purposes import Purpose
from outreach.domain.service_level import Marks, marks_of
from outreach.errors import Conflict
from outreach.services.announcements import announce_outcome, announce_told
from outreach.services.shed_levels import level_after
from outreach.storage import (
    attempt_store,
    call_list_store,
    journal,
    message_queue_store,
    message_store,
    person_store,
    service_level_store,
    shed_store,
)
from outreach.storage.call_list_store import Entry, EntryContext
from outreach.storage.database import Connection
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.message_store import Move

PART_BITS = {DayPart.MORNING: 1, DayPart.MIDDAY: 2, DayPart.EVENING: 4}


def parts_of(bits: int) -> frozenset[DayPart]:
    """The parts of the day that an entry's bits stand for."""
    return frozenset(part for part, bit in PART_BITS.items() if bits & bit)


@dataclass(frozen=True)
class Settlement:
    """One outcome for one entry.

    `agent_id`: who keeps a PARTIAL, and a callback when `for_me_only`; `called_at`, `spoke_at`: when the line
    was dialled and answered; `is_question`: an SMS_REPLIED that asks for a call.
    """

    entry_id: UUID
    outcome: CallOutcome
    actor: str
    now: datetime
    agent_id: UUID | None = None
    attempt_id: UUID | None = None
    called_at: datetime | None = None
    spoke_at: datetime | None = None
    callback_at: datetime | None = None
    for_me_only: bool = False
    by_supervisor: bool = False
    is_question: bool = False

    @property
    def dialled_at(self) -> datetime | None:
        """When the person was called, as far as anybody knows; None for an outcome that no call brought."""
        return self.called_at or (self.now if self.attempt_id is not None else None)


def settle(connection: Connection, settlement: Settlement) -> NextStep:
    """Decide what follows, and save it all in the caller's transaction; the caller carries out `effects`.

    Raises Conflict when the entry is closed, InvalidInput and NotAllowed as `next_step` does.
    """
    entry = call_list_store.lock(connection, settlement.entry_id)
    if entry.state is EntryState.CLOSED:
        raise Conflict("This entry is closed already.", code="entry_closed")
    context = call_list_store.context_of(connection, entry.id)
    hours = hours_for(entry, context)
    step = next_step(settlement.outcome, _facts(entry, context, hours, settlement))
    _record(connection, entry, settlement)
    if step.kind is StepKind.CLOSE or FLAGS[settlement.outcome].right_person:
        _cancel_promises(connection, entry, settlement)
    if StepEffect.MARK_NUMBER_BAD in step.effects:
        person_store.mark_number_bad(connection, entry.person_id, entry.phone_position)
    _follow(connection, entry, context, hours, settlement, step)
    return step


def settle_try(connection: Connection, settlement: Settlement) -> None:
    """A try ended by its line while the agent goes on with the same person: the entry stays in hand."""
    entry = call_list_store.lock(connection, settlement.entry_id)
    _record(connection, entry, settlement)
    if FLAGS[settlement.outcome].number_bad:
        person_store.mark_number_bad(connection, entry.person_id, entry.phone_position)
    if FLAGS[settlement.outcome].counts_as_attempt:
        call_list_store.count_try(connection, entry.id)


def inform(connection: Connection, message_ids: Sequence[UUID], outcome: CallOutcome, now: datetime) -> None:
    """The people for whom these messages stand were told by SMS; their entries stay as they are."""
    told = shed_store.inform(connection, message_ids, outcome=outcome.value, now=now)
    announce_told(connection, told, outcome, now)


def hours_for(entry: Entry, context: EntryContext) -> OpenHours:
    """The calling hours of an entry's callee."""
    return callee_hours(
        context.calling_hours,
        entry.purpose,
        zone=context.zone,
        platform_zone=context.platform_zone,
        department=context.department,
    )


def most_tries(purpose: Purpose, context: EntryContext, now: datetime) -> int:
    """The mode in force says how often a contact is tried."""
    return _rule(context, now).contact_tries if purpose is Purpose.INFORM else MOST_TRIES


def _rule(context: EntryContext, now: datetime) -> ModeRule:
    over = context.mode_ends_at is not None and now >= context.mode_ends_at
    return rules_from(context.mode_rules)[Mode.NORMAL if over else Mode(context.mode)]


def _facts(entry: Entry, context: EntryContext, hours: OpenHours, settlement: Settlement) -> StepFacts:
    return StepFacts(
        purpose=entry.purpose,
        now=settlement.now,
        hours=hours,
        deadline=entry.deadline,
        effective_deadline=entry.effective_deadline,
        tries=entry.tries,
        tried_parts=parts_of(_tried_parts(entry, hours, settlement)),
        queue=entry.queue,
        most_tries=most_tries(entry.purpose, context, settlement.now),
        callback_at=settlement.callback_at,
        by_supervisor=settlement.by_supervisor,
        has_next_number=context.next_number is not None,
        is_question=settlement.is_question,
        can_sms=entry.shed_level != NEVER_SHED,
        misses_before_sms=_rule(context, settlement.now).misses_before_sms,
    )


def _record(connection: Connection, entry: Entry, settlement: Settlement) -> None:
    """The attempt ends, the live figures advance; the journal and the outside case system are told."""
    marks = marks_of(
        settlement.outcome,
        entry.purpose,
        called_at=settlement.dialled_at,
        spoke_at=settlement.spoke_at,
        now=settlement.now,
    )
    if settlement.attempt_id is not None:
        attempt_store.change(
            connection, settlement.attempt_id, outcome=settlement.outcome, outcome_at=settlement.now
        )
    service_level_store.keep_figures(connection, entry.case_record_id, settlement.outcome, marks)
    journal.write(connection, _outcome_line(entry, settlement, marks))
    announce_outcome(
        connection,
        entry.platform,
        entry.case_record_id,
        settlement.outcome,
        settlement.now,
        attempt_id=settlement.attempt_id,
        dialled_at=settlement.called_at,
        answered_at=settlement.spoke_at,
    )


def _outcome_line(entry: Entry, settlement: Settlement, marks: Marks) -> JournalEntry:
    """What the service level is recomputed from."""
    return JournalEntry(
        settlement.now,
        entry.platform,
        Event.ATTEMPT_OUTCOME,
        settlement.actor,
        case_record_id=entry.case_record_id,
        entry_id=entry.id,
        attempt_id=settlement.attempt_id,
        facts={
            "outcome": settlement.outcome.value,
            "purpose": entry.purpose.value,
            **service_level_store.marks_as_facts(marks),
        },
    )


def _cancel_promises(connection: Connection, entry: Entry, settlement: Settlement) -> None:
    """Nobody who was reached, or is called no more, still gets "we tried to call you"."""
    waiting = message_queue_store.queued_about_calls(connection, entry.id)
    moves = [Move(message_id, MessageStatus.CANCELLED) for message_id in waiting]
    message_store.move(connection, moves, actor=settlement.actor, now=settlement.now)


def _follow(
    connection: Connection,
    entry: Entry,
    context: EntryContext,
    hours: OpenHours,
    settlement: Settlement,
    step: NextStep,
) -> None:
    if _is_in_other_hands(entry, settlement):
        return
    match step.kind:
        case StepKind.KEEP:
            return
        case StepKind.CLOSE:
            because = str(step.because)
            call_list_store.close(
                connection,
                entry,
                because=because,
                actor=settlement.actor,
                now=settlement.now,
                tries=step.tries,
            )
            call_list_store.close_case_if_done(
                connection, entry, because=because, actor=settlement.actor, now=settlement.now
            )
        case (
            StepKind.RETRY
            | StepKind.CALLBACK
            | StepKind.ESCALATE
            | StepKind.NEXT_NUMBER
            | StepKind.RETURN
            | StepKind.TEXT
        ):
            _place(connection, entry, context, hours, settlement, step)
        case _:
            assert_never(step.kind)


def _is_in_other_hands(entry: Entry, settlement: Settlement) -> bool:
    """News of a message takes no entry from an agent's hands, and moves none that was not texted."""
    if settlement.outcome not in CHANNEL_OUTCOMES:
        return False
    returns = settlement.outcome in (CallOutcome.SMS_FAILED, CallOutcome.SMS_STOPPED)
    return entry.state is EntryState.LEASED or (returns and entry.state is not EntryState.TEXTED)


def _place(
    connection: Connection,
    entry: Entry,
    context: EntryContext,
    hours: OpenHours,
    settlement: Settlement,
    step: NextStep,
) -> None:
    """The entry stands on the list again, where and when the step says."""
    now, queue = settlement.now, step.queue or entry.queue
    standing = standing_at(step.at or now, queue, hours, now)
    event, facts = _told(settlement, step, standing.not_before)
    call_list_store.move(
        connection,
        entry,
        event=event,
        facts=facts,
        actor=settlement.actor,
        now=now,
        state=standing.state.value,
        not_before=standing.not_before,
        ready_until=standing.ready_until,
        queue=queue.value,
        call_class=int(_class_after(entry, context, settlement, step)),
        front=_front(entry, settlement, step),
        tries=step.tries,
        tried_parts=_tried_parts(entry, hours, settlement),
        message_id=None,
        **_callback(entry, settlement, step),
        **_number(entry, context, step, queue),
    )


def _front(entry: Entry, settlement: Settlement, step: NextStep) -> int:
    """Promised calls stand with the first calls, not behind them."""
    if step.front:
        return FRONT
    if step.kind is StepKind.CALLBACK or _keeps_promise(entry, settlement, step):
        return IN_ORDER
    return front_of(entry.purpose, tries=step.tries, deadline=entry.deadline, now=settlement.now)


def _class_after(entry: Entry, context: EntryContext, settlement: Settlement, step: NextStep) -> CallClass:
    promised = step.at if step.kind is StepKind.CALLBACK else None
    if _keeps_promise(entry, settlement, step):
        promised = entry.callback_at
    return class_of(
        CaseFacts(
            purpose=entry.purpose,
            opened_at=context.opened_at,
            deadline=entry.deadline,
            zone=context.zone,
            vulnerable=context.vulnerable,
            household=context.household,
            collective_setting=context.collective_setting,
            callback_at=promised,
            sms_returned=step.kind is StepKind.RETURN or entry.call_class is CallClass.SMS_RETURNED,
        )
    )


def _tried_parts(entry: Entry, hours: OpenHours, settlement: Settlement) -> int:
    if not FLAGS[settlement.outcome].counts_as_attempt:
        return entry.tried_parts
    return entry.tried_parts | PART_BITS[hours.day_part(settlement.called_at or settlement.now)]


def _keeps_promise(entry: Entry, settlement: Settlement, step: NextStep) -> bool:
    """A promised call that did not come about for reasons of ours is still promised."""
    uncounted = step.kind is StepKind.RETRY and not FLAGS[settlement.outcome].counts_as_attempt
    return uncounted and entry.callback_at is not None


def _callback(entry: Entry, settlement: Settlement, step: NextStep) -> dict[str, object]:
    if _keeps_promise(entry, settlement, step):
        return {}
    promised = step.kind is StepKind.CALLBACK
    return {
        "callback_at": step.at if promised else None,
        "callback_agent_id": settlement.agent_id if promised or step.same_agent else None,
        "callback_for_me_only": step.same_agent or (promised and settlement.for_me_only),
    }


def _number(entry: Entry, context: EntryContext, step: NextStep, queue: Queue) -> dict[str, object]:
    """The number to call next, and from which mode on an SMS would do instead."""
    level: dict[str, object] = {"shed_level": level_after(entry, context, step, queue)}
    if step.kind is StepKind.NEXT_NUMBER and context.next_number is not None:
        following = context.next_number
        return level | {"phone_position": following.position, "number_index": following.number_index}
    return level | {"number_index": None} if queue is Queue.SEARCH else level


def _told(
    settlement: Settlement, step: NextStep, not_before: datetime | None
) -> tuple[Event, dict[str, str | None]]:
    if step.kind is StepKind.ESCALATE:
        return Event.ENTRY_ESCALATED, {"queue": str(step.queue)}
    if step.kind is StepKind.RETURN:
        return Event.ENTRY_RETURNED, {"because": settlement.outcome.value}
    moment = None if not_before is None else not_before.isoformat()
    return Event.ENTRY_RESCHEDULED, {"not_before": moment, "because": settlement.outcome.value}
