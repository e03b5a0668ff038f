"""Signing in with a password, then a code where there is a second factor; each step tells what comes next."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.new_passwords import check_new_password
from outreach.domain.roles import Role
from outreach.domain.sign_in_rules import HALF_SESSION
from outreach.errors import NotAllowed, NotFound
from outreach.services.given_access import untold
from outreach.services.second_factor import SecondFactor
from outreach.services.sessions import Sessions
from outreach.services.sign_in_tries import SignInTries
from outreach.storage import credential_store, sign_in_line_store, user_store
from outreach.storage.credential_store import Credentials
from outreach.storage.database import Database
from outreach.storage.passwords import Passwords
from outreach.storage.sign_in_line_store import SignInEvent, SignInLine
from outreach.storage.user_store import User

NOBODY = UUID(int=0)
DEMO_LOGIN = "demo-"  # and the role


class WrongSignIn(NotAllowed):
    """Login and password do not go together: the same words whichever is wrong."""

    code = "wrong_sign_in"

    def __init__(self) -> None:
        super().__init__("This login and this password do not go together.")


class WrongCode(NotAllowed):
    """Not the code of now, or used before."""

    code = "wrong_code"

    def __init__(self) -> None:
        super().__init__("This is not the code of now, or it was used before.")


class StepGone(NotAllowed):
    """Too long between two steps, or begun elsewhere."""

    code = "step_gone"

    def __init__(self) -> None:
        super().__init__("This took too long: begin again with your login and password.")


class NextStep(StrEnum):
    """What is still to be done before somebody is signed in."""

    CODE = "CODE"  # type the code of the second factor
    ENROL = "ENROL"  # set up a second factor: the roles ask for it


@dataclass(frozen=True)
class Origin:
    """Where somebody signs in from. `address`: a keyed digest; `device`: in two words."""

    address: str
    device: str = ""


@dataclass(frozen=True)
class Entered:
    """Signed in: the token of the session. `language`: of the pages they chose, None where they did not.

    `has_news`: others made ways into the account, which they were not told of yet.
    """

    user_id: UUID
    token: str = field(repr=False)
    language: str | None = None
    has_news: bool = False


@dataclass(frozen=True)
class HalfWay:
    """One step more; `token` brings back whose."""

    step: NextStep
    token: str = field(repr=False)


@dataclass(frozen=True)
class SignIn:
    """`demo`: ready accounts may be entered without a password."""

    database: Database
    clock: Clock
    passwords: Passwords
    sessions: Sessions
    tries: SignInTries
    second_factor: SecondFactor
    demo: bool = False

    def with_password(self, login: str, password: str, origin: Origin) -> Entered | HalfWay:
        """Raises WrongSignIn, MustWait. An unknown login is answered like a wrong password, after as long."""
        login = login.replace("\0", "").strip()  # no column holds a null character
        keys = self.tries.for_password(login, origin.address)
        self.tries.begin(keys)
        user, kept = self._found(login)
        if not self.passwords.fits(kept.password_hash, password) or user is None:
            wrong = SignInEvent.WRONG_LOGIN if user is None else SignInEvent.WRONG_PASSWORD
            self.note(wrong, None if user is None else user.id, origin)
            raise WrongSignIn
        self.tries.good(keys)
        self._keep_strong(user.id, kept, password)
        return self.after_password(user.id, origin)

    def after_password(self, user_id: UUID, origin: Origin) -> Entered | HalfWay:
        """The password was right, or was just set."""
        factor = self.second_factor.view(user_id)
        if factor.is_set:
            return self._half_way(NextStep.CODE, user_id)
        if factor.needed:
            return self._half_way(NextStep.ENROL, user_id)
        return self.enter(user_id, origin)

    def waiting(self, step: NextStep, token: str) -> UUID:
        """Who stands before this step. Raises StepGone."""
        facts = self.sessions.store.look_at_step(token) if token else None
        if facts is None or facts.get("step") != step.value:
            raise StepGone
        return UUID(facts["user"])

    def with_code(self, token: str, code: str, origin: Origin) -> Entered:
        """Raises StepGone, WrongCode, MustWait."""
        user_id = self.waiting(NextStep.CODE, token)
        keys = self.tries.for_code(user_id)
        self.tries.begin(keys)
        if not self.second_factor.passes(user_id, code):
            self.note(SignInEvent.WRONG_CODE, user_id, origin)
            raise WrongCode
        self.tries.good(keys)
        self.sessions.store.take_step(token)
        return self.enter(user_id, origin)

    def with_new_factor(
        self, token: str, sealed: str, code: str, origin: Origin
    ) -> tuple[Entered, list[str]]:
        """Set up the second factor that was missing; gives recovery codes. Raises StepGone, InvalidInput."""
        user_id = self.waiting(NextStep.ENROL, token)
        with self.database.begin() as connection:
            if credential_store.of_user(connection, user_id).sealed_factor is not None:
                raise StepGone  # set up elsewhere meanwhile
        codes = self.second_factor.confirm(user_id, sealed, code)
        self.sessions.store.take_step(token)
        return self.enter(user_id, origin), codes

    def as_demo(self, role: str, origin: Origin) -> Entered:
        """The ready account of a role. Raises NotFound outside of a demo."""
        if not self.demo or role not in list(Role):
            raise NotFound("There is no such account to enter.")
        with self.database.begin() as connection:
            user = user_store.by_login(connection, DEMO_LOGIN + role)
        if user is None:
            raise NotFound("The demo has no account for this role yet; wait a moment.")
        return self.enter(user.id, origin, SignInEvent.SIGNED_IN_DEMO)

    def enter(self, user_id: UUID, origin: Origin, event: SignInEvent = SignInEvent.SIGNED_IN) -> Entered:
        """Whoever has proved who they are. Raises NotKnown for somebody who has left."""
        token = self.sessions.open(user_id, device=origin.device)
        self.note(event, user_id, origin)
        with self.database.reading() as connection:
            language = user_store.page_language(connection, user_id)
            has_news = bool(untold(connection, user_id))
        return Entered(user_id, token, language, has_news)

    def set_password(self, user_id: UUID, password: str) -> None:
        """Raises InvalidInput for a weak one. Every open session of theirs is over."""
        with self.database.begin() as connection:
            user = user_store.by_id(connection, user_id)
        if user is None or user.ended_at:
            raise NotFound("There is no such user.")
        check_new_password(password, login=user.login)
        hashed, now = self.passwords.hash_of(password), self.clock.now()
        with self.database.begin() as connection:
            credential_store.save_password(connection, user_id, hashed, now=now)
            user_store.raise_access_version(connection, user_id)
            sign_in_line_store.note(connection, SignInLine(now, SignInEvent.PASSWORD_SET, user_id))

    def _found(self, login: str) -> tuple[User | None, Credentials]:
        """The user who may sign in under a login; the same questions are asked when there is none."""
        with self.database.begin() as connection:
            user = user_store.by_login(connection, login)
            kept = credential_store.of_user(connection, NOBODY if user is None else user.id)
        return (None, Credentials()) if user is None or user.ended_at else (user, kept)

    def _keep_strong(self, user_id: UUID, kept: Credentials, password: str) -> None:
        if kept.password_hash and self.passwords.is_outdated(kept.password_hash):
            hashed = self.passwords.hash_of(password)
            with self.database.begin() as connection:
                credential_store.save_rehash(connection, user_id, before=kept.password_hash, after=hashed)

    def _half_way(self, step: NextStep, user_id: UUID) -> HalfWay:
        facts = {"step": step.value, "user": str(user_id)}
        return HalfWay(step, self.sessions.store.begin_step(facts, lasts=HALF_SESSION))

    def note(self, event: SignInEvent, user_id: UUID | None, origin: Origin) -> None:
        """A line of what happened, with where from."""
        with self.database.begin() as connection:
            line = SignInLine(self.clock.now(), event, user_id, address=origin.address)
            sign_in_line_store.note(connection, line)
