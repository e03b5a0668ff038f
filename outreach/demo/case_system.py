"""The outside case system of the demo: takes outcomes, checks their signature, counts each once."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from outreach.demo.setting import HOST


@dataclass
class Received:
    """What arrived, by idempotency key."""

    keys: set[str] = field(default_factory=set)
    repeated: int = 0
    badly_signed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str, *, signed: bool) -> None:
        with self._lock:
            if not signed:
                self.badly_signed += 1
            elif key in self.keys:
                self.repeated += 1
            else:
                self.keys.add(key)


def _is_signed(header: str, body: bytes, secret: bytes) -> bool:
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    wanted = hmac.digest(secret, f"{parts.get('t', '')}.".encode() + body, "sha256").hex()
    return hmac.compare_digest(wanted, parts.get("v1", ""))


def _handler(received: Received, secret: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signed = _is_signed(self.headers.get("Outreach-Signature", ""), body, secret)
            received.take(self.headers.get("Idempotency-Key", ""), signed=signed)
            self.send_response(204 if signed else 403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Nothing: the report tells what arrived."""

    return Handler


@contextmanager
def case_system(port: int, secret: str) -> Iterator[Received]:
    """Run it beside the demo."""
    received = Received()
    server = ThreadingHTTPServer((HOST, port), _handler(received, secret.encode()))
    thread = threading.Thread(target=server.serve_forever, name="case-system", daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
