"""Whether a demo made a database, and whether it holds nothing else: only then may a demo empty it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, or_, select, text

from outreach.storage.tables import case_references, imports, platforms, users

MARK = "made by outreach demo"


def put_mark(connection: Connection) -> None:
    """Say of an empty database that a demo uses it; the mark lies in the database itself."""
    connection.execute(text(f"comment on schema public is '{MARK}'"))


def has_mark(connection: Connection) -> bool:
    found = connection.execute(text("select obj_description('public'::regnamespace, 'pg_namespace')"))
    return found.scalar() == MARK


def is_empty(connection: Connection) -> bool:
    """No platform was ever added."""
    return connection.execute(select(func.count()).select_from(platforms)).scalar_one() == 0


def strangers(
    connection: Connection,
    *,
    platforms_made: Collection[str],
    logins: Collection[str],
    source: str,
    digests: Collection[bytes],
) -> list[str]:
    """What is here that the demo did not bring: kinds of things, in words for a supervisor."""
    counts = {
        "platforms": select(func.count())
        .select_from(platforms)
        .where(platforms.c.code.not_in(platforms_made)),
        "users": select(func.count()).select_from(users).where(users.c.login.not_in(logins)),
        "case records": select(func.count())
        .select_from(case_references)
        .where(case_references.c.source != source),
        "imports": select(func.count())
        .select_from(imports)
        .where(or_(imports.c.file_digest.is_(None), imports.c.file_digest.not_in(digests))),
    }
    return [what for what, count in counts.items() if connection.execute(count).scalar_one()]
