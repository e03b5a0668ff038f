"""The carrier's own script in our desk: it registers, rings, carries both voices, is lost and found again.

Only the carrier is ours (voice_carrier.py), with a real far end: another page's RTCPeerConnection.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, expect

from outreach.domain.agent_devices import AgentDevice, identity_of
from outreach.telephony.stand_in_line import StandInAct
from outreach.web.app import create_web_app
from tests.call_world import eventually
from tests.pages.conftest import Site, Visitor, chromium
from tests.pages.shots import shoot
from tests.pages.test_inbox_pages import contact
from tests.pages.voice_carrier import HOSTS, KEY, VoiceCarrier, running_voice_carrier
from tests.phone_company import serving
from tests.web.conftest import Day

MOBILE = "+33639980161"
READY, RINGS = "C’est cet ordinateur qui sonne.", "Votre ordinateur sonne"
TALKING, MUTED = "Vous êtes en ligne.", "votre micro est coupé"
LOST, UNSTEADY = "ne répond pas", "La ligne s’est interrompue un instant"
HOUR = 3600
FAR_END = """async () => {
  const line = window.far = new RTCPeerConnection();
  const voice = await navigator.mediaDevices.getUserMedia({ audio: true });
  for (const track of voice.getTracks()) line.addTrack(track, voice);
  await line.setLocalDescription(await line.createOffer());
  if (line.iceGatheringState !== "complete") {
    await new Promise((done) => line.addEventListener("icegatheringstatechange",
      () => line.iceGatheringState === "complete" && done()));
  }
  return line.localDescription.sdp;
}"""
COUNTED = """async () => {
  let got = 0;
  for (const each of (await window.far.getStats()).values()) {
    if (each.type === "inbound-rtp") got += each.packetsReceived;
  }
  return got;
}"""
REFUSES = """() => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
}"""
LINES = """(() => {
  const lines = window.lines = [], Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...given) { super(...given); lines.push(this); }
  };
})()"""
HERE = """async () => {
  const told = { got: 0, sound: 0 };
  for (const line of window.lines.filter((each) => each.signalingState !== "closed")) {
    (await line.getStats()).forEach((each) => {
      if (each.type === "inbound-rtp") told.got += each.packetsReceived;
      if (each.type === "media-source") told.sound += each.totalAudioEnergy;
    });
  }
  return told;
}"""


@pytest.fixture(scope="module")
def voice_carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VoiceCarrier]:
    with running_voice_carrier(tmp_path_factory.mktemp("carrier")) as carrier:
        yield carrier


@pytest.fixture(scope="module")
def browser(playwright: Playwright, voice_carrier: VoiceCarrier) -> Iterator[Browser]:
    """One with a microphone, for which the carrier's hosts are on this machine."""
    given = (
        "--no-sandbox",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--ignore-certificate-errors",
        "--allow-loopback-in-peer-connection",
        "--disable-features=WebRtcHideLocalIpsWithMdns",
        f"--host-resolver-rules=MAP {HOSTS} 127.0.0.1:{voice_carrier.port}",
    )
    started = playwright.chromium.launch(executable_path=chromium(), args=list(given))
    yield started
    started.close()


@pytest.fixture
def site(browser: Browser, day: Day) -> Iterator[Site]:
    """The same program with a key of the carrier's in place of the simulator's stand-in."""
    app = replace(day.app, softphone=replace(day.app.softphone, key=KEY, line=None))
    with serving(create_web_app(app), finish_seconds=10.0) as url:
        made = Site(replace(day, app=app), url, browser)
        yield made
        for context in made.contexts:
            context.close()


@dataclass
class Line:
    """An agent at the desk, the carrier, and whoever is at the other end."""

    site: Site
    carrier: VoiceCarrier
    agent: Visitor
    far: Page
    stand_in: Any = field(default=None)

    @property
    def page(self) -> Page:
        return self.agent.page

    def shows(self, words: str) -> None:
        expect(self.page.locator(".softphone-state > span:visible")).to_contain_text(words)

    def rings(self, sid: str, *, reconnect: str = "") -> None:
        """A call reaches the page."""
        self.carrier.invite(sid, self.far.evaluate(FAR_END), reconnect=reconnect)
        self.shows(RINGS)

    def taken(self, sid: str) -> None:
        """By the keyboard; the voices meet."""
        self.page.keyboard.press("Alt+Shift+KeyA")
        answer = self.carrier.hears("answer", sid)
        self.far.evaluate("(sdp) => window.far.setRemoteDescription({ type: 'answer', sdp })", answer["sdp"])
        self.shows(TALKING)

    def sound_sent(self, packets: int) -> float:
        """While this many more packets reach the far end: the sound that went into them, as energy."""
        before, sound = self.far.evaluate(COUNTED), self.page.evaluate(HERE)["sound"]
        eventually(lambda: self.far.evaluate(COUNTED) > before + packets, "voice at the far end")
        return float(self.page.evaluate(HERE)["sound"]) - float(sound)

    def close(self) -> None:
        self.page.get_by_role("button", name="Quitter l’appel").click()
        self.shows(READY)


def sid(number: int) -> str:
    return f"CA{number:032x}"


@pytest.fixture
def line(site: Site, voice_carrier: VoiceCarrier) -> Line:
    """On the desk, registered."""
    voice_carrier.heard.clear()
    voice_carrier.claims.clear()
    voice_carrier.token_lives, voice_carrier.away = HOUR, False
    site.app.softphone.choose(site.user("agent"), AgentDevice.COMPUTER)
    agent = site.visitor("agent")
    agent.page.add_init_script(LINES)
    far = site.browser.new_context(base_url=site.url)
    site.contexts.append(far)
    other = far.new_page()
    other.goto("/healthz")
    made = Line(site, voice_carrier, agent, other)
    agent.page.goto("/desk")
    made.shows(READY)
    # A page that nobody touched may make no sound.
    agent.page.get_by_role("heading", level=1).click(force=True)
    return made


def test_it_registers_with_our_token_rings_is_taken_by_keyboard_and_carries_both_voices(
    line: Line,
) -> None:
    (claims,) = line.carrier.claims
    user_id = line.site.user("agent")
    assert claims["grants"] == {"identity": identity_of(user_id), "voice": {"incoming": {"allow": True}}}
    assert claims["exp"] - int(line.site.app.clock.now().timestamp()) == HOUR
    assert line.carrier.said("register")[0] == {"media": {"audio": True}}
    line.rings(sid(1))
    expect(line.page.get_by_role("button", name="Prendre l’appel")).to_be_focused()
    assert line.page.title().startswith("☎")
    shoot(line.page, "softphone-voice-ringing-1280")
    line.taken(sid(1))
    shoot(line.page, "softphone-voice-talking-1280")
    assert line.sound_sent(50) > 0.0
    eventually(lambda: line.page.evaluate(HERE)["got"] > 50, "voice at the page")
    line.page.get_by_role("button", name="Couper mon micro").click()
    line.shows(MUTED)
    line.sound_sent(25)  # what was counted before
    assert line.sound_sent(75) == 0.0
    line.page.keyboard.press("Alt+Shift+KeyQ")
    line.shows(TALKING)
    assert line.sound_sent(50) > 0.0
    line.close()
    assert line.carrier.hears("hangup")["callsid"] == sid(1)
    eventually(lambda: bool(line.carrier.events) and bool(line.carrier.sounds), "the script's own requests")
    assert line.agent.complaints == []
    assert line.agent.violations() == ""


def test_a_call_ends_at_either_side_is_refused_or_goes_before_it_is_taken(line: Line) -> None:
    line.rings(sid(1))
    line.taken(sid(1))
    line.carrier.tell("hangup", callsid=sid(1))
    line.shows(READY)
    line.rings(sid(2))
    line.carrier.tell("cancel", callsid=sid(2))
    line.shows(READY)
    assert not line.page.title().startswith("☎")
    line.rings(sid(3))
    line.page.get_by_role("button", name="Refuser").press("Enter")
    assert line.carrier.hears("reject")["callsid"] == sid(3)
    line.shows(READY)
    assert [each["callsid"] for each in line.carrier.said("answer")] == [sid(1)]
    assert line.agent.complaints == []


def test_a_second_call_waits_while_one_rings_and_leaves_one_under_way_alone(line: Line) -> None:
    line.rings(sid(1))
    line.carrier.invite(sid(2), line.far.evaluate(FAR_END))
    line.page.evaluate("() => new Promise((done) => setTimeout(done))")
    line.shows(RINGS)
    line.carrier.tell("cancel", callsid=sid(1))
    line.shows(RINGS)
    line.taken(sid(2))
    line.carrier.invite(sid(3), line.far.evaluate("() => window.far.localDescription.sdp"))
    line.sound_sent(25)
    line.shows(TALKING)
    assert line.carrier.said("reject") == []
    line.close()
    assert line.carrier.hears("hangup")["callsid"] == sid(2)
    line.rings(sid(4))
    assert line.agent.complaints == []


def test_a_token_is_asked_for_anew_before_it_ends_and_until_it_is_had(line: Line) -> None:
    line.carrier.token_lives = 61  # the page asks a minute before
    times = iter(range(9))
    line.page.clock.install()
    line.page.route(
        "**/softphone/token",
        lambda route: route.fulfill(status=502) if next(times) == 1 else route.continue_(),
    )
    line.page.reload()
    line.shows(READY)
    assert len(line.carrier.said("listen")) == 2
    line.page.clock.run_for(2_000)
    line.page.clock.run_for(11_000)
    eventually(lambda: len(line.carrier.said("listen")) == 3, "another token")
    line.shows(READY)
    line.carrier.token_lives = HOUR
    line.carrier.tell("error", error={"code": 31205, "message": "the token is over"})
    line.shows(LOST)
    line.page.clock.run_for(3_000)
    line.shows(READY)
    line.rings(sid(1))


def test_signalling_that_was_lost_is_found_again_and_what_rang_is_over(line: Line) -> None:
    line.rings(sid(1))
    line.carrier.leave()
    line.shows(LOST)
    assert not line.page.title().startswith("☎")
    shoot(line.page, "softphone-voice-lost-1280")
    line.carrier.come_back()
    line.shows(READY)
    line.rings(sid(2))
    line.taken(sid(2))


def test_a_page_that_the_browser_keeps_for_the_way_back_has_its_telephone_when_it_returns(line: Line) -> None:
    kept = "(name) => void window.dispatchEvent(new PageTransitionEvent(name, { persisted: true }))"
    line.page.evaluate(kept, "pagehide")
    line.shows(LOST)
    line.page.evaluate(kept, "pageshow")
    line.shows(READY)
    line.rings(sid(1))
    line.taken(sid(1))
    assert line.agent.complaints == []


def test_a_call_that_the_carrier_keeps_outlives_its_signalling(line: Line) -> None:
    line.rings(sid(1), reconnect="again")
    line.taken(sid(1))
    line.carrier.leave()
    line.shows(UNSTEADY)
    line.sound_sent(25)
    line.carrier.come_back()
    line.shows(TALKING)
    assert line.carrier.said("invite")[-1]["reconnect"] == "again"
    line.close()
    assert line.carrier.hears("hangup")["callsid"] == sid(1)


def test_a_call_that_the_carrier_does_not_keep_is_over_and_the_next_one_rings(line: Line) -> None:
    line.rings(sid(1))
    line.taken(sid(1))
    line.carrier.leave()
    line.shows(LOST)
    line.carrier.come_back()
    line.shows(READY)
    line.rings(sid(2))
    line.taken(sid(2))


def test_a_line_that_the_carrier_closes_for_good_is_opened_anew(line: Line) -> None:
    line.page.clock.install()
    line.page.reload()
    line.shows(READY)
    line.carrier.tell("close")
    line.shows(LOST)
    line.page.clock.run_for(46_000)
    line.shows(READY)
    line.rings(sid(1))


def test_a_test_call_that_does_not_start_is_said(line: Line) -> None:
    line.page.route("**/softphone/test-call", lambda route: route.fulfill(status=502))
    line.page.get_by_text("Vérifier ou changer").click()
    line.page.get_by_role("button", name="M’appeler pour un essai").click()
    expect(line.page.locator(".softphone-problem:visible")).to_contain_text("n’est pas parti")
    line.shows(READY)


def test_a_microphone_that_is_refused_is_said_before_and_when_a_call_is_taken(line: Line) -> None:
    line.rings(sid(1))
    line.page.evaluate(REFUSES)
    line.page.keyboard.press("Alt+Shift+KeyA")
    told = line.page.locator(".softphone-problem:visible")
    expect(told).to_contain_text("Le navigateur ne nous laisse pas utiliser le micro")
    line.shows(READY)
    assert line.carrier.hears("hangup")["callsid"] == sid(1)

    def without_microphone(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "permissions-policy": "microphone=()"})

    line.page.route("**/desk", without_microphone)
    line.page.reload()
    expect(told).to_contain_text("Le navigateur ne nous laisse pas utiliser le micro")
    expect(line.page.locator(".softphone-state > span:visible")).to_have_count(0)
    shoot(line.page, "softphone-voice-refused-1280")


def test_a_whole_call_of_the_desk_is_made_through_the_carrier_s_script(line: Line, day: Day) -> None:
    contact(line.site, MOBILE, "R1")
    line.site.day.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    user_id = line.site.user("agent")
    line.site.app.call_list.start_shift(user_id, "40")
    line.page.reload()
    line.shows(READY)
    line.page.get_by_role("button", name="Personne suivante").click()
    line.page.get_by_role("button", name="Appeler le").click()
    eventually(lambda: bool(day.app.softphone.calls(user_id)), "the phone company rings the agent")
    (call,) = day.app.softphone.calls(user_id)
    line.rings(call.sid)
    line.taken(call.sid)
    day.app.softphone.act(user_id, call.sid, StandInAct.ACCEPT)
    expect(line.page.locator("#call-state")).to_contain_text("Décroché")
    line.shows(TALKING)
    shoot(line.page, "softphone-voice-desk-1280")


def test_only_the_desk_may_speak_to_the_carrier_and_to_nobody_else(line: Line) -> None:
    asked = """(address) => new Promise((done) => {
      const refused = (event) => done(event.effectiveDirective);
      document.addEventListener("securitypolicyviolation", refused, { once: true });
      const socket = new WebSocket(address);
      socket.onopen = () => done("open");
    })"""
    assert line.page.evaluate(asked, "wss://voice-js.dublin.twilio.com/signal") == "open"
    assert line.page.evaluate(asked, "wss://elsewhere.example/signal") == "connect-src"
    line.page.goto("/training")
    assert line.page.evaluate(asked, "wss://voice-js.dublin.twilio.com/signal") == "connect-src"
