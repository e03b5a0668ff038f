"""Notices and changed scripts in front of an agent: read, acknowledged, found again."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from outreach.clock import SetClock
from outreach.domain.notices import NewNotice
from outreach.services.script_editing import Editor, NewText
from tests.pages.conftest import Site
from tests.pages.shots import checked, shoot

EVERYWHERE = Editor(None, None)


def publish(site: Site, title: str) -> None:
    new = NewNotice(
        title=title,
        text="Depuis lundi, l'isolement est de 7 jours.\nLes durées du script sont à jour.",
        starts_at=site.app.clock.now(),
        ends_at=None,
        platform="40",
    )
    site.app.steering.notices.publish(new, author_id=site.user("supervisor"), platforms=("40",))


def change_script(site: Site, clock: SetClock) -> None:
    body = site.app.script_reading.in_force("positive_full", language="fr", platform="40").body
    changed = body.replace("## identity |", "## identity | D'abord :")
    clock.advance(timedelta(minutes=5))
    draft, *_ = site.app.script_editing.draft(
        NewText("positive_full", "fr", changed, "plus clair", ""), EVERYWHERE
    )
    site.app.script_editing.schedule(draft.id, None, EVERYWHERE)
    clock.advance(timedelta(minutes=5))


def test_an_agent_reads_what_is_new_and_finds_it_again(site: Site, clock: SetClock) -> None:
    publish(site, "Isolement de 7 jours")
    change_script(site, clock)
    agent = site.visitor("agent")
    page = agent.page
    page.goto("/notices")
    expect(page.get_by_text("1 consigne à lire")).to_be_visible()
    expect(page.get_by_text("D'abord :")).to_be_visible()
    shoot(page, "notices-1280")
    checked(agent)
    page.get_by_role("button", name="J’ai lu –").press("Enter")
    expect(page.get_by_text("1 consigne à lire")).to_be_hidden()
    page.get_by_role("button", name="J’ai lu les changements").press("Enter")
    expect(page.get_by_text("D'abord :")).to_be_hidden()
    page.reload()
    expect(page.get_by_text("vous l’avez lue")).to_be_visible()
    expect(page.locator("body[data-connection=open]")).to_be_attached()
    publish(site, "Réunion à midi")
    expect(page.get_by_text("1 consigne à lire")).to_be_visible()
    assert agent.complaints == []


def test_the_desk_shows_what_was_not_read(site: Site) -> None:
    publish(site, "Isolement de 7 jours")
    agent = site.visitor("agent")
    agent.page.goto("/desk")
    agent.page.get_by_role("button", name="J’ai lu –").click()
    expect(agent.page.get_by_text("1 consigne à lire")).to_be_hidden()


def test_without_scripts_notices_are_read_and_acknowledged(site: Site, clock: SetClock) -> None:
    publish(site, "Isolement de 7 jours")
    change_script(site, clock)
    page = site.visitor("agent", scripts=False).page
    page.goto("/notices")
    page.get_by_role("button", name="J’ai lu –").click()
    page.get_by_role("button", name="J’ai lu les changements").click()
    expect(page.get_by_text("vous l’avez lue")).to_be_visible()
    expect(page.get_by_text("D'abord :")).to_be_hidden()


def test_on_a_phone_and_in_english_nothing_stands_out(site: Site, clock: SetClock) -> None:
    agent = site.visitor("agent", width=400, language="en")
    agent.page.goto("/notices")
    expect(agent.page.get_by_text("No notice yet.")).to_be_visible()
    checked(agent)
    publish(site, "Isolement de 7 jours")
    change_script(site, clock)
    agent.page.reload()
    expect(agent.page.get_by_text("1 notice to read")).to_be_visible()
    shoot(agent.page, "notices-en-400")
    checked(agent)
