"""The board in a browser: live without a reload, right again after a lost line, and listening in."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from outreach.clock import SetClock
from outreach.ids import UserId
from outreach.storage import alarm_store, platform_store, tables
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.platform_store import Platform
from tests.call_list_rows import add_platform, add_positive
from tests.pages.conftest import Site
from tests.pages.shots import shoot
from tests.web.case_files import CONTACT, POSITIVE, leaks
from tests.web.conftest import Someone
from tests.web.test_calls import bring_in, call, next_entry, until

pytestmark = pytest.mark.journey
HEAD = (".board-head__title", "#platform", ".board-links")
SUPERVISOR_PHONE, OTHER_PHONE = "+33199000010", "+33199000011"


def on_a_call(site: Site) -> tuple[Someone, str]:
    """An agent who talks with a positive: the agent, and the attempt."""
    bring_in(site.day)
    for number in (POSITIVE, CONTACT):
        site.day.company.set_phone(number, voice="answers", talk_seconds=0)
    agent = site.day.hire("agent", login="lea")
    agent.post("/shift/start", {"platform": "40"})
    attempt_id = call(agent, next_entry(agent)["entry"]["entry_id"])
    until(agent, attempt_id, "ANSWERED")
    return agent, attempt_id


def supervisor(site: Site, login: str, phone: str) -> None:
    site.day.company.set_phone(phone, voice="agent")
    site.app.access.change_user(site.user("supervisor", login=login), phone=phone)


def row_of_lea(page: Page) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name="lea", exact=True))


def raise_alarm(site: Site, kind: AlarmKind, subject: str) -> None:
    with site.app.database.begin() as connection:
        alarm_store.raise_alarm(connection, kind, subject, platform="40", now=site.app.clock.now())


def test_late_positives_who_were_called_in_time_are_told_apart_in_words(site: Site) -> None:
    now = site.app.clock.now()
    with site.app.database.begin() as connection:
        add_platform(connection, "33", now)
        called, never = (add_positive(connection, now, result_ago=timedelta(hours=30)) for _ in range(2))
        records, entries = tables.case_records, tables.call_list_entries
        in_time = now - timedelta(hours=20)
        connection.execute(
            update(records).where(records.c.id == called.case_record_id).values(first_called_at=in_time)
        )
        connection.execute(update(entries).where(entries.c.id == called.entry_id).values(tries=1))
    board = site.visitor("supervisor", platforms=("40", "33"))
    page = board.page
    page.goto("/board?platform=40")
    words = page.get_by_text("appelés à temps et qui continuent")
    expect(words).to_be_visible()
    title, choice, links = (page.locator(each).bounding_box() for each in HEAD)
    assert title
    assert choice
    assert links
    assert title["x"] + title["width"] < choice["x"]  # one line, as on the mode page
    assert title["y"] + title["height"] <= choice["y"] + choice["height"] + 1
    assert choice["y"] < title["y"] + title["height"] < links["y"]
    shoot(page, "board-late-1280")
    page.set_viewport_size({"width": 400, "height": 800})
    page.reload()
    expect(words).to_be_visible()
    assert board.overflow() == 0
    shoot(page, "board-late-400")
    with site.app.database.begin() as connection:
        connection.execute(
            update(entries).where(entries.c.id == called.entry_id).values(state="CLOSED", closed_at=now)
        )
    page.reload()
    expect(page.locator("#board-backlog")).to_be_visible()
    expect(words).to_have_count(0)
    assert never.entry_id != called.entry_id
    assert board.complaints == []


def test_the_board_follows_agents_without_a_reload_and_names_nobody_who_is_called(site: Site) -> None:
    board = site.visitor("supervisor")
    board.page.goto("/board")
    expect(board.page.get_by_text("La file d’appels est vide")).to_be_visible()
    agent, attempt_id = on_a_call(site)
    row = row_of_lea(board.page)
    expect(row).to_contain_text("En ligne")
    expect(row).to_contain_text("LAB-1")
    site.day.company.hang_up(POSITIVE)
    expect(row).to_contain_text("Saisie après appel")
    agent.post(f"/attempts/{attempt_id}/outcome", {"outcome": "COMPLETED"})
    expect(row).to_contain_text("Disponible")
    assert leaks(board.page.content()) == []
    raise_alarm(site, AlarmKind.EMERGENCY, attempt_id)
    alert = board.page.get_by_text("le 15 a-t-il été prévenu")
    expect(alert).to_be_visible()
    board.page.get_by_role("button", name="Traité").press("Enter")
    expect(alert).not_to_be_visible()
    assert (board.violations(), board.overflow(), board.complaints) == ("", 0, [])


def test_agents_filtered_by_what_they_do_stay_filtered_when_the_board_follows_them(site: Site) -> None:
    lea = site.day.hire("agent", login="lea")
    lea.post("/shift/start", {"platform": "40"})
    boss = site.visitor("supervisor")
    boss.page.goto("/board")
    expect(row_of_lea(boss.page)).to_be_visible()
    boss.page.get_by_label("Ce qu’ils font").select_option("PAUSED")
    expect(boss.page.get_by_text("Rien ne correspond.")).to_be_visible()
    assert lea.put("/pause", {"platform": "40", "reason": "MEAL"}).status_code == 204
    expect(row_of_lea(boss.page)).to_contain_text("En pause")
    expect(boss.page.get_by_label("Ce qu’ils font")).to_have_value("PAUSED")
    boss.page.get_by_role("button", name="English").click()
    expect(boss.page.get_by_label("What they do")).to_have_value("PAUSED")
    lea.post("/shift/end", {"platform": "40"})
    expect(row_of_lea(boss.page)).to_have_count(0)


def test_a_board_that_was_cut_off_shows_what_happened_meanwhile(site: Site) -> None:
    agent, attempt_id = on_a_call(site)
    board = site.visitor("supervisor")
    board.page.goto("/board")
    row = row_of_lea(board.page)
    expect(row).to_contain_text("En ligne")
    board.page.route("**", lambda route: route.abort("internetdisconnected"))
    board.page.evaluate("window.dispatchEvent(new Event('online'))")  # the line is begun anew, in vain
    expect(board.page.get_by_text("La connexion est perdue")).to_be_visible()
    site.day.company.hang_up(POSITIVE)
    until(agent, attempt_id, "WRAP_UP")
    agent.post(f"/attempts/{attempt_id}/outcome", {"outcome": "COMPLETED"})
    agent.post("/shift/end", {"platform": "40"})
    expect(row).to_contain_text("En ligne")  # nothing was heard of it
    board.page.unroute("**")
    expect(row).to_contain_text("Poste terminé")


def test_two_supervisors_listen_whisper_and_join_and_the_agent_sees_each(site: Site) -> None:
    agent, _ = on_a_call(site)
    supervisor(site, "ines", SUPERVISOR_PHONE)
    supervisor(site, "omar", OTHER_PHONE)
    site.users["lea"] = UserId(site.app.access.user_named("lea").id)
    desk = site.visitor("agent", login="lea")
    desk.page.goto("/desk")
    first, second = site.visitor("supervisor", login="ines"), site.visitor("supervisor", login="omar")
    for each in (first, second):
        each.page.goto("/board")
        each.page.get_by_role("link", name="lea", exact=True).focus()
        each.page.keyboard.press("Enter")
        each.page.get_by_role("heading", name="lea", exact=True).wait_for()
    first.page.get_by_role("button", name="Écouter").press("Enter")
    expect(first.page.get_by_text("ines écoute")).to_be_visible()
    expect(second.page.get_by_text("ines écoute")).to_be_visible()
    expect(desk.page.get_by_text("ines entend votre appel")).to_be_visible()
    second.page.get_by_role("button", name="Souffler à l’agent").press("Enter")
    expect(desk.page.get_by_text("omar entend votre appel et ne parle qu’à vous")).to_be_visible()
    expect(first.page.get_by_text("omar souffle à l’agent")).to_be_visible()
    assert [each["login"] for each in agent.get("/attempts/current/listeners").json()] == ["ines", "omar"]
    expect(first.page.locator("#agent-now")).to_contain_text("depuis")
    first.page.get_by_role("button", name="Entrer dans la conversation").press("Enter")
    expect(second.page.get_by_text("ines est dans la conversation")).to_be_visible()
    assert (first.violations(), first.complaints) == ("", [])
    site.day.company.hang_up(OTHER_PHONE)
    expect(first.page.get_by_text("omar souffle")).not_to_be_visible()
    first.page.get_by_role("button", name="Quitter l’appel").press("Enter")
    expect(first.page.get_by_text("ines est dans")).not_to_be_visible()
    assert agent.get("/attempts/current/listeners").json() == []
    expect(desk.page.get_by_text("ines est dans")).not_to_be_visible()
    assert desk.violations() == ""


def test_a_stuck_wrap_up_is_ended_with_a_reason_and_what_cannot_be_done_is_said(site: Site) -> None:
    agent, attempt_id = on_a_call(site)
    site.day.company.hang_up(POSITIVE)
    until(agent, attempt_id, "WRAP_UP")
    boss = site.visitor("supervisor", width=400)
    boss.page.goto("/board")
    boss.page.get_by_role("link", name="lea", exact=True).click()
    boss.page.get_by_role("button", name="Clore la saisie").click()
    expect(boss.page.get_by_role("link", name="Dites pourquoi.")).to_be_visible()
    assert (boss.violations(), boss.overflow()) == ("", 0)
    boss.page.get_by_label("Pourquoi").select_option("AGENT_AWAY")
    boss.page.get_by_role("button", name="Clore la saisie").click()
    expect(boss.page.get_by_text("Cet agent n’a personne en main.")).to_be_visible()
    assert [each["kind"] for each in agent.get("/told").json()] == ["WRAP_UP_ENDED"]
    next_entry(agent)
    boss.page.get_by_label("Pourquoi").select_option("EXPERIENCE")
    boss.page.get_by_role("button", name="Remettre dans la file").click()
    expect(boss.page.get_by_text("Cet agent n’a personne en main.")).to_be_visible()
    assert agent.get("/calls/current").json() is None


def test_an_entry_in_nobody_s_hands_is_given_to_an_agent_before_it_is_late(site: Site) -> None:
    bring_in(site.day)
    agent = site.day.hire("agent", login="lea")
    agent.post("/shift/start", {"platform": "40"})
    early = site.visitor("supervisor")
    early.page.goto("/board/entries?platform=40")
    expect(early.page.get_by_text("chacun dans la file a encore du temps")).to_be_visible()
    clock = site.app.clock
    assert isinstance(clock, SetClock)
    clock.advance(timedelta(hours=23, minutes=30))
    agent.post("/shift/heartbeat")
    site.app.call_list.keep_ready()
    boss = site.visitor("supervisor")
    boss.page.goto("/board")
    boss.page.get_by_role("link", name="positifs à risque").press("Enter")
    boss.page.get_by_role("button", name="Confier LAB-1").press("Enter")
    expect(boss.page.get_by_role("link", name="Dites pourquoi.")).to_be_visible()
    boss.page.get_by_label("Pourquoi").select_option("DEADLINE")
    boss.page.get_by_label("Confier la fiche à").select_option("lea")
    assert (boss.violations(), boss.overflow()) == ("", 0)
    boss.page.get_by_role("button", name="Confier LAB-1").press("Enter")
    expect(boss.page.get_by_role("button", name="Confier LAB-1")).not_to_be_visible()
    assert agent.get("/calls/current").json()["entry"]["call_class"] == 1


def test_the_board_is_read_without_scripts_in_english_and_on_a_phone(site: Site) -> None:
    on_a_call(site)
    plain = site.visitor("supervisor", language="en", scripts=False, width=400)
    plain.page.goto("/board")
    expect(plain.page.get_by_role("link", name="lea", exact=True)).to_be_visible()
    expect(plain.page.get_by_text("On a call").first).to_be_visible()
    plain.page.get_by_text("The same as a table").click()
    expect(plain.page.get_by_role("columnheader", name="People reached")).to_be_visible()
    phone = site.visitor("supervisor", width=400, language="en")
    phone.page.goto("/board")
    assert (phone.violations(), phone.overflow(), phone.complaints) == ("", 0, [])


def test_platforms_stand_side_by_side_for_whoever_has_several(site: Site) -> None:
    _second_platform(site)
    boss = site.visitor("supervisor", platforms=("40", "64"))
    boss.page.goto("/board")
    boss.page.get_by_role("link", name="Plateformes côte à côte").click()
    expect(boss.page.get_by_role("link", name="Pyrénées-Atlantiques")).to_be_visible()
    assert (boss.violations(), boss.overflow(), boss.complaints) == ("", 0, [])


def test_the_wall_shows_no_name_turns_and_says_since_when_it_hears_nothing(site: Site) -> None:
    on_a_call(site)
    wall = site.visitor("supervisor", width=1920)
    wall.page.goto("/board/wall?platform=40")
    expect(wall.page.get_by_text("positifs à appeler")).to_be_visible()
    assert (wall.violations(), wall.overflow()) == ("", 0)
    shown = wall.page.content()
    assert leaks(shown) == []
    assert "lea" not in wall.page.locator("#wall-now").inner_text()
    raise_alarm(site, AlarmKind.EMERGENCY, "someone")
    expect(wall.page.locator("#wall-now").get_by_text("Urgence")).to_be_visible()
    wall.page.context.set_offline(True)
    wall.page.evaluate("document.body.dataset.connection = 'lost'")
    expect(wall.page.get_by_text("Pas de connexion depuis")).to_be_visible()
    wall.page.context.set_offline(False)
    wall.page.evaluate("document.body.dataset.connection = 'open'")
    expect(wall.page.get_by_text("Pas de connexion depuis")).not_to_be_visible()


def test_a_screen_shows_its_platforms_for_months_without_anybody_signed_in(site: Site) -> None:
    boss = site.visitor("supervisor")
    boss.page.goto("/board")
    boss.page.get_by_role("link", name="Écran mural").click()
    boss.page.get_by_role("button", name="Créer une adresse").press("Enter")
    address = boss.page.locator(".board-address").inner_text()
    assert (boss.violations(), boss.overflow(), boss.complaints) == ("", 0, [])
    screen = site.visitor(width=1920)
    screen.page.goto(address)
    expect(screen.page.get_by_text("positifs à appeler")).to_be_visible()
    assert (screen.violations(), screen.overflow(), screen.complaints) == ("", 0, [])
    boss.page.get_by_role("button", name="Y mettre fin").click()
    expect(boss.page.get_by_text("Aucun écran n’a encore d’adresse")).to_be_visible()
    answer = screen.page.goto(address)
    assert answer is not None
    assert answer.status == 404


def _second_platform(site: Site) -> None:
    other = Platform(
        "64", "Pyrénées-Atlantiques", "Europe/Paris", "64", "75", "FR", "fr", {}, sender="", caller_id=""
    )
    with site.app.database.begin() as connection:
        platform_store.create(connection, other, site.app.clock.now())


def test_the_board_says_when_it_goes_wrong_and_draws_who_will_wait(site: Site) -> None:
    bring_in(site.day)
    boss = site.visitor("supervisor", width=400)
    boss.page.goto("/board")
    told = boss.page.locator("#board-told")
    expect(told).to_contain_text("positif")
    expect(boss.page.get_by_role("img", name="Qui attendra un appel")).to_be_visible()
    assert (boss.violations(), boss.overflow(), boss.complaints) == ("", 0, [])
    told.get_by_role("link", name="Comparer les modes").click()
    boss.page.get_by_role("heading", name="Tous les modes, côte à côte").wait_for()


def test_a_cell_of_the_board_opens_its_list_which_is_filtered_and_taken_away(site: Site) -> None:
    bring_in(site.day)
    boss = site.visitor("supervisor")
    boss.page.goto("/board")
    boss.page.get_by_role("row", name="Positifs").get_by_role("link").click()
    expect(boss.page.get_by_role("rowheader", name="LAB-1")).to_be_visible()
    expect(boss.page.get_by_label("Classe")).to_have_value("1")
    boss.page.get_by_label("Temps restant").select_option("")
    expect(boss.page).to_have_url(re.compile("which=&"))
    boss.page.get_by_label("Classe").select_option("")
    expect(boss.page.get_by_role("rowheader")).to_have_count(2)
    with boss.page.expect_download() as taken:
        boss.page.get_by_role("link", name="Emporter toute la liste").click()
    assert Path(taken.value.path()).read_text("utf-8-sig").count("\n") == 3
    boss.page.get_by_label("État").select_option("LEASED")
    expect(boss.page.get_by_text("Rien ne correspond.")).to_be_visible()
    assert (boss.violations(), boss.overflow(), boss.complaints) == ("", 0, [])
    boss.page.get_by_role("link", name="Retirer le filtre").click()
    expect(boss.page.get_by_role("rowheader")).to_have_count(2)
    plain = site.visitor("supervisor", login="other", scripts=False)
    plain.page.goto("/board/entries?which=")
    plain.page.get_by_label("Classe").select_option("1")
    plain.page.get_by_role("button", name="Afficher").click()
    expect(plain.page.get_by_role("rowheader")).to_have_count(1)


def test_no_flood_of_one_kind_of_alert_hides_another(site: Site) -> None:
    raise_alarm(site, AlarmKind.EMERGENCY, "the oldest")
    for number in range(60):
        raise_alarm(site, AlarmKind.POSITIVE_NEAR_DEADLINE, f"00000000-0000-4000-8000-{number:012}")
    boss = site.visitor("supervisor", width=400)
    boss.page.goto("/board")
    alerts = boss.page.get_by_role("region", name="Alertes")
    expect(alerts).to_contain_text("Urgence")
    expect(alerts).to_contain_text("× 60")
    alerts.get_by_role("button", name="Traité – Urgence").click()
    expect(alerts.get_by_text("Urgence", exact=True)).to_have_count(0)
    boss.page.get_by_role("link", name="Historique des alertes").click()
    expect(boss.page.get_by_role("rowheader")).to_have_count(50)
    boss.page.get_by_role("link", name="Page suivante").click()
    expect(boss.page.get_by_role("row", name="Urgence")).to_contain_text("supervisor")
    boss.page.get_by_label("État").select_option("cleared")
    expect(boss.page.get_by_role("rowheader")).to_have_count(1)
    with boss.page.expect_download() as taken:
        boss.page.get_by_role("link", name="Emporter toute la liste").click()
    assert "EMERGENCY" in Path(taken.value.path()).read_text("utf-8-sig")
    assert (boss.violations(), boss.overflow(), boss.complaints) == ("", 0, [])
