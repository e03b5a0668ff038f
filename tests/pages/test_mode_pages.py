"""A supervisor's wave in the browser: forecast, proposal, a typed switch, SMS, the way back; two at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.storage import tables
from tests.call_list_rows import add_contact, add_platform
from tests.pages.conftest import Site, Visitor
from tests.pages.figures_seen import figures_of
from tests.pages.shots import shoot
from tests.web.test_messages_journey import statuses, wait_until
from tests.web.test_mode_journey import CONTACTS, POSITIVES, end_the_wave, put_people

pytestmark = pytest.mark.journey


def press_to(page: Page, what: str, *, most: int = 90) -> None:
    """By keyboard alone: Tab until what is named has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id || document.activeElement.value || ''") == what:
            return
    raise AssertionError(f"The keyboard does not come to {what}.")


def switch_by_keyboard(page: Page, mode: Mode, reason: str, name: str) -> None:
    page.locator(f"#mode-{mode.value}").focus()
    page.keyboard.press("Space")
    press_to(page, "reason")
    page.keyboard.type(reason)
    press_to(page, "ends-at")
    page.keyboard.press("ArrowDown")
    press_to(page, "typed")
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def fine(visitor: Visitor) -> None:
    assert visitor.complaints == []
    assert visitor.violations() == ""


def test_a_wave_by_keyboard_from_the_forecast_to_the_return_and_the_figures(site: Site) -> None:
    put_people(site.day)
    app, clock = site.app, site.app.clock
    assert isinstance(clock, SetClock)
    supervisor, page = (visitor := site.visitor("supervisor")), visitor.page
    page.goto("/mode")
    expect(page.locator(".mode-sentence")).to_contain_text("Sans changement")
    expect(page.get_by_role("row", name=re.compile("^Informés par SMS"))).to_contain_text(str(CONTACTS))

    # AUTO proposes, and the page that stands open says so by itself.
    page.locator("#setting").select_option("PROPOSE")
    page.locator("#called").fill("99,5")
    page.get_by_role("button", name="Enregistrer").click()
    assert app.modes.auto.show("40").targets.called == pytest.approx(0.995)
    assert app.modes.auto.run() == 1
    proposal = page.locator(".mode-proposal")
    expect(proposal).to_contain_text("AUTO propose")
    fine(supervisor)
    proposal.get_by_role("button", name="Refuser").click()
    expect(page.get_by_role("main")).to_contain_text("Dites pourquoi la proposition est refusée.")
    page.go_back()
    page.get_by_label("Pourquoi (obligatoire pour refuser)").fill("renforts à midi")
    page.get_by_role("button", name="Refuser").click()
    expect(page.locator(".mode-proposal")).to_have_count(0)

    # The switch: a name that is not the mode's is refused beside its field, and what was typed stays.
    switch_by_keyboard(page, Mode.SMS_CONTACTS, "vague du lundi", "Normal")
    expect(page.locator("#typed-error")).to_be_visible()
    expect(page.locator("#reason")).to_have_value("vague du lundi")
    expect(page.locator("#mode-SMS_CONTACTS")).to_be_checked()
    fine_but_for_status(supervisor)
    page.locator("#typed").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("sms aux contacts")
    page.keyboard.press("Enter")
    expect(page.locator("#mode-card .app-figure")).to_have_text("SMS aux contacts")
    expect(page.locator("#mode-card")).to_contain_text("par supervisor")
    expect(page.locator("#mode-card")).to_contain_text("vague du lundi")
    assert app.switch.show("40").mode is Mode.SMS_CONTACTS
    expect(page.locator("#mode-progress")).to_contain_text(f"0 cas contacts sur {CONTACTS}")
    expect(page.get_by_role("progressbar", name="Cas contacts déplacés par la bascule")).to_be_visible()
    assert visitor.violations() == ""

    # The board shows it, and the SMS leave; both pages follow by themselves.
    board = site.visitor("supervisor").page
    board.goto("/board")
    expect(board.get_by_role("main")).to_contain_text("SMS aux contacts")
    expect(board.locator("#mode-progress")).to_contain_text("Cela continue sans cette page")
    shoot(page, "mode-progress-1280")
    shoot(board, "board-progress-1280")
    app.messaging.sending.send_due(most_seconds=20)
    for each in (page, board):
        expect(each.locator("#mode-progress")).to_contain_text(f"{CONTACTS} cas contacts passés de l’appel")
    wait_until(lambda: statuses(site.day).count("DELIVERED") == CONTACTS)

    # The wave falls: back to calls by the undo, which says what it brings back.
    end_the_wave(site.day)
    page.goto("/mode")
    undo = page.get_by_role("region", name="Annuler la dernière bascule")
    expect(undo).to_contain_text("Revient à Normal")
    undo.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#mode-card .app-figure")).to_have_text("Normal")
    clock.advance(timedelta(minutes=10))

    page.get_by_role("link", name="Tout l’historique, avec ce qui a été envoyé").click()
    row = page.get_by_role("row", name=re.compile("vague du lundi")).filter(has_text="SMS aux contacts").last
    expect(row).to_contain_text(str(CONTACTS))
    fine_but_for_status(supervisor)
    page.goto("/mode/decisions")
    expect(page.get_by_role("main")).to_contain_text("renforts à midi")
    fine_but_for_status(supervisor)

    # The figures tell it: on the page, in both files, and in the report to print.
    figures = figures_of(page, "2021-03-16")
    assert (figures["contacts"], figures["informed_share"]) == (CONTACTS, 1.0)
    assert (figures["sms_sent"], figures["sms_delivered_share"]) == (CONTACTS, 1.0)
    assert (figures["positives"], figures["calls"]) == (POSITIVES, 0)
    assert set(figures["modes"].split()) == {"NORMAL", "SMS_CONTACTS"}
    decided = page.get_by_role("row", name="vague du lundi").filter(has_text="SMS aux contacts")
    expect(decided).to_contain_text("supervisor")
    fine_but_for_status(supervisor)


def fine_but_for_status(visitor: Visitor) -> None:
    """Browsers write every refused form into their console; nothing else may stand there."""
    assert [
        said for said in visitor.complaints if "status of 422" not in said and "status of 409" not in said
    ] == []
    assert visitor.violations() == ""


def test_of_two_supervisors_at_once_one_wins_and_the_other_keeps_what_they_typed(site: Site) -> None:
    put_people(site.day)
    first, second = site.visitor("supervisor", login="anne"), site.visitor("supervisor", login="bruno")
    for visitor in (first, second):
        visitor.page.goto("/mode")
    switch_by_keyboard(first.page, Mode.LIGHT, "un formateur absent", "Allégé")
    expect(first.page.locator("#mode-card .app-figure")).to_have_text("Allégé")
    # Whoever looks on sees it without reload, and is still told when they go on.
    expect(second.page.locator("#mode-card .app-figure")).to_have_text("Allégé")
    switch_by_keyboard(second.page, Mode.SMS_CONTACTS, "vague", "SMS aux contacts")
    told = second.page.locator("#faster")
    expect(told).to_contain_text("anne a basculé en Allégé")
    expect(told).to_contain_text("un formateur absent")
    expect(second.page.locator("#reason")).to_have_value("vague")
    expect(second.page.locator("#typed")).to_have_value("SMS aux contacts")
    expect(second.page.locator("#mode-SMS_CONTACTS")).to_be_checked()
    expect(second.page.locator("#ends-open")).to_be_checked()
    assert site.app.switch.show("40").mode is Mode.LIGHT
    fine_but_for_status(second)
    second.page.get_by_role("button", name="Basculer", exact=True).click()
    expect(second.page.locator("#mode-card .app-figure")).to_have_text("SMS aux contacts")
    assert site.app.switch.show("40").version == 3


def test_the_mode_is_read_without_scripts_on_a_phone_and_in_english(site: Site) -> None:
    put_people(site.day)
    plain = site.visitor("pilot", scripts=False, width=400)
    plain.page.goto("/mode")
    assert plain.page.get_by_role("row", name=re.compile("^Positifs appelés à temps")).count() == 1
    plain.page.locator("#mode-LIGHT").check(force=True)
    plain.page.locator("#reason").fill("sans scripts")
    plain.page.locator("#ends-at").check(force=True)
    plain.page.locator("#ends_at").fill("2021-03-16T20:00")
    plain.page.locator("#typed").fill("allege")
    plain.page.get_by_role("button", name="Basculer", exact=True).click()
    assert "Allégé" in plain.page.locator("#mode-card").inner_text()
    row = site.app.switch.show("40")
    assert row.ends_at is not None
    assert row.ends_at.isoformat() == "2021-03-16T19:00:00+00:00"

    english = site.visitor("supervisor", language="en", width=400)
    for path, heading in (
        ("/mode", "Mode of Landes"),
        ("/mode/history", "Who switched what: Landes"),
        ("/mode/rules", "What each mode does: Landes"),
        ("/mode/decisions", "Decisions of AUTO: Landes"),
    ):
        english.page.goto(path)
        expect(english.page.get_by_role("heading", level=1)).to_have_text(heading)
        assert english.overflow() == 0
        fine(english)


def test_a_switch_is_planned_cancelled_and_a_rule_changed_in_place(site: Site) -> None:
    with site.app.database.begin() as connection:
        add_contact(connection, site.app.clock.now())
    visitor = site.visitor("supervisor")
    page = visitor.page
    page.goto("/mode")
    page.locator("#mode-LIGHT").check(force=True)
    page.locator("#reason").fill("samedi")
    page.locator("#ends-open").check(force=True)
    page.locator("#starts-at").check(force=True)
    page.locator("#starts_at").fill("2021-03-20T08:00")
    page.locator("#typed").fill("LIGHT")
    page.get_by_role("button", name="Basculer", exact=True).click()
    planned = page.get_by_role("region", name="Bascules programmées")
    expect(planned).to_contain_text("samedi")
    planned.get_by_role("button", name="L’annuler").click()
    expect(planned).not_to_contain_text("samedi")
    assert [each.state for each in site.app.modes.planned.of_platform("40")] == ["CANCELLED"]

    page.goto("/mode/rules")
    rule = page.locator("#SMS_LOW_RISK")
    rule.get_by_label("Mineurs").check(force=True)
    rule.get_by_role("button", name="Modifier").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    rule.get_by_label("Motif").fill("consigne ARS")
    rule.get_by_role("button", name="Modifier").click()
    expect(rule).to_contain_text("version 1")
    rules = {each.rule.mode: each.rule.texts for each in site.app.modes.rules.show("40")}
    assert {group.value for group in rules[Mode.SMS_LOW_RISK]} == {"OTHERS", "MINOR"}
    fine_but_for_status(visitor)


def test_a_territory_is_switched_whole_or_not_at_all(site: Site) -> None:
    app = site.app
    with app.database.begin() as connection:
        add_platform(connection, "33", app.clock.now())
        connection.execute(
            insert(tables.platform_modes).values(
                platform="33", mode="NORMAL", level=1, version=4, reason="start", starts_at=app.clock.now()
            )
        )
    page = site.visitor("supervisor", platforms=("33", "40"), scripts=False).page
    page.goto("/mode?platform=40")
    app.switch.switch("33", Mode.LIGHT, reason="ailleurs", author_id=None, expected_version=4)
    page.locator("#mode-SMS_CONTACTS").check(force=True)
    page.locator("#reason").fill("toute la région")
    page.locator("#ends-open").check(force=True)
    page.locator("#territory").select_option("FR-NAQ")
    page.locator("#typed").fill("SMS aux contacts")
    page.get_by_role("button", name="Basculer", exact=True).click()
    assert "33" in page.locator(".govuk-error-summary").inner_text()
    assert {app.switch.show(code).mode for code in ("33", "40")} == {Mode.LIGHT, Mode.NORMAL}
    page.get_by_role("button", name="Basculer", exact=True).click()
    assert "SMS aux contacts" in page.locator("#mode-card").inner_text()
    assert {app.switch.show(code).mode for code in ("33", "40")} == {Mode.SMS_CONTACTS}
    alone = site.visitor("pilot", scripts=False).page
    alone.goto("/mode")
    assert alone.locator("#territory").count() == 0
