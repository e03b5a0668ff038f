"""A campaign's progress in one plain sentence, in French and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from outreach.domain.audiences import Exclusion
from outreach.domain.campaigns import CampaignState
from outreach.domain.messages import MessageStatus

ON_THE_WAY = (MessageStatus.SENDING, MessageStatus.UNCERTAIN, MessageStatus.ACCEPTED, MessageStatus.SENT)
NOT_ARRIVED = (
    MessageStatus.UNDELIVERED,
    MessageStatus.FAILED,
    MessageStatus.UNKNOWN,
    MessageStatus.EXPIRED,
)


@dataclass(frozen=True)
class CampaignFigures:
    """What became of a campaign so far. `statuses`: of each member's first SMS; `replies`: by meaning.

    `segments`: billed, reminders included. `called`: members whose call ended, by its outcome.
    """

    members: int = 0
    pending: int = 0
    left_out: Mapping[Exclusion, int] = field(default_factory=dict)
    statuses: Mapping[MessageStatus, int] = field(default_factory=dict)
    reminders: Mapping[MessageStatus, int] = field(default_factory=dict)
    replies: Mapping[str, int] = field(default_factory=dict)
    segments: int = 0
    to_call: int = 0
    called: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)

    @property
    def written_to(self) -> int:
        return sum(self.statuses.values())

    @property
    def delivered(self) -> int:
        return self._sum(MessageStatus.DELIVERED, MessageStatus.READ)

    @property
    def read(self) -> int:
        return self._sum(MessageStatus.READ)

    @property
    def on_the_way(self) -> int:
        return self._sum(*ON_THE_WAY)

    @property
    def not_arrived(self) -> int:
        return self._sum(*NOT_ARRIVED)

    @property
    def left_out_in_all(self) -> int:
        return sum(self.left_out.values())

    def _sum(self, *statuses: MessageStatus) -> int:
        return sum(self.statuses.get(status, 0) for status in statuses)


_STATES = {
    "fr": {
        CampaignState.DRAFT: "Brouillon",
        CampaignState.READY: "Prête à partir",
        CampaignState.RUNNING: "En cours",
        CampaignState.PAUSED: "En pause",
        CampaignState.DONE: "Terminée",
        CampaignState.CANCELLED: "Annulée",
    },
    "en": {
        CampaignState.DRAFT: "Draft",
        CampaignState.READY: "Ready to start",
        CampaignState.RUNNING: "Running",
        CampaignState.PAUSED: "Paused",
        CampaignState.DONE: "Done",
        CampaignState.CANCELLED: "Cancelled",
    },
}
# Each part is told when its number is not 0; {n} of one person is written as it is of several.
_PARTS = {
    "fr": {
        "written_to": "{n} SMS préparés sur {members}",
        "delivered": "{n} remis",
        "read": "{n} lus",
        "on_the_way": "{n} en route",
        "queued": "{n} en attente",
        "not_arrived": "{n} non remis",
        "reminded": "{n} relances",
        "stopped": "{n} STOP",
        "to_call": "{n} à appeler",
        "called": "{n} appels terminés",
        "left_out_in_all": "{n} personnes écartées",
    },
    "en": {
        "written_to": "{n} SMS made of {members}",
        "delivered": "{n} delivered",
        "read": "{n} read",
        "on_the_way": "{n} on the way",
        "queued": "{n} queued",
        "not_arrived": "{n} not delivered",
        "reminded": "{n} reminders",
        "stopped": "{n} STOP",
        "to_call": "{n} to call",
        "called": "{n} calls ended",
        "left_out_in_all": "{n} people left out",
    },
}


def sentence(state: CampaignState, figures: CampaignFigures, language: str) -> str:
    """How far a campaign is: "En cours : 12 000 SMS préparés sur 100 000 ; 11 800 remis ; 35 non remis."."""
    spoken = language if language in _PARTS else "fr"
    numbers = {
        "written_to": figures.written_to,
        "delivered": figures.delivered,
        "read": figures.read,
        "on_the_way": figures.on_the_way,
        "queued": figures.statuses.get(MessageStatus.QUEUED, 0),
        "not_arrived": figures.not_arrived,
        "reminded": sum(figures.reminders.values()),
        "stopped": figures.replies.get("STOP", 0),
        "to_call": figures.to_call,
        "called": sum(figures.called.values()),
        "left_out_in_all": figures.left_out_in_all,
    }
    members = _spaced(figures.members, spoken)
    told = [
        part.format(n=_spaced(numbers[name], spoken), members=members)
        for name, part in _PARTS[spoken].items()
        if numbers[name]
    ]
    head = _STATES[spoken][state]
    if not told:
        return f"{head}."
    colon = " : " if spoken == "fr" else ": "
    return head + colon + (" ; " if spoken == "fr" else "; ").join(told) + "."


def _spaced(number: int, language: str) -> str:
    """12000 as "12 000" in French and "12,000" in English."""
    return f"{number:,}".replace(",", " ") if language == "fr" else f"{number:,}"
