"""What a call or a message can come to: every code, with its flags as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class CallOutcome(StrEnum):
    """Every code of docs/rules.md, "Outcomes"."""

    # Reached
    COMPLETED = "COMPLETED"
    INFO_GIVEN = "INFO_GIVEN"
    PARTIAL = "PARTIAL"
    CALLBACK_AT = "CALLBACK_AT"
    REFUSED = "REFUSED"
    PROXY_DONE = "PROXY_DONE"
    ALREADY_DONE = "ALREADY_DONE"
    DO_NOT_CALL = "DO_NOT_CALL"
    # Routed
    LANGUAGE = "LANGUAGE"
    ESCALATE_MEDICAL = "ESCALATE_MEDICAL"
    ESCALATE_ARS = "ESCALATE_ARS"
    EMERGENCY = "EMERGENCY"
    HOSPITALISED = "HOSPITALISED"
    DECEASED = "DECEASED"
    # Not the person
    WRONG_NUMBER = "WRONG_NUMBER"
    THIRD_PARTY = "THIRD_PARTY"
    # Voicemail
    VOICEMAIL_LEFT = "VOICEMAIL_LEFT"
    VOICEMAIL_NONE = "VOICEMAIL_NONE"
    # By the system
    NO_ANSWER = "NO_ANSWER"
    BUSY = "BUSY"
    NETWORK_FAILED = "NETWORK_FAILED"
    INVALID_NUMBER = "INVALID_NUMBER"
    CANCELLED = "CANCELLED"
    AGENT_LOST = "AGENT_LOST"
    # Channel
    SHED_TO_SMS = "SHED_TO_SMS"
    SMS_DELIVERED = "SMS_DELIVERED"
    SMS_READ = "SMS_READ"
    SMS_FAILED = "SMS_FAILED"
    SMS_REPLIED = "SMS_REPLIED"
    SMS_STOPPED = "SMS_STOPPED"
    # End of plan
    UNREACHED = "UNREACHED"


@dataclass(frozen=True)
class OutcomeFlags:
    """What a code means.

    final: it may close the entry (REFUSED the second time, DO_NOT_CALL once confirmed).
    counts_as_attempt: the person's line was tried, and the failure, if any, was not ours or the network's.
    meets_24h: the person, or who answers for them, was spoken to about the matter, or showed they read
    of it; an agreed callback is not enough.
    needs_supervisor: takes effect only when a supervisor confirms.
    """

    final: bool = False
    human: bool = False
    right_person: bool = False
    counts_as_attempt: bool = False
    meets_24h: bool = False
    number_bad: bool = False
    needs_supervisor: bool = False


_DONE = OutcomeFlags(final=True, human=True, right_person=True, counts_as_attempt=True, meets_24h=True)
_SPOKEN_TO = OutcomeFlags(human=True, right_person=True, counts_as_attempt=True, meets_24h=True)
_TOLD_BY_OTHERS = OutcomeFlags(final=True, human=True, counts_as_attempt=True)
_MISSED = OutcomeFlags(counts_as_attempt=True)
_NOTHING = OutcomeFlags()

FLAGS: Mapping[CallOutcome, OutcomeFlags] = {
    CallOutcome.COMPLETED: _DONE,
    CallOutcome.INFO_GIVEN: _DONE,
    CallOutcome.PARTIAL: _SPOKEN_TO,
    CallOutcome.CALLBACK_AT: OutcomeFlags(human=True, right_person=True, counts_as_attempt=True),
    CallOutcome.REFUSED: _DONE,
    CallOutcome.PROXY_DONE: OutcomeFlags(final=True, human=True, counts_as_attempt=True, meets_24h=True),
    CallOutcome.ALREADY_DONE: _DONE,
    CallOutcome.DO_NOT_CALL: OutcomeFlags(
        final=True,
        human=True,
        right_person=True,
        counts_as_attempt=True,
        meets_24h=True,
        needs_supervisor=True,
    ),
    CallOutcome.LANGUAGE: OutcomeFlags(human=True, counts_as_attempt=True),
    CallOutcome.ESCALATE_MEDICAL: _SPOKEN_TO,
    CallOutcome.ESCALATE_ARS: _DONE,
    CallOutcome.EMERGENCY: _DONE,
    CallOutcome.HOSPITALISED: _TOLD_BY_OTHERS,
    CallOutcome.DECEASED: _TOLD_BY_OTHERS,
    CallOutcome.WRONG_NUMBER: OutcomeFlags(human=True, counts_as_attempt=True, number_bad=True),
    CallOutcome.THIRD_PARTY: OutcomeFlags(human=True, counts_as_attempt=True),
    CallOutcome.VOICEMAIL_LEFT: _MISSED,
    CallOutcome.VOICEMAIL_NONE: _MISSED,
    CallOutcome.NO_ANSWER: _MISSED,
    CallOutcome.BUSY: _MISSED,
    CallOutcome.NETWORK_FAILED: _NOTHING,
    CallOutcome.INVALID_NUMBER: OutcomeFlags(number_bad=True),  # no phone rang
    CallOutcome.CANCELLED: _NOTHING,
    CallOutcome.AGENT_LOST: _NOTHING,
    CallOutcome.SHED_TO_SMS: _NOTHING,
    CallOutcome.SMS_DELIVERED: _NOTHING,
    CallOutcome.SMS_READ: OutcomeFlags(final=True, right_person=True, meets_24h=True),
    CallOutcome.SMS_FAILED: _NOTHING,
    CallOutcome.SMS_REPLIED: OutcomeFlags(final=True, human=True, right_person=True, meets_24h=True),
    CallOutcome.SMS_STOPPED: _NOTHING,
    CallOutcome.UNREACHED: OutcomeFlags(final=True),
}

CHANNEL_OUTCOMES = frozenset(
    {
        CallOutcome.SHED_TO_SMS,
        CallOutcome.SMS_DELIVERED,
        CallOutcome.SMS_READ,
        CallOutcome.SMS_FAILED,
        CallOutcome.SMS_REPLIED,
        CallOutcome.SMS_STOPPED,
    }
)
