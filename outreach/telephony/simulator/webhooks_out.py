"""Posts the phone company's signed webhooks, with the retries the callback address asks for."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode

import aiohttp
from yarl import URL

from outreach.clock import monotonic
from outreach.telephony.simulator.faults import Fault, FaultPlane
from outreach.telephony.simulator.simulated_time import SimulatedTime

_TOTAL_SECONDS = 15.0  # all tries together, as the provider promises
_MOST_RETRIES = 5
_REORDERED_WAIT_SECONDS = 2.0  # simulated: long enough for the next report to overtake


@dataclass(frozen=True, slots=True)
class RetryRule:
    """What the fragment of an address asks for: `#rc=5&rp=all`. Default: a failed connection, once."""

    count: int = 1
    policies: frozenset[str] = frozenset({"ct"})

    def covers(self, failure: str) -> bool:
        """Whether this kind of failure (ct, rt, 4xx, 5xx) is tried again."""
        return "all" in self.policies or failure in self.policies


@dataclass(slots=True)
class WebhookCounts:
    """What became of the webhooks, for /simulator/stats."""

    posted: int = 0
    taken: int = 0
    retried: int = 0
    given_up: int = 0


@dataclass(slots=True)
class _Webhook:
    url: str
    fields: dict[str, str]
    rule: RetryRule
    taken: Callable[[], None]
    token: str
    tries: int = 0
    give_up_at: float = 0.0


def retry_rule(address: str) -> tuple[str, RetryRule]:
    """A callback address without its fragment, and the retries the fragment asks for."""
    url, _, fragment = address.partition("#")
    if not fragment:
        return url, RetryRule()
    told = parse_qs(fragment)
    count = told.get("rc", ["1"])[0]
    policies = frozenset(",".join(told.get("rp", ["ct"])).split(","))
    return url, RetryRule(min(_MOST_RETRIES, int(count)) if count.isdigit() else 1, policies)


def signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """X-Twilio-Signature: base64 of HMAC-SHA1 over the address and the sorted names and values."""
    text = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@dataclass
class WebhookPoster:
    """A bounded set of kept connections; webhooks leave in the order they arose, as far as retries allow."""

    auth_token: str
    time: SimulatedTime
    faults: FaultPlane
    connections: int
    retry_base_seconds: float
    counts: WebhookCounts = field(default_factory=WebhookCounts)
    _waiting: asyncio.Queue[_Webhook] = field(default_factory=asyncio.Queue)
    _posters: list[asyncio.Task[None]] = field(default_factory=list)
    _session: aiohttp.ClientSession | None = None

    def start(self) -> None:
        """Open the connections; inside the event loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=3.0),
            timeout=aiohttp.ClientTimeout(total=_TOTAL_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )
        self._posters = [asyncio.create_task(self._post_in_turn()) for _ in range(self.connections)]

    async def stop(self) -> None:
        """Drop what waits and close the connections."""
        for poster in self._posters:
            poster.cancel()
        await asyncio.gather(*self._posters, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    @property
    def waiting(self) -> int:
        """How many webhooks have not been posted yet."""
        return self._waiting.qsize()

    def post(self, address: str, fields: dict[str, str], taken: Callable[[], None] = lambda: None) -> None:
        """Post one report; `taken` is told once the other end has answered with a 2xx."""
        if not address:
            return
        url, rule = retry_rule(address)
        webhook = _Webhook(url, fields, rule, taken, token=str(uuid.uuid4()))
        if self.faults.strikes(Fault.WEBHOOK_LOST, url):
            return
        if self.faults.strikes(Fault.WEBHOOK_REPEATED, url):
            self._waiting.put_nowait(_Webhook(url, fields, rule, taken, token=webhook.token))
        if self.faults.strikes(Fault.WEBHOOK_LATE, url):
            self.time.after(self.faults.late_seconds, lambda: self._waiting.put_nowait(webhook))
        elif self.faults.strikes(Fault.WEBHOOK_REORDERED, url):
            self.time.after(_REORDERED_WAIT_SECONDS, lambda: self._waiting.put_nowait(webhook))
        else:
            self._waiting.put_nowait(webhook)

    async def fetch_document(self, address: str, fields: dict[str, str]) -> str | None:
        """Ask an address what a leg does next; None where no answer could be had."""
        url, rule = retry_rule(address)
        webhook = _Webhook(url, fields, rule, lambda: None, token=str(uuid.uuid4()))
        webhook.give_up_at = monotonic() + _TOTAL_SECONDS
        while True:
            failure, text = await self._try(webhook)
            if not failure:
                return text
            if not self._may_retry(webhook, failure):
                return None
            await asyncio.sleep(self._pause(webhook))

    async def _post_in_turn(self) -> None:
        while True:
            webhook = await self._waiting.get()
            if not webhook.tries:
                webhook.give_up_at = monotonic() + _TOTAL_SECONDS
                self.counts.posted += 1
            failure, _ = await self._try(webhook)
            if not failure:
                self.counts.taken += 1
                webhook.taken()
            elif self._may_retry(webhook, failure):
                self.counts.retried += 1
                self._again(webhook)
            else:
                self.counts.given_up += 1

    def _again(self, webhook: _Webhook) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(self._pause(webhook), self._waiting.put_nowait, webhook)

    def _may_retry(self, webhook: _Webhook, failure: str) -> bool:
        webhook.tries += 1
        in_time = monotonic() + self._pause(webhook) < webhook.give_up_at
        return webhook.tries <= webhook.rule.count and webhook.rule.covers(failure) and in_time

    def _pause(self, webhook: _Webhook) -> float:
        # Real seconds: whatever restarts at the other end restarts in real time.
        return float(self.retry_base_seconds * 2 ** (webhook.tries - 1))

    async def _try(self, webhook: _Webhook) -> tuple[str, str]:
        """One post; the kind of failure ("" when taken) and the answer's text."""
        assert self._session is not None, "start() first"
        headers = {
            "X-Twilio-Signature": signature(self.auth_token, webhook.url, webhook.fields),
            "I-Twilio-Idempotency-Token": webhook.token,
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
        }
        body = urlencode(webhook.fields).encode()
        url = URL(webhook.url, encoded=True)
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                text = (await answer.read()).decode("utf-8", "replace")
                if answer.status < 400:
                    return "", text
                return "4xx" if answer.status < 500 else "5xx", text
        except (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError, ConnectionError):
            return "ct", ""
        except (aiohttp.ClientError, TimeoutError):
            return "rt", ""
        except ValueError:
            return "address", ""  # not an address at all
