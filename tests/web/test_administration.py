"""Administration over HTTP: how users sign in, platforms, health, retention; and who may not."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from outreach.bootstrap import App
from outreach.services.access import NewUser
from outreach.services.sign_in import WrongSignIn
from outreach.web.app import create_web_app
from outreach.web.pages.access import SESSION_COOKIE
from tests.sign_in_world import PASSWORD, SignInWorld
from tests.web.conftest import PUBLIC_URL, Hire

PAGES = (
    "/admin",
    "/admin/users/new",
    "/admin/platforms",
    "/admin/platforms/40",
    "/admin/sign-ins",
    "/admin/retention",
    "/admin/health",
)
ROUTES = ("/users", "/sign-in-lines", "/platforms", "/health", "/retention")


@pytest.mark.parametrize("role", ["agent", "senior", "supervisor", "pilot", "medical", "manager", "auditor"])
def test_nobody_but_an_administrator_opens_administration(app: App, hire: Hire, role: str) -> None:
    someone = hire(role)
    token = app.sessions.open(app.access.user_named(role).id)
    cookies = {SESSION_COOKIE: token}
    with TestClient(create_web_app(app), base_url=PUBLIC_URL, cookies=cookies) as browser:
        assert [browser.get(path).status_code for path in PAGES] == [403] * len(PAGES)
    assert [someone.get(path).status_code for path in ROUTES] == [403] * len(ROUTES)


def test_a_form_without_an_origin_of_ours_changes_nothing(app: App) -> None:
    administrator = app.access.add_user(NewUser("admin", ["administrator"], ["40"]))
    agent = app.access.add_user(NewUser("agent", ["agent"], ["40"]))
    cookies = {SESSION_COOKIE: app.sessions.open(administrator)}
    browser = TestClient(create_web_app(app), base_url=PUBLIC_URL, cookies=cookies)
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = browser.post(f"/admin/users/{agent}/end", data={"sure": "agent"}, headers=headers)
        assert answer.status_code == 403
    assert app.access.user_named("agent").ended_at is None


def test_an_administrator_makes_links_ends_sessions_and_reads_the_lines(app: App, hire: Hire) -> None:
    world, administrator = SignInWorld(app), hire("administrator")
    user_id = world.account("agent")
    token = world.signed_in("agent")
    with pytest.raises(WrongSignIn):
        world.enter("agent", "wrong")
    [session] = administrator.get(f"/users/{user_id}/sessions").json()
    assert session["device"] == "Firefox, Linux"
    made = administrator.post(f"/users/{user_id}/links")
    assert made.status_code == 201
    assert made.json()["link"].startswith(f"{PUBLIC_URL}/welcome/")
    assert administrator.ask("DELETE", f"/users/{user_id}/sessions").status_code == 204
    assert app.sessions.asker(token) is None
    world.authenticator(user_id)
    assert administrator.ask("DELETE", f"/users/{user_id}/second-factor").status_code == 204
    lines = administrator.get(f"/sign-in-lines?user_id={user_id}").json()["items"]
    assert [(line["event"], line["by_login"]) for line in lines[:4]] == [
        ("FACTOR_REMOVED", "administrator"),
        ("FACTOR_SET", None),
        ("SIGNED_OUT_EVERYWHERE", "administrator"),
        ("LINK_MADE", "administrator"),
    ]
    refused = administrator.get("/sign-in-lines?event=WRONG_PASSWORD&event=WRONG_LOGIN").json()["items"]
    assert [line["event"] for line in refused] == ["WRONG_PASSWORD"]


def test_lines_come_in_pages(app: App, hire: Hire) -> None:
    administrator = hire("administrator")
    for number in range(5):
        hire("agent", login=f"agent{number}")
    first = administrator.get("/sign-in-lines?limit=4").json()
    second = administrator.get(f"/sign-in-lines?limit=100&cursor={first['next']}").json()
    ids = [line["id"] for line in (*first["items"], *second["items"])]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 12
    assert second["next"] is None
    assert administrator.get("/sign-in-lines?cursor=bm9wZQ==").status_code == 422


@pytest.mark.parametrize("path", ["/links", "/sessions", "/second-factor"])
def test_users_of_other_platforms_are_out_of_reach(app: App, hire: Hire, path: str) -> None:
    administrator = hire("administrator")
    user_id = app.access.add_user(NewUser("elsewhere", ["agent"], ["33"]))
    method = "POST" if path == "/links" else "DELETE"
    assert administrator.ask(method, f"/users/{user_id}{path}").status_code == 404


def test_a_user_of_no_platform_is_shown_so_that_they_can_be_given_one(app: App, hire: Hire) -> None:
    administrator = hire("administrator")
    user_id = app.access.add_user(NewUser("newcomer", ["agent"], []))
    logins = [user["login"] for user in administrator.get("/users").json()["items"]]
    assert logins == ["administrator", "newcomer"]
    given = administrator.ask("PATCH", f"/users/{user_id}", json={"platforms": ["40"]})
    assert given.json()["platforms"] == ["40"]


def test_a_platform_that_is_added_is_the_administrators_from_then_on(hire: Hire) -> None:
    administrator = hire("administrator")
    body = {"code": "973", "name": "Guyane"}
    assert administrator.post("/platforms", body).json() == {"code": "973"}
    shown = {each["code"]: each for each in administrator.get("/platforms").json()}
    assert shown["973"]["time_zone"] == "America/Cayenne"
    assert shown["40"]["users"] == 1
    assert administrator.post("/platforms", body).status_code == 409
    for odd in (
        {"code": "", "name": "x"},
        {"code": "a b", "name": "x"},
        {"code": "É7", "name": "x"},
        {"code": "77", "name": " "},
    ):
        assert administrator.post("/platforms", odd).status_code == 422


def test_a_platform_with_the_longest_code_may_stand_apart(app: App, hire: Hire) -> None:
    administrator, code = hire("administrator"), "A" * 20
    assert administrator.post("/platforms", {"code": code, "name": "Dax"}).status_code == 201
    drawn = {"name": "Dax", "kind": "PLATFORM", "parent": "FR-OCC", "accounts": 0}
    assert administrator.ask("PUT", f"/territories/P-{code}", json=drawn).status_code == 204
    assert administrator.get(f"/territories/P-{code}/mode").status_code == 200
    anne = {"login": "anne", "roles": ["pilot"], "platforms": ["40"], "territory": f"P-{code}"}
    assert administrator.post("/users", anne).status_code == 201
    (found,) = administrator.get("/users?login=anne").json()["items"]
    assert found["territory"] == f"P-{code}"


def test_users_go_on_after_the_longest_login(app: App, hire: Hire) -> None:
    administrator, longest = hire("administrator"), "\U0001f600" * 100
    for login in (longest, longest[1:] + "\U0001f601"):
        app.access.add_user(NewUser(login, ["agent"], ["40"]))
    first = administrator.get("/users?limit=2").json()
    assert [each["login"] for each in first["items"]] == ["administrator", longest]
    rest = administrator.get(f"/users?limit=2&cursor={first['next']}").json()
    assert (len(rest["items"]), rest["next"]) == (1, None)


def test_health_says_what_answers_and_which_sweeps_stand_still(app: App, hire: Hire) -> None:
    administrator = hire("administrator")
    health = administrator.get("/health").json()
    assert health["parts"] == {"database": True, "redis": True, "phone company": False}
    assert all(sweep["stands_still"] for sweep in health["sweeps"])
    app.upkeep.run()
    health = administrator.get("/health").json()
    assert not any(sweep["stands_still"] for sweep in health["sweeps"])
    assert not health["is_well"]


def test_what_is_forgotten_by_itself_is_counted(app: App, hire: Hire) -> None:
    administrator = hire("administrator")
    world = SignInWorld(app)
    with pytest.raises(WrongSignIn):
        world.enter("nobody", PASSWORD)
    kept = {each["sweep"]: each for each in administrator.get("/retention").json()}
    assert kept["old_sign_in_tries"]["rows"] == 3
    assert kept["old_sign_in_tries"]["kept_for_seconds"] == 86_400
    assert not any(each["is_overdue"] for each in kept.values())


def test_an_administrator_sees_and_changes_how_long_records_are_kept(app: App, hire: Hire) -> None:
    administrator, supervisor = hire("administrator"), hire("supervisor")
    path = "/platforms/40/retention"
    shown = administrator.get(path).json()
    assert shown == {
        "rules": [{"kind": "POSITIVE", "days": 90}, {"kind": "CONTACT", "days": 90}],
        "past_time": [],
    }
    change = {"kind": "CONTACT", "days": 30, "reason": "the decree changed"}
    assert administrator.ask("PUT", path, json=change).status_code == 204
    assert administrator.get(path).json()["rules"][1] == {"kind": "CONTACT", "days": 30}
    for odd in ({"days": 13}, {"days": 366}, {"reason": ""}, {"kind": "OTHER"}):
        assert administrator.ask("PUT", path, json={**change, **odd}).status_code == 422
    assert supervisor.ask("PUT", path, json=change).status_code == 403
    assert administrator.get("/platforms/99/retention").status_code == 404


def test_the_page_of_retention_takes_the_days_and_says_what_is_wrong(app: App, hire: Hire) -> None:
    hire("administrator")
    cookies = {SESSION_COOKIE: app.sessions.open(app.access.user_named("administrator").id)}
    browser = TestClient(create_web_app(app), base_url=PUBLIC_URL, cookies=cookies, follow_redirects=False)
    form = {"platform": "40", "kind": "POSITIVE", "days": "60", "reason": "the decree changed"}
    headers = {"Origin": PUBLIC_URL}
    assert browser.post("/admin/retention", data=form, headers=headers).status_code == 303
    assert [rule.days for rule in app.old_records.rules(["40"])] == [60, 90]
    for odd in ({"days": "5"}, {"days": "x"}, {"days": "²"}, {"reason": ""}):
        answer = browser.post("/admin/retention", data={**form, **odd}, headers=headers)
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert [rule.days for rule in app.old_records.rules(["40"])] == [60, 90]


THAT_DAY = {"since": "2021-03-16T00:00:00Z", "until": "2021-03-18T00:00:00Z"}
WEEKDAYS = [["08:30-12:00", "13:00-19:00"]] * 5


def test_an_administrator_sets_the_hours_of_a_platform_for_one_purpose(app: App, hire: Hire) -> None:
    administrator = hire("administrator")
    usual = administrator.get("/platforms/40/hours").json()
    body = {"week": [*WEEKDAYS, [], []], "holidays": ["10:00-12:00"], "reason": "fewer agents in May"}
    assert administrator.ask("PUT", "/platforms/40/hours/INFORM", json=body).status_code == 204
    now = administrator.get("/platforms/40/hours").json()
    assert now["INFORM"] == {"week": body["week"], "holidays": ["10:00-12:00"]}
    assert now["INTERVIEW"] == usual["INTERVIEW"]
    line = (
        hire("supervisor").get("/journal", params={"event": "HOURS_CHANGED", **THAT_DAY}).json()["items"][0]
    )
    assert (line["by"], line["facts"]["reason"]) == ("administrator", "fewer agents in May")
    assert line["facts"]["hours"].endswith("Sat -; Sun -; holidays 10:00-12:00")


@pytest.mark.parametrize(
    ("week", "field"),
    [
        ([["20:00-08:00"]] * 7, "week"),
        ([[]] * 7, "week"),
        ([["08:00-12:00", "11:00-14:00"]] * 7, "week"),
        ([["8 to 9"]] * 7, "week"),
    ],
)
def test_hours_that_nobody_could_keep_change_nothing(hire: Hire, week: list[list[str]], field: str) -> None:
    administrator = hire("administrator")
    before = administrator.get("/platforms/40/hours").json()
    answer = administrator.ask(
        "PUT", "/platforms/40/hours/INTERVIEW", json={"week": week, "reason": "other hours"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert administrator.get("/platforms/40/hours").json() == before


def test_hours_of_a_platform_elsewhere_are_out_of_reach(hire: Hire) -> None:
    administrator = hire("administrator")
    body = {"week": [["08:00-20:00"]] * 7, "reason": "not ours"}
    assert administrator.get("/platforms/33/hours").status_code == 404
    assert administrator.ask("PUT", "/platforms/33/hours/INFORM", json=body).status_code == 404


def test_an_administrator_changes_the_name_the_number_and_the_senders_of_a_platform(hire: Hire) -> None:
    administrator = hire("administrator")
    body = {
        "name": "Landes Sud",
        "caller_id": "+33 5 58 00 00 00",
        "senders": [{"sender": "+33974757677", "preference": 1}],
        "reason": "a new line",
    }
    assert administrator.ask("PUT", "/platforms/40", json=body).status_code == 204
    (platform,) = administrator.get("/platforms").json()
    assert (platform["name"], platform["caller_id"]) == ("Landes Sud", "+33558000000")
    (sender,) = administrator.get("/platforms/40/senders").json()
    assert (sender["sender"], sender["preference"]) == ("+33974757677", 1)
    for odd in (
        {"caller_id": "12"},
        {"name": ""},
        {"reason": ""},
        {"senders": [{"sender": "no one at all"}]},
    ):
        assert administrator.ask("PUT", "/platforms/40", json={**body, **odd}).status_code == 422
    assert hire("supervisor").ask("PUT", "/platforms/40", json=body).status_code == 403
    assert administrator.ask("PUT", "/platforms/99", json=body).status_code == 404


def test_whose_rights_a_territory_changes_is_asked_before_it_is_drawn(app: App, hire: Hire) -> None:
    administrator = hire("administrator")
    app.access.add_user(NewUser("anne", ("pilot",), (), territory="FR-NAQ"))
    here = "/territories/40"
    moved = {"name": "Landes", "kind": "DEPARTMENT", "parent": "FR-OCC"}
    change = {"login": "anne", "roles": ["pilot"], "gains": [], "loses": ["40"]}
    told = administrator.post(f"{here}/preview", moved)
    assert (told.status_code, told.json()) == (200, [change])
    assert administrator.ask("PUT", here, json={**moved, "accounts": 0}).status_code == 409
    drawn = {**moved, "accounts": 1, "reason": "one team"}
    assert administrator.ask("PUT", here, json=drawn).status_code == 204
    every = {place["code"]: place for place in administrator.get("/territories?empty=true").json()}
    assert (every["FR-OCC"]["platforms"], every["FR-NAQ"]["platforms"]) == (["40"], [])
    assert "FR-NAQ" not in {place["code"] for place in administrator.get("/territories").json()}
    assert administrator.ask("PUT", "/territories/A B", json=moved).status_code == 422
