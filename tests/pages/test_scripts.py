"""Scripts: a fault found while typing, a version scheduled and in force, two versions beside each other."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.pages.conftest import Site

GOOD = (
    "CPAM {{ platform_name }} : nous avons essayé de vous joindre. "
    "Vous pouvez nous appeler au {{ outreach_number | phone }} ou répondre RAPPEL."
)


def test_a_text_is_mended_while_typing_then_takes_effect_and_is_compared(site: Site) -> None:
    visitor = site.visitor("supervisor")
    page = visitor.page
    page.goto("/scripts")
    page.get_by_label("Canal").select_option("sms")
    page.get_by_role("link", name="Nous avons essayé de vous appeler", exact=True).click()
    page.get_by_role("button", name="Écrire une nouvelle version").click()
    text = page.get_by_role("textbox", name="Le texte", exact=True)
    text.fill(GOOD.replace("nous avons", "votre test est positif, c’est pourquoi nous avons") + " 🙂")
    expect(page.get_by_text("points à corriger")).to_be_visible()
    expect(page.locator("#result")).to_contain_text("Un mot de santé")
    expect(page.locator("#result")).to_contain_text("70 par segment (UCS-2)")
    expect(page.locator(".scripts-margin__line--mend")).to_have_count(1)
    assert visitor.violations() == ""
    text.fill(GOOD)
    expect(page.get_by_text("Rien à corriger")).to_be_visible()
    expect(page.locator("#result")).to_contain_text("160 par segment")
    page.get_by_label("Pourquoi le texte change-t-il").fill("plus clair")
    page.keyboard.press("Enter")
    page.get_by_label("Tout de suite").check()
    page.get_by_role("button", name="Mettre en vigueur").press("Enter")
    expect(page.get_by_text("En vigueur", exact=True)).to_be_visible()
    page.goto("/scripts/missed_call")
    page.get_by_role("button", name="Comparer").click()
    expect(page.locator("ins").first).to_be_visible()
    assert visitor.violations() == ""
    assert visitor.complaints == []


def test_a_change_is_looked_at_once_and_not_again_when_its_field_is_left(site: Site) -> None:
    page = site.visitor("supervisor").page
    page.clock.install()
    page.goto("/scripts/missed_call/edit")
    looks: list[str] = []
    page.on("request", lambda asked: looks.append(asked.url) if asked.url.endswith("/look") else None)
    text, sample = page.get_by_role("textbox", name="Le texte", exact=True), page.locator("#sample")
    with page.expect_response("**/look"):
        text.press_sequentially(" Merci.")
        page.clock.run_for(2_000)
    text.press("Tab")
    page.clock.run_for(2_000)
    with page.expect_response("**/look"):
        sample.select_option(index=1)
        page.clock.run_for(2_000)
    expect(page.locator("#sample option:checked")).to_have_js_property("index", 1)
    assert len(looks) == 2


def test_texts_are_read_on_a_phone_in_english_and_without_scripts(site: Site) -> None:
    phone = site.visitor("supervisor", width=400, language="en")
    for path in (
        "/scripts",
        "/scripts/missed_call/edit",
        "/scripts/contact_light/edit",
        "/scripts/durations",
        "/scripts/contact_light",
    ):
        phone.page.goto(path)
        assert phone.overflow() == 0, path
        assert phone.violations() == "", path
    assert phone.complaints == []
    plain = site.visitor("pilot", scripts=False)
    plain.page.goto("/scripts/missed_call/edit")
    plain.page.get_by_role("textbox", name="Le texte", exact=True).fill(GOOD + " Test positif.")
    plain.page.get_by_role("button", name="Actualiser l’aperçu").click()
    expect(plain.page.locator("#result")).to_contain_text("Un mot de santé")


def test_a_duration_of_next_month_is_set_and_taken_back(site: Site) -> None:
    visitor = site.visitor("supervisor")
    page = visitor.page
    page.goto("/scripts/durations")
    page.get_by_role("textbox", name="Valeur").fill("99")
    page.get_by_label("À partir du").fill("2021-04-20")
    page.get_by_label("Quelle décision la fixe").fill("décret d'avril")
    page.get_by_role("button", name="L’appliquer").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("textbox", name="Valeur").fill("9")
    page.get_by_role("button", name="L’appliquer").click()
    row = page.get_by_role("row").filter(has_text="décret d'avril")
    expect(row).to_contain_text("à venir")
    row.get_by_role("button", name="Annuler").click()
    expect(page.get_by_role("row").filter(has_text="décret d'avril")).to_contain_text("Retirée")
    assert visitor.violations() == ""


def test_a_text_is_tried_on_people_who_differ_and_each_brings_their_own_values(site: Site) -> None:
    visitor = site.visitor("supervisor")
    page = visitor.page
    page.goto("/scripts/contact_full/edit")
    page.get_by_label("Qui", exact=True).focus()
    page.get_by_label("Qui", exact=True).select_option(label="Un mineur")
    expect(page.locator("#result")).to_contain_text("Cette personne est mineure")
    expect(page.locator("#value-adult")).to_have_value("no")
    expect(page.get_by_label("Qui", exact=True)).to_be_focused()
    page.get_by_label("Qui", exact=True).select_option(label="Quelqu’un dont on sait peu de chose")
    expect(page.locator("#result")).to_contain_text("Je souhaite parler à Dupont")
    page.get_by_label("Qui", exact=True).select_option(label="Quelqu’un qui parle anglais")
    expect(page.locator("#result")).to_contain_text("dans une autre langue")
    assert page.get_by_role("option", name="Un positif majeur").count() == 0
    assert visitor.violations() == ""
    page.goto("/scripts/missed_call/edit")
    page.get_by_label("Qui", exact=True).select_option(label="Quelqu’un qui n’a qu’un fixe")
    expect(page.locator("#result")).to_contain_text("Aucun SMS ne joint cette personne")
    assert visitor.complaints == []
    plain = site.visitor("supervisor", scripts=False).page
    plain.goto("/scripts/contact_full/edit")
    plain.get_by_label("Qui", exact=True).select_option(label="Un mineur")
    plain.get_by_role("button", name="Actualiser l’aperçu").click()
    expect(plain.locator("#result")).to_contain_text("Cette personne est mineure")
    expect(plain.locator("#value-person_name")).to_have_value("Tom Faure")
