"""What somebody changes about how they sign in themselves: each change asks for what they sign in with."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from outreach.errors import InvalidInput
from outreach.services.second_factor import SecondFactor
from outreach.services.sign_in import Entered, Origin, SignIn
from outreach.storage import credential_store
from outreach.storage.sign_in_line_store import SignInEvent


@dataclass(frozen=True)
class Proof:
    """The password, and the code of now (or a recovery code) where there is a second factor."""

    password: str = field(repr=False)
    code: str = field(default="", repr=False)


@dataclass(frozen=True)
class OwnAccount:
    """An open browser is not enough: somebody else may sit at it. Each change ends every other session of
    theirs, and gives this browser a new one.

    Each raises InvalidInput for a wrong proof, also for an account without a password, which is the
    organisation's to guard; MustWait after too many.
    """

    sign_in: SignIn
    second_factor: SecondFactor

    def change_password(self, user_id: UUID, proof: Proof, new: str, origin: Origin) -> Entered:
        """The password alone proves it: whoever knows it can set up the rest anew."""
        self._prove(user_id, Proof(proof.password), origin, with_code=False)
        self.sign_in.set_password(user_id, new)
        return self._entered(user_id, origin)

    def set_factor(
        self, user_id: UUID, sealed: str, code: str, proof: Proof, origin: Origin
    ) -> tuple[Entered, list[str]]:
        """A first second factor, or another one; with its recovery codes, shown this once."""
        self.second_factor.check_code(user_id, sealed, code)  # before a code of now is used up
        self._prove(user_id, proof, origin)
        codes = self.second_factor.confirm(user_id, sealed, code)
        return self._entered(user_id, origin), codes

    def remove_factor(self, user_id: UUID, proof: Proof, origin: Origin) -> Entered:
        """Do without, where the roles allow it."""
        self._prove(user_id, proof, origin)
        self.second_factor.remove(user_id)
        return self._entered(user_id, origin)

    def renew_codes(self, user_id: UUID, proof: Proof, origin: Origin) -> tuple[Entered, list[str]]:
        """Ten other recovery codes. Raises NotFound without a second factor."""
        self._prove(user_id, proof, origin)
        codes = self.second_factor.new_recovery_codes(user_id)
        return self._entered(user_id, origin), codes

    def _prove(self, user_id: UUID, proof: Proof, origin: Origin, *, with_code: bool = True) -> None:
        with self.sign_in.database.begin() as connection:
            kept = credential_store.of_user(connection, user_id)
        if kept.password_hash is None:
            raise InvalidInput(
                "This account has no password here: ask your administrator for a link.", field="current"
            )
        keys = self.sign_in.tries.for_code(user_id)
        self.sign_in.tries.begin(keys)
        if not self.sign_in.passwords.fits(kept.password_hash, proof.password):
            self.sign_in.note(SignInEvent.WRONG_PASSWORD, user_id, origin)
            raise InvalidInput(
                "This is not your password.", field="current", mend="Type the one you use now."
            )
        if with_code and kept.sealed_factor and not self.second_factor.passes(user_id, proof.code):
            self.sign_in.note(SignInEvent.WRONG_CODE, user_id, origin)
            raise InvalidInput(
                "This is not the code of now, or it was used before.",
                field="code_now",
                mend="Wait for the next one that your phone shows.",
            )
        self.sign_in.tries.good(keys)

    def _entered(self, user_id: UUID, origin: Origin) -> Entered:
        return Entered(user_id, self.sign_in.sessions.open(user_id, device=origin.device))
