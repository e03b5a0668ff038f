"""The two HTTP clients the official SDK speaks through: timeouts, addresses and logs are ours."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
import urllib3
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from twilio.http import AsyncHttpClient, HttpClient
from twilio.http.response import Response
from yarl import URL

from outreach.clock import monotonic
from outreach.telephony.exchanges import Exchange, Recorder, blanked_path

TWILIO_API_URL = "https://api.twilio.com"

# The SDK and urllib3 would each log the whole address, with To= in it.
_LOUD_LOGGERS = ("twilio", "twilio.http_client", "twilio.async_http_client", "urllib3.connectionpool")


class NeverSent(Exception):
    """The connection was not made, so the provider has not seen the request."""


class NoAnswer(Exception):
    """The request left, or may have left, and nothing usable came back. `why` is "timeout" or "reset"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def silence_addresses_in_logs() -> None:
    """Keep the libraries below from writing addresses, which hold numbers, to any log."""
    for name in _LOUD_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


@dataclass(frozen=True)
class ApiAddress:
    """Where the SDK's requests really go: Twilio, or anyone who speaks its HTTP."""

    base: str

    def of(self, url: str) -> str:
        """The SDK's absolute URL with its scheme and host replaced."""
        return self.base.rstrip("/") + url.removeprefix(TWILIO_API_URL)


class BlockingHttp(HttpClient):  # type: ignore[misc]  # the SDK ships no types
    """One request at a time on kept connections, with a timeout and no second try."""

    def __init__(self, address: ApiAddress, *, timeout_seconds: float, recorder: Recorder) -> None:
        super().__init__(logging.getLogger("twilio.http_client"), is_async=False, timeout=timeout_seconds)
        self._address = address
        self._recorder = recorder
        self._seconds = timeout_seconds
        self._pool = self._new_pool()
        self._owner = os.getpid()

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Make the request once; raises NeverSent or NoAnswer, never a library's own error."""
        url = self._address.of(uri)
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, doseq=True)
        began = monotonic()
        status, code = 0, ""
        try:
            answer = self._exchange(method, url, data, {**(headers or {}), **_authorization(auth)})
            status, code = answer.status_code, code_in(answer)
        except NoAnswer as error:
            code = error.why
            raise
        except NeverSent:
            code = "never_sent"
            raise
        else:
            return answer
        finally:
            took = (monotonic() - began) * 1000
            self._recorder(Exchange(method.upper(), blanked_path(url), status, code, took))

    def _new_pool(self) -> urllib3.PoolManager:
        # urllib3 sets TCP_NODELAY on every connection; without it each request stalls 40 ms.
        return urllib3.PoolManager(
            num_pools=4, maxsize=32, retries=False, timeout=urllib3.Timeout(total=self._seconds)
        )

    def _own_pool(self) -> urllib3.PoolManager:
        """The pool of this process: a forked child must not talk on its parent's connections."""
        if self._owner != os.getpid():
            self._pool, self._owner = self._new_pool(), os.getpid()
        return self._pool

    def _exchange(
        self, method: str, url: str, data: Mapping[str, object] | None, headers: Mapping[str, str]
    ) -> Response:
        body = _form_body(data)
        try:
            answer = self._own_pool().request(method.upper(), url, body=body, headers=headers, redirect=False)
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
            raise NeverSent from None
        except urllib3.exceptions.TimeoutError:
            raise NoAnswer("timeout") from None
        except urllib3.exceptions.HTTPError:
            raise NoAnswer("reset") from None
        return Response(answer.status, answer.data.decode("utf-8", "replace"), answer.headers)


class _PunctualConnector(aiohttp.TCPConnector):
    """Gives out no connection past the deadline, even if the process was frozen while it was being made."""

    deadline = float("inf")

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        connection = await super().connect(req, traces, timeout)
        if monotonic() >= self.deadline:
            connection.close()
            raise NeverSent
        return connection


class ConcurrentHttp(AsyncHttpClient):  # type: ignore[misc]  # the SDK ships no types
    """Many requests at once on kept connections, none of them ever made twice.

    `open` comes first, inside the event loop that uses it.
    """

    # Shorter than a server keeps an idle connection (uvicorn: 5 s): a POST on a connection that the other end
    # is just closing comes back as a reset, and a reset makes the fate of a message unknown.
    _KEPT_IDLE_SECONDS = 3.0

    def __init__(self, address: ApiAddress, *, timeout_seconds: float) -> None:
        super().__init__(
            logging.getLogger("twilio.async_http_client"), is_async=True, timeout=timeout_seconds
        )
        self._address = address
        self._seconds = timeout_seconds
        self._urls: dict[str, URL] = {}
        self._session: aiohttp.ClientSession | None = None
        self._connector: _PunctualConnector | None = None
        self._parents: aiohttp.ClientSession | None = None

    async def open(self, *, deadline: float) -> None:
        """Make the session, or keep the one there is; no request leaves past `deadline`, of `monotonic()`."""
        if self._session is None or self._connector is None:
            self._connector = _PunctualConnector(limit=0, keepalive_timeout=self._KEPT_IDLE_SECONDS)
            self._session = aiohttp.ClientSession(
                connector=self._connector,
                timeout=aiohttp.ClientTimeout(total=self._seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        self._connector.deadline = deadline

    def leave_to_parent(self) -> None:
        """After a fork: use none of the parent's connections, and close none of them either.

        The child shares the parent's epoll instance; collecting the session would unregister the parent's
        sockets, so it is kept.
        """
        self._parents, self._session = self._session, None

    async def close(self) -> None:
        """Close the kept connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Make the request once; raises NeverSent or NoAnswer, never a library's own error."""
        assert self._session is not None, "open() first"
        try:
            async with self._session.request(
                method,
                self._url(uri),
                params=None if params is None else urlencode(params, doseq=True),
                data=_form_body(data),
                headers={**(headers or {}), **_authorization(auth)},
                allow_redirects=False,
            ) as answer:
                return Response(answer.status, await answer.text(), None)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise NeverSent from None
        except TimeoutError:
            raise NoAnswer("timeout") from None
        except (aiohttp.ClientError, OSError):
            raise NoAnswer("reset") from None

    def _url(self, uri: str) -> URL:
        url = self._urls.get(uri)
        if url is None:
            url = self._urls[uri] = URL(self._address.of(uri), encoded=True)
        return url


def _form_body(data: Mapping[str, object] | None) -> bytes | None:
    return urlencode(data, doseq=True).encode() if data else None


def code_in(answer: Response) -> str:
    """The provider's error code in an answer, "" when it has none."""
    if answer.status_code < 400:
        return ""
    try:
        told = json.loads(answer.text)
    except ValueError:
        return ""
    return str(told.get("code") or "") if isinstance(told, dict) else ""


_encoded: dict[tuple[str, str], dict[str, str]] = {}


def _authorization(auth: tuple[str, str] | None) -> dict[str, str]:
    if auth is None:
        return {}
    known = _encoded.get(auth)
    if known is None:
        known = _encoded[auth] = urllib3.make_headers(basic_auth=f"{auth[0]}:{auth[1]}")
    return known
