"""The inbox as agents use it: read, take, answer, call back; somebody in danger; two agents at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from outreach.telephony.webhooks import InboundMessage
from tests.pages.conftest import Site
from tests.pages.shots import checked, shoot
from tests.web.conftest import CALLER_ID

ANNE, BORIS, CLARA = "+33639980131", "+33639980132", "+33639980133"
_sids: Iterator[int] = iter(range(1, 10_000))


def texts_us(site: Site, number: str, body: str) -> None:
    received = InboundMessage(f"SM{next(_sids):032}", number, CALLER_ID, body)
    with site.app.database.begin() as connection:
        site.app.messaging.events.apply_inbound(connection, received, site.app.clock.now())


def contact(site: Site, number: str, reference: str, **more: str) -> Any:
    fields = {
        "type": "contact",
        "nom": f"Maisonnave{reference}",
        "prenoms": "Camille",
        "date_naissance": "03/03/1980",
        "telephone_1": number,
        **more,
    }
    outcome = site.app.case_import.put_case_record("40", "test", reference, fields, by=None)
    assert outcome.case_record_id is not None, outcome
    return outcome.case_record_id


def test_an_agent_reads_takes_and_answers_a_reply(site: Site) -> None:
    contact(site, ANNE, "R1")
    texts_us(site, ANNE, "ma fille tousse depuis hier\nje la garde à la maison")
    agent = site.visitor("agent")
    page = agent.page
    page.goto("/inbox")
    expect(page.get_by_text("1 à traiter")).to_be_visible()
    shoot(page, "inbox-list-1280")
    checked(agent)
    page.get_by_role("link", name="Une personne de nos fiches").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("ma fille tousse")).to_be_visible()
    page.get_by_role("button", name="Je m’en occupe").press("Enter")
    expect(page.get_by_text("À vous")).to_be_visible()
    page.get_by_label("Réponse : nous vous appelons bientôt").check()
    page.get_by_role("button", name="Voir d’abord").click()
    expect(page.get_by_text("nous avons bien lu votre message")).to_be_visible()
    expect(page.get_by_text("segment")).to_be_visible()
    shoot(page, "inbox-conversation-1280")
    checked(agent)
    page.get_by_role("button", name="Envoyer").press("Enter")
    expect(page.get_by_text("Répondu par un texte")).to_be_visible()
    with site.app.database.begin() as connection:
        assert connection.execute(text("select count(*) from messages")).scalar() == 1


def test_somebody_in_danger_stands_first_and_the_list_lives(site: Site) -> None:
    contact(site, ANNE, "R1")
    texts_us(site, BORIS, "Qui êtes-vous ?")
    agent = site.visitor("agent", width=400)
    page = agent.page
    page.goto("/inbox")
    expect(page.get_by_role("link", name="Numéro inconnu")).to_be_visible()
    expect(page.locator("body[data-connection=open]")).to_be_attached()
    texts_us(site, ANNE, "je n'arrive plus à respirer")
    expect(page.get_by_role("heading", name="Quelqu’un est peut-être en danger")).to_be_visible()
    shoot(page, "inbox-danger-400")
    checked(agent)
    page.get_by_role("link", name="Une personne de nos fiches").click()
    expect(page.get_by_text("Leur appel est en tête de file")).to_be_visible()
    shoot(page, "inbox-danger-conversation-400")
    checked(agent)


def test_of_two_agents_the_second_is_told_in_words_who_did_what(site: Site) -> None:
    contact(site, ANNE, "R1")
    texts_us(site, ANNE, "ma fille tousse")
    first, second = site.visitor("agent", login="amelie"), site.visitor("agent", login="bruno")
    for visitor in (first, second):
        visitor.page.goto("/inbox")
        visitor.page.get_by_role("link", name="Une personne de nos fiches").click()
    first.page.get_by_text("Les rappeler").click()
    first.page.get_by_role("button", name="Mettre l’appel dans la file").click()
    expect(first.page.get_by_text("Répondu par un appel")).to_be_visible()
    expect(second.page.get_by_text("Quelque chose s’est passé depuis")).to_be_visible()
    second.page.get_by_role("button", name="Je m’en occupe").click()
    expect(second.page.get_by_role("alert")).to_contain_text("amelie a été plus rapide")
    shoot(second.page, "inbox-conflict-1280")
    assert second.violations() == ""


def test_a_stranger_is_given_a_record_and_a_moment_that_cannot_be_read_is_said_so(site: Site) -> None:
    record = contact(site, ANNE, "R1")
    texts_us(site, CLARA, "Qui êtes-vous ?")
    page = site.visitor("agent", language="en").page
    page.goto("/inbox")
    page.get_by_role("link", name="Unknown number").click()
    page.get_by_label("Record").fill("not a record")
    page.get_by_role("button", name="It is theirs").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not the number of a record.")
    page.get_by_label("Record").fill(str(record))
    page.get_by_role("button", name="It is theirs").click()
    expect(page.get_by_role("heading", name="Somebody on our records")).to_be_visible()
    expect(page.get_by_role("link", name="Their record")).to_be_visible()
    shoot(page, "inbox-stranger-en-1280")


def test_an_agent_finds_their_own_first_then_nobodys_and_the_choice_outlives_a_conversation(
    site: Site,
) -> None:
    for number in (ANNE, BORIS, CLARA):
        texts_us(site, number, "Qui êtes-vous ?")
    agent = site.visitor("agent", login="anne")
    other = site.user("agent", login="bruno")
    with site.app.database.begin() as connection:
        for user_id in (site.user("agent", login="anne"), other):
            connection.execute(
                text(
                    "update conversations set assigned_to = :who where id = ("
                    "select id from conversations where assigned_to is null order by id limit 1)"
                ),
                {"who": user_id},
            )
    page = agent.page
    page.goto("/inbox")
    rows = page.locator(".inbox-row")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("À vous")
    expect(page.get_by_role("region", name="À vous").locator(".inbox-row")).to_have_count(1)
    checked(agent)
    page.get_by_label("À qui").select_option(label="Toutes, celles des collègues aussi")
    expect(rows).to_have_count(3)
    expect(page.locator("#inbox-list")).to_contain_text("bruno")
    rows.last.get_by_role("link").click()
    page.get_by_role("link", name="Messages reçus").last.click()
    expect(page.get_by_label("À qui")).to_have_value("all")
    expect(rows).to_have_count(3)


def test_without_scripts_the_inbox_is_read_filtered_and_answered(site: Site) -> None:
    contact(site, ANNE, "R1")
    texts_us(site, ANNE, "Mauvais numéro")
    agent = site.visitor("agent", scripts=False)
    page = agent.page
    page.goto("/inbox")
    page.get_by_label("Lesquelles").select_option("unread")
    page.get_by_role("button", name="Afficher").click()
    page.get_by_role("link", name="Une personne de nos fiches").click()
    page.get_by_role("button", name="Oui : ce n’est pas la personne").click()
    expect(page.get_by_text("Rien n’est demandé pour l’instant")).to_be_visible()
    page.goto("/inbox")
    expect(page.get_by_text("Aucune conversation ici")).to_be_visible()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_empty_inbox_says_what_to_do_next(site: Site, language: str) -> None:
    agent = site.visitor("agent", language=language, width=400)
    agent.page.goto("/inbox")
    shoot(agent.page, f"inbox-empty-{language}-400")
    checked(agent)
