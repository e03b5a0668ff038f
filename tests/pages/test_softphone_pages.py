"""The computer as a telephone on the desk: with the simulator a whole call without any telephone."""

from __future__ import annotations

import gzip
from dataclasses import replace

from playwright.sync_api import expect

from outreach.domain.agent_devices import AgentDevice, computer_address
from outreach.telephony.softphone_tokens import SoftphoneKey
from outreach.web.app import create_web_app
from outreach.web.pages.static_files import STATIC
from tests.call_world import eventually
from tests.pages.conftest import Site
from tests.pages.shots import checked, shoot
from tests.pages.test_inbox_pages import contact

MOBILE = "+33639980161"
MOST_BYTES = 150_000  # of a page, gzipped, in all


def test_a_whole_call_is_made_at_the_computer_by_the_keyboard(site: Site) -> None:
    contact(site, MOBILE, "R1")
    site.day.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    agent = site.visitor("agent")
    page = agent.page
    page.goto("/desk")
    page.get_by_text("C’est votre téléphone qui sonne. Changer").click()
    page.get_by_label("Cet ordinateur").check()
    page.get_by_role("button", name="Choisir").press("Enter")
    expect(page.get_by_text("C’est cet ordinateur qui sonne")).to_be_visible()
    user_id = site.user("agent")
    assert site.app.softphone.device(user_id) is AgentDevice.COMPUTER
    site.app.call_list.start_shift(user_id, "40")
    leased = site.app.call_list.next_entry(user_id, platforms=["40"], languages=["fr"])
    assert leased is not None
    page.goto("/desk")
    expect(page.get_by_text("C’est cet ordinateur qui sonne")).to_be_visible()
    attempt = site.app.calling.click_to_call(user_id, leased.entry_id)
    expect(page.get_by_role("button", name="Prendre l’appel")).to_be_visible()
    shoot(page, "softphone-ringing-1280")
    page.keyboard.press("Alt+Shift+KeyA")
    expect(page.get_by_text("Vous êtes en ligne.")).to_be_visible()
    eventually(lambda: site.app.call_bar.read(user_id, attempt.id).status == "ANSWERED", "a conversation")
    page.get_by_role("button", name="Couper mon micro").click()
    expect(page.get_by_text("votre micro est coupé")).to_be_visible()
    shoot(page, "softphone-muted-1280")
    assert agent.violations() == ""
    page.get_by_role("button", name="Quitter l’appel").click()
    expect(page.get_by_text("C’est cet ordinateur qui sonne")).to_be_visible()
    assert agent.complaints == []


def test_the_telephone_of_the_page_lives_on_while_the_desk_goes_from_person_to_person(site: Site) -> None:
    for n in range(2):
        contact(site, f"+3363998016{n + 1}", f"R{n}")
        site.day.company.set_phone(f"+3363998016{n + 1}", voice="answers", talk_seconds=0)
    user_id = site.user("agent")
    site.app.softphone.choose(user_id, AgentDevice.COMPUTER)
    site.app.call_list.start_shift(user_id, "40")
    agent = site.visitor("agent")
    page = agent.page
    page.goto("/desk")
    expect(page.get_by_text("C’est cet ordinateur qui sonne")).to_be_visible()
    page.evaluate("document.querySelector('[data-softphone]').dataset.same = 'yes'")
    page.get_by_role("button", name="Personne suivante").click()
    page.get_by_role("button", name="Appeler le").click()
    page.get_by_role("button", name="Prendre l’appel").click()
    expect(page.locator("#call-state")).to_contain_text("Décroché")
    page.get_by_role("radio", name="Informé", exact=True).check()
    page.get_by_label("Note").fill("La première")
    page.get_by_role("button", name="Enregistrer, suivant").click()
    expect(page.get_by_role("button", name="Appeler le")).to_be_visible()
    page.get_by_role("button", name="Appeler le").click()
    page.get_by_role("button", name="Prendre l’appel").click()
    expect(page.locator("#call-state")).to_contain_text("Décroché")
    expect(page.get_by_label("Note")).to_have_value("")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Saisissez l’issue de l’appel.")
    expect(page.locator("[data-softphone][data-same=yes]")).to_have_count(1)
    assert [said for said in agent.complaints if "422" not in said] == []


def test_a_gateway_s_page_neither_takes_the_call_away_nor_passes_for_the_answer(site: Site) -> None:
    contact(site, MOBILE, "R1")
    site.day.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    user_id = site.user("agent")
    site.app.softphone.choose(user_id, AgentDevice.COMPUTER)
    site.app.call_list.start_shift(user_id, "40")
    page = site.visitor("agent").page
    page.goto("/desk")
    expect(page.get_by_text("C’est cet ordinateur qui sonne")).to_be_visible()
    page.evaluate("document.querySelector('[data-softphone]').dataset.same = 'yes'")
    page.get_by_role("button", name="Personne suivante").click()
    expect(page.get_by_role("button", name="Appeler le")).to_be_visible()
    times = iter(range(9))
    away = "**/desk", lambda route: route.fulfill(status=502) if next(times) == 0 else route.continue_()
    page.route(*away)
    leased = site.app.call_list.current(user_id)
    assert leased is not None
    site.app.calling.click_to_call(user_id, leased.entry_id)  # as from another screen: the desk asks anew
    page.get_by_role("button", name="Prendre l’appel").click()
    expect(page.locator("#call-state")).to_contain_text("Décroché")
    page.get_by_role("radio", name="Informé", exact=True).check(timeout=10_000)  # drawn at the second look
    page.get_by_label("Note").fill("La première")
    page.route("**/outcome", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator("#problem")).to_contain_text("n’est pas arrivé")
    expect(page.locator("[data-softphone][data-same=yes]")).to_have_count(1)
    expect(page.get_by_label("Note")).to_have_value("La première")
    page.unroute("**/outcome")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Le résultat est enregistré.")).to_be_visible()
    expect(page.locator("[data-softphone][data-same=yes]")).to_have_count(1)
    assert next(times) > 1, "the desk was asked for anew, after a gateway's page too"


def test_a_test_call_rings_and_says_its_sentence(site: Site) -> None:
    user_id = site.user("agent")
    site.app.softphone.choose(user_id, AgentDevice.COMPUTER)
    agent = site.visitor("agent", width=400)
    page = agent.page
    page.goto("/desk")
    expect(page.get_by_text("C’est cet ordinateur qui sonne")).to_be_visible()  # its words move the rest
    page.get_by_text("Vérifier ou changer").click()
    page.get_by_role("button", name="M’appeler pour un essai").click()
    page.get_by_role("button", name="Prendre l’appel").click()
    address = computer_address(user_id)
    eventually(lambda: bool(site.day.company.phone(address)["calls"][0]["heard"]), "the sentence")
    expect(page.get_by_text("C’est cet ordinateur qui sonne")).to_be_visible()
    shoot(page, "softphone-400")
    checked(agent)


def test_a_microphone_that_is_refused_is_said_in_words(site: Site) -> None:
    site.app.softphone.choose(site.user("agent"), AgentDevice.COMPUTER)
    page = site.visitor("agent").page
    page.goto("/desk")
    page.get_by_text("Vérifier ou changer").click()
    page.get_by_role("button", name="Essayer mon micro").click()
    told = page.locator(".softphone-problem:visible")
    expect(told).to_contain_text("Mon téléphone")
    shoot(page, "softphone-no-microphone-1280")


def test_the_carrier_s_script_is_loaded_only_where_it_is_chosen_and_the_page_stays_small(site: Site) -> None:
    names = ("frame.js", "live.js", "frame.css", "desk.js", "desk.css", "softphone.js", "stand_in_device.js")
    lines = ("voice_line.js",)
    files = ("vendor/htmx.js", "vendor/govuk.js", "vendor/govuk.css", "vendor/voice.js", *names, *lines)
    others = ("notices.css", "softphone.css")
    weight = sum(len(STATIC.files[name].packed) for name in (*files, *others))
    page = site.visitor("agent").page
    page.goto("/desk")
    weight += len(gzip.compress(page.content().encode()))
    assert weight < MOST_BYTES
    assert "vendor/voice.js" not in page.content()


def test_with_a_carrier_the_desk_may_speak_to_it_and_to_nobody_else(site: Site) -> None:
    key = SoftphoneKey("AC" + "2" * 32, "SK" + "3" * 32, "a secret of the tests")
    theirs = replace(site.app, softphone=replace(site.app.softphone, key=key, line=None))
    create_web_app(theirs)
    from outreach.web.pages.softphone_pages import desk_headers

    policy = desk_headers(theirs)["Content-Security-Policy"]
    assert "connect-src 'self' wss://*.twilio.com https://*.twilio.com;" in policy
    assert "media-src 'self' mediastream: https://sdk.twilio.com;" in policy
    assert "script-src 'self';" in policy
    assert desk_headers(site.app) == {}
