"""The computer as a telephone, for the script in the page: the choice, what rings, what is done."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Path, Request
from starlette.responses import JSONResponse, Response

from outreach.bootstrap import App
from outreach.domain.agent_devices import AgentDevice
from outreach.services.softphone import SoftphoneKind
from outreach.telephony.stand_in_line import StandInAct
from outreach.web.access import TheApp
from outreach.web.pages.access import PageCaller
from outreach.web.pages.desk_surroundings import telephone
from outreach.web.pages.drawing import draw, headers_with
from outreach.web.pages.frame import go, is_part, page_router
from outreach.web.softphone_routes import StandInShown, Token

router = page_router("/softphone")
CallSid = Annotated[str, Path(pattern="^CA[0-9a-f]{32}$")]
# Where the phone company's script speaks to, beside our own address: signalling at an edge that it names as
# it answers, its gateway of events, by region, and its sounds. As the README of @twilio/voice-sdk lists them.
CARRIER = "wss://*.twilio.com https://*.twilio.com"
CARRIER_SOUNDS = "mediastream: https://sdk.twilio.com"


@router.post("/device")
def choose(
    request: Request, app: TheApp, asker: PageCaller, device: Annotated[AgentDevice, Form()]
) -> Response:
    """Their phone, or the computer they sit at."""
    app.softphone.choose(asker.user_id, device)
    if not is_part(request):
        return go("/desk")
    return draw(request, asker, "softphone/_panel.html", **telephone(app, asker))


@router.post("/token")
def make_token(app: TheApp, asker: PageCaller) -> Response:
    """An hour's token for the phone company's script."""
    token = Token.model_validate(app.softphone.token(asker.user_id))
    return JSONResponse(token.model_dump(mode="json"), headers={"Cache-Control": "no-store"})


@router.post("/test-call", status_code=204)
def ring_for_a_test(app: TheApp, asker: PageCaller) -> None:
    """Their computers ring."""
    app.softphone.test_call(asker.user_id)


@router.get("/line")
def show_line(app: TheApp, asker: PageCaller) -> Response:
    """With the simulator: what rings or is held here now."""
    calls = [StandInShown.model_validate(call) for call in app.softphone.calls(asker.user_id)]
    return JSONResponse([call.model_dump() for call in calls], headers={"Cache-Control": "no-store"})


@router.post("/line/{sid}/{act}", status_code=204)
def act_on_line(app: TheApp, asker: PageCaller, sid: CallSid, act: StandInAct) -> None:
    """With the simulator: do one thing with a call here."""
    app.softphone.act(asker.user_id, sid, act)


def desk_headers(app: App) -> dict[str, str]:
    """What a page with the device may speak to: the carrier too, where its script runs."""
    if app.softphone.kind is not SoftphoneKind.VOICE_SDK:
        return {}
    return headers_with(connect_src=CARRIER, media_src=CARRIER_SOUNDS)
