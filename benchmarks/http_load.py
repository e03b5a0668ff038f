"""A cheap load generator, in a process of its own: raw HTTP/1.1 over kept connections.

python -m benchmarks.http_load PORT SECONDS PER_SECOND < tokens
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import uvloop

CONNECTIONS = 10
SERVED = b"x-served-ms:"  # written by the benchmark's server, around the whole application


@dataclass(frozen=True)
class Answer:
    """`served_ms`: how long the server worked on it, by its own clock; 0 when it does not say."""

    status: int
    body: bytes
    served_ms: float


@dataclass(frozen=True)
class Line:
    """One kept connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes) -> Answer:
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = _after(head, b"content-length:")
        body = await self.reader.readexactly(int(length)) if length else b""
        return Answer(int(head[9:12]), body, float(_after(head, SERVED) or 0))


def _after(head: bytes, name: bytes) -> bytes:
    return head.partition(name)[2].partition(b"\r\n")[0].strip()


async def open_line(port: int) -> Line:
    return Line(*await asyncio.open_connection("127.0.0.1", port))


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """The bytes of a request."""
    told = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


@dataclass
class Times:
    """Milliseconds: from the moment a request was to leave (a late start counts), and as the server saw."""

    took: list[float] = field(default_factory=list)
    served: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


async def paced(
    port: int, asked: Sequence[bytes], then: Sequence[bytes], *, turns: int, per_second: int
) -> Times:
    """Requests at an even pace over a few connections; each is followed by one of `then`, not timed."""
    times = Times()
    began = time.perf_counter() + 0.2

    async def work(number: int) -> None:
        line = await open_line(port)
        for turn in range(number, turns, CONNECTIONS):
            planned = began + turn / per_second
            await asyncio.sleep(max(0.0, planned - time.perf_counter()))
            answer = await line.ask(asked[turn % len(asked)])
            times.took.append((time.perf_counter() - planned) * 1000)
            times.served.append(answer.served_ms)
            if answer.status not in (200, 204) or answer.body == b"null":
                times.failures.append(f"{answer.status} {answer.body[:200].decode()}")
            if then:
                await line.ask(then[turn % len(then)])
        line.writer.close()

    await asyncio.gather(*(work(number) for number in range(CONNECTIONS)))
    return times


async def _leases(port: int, seconds: int, per_second: int, tokens: list[str]) -> dict[str, Times]:
    """Agents take turns; each gives back what they took before they ask again. Beside it, an empty route."""
    take = _requests("/api/v1/calls/next", b"{}", tokens)
    give_back = _requests("/api/v1/entries/release", b'{"because":"BENCHMARK"}', tokens)
    nothing = _requests("/api/v1/nothing", b"", tokens)
    await paced(port, take, give_back, turns=3 * per_second, per_second=per_second)  # warm
    empty = await paced(port, nothing, (), turns=seconds * per_second // 3, per_second=per_second)
    lease = await paced(port, take, give_back, turns=seconds * per_second, per_second=per_second)
    return {"empty": empty, "lease": lease}


def _requests(path: str, body: bytes, tokens: list[str]) -> list[bytes]:
    told = {"Content-Type": "application/json"}
    return [post(path, body, told | {"Authorization": f"Bearer {token}"}) for token in tokens]


if __name__ == "__main__":
    port, seconds, per_second = map(int, sys.argv[1:])
    found = uvloop.run(_leases(port, seconds, per_second, sys.stdin.read().split()))
    print(json.dumps({name: asdict(times) for name, times in found.items()}))
