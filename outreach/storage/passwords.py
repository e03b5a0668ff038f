"""Passwords by argon2id: slow to guess, and as slow for a login that does not exist."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from outreach.errors import TooManyRequests

AT_ONCE = 4  # each takes 64 MiB for a moment: a whole shift signs in within the same minutes
WAITING = 12  # they hold threads that other requests need
BUSY_SECONDS = 2


class Passwords:
    """Hashes and verifies: a few at once, some wait their turn, the others are to come back.

    Every method raises TooManyRequests. Tests set `cost`, for they sign in all the time: nothing else may.
    """

    cost = RFC_9106_LOW_MEMORY

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(self.cost)
        self._inside = BoundedSemaphore(AT_ONCE + WAITING)
        self._turns = BoundedSemaphore(AT_ONCE)

    def hash_of(self, password: str) -> str:
        with self._turn():
            return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether it is the password that was kept; with none kept it takes as long, and does not fit."""
        nobodys = self._nobodys
        with self._turn():
            try:
                self._hasher.verify(kept or nobodys, password)
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether the parameters rose since: hash anew at the next sign-in."""
        return self._hasher.check_needs_rehash(kept)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._inside.acquire(blocking=False):
            raise TooManyRequests(BUSY_SECONDS)
        try:
            with self._turns:
                yield
        finally:
            self._inside.release()

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(16))
