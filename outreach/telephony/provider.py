"""What the program asks of a phone company; implemented by `twilio_provider`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

# The words for its answers belong to the rules of sending; whoever knows a provider finds them here.
from outreach.domain.send_answers import FailureClass as FailureClass
from outreach.domain.send_answers import FoundMessage as FoundMessage
from outreach.domain.send_answers import SendAnswer as SendAnswer
from outreach.domain.send_answers import SendVerdict as SendVerdict


@dataclass(frozen=True)
class MessageOrder:
    """One SMS to post once. `to` is E.164; `sender` a number, a name or a messaging service's sid (MG…)."""

    to: str
    body: str
    sender: str
    status_callback: str
    validity_seconds: int  # 1-36000


@dataclass(frozen=True)
class AgentLegOrder:
    """Ring the agent first. `answer_url` serves the TwiML that puts them in the conference.

    `to`: a number, or client:<identity> for a computer; `status_callback` '': nothing is reported.
    """

    to: str
    sender: str
    answer_url: str
    status_callback: str
    ring_seconds: int = 30


@dataclass(frozen=True)
class PersonLegOrder:
    """Bring someone into the attempt's conference. `label` names the leg ("person", "medical"…), nobody."""

    conference: str
    to: str
    sender: str
    label: str
    status_callback: str
    amd_callback: str = ""
    conference_callback: str = ""
    ring_seconds: int = 45


@dataclass(frozen=True)
class HearingOrder:
    """How a leg in a room is heard: by nobody (muted), by one leg (`coached_sid`), or by everyone."""

    conference_sid: str
    call_sid: str
    muted: bool
    coached_sid: str = ""


@dataclass(frozen=True)
class ProviderCall:
    """A leg as the provider knows it; `status` in the provider's words (queued, ringing, in-progress…)."""

    sid: str
    status: str
    conference_sid: str = ""


class TelephonyProvider(Protocol):
    """A phone company. Every method but `send_messages` raises TelephonyError."""

    def send_messages(
        self, orders: Sequence[MessageOrder], *, deadline_seconds: float, concurrency: int = 100
    ) -> list[SendAnswer]:
        """Post each order exactly once, many at a time; one answer per order, in order; raises for none.

        When `deadline_seconds` have passed since the call of this method, what was posted and has no answer
        is UNCERTAIN, and what was never posted is SLOW_DOWN with the code "not_posted".
        """
        ...

    def find_messages(self, to: str, *, most: int = 50) -> list[FoundMessage]:
        """The newest messages sent to a number, to settle one whose fate is unknown."""
        ...

    def cancel_message(self, sid: str) -> None: ...

    def call_agent(self, order: AgentLegOrder) -> ProviderCall: ...

    def call_person(self, order: PersonLegOrder) -> ProviderCall: ...

    def fetch_call(self, sid: str) -> ProviderCall: ...

    def hang_up(self, sid: str) -> None:
        """End a leg in whatever state it is; ending an ended leg is not an error."""
        ...

    def set_hold(self, conference_sid: str, call_sid: str, *, on: bool) -> None: ...

    def set_hearing(self, order: HearingOrder) -> None: ...

    def close(self) -> None:
        """Let go of kept connections; the process is ending."""
        ...

    def say_to(self, call_sid: str, answer_url: str) -> None:
        """Point a live leg at other TwiML (voicemail drop, a message before hanging up)."""
        ...
