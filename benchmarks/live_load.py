"""Open pages for benchmarks.live_pages, in a process of its own: each listens, and asks anew for its parts.

python -m benchmarks.live_load PORT SECONDS < JSON lines {"session", "topics", "parts", "name"}
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import uvloop

COOKIE = "__Host-outreach"
KEPT_SECONDS = 3.0  # the server lets go of a connection at rest after five
OPENING_SECONDS = 20.0  # pages are opened over so long


@dataclass
class OpenPage:
    """One browser tab: an EventSource, and a kept connection for its parts.

    `parts`: what is asked anew by the family of what changed; the first of them is the one that is watched.
    """

    port: int
    name: str
    session: str
    topics: list[str]
    parts: dict[str, str]
    shown: list[tuple[float, float]] = field(default_factory=list)  # each part: as of when, shown when
    bytes_shown: int = 0
    asked: int = 0
    failures: list[str] = field(default_factory=list)
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _families: set[str] = field(default_factory=set)

    async def live(self, until: float) -> None:
        await asyncio.sleep(random.random() * OPENING_SECONDS)
        listening = asyncio.create_task(self._listen())
        refreshing = asyncio.create_task(self._refresh())
        await asyncio.sleep(max(0.0, until - time.monotonic()))
        for task in (listening, refreshing):
            task.cancel()
        ended = await asyncio.gather(listening, refreshing, return_exceptions=True)
        self.failures += [repr(one) for one in ended if isinstance(one, Exception)]

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        asked = "&".join(f"topic={topic}" for topic in self.topics)
        writer.write(self._request(f"/live?{asked}", "text/event-stream"))
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head[:20]:
            self.failures.append(head[:40].decode())
            return
        while line := await reader.readline():
            if line.startswith(b"event:"):
                told = line.partition(b":")[2].strip().decode()
                self._families |= set(self.parts) if told == "hello" else {told} & set(self.parts)
                if self._families:
                    self._wanted.set()

    async def _refresh(self) -> None:
        """One request at a time, as the page's own: what comes meanwhile is asked for afterwards."""
        used, watched = 0.0, next(iter(self.parts))
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            families, self._families = self._families, set()
            for family in sorted(families, key=lambda each: each != watched):
                asked = time.monotonic()
                if asked - used > KEPT_SECONDS:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(self._request(self.parts[family], "text/html"))
                drawn = await self._read(reader, self.parts[family])
                used = time.monotonic()
                if family == watched:
                    self.shown.append((drawn or asked, used))
                self.asked += 1

    async def _read(self, reader: asyncio.StreamReader, part: str) -> float:
        """When a shared drawing began: what was committed after that is not on it; 0 for one of its own."""
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b" 204 " not in head[:20]:
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            self.bytes_shown += length
        if b" 200 " not in head[:20] and b" 204 " not in head[:20]:
            self.failures.append(f"{part} {head[:40].decode()}")
        age = re.search(rb"server-timing: drawn;dur=([0-9.]+)", head)
        sent = re.search(rb"x-sent-at: ([0-9.]+)", head)
        return float(sent[1]) - float(age[1]) / 1000 if age and sent else 0.0

    def _request(self, path: str, accepts: str) -> bytes:
        return (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accepts}\r\nHX-Request: true\r\n"
            "X-By-Itself: true\r\nAccept-Encoding: gzip\r\n"
            f"Cookie: {COOKIE}={self.session}\r\n\r\n"
        ).encode()


async def _open(port: int, seconds: float, told: list[dict[str, Any]]) -> list[OpenPage]:
    pages = [OpenPage(port, **one) for one in told]
    until = time.monotonic() + seconds
    await asyncio.gather(*(page.live(until) for page in pages))
    return pages


if __name__ == "__main__":
    found = uvloop.run(
        _open(int(sys.argv[1]), float(sys.argv[2]), [json.loads(line) for line in sys.stdin if line.strip()])
    )
    told = [
        {
            "name": page.name,
            "shown": page.shown,
            "asked": page.asked,
            "bytes": page.bytes_shown,
            "failures": page.failures[:3],
        }
        for page in found
    ]
    print(json.dumps(told))
