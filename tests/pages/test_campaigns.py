"""Campaigns from their people to their replies: counted, written, started with the count, ended."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.call_list_rows import add_contact
from tests.campaign_world import number
from tests.message_world import give_numbers
from tests.pages.conftest import Site, Visitor
from tests.pages.figures_seen import figures_of
from tests.web.test_campaigns import people
from tests.web.test_messages_journey import statuses, wait_until

WORDS = "Permanence samedi à la mairie, de 9 h à 12 h. Venez avec une pièce d'identité."


def complaints(visitor: Visitor) -> list[str]:
    """But those of the browser about forms that we refused on purpose."""
    return [told for told in visitor.complaints if "(Unprocessable" not in told and "(Conflict" not in told]


def name_it(page: Page, name: str, *, calls: bool = False) -> None:
    page.goto("/campaigns/new")
    page.get_by_label("Son nom").fill(name)
    if calls:
        page.get_by_label("Par téléphone").check()
    page.get_by_role("button", name="Continuer").press("Enter")
    expect(page.get_by_role("heading", name="Pour qui")).to_be_visible()


def test_a_campaign_goes_from_its_people_to_its_replies_and_the_figures(site: Site) -> None:
    people(site.app, 5)
    visitor = site.visitor("supervisor")
    page = visitor.page
    page.goto("/campaigns")
    expect(page.get_by_text("Aucune campagne ici")).to_be_visible()
    name_it(page, "Permanence du samedi")
    page.get_by_label("Personnes", exact=True).select_option("CONTACT")
    page.get_by_role("button", name="Enregistrer et compter").press("Enter")
    expect(page.locator("#count")).to_contain_text("5")
    assert visitor.violations() == ""
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Campagne : avec les mots de la plateforme").check()
    page.get_by_role("textbox", name="Les mots de la plateforme").fill("Votre test covid est positif")
    expect(page.locator("#trial")).to_contain_text("Un mot de santé")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("textbox", name="Les mots de la plateforme").fill(WORDS)
    expect(page.locator("#trial")).to_contain_text("Permanence samedi")
    assert visitor.violations() == ""
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_label("Est relancé après").fill("24")
    assert visitor.violations() == ""
    page.get_by_role("button", name="Enregistrer et vérifier").click()
    begin = page.get_by_role("button", name="Envoyer à 5 personnes")
    expect(begin).to_be_visible()
    assert visitor.violations() == ""

    with site.app.database.begin() as connection:
        late = add_contact(connection, site.app.clock.now())
        give_numbers(connection, site.app.vault, late, (number(6),))
    begin.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("6")
    page.get_by_role("button", name="Envoyer à 6 personnes").press("Enter")
    expect(page.get_by_text("En cours", exact=True)).to_be_visible()

    while site.app.campaigning.work.run():
        pass
    site.app.messaging.sending.send_due(most_seconds=10)
    wait_until(lambda: statuses(site.day) == ["DELIVERED"] * 6)
    expect(page.locator("#campaign-now")).to_contain_text("6 SMS préparés sur 6")
    site.day.company.set_inbound(sms_url=f"{site.app.settings.public_url}/webhooks/twilio/inbound-message")
    site.day.company.text_us(number(1), "STOP")
    site.day.company.text_us(number(2), "C'est où exactement la mairie ?")
    expect(page.get_by_role("region", name="Réponses")).to_be_visible(timeout=15_000)
    assert visitor.violations() == ""
    expect(page.get_by_role("link", name="Y répondre dans la messagerie")).to_have_attribute(
        "href", "/inbox?platform=40"
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="Tout le monde, par numéro de fiche").click()
    assert download.value.suggested_filename.startswith("campaign-")
    page.get_by_role("button", name="Mettre en pause").press("Enter")
    page.get_by_role("button", name="Annuler…").click()
    page.get_by_role("button", name="Annuler la campagne").press("Enter")
    expect(page.locator("h1")).to_contain_text("Annulée")
    page.goto("/campaigns?group=ended")
    expect(page.get_by_role("row").filter(has_text="Permanence du samedi")).to_contain_text("6 remis")

    figures = figures_of(page, "2021-03-16")
    assert (figures["sms_sent"], figures["sms_delivered_share"]) == (6, 1.0)
    decided = page.get_by_role("row").filter(has_text="Permanence du samedi")
    expect(decided.filter(has_text="En cours").first).to_contain_text("6 personnes")
    expect(decided.filter(has_text="Annulée")).to_be_visible()
    assert complaints(visitor) == []


def test_a_campaign_of_calls_has_its_script_and_outcomes(site: Site) -> None:
    people(site.app, 3)
    visitor = site.visitor("supervisor")
    page = visitor.page
    name_it(page, "Contrôle par téléphone", calls=True)
    page.get_by_role("button", name="Enregistrer et compter").click()
    page.get_by_role("button", name="Continuer").click()
    expect(page.locator("#trial")).to_contain_text("## identity")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_label("Mots du résultat 1").fill("Rendez-vous pris")
    page.get_by_role("button", name="Enregistrer et vérifier").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Mots du résultat 1").fill("Rendez-vous pris")
    page.get_by_label("Sens du résultat 1").select_option("COMPLETED")
    page.get_by_role("button", name="Enregistrer et vérifier").click()
    page.get_by_role("button", name="Appeler 3 personnes").press("Enter")
    while site.app.campaigning.work.run():
        pass
    expect(page.locator("#campaign-now")).to_contain_text("0 appels terminés sur 3")
    assert visitor.violations() == ""
    (campaign,) = site.app.campaigning.campaigns.of_platforms(["40"], before=None, most=5)
    assert [(o.code, o.label) for o in campaign.plan.outcomes] == [("RENDEZ_VOUS_PRIS", "Rendez-vous pris")]
    assert complaints(visitor) == []


def test_a_standing_campaign_is_planned_and_listed(site: Site) -> None:
    visitor = site.visitor("pilot")
    page = visitor.page
    page.goto("/campaigns/standing")
    page.get_by_role("button", name="Nouvelle campagne permanente").click()
    page.get_by_label("Son nom").fill("Après deux essais")
    page.get_by_label("À qui écrit-elle").select_option("SECOND_MISS")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_label("Normal").check()
    page.get_by_role("button", name="Enregistrer et vérifier").click()
    page.get_by_role("button", name="La laisser écrire d’elle-même").press("Enter")
    page.goto("/campaigns/standing")
    expect(page.get_by_role("row").filter(has_text="Après deux essais")).to_contain_text("part maintenant")
    assert visitor.violations() == ""
    assert complaints(visitor) == []


def test_campaigns_are_read_on_a_phone_in_english_and_planned_without_scripts(site: Site) -> None:
    people(site.app, 2)
    plain = site.visitor("supervisor", scripts=False).page
    plain.goto("/campaigns/new")
    plain.get_by_label("Son nom").fill("Sans script")
    plain.get_by_role("button", name="Continuer").click()
    plain.get_by_role("button", name="Enregistrer et compter").click()
    plain.get_by_role("button", name="Continuer").click()
    plain.get_by_role("button", name="Enregistrer et continuer").click()
    plain.get_by_role("button", name="Enregistrer et vérifier").click()
    address = plain.url
    phone = site.visitor("supervisor", width=400, language="en")
    steps = [address.replace("/check", f"/{step}") for step in ("audience", "text", "sending", "check")]
    for path in ("/campaigns", "/campaigns/new", "/campaigns/standing", *steps):
        phone.page.goto(path)
        assert phone.overflow() == 0, path
        assert phone.violations() == "", path
    assert phone.complaints == []
    reader = site.visitor("manager").page
    reader.goto(address.replace("/check", ""))
    expect(reader.locator("#campaign-now")).to_contain_text("pas commencée")
    plain.get_by_role("button", name="Envoyer à 2 personnes").click()
    expect(plain.locator("h1")).to_contain_text("En cours")
