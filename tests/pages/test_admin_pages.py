"""Administration in a browser: users, platforms, senders, sign-ins; nobody's personal data."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from outreach.domain.purposes import Purpose
from outreach.services.access import NewUser
from outreach.services.administration import NewPlatform
from outreach.web.pages.labels import LABELS
from tests.pages.conftest import Site

PAGES = (
    "/admin",
    "/admin/users/new",
    "/admin/platforms",
    "/admin/platforms/40",
    "/admin/territories",
    "/admin/territories/40",
    "/admin/senders",
    "/admin/sign-ins",
    "/admin/retention",
    "/admin/health",
)


@pytest.mark.parametrize(("width", "language"), [(1280, "fr"), (400, "en")])
def test_every_page_of_administration_is_accessible_and_fits_the_screen(
    site: Site, width: int, language: str
) -> None:
    someone = site.user("agent", login="ali.bernard")
    visitor = site.visitor("administrator", width=width, language=language)
    for path in (*PAGES, f"/admin/users/{someone}"):
        answer = visitor.page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert visitor.page.get_by_role("heading", level=1).count() == 1
        assert visitor.violations() == "", path
        assert visitor.overflow() <= 0, path
    assert visitor.complaints == []


def test_every_sweep_has_a_name_in_words(site: Site) -> None:
    assert {each.name for each in site.app.administration.health().sweeps} == set(LABELS["sweep"])


def test_an_administrator_makes_a_platform_and_a_user_and_closes_an_account(site: Site) -> None:
    page = site.visitor("administrator", scripts=False).page
    page.goto("/admin/platforms")
    page.get_by_label("Code").fill("3 3")
    page.get_by_label("Nom").fill("Gironde")
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce code ne convient pas")
    page.get_by_label("Code").fill("33")
    page.get_by_role("button", name="Ajouter").click()
    page.get_by_role("heading", name="33 Gironde").wait_for()
    expect(page.get_by_role("status")).to_contain_text("La plateforme est créée")

    page.goto("/admin/users/new")
    page.get_by_label("Identifiant").fill("zoe.petit")
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("alert")).to_be_visible()  # no role
    page.get_by_label("Agent", exact=True).check()
    page.get_by_label("33 Gironde").check()
    page.get_by_role("button", name="Ajouter").click()
    page.get_by_role("heading", name="zoe.petit").wait_for()
    user = site.app.access.user_named("zoe.petit")
    assert (user.roles, set(user.platforms)) == (("agent",), {"40", "33"})

    page.get_by_label("Pilote").check()
    page.get_by_role("button", name="Enregistrer").click()
    assert set(site.app.access.user_named("zoe.petit").roles) == {"agent", "pilot"}
    page.get_by_role("button", name="Créer un jeton").click()
    assert (page.locator(".admin-link").text_content() or "").startswith("out_")
    page.get_by_text("Révoquer").first.click()
    expect(page.get_by_text("C’est sans retour").first).to_be_visible()
    page.get_by_role("button", name="Révoquer le jeton").click()
    expect(page.get_by_role("status")).to_contain_text("Le jeton est désormais refusé")
    page.get_by_label("Saisissez zoe.petit").fill("someone else")
    page.get_by_role("button", name="Clore le compte").click()
    assert site.app.access.user_named("zoe.petit").ended_at is None
    page.goto(f"/admin/users/{user.id}")
    page.get_by_label("Saisissez zoe.petit").fill("zoe.petit")
    page.get_by_role("button", name="Clore le compte").click()
    assert site.app.access.user_named("zoe.petit").ended_at is not None
    page.goto("/admin?login=zoe")
    expect(page.get_by_text("Rien ne correspond")).to_be_visible()
    page.get_by_label("Comptes").select_option("1")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_role("link", name="zoe.petit")).to_be_visible()


def test_a_supervisor_stops_a_sender_and_lets_it_go_on_an_administrator_only_looks(site: Site) -> None:
    page = site.visitor("supervisor").page
    page.goto("/admin/senders")
    page.get_by_text("Plafond ou arrêt").click()
    page.get_by_label("Segments par seconde au plus").fill("many")
    page.get_by_role("button", name="Fixer", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Ce plafond ne convient pas")
    page.get_by_text("Plafond ou arrêt").click()
    page.get_by_label("Segments par seconde au plus").fill("5")
    page.get_by_role("button", name="Fixer", exact=True).click()
    expect(page.get_by_text("au plus 5")).to_be_visible()
    page.get_by_text("Plafond ou arrêt").click()
    page.get_by_label("Motif").first.fill("complaints from the carrier")
    page.get_by_role("button", name="Arrêter cet émetteur").click()
    expect(page.get_by_role("cell", name="Arrêté")).to_be_visible()
    page.get_by_role("button", name="Reprendre").click()
    expect(page.get_by_role("cell", name="Envoie")).to_be_visible()
    page.get_by_label("Euros par jour").fill("250")
    page.get_by_label("Motif").last.fill("the budget of March")
    page.get_by_role("button", name="Fixer les budgets").click()
    expect(page.get_by_text("sur 250,00")).to_be_visible()
    looking = site.visitor("administrator").page
    looking.goto("/admin/senders")
    assert looking.get_by_text("Plafond ou arrêt").count() == 0
    assert site.app.messaging.spending.show("40").limits.daily_euros == 250


def test_hours_are_changed_on_a_form_as_people_write_them(site: Site) -> None:
    visitor = site.visitor("administrator", width=400)
    page = visitor.page
    page.goto("/admin/platforms/40")
    page.get_by_role("heading", name="Changer les horaires").scroll_into_view_if_needed()
    page.locator("summary", has_text="Information d’un contact").click()
    form = page.locator("form[action$='/hours/INFORM']")
    form.get_by_label("Lundi").fill("8h30 – 12h, 14:00-19:00")
    form.get_by_label("Dimanche").fill("")
    form.get_by_label("Mardi").fill("tout le temps")
    form.get_by_label("Jours fériés", exact=True).fill("10-12")
    like_others = form.get_by_label("Les jours fériés sont des jours comme les autres")
    like_others.uncheck()
    form.get_by_label("Motif").fill("essai du matin")
    form.get_by_role("button", name="Fixer ces horaires").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    assert (visitor.overflow(), visitor.violations()) == (0, "")
    expect(form.get_by_label("Lundi")).to_have_value("8h30 – 12h, 14:00-19:00")
    form.get_by_label("Mardi").fill("08:30-19:00")
    form.get_by_role("button", name="Fixer ces horaires").click()
    expect(page.get_by_role("status")).to_contain_text("Les horaires sont fixés")
    expect(page.get_by_role("row", name="Information d’un contact")).to_contain_text(
        "08:30–12:00, 14:00–19:00"
    )
    expect(page.get_by_role("row", name="Information d’un contact")).to_contain_text("10:00–12:00")
    assert site.app.platform_hours.of("40")[Purpose.INFORM].week[6] == ()


def test_a_platform_is_merged_into_another_and_both_say_how_far_it_is(site: Site) -> None:
    site.user("administrator", platforms=("40", "33"))
    site.app.administration.add_platform(NewPlatform("33", "Gironde"), asker=None)
    visitor = site.visitor("administrator", width=400, platforms=("40", "33"))
    page = visitor.page
    page.goto("/admin/platforms/33")
    merging = page.locator("form[action='/admin/platforms/33/merge']")
    merging.get_by_label("Vers").select_option("40")
    merging.get_by_label("Motif").fill("une seule équipe")
    merging.get_by_label("Saisissez le code").fill("33")
    merging.get_by_role("button", name="Fusionner").click()
    expect(page.get_by_role("status")).to_contain_text("vous pouvez quitter cette page")
    for code in ("33", "40"):
        page.goto(f"/admin/platforms/{code}")
        expect(page.get_by_role("region", name="Personnes transférées")).to_contain_text("terminé")
        expect(page.get_by_role("progressbar", name="Gironde → Landes")).to_be_visible()
        assert (visitor.overflow(), visitor.violations(), visitor.complaints) == (0, "", [])


def test_a_platform_takes_another_name_number_and_sender_on_its_form(site: Site) -> None:
    visitor = site.visitor("administrator", width=400)
    page = visitor.page
    page.goto("/admin/platforms/40")
    page.get_by_text("Changer le nom, le numéro ou les émetteurs").click()
    form = page.locator("form[action$='/settings']")
    form.get_by_label("Nom").fill("Landes Sud")
    form.get_by_label("Numéro présenté").fill("05 58")
    form.get_by_label("Un émetteur de plus").fill("+33974757677")
    form.get_by_label("Motif").fill("une nouvelle ligne")
    form.get_by_role("button", name="Modifier la plateforme").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    assert (visitor.overflow(), visitor.violations()) == (0, "")
    expect(form.get_by_label("Émetteur 1")).to_have_value("+33974757677")
    form.get_by_label("Numéro présenté").fill("+33 5 58 00 00 00")
    form.get_by_role("button", name="Modifier la plateforme").click()
    expect(page.get_by_role("status")).to_contain_text("La plateforme est modifiée")
    page.get_by_role("heading", name="40 Landes Sud").wait_for()
    (sender,) = site.app.messaging.senders.of_platform("40")
    assert sender.sender == "+33974757677"


def test_a_platform_is_brought_into_a_new_territory_once_it_was_shown_whose_rights_change(site: Site) -> None:
    site.user("administrator", platforms=("40", "33"))
    site.app.administration.add_platform(NewPlatform("33", "Gironde"), asker=None)
    visitor = site.visitor("administrator", platforms=("40", "33"))
    site.app.access.add_user(NewUser("anne.roy", ("pilot",), (), territory="FR-NAQ"))
    page = visitor.page
    page.goto("/admin/territories")
    page.get_by_label("Code").fill("LE SUD")
    page.get_by_label("Nom").fill("Le Sud")
    page.get_by_label("Motif").fill("une équipe au sud")
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce code ne convient pas")
    page.get_by_label("Code").fill("SUD")
    page.get_by_role("button", name="Ajouter").click()
    page.get_by_role("heading", name="Le Sud").wait_for()
    page.get_by_label("Plateforme", exact=True).select_option("40")
    page.locator("#bring-reason").fill("une équipe au sud")
    page.get_by_role("button", name="Faire entrer").click()
    asked = page.get_by_role("alert")
    expect(asked).to_contain_text("anne.roy (Pilote)")
    expect(asked).to_contain_text("perd Landes")
    assert (visitor.overflow(), visitor.violations()) == (0, "")
    assert site.app.modes.territories.platforms_in("SUD") == []
    asked.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("status")).to_contain_text("Le territoire est redessiné")
    assert site.app.modes.territories.platforms_in("SUD") == ["40"]
    page.get_by_label("Plateforme", exact=True).select_option("33")
    page.get_by_label("Cette plateforme seulement").check()
    page.locator("#bring-reason").fill("elle seule")
    page.get_by_role("button", name="Faire entrer").click()
    page.get_by_role("alert").get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("status")).to_contain_text("Le territoire est redessiné")
    assert site.app.modes.territories.platforms_in("SUD") == ["33", "40"]
    assert site.app.modes.territories.platforms_in("33") == []
    redrawing = page.get_by_role("region", name="Un autre nom ou une autre place")
    redrawing.get_by_label("Nom", exact=True).fill("Grand Sud")
    redrawing.get_by_label("Motif").fill("son vrai nom")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("heading", name="Grand Sud").wait_for()
