"""Everything around signing in, built together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.clock import Clock
from outreach.services.access import Access
from outreach.services.given_access import GivenAccess
from outreach.services.open_id import OpenId, OpenIdRules
from outreach.services.own_account import OwnAccount
from outreach.services.second_factor import SecondFactor
from outreach.services.sessions import Sessions
from outreach.services.sign_in import SignIn
from outreach.services.sign_in_links import SignInLinks
from outreach.services.sign_in_tries import SignInTries
from outreach.storage.passwords import Passwords

if TYPE_CHECKING:  # its library is brought in where a provider is set
    from outreach.services.open_id_provider import OpenIdProvider

BACK_FROM_OPEN_ID = "/sign-in/open-id/back"  # where the organisation's sign-in sends browsers back to


@dataclass(frozen=True)
class SigningIn:
    """`open_id` None: no provider is set."""

    sign_in: SignIn
    second_factor: SecondFactor
    own: OwnAccount
    given: GivenAccess
    links: SignInLinks
    tries: SignInTries
    open_id: OpenId | None


def build_signing_in(
    *,
    access: Access,
    sessions: Sessions,
    clock: Clock,
    public_url: str,
    demo: bool,
    provider: OpenIdProvider | None,
    rules: OpenIdRules,
) -> SigningIn:
    database, vault = access.database, access.vault
    tries = SignInTries(database, vault, clock)
    second_factor = SecondFactor(database, vault, clock, excused=demo)
    sign_in = SignIn(database, clock, Passwords(), sessions, tries, second_factor, demo)
    return SigningIn(
        sign_in=sign_in,
        second_factor=second_factor,
        own=OwnAccount(sign_in, second_factor),
        given=GivenAccess(database),
        links=SignInLinks(database, clock, sign_in, public_url),
        tries=tries,
        open_id=None if provider is None else OpenId(provider, rules, access, sign_in, clock),
    )
