"""Which of several equal processes leads: a session advisory lock, free at once when its holder dies."""

from __future__ import annotations

import zlib

from sqlalchemy import Connection, text


def try_lead(session: Connection, part: str) -> bool:
    """Whether this session leads the part now. Asking again while it leads is not counted twice."""
    key = zlib.crc32(f"outreach:{part}".encode())
    held = session.execute(
        text(
            "select exists (select from pg_locks where locktype = 'advisory' and granted and objsubid = 1"
            " and classid = 0 and objid = :key and pid = pg_backend_pid()"
            " and database = (select oid from pg_database where datname = current_database()))"
        ),
        {"key": key},
    ).scalar_one()
    if held:
        return True
    return bool(session.execute(text("select pg_try_advisory_lock(:key)"), {"key": key}).scalar_one())
