"""The HTTP client the official SDK speaks through: timeouts, addresses and logs are ours."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import urllib3
from twilio.http import HttpClient
from twilio.http.response import Response

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
