"""The frame around every page: who sees which links, what an error looks like, and languages."""

from __future__ import annotations

from fastapi.testclient import TestClient

from outreach.bootstrap import App
from outreach.web.app import create_web_app
from tests.pages.conftest import Site


def test_the_statement_on_accessibility_can_be_read_by_everybody_on_every_screen(site: Site) -> None:
    for width in (1280, 400):
        for language in ("fr", "en"):
            visitor = site.visitor(width=width, language=language)
            visitor.page.goto("/accessibility")
            assert visitor.page.get_by_role("heading", level=1).count() == 1
            assert visitor.violations() == ""
            assert visitor.overflow() == 0
            assert visitor.complaints == []


def test_a_page_that_does_not_exist_says_so_in_the_reader_s_language(site: Site) -> None:
    visitor = site.visitor("supervisor")
    answer = visitor.page.goto("/nothing-here")
    assert answer is not None
    assert answer.status == 404
    assert visitor.page.get_by_role("heading", name="Page introuvable").is_visible()
    visitor.page.get_by_role("button", name="English").click()
    assert visitor.page.get_by_role("heading", name="Not found").is_visible()


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back_to_the_page(site: Site) -> None:
    visitor = site.visitor()
    visitor.page.goto("/live?topic=agent")
    assert visitor.page.url == f"{site.url}/sign-in?next=/live"


def test_a_change_on_a_platform_reaches_an_open_page(site: Site) -> None:
    visitor = site.visitor("agent")
    visitor.page.goto("/accessibility")
    visitor.page.evaluate(
        """() => {
            const line = new EventSource("/live?topic=agent&topic=platform:40");
            const note = (name) => line.addEventListener(name, () => (document.body.dataset[name] = "1"));
            ["hello", "platform", "agent"].forEach(note);
        }"""
    )
    visitor.page.wait_for_selector("body[data-hello]")
    site.app.call_list.start_shift(site.user("agent"), "40")
    visitor.page.wait_for_selector("body[data-platform]")


def test_a_fault_of_ours_is_a_page_for_people_and_a_problem_for_machines(app: App) -> None:
    served = create_web_app(app)
    for path in ("/faulty", "/api/v1/faulty"):
        served.add_api_route(path, _fail)
    with TestClient(served, raise_server_exceptions=False) as client:
        for path, kind in (("/faulty", "text/html"), ("/api/v1/faulty", "application/problem+json")):
            answer = client.get(path, headers={"Accept": "text/html"})
            assert answer.status_code == 500
            assert answer.headers["content-type"].startswith(kind)
            assert answer.headers["x-request-id"] in answer.text


def _fail() -> None:
    raise ZeroDivisionError
