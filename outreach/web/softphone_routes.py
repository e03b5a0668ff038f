"""The computer as an agent's telephone over HTTP: the choice, the token, a test call, the stand-in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from outreach.domain.agent_devices import AgentDevice, identity_of
from outreach.services.softphone import SoftphoneKind
from outreach.telephony.stand_in_line import StandInAct
from outreach.web.access import Caller, TheApp
from outreach.web.idempotency import ApiRoute

router = APIRouter(prefix="/api/v1/softphone", tags=["softphone"], route_class=ApiRoute)
CallSid = Annotated[str, Path(pattern="^CA[0-9a-f]{32}$")]


class Chosen(BaseModel):
    """`identity`: the address of your computers is client:<identity>; `kind`: how they can be rung here."""

    device: AgentDevice
    kind: SoftphoneKind
    identity: str


class Choice(BaseModel):
    device: AgentDevice


class Token(BaseModel):
    """For the phone company's script in the page, for an hour."""

    model_config = ConfigDict(from_attributes=True)

    token: str
    identity: str
    expires_at: datetime


class StandInShown(BaseModel):
    """A call at your stand-in. `heard`: what was said to it; `met`: how many others are on it now."""

    model_config = ConfigDict(from_attributes=True)

    sid: str
    status: str
    muted: bool
    heard: list[str]
    met: int


@router.get("")
def read_device(app: TheApp, asker: Caller) -> Chosen:
    """What rings when you click to call."""
    device = app.softphone.device(asker.user_id)
    return Chosen(device=device, kind=app.softphone.kind, identity=identity_of(asker.user_id))


@router.put("/device", status_code=204)
def choose_device(app: TheApp, asker: Caller, body: Choice) -> None:
    """Your phone, or the computer you sit at, from the next call on."""
    app.softphone.choose(asker.user_id, body.device)


@router.post("/token")
def make_token(app: TheApp, asker: Caller) -> Token:
    """Lets this computer be rung for an hour, and call nobody."""
    return Token.model_validate(app.softphone.token(asker.user_id))


@router.post("/test-call", status_code=204)
def ring_for_a_test(app: TheApp, asker: Caller) -> None:
    """Your computers ring; whoever takes the call hears a sentence."""
    app.softphone.test_call(asker.user_id)


@router.get("/stand-in")
def list_stand_in_calls(app: TheApp, asker: Caller) -> list[StandInShown]:
    """With the simulator only: what rings or is held at your computer now."""
    return [StandInShown.model_validate(call) for call in app.softphone.calls(asker.user_id)]


@router.post("/stand-in/{sid}/{act}")
def act_at_stand_in(app: TheApp, asker: Caller, sid: CallSid, act: StandInAct) -> StandInShown:
    """With the simulator only: accept, refuse, mute, unmute or hang up a call at your computer."""
    return StandInShown.model_validate(app.softphone.act(asker.user_id, sid, act))
