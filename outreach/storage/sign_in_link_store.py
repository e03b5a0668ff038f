"""One-time links: for the first administrator, for whoever is invited, for a password set anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from outreach.storage.tables import sign_in_links

_C = sign_in_links.c


@dataclass(frozen=True)
class SignInLink:
    """`user_id` None: it makes the first administrator."""

    id: UUID
    user_id: UUID | None
    made_at: datetime
    expires_at: datetime


def add(connection: Connection, link: SignInLink, *, digest: bytes) -> None:
    """Every earlier link for the same is void."""
    same = _C.user_id == link.user_id if link.user_id else _C.user_id.is_(None)
    connection.execute(update(sign_in_links).where(same, _C.used_at.is_(None)).values(used_at=link.made_at))
    connection.execute(
        insert(sign_in_links).values(
            id=link.id,
            user_id=link.user_id,
            digest=digest,
            made_at=link.made_at,
            expires_at=link.expires_at,
        )
    )


def by_digest(connection: Connection, digest: bytes, *, now: datetime) -> SignInLink | None:
    """The link, if it is still good."""
    row = connection.execute(
        select(_C.id, _C.user_id, _C.made_at, _C.expires_at).where(
            _C.digest == digest, _C.used_at.is_(None), _C.expires_at > now
        )
    ).first()
    return None if row is None else SignInLink(*row)


def use(connection: Connection, link_id: UUID, *, now: datetime) -> bool:
    """Take the link; False when somebody was quicker."""
    taken = connection.execute(
        update(sign_in_links)
        .where(_C.id == link_id, _C.used_at.is_(None), _C.expires_at > now)
        .values(used_at=now)
        .returning(_C.id)
    )
    return taken.first() is not None
