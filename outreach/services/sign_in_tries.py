"""Wrong tries make the next one wait: for an account, for an address, and for both together.

The counts are rows, so that an emptied Redis forgives nobody, and each try is counted before the password is
looked at, so that many at once are no way around the wait.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.sign_in_rules import Tries, TryKind, delay_of, wait_before
from outreach.errors import TooManyRequests
from outreach.storage import sign_in_try_store
from outreach.storage.database import Database
from outreach.storage.vault import Vault

# Those that a good try does not clear: somebody else may be guessing meanwhile.
SHARED = frozenset({TryKind.ACCOUNT, TryKind.ADDRESS})


class MustWait(TooManyRequests):
    """Too many wrong tries; `seconds` until the next may be made."""

    code = "must_wait"


@dataclass(frozen=True)
class SignInTries:
    """`begin`, look at what was given, then `good` when it was right."""

    database: Database
    vault: Vault
    clock: Clock

    def for_password(self, login: str, address: str) -> Mapping[TryKind, bytes]:
        return {
            TryKind.ACCOUNT_FROM_ADDRESS: self._key(TryKind.ACCOUNT_FROM_ADDRESS, f"{login}\n{address}"),
            TryKind.ACCOUNT: self._key(TryKind.ACCOUNT, login),
            TryKind.ADDRESS: self._key(TryKind.ADDRESS, address),
        }

    def for_code(self, user_id: UUID) -> Mapping[TryKind, bytes]:
        return {TryKind.CODE: self._key(TryKind.CODE, str(user_id))}

    def begin(self, keys: Mapping[TryKind, bytes]) -> None:
        """Count a try. Raises MustWait, and counts nothing, while one has to wait."""
        now = self.clock.now()
        with self.database.begin() as connection:
            found = sign_in_try_store.locked(connection, list(keys.values()), now=now)
            waits = [wait_before(found.get(key), delay_of(kind), now=now) for kind, key in keys.items()]
            if max(waits) > timedelta(0):
                raise MustWait(math.ceil(max(waits).total_seconds()))
            for key in keys.values():
                failures = found[key].failures_at(now) + 1
                sign_in_try_store.save(connection, key, Tries(failures, now))

    def good(self, keys: Mapping[TryKind, bytes]) -> None:
        """The try that was begun was no wrong one."""
        with self.database.begin() as connection:
            for kind, key in sorted(keys.items(), key=lambda item: item[1]):
                if kind in SHARED:
                    sign_in_try_store.take_back(connection, key)
                else:
                    sign_in_try_store.forget(connection, key)

    def forget_old(self) -> int:
        """A sweep: tries of more than a day ago."""
        with self.database.begin() as connection:
            return sign_in_try_store.forget_old(connection, now=self.clock.now())

    def _key(self, kind: TryKind, what: str) -> bytes:
        return self.vault.index(f"sign-in {kind.value}", what)
