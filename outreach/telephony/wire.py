"""Posts forms on kept HTTP/1.1 connections, each once and none past its deadline; for batches of messages.

The official SDK posts a message in some 200 µs of processor time, this in about 60 (docs/adr/0010).
"""

from __future__ import annotations

import asyncio
import ssl
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import httptools
import urllib3

from outreach.clock import monotonic
from outreach.telephony.sdk_http import NeverSent, NoAnswer

# Shorter than a server keeps an idle connection (uvicorn: 5 s): a POST on a connection that the other end
# is just closing comes back as a reset, and a reset makes the fate of a message unknown.
KEPT_IDLE_SECONDS = 3.0
LARGEST_ANSWER = 256 * 1024


class WireAnswer(NamedTuple):
    """An HTTP answer: its status and its body as it came."""

    status: int
    body: bytes


class _Connection(asyncio.Protocol):
    """One connection with one exchange at a time; also what httptools' parser calls back."""

    def __init__(self, every: set[_Connection]) -> None:
        self._every = every  # those of the wire that are not closed yet
        self.transport: asyncio.Transport | None = None
        self.idle_since = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[WireAnswer] | None = None
        self._body: list[bytes] = []
        self._size = 0

    @property
    def usable(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    def exchange(self, request: bytes, seconds: float) -> asyncio.Future[WireAnswer]:
        """Write the request now; what comes of it. Fails with NoAnswer, and the connection is then closed."""
        assert self.transport is not None
        loop = asyncio.get_running_loop()
        self._answer = answer = loop.create_future()
        timer = loop.call_later(seconds, self.fail, "timeout")
        answer.add_done_callback(lambda _done: timer.cancel())
        self.transport.write(request)
        return answer

    def close(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def fail(self, why: str = "reset") -> None:
        """No answer will come on this connection any more."""
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(NoAnswer(why))
        self.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._every.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail()
        self._every.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.fail()

    def on_message_begin(self) -> None:
        if self._answer is None:  # nobody asked: it must not be taken for the answer to what we post next
            self.close()
        self._body.clear()
        self._size = 0

    def on_body(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > LARGEST_ANSWER:
            self.fail()
        else:
            self._body.append(part)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # an interim answer: the real one follows
            return
        if not self._parser.should_keep_alive():
            self.close()
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result(WireAnswer(status, b"".join(self._body)))


class Wire:
    """The connections to one address, made as they are needed, kept for a few seconds; for one event loop."""

    def __init__(self, url: str, auth: tuple[str, str], *, timeout_seconds: float) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._seconds = timeout_seconds
        self._idle: list[_Connection] = []
        self._every: set[_Connection] = set()
        self._head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Authorization: {urllib3.make_headers(basic_auth=':'.join(auth))['authorization']}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nAccept: application/json\r\n"
            "Accept-Charset: utf-8\r\nUser-Agent: outreach\r\nContent-Length: "
        ).encode()

    async def post(self, form: bytes, *, until: float) -> WireAnswer:
        """Post once. Raises NeverSent when nothing left before `until` (monotonic), else NoAnswer."""
        connection = self._kept() or await self._connected()
        if monotonic() >= until:  # frozen while connecting, perhaps
            connection.close()
            raise NeverSent
        request = b"%b%d\r\n\r\n%b" % (self._head, len(form), form)
        try:
            answer = await connection.exchange(request, self._seconds)
        except asyncio.CancelledError:
            connection.close()  # its answer, should it come, belongs to nobody
            raise
        if connection.usable:
            connection.idle_since = monotonic()
            self._idle.append(connection)
        return answer

    async def close(self) -> None:
        """Close every connection, and wait until all are."""
        for connection in list(self._every):
            connection.close()
        while self._every:
            await asyncio.sleep(0)

    def _kept(self) -> _Connection | None:
        """The connection that was used last, so that those too many grow old; none that may be closing."""
        oldest = monotonic() - KEPT_IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and connection.idle_since >= oldest:
                return connection
            connection.close()
        return None

    async def _connected(self) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._seconds):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._every), self._host, self._port, ssl=self._tls
                )
        except (OSError, TimeoutError):
            raise NeverSent from None
        return connection
