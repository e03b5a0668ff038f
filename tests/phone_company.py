"""A simulated phone company, and a listener for its webhooks, each running beside the test on a free port."""

from __future__ import annotations

import asyncio
import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import urllib3
import uvicorn
from twilio.rest import Client

from outreach.telephony.sdk_http import ApiAddress, BlockingHttp
from outreach.telephony.simulator import Plan
from outreach.telephony.simulator.asgi import Application
from outreach.telephony.simulator.company import create_simulator
from outreach.telephony.twilio_provider import TwilioProvider

SECONDS_TO_WAIT = 10.0


@dataclass
class PhoneCompany:
    """A running phone company: its address, its plan, the truth about its phones, and its strings."""

    url: str
    plan: Plan
    _pool: urllib3.PoolManager = field(default_factory=urllib3.PoolManager)

    def provider(self, *, timeout_seconds: float = 5.0, auth_token: str | None = None) -> TwilioProvider:
        """Our provider, pointed at this phone company."""
        return TwilioProvider(
            account_sid=self.plan.account_sid,
            auth_token=auth_token or self.plan.auth_token,
            api_url=self.url,
            timeout_seconds=timeout_seconds,
            recorder=lambda _exchange: None,
        )

    def sdk(self) -> Client:
        """The official SDK itself, pointed at this phone company."""
        http = BlockingHttp(ApiAddress(self.url), timeout_seconds=5.0, recorder=lambda _exchange: None)
        return Client(self.plan.account_sid, self.plan.auth_token, http_client=http)

    def phone(self, number: str) -> dict[str, Any]:
        """What one phone received: texts, messages with their statuses, calls."""
        return self.ask("GET", f"/simulator/phones/{number}")

    def texts(self, number: str) -> list[str]:
        """The bodies of the text messages one phone received."""
        return [text["body"] for text in self.phone(number)["texts"]]

    def set_phone(self, number: str, **behaviour: object) -> None:
        """Decide how a phone behaves."""
        self.ask("PUT", f"/simulator/phones/{number}", behaviour)

    def set_faults(self, **faults: object) -> None:
        """Decide what goes wrong from now on; nothing named, nothing goes wrong."""
        self.ask("PUT", "/simulator/faults", faults)

    def set_inbound(self, **urls: str) -> None:
        """Decide where calls and texts to our numbers are posted."""
        self.ask("PUT", "/simulator/inbound", urls)

    def hang_up(self, number: str) -> int:
        """The person or agent at a number hangs up; how many calls that ended."""
        return int(self.ask("POST", f"/simulator/phones/{number}/hang-up")["ended"])

    def text_us(self, number: str, body: str) -> dict[str, Any]:
        """A person texts our number."""
        return self.ask("POST", f"/simulator/phones/{number}/texts", {"body": body})

    def call_us(self, number: str) -> dict[str, Any]:
        """A person calls our number."""
        return self.ask("POST", f"/simulator/phones/{number}/calls")

    def stats(self) -> dict[str, Any]:
        """Counts of everything."""
        return self.ask("GET", "/simulator/stats")

    def conferences(self) -> list[dict[str, Any]]:
        """Every conference and who hears whom in it."""
        return list(self.ask("GET", "/simulator/conferences")["conferences"])

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """One request to the simulator's own pages."""
        answer = self._pool.request(method, self.url + path, json={} if body is None else body)
        assert answer.status < 400, answer.data
        return dict(json.loads(answer.data))


@dataclass(frozen=True)
class Posted:
    """One webhook as it came in."""

    path: str
    query: str
    headers: dict[str, str]
    fields: dict[str, str]


@dataclass
class Listener:
    """A server that keeps the webhooks it is sent, and answers them as told."""

    url: str = ""
    statuses: queue.Queue[int] = field(default_factory=queue.Queue)  # answers to give first; then 204
    documents: dict[str, str] = field(default_factory=dict)  # TwiML by path
    _posted: queue.Queue[Posted] = field(default_factory=queue.Queue)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Speak ASGI."""
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        fields = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self._posted.put(Posted(scope["path"], scope["query_string"].decode(), headers, fields))
        document = self.documents.get(scope["path"])
        status = 204 if self.statuses.empty() else self.statuses.get()
        if document is not None and status == 204:
            status = 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send(
            {"type": "http.response.body", "body": (document or "").encode() if status == 200 else b""}
        )

    def next(self, wanted: Callable[[Posted], bool] = lambda _posted: True) -> Posted:
        """The next webhook that is wanted, waiting for it; others are passed over."""
        while True:
            posted = self._posted.get(timeout=SECONDS_TO_WAIT)
            if wanted(posted):
                return posted

    def until(self, wanted: Callable[[Posted], bool]) -> list[Posted]:
        """Every webhook up to and including the wanted one."""
        seen: list[Posted] = []
        while not seen or not wanted(seen[-1]):
            seen.append(self._posted.get(timeout=SECONDS_TO_WAIT))
        return seen

    def until_values(self, name: str, last: str) -> list[str]:
        """The values of one field in every webhook that has it, up to the last wanted one."""
        seen = self.until(lambda posted: posted.fields.get(name) == last)
        return [posted.fields[name] for posted in seen if name in posted.fields]


class _PromptServer(uvicorn.Server):
    """Uvicorn without its pauses of a tenth of a second: says when it is ready, and stops at once."""

    def __init__(self, config: uvicorn.Config, finish_seconds: float) -> None:
        super().__init__(config)
        self._finish_seconds = finish_seconds
        self.ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.ready.set()
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        tasks = list(self.server_state.tasks)
        if tasks and self._finish_seconds:
            await asyncio.wait(tasks, timeout=self._finish_seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in list(self.server_state.connections):
            assert connection.transport is not None
            connection.transport.abort()
        while self.server_state.connections:
            await asyncio.sleep(0)
        await self.lifespan.shutdown()

    def stop(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)


@contextmanager
def serving(application: Application, *, finish_seconds: float = 0.0) -> Iterator[str]:
    """Run an ASGI application beside the test; gives its address. `finish_seconds`: for what was begun."""
    config = uvicorn.Config(
        application, host="127.0.0.1", port=0, log_level="critical", access_log=False, ws="none"
    )
    server = _PromptServer(config, finish_seconds)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server.ready.wait(SECONDS_TO_WAIT), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
        thread.join(SECONDS_TO_WAIT)


@contextmanager
def running_phone_company(plan: Plan | None = None) -> Iterator[PhoneCompany]:
    """A phone company of the test's own; without a plan, one hundred times faster than life."""
    plan = plan or Plan(speed=100.0)
    with serving(create_simulator(plan)) as url:
        yield PhoneCompany(url, plan)


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener for webhooks."""
    listener = Listener()
    with serving(listener) as url:
        listener.url = url
        yield listener
