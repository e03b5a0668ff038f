"""The phone company's side of its own browser script: signalling, events and sounds, over TLS.

What it says and hears is the script's own protocol (`lib/twilio/pstream.ts` of @twilio/voice-sdk): JSON with
a type and a payload each way, and line feeds that say "still here".
"""

from __future__ import annotations

import asyncio
import io
import json
import ssl
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from aiohttp import WSMsgType, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from outreach.telephony.softphone_tokens import SoftphoneKey
from tests.call_world import eventually

KEY = SoftphoneKey("AC" + "2" * 32, "SK" + "3" * 32, "a secret of the tests, long enough to sign")
HOSTS = "*.twilio.com"
TOKEN_LIVES = 3600  # seconds, as the carrier tells the script
STILL_HERE = 5.0  # seconds: the script gives a silent line up after fifteen
OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "*",
}


@dataclass
class VoiceCarrier:
    """`heard`: what pages said, as type and payload; `token_lives`: what it says of the next token."""

    port: int = 0
    token_lives: int = TOKEN_LIVES
    away: bool = False
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    sounds: list[str] = field(default_factory=list)
    _lines: list[web.WebSocketResponse] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop | None = None

    def said(self, kind: str) -> list[dict[str, Any]]:
        """What pages said so far of this type, oldest first."""
        return [payload for each, payload in self.heard if each == kind]

    def hears(self, kind: str, sid: str = "") -> dict[str, Any]:
        """Wait until a page said this; of a call, the newest."""

        def found() -> list[dict[str, Any]]:
            return [each for each in self.said(kind) if sid in ("", each.get("callsid"))]

        eventually(lambda: bool(found()), f"a page says {kind}")
        return found()[-1]

    def tell(self, kind: str, **payload: Any) -> None:
        """Say something to every page."""
        words = json.dumps({"type": kind, "payload": payload, "version": "1.6"})
        self._do(self._send(words))

    def invite(self, sid: str, sdp: str, *, reconnect: str = "") -> None:
        """A call for the page. `reconnect`: with it the call outlives its signalling."""
        kept = {"reconnect": reconnect} if reconnect else {}
        self.tell(
            "invite", callsid=sid, sdp=sdp, parameters={"CallSid": sid, "From": "client:outreach"}, **kept
        )

    def leave(self) -> None:
        """Nobody can be reached: every line breaks, as when the network goes."""
        self.away = True
        self._do(self._break())

    def come_back(self) -> None:
        self.away = False

    def _do(self, work: Any) -> None:
        assert self._loop is not None, "it runs"
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10.0)

    async def _send(self, words: str) -> None:
        for line in self._lines:
            await line.send_str(words)

    async def _break(self) -> None:
        for line in list(self._lines):
            transport = line._req.transport if line._req else None  # no goodbye is said
            if transport is not None:
                transport.abort()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Whatever the browser asks of any of the carrier's hosts."""
        if self.away:
            return web.Response(status=503, headers=OPEN_TO_ALL)
        if request.path == "/signal":
            return await self._signal(request)
        if request.host.startswith("sdk."):
            self.sounds.append(request.path)
            return web.Response(body=SILENCE, content_type="audio/wav", headers=OPEN_TO_ALL)
        if request.method == "POST":
            self.events.append(f"{request.host}{request.path}")
        return web.Response(headers=OPEN_TO_ALL)

    async def _signal(self, request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse()
        await line.prepare(request)
        self._lines.append(line)
        beat = asyncio.ensure_future(_beat(line))
        try:
            async for message in line:
                if message.type is WSMsgType.TEXT and message.data != "\n":
                    await self._hear(line, json.loads(message.data))
        finally:
            beat.cancel()
            self._lines.remove(line)
        return line

    async def _hear(self, line: web.WebSocketResponse, message: dict[str, Any]) -> None:
        kind, payload = message["type"], message["payload"]
        self.heard.append((kind, payload))
        if kind == "listen":
            await line.send_str(json.dumps(self._listened(payload["token"])))
        elif kind == "register":
            await line.send_str(json.dumps({"type": "ready", "payload": {}}))
        elif kind == "invite" and "reconnect" in payload:
            again = {"callsid": payload["callsid"], "reconnect": payload["reconnect"]}
            await line.send_str(json.dumps({"type": "answer", "payload": again}))

    def _listened(self, token: str) -> dict[str, Any]:
        """Only a token that our key signed is listened to; its hours are the test's to say."""
        try:
            claims = jwt.decode(token, KEY.key_secret, algorithms=["HS256"], options={"verify_exp": False})
        except jwt.InvalidTokenError:
            return {"type": "error", "payload": {"error": {"code": 31204, "message": "not ours"}}}
        self.claims.append(claims)
        told = {"identity": claims["grants"]["identity"], "ttl": self.token_lives}
        return {"type": "connected", "payload": {"region": "EU_IRELAND", "edge": "dublin", "token": told}}


async def _beat(line: web.WebSocketResponse) -> None:
    with suppress(ConnectionError):
        while not line.closed:
            await line.send_str("\n")
            await asyncio.sleep(STILL_HERE)


def _silence() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0" * 800)
    return made.getvalue()


SILENCE = _silence()


@contextmanager
def running_voice_carrier(folder: Path) -> Iterator[VoiceCarrier]:
    """A carrier in a thread of its own, on a free port; `folder` holds its certificate."""
    carrier = VoiceCarrier()
    ready, stop = threading.Event(), asyncio.Event()

    async def run() -> None:
        carrier._loop = asyncio.get_running_loop()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", carrier.answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_tls(folder))
        await site.start()
        carrier.port = runner.addresses[0][1]
        ready.set()
        await stop.wait()
        await carrier._break()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert ready.wait(10.0), "the carrier did not start"
    try:
        yield carrier
    finally:
        assert carrier._loop is not None
        carrier._loop.call_soon_threadsafe(stop.set)
        thread.join(10.0)


def _tls(folder: Path) -> ssl.SSLContext:
    """A certificate of the test's own: the browser is told to take it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTS)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOSTS)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    path = folder / "carrier.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context
