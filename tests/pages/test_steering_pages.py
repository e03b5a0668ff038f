"""Rota, mutual aid, watch list and notices, as supervisors use them."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import FilePayload, expect
from sqlalchemy import insert, update

from outreach.storage import tables
from tests.call_list_rows import add_contact, add_platform, add_positive
from tests.pages.conftest import Site
from tests.pages.test_mode_pages import fine, fine_but_for_status

pytestmark = pytest.mark.journey
WEEK = "/rota?day=2021-04-05"
ROTA = "date;de;a;postes;agent\n05/04/2021;08:30;17:00;6;\n06/04/2021;08:30;17:00;;anne\n"


def test_a_week_is_sent_mended_edited_in_place_and_read_without_scripts(site: Site) -> None:
    site.user("agent", login="anne")
    visitor = site.visitor("supervisor")
    page = visitor.page
    page.goto("/rota")
    expect(page.get_by_role("main")).to_contain_text("Le planning ne dit rien de cette semaine")
    today = site.app.clock.now().astimezone(ZoneInfo("Europe/Paris")).date()
    expect(page.locator("#day")).to_have_value(today.isoformat())
    wrong = ROTA.replace("17:00;6", "07:00;6")
    page.get_by_label("Fichier", exact=True).set_input_files(
        files=FilePayload(name="rota.csv", mimeType="text/csv", buffer=wrong.encode())
    )
    page.get_by_role("button", name="Remplacer ces jours").click()
    expect(page.get_by_role("alert")).to_contain_text("1 ligne à corriger : rien n’a été écrit")
    expect(page.get_by_role("alert").get_by_role("row").last).to_contain_text("2")
    fine_but_for_status(visitor)
    page.get_by_label("Fichier", exact=True).set_input_files(
        files=FilePayload(name="rota.csv", mimeType="text/csv", buffer=ROTA.encode())
    )
    page.get_by_role("button", name="Remplacer ces jours").click()
    expect(page.locator(".mode-done")).to_contain_text("2 postes sur 2 jours")

    page.goto(WEEK)
    monday = page.get_by_role("row", name=re.compile("^lundi 5 avril"))
    expect(monday).to_contain_text("Lundi de Pâques")
    monday.get_by_text("6 positions").click()
    monday.get_by_label("Positions").fill("4")
    monday.get_by_role("button", name="Enregistrer").click()
    expect(monday).to_contain_text("4 positions")
    expect(page.get_by_role("row", name=re.compile("^mardi 6 avril"))).to_contain_text("anne")

    more = page.get_by_role("region", name="Ajouter un poste")
    more.get_by_label("Début").fill("matin")
    more.get_by_label("Fin").fill("17:00")
    more.get_by_label("Positions").fill("2")
    more.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("link", name="Ce n’est pas une heure.")).to_have_attribute("href", "#starts")
    expect(more.locator("#starts-error")).to_contain_text("Ce n’est pas une heure.")
    expect(more.get_by_label("Début")).to_have_value("matin")

    away = page.get_by_role("region", name="Quelqu’un ne viendra pas")
    away.get_by_label("Début").fill("2021-04-06T08:30")
    away.get_by_label("Fin").fill("2021-04-06T12:30")
    away.get_by_label("Agent (identifiant)").fill("personne")
    away.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("main")).to_contain_text("L’opération n’a pas pu être faite")
    expect(away.get_by_label("Début")).to_have_value("2021-04-06T08:30")
    away.get_by_label("Agent (identifiant)").fill("anne")
    away.get_by_role("button", name="Ajouter").click()
    tuesday = page.get_by_role("row", name=re.compile("^mardi 6 avril"))
    expect(tuesday).to_contain_text("anne, Congé")
    expect(tuesday.get_by_role("cell").last).to_have_text("4,5")

    plain = site.visitor("manager", scripts=False, width=400, language="en")
    plain.page.goto(WEEK)
    assert "Easter Monday" in plain.page.get_by_role("main").inner_text()
    assert plain.page.get_by_role("button", name="Replace these days").count() == 0
    assert plain.overflow() == 0


def test_people_are_lent_and_taken_back(site: Site) -> None:
    with site.app.database.begin() as connection:
        add_platform(connection, "33", site.app.clock.now())
        for _ in range(6):
            add_positive(connection, site.app.clock.now())
    site.user("agent", login="helper", platforms=("33",))
    visitor = site.visitor("supervisor")
    page = visitor.page
    page.goto("/aid")
    page.get_by_label("Combien", exact=True).last.fill("50")
    page.get_by_label("Au plus à la fois").fill("10")
    page.locator("#ends_at").fill("2021-03-16T20:00")
    page.get_by_role("button", name="Prêter").click()
    expect(page.locator("#reason-error")).to_be_visible()
    expect(page.locator("#size")).to_have_value("50")
    page.locator("#reason").fill("vague dans les Landes")
    page.get_by_role("button", name="Prêter").click()
    row = page.get_by_role("row", name=re.compile("vague dans les Landes"))
    expect(row).to_contain_text("50 % de ceux qui attendent, au plus 10 à la fois".replace(" %", "\u202f%"))
    (loan,) = site.app.steering.mutual_aid.loans(["40"])
    assert loan.in_reach == 3
    fine_but_for_status(visitor)
    # The helper gives it back; the page that stands open says so by itself.
    page.clock.install()
    page.goto("/aid")
    site.app.steering.mutual_aid.take_back(loan.number, platforms=["33"], actor="system:test")
    page.clock.run_for(31_000)
    expect(row).to_contain_text("Repris")
    with site.app.database.begin() as connection:
        connection.execute(update(tables.mutual_aid_loans).values(taken_back_at=None, settled_at=None))
    page.goto("/aid")
    row.get_by_role("button", name="Reprendre").click()
    expect(row).to_contain_text("Repris")
    english = site.visitor("pilot", language="en", width=400)
    english.page.goto("/aid")
    expect(english.page.get_by_role("main")).to_contain_text("Taken back on")
    assert english.overflow() == 0
    fine(english)


def test_watched_records_are_resolved_with_a_word(site: Site) -> None:
    now = site.app.clock.now()
    with site.app.database.begin() as connection:
        old, new = add_positive(connection, now - timedelta(days=9)), add_contact(connection, now)
        for each, why in ((old, "NO_RESULT"), (new, "NO_POSITIVE")):
            connection.execute(
                insert(tables.watched_records).values(
                    case_record_id=each.case_record_id, platform="40", why=why, since=now
                )
            )
    visitor = site.visitor("supervisor", width=400)
    page = visitor.page
    page.goto("/watch")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert visitor.overflow() == 0
    fine(visitor)
    page.get_by_label("Arrivée").select_option("7")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody select").select_option("CONFIRMED_BY_LABORATORY")
    page.get_by_role("button", name="Retirer de la liste").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("Cas contact sans son positif")
    page.get_by_label("À surveiller après tant de jours").fill("5")
    page.get_by_role("button", name="Enregistrer").click()
    assert site.app.steering.watch_list.days("40") == 5


def test_a_notice_is_published_and_its_readers_are_seen(site: Site) -> None:
    anne = site.user("agent", login="anne")
    visitor = site.visitor("supervisor")
    page = visitor.page
    page.goto("/notices/publish")
    page.get_by_label("Titre").fill("Isolement")
    page.get_by_label("Texte").fill("Appelez le 05 36 49 00 01.")
    page.get_by_role("button", name="Publier").click()
    expect(page.locator("#text-error")).to_be_visible()
    expect(page.get_by_label("Titre")).to_have_value("Isolement")
    page.get_by_label("Texte").fill("7 jours depuis lundi.")
    page.get_by_role("button", name="Publier").click()
    row = page.get_by_role("row", name=re.compile("^Isolement"))
    expect(row).to_contain_text("0 sur 2")
    (notice,) = site.app.steering.notices.published(["40"])
    site.app.steering.notices.acknowledge(notice.id, by=anne, platforms=["40"])
    page.reload()
    expect(row).to_contain_text("1 sur 2")
    fine_but_for_status(visitor)
    page.get_by_role("link", name="Isolement").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("1 agent ne l’a pas confirmée")
    expect(page.get_by_role("row", name=re.compile("^anne"))).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Retirer Isolement").click()
    expect(row).to_contain_text("Retirée")
    english = site.visitor("supervisor", language="en", width=400)
    english.page.goto("/notices/publish")
    expect(english.page.get_by_role("main")).to_contain_text("Withdrawn on")
    assert english.overflow() == 0
    fine(english)
