"""Signing in through the organisation's provider: what is believed, what is refused, who gets in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from outreach.bootstrap import App, build_app
from outreach.clock import SetClock
from outreach.config import read_settings
from outreach.domain.roles import Role
from outreach.errors import ConfigurationError
from outreach.services.access import NewUser
from outreach.services.open_id import NoAccount, OpenId
from outreach.services.open_id_words import OpenIdRefused
from outreach.storage.database import Database
from tests.open_id_company import CLIENT_ID, CLIENT_SECRET, Lie, OpenIdCompany, running_open_id_company
from tests.sign_in_world import HOME, SignInWorld
from tests.web.conftest import settings_for


@pytest.fixture
def company(clock: SetClock) -> Iterator[OpenIdCompany]:
    with running_open_id_company(clock) as company:
        yield company


@pytest.fixture
def app(
    database: Database, redis_url: str, clock: SetClock, platform: str, company: OpenIdCompany
) -> Iterator[App]:
    changes = {
        "oidc_issuer": company.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": SecretStr(CLIENT_SECRET),
    }
    built = build_app(settings_for(database, redis_url, **changes), clock=clock)
    built.access.add_user(NewUser("jeanne", ["supervisor"], ["40"]))
    yield built
    built.close()


@pytest.fixture
def open_id(app: App) -> OpenId:
    assert app.signing_in.open_id is not None
    return app.signing_in.open_id


def _enter(open_id: OpenId, company: OpenIdCompany, then: str = "/board") -> tuple[str, str]:
    address, step = open_id.begin(then)
    state, code = company.sign_in(address)
    entered, back = open_id.finish(step, state=state, code=code, origin=HOME)
    return entered.token, back


def test_someone_we_know_is_in_without_a_password_of_ours(
    app: App, open_id: OpenId, company: OpenIdCompany
) -> None:
    token, back = _enter(open_id, company)
    asker = app.sessions.asker(token)
    assert asker is not None
    assert asker.roles == {Role.SUPERVISOR}
    assert back == "/board"
    assert SignInWorld(app).events() == ["USER_ADDED", "SIGNED_IN_OPEN_ID"]


def test_each_sign_in_has_its_own_state_nonce_and_verifier(open_id: OpenId) -> None:
    one, other = open_id.provider.ask(), open_id.provider.ask()
    for name in ("state", "nonce", "verifier"):
        assert getattr(one, name) != getattr(other, name)
        assert len(getattr(one, name)) >= 43
    assert one.verifier not in one.address


def _says(**claims: Any) -> Lie:
    return lambda told: told.update(claims)


def _without(name: str) -> Lie:
    return lambda told: told.pop(name) and None


def _old(told: dict[str, Any]) -> None:
    told["exp"] = told["iat"] - 120


LIES: dict[str, Lie] = {
    "another nonce": _says(nonce="another"),
    "no nonce": _without("nonce"),
    "another audience": _says(aud="another application"),
    "two audiences, authorized to the other": _says(aud=[CLIENT_ID, "another"], azp="another"),
    "no audience": _without("aud"),
    "another issuer": _says(iss="https://elsewhere.example"),
    "no issuer": _without("iss"),
    "expired": _old,
    "no end": _without("exp"),
    "no subject": _without("sub"),
    "the hash of another access token": _says(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "not valid yet": lambda told: told.update(nbf=told["iat"] + 600),
    "issued tomorrow": lambda told: told.update(iat=told["iat"] + 86_400, exp=told["exp"] + 86_400),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_token_that_lies_is_refused(app: App, open_id: OpenId, company: OpenIdCompany, lie: Lie) -> None:
    company.lie = lie
    with pytest.raises(OpenIdRefused):
        _enter(open_id, company)
    assert SignInWorld(app).events() == ["USER_ADDED", "OPEN_ID_REFUSED"]


def test_a_token_signed_with_another_key_is_refused(open_id: OpenId, company: OpenIdCompany) -> None:
    company.published = RSAKey.generate_key(2048, {"kid": "one"})
    with pytest.raises(OpenIdRefused):
        _enter(open_id, company)


def test_a_token_signed_by_an_algorithm_we_did_not_choose_is_refused(
    open_id: OpenId, company: OpenIdCompany
) -> None:
    company.algorithm = "RS512"
    with pytest.raises(OpenIdRefused):
        _enter(open_id, company)


def test_a_provider_that_describes_another_issuer_is_refused(open_id: OpenId, company: OpenIdCompany) -> None:
    company.told_issuer = "https://elsewhere.example"
    with pytest.raises(OpenIdRefused):
        open_id.begin("/")


def test_a_provider_that_does_not_answer_is_a_clear_refusal(open_id: OpenId) -> None:
    away = replace(open_id, provider=replace(open_id.provider, issuer="http://127.0.0.1:9"))
    with pytest.raises(OpenIdRefused) as refused:
        away.begin("/")
    assert "try again" in str(refused.value)


def test_an_answer_is_taken_once_with_its_own_state_from_its_own_browser(
    open_id: OpenId, company: OpenIdCompany, clock: SetClock
) -> None:
    address, step = open_id.begin("/")
    _, other_step = open_id.begin("/")
    state, code = company.sign_in(address)
    for wrong_step, wrong_state in ((step, "another"), (other_step, state), ("", state), ("nonsense", state)):
        with pytest.raises(OpenIdRefused):
            open_id.finish(wrong_step, state=wrong_state, code=code, origin=HOME)
    with pytest.raises(OpenIdRefused):  # the first of these used it up
        open_id.finish(step, state=state, code=code, origin=HOME)


def test_a_code_of_another_sign_in_is_refused(open_id: OpenId, company: OpenIdCompany) -> None:
    address, _ = open_id.begin("/")
    _, stolen = company.sign_in(address)
    address, step = open_id.begin("/")
    state, _ = company.sign_in(address)
    with pytest.raises(OpenIdRefused):
        open_id.finish(step, state=state, code=stolen, origin=HOME)


@pytest.mark.parametrize("login", ["stranger", "", "Jeanne"])
def test_nobody_we_do_not_know_gets_an_account_by_surprise(
    app: App, open_id: OpenId, company: OpenIdCompany, login: str
) -> None:
    company.login = login
    with pytest.raises(NoAccount):
        _enter(open_id, company)
    assert [user.login for user in app.access.users(asker=None)] == ["jeanne"]


def test_whoever_has_left_stays_out(app: App, open_id: OpenId, company: OpenIdCompany) -> None:
    app.access.end_user(app.access.user_named("jeanne").id)
    with pytest.raises(NoAccount):
        _enter(open_id, company)


def test_where_it_is_set_somebody_new_becomes_an_agent_of_no_platform(
    app: App, open_id: OpenId, company: OpenIdCompany
) -> None:
    company.login = "newcomer"
    welcoming = replace(open_id, rules=replace(open_id.rules, adds_agents=True))
    _enter(welcoming, company)
    user = app.access.user_named("newcomer")
    assert (user.roles, user.platforms) == (("agent",), ())


@pytest.mark.parametrize("login", ["a" * 101, "new\tcomer"])
def test_a_login_that_no_account_may_have_adds_nobody(
    app: App, open_id: OpenId, company: OpenIdCompany, login: str
) -> None:
    company.login = login
    welcoming = replace(open_id, rules=replace(open_id.rules, adds_agents=True))
    with pytest.raises(NoAccount):
        _enter(welcoming, company)
    assert SignInWorld(app).events() == ["USER_ADDED", "OPEN_ID_REFUSED"]


def test_where_the_provider_says_the_roles_they_are_what_it_says(
    app: App, open_id: OpenId, company: OpenIdCompany
) -> None:
    roles = {"tracing": Role.AGENT, "tracing-pilots": Role.PILOT}
    mapped = replace(open_id, rules=replace(open_id.rules, roles=roles))
    company.groups = ("something else", "tracing-pilots", "tracing")
    _enter(mapped, company)
    assert set(app.access.user_named("jeanne").roles) == {"agent", "pilot"}
    company.groups = ("something else",)
    with pytest.raises(NoAccount):
        _enter(mapped, company)


def test_a_step_that_took_too_long_begins_again(
    open_id: OpenId, company: OpenIdCompany, clock: SetClock
) -> None:
    address, step = open_id.begin("/")
    state, code = company.sign_in(address)
    clock.advance(timedelta(hours=1))
    company.lie = _old
    with pytest.raises(OpenIdRefused):
        open_id.finish(step, state=state, code=code, origin=HOME)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"oidc_issuer": "https://sign-in.example"}, "OUTREACH_OIDC_CLIENT_ID"),
        ({"oidc_client_id": "outreach"}, "OUTREACH_OIDC_ISSUER"),
        ({"oidc_issuer": "sign-in.example", "oidc_client_id": "a", "oidc_client_secret": "b"}, "https://"),
        ({"oidc_roles": "tracing=chief"}, "chief"),
        ({"oidc_roles": "tracing"}, "OUTREACH_OIDC_ROLES"),
    ],
)
def test_settings_that_do_not_go_together_are_told_at_the_start(given: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        read_settings(**given)
    assert named in str(told.value)
