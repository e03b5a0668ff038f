"""Sessions of signed-in people, in Redis: known by the digest of their token, without personal data."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from redis import Redis, RedisError

from outreach.errors import OutreachError
from outreach.queues.job_queue import connect

PREFIX = "outreach:session:"
OF_USER = "outreach:sessions:"
STEP = "outreach:sign-in-step:"
TOKEN_BYTES = 32
LONGEST = timedelta(hours=12)
SEEN_GRAIN = timedelta(minutes=1)  # the last use is not written more often


class SessionsAway(OutreachError):
    """Redis does not answer: nobody can be recognised for a moment."""

    code = "sessions_away"


@dataclass(frozen=True)
class Session:
    """One browser of one user. `version`: of their access when it began; `device`: in two words."""

    user_id: UUID
    version: int
    began_at: datetime
    seen_at: datetime
    device: str = ""


@dataclass(frozen=True)
class KeptSession:
    """A session as its owner sees it; `key` names it and opens nothing."""

    key: str
    session: Session


@contextmanager
def _asking_redis() -> Iterator[None]:
    try:
        yield
    except RedisError:
        raise SessionsAway("Sessions cannot be read for a moment; try again.") from None


class SessionStore:
    """An emptied Redis signs everybody out, no more. Every method raises SessionsAway without Redis."""

    def __init__(self, redis_url: str) -> None:
        self._redis: Redis = connect(redis_url)

    @_asking_redis()
    def open(self, session: Session) -> str:
        """A new session's token, kept nowhere."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        key, mine, seconds = _digest(token), OF_USER + str(session.user_id), int(LONGEST.total_seconds())
        with self._redis.pipeline() as together:
            together.set(PREFIX + key, _written(session), ex=seconds)
            together.sadd(mine, key)
            together.expire(mine, seconds)
            together.execute()
        return token

    @_asking_redis()
    def find(self, token: str) -> Session | None:
        kept = self._redis.get(PREFIX + _digest(token))
        return _read(kept) if kept else None

    @_asking_redis()
    def note_seen(self, token: str, session: Session, *, now: datetime) -> None:
        """It is used; one that was ended meanwhile stays ended."""
        if now - session.seen_at >= SEEN_GRAIN:
            kept = _written(replace(session, seen_at=now))
            self._redis.set(PREFIX + _digest(token), kept, xx=True, keepttl=True)

    @_asking_redis()
    def end(self, token: str) -> None:
        session = self.find(token)
        if session is not None:
            self.end_one(session.user_id, _digest(token))

    @_asking_redis()
    def of_user(self, user_id: UUID) -> list[KeptSession]:
        """Those that may still be good, the latest used first."""
        keys = sorted(_text(key) for key in self._redis.smembers(OF_USER + str(user_id)))
        kept = self._redis.mget([PREFIX + key for key in keys]) if keys else []
        found = [KeptSession(key, _read(one)) for key, one in zip(keys, kept, strict=True) if one]
        return sorted(found, key=lambda one: one.session.seen_at, reverse=True)

    @_asking_redis()
    def end_one(self, user_id: UUID, key: str) -> bool:
        """End a session of this user by its key; whether it was theirs."""
        if not self._redis.srem(OF_USER + str(user_id), key):
            return False
        self._redis.delete(PREFIX + key)
        return True

    @_asking_redis()
    def end_all(self, user_id: UUID) -> None:
        for key in self._redis.smembers(OF_USER + str(user_id)):
            self.end_one(user_id, _text(key))

    def key_of(self, token: str) -> str:
        """Which of the sessions of a user this one is."""
        return _digest(token)

    @_asking_redis()
    def begin_step(self, facts: dict[str, str], *, lasts: timedelta) -> str:
        """Remember what stands between two steps of signing in; the token that brings it back."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._redis.set(STEP + _digest(token), json.dumps(facts), ex=int(lasts.total_seconds()))
        return token

    @_asking_redis()
    def look_at_step(self, token: str) -> dict[str, str] | None:
        kept = self._redis.get(STEP + _digest(token))
        return _facts(kept) if kept else None

    @_asking_redis()
    def take_step(self, token: str) -> dict[str, str] | None:
        """The facts, once."""
        kept = self._redis.getdel(STEP + _digest(token))
        return _facts(kept) if kept else None

    def close(self) -> None:
        self._redis.close()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _text(kept: bytes | str) -> str:
    return kept.decode() if isinstance(kept, bytes) else kept


def _facts(kept: bytes | str) -> dict[str, str]:
    facts: dict[str, str] = json.loads(kept)
    return facts


def _written(session: Session) -> str:
    return json.dumps(
        {
            "user": str(session.user_id),
            "version": session.version,
            "began": session.began_at.timestamp(),
            "seen": session.seen_at.timestamp(),
            "device": session.device,
        }
    )


def _read(kept: bytes | str) -> Session:
    told = json.loads(kept)
    began, seen = (datetime.fromtimestamp(told[name], UTC) for name in ("began", "seen"))
    return Session(UUID(told["user"]), told["version"], began, seen, told["device"])
