"""Signing in through the organisation's own provider: only people we know, with the roles it says."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.roles import Role
from outreach.errors import NotAllowed
from outreach.services.access import Access, NewUser, is_login
from outreach.services.open_id_words import OpenIdRefused
from outreach.services.sign_in import Entered, Origin, SignIn
from outreach.storage import sign_in_line_store, user_store
from outreach.storage.sign_in_line_store import SignInEvent, SignInLine
from outreach.storage.user_store import User

if TYPE_CHECKING:  # its library is brought in where a provider is set
    from outreach.services.open_id_provider import OpenIdProvider

LASTS = timedelta(minutes=10)


class NoAccount(NotAllowed):
    """The provider knows them, we do not, or they have no role here."""

    code = "no_account"

    def __init__(self) -> None:
        super().__init__("Your organisation knows you, but you have no account here: ask your administrator.")


@dataclass(frozen=True)
class OpenIdRules:
    """`login_claim` says who it is. `roles`: what a word of `roles_claim` means here; {} leaves roles alone.

    `adds_agents`: somebody new becomes an agent of no platform.
    """

    login_claim: str = "preferred_username"
    roles_claim: str = "groups"
    roles: Mapping[str, Role] = field(default_factory=dict)
    adds_agents: bool = False


@dataclass(frozen=True)
class OpenId:
    """The second factor is the provider's business."""

    provider: OpenIdProvider
    rules: OpenIdRules
    access: Access
    sign_in: SignIn
    clock: Clock

    def begin(self, then: str) -> tuple[str, str]:
        """Where the browser goes, and the step's token; `then`: our page after it. Raises OpenIdRefused."""
        asked = self.provider.ask()
        facts = {"state": asked.state, "nonce": asked.nonce, "verifier": asked.verifier, "then": then}
        return asked.address, self.sign_in.sessions.store.begin_step(facts, lasts=LASTS)

    def finish(self, step: str, *, state: str, code: str, origin: Origin) -> tuple[Entered, str]:
        """The session, and our page after it. Raises OpenIdRefused, NoAccount."""
        try:
            facts = self._step(step, state)
            claims = self.provider.claims(
                code, nonce=facts["nonce"], verifier=facts["verifier"], now=self.clock.now()
            )
            user_id = self._user(claims)
        except (OpenIdRefused, NoAccount):
            self._note_refusal(origin)
            raise
        return self.sign_in.enter(user_id, origin, SignInEvent.SIGNED_IN_OPEN_ID), facts["then"]

    def _step(self, step: str, state: str) -> Mapping[str, str]:
        facts = self.sign_in.sessions.store.take_step(step) if step else None
        if facts is None or not hmac.compare_digest(facts.get("state", "").encode(), state.encode()):
            raise OpenIdRefused("state")
        return facts

    def _user(self, claims: Mapping[str, Any]) -> UUID:
        login = str(claims.get(self.rules.login_claim) or "").strip()
        with self.access.database.begin() as connection:
            user = user_store.by_login(connection, login)
        if user is None and is_login(login) and self.rules.adds_agents:
            return self.access.add_user(NewUser(login, self._roles(claims) or [Role.AGENT], []))
        if user is None or user.ended_at:
            raise NoAccount
        self._keep_roles(user, claims)
        return user.id

    def _keep_roles(self, user: User, claims: Mapping[str, Any]) -> None:
        """Where the provider says the roles, they are what it says; nobody enters without one."""
        if not self.rules.roles:
            return
        roles = self._roles(claims)
        if not roles:
            raise NoAccount
        if set(roles) != set(user.roles):
            self.access.change_user(user.id, roles=roles)

    def _roles(self, claims: Mapping[str, Any]) -> list[str]:
        said = claims.get(self.rules.roles_claim) or []
        words = [said] if isinstance(said, str) else said
        return sorted({self.rules.roles[word].value for word in words if word in self.rules.roles})

    def _note_refusal(self, origin: Origin) -> None:
        with self.access.database.begin() as connection:
            line = SignInLine(self.clock.now(), SignInEvent.OPEN_ID_REFUSED, None, address=origin.address)
            sign_in_line_store.note(connection, line)
