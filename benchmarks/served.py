"""The web application served for a benchmark: it tells how long each request took it, and its processor time.

python -m benchmarks.served PORT
"""

from __future__ import annotations

import sys
import time

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outreach.bootstrap import build_app
from outreach.config import read_settings
from outreach.log import configure_logging
from outreach.web.access import Caller
from outreach.web.app import create_web_app


class Timed:
    """Around the whole application: adds x-served-ms to each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                served = f"{(time.perf_counter() - began) * 1000:.3f}".encode()
                at = f"{time.monotonic():.6f}".encode()  # one clock for all processes of a machine
                message["headers"] = [*message["headers"], (b"x-served-ms", served), (b"x-sent-at", at)]
            await send(message)

        await self.app(scope, receive, told)


def main() -> None:
    configure_logging("INFO", stream=open("/dev/null", "w"))  # noqa: SIM115 - as long as the process lives
    web = create_web_app(build_app(read_settings()))

    @web.post("/api/v1/nothing", status_code=204)
    def nothing(_: Caller) -> None:
        """What any request costs: the framework, the token, the answer."""

    @web.get("/processor-seconds")
    async def processor_seconds() -> float:
        return time.process_time()

    uvicorn.run(Timed(web), port=int(sys.argv[1]), log_level="error", access_log=False)


if __name__ == "__main__":
    main()
