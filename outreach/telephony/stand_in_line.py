"""The stand-in device's line to the simulated phone company: what rings at a page and becomes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote

import urllib3

from outreach.errors import Conflict, TelephonyError

TIMEOUT_SECONDS = 3.0


class StandInAct(StrEnum):
    """What somebody at the page does with a call."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    MUTE = "mute"
    UNMUTE = "unmute"
    HANG_UP = "hang-up"


@dataclass(frozen=True)
class StandInCall:
    """A call at the page. `status`: ringing or in-progress; `met`: how many others are on it now."""

    sid: str
    status: str
    muted: bool
    heard: tuple[str, ...]
    met: int


@dataclass(frozen=True)
class StandInLine:
    """Speaks to the simulator only: no carrier has these addresses."""

    url: str
    pool: urllib3.PoolManager = field(default_factory=urllib3.PoolManager, repr=False)

    def calls(self, identity: str) -> list[StandInCall]:
        """What rings or is held there now. Raises TelephonyError."""
        return [_call(each) for each in self._ask("GET", quote(identity))["calls"]]

    def act(self, identity: str, sid: str, act: StandInAct) -> StandInCall:
        """Raises Conflict for a call that is over or not so far, TelephonyError."""
        return _call(self._ask("POST", f"{quote(identity)}/{quote(sid, safe='')}/{act.value}"))

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        address = f"{self.url.rstrip('/')}/simulator/clients/{path}"
        try:
            answer = self.pool.request(method, address, timeout=TIMEOUT_SECONDS, retries=False)
        except urllib3.exceptions.HTTPError:
            raise TelephonyError("The simulated phone company cannot be reached.", code="no_answer") from None
        if answer.status >= 500:
            raise TelephonyError("The simulated phone company failed.", code=str(answer.status))
        if answer.status >= 400:
            raise Conflict("This call is over, or does not ring any more.", code="call_over")
        return dict(json.loads(answer.data))


def _call(told: dict[str, Any]) -> StandInCall:
    return StandInCall(
        told["sid"], told["status"], bool(told["muted"]), tuple(told["heard"]), int(told["met"])
    )
