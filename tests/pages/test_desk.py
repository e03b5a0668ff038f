"""The agent's desk in a browser: a morning of calls, a laptop closed, a line dropped, a wrong outcome."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from tests.pages.conftest import Site, Visitor
from tests.pages.desk_world import DeskWorld, call, next_person, state
from tests.pages.figures_seen import figures_of

MOBILE, OTHER = "+33639980050", "+33639980051"
OUTCOME_OF = {
    "Durand": "COMPLETED",
    "Petit": "INFO_GIVEN",
    "Moreau": "BUSY",
    "Garcia": "NO_ANSWER",
    "Roux": "VOICEMAIL_LEFT",
    "Faure": "INVALID_NUMBER",
    "Blanc": "CALLBACK_AT",
    "Girard": "THIRD_PARTY",
    "Morel": "ESCALATE_MEDICAL",
    "Simon": "EMERGENCY",
}

# What an agent may say, as docs/rules.md divides it.
FAMILIES = {
    "reached": {"COMPLETED", "INFO_GIVEN", "PARTIAL", "CALLBACK_AT", "REFUSED"},
    "routed": {"LANGUAGE", "ESCALATE_MEDICAL", "ESCALATE_ARS", "EMERGENCY", "HOSPITALISED"},
    "not the person": {"WRONG_NUMBER", "THIRD_PARTY"},
    "voicemail": {"VOICEMAIL_LEFT", "VOICEMAIL_NONE"},
    "nobody answered": {"NO_ANSWER", "BUSY"},
    "the line": {"INVALID_NUMBER", "NETWORK_FAILED"},
}


@pytest.fixture
def world(site: Site) -> DeskWorld:
    return DeskWorld(site)


def test_a_morning_of_ten_people_and_every_family_of_outcomes(world: DeskWorld) -> None:
    voices = {"Moreau": "busy", "Garcia": "rings_out", "Roux": "voicemail", "Faure": "unknown_number"}
    for n, name in enumerate(OUTCOME_OF):
        kind = "contact" if name in ("Petit", "Girard") else "positif"
        world.person(name, f"+3363998005{n}", kind=kind, voice=voices.get(name, "answers"))
    visitor = world.agent(width=1366)
    page = visitor.page
    page.keyboard.press("Alt+Shift+KeyN")
    expect(page.get_by_role("heading", name="Pourquoi maintenant")).to_be_visible()
    met = []
    for _ in OUTCOME_OF:
        name = page.locator(".desk-name").inner_text().split()[-1].capitalize()
        met.append(name)
        page.keyboard.press("Alt+Shift+KeyC")
        MORNING[name](page)
        _save(page)
    expect(page.get_by_role("heading", name="Inès LOPEZ")).to_be_visible()  # whom Durand named
    assert dict(zip(met, world.outcomes(), strict=True)) == OUTCOME_OF
    assert all(family & set(OUTCOME_OF.values()) for family in FAMILIES.values()), FAMILIES
    figures = figures_of(world.site.visitor("supervisor").page, "2021-03-16")
    assert (figures["calls"], figures["positives"]) == (len(OUTCOME_OF), len(OUTCOME_OF) - 2)
    assert visitor.violations() == ""
    assert visitor.complaints == []


def _tick(place: Locator) -> None:
    """By the space bar."""
    place.focus()
    place.page.keyboard.press("Space")
    expect(place).to_be_checked()


def _save(page: Page) -> None:
    """By its shortcut; a grave outcome is asked twice."""
    with page.expect_navigation():
        page.keyboard.press("Alt+Shift+KeyE")
        if page.get_by_role("dialog").is_visible():
            page.get_by_role("button", name="Oui").press("Enter")


def _interview(page: Page) -> None:
    """Identity, an answer that brings a question, a contact, and the end."""
    state(page, "Décroché")
    _tick(page.get_by_label("La personne elle-même"))
    for question in ("Le nom et le prénom", "La date de naissance donnée"):
        _tick(page.get_by_role("group", name=question).get_by_label("Oui"))
    _tick(page.get_by_role("group", name="Avez-vous ou avez-vous eu des symptômes").get_by_label("Oui"))
    page.get_by_label("Quel jour les premiers signes").fill("2021-03-14")
    line = page.get_by_role("form", name="Cas contact, ligne 1")
    line.get_by_label("Nom", exact=True).fill("Lopez")
    line.get_by_label("Prénoms").fill("Inès")
    line.get_by_label("Numéro").fill("06 39 98 01 01")
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader", name="Inès LOPEZ")).to_be_visible()
    _tick(page.get_by_label("Entretien terminé"))


def _told(page: Page) -> None:
    state(page, "Décroché")
    _tick(page.get_by_role("radio", name="Informé", exact=True))


def _line_says(words: str) -> Callable[[Page], None]:
    def confirm(page: Page) -> None:
        state(page, words)
        expect(page.get_by_label(words)).to_be_checked()

    return confirm


def _voicemail(page: Page) -> None:
    state(page, "Décroché")
    page.keyboard.press("Alt+Shift+KeyV")
    state(page, "Message laissé sur répondeur")
    expect(page.get_by_label("Message laissé sur répondeur")).to_be_checked()


def _callback(page: Page) -> None:
    state(page, "Décroché")
    _tick(page.get_by_label("Rappel convenu"))
    page.get_by_label("Quand").select_option(label="14 h 30")
    page.get_by_label("Note").fill("Préfère l’après-midi")


def _someone_else(page: Page) -> None:
    state(page, "Décroché")
    _tick(page.get_by_label("Un tiers a répondu"))


def _doctor(page: Page) -> None:
    state(page, "Décroché")
    _tick(page.get_by_label("Vers un médecin conseil"))


def _emergency(page: Page) -> None:
    state(page, "Décroché")
    _tick(page.get_by_role("radio", name="Urgence", exact=True))


MORNING = {
    "Durand": _interview,
    "Petit": _told,
    "Moreau": _line_says("Occupé"),
    "Garcia": _line_says("Pas de réponse"),
    "Roux": _voicemail,
    "Faure": _line_says("Numéro inexistant"),
    "Blanc": _callback,
    "Girard": _someone_else,
    "Morel": _doctor,
    "Simon": _emergency,
}


def test_a_laptop_closed_in_a_call_finds_the_same_call_and_the_same_text_elsewhere(world: DeskWorld) -> None:
    world.person("Durand", MOBILE)
    first = world.agent()
    next_person(first.page)
    call(first.page)
    state(first.page, "Décroché")
    first.page.get_by_label("Note").fill("Fille de 8 ans à la maison")
    first.page.get_by_label("Rappel convenu").check()
    first.page.get_by_label("Quand").select_option(label="15 h 00")
    first.page.get_by_label("Nom", exact=True).fill("Lopez")
    expect(first.page.locator("#draft-state")).to_have_text("ce que vous avez tapé est gardé")
    first.page.context.close()
    second = world.agent(width=400)
    state(second.page, "Décroché")
    expect(second.page.get_by_label("Note")).to_have_value("Fille de 8 ans à la maison")
    expect(second.page.get_by_label("Rappel convenu")).to_be_checked()
    expect(second.page.get_by_label("Quand").locator("option:checked")).to_contain_text("15 h 00")
    expect(second.page.get_by_label("Nom", exact=True)).to_have_value("Lopez")
    assert second.overflow() == 0
    assert second.violations() == ""
    assert second.complaints == []


def test_an_agent_whose_line_drops_comes_back_to_the_person_who_waits(world: DeskWorld) -> None:
    world.person("Durand", MOBILE)
    page = world.agent().page
    next_person(page)
    call(page)
    state(page, "Décroché")
    world.drop_agent_line()
    state(page, "Votre ligne a coupé")
    expect(page.get_by_role("button", name="Reprendre l’appel")).to_have_count(0)  # nobody would be there
    page.get_by_role("button", name="Revenir dans l’appel").click()
    state(page, "Décroché")
    page.get_by_role("button", name="Demander de l’aide").click()
    expect(page.get_by_text("Aide demandée")).to_be_visible()
    assert [alarm["kind"] for alarm in world.site.app.alarms.open(["40"])] == ["HELP_WANTED"]
    page.get_by_role("button", name="Mettre en attente").click()
    state(page, "La personne est en attente")
    page.get_by_role("button", name="Reprendre l’appel").click()
    page.get_by_role("button", name="Raccrocher").click()
    state(page, "indiquez le résultat")
    assert world.site.app.alarms.open(["40"]) != []


def test_a_wrong_outcome_is_undone_by_keyboard_and_said_anew(world: DeskWorld) -> None:
    world.person("Durand", MOBILE)
    visitor = world.agent()
    page = visitor.page
    press = page.keyboard.press
    press("Alt+Shift+KeyN")
    expect(page.get_by_role("heading", name="Camille DURAND")).to_be_visible()
    press("Alt+Shift+KeyC")
    state(page, "Décroché")
    press("Alt+Shift+KeyO")
    page.keyboard.type("Décédé par erreur")
    page.get_by_label("Décédé").focus()
    press("Space")
    press("Alt+Shift+KeyE")
    expect(page.get_by_role("dialog")).to_contain_text("Décédé")
    page.get_by_role("button", name="Oui").press("Enter")
    expect(page.get_by_text("Le résultat est enregistré.")).to_be_visible()
    press("Alt+Shift+KeyZ")
    state(page, "L’appel est terminé")
    expect(page.get_by_label("Note")).to_have_value("Décédé par erreur")
    press("Alt+Shift+KeyI")
    press("Digit1")
    press("Alt+Shift+KeyE")
    expect(page.get_by_role("heading", name="Personne à appeler pour l’instant")).to_be_visible()
    assert world.outcomes() == ["COMPLETED"]
    press("Alt+Shift+Slash")
    expect(page.get_by_role("dialog", name="Raccourcis clavier")).to_be_visible()
    assert visitor.violations() == ""
    assert visitor.complaints == []


def test_the_undo_goes_at_the_second_the_server_named_without_being_asked_again(world: DeskWorld) -> None:
    world.person("Durand", MOBILE)
    page = world.agent().page
    next_person(page)
    call(page)
    state(page, "Décroché")
    page.get_by_label("Entretien terminé").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    undo = page.get_by_role("button", name="Annuler le résultat")
    expect(undo).to_be_visible()
    clock = world.site.app.clock
    assert isinstance(clock, SetClock)
    clock.advance(timedelta(seconds=20))
    page.route("**/desk/beat", lambda route: route.abort())
    page.clock.install()
    page.reload()
    expect(undo).to_be_visible()
    page.clock.run_for(38_000)
    expect(undo).to_be_visible()
    page.clock.run_for(3_000)
    expect(undo).to_have_count(0)


def test_without_javascript_the_desk_is_read_and_its_forms_are_sent(world: DeskWorld) -> None:
    world.person("Durand", MOBILE, telephone_2="05 58 00 00 01")
    page = world.agent(scripts=False).page
    next_person(page)
    call(page)
    expect(page.get_by_text("Numéros")).to_be_visible()
    world.wait_for_answer()
    page.reload()
    state(page, "Décroché")
    page.get_by_label("La personne elle-même").check()
    page.get_by_role("button", name="Enregistrer la réponse").first.click()
    expect(page.get_by_label("La personne elle-même")).to_be_checked()
    page.get_by_label("Entretien terminé").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Le résultat est enregistré.")).to_be_visible()
    assert world.outcomes() == ["COMPLETED"]


def test_a_refused_outcome_keeps_what_was_typed_and_says_what_to_mend(world: DeskWorld) -> None:
    world.person("Durand", MOBILE)
    page = world.agent(language="en").page
    page.get_by_role("button", name="Next person").click()
    page.get_by_role("button", name="Call 06").click()
    state(page, "Answered")
    page.get_by_label("Note").fill("Prefers the afternoon")
    page.get_by_label("Callback agreed").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("A callback needs a moment that lies ahead.")
    expect(page.get_by_label("Note")).to_have_value("Prefers the afternoon")


def test_the_shift_begins_pauses_and_ends_and_the_desk_tells_of_a_new_mode(world: DeskWorld) -> None:
    app = world.site.app
    visitor = world.site.visitor("agent")
    page = visitor.page
    page.goto("/desk")
    page.get_by_role("button", name="Prendre mon service").click()
    page.get_by_label("Motif de la pause").select_option("MEAL")
    page.get_by_role("button", name="Mettre en pause").click()
    expect(page.get_by_role("heading", name="Vous êtes en pause")).to_be_visible()
    page.get_by_role("button", name="Reprendre les appels").first.click()
    expect(page.get_by_role("heading", name="Vous êtes en pause")).to_be_hidden()
    app.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    world.switch(Mode.LIGHT, "Vague")  # long before the next beat
    expect(page.get_by_text("Le mode a changé")).to_contain_text("Vague")
    page.get_by_role("button", name="Finir mon service").click()
    page.get_by_role("button", name="Oui").click()
    expect(page.get_by_role("heading", name="Prenez votre service")).to_be_visible()


def test_an_agent_chooses_other_keys(world: DeskWorld) -> None:
    visitor = world.agent()
    page = visitor.page
    page.goto("/desk/keys")
    page.get_by_label("Personne suivante").select_option("KeyX")
    page.get_by_role("button", name="Enregistrer les raccourcis").click()
    expect(page.get_by_role("alert")).to_contain_text("fait deux choses")
    page.get_by_label("Personne suivante").select_option("KeyW")
    assert visitor.violations() == ""
    page.get_by_role("button", name="Enregistrer les raccourcis").click()
    world.person("Durand", MOBILE)
    page.keyboard.press("Alt+Shift+KeyW")
    expect(page.get_by_role("heading", name="Camille DURAND")).to_be_visible()


def _in_call(world: DeskWorld) -> Visitor:
    """An agent with Durand on the line."""
    world.person("Durand", MOBILE)
    visitor = world.agent()
    next_person(visitor.page)
    call(visitor.page)
    state(visitor.page, "Décroché")
    return visitor


def _away(page: Page, words: str) -> None:
    expect(page.locator("#desk-away p:visible")).to_contain_text(words)


def test_without_a_line_to_the_server_nothing_typed_is_lost_and_the_page_says_so(world: DeskWorld) -> None:
    page = _in_call(world).page
    page.context.set_offline(True)
    page.get_by_label("La personne elle-même").check()
    expect(page.get_by_text("Pas encore enregistré")).to_be_visible()
    page.get_by_label("Note").fill("tapé pendant la coupure")
    page.get_by_label("Entretien terminé").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    _away(page, "Le serveur ne répond pas")
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#desk-away p:visible")).to_have_count(0)
    expect(page.locator("[data-unsent]")).to_have_count(0)
    assert world.outcomes() == []
    page.reload()
    expect(page.get_by_label("La personne elle-même")).to_be_checked()
    expect(page.get_by_label("Note")).to_have_value("tapé pendant la coupure")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Le résultat est enregistré.")).to_be_visible()
    assert world.outcomes() == ["COMPLETED"]


def test_a_refused_draft_says_why_is_not_tried_for_ever_and_holds_nobody_back(world: DeskWorld) -> None:
    page = _in_call(world).page
    page.get_by_label("Note").evaluate("(note) => note.removeAttribute('maxlength')")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.url.endswith("/draft") else None)
    page.get_by_label("Note").fill("long " * 5_000)
    _away(page, "C’est plus qu’un brouillon ne peut contenir")
    tried = len(sent)
    page.evaluate("window.dispatchEvent(new Event('online'))")  # as when it is time to try again
    _away(page, "C’est plus qu’un brouillon ne peut contenir")
    assert len(sent) == tried
    page.get_by_label("Entretien terminé").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator("#problem")).to_contain_text("C’est plus qu’un brouillon ne peut contenir")
    assert len(page.get_by_label("Note").input_value()) == 25_000
    page.get_by_label("Note").fill("court")
    expect(page.locator("#desk-away p:visible")).to_have_count(0)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Le résultat est enregistré.")).to_be_visible()
    assert world.outcomes() == ["COMPLETED"]


def test_whoever_is_signed_out_while_typing_keeps_the_text_and_signs_in_beside_it(world: DeskWorld) -> None:
    page = _in_call(world).page
    page.context.set_offline(True)
    page.get_by_label("Note").fill("tapé après la fin de la session")
    _away(page, "Le serveur ne répond pas")
    world.site.app.sessions.end_all(world.site.user("agent"))
    page.context.set_offline(False)
    _away(page, "Vous êtes déconnecté")
    page.get_by_label("Entretien terminé").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_label("Note")).to_have_value("tapé après la fin de la session")
    assert world.outcomes() == []
    world.site.sign_in(page.context, "agent")
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # as the tab is come back to
    expect(page.locator("#desk-away p:visible")).to_have_count(0)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Le résultat est enregistré.")).to_be_visible()
    assert world.outcomes() == ["COMPLETED"]


def test_of_two_tabs_neither_wipes_out_what_was_typed_in_the_other(world: DeskWorld) -> None:
    first = _in_call(world).page
    first.get_by_label("Note").fill("un")
    expect(first.locator("#draft-state")).to_have_text("ce que vous avez tapé est gardé")
    second = first.context.new_page()
    second.goto("/desk")
    second.get_by_label("Note").fill("un deux trois")
    with second.expect_request(lambda sent: "CALLBACK_AT" in (sent.post_data or "")) as kept:
        second.get_by_label("Rappel convenu").check()
    assert kept.value.response() is not None
    first.get_by_label("Nom", exact=True).fill("Lopez")
    expect(first.get_by_label("Note")).to_have_value("un deux trois")
    expect(first.get_by_label("Rappel convenu")).to_be_checked()
    first.get_by_label("Note").fill("un deux trois quatre")
    second.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(second.get_by_label("Nom", exact=True)).to_have_value("Lopez")


def test_what_is_typed_just_before_the_outcome_is_saved_with_it(world: DeskWorld) -> None:
    page = _in_call(world).page
    _tick(page.get_by_label("La personne elle-même"))
    for question in ("Le nom et le prénom", "La date de naissance donnée"):
        _tick(page.get_by_role("group", name=question).get_by_label("Oui"))
    page.get_by_label("Entretien terminé").check()
    page.locator("#q-household_size").fill("3")
    _save(page)
    expect(page.get_by_text("Le résultat est enregistré.")).to_be_visible()
    page.get_by_role("button", name="Annuler le résultat").click()
    expect(page.locator("#q-household_size")).to_have_value("3")


def test_half_typed_contacts_and_ticked_relatives_survive_refusal_reload_and_undo(world: DeskWorld) -> None:
    world.person("Petit", MOBILE, kind="contact")
    page = _in_call(world).page
    page.get_by_label("Camille PETIT").check()
    page.get_by_label("Nom", exact=True).fill("Lopez")
    page.get_by_label("Rappel convenu").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("Un rappel demande un moment à venir.")
    expect(page.get_by_label("Camille PETIT")).to_be_checked()
    expect(page.get_by_label("Nom", exact=True)).to_have_value("Lopez")
    page.get_by_label("Entretien terminé").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_role("button", name="Annuler le résultat").click()
    expect(page.get_by_label("Camille PETIT")).to_be_checked()
    expect(page.get_by_label("Nom", exact=True)).to_have_value("Lopez")


def test_after_a_contact_the_hand_goes_on_with_the_next_one(world: DeskWorld) -> None:
    page = _in_call(world).page
    page.get_by_label("Nom", exact=True).fill("Lopez")
    page.get_by_label("Prénoms").fill("Inès")
    page.get_by_label("Numéro", exact=True).fill("06 39 98 01 01")
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader", name="Inès LOPEZ")).to_be_visible()
    expect(page.get_by_label("Nom", exact=True)).to_be_focused()


def test_who_ends_their_shift_in_a_call_keeps_the_call_and_gets_nobody_after_it(world: DeskWorld) -> None:
    world.person("Petit", OTHER)
    page = _in_call(world).page
    page.get_by_role("button", name="Finir mon service").click()
    page.get_by_role("button", name="Oui").click()
    expect(page.get_by_text("Vous n’êtes pas en service.")).to_be_visible()
    page.get_by_role("button", name="Raccrocher").click()
    state(page, "indiquez le résultat")
    page.get_by_label("Entretien terminé").check()
    _save(page)
    expect(page.get_by_role("heading", name="Prenez votre service")).to_be_visible()
    assert world.outcomes() == ["COMPLETED"]


def test_whoever_is_on_a_pause_since_the_call_is_given_nobody_after_it(world: DeskWorld) -> None:
    world.person("Petit", OTHER)
    page = _in_call(world).page
    page.get_by_role("button", name="Mettre en pause").click()
    page.get_by_label("Entretien terminé").check()
    _save(page)
    expect(page.get_by_role("heading", name="Vous êtes en pause")).to_be_visible()


def test_the_countdown_goes_on_being_at_risk_with_every_beat(world: DeskWorld) -> None:
    app = world.site.app
    world.person("Durand", MOBILE)
    page = world.agent().page
    next_person(page)
    app.clock.advance(timedelta(hours=21))  # type: ignore[attr-defined]
    world.site.sign_in(page.context, "agent")
    page.goto("/desk")
    deadline = page.locator("#desk-deadline")
    expect(deadline).to_have_class("desk-deadline app-risk")
    with page.expect_response("**/desk/beat"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('live-orders'))")
    expect(page.locator("#desk-strip")).to_be_visible()
    expect(deadline).to_have_class("desk-deadline app-risk")
    expect(page.get_by_text("Classe 1")).to_be_visible()


def test_an_act_that_does_not_reach_the_server_is_said(world: DeskWorld) -> None:
    page = _in_call(world).page
    page.context.set_offline(True)
    page.get_by_role("button", name="Raccrocher").click()
    expect(page.get_by_role("alert")).to_contain_text("n’est pas arrivé")
    page.context.set_offline(False)
    page.route("**/desk/attempts/*/hold", lambda route: route.fulfill(status=502, body="Bad Gateway"))
    page.get_by_role("button", name="Mettre en attente").click()
    expect(page.get_by_role("alert")).to_contain_text("n’est pas arrivé")
    expect(page.locator("#call-bar")).not_to_contain_text("Bad Gateway")
    page.get_by_role("button", name="Raccrocher").click()
    state(page, "indiquez le résultat")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_contact_who_was_erased_stands_in_the_grid_without_a_name(world: DeskWorld) -> None:
    page = _in_call(world).page
    page.get_by_label("Nom", exact=True).fill("Lopez")
    page.get_by_label("Prénoms").fill("Inès")
    page.get_by_label("Dernier contact").fill("2021-03-15")
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader", name="Inès LOPEZ")).to_be_visible()
    world.erase_contacts()
    page.goto("/desk")
    expect(page.get_by_role("rowheader", name="effacé")).to_be_visible()
