"""A phone company reduced to the one request that sends a message: 50 ms late, else as fast as can be.

    python -m benchmarks.carrier [--latency 0.05] [--port 0]

Speaks the same HTTP as Twilio; prints its port, counts what it takes, and tells the count on GET /taken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import cast

import uvloop

ANSWER = {
    "account_sid": "AC00000000000000000000000000000000",
    "api_version": "2010-04-01",
    "body": "CPAM Landes : vous, et les personnes joignables à ce numéro, êtes concernés par des consignes.",
    "date_created": "Tue, 16 Mar 2021 09:00:00 +0000",
    "date_sent": None,
    "date_updated": "Tue, 16 Mar 2021 09:00:00 +0000",
    "direction": "outbound-api",
    "error_code": None,
    "error_message": None,
    "from": "+33939980001",
    "messaging_service_sid": None,
    "num_media": "0",
    "num_segments": "2",
    "price": None,
    "price_unit": "USD",
    "sid": "SM%032x",
    "status": "queued",
    "subresource_uris": {
        "media": "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages/Media.json"
    },
    "to": "+33639980001",
    "uri": "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json",
}
TEMPLATE = json.dumps(ANSWER)


class Carrier(asyncio.Protocol):
    """One connection; every request is answered in its turn after the latency."""

    taken = 0

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            self._take(head)

    def _take(self, head: bytes) -> None:
        if head.startswith(b"get"):
            self._answer(200, json.dumps({"taken": Carrier.taken}))
            return
        Carrier.taken += 1
        self._loop.call_later(self._latency, self._answer, 201, TEMPLATE % Carrier.taken)

    def _answer(self, status: int, body: str) -> None:
        assert self._transport is not None
        content = body.encode()
        self._transport.write(
            b"HTTP/1.1 %d Taken\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (status, len(content), content)
        )


async def serve(latency: float, port: int) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: Carrier(latency), "127.0.0.1", port, backlog=2_000
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each answer")
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    uvloop.run(serve(chosen.latency, chosen.port))


if __name__ == "__main__":
    main()
