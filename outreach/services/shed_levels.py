"""From which mode on an SMS would do instead of the call, once an entry stands on the list again."""

from __future__ import annotations

from outreach.domain.call_list import CallClass, EntryState, Queue
from outreach.domain.load_shedding import NEVER_SHED, TEXTED_ANYWAY, ShedFacts, rules_from, shed_level
from outreach.domain.next_steps import NextStep, StepKind
from outreach.storage.call_list_store import Entry, EntryContext


def level_after(entry: Entry, context: EntryContext, step: NextStep, queue: Queue) -> int:
    """After an outcome. Who waits for a doctor, a senior, an interpreter or a supervisor is spoken to.

    Once a call is owed (a promise, an SMS that failed) the entry is never shed again.
    """
    if queue is not Queue.AGENTS:
        return NEVER_SHED
    if step.kind is StepKind.TEXT:  # the next claim of messages takes it
        return TEXTED_ANYWAY
    if step.kind in (StepKind.CALLBACK, StepKind.RETURN) or step.same_agent:
        return NEVER_SHED
    if step.kind is StepKind.NEXT_NUMBER:  # the number called is bad: an SMS goes to any of the others
        return _level(entry, context, can_sms=context.others_can_sms)
    return entry.shed_level


def level_in(queue: Queue, entry: Entry, context: EntryContext) -> int:
    """Moved by hand. Back with the agents, the platform's modes decide again."""
    if queue is not Queue.AGENTS or entry.state is EntryState.TEXTED:
        return NEVER_SHED
    return _level(entry, context, can_sms=context.can_sms)


def _level(entry: Entry, context: EntryContext, *, can_sms: bool) -> int:
    owed = entry.call_class is CallClass.SMS_RETURNED or entry.callback_at is not None
    return shed_level(
        ShedFacts(
            purpose=entry.purpose,
            can_sms=can_sms,
            adult=context.adult,
            vulnerable=context.vulnerable,
            household=context.household,
            collective_setting=context.collective_setting,
            opted_out=context.opted_out,
            promised_call=owed or context.informed,
        ),
        rules_from(context.mode_rules),
    )
