"""Where a form comes from: the browser in two words, paths of ours, cookies out of reach of scripts."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from outreach.bootstrap import App
from outreach.web.app import create_web_app
from outreach.web.pages.home_pages import own_path
from outreach.web.pages.origins import device_of
from tests.sign_in_world import PASSWORD, SignInWorld
from tests.web.conftest import PUBLIC_URL

MOZILLA = "Mozilla/5.0 "
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (
            MOZILLA + "(Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Windows",
        ),
        (
            MOZILLA + "(Windows NT 10.0; Win64; x64) " + WEBKIT + "Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        (MOZILLA + "(X11; Linux x86_64) " + WEBKIT + "Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        (MOZILLA + "(Linux; Android 14; K) " + WEBKIT + "Chrome/140.0 Safari/537.36", "Chrome, Android"),
        (
            MOZILLA + "(iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        (MOZILLA + "(Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1", "Safari, macOS"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_browser_is_told_in_two_words_and_no_more(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/desk", "/desk"),
        ("/admin/users/new", "/admin/users/new"),
        ("", "/"),
        ("desk", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/desk\r\nSet-Cookie: x", "/"),
        ("/\tevil", "/"),
    ],
)
def test_next_leads_to_paths_of_ours_only(path: str, kept: str) -> None:
    assert own_path(path) == kept


def test_the_sessions_cookie_is_for_this_host_alone_strict_and_out_of_reach_of_scripts(app: App) -> None:
    SignInWorld(app).account("agent")
    browser = TestClient(create_web_app(app), base_url=PUBLIC_URL)
    answer = browser.post(
        "/sign-in",
        data={"login": "agent", "password": PASSWORD, "next": "/account"},
        headers={"Origin": PUBLIC_URL},
        follow_redirects=False,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    cookie = next(
        each for each in answer.headers.get_list("set-cookie") if each.startswith("__Host-outreach=")
    )
    said = {word.strip().lower() for word in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=strict", "path=/"} <= said
    assert not any(word.startswith("domain") for word in said)
    assert answer.headers["cache-control"] == "no-store"


def test_an_address_is_kept_as_a_keyed_digest_only(app: App) -> None:
    browser = TestClient(create_web_app(app), base_url=PUBLIC_URL, client=("203.0.113.7", 1234))
    browser.post("/sign-in", data={"login": "nobody", "password": "x"}, headers={"Origin": PUBLIC_URL})
    [line] = app.signing_in.links.lines(asker=None)
    assert line.event == "WRONG_LOGIN"
    assert len(line.address) == 12
    assert line.address == app.vault.index("address", "203.0.113.7").hex()[:12]
