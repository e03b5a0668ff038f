"""Signing in in a browser: the first link, invitations, the second factor, signing out everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from outreach.domain import one_time_codes
from outreach.ids import UserId
from outreach.services.access import NewUser
from outreach.services.open_id import OpenId, OpenIdRules
from outreach.services.open_id_provider import OpenIdProvider
from tests.open_id_company import CLIENT_ID, CLIENT_SECRET, OpenIdCompany, running_open_id_company
from tests.pages.conftest import Site, Visitor
from tests.pages.shots import shoot
from tests.sign_in_world import OTHER_PASSWORD, PASSWORD, Authenticator, SignInWorld, key_of


def _is_fine(visitor: Visitor) -> None:
    assert visitor.violations() == ""
    assert visitor.overflow() <= 0
    refused = re.compile("status of 4")  # the browser notes every page that refuses a form
    assert [told for told in visitor.complaints if not refused.search(told)] == []


def _phone(site: Site, page: Page) -> Authenticator:
    """An authenticator that was given the letters on the page."""
    letters = page.locator(".sign-in-key").text_content() or ""
    address = f"otpauth://totp/x?secret={letters.replace(' ', '')}"
    return Authenticator(site.app, key_of(address))


def _sign_in(page: Page, login: str, password: str) -> None:
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Se connecter").click()


def test_a_first_link_an_invitation_and_signing_out_everywhere(site: Site) -> None:
    """The first administrator makes their account by keyboard alone, invites a supervisor, who signs in."""
    administrator = site.visitor()
    page = administrator.page
    page.goto(site.app.signing_in.links.first())
    _is_fine(administrator)
    page.get_by_label("Identifiant").focus()
    page.keyboard.type("jeanne.martin")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")  # over the button that shows it
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Votre double authentification").wait_for()
    _is_fine(administrator)
    page.keyboard.type(_phone(site, page).code)  # the field has the focus
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Vos codes de secours").wait_for()
    assert page.locator(".sign-in-codes li").count() == one_time_codes.RECOVERY_CODES
    _is_fine(administrator)
    page.get_by_role("button", name="Je les ai conservés").press("Enter")

    page.goto("/admin/users/new")
    page.get_by_label("Identifiant").fill("ali.bernard")
    page.get_by_label("Superviseur").check()
    page.get_by_role("button", name="Ajouter").click()
    page.get_by_role("heading", name="ali.bernard").wait_for()
    page.get_by_role("button", name="Créer un lien").click()
    link = page.locator(".admin-link").text_content() or ""

    supervisor = site.visitor(width=400)
    mine = supervisor.page
    mine.goto(link)
    mine.get_by_label("Mot de passe", exact=True).fill("azertyuiop12")
    mine.get_by_label("Le même mot de passe").fill("azertyuiop12")
    mine.get_by_role("button", name="Continuer").click()
    expect(mine.get_by_role("alert")).to_contain_text("essaie en premier")
    _is_fine(supervisor)
    mine.get_by_label("Mot de passe", exact=True).fill(OTHER_PASSWORD)
    mine.get_by_label("Le même mot de passe").fill(OTHER_PASSWORD)
    mine.get_by_role("button", name="Continuer").click()
    mine.get_by_text("Je ne peux pas scanner").click()
    phone = _phone(site, mine)
    mine.get_by_label("Code").fill("000000")
    mine.get_by_role("button", name="Activer").click()
    expect(mine.get_by_role("alert")).to_be_visible()
    assert _phone(site, mine).key == phone.key
    _is_fine(supervisor)
    mine.get_by_label("Code").fill(phone.code)
    mine.get_by_role("button", name="Activer").click()
    mine.get_by_role("button", name="Je les ai conservés").click()
    first_cookies = mine.context.cookies()

    elsewhere = site.visitor()
    again = elsewhere.page
    again.goto("/account")
    assert again.url == f"{site.url}/sign-in?next=/account"
    _sign_in(again, "ali.bernard", OTHER_PASSWORD)
    site.app.clock.wait(30)  # another code
    again.get_by_label("Code").fill(phone.code)
    again.get_by_role("button", name="Se connecter").click()
    again.get_by_role("heading", name="Mon compte").wait_for()
    assert again.url == f"{site.url}/account"
    _is_fine(elsewhere)
    again.get_by_role("button", name="Déconnecter partout").click()
    expect(again.get_by_role("status")).to_contain_text("déconnecté")
    stale = site.visitor()
    stale.page.context.add_cookies(first_cookies)  # type: ignore[arg-type]
    stale.page.goto("/account")
    assert "/sign-in" in stale.page.url
    void = site.visitor()
    void.page.goto(link)
    void.page.get_by_role("heading", name="Ce lien n’est plus valable").wait_for()
    _is_fine(void)

    page.goto("/admin/sign-ins")
    table = page.get_by_role("table")
    for told in ("Déconnexion partout", "Double authentification activée", "Lien utilisé", "Compte créé"):
        expect(table.get_by_text(told).first).to_be_visible()
    _is_fine(administrator)


@pytest.mark.parametrize(("width", "language"), [(1280, "fr"), (400, "fr"), (1280, "en"), (400, "en")])
def test_the_sign_in_page_is_accessible_and_fits_every_screen(site: Site, width: int, language: str) -> None:
    visitor = site.visitor(width=width, language=language)
    visitor.page.goto("/sign-in")
    _is_fine(visitor)


def test_without_javascript_one_signs_in_too_and_wrong_tries_are_told_with_one_sentence(site: Site) -> None:
    SignInWorld(site.app).account("agent")
    visitor = site.visitor(scripts=False)
    visitor.page.goto("/sign-in?next=/accessibility")
    told = []
    for login in ("agent", "nobody"):
        _sign_in(visitor.page, login, "wrong")
        told.append(visitor.page.get_by_role("alert").inner_text())
    assert told[0] == told[1]
    assert visitor.page.get_by_label("Identifiant").input_value() == "nobody"
    _sign_in(visitor.page, "agent", PASSWORD)
    assert visitor.page.url == f"{site.url}/accessibility"
    visitor.page.get_by_role("button", name="Se déconnecter").click()
    visitor.page.goto("/account")
    assert "/sign-in" in visitor.page.url


def test_what_an_administrator_made_for_an_account_stands_before_the_first_page(site: Site) -> None:
    world = SignInWorld(site.app)
    agent = world.account("agent")
    asker = site.app.access.asker_of(world.account("administrator"))
    site.app.signing_in.links.invite(agent, asker=asker)
    site.app.access.new_token(agent, asker=asker)
    visitor = site.visitor(width=400)
    visitor.page.goto("/sign-in?next=/account")
    _sign_in(visitor.page, "agent", PASSWORD)
    visitor.page.get_by_role("heading", name="À propos de votre compte").wait_for()
    expect(visitor.page.get_by_role("listitem").filter(has_text="administrator")).to_have_count(2)
    _is_fine(visitor)
    shoot(visitor.page, "account-news-400")
    visitor.page.get_by_role("button", name="J’ai lu").press("Enter")
    visitor.page.get_by_role("heading", name="Mon compte").wait_for()
    visitor.page.goto("/account/news?next=//evil.example")
    assert visitor.page.url.startswith(site.url)


def test_too_many_wrong_tries_say_how_long_to_wait(site: Site) -> None:
    visitor = site.visitor(scripts=False)
    visitor.page.goto("/sign-in")
    for _ in range(5):
        _sign_in(visitor.page, "agent", "wrong")
    expect(visitor.page.get_by_role("alert")).to_contain_text("attendez 2")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_after_signing_in_nobody_is_sent_to_another_site(site: Site, elsewhere: str) -> None:
    SignInWorld(site.app).account("agent")
    visitor = site.visitor(scripts=False)
    visitor.page.goto(f"/sign-in?next={elsewhere}")
    _sign_in(visitor.page, "agent", PASSWORD)
    assert visitor.page.url.startswith(site.url)


def test_a_form_of_another_site_signs_nobody_in_or_out(site: Site) -> None:
    site.users["agent"] = UserId(SignInWorld(site.app).account("agent"))
    context = site.visitor("agent").page.context
    forms: dict[str, dict[str, str | float | bool]] = {
        "/sign-in": {"login": "agent", "password": PASSWORD},
        "/sign-out": {},
    }
    for path, form in forms.items():
        answer = context.request.post(
            path, form=form, headers={"Origin": "https://evil.example"}, max_redirects=0
        )
        assert answer.status == 403
        assert "set-cookie" not in answer.headers


def test_one_sets_up_a_second_factor_and_changes_the_password_on_ones_own_page(site: Site) -> None:
    world = SignInWorld(site.app)
    site.users["agent"] = user_id = UserId(world.account("agent"))
    visitor = site.visitor("agent", width=400)
    other = site.visitor("agent")
    page = visitor.page
    page.goto("/account")
    _is_fine(visitor)
    page.get_by_role("button", name="Activer").click()
    _is_fine(visitor)
    phone = _phone(site, page)
    page.get_by_label("Code").fill(phone.code)
    page.get_by_label("Votre mot de passe actuel").fill("not this one")
    page.get_by_role("button", name="Activer").click()
    expect(page.get_by_role("alert")).to_contain_text("n’est pas votre mot de passe")
    page.get_by_label("Code").fill(phone.code)
    page.get_by_label("Votre mot de passe actuel").fill(PASSWORD)
    page.get_by_role("button", name="Activer").click()
    page.get_by_role("button", name="Je les ai conservés").click()
    assert site.app.signing_in.second_factor.view(user_id).is_set
    expect(page.get_by_text("Il vous reste 10")).to_be_visible()
    other.page.goto("/account")
    assert "/sign-in" in other.page.url
    other = site.visitor("agent")
    page.get_by_role("button", name="Nouveaux codes de secours").click()
    _is_fine(visitor)
    shoot(page, "account-proof-400")
    page.get_by_label("Votre mot de passe actuel").fill(PASSWORD)
    page.get_by_label("Code de votre téléphone").fill("000000")
    page.get_by_role("button", name="Nouveaux codes de secours").click()
    expect(page.get_by_role("alert")).to_contain_text("a déjà servi")
    page.goto("/account")
    page.get_by_label("Votre mot de passe actuel").fill(PASSWORD)
    page.get_by_label("Nouveau mot de passe").fill(OTHER_PASSWORD)
    page.get_by_label("Le même mot de passe").fill("something else")
    page.get_by_role("button", name="Changer le mot de passe").click()
    expect(page.get_by_role("alert")).to_contain_text("diffèrent")
    page.get_by_label("Votre mot de passe actuel").fill(PASSWORD)
    page.get_by_label("Nouveau mot de passe").fill(OTHER_PASSWORD)
    page.get_by_label("Le même mot de passe").fill(OTHER_PASSWORD)
    page.get_by_role("button", name="Changer le mot de passe").click()
    expect(page.get_by_role("status").first).to_contain_text("changé")
    page.get_by_label("Langue des pages").select_option("en")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("heading", name="My account").wait_for()
    _is_fine(visitor)
    other.page.goto("/account")
    assert "/sign-in" in other.page.url


def test_an_account_without_a_password_is_told_so_beside_the_field_and_stays_on_its_page(site: Site) -> None:
    visitor = site.visitor("agent")
    page = visitor.page
    page.goto("/account")
    page.get_by_label("Votre mot de passe actuel").fill("whatever it is")
    page.get_by_label("Nouveau mot de passe").fill(OTHER_PASSWORD)
    page.get_by_label("Le même mot de passe").fill(OTHER_PASSWORD)
    with page.expect_response("**/account/password") as answered:
        page.get_by_role("button", name="Changer le mot de passe").click()
    assert answered.value.status == 422
    expect(page.locator("#current-error")).to_contain_text("n’a pas de mot de passe ici")
    expect(page.get_by_label("Langue des pages")).to_be_visible()


@pytest.fixture
def company(site: Site) -> Iterator[OpenIdCompany]:
    with running_open_id_company(site.app.clock) as company:
        yield company


def test_the_organisations_own_sign_in_brings_back_to_the_page_that_was_asked(
    site: Site, company: OpenIdCompany
) -> None:
    """From another site, so that the strict cookie of the session is put to the test."""
    app = site.app
    app.access.add_user(NewUser("jeanne", ["agent"], ["40"]))
    provider = OpenIdProvider(company.issuer, CLIENT_ID, CLIENT_SECRET, f"{site.url}/sign-in/open-id/back")
    open_id = OpenId(provider, OpenIdRules(), app.access, app.signing_in.sign_in, app.clock)
    object.__setattr__(app.signing_in, "open_id", open_id)
    company.address_of_people = company.issuer.replace("127.0.0.1", "localhost")
    visitor = site.visitor()
    visitor.page.goto("/sign-in/open-id?next=/account")
    visitor.page.get_by_role("link", name="I am jeanne").click()
    visitor.page.get_by_role("heading", name="Mon compte").wait_for()
    assert re.fullmatch(f"{site.url}/account", visitor.page.url)
    site.app.clock.wait(timedelta(minutes=1).total_seconds())
    visitor.page.goto("/sign-in/open-id/back?state=forged&code=forged")
    visitor.page.get_by_role("alert").wait_for()
