"""What follows an outcome: `next_step` is the one rule, and it only decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from outreach.domain.call_list import Queue
from outreach.domain.calling_hours import DayPart, OpenHours
from outreach.domain.outcomes import FLAGS, CallOutcome
from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput, NotAllowed

MOST_TRIES = 3
AFTER_NO_ANSWER = timedelta(minutes=90)
AFTER_BUSY = timedelta(minutes=10)
AFTER_NETWORK_FAILURE = timedelta(minutes=5)
AFTER_PARTIAL = timedelta(minutes=30)
AFTER_THIRD_PARTY = timedelta(hours=2)
LAST_HOUR = timedelta(hours=1)
LATEST_CALLBACK = timedelta(days=30)
MISSES = frozenset(
    {CallOutcome.NO_ANSWER, CallOutcome.BUSY, CallOutcome.VOICEMAIL_LEFT, CallOutcome.VOICEMAIL_NONE}
)


class StepKind(StrEnum):
    """What becomes of the entry."""

    CLOSE = "CLOSE"
    RETRY = "RETRY"  # at `at`, class as the case says
    CALLBACK = "CALLBACK"  # at `at`, as agreed with the person
    ESCALATE = "ESCALATE"  # to `queue`
    NEXT_NUMBER = "NEXT_NUMBER"  # at once
    TEXT = "TEXT"  # an SMS stands for the call
    RETURN = "RETURN"  # from SMS back to the calls
    KEEP = "KEEP"  # nothing changes


class StepEffect(StrEnum):
    """What else the outcome asks for, outside the call list."""

    TEXT_MISSED_CALL = "TEXT_MISSED_CALL"
    SEND_WRITTEN_INFORMATION = "SEND_WRITTEN_INFORMATION"
    MARK_NUMBER_BAD = "MARK_NUMBER_BAD"
    MERGE_RECORDS = "MERGE_RECORDS"
    EXPORT_TO_ARS = "EXPORT_TO_ARS"
    EXPORT_LETTER = "EXPORT_LETTER"
    ALERT_SUPERVISOR = "ALERT_SUPERVISOR"
    STOP_EVERY_MESSAGE = "STOP_EVERY_MESSAGE"  # for good, of every kind


@dataclass(frozen=True)
class StepFacts:
    """What the rule looks at. `tries`: counted tries before this one; `queue`: where the entry stands.

    `tried_parts`: of the day, this try's included; `purpose` tells a positive (INTERVIEW) from the others;
    `callback_at`: the moment agreed, for CALLBACK_AT; `can_sms`: the person may be informed by an SMS
    instead, after `misses_before_sms`.
    """

    purpose: Purpose
    now: datetime
    hours: OpenHours
    deadline: datetime
    effective_deadline: datetime
    tries: int = 0
    tried_parts: frozenset[DayPart] = frozenset()
    queue: Queue = Queue.AGENTS
    most_tries: int = MOST_TRIES
    callback_at: datetime | None = None
    by_supervisor: bool = False
    has_next_number: bool = False
    is_question: bool = False
    can_sms: bool = False
    misses_before_sms: int = MOST_TRIES

    @property
    def positive(self) -> bool:
        return self.purpose is Purpose.INTERVIEW


@dataclass(frozen=True)
class NextStep:
    """The decision. `queue` None: as before; `same_agent`: kept for who had it; `tries`: the new count."""

    kind: StepKind
    tries: int
    at: datetime | None = None
    queue: Queue | None = None
    same_agent: bool = False
    front: bool = False
    because: CallOutcome | None = None  # of a CLOSE
    effects: frozenset[StepEffect] = frozenset()


def next_step(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    """What follows an outcome. A positive leaves the list by a final outcome alone, never by its tries.

    Raises NotAllowed when a supervisor is needed or the outcome cannot be (a positive is never shed),
    InvalidInput for a callback that has no callable moment.
    """
    if FLAGS[outcome].needs_supervisor and not facts.by_supervisor:
        return _escalate(outcome, facts, Queue.SUPERVISORS)
    return _RULES[outcome](outcome, facts)


def tries_after(outcome: CallOutcome, facts: StepFacts) -> int:
    return facts.tries + FLAGS[outcome].counts_as_attempt


def _close(outcome: CallOutcome, facts: StepFacts, *effects: StepEffect) -> NextStep:
    return NextStep(StepKind.CLOSE, tries_after(outcome, facts), because=outcome, effects=frozenset(effects))


def _keep(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    return NextStep(StepKind.KEEP, tries_after(outcome, facts))


def _escalate(outcome: CallOutcome, facts: StepFacts, queue: Queue, *effects: StepEffect) -> NextStep:
    return NextStep(
        StepKind.ESCALATE,
        tries_after(outcome, facts),
        at=facts.now,
        queue=queue,
        effects=frozenset(effects),
    )


def _retry(outcome: CallOutcome, facts: StepFacts, at: datetime, *, front: bool = False) -> NextStep:
    """Another try, unless it was the last one; a positive has no last one."""
    tries = tries_after(outcome, facts)
    if _is_informed_by_sms(outcome, facts):
        return NextStep(StepKind.TEXT, tries)
    if not facts.positive and FLAGS[outcome].counts_as_attempt and tries >= facts.most_tries:
        return _end_of_plan(outcome, facts)
    effects = {StepEffect.TEXT_MISSED_CALL} if _is_miss(outcome, facts) else set()
    return NextStep(
        StepKind.RETRY, tries, at=_callable_moment(at, facts), front=front, effects=frozenset(effects)
    )


def _is_informed_by_sms(outcome: CallOutcome, facts: StepFacts) -> bool:
    """A contact missed so often gets the SMS under every mode: being informed in time counts for most."""
    missed = outcome in MISSES and tries_after(outcome, facts) >= facts.misses_before_sms
    return missed and facts.can_sms and facts.purpose is Purpose.INFORM


def _is_miss(outcome: CallOutcome, facts: StepFacts) -> bool:
    """A positive is told once that we tried; whoever queues the text knows of earlier ones."""
    return facts.positive and outcome in MISSES


def _callable_moment(at: datetime, facts: StepFacts) -> datetime:
    """Within calling hours; for a positive no later than the last hour before its effective deadline."""
    last_hour = facts.effective_deadline - LAST_HOUR
    if facts.positive and facts.now < last_hour < at:
        at = last_hour
    return facts.hours.next_open(at)


def _end_of_plan(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    return NextStep(
        StepKind.CLOSE,
        tries_after(outcome, facts),
        because=CallOutcome.UNREACHED,
        effects=frozenset({StepEffect.EXPORT_LETTER}),
    )


def _after_no_answer(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    """+90 minutes; whom only a call can reach: after the first try, and then in another part of the day."""
    if facts.tries > 0 and (facts.positive or _is_only_called(facts)):
        return _after_voicemail(outcome, facts)
    return _retry(outcome, facts, facts.now + AFTER_NO_ANSWER)


def _after_voicemail(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    return _retry(outcome, facts, _next_part(facts))


def _is_only_called(facts: StepFacts) -> bool:
    """A contact whom no SMS can inform."""
    return facts.purpose is Purpose.INFORM and not facts.can_sms


def _next_part(facts: StepFacts) -> datetime:
    """Later in the day or on the next, rather in one of the wanted parts."""
    first = at = facts.hours.next_part(facts.now)
    for _ in DayPart:
        if facts.hours.day_part(at) in _wanted_parts(facts) and _is_in_time(at, facts):
            return at
        at = facts.hours.next_part(at)
    return first


def _wanted_parts(facts: StepFacts) -> frozenset[DayPart]:
    """Of a positive, those in which nobody has tried yet; for the last call of a contact, the evening."""
    if facts.positive:
        return frozenset(DayPart) - facts.tried_parts
    if _is_only_called(facts) and facts.tries + 2 == facts.most_tries:
        return frozenset({DayPart.EVENING})
    return frozenset(DayPart)


def _is_in_time(at: datetime, facts: StepFacts) -> bool:
    """Whether waiting until then costs no deadline that can still be kept."""
    last_hour = facts.effective_deadline - LAST_HOUR
    return facts.now >= last_hour or at <= last_hour


def _after_partial(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    at = facts.hours.next_open(facts.now + AFTER_PARTIAL)
    return NextStep(StepKind.RETRY, tries_after(outcome, facts), at=at, same_agent=True)


def _after_callback_request(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    at = facts.callback_at
    if at is None or at <= facts.now:
        raise InvalidInput("A callback needs a moment that lies ahead.", field="callback_at")
    if at > facts.now + LATEST_CALLBACK:
        raise InvalidInput(
            "A callback lies too far ahead.", field="callback_at", mend=f"within {LATEST_CALLBACK.days} days"
        )
    if not facts.hours.is_open(at):
        opens = facts.hours.next_open(at).isoformat()
        raise InvalidInput(
            "The platform does not call at that hour.", field="callback_at", mend=f"the next is {opens}"
        )
    if facts.positive and at > facts.deadline and not facts.by_supervisor:
        raise NotAllowed(
            "A callback after a positive's deadline needs a supervisor.", code="supervisor_needed"
        )
    return NextStep(StepKind.CALLBACK, tries_after(outcome, facts), at=at)


def _after_refusal(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    """One more try by a senior; refused to a senior, the person gets it in writing."""
    if facts.queue in (Queue.SENIORS, Queue.SUPERVISORS):
        return _close(outcome, facts, StepEffect.SEND_WRITTEN_INFORMATION)
    at = _callable_moment(facts.hours.next_part(facts.now), facts)
    return NextStep(StepKind.RETRY, tries_after(outcome, facts), at=at, queue=Queue.SENIORS)


def _after_bad_number(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    if not facts.has_next_number:
        return _escalate(outcome, facts, Queue.SEARCH, StepEffect.MARK_NUMBER_BAD)
    return NextStep(
        StepKind.NEXT_NUMBER,
        tries_after(outcome, facts),
        at=facts.now,
        effects=frozenset({StepEffect.MARK_NUMBER_BAD}),
    )


def _after_shedding(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    if facts.positive:
        raise NotAllowed("A positive is called, never shed to an SMS.", code="positive_never_shed")
    return NextStep(StepKind.TEXT, facts.tries)


def _after_read(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    return _keep(outcome, facts) if facts.positive else _close(outcome, facts)


def _after_failed_message(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    """Called after all. Whoever said STOP opted out when the reply, or the carrier's refusal, was read."""
    kind = StepKind.KEEP if facts.positive else StepKind.RETURN
    at = None if facts.positive else facts.hours.next_open(facts.now)
    return NextStep(kind, facts.tries, at=at)


def _after_reply(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    """A question is answered by a call, at once; any other reply shows that the message was read."""
    if not facts.is_question:
        return _after_read(outcome, facts)
    kind = StepKind.RETRY if facts.positive else StepKind.RETURN
    return NextStep(kind, facts.tries, at=facts.hours.next_open(facts.now))


def _after_unreached(outcome: CallOutcome, facts: StepFacts) -> NextStep:
    """A positive is given up by a supervisor or not at all; anybody else once the tries are used up."""
    if facts.positive and not facts.by_supervisor:
        return _escalate(outcome, facts, Queue.SUPERVISORS)
    if facts.tries < facts.most_tries and not facts.by_supervisor:
        raise NotAllowed("There are tries left: only a supervisor gives up earlier.", code="tries_left")
    return _end_of_plan(outcome, facts)


Rule = Callable[[CallOutcome, StepFacts], NextStep]


def _closes(*effects: StepEffect) -> Rule:
    return lambda outcome, facts: _close(outcome, facts, *effects)


def _goes_to(queue: Queue) -> Rule:
    return lambda outcome, facts: _escalate(outcome, facts, queue)


def _tries_again(after: timedelta = timedelta(), *, front: bool = False) -> Rule:
    return lambda outcome, facts: _retry(outcome, facts, facts.now + after, front=front)


_RULES: Mapping[CallOutcome, Rule] = {
    CallOutcome.COMPLETED: _closes(),
    CallOutcome.INFO_GIVEN: _closes(),
    CallOutcome.PARTIAL: _after_partial,
    CallOutcome.CALLBACK_AT: _after_callback_request,
    CallOutcome.REFUSED: _after_refusal,
    CallOutcome.PROXY_DONE: _closes(),
    CallOutcome.ALREADY_DONE: _closes(StepEffect.MERGE_RECORDS),
    CallOutcome.DO_NOT_CALL: _closes(),
    CallOutcome.LANGUAGE: _goes_to(Queue.INTERPRETERS),
    CallOutcome.ESCALATE_MEDICAL: _goes_to(Queue.MEDICAL),
    CallOutcome.ESCALATE_ARS: _closes(StepEffect.EXPORT_TO_ARS),
    CallOutcome.EMERGENCY: _closes(StepEffect.ALERT_SUPERVISOR),
    CallOutcome.HOSPITALISED: _closes(),
    CallOutcome.DECEASED: _closes(StepEffect.STOP_EVERY_MESSAGE),
    CallOutcome.WRONG_NUMBER: _after_bad_number,
    CallOutcome.THIRD_PARTY: _tries_again(AFTER_THIRD_PARTY),  # who answered hears the neutral message
    CallOutcome.VOICEMAIL_LEFT: _after_voicemail,
    CallOutcome.VOICEMAIL_NONE: _after_voicemail,
    CallOutcome.NO_ANSWER: _after_no_answer,
    CallOutcome.BUSY: _tries_again(AFTER_BUSY),
    CallOutcome.NETWORK_FAILED: _tries_again(AFTER_NETWORK_FAILURE),
    CallOutcome.INVALID_NUMBER: _after_bad_number,
    CallOutcome.CANCELLED: _tries_again(),
    CallOutcome.AGENT_LOST: _tries_again(
        front=True
    ),  # the calling service first tries to reconnect the agent
    CallOutcome.SHED_TO_SMS: _after_shedding,
    CallOutcome.SMS_DELIVERED: _keep,
    CallOutcome.SMS_READ: _after_read,
    CallOutcome.SMS_FAILED: _after_failed_message,
    CallOutcome.SMS_REPLIED: _after_reply,
    CallOutcome.SMS_STOPPED: _after_failed_message,
    CallOutcome.UNREACHED: _after_unreached,
}
