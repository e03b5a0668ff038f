"""Puts the parts of the simulated phone company together behind one ASGI application."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from outreach.clock import Clock, SystemClock
from outreach.telephony.simulator.accounts import Gate
from outreach.telephony.simulator.api import Api
from outreach.telephony.simulator.asgi import (
    Answer,
    ApiError,
    Application,
    Receive,
    Request,
    Scope,
    Send,
    read_request,
    reset_connection,
    send_answer,
)
from outreach.telephony.simulator.calls import CallDesk
from outreach.telephony.simulator.conferences import ConferenceDesk
from outreach.telephony.simulator.faults import AFTER_ACCEPTANCE, BEFORE_ACCEPTANCE, Fault, FaultPlane
from outreach.telephony.simulator.messages import MessageDesk
from outreach.telephony.simulator.phones import PhoneBook
from outreach.telephony.simulator.plan import Plan
from outreach.telephony.simulator.restoring import Restoring
from outreach.telephony.simulator.scripts import ScriptStage
from outreach.telephony.simulator.simulated_time import SimulatedTime
from outreach.telephony.simulator.state_file import StateFile
from outreach.telephony.simulator.view import View
from outreach.telephony.simulator.webhooks_out import WebhookPoster


def create_simulator(plan: Plan, clock: Clock | None = None) -> Application:
    """The phone company as an ASGI application; it lives in the event loop that runs its lifespan."""
    return Company(plan, clock or SystemClock())


@dataclass
class _Parts:
    poster: WebhookPoster
    api: Api
    view: View
    restoring: Restoring
    state: StateFile


class Company:
    """One phone company: API under /2010-04-01, truth and strings under /simulator."""

    def __init__(self, plan: Plan, clock: Clock) -> None:
        self._faults = FaultPlane()
        if plan.faults:
            self._faults.put(dict(plan.faults))
        self._parts = _assemble(plan, clock, self._faults)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak ASGI: lifespan and HTTP."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._parts.poster.stop()
                self._parts.state.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _start(self) -> None:
        parts = self._parts
        parts.poster.start()
        parts.restoring.run(parts.state)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = await read_request(scope, receive)
            if request.path.startswith("/2010-04-01/Accounts/"):
                await self._serve_api(request, send)
                return
            answer = self._parts.view.answer(request)
        except ApiError as error:
            answer = error.answer()
        await send_answer(send, answer)

    async def _serve_api(self, request: Request, send: Send) -> None:
        changes = request.method != "GET"
        fault = self._faults.first_striking(BEFORE_ACCEPTANCE, request.path) if changes else None
        answer = None if fault else self._parts.api.answer(request)
        # A refused request was not accepted, so nothing can go wrong "after acceptance".
        if answer is not None and changes and answer.status < 400:
            fault = self._faults.first_striking(AFTER_ACCEPTANCE, request.path)
        if fault is not None:
            answer = await self._go_wrong(fault, send)
        if answer is not None:
            counted = self._parts.view.requests
            counted[answer.status] = counted.get(answer.status, 0) + 1
            await send_answer(send, answer)

    async def _go_wrong(self, fault: Fault, send: Send) -> Answer | None:
        if fault is Fault.SLOW_DOWN:
            return ApiError(429, 20429, "Too Many Requests").answer()
        if fault in (Fault.ERROR_BEFORE, Fault.ERROR_AFTER):
            status = 503 if fault is Fault.ERROR_BEFORE else 500
            return ApiError(status, 20500, "Internal Server Error").answer()
        if fault in (Fault.HANG_BEFORE, Fault.HANG_AFTER):
            await asyncio.sleep(self._faults.hang_seconds)
        reset_connection(send)
        return None


def _assemble(plan: Plan, clock: Clock, faults: FaultPlane) -> _Parts:
    time = SimulatedTime(clock, plan.speed)
    state = StateFile(plan.state)
    book = PhoneBook(plan.seed, plan.shares, dict(plan.phones))
    poster = WebhookPoster(plan.auth_token, time, faults, plan.webhook_connections, plan.retry_base_seconds)
    messages = MessageDesk(plan, time, book, faults, poster, state)
    calls = CallDesk(plan, time, book, poster, state)
    conferences = ConferenceDesk(calls)
    calls.set_stage(ScriptStage(calls, conferences, poster))
    view = View(book, calls, conferences, messages, faults, state)
    api = Api(Gate(plan), messages, calls, conferences)
    return _Parts(poster, api, view, Restoring(book, messages, calls), state)
