"""The computer as an agent's telephone: the choice, the token for it, a test call, the stand-in's line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.agent_devices import AgentDevice, computer_address, identity_of
from outreach.errors import Conflict, NotFound
from outreach.services.callback_urls import CallbackUrls, Webhook
from outreach.storage import device_store
from outreach.storage.database import Database
from outreach.telephony.provider import AgentLegOrder, TelephonyProvider
from outreach.telephony.softphone_tokens import SoftphoneKey
from outreach.telephony.stand_in_line import StandInAct, StandInCall, StandInLine

TOKEN_LIVES = timedelta(hours=1)
TEST_RING_SECONDS = 20


class SoftphoneKind(StrEnum):
    """How a computer can be a telephone here."""

    NONE = "NONE"  # no key of the phone company's was given
    VOICE_SDK = "VOICE_SDK"
    STAND_IN = "STAND_IN"  # the phone company is the simulator


@dataclass(frozen=True)
class SoftphoneToken:
    """`token` is for the phone company's script in the page; ask for another before it expires."""

    token: str
    identity: str
    expires_at: datetime


@dataclass(frozen=True)
class Softphone:
    """`key` None: the account has none; `line` None: the phone company is no simulator."""

    database: Database
    clock: Clock
    provider: TelephonyProvider
    urls: CallbackUrls
    caller_id: str
    key: SoftphoneKey | None
    line: StandInLine | None

    @property
    def kind(self) -> SoftphoneKind:
        if self.line is not None:
            return SoftphoneKind.STAND_IN
        return SoftphoneKind.NONE if self.key is None else SoftphoneKind.VOICE_SDK

    def device(self, user_id: UUID) -> AgentDevice:
        """What rings for this agent."""
        with self.database.reading() as connection:
            return device_store.device_of(connection, user_id)

    def choose(self, user_id: UUID, device: AgentDevice) -> None:
        """From the next call on this rings. Raises Conflict where no computer can."""
        if device is AgentDevice.COMPUTER and self.kind is SoftphoneKind.NONE:
            raise _no_softphone()
        with self.database.begin() as connection:
            device_store.choose(connection, user_id, device, self.clock.now())

    def token(self, user_id: UUID) -> SoftphoneToken:
        """An hour's token. Raises Conflict where there is no key."""
        if self.key is None:
            raise _no_softphone()
        identity = identity_of(user_id)
        expires_at = self.clock.now() + TOKEN_LIVES
        return SoftphoneToken(self.key.token(identity, until=expires_at), identity, expires_at)

    def test_call(self, user_id: UUID) -> None:
        """Ring the agent's computers and say a sentence. Raises Conflict, TelephonyError."""
        if self.kind is SoftphoneKind.NONE:
            raise _no_softphone()
        self.provider.call_agent(
            AgentLegOrder(
                to=computer_address(user_id),
                sender=self.caller_id,
                answer_url=self.urls.of(Webhook.TEST_CALL, user_id),
                status_callback="",
                ring_seconds=TEST_RING_SECONDS,
            )
        )

    def calls(self, user_id: UUID) -> list[StandInCall]:
        """What rings or is held at the agent's stand-in now. Raises NotFound where there is none."""
        return self._line().calls(identity_of(user_id))

    def act(self, user_id: UUID, sid: str, act: StandInAct) -> StandInCall:
        """Do one thing with a call at the agent's stand-in. Raises Conflict, NotFound, TelephonyError."""
        return self._line().act(identity_of(user_id), sid, act)

    def _line(self) -> StandInLine:
        if self.line is None:
            raise NotFound("There is no stand-in telephone here.", code="no_stand_in")
        return self.line


def _no_softphone() -> Conflict:
    return Conflict("Computers cannot be rung here: the phone company gave no key.", code="no_softphone")
