"""Nothing moves under the hand of whoever presses "Call" the moment they see it."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from outreach.domain.agent_devices import AgentDevice
from outreach.domain.notices import NewNotice
from tests.pages.conftest import Site
from tests.pages.desk_world import PLATFORM, DeskWorld, next_person

MOBILE = "+33639980191"
SLOW = 300  # milliseconds that each part takes which is fetched for itself
# Pixels by which things went down or up since the page was begun, as the browser saw it.
MOVED = """() => new Promise((done) => {
  const seen = [];
  const look = (list) => seen.push(...list.getEntries().flatMap((each) => each.sources));
  new PerformanceObserver(look).observe({type: "layout-shift", buffered: true});
  const moved = () => seen.map((each) => each.currentRect.y - each.previousRect.y).filter(Boolean);
  requestAnimationFrame(() => setTimeout(() => done(moved())));
})"""


def test_the_desk_is_drawn_whole_with_its_notices_its_telephone_and_its_buttons(site: Site) -> None:
    _publish(site)
    world = DeskWorld(site)
    world.person("Durand", MOBILE)
    site.app.softphone.choose(site.user("agent"), AgentDevice.COMPUTER)
    visitor = world.agent()
    page = visitor.page
    page.route(re.compile("/notices/|/softphone|/with-me"), _slowly)
    next_person(page)
    expect(page.get_by_role("heading", name="Consigne du matin")).to_be_visible()
    expect(page.get_by_text("C’est cet ordinateur qui sonne")).to_be_visible()
    expect(page.locator(".htmx-request")).to_have_count(0)
    assert page.evaluate(MOVED) == []
    page.unroute_all(behavior="wait")
    assert visitor.complaints == []


def _slowly(route: Route) -> None:
    route.request.frame.page.wait_for_timeout(SLOW)
    route.continue_()


def _publish(site: Site) -> None:
    notice = NewNotice("Consigne du matin", "Isolement : sept jours.", site.app.clock.now(), None, PLATFORM)
    site.app.steering.notices.publish(notice, author_id=site.user("supervisor"), platforms=[PLATFORM])
