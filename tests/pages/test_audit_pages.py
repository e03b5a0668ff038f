"""The audit page: who looks finds who read and who changed what, by keyboard, on every screen."""

from __future__ import annotations

import inspect
import re
from uuid import UUID

import pytest
from playwright.sync_api import Page
from sqlalchemy import insert

from outreach.domain.load_shedding import Mode
from outreach.storage import tables
from outreach.storage.access_store import AccessReason
from outreach.storage.journal import Event
from outreach.web.pages.audit_facts import NAMES, facts_shown
from outreach.web.pages.audit_words import EVENT_NAMES, REASON_NAMES
from outreach.web.pages.labels import label
from outreach.web.pages.words import speaking
from tests.call_list_rows import Listed, add_contact, add_platform
from tests.conftest import MORNING
from tests.message_world import give_numbers
from tests.pages.conftest import Site, Visitor

REASON = "La personne est au guichet et n'est pas dans notre file"


def _listed(site: Site, platform: str = "40", number: str = "+33639980001") -> Listed:
    with site.app.database.begin() as connection:
        if platform != "40":
            add_platform(connection, platform, MORNING)
        contact = add_contact(connection, site.app.clock.now(), platform=platform)
        give_numbers(connection, site.app.vault, contact, (number,))
    return contact


def _read(site: Site, contact: Listed, login: str, times: int = 1) -> UUID:
    reader = site.user("agent", login=login)
    for _ in range(times):
        site.app.case_reading.sheet(contact.case_record_id, reader=reader, platforms=["40"])
    return reader


def _is_sound(visitor: Visitor) -> None:
    assert visitor.violations() == ""
    assert visitor.overflow() == 0
    assert visitor.complaints == []


def _rows(page: Page) -> int:
    return page.locator("tbody tr").count()


def test_an_auditor_finds_who_read_a_record_by_keyboard_alone(site: Site) -> None:
    contact = _listed(site)
    _read(site, contact, "anne", times=55)
    _read(site, contact, "bruno")
    visitor = site.visitor("auditor")
    page = visitor.page
    page.goto("/audit")
    assert _rows(page) == 50
    page.get_by_role("link", name="Lignes plus anciennes").press("Enter")
    assert _rows(page) == 6
    page.get_by_label("Qui a lu (identifiant de connexion)").focus()
    page.keyboard.type("bruno")
    page.keyboard.press("Enter")
    page.wait_for_url("**/audit?*who=*")
    assert "bruno" not in page.url
    assert _rows(page) == 1
    assert str(contact.case_record_id) not in page.content()
    page.locator("tbody .audit-record").press("Enter")
    assert _rows(page) == 50, "every reading of the record behind the pseudonym"
    _is_sound(visitor)
    with page.expect_download() as file:
        page.get_by_role("link", name="Tout emporter").press("Enter")
    assert len(file.value.path().read_text().splitlines()) == 57


def test_a_supervisor_finds_who_switched_the_mode_and_what_was_said(site: Site) -> None:
    supervisor = site.user("supervisor")
    site.app.switch.switch(
        "40", Mode.LIGHT, reason="Vague de mardi", author_id=supervisor, expected_version=1
    )
    visitor = site.visitor("supervisor")
    page = visitor.page
    page.goto("/audit")
    page.get_by_role("link", name="Qui a changé quoi").click()
    page.get_by_label("Ce qui s’est passé").select_option("Modes")
    page.get_by_role("button", name="Rechercher").click()
    row = page.locator("tbody tr")
    assert row.count() == 1
    assert "Changement de mode" in row.inner_text()
    assert "Vague de mardi" in row.inner_text()
    _is_sound(visitor)


@pytest.mark.parametrize(("width", "language"), [(1280, "fr"), (400, "en")])
def test_every_part_is_drawn_in_both_languages_wide_and_narrow(site: Site, width: int, language: str) -> None:
    contact = _listed(site)
    _read(site, contact, "anne", times=3)
    visitor = site.visitor("supervisor", width=width, language=language)
    for what in ("readings", "changes", "glass"):
        visitor.page.goto(f"/audit?what={what}")
        _is_sound(visitor)


def test_a_supervisor_finds_readings_by_a_records_number_and_the_address_holds_its_id(site: Site) -> None:
    contact = _listed(site)
    with site.app.database.begin() as connection:
        connection.execute(
            insert(tables.case_references).values(
                platform="40",
                source="si-dep",
                external_id="C261122-1",
                case_record_id=contact.case_record_id,
                content_digest=b"x",
                created_at=MORNING,
            )
        )
    page = site.visitor("supervisor", scripts=False).page
    page.goto("/audit")
    page.get_by_label("Fiche (son numéro ou son identifiant)").fill("C261122-1")
    page.get_by_role("button", name="Rechercher").click()
    page.wait_for_url(f"**/audit?*record={contact.case_record_id}*")


def test_what_cannot_be_searched_is_said_beside_the_form(site: Site) -> None:
    visitor = site.visitor("auditor", language="en")
    page = visitor.page
    page.goto("/audit")
    page.get_by_label("Who read (login)").fill("nobody")
    page.get_by_role("button", name="Search").click()
    assert page.get_by_role("alert").is_visible()
    assert page.get_by_label("Who read (login)").input_value() == "nobody"


def test_without_scripts_the_page_reads_and_searches_the_same(site: Site) -> None:
    contact = _listed(site)
    _read(site, contact, "anne")
    visitor = site.visitor("supervisor", scripts=False)
    page = visitor.page
    page.goto("/audit")
    page.get_by_label("Qui a lu (identifiant de connexion)").fill("anne")
    page.get_by_role("button", name="Rechercher").click()
    assert _rows(page) == 1


def test_a_senior_opens_a_record_of_another_platform_for_a_reason(site: Site) -> None:
    contact = _listed(site, "64", "+33639980064")
    visitor = site.visitor("senior")
    page = visitor.page
    page.goto(f"/break-glass/{contact.case_record_id}")
    page.get_by_role("button", name="Ouvrir la fiche pour une heure").click()
    assert page.get_by_text("10 lettres au moins").is_visible()
    assert page.locator("#reason").get_attribute("aria-describedby") == "reason-error"
    _is_sound_but_for_status(visitor)
    page.get_by_label("Pourquoi devez-vous la lire").fill(REASON)
    page.get_by_role("button", name="Ouvrir la fiche pour une heure").click()
    assert page.url.endswith(f"/records/{contact.case_record_id}")
    theirs = site.visitor("supervisor", login="theirs", platforms=("64",)).page
    theirs.goto("/audit?what=glass")
    assert REASON in theirs.locator("tbody tr").inner_text()
    auditor = site.visitor("auditor", login="auditor-64", platforms=("64",)).page
    auditor.goto("/audit?what=glass")
    assert "Réservé aux superviseurs" in auditor.locator("tbody tr").inner_text()


def _is_sound_but_for_status(visitor: Visitor) -> None:
    """The browser itself notes an answer of 422 in its console."""
    assert visitor.violations() == ""
    assert visitor.overflow() == 0


def test_whoever_may_not_look_is_told_so(site: Site) -> None:
    answer = site.visitor("agent").page.goto("/audit")
    assert answer is not None
    assert answer.status == 403


def test_every_event_and_every_reason_has_its_name() -> None:
    assert {event.value for event in Event} == set(EVENT_NAMES)
    assert {reason.value for reason in AccessReason} == set(REASON_NAMES)


def test_the_facts_of_a_line_are_words_in_the_readers_language() -> None:
    facts = {
        "mode": "SMS_CONTACTS",
        "reason": "Too many",
        "ends_at": "2021-03-16T20:00:00+00:00",
        "loan": 7,
        "now": True,
        "agent_id": "hidden",
    }
    told = {}
    for language in ("en", "fr"):
        with speaking(language):
            told[language] = facts_shown(facts)
    assert [name for name, _ in told["fr"]] == ["Mode", "Motif", "Au", "Prêt", "Tout de suite"]
    assert [name for name, _ in told["en"]] == ["Mode", "Reason", "Until", "Loan", "At once"]
    assert (dict(told["fr"])["Tout de suite"], dict(told["en"])["At once"]) == ("oui", "yes")
    with speaking("fr"):
        assert dict(told["fr"])["Mode"] == label("mode", "SMS_CONTACTS")


def test_every_fact_that_the_journal_documents_has_its_words() -> None:
    """Beside each event of storage/journal.py stand the keys of its facts."""
    source = inspect.getsource(Event)
    documented = set()
    for line in re.findall(r"#(?! noqa)(.*)$", source, re.M):
        said = line.split("#")[0]
        documented |= set(re.findall(r"\b([a-z]+(?:_[a-z]+)+)\b", said))
    assert sorted(key for key in documented if not key.endswith(("_id", "_ids")) and key not in NAMES) == []
