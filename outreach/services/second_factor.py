"""The second factor: codes from an authenticator, and recovery codes that stand for it once each."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from uuid import UUID

from outreach.clock import Clock
from outreach.domain import one_time_codes
from outreach.domain.roles import Role
from outreach.domain.sign_in_rules import needs_second_factor
from outreach.errors import InvalidInput, NotAllowed, NotFound
from outreach.services.access import Asker, of_asker
from outreach.services.given_access import GivenWay, tell_given
from outreach.storage import credential_store, sign_in_line_store, user_store
from outreach.storage.database import Connection, Database
from outreach.storage.sign_in_line_store import SignInEvent, SignInLine
from outreach.storage.user_store import User
from outreach.storage.vault import CannotOpen, Vault

SEALED_FOR = "second-factor"
ISSUER = "Outreach"


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator is told. `sealed` goes through the form and comes back with the first code."""

    address: str = field(repr=False)
    groups: str = field(repr=False)
    sealed: str = field(repr=False)


@dataclass(frozen=True)
class FactorView:
    """`needed`: the roles ask for it. `codes_left`: recovery codes."""

    is_set: bool
    needed: bool
    codes_left: int


@dataclass(frozen=True)
class SecondFactor:
    """`excused`: a demo, where nobody needs one."""

    database: Database
    vault: Vault
    clock: Clock
    excused: bool = False

    def is_needed(self, user: User) -> bool:
        return not self.excused and needs_second_factor([Role(role) for role in user.roles])

    def view(self, user_id: UUID) -> FactorView:
        with self.database.begin() as connection:
            user = _user(connection, user_id)
            kept = credential_store.of_user(connection, user_id)
            left = credential_store.recovery_codes_left(connection, user_id)
        return FactorView(kept.sealed_factor is not None, self.is_needed(user), left)

    def begin(self, user_id: UUID) -> Enrolment:
        """A new key; nothing is kept until a code of it was typed."""
        with self.database.begin() as connection:
            user = _user(connection, user_id)
        return self._shown(user, one_time_codes.new_key())

    def again(self, user_id: UUID, sealed: str) -> Enrolment:
        """The same key once more, after a mistyped code."""
        with self.database.begin() as connection:
            user = _user(connection, user_id)
        return self._shown(user, self._key_of_form(user_id, sealed))

    def confirm(self, user_id: UUID, sealed: str, code: str) -> list[str]:
        """Keep the key and give ten recovery codes, shown this once; every open session of theirs is over.

        Raises InvalidInput for a wrong code.
        """
        key, step = self.check_code(user_id, sealed, code)
        with self.database.begin() as connection:
            kept = self.vault.seal_system(_purpose(user_id), key)
            credential_store.save_factor(connection, user_id, kept, step=step, now=self.clock.now())
            user_store.raise_access_version(connection, user_id)
            self._note(connection, SignInEvent.FACTOR_SET, user_id)
            return self._new_codes(connection, user_id)

    def check_code(self, user_id: UUID, sealed: str, code: str) -> tuple[bytes, int]:
        """The key of the form, and the time step of its code. Raises InvalidInput for a wrong one."""
        key = self._key_of_form(user_id, sealed)
        step = one_time_codes.matching_step(key, code, now=self.clock.now())
        if step is None:
            raise InvalidInput(
                "This is not the code that the application shows now.",
                field="code",
                mend="Type the six digits it shows; look whether its clock is right.",
            )
        return key, step

    def new_recovery_codes(self, user_id: UUID) -> list[str]:
        """Ten others; the earlier ones are void, and open sessions over. Raises NotFound without a factor."""
        with self.database.begin() as connection:
            if credential_store.of_user(connection, user_id).sealed_factor is None:
                raise NotFound("There is no second factor that they could stand for.")
            user_store.raise_access_version(connection, user_id)
            self._note(connection, SignInEvent.RECOVERY_CODES_MADE, user_id)
            return self._new_codes(connection, user_id)

    def passes(self, user_id: UUID, typed: str) -> bool:
        """Whether it is the code of now, or a recovery code; either is good once."""
        now = self.clock.now()
        with self.database.begin() as connection:
            kept = credential_store.of_user(connection, user_id)
            if kept.sealed_factor is None:
                return False
            key = self.vault.open_system(_purpose(user_id), kept.sealed_factor)
            if (step := one_time_codes.matching_step(key, typed, now=now)) is not None:
                return credential_store.use_step(connection, user_id, step)
            if not one_time_codes.looks_like_recovery_code(typed):
                return False
            used = credential_store.use_recovery_code(
                connection, user_id, self._digest(user_id, typed), now=now
            )
            if used:
                self._note(connection, SignInEvent.RECOVERY_CODE_USED, user_id)
            return used

    def remove(self, user_id: UUID) -> None:
        """One's own; open sessions are over. Raises NotAllowed where the roles ask for it."""
        with self.database.begin() as connection:
            if self.is_needed(_user(connection, user_id)):
                raise NotAllowed("Your roles need a second factor: replace it instead.")
            credential_store.remove_factor(connection, user_id)
            user_store.raise_access_version(connection, user_id)
            self._note(connection, SignInEvent.FACTOR_REMOVED, user_id, by=user_id)

    def reset(self, user_id: UUID, *, asker: Asker | None) -> None:
        """For somebody who lost theirs, by an administrator; they set up another at the next sign-in.

        Raises NotAllowed for one's own, NotFound for a user of other platforms.
        """
        if asker is not None and asker.user_id == user_id:
            raise NotAllowed("Another administrator must do this to your account.")
        with self.database.begin() as connection:
            user = of_asker(connection, user_store.by_id(connection, user_id), asker)
            credential_store.remove_factor(connection, user_id)
            user_store.raise_access_version(connection, user_id)
            by = None if asker is None else asker.user_id
            self._note(connection, SignInEvent.FACTOR_REMOVED, user_id, by=by)
            tell_given(connection, GivenWay.FACTOR_RESET, user, by=by, now=self.clock.now())

    def _shown(self, user: User, key: bytes) -> Enrolment:
        sealed = self.vault.seal_system(_enrolment_of(user.id), key)
        return Enrolment(
            address=one_time_codes.enrolment_address(key, login=user.login, issuer=ISSUER),
            groups=one_time_codes.key_in_groups(key),
            sealed=base64.urlsafe_b64encode(sealed).decode(),
        )

    def _key_of_form(self, user_id: UUID, sealed: str) -> bytes:
        try:
            return self.vault.open_system(_enrolment_of(user_id), base64.urlsafe_b64decode(sealed.encode()))
        except (CannotOpen, binascii.Error, ValueError):
            raise InvalidInput(
                "This form is not one of ours.", field="code", mend="Open the page again."
            ) from None

    def _new_codes(self, connection: Connection, user_id: UUID) -> list[str]:
        codes = [one_time_codes.new_recovery_code() for _ in range(one_time_codes.RECOVERY_CODES)]
        digests = [self._digest(user_id, code) for code in codes]
        credential_store.replace_recovery_codes(connection, user_id, digests)
        return codes

    def _digest(self, user_id: UUID, typed: str) -> bytes:
        return self.vault.index("recovery-code", f"{user_id}:{one_time_codes.normal_recovery_code(typed)}")

    def _note(
        self, connection: Connection, event: SignInEvent, user_id: UUID, *, by: UUID | None = None
    ) -> None:
        sign_in_line_store.note(connection, SignInLine(self.clock.now(), event, user_id, by))


def _user(connection: Connection, user_id: UUID) -> User:
    user = user_store.by_id(connection, user_id)
    if user is None:
        raise NotFound("There is no such user.")
    return user


def _purpose(user_id: UUID) -> str:
    return f"{SEALED_FOR}:{user_id}"


def _enrolment_of(user_id: UUID) -> str:
    return f"{SEALED_FOR}-enrolment:{user_id}"
