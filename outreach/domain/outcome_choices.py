"""The outcomes an agent may choose from, in groups, with the number keys of the most frequent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from outreach.domain.outcomes import FLAGS, CallOutcome
from outreach.domain.purposes import Purpose


class OutcomeGroup(StrEnum):
    """How the desk groups outcomes (docs/rules.md, "Outcomes")."""

    REACHED = "REACHED"
    VOICEMAIL = "VOICEMAIL"
    LINE = "LINE"
    NOT_THE_PERSON = "NOT_THE_PERSON"
    ROUTED = "ROUTED"


GROUPS: Mapping[OutcomeGroup, tuple[CallOutcome, ...]] = {
    OutcomeGroup.REACHED: (
        CallOutcome.COMPLETED,
        CallOutcome.INFO_GIVEN,
        CallOutcome.PARTIAL,
        CallOutcome.CALLBACK_AT,
        CallOutcome.REFUSED,
        CallOutcome.PROXY_DONE,
        CallOutcome.ALREADY_DONE,
        CallOutcome.DO_NOT_CALL,
    ),
    OutcomeGroup.VOICEMAIL: (CallOutcome.VOICEMAIL_LEFT, CallOutcome.VOICEMAIL_NONE),
    OutcomeGroup.LINE: (
        CallOutcome.NO_ANSWER,
        CallOutcome.BUSY,
        CallOutcome.INVALID_NUMBER,
        CallOutcome.NETWORK_FAILED,
        CallOutcome.CANCELLED,
        CallOutcome.AGENT_LOST,
    ),
    OutcomeGroup.NOT_THE_PERSON: (CallOutcome.WRONG_NUMBER, CallOutcome.THIRD_PARTY),
    OutcomeGroup.ROUTED: (
        CallOutcome.LANGUAGE,
        CallOutcome.ESCALATE_MEDICAL,
        CallOutcome.ESCALATE_ARS,
        CallOutcome.EMERGENCY,
        CallOutcome.HOSPITALISED,
        CallOutcome.DECEASED,
    ),
}
# The first is what finishes the work: an interview, or the information of a contact.
_NUMBERED = (
    CallOutcome.PARTIAL,
    CallOutcome.CALLBACK_AT,
    CallOutcome.VOICEMAIL_LEFT,
    CallOutcome.VOICEMAIL_NONE,
    CallOutcome.NO_ANSWER,
    CallOutcome.THIRD_PARTY,
    CallOutcome.WRONG_NUMBER,
    CallOutcome.REFUSED,
)
_DONE = frozenset({CallOutcome.COMPLETED, CallOutcome.INFO_GIVEN})
# What nobody says by mistake without harm: asked twice.
GRAVE = frozenset({CallOutcome.DECEASED, CallOutcome.EMERGENCY, CallOutcome.DO_NOT_CALL})


@dataclass(frozen=True)
class OutcomeChoice:
    """`key`: the digit that chooses it, 0 for none."""

    outcome: CallOutcome
    key: int
    grave: bool


def outcome_choices(purpose: Purpose, *, dialled: bool) -> dict[OutcomeGroup, list[OutcomeChoice]]:
    """What may be said of a call; nobody was spoken to where no line was dialled."""
    done = CallOutcome.INFO_GIVEN if purpose is Purpose.INFORM else CallOutcome.COMPLETED
    keys = {outcome: number for number, outcome in enumerate((done, *_NUMBERED), start=1)}
    offered = {
        group: [
            OutcomeChoice(outcome, keys.get(outcome, 0), outcome in GRAVE)
            for outcome in outcomes
            if (dialled or not FLAGS[outcome].human) and (outcome not in _DONE or outcome is done)
        ]
        for group, outcomes in GROUPS.items()
    }
    return {group: choices for group, choices in offered.items() if choices}
