"""Stands where no phone company is set up: nothing is lost, everything waits, and the reason is said."""

from __future__ import annotations

from collections.abc import Sequence

from outreach.errors import TelephonyError
from outreach.telephony.provider import (
    AgentLegOrder,
    FoundMessage,
    HearingOrder,
    MessageOrder,
    PersonLegOrder,
    ProviderCall,
    SendAnswer,
    SendVerdict,
)

CODE = "not_configured"


class NoProvider:
    """Implements TelephonyProvider by refusing: messages stay queued, calls end at once."""

    def send_messages(
        self, orders: Sequence[MessageOrder], *, deadline_seconds: float, concurrency: int = 200
    ) -> list[SendAnswer]:
        return [SendAnswer(SendVerdict.SLOW_DOWN, code=CODE) for _ in orders]

    def find_messages(self, to: str, *, most: int = 50) -> list[FoundMessage]:
        raise _refusal()

    def cancel_message(self, sid: str) -> None:
        raise _refusal()

    def call_agent(self, order: AgentLegOrder) -> ProviderCall:
        raise _refusal()

    def call_person(self, order: PersonLegOrder) -> ProviderCall:
        raise _refusal()

    def fetch_call(self, sid: str) -> ProviderCall:
        raise _refusal()

    def hang_up(self, sid: str) -> None:
        raise _refusal()

    def set_hold(self, conference_sid: str, call_sid: str, *, on: bool) -> None:
        raise _refusal()

    def set_hearing(self, order: HearingOrder) -> None:
        raise _refusal()

    def say_to(self, call_sid: str, answer_url: str) -> None:
        raise _refusal()

    def ping(self) -> None:
        raise _refusal()

    def close(self) -> None:
        """Nothing is open."""


def _refusal() -> TelephonyError:
    return TelephonyError(
        "No phone company is set up: set OUTREACH_TWILIO_ACCOUNT_SID, OUTREACH_TWILIO_AUTH_TOKEN and "
        "OUTREACH_TWILIO_CALLER_ID.",
        code=CODE,
    )
