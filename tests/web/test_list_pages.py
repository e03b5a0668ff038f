"""Lists in pages: marks are ours, no row is lost between two pages, a filter leaves what it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from outreach.bootstrap import App
from outreach.domain.call_list import CallClass, Queue
from outreach.domain.mutual_aid import LoanTerms
from outreach.domain.notices import NewNotice
from outreach.storage import import_store, journal, mutual_aid_store
from outreach.storage.import_store import ImportState
from outreach.storage.journal import Event, JournalEntry
from outreach.web.paging import mark_of
from tests.call_list_rows import add_platform
from tests.conftest import MORNING
from tests.web.case_files import FILE
from tests.web.conftest import Hire, Someone
from tests.web.list_routes import API, paged_lists

SENTENCE = "This page's mark is not one of ours; begin at the first page."
NONE = "00000000-0000-0000-0000-000000000000"
ROLES = ("agent", "supervisor", "pilot", "administrator", "auditor", "medical", "manager")
# What stands in an address, and what a list must be told besides.
IN_PLACE = {"platform": "40", "name": "voicemail", "import_id": NONE, "notice_id": NONE, "user_id": NONE}
ASKED = {
    "/help": {"since": "2021-03-15T00:00:00Z", "until": "2021-03-22T00:00:00Z"},
    "/call-list/late": {"platform": "40"},
    "/call-list/at-risk": {"platform": "40"},
    "/call-list/entries": {"platform": "40"},
    "/interviews/contacts-missing": {"platform": "40"},
    "/campaigns": {"platform": "40"},
    "/accesses": {"since": "2021-03-15T00:00:00Z", "until": "2021-03-17T00:00:00Z"},
    "/journal": {"since": "2021-03-15T00:00:00Z", "until": "2021-03-17T00:00:00Z"},
}
# None of them was ever `next` of any page, whatever its list is ordered by.
NOT_OURS = {
    "no alphabet": "%%%",
    "accents": "é",
    "not whole": "MTI",
    "nothing within": "====",
    "bytes that are no text": "_w==",
    "no key": mark_of("\x00"),
    "too long": mark_of("9" * 700),
    "beyond a number": mark_of("9" * 18 + "99"),
    "digits of another script": mark_of("\u0661\u0662"),  # Arabic ones: int() would read them
    "an id in braces": mark_of("{" + NONE + "}"),
    "a moment without a zone": mark_of("2021-03-16T09:00:00 7"),
    "a moment of no day": mark_of("2021-02-30T09:00:00+00:00 7"),
    "three parts": mark_of("1 2 3"),
    "a line break": mark_of("lea\nmartin"),
}
# In the order of logins or of platforms nearly any words may be a key.
WORDS = {
    "/users": {
        "beyond a number",
        "digits of another script",
        "an id in braces",
        "a moment without a zone",
        "a moment of no day",
        "three parts",
    },
    "/readers": {"three parts"},
    "/help": {"a moment without a zone", "a moment of no day"},
}


def _asked(path: str) -> tuple[str, dict[str, str]]:
    place = path.removeprefix(API).format(**IN_PLACE)
    named = next((asked for end, asked in ASKED.items() if place.endswith(end)), {})
    return place, named


def test_a_mark_that_is_not_ours_is_refused_with_one_sentence_by_every_list(app: App, hire: Hire) -> None:
    someone = hire(*ROLES)
    for path in sorted(paged_lists()):
        place, asked = _asked(path)
        place = place.replace(NONE, _there(app, someone, path))
        whole = someone.get(place, params=asked)
        assert whole.status_code == 200, whole.text
        may_be = next((names for end, names in WORDS.items() if place.endswith(end)), set())
        for name, mark in ((name, mark) for name, mark in NOT_OURS.items() if name not in may_be):
            answer = someone.get(place, params={**asked, "cursor": mark})
            assert (answer.status_code, answer.json().get("detail")) == (422, SENTENCE), (path, name)


def _there(app: App, someone: Someone, path: str) -> str:
    """The id of what the list belongs to, where it belongs to something."""
    if "{import_id}" in path:
        return str(app.case_import.import_file(FILE, platform="40").import_id)
    if "{notice_id}" in path:
        words = {"title": "Durations", "text": "New ones.", "platform": "40"}
        return str(someone.post("/notices", words).json()["id"])
    return str(app.access.user_named(someone.login).id)


def _pages(someone: Someone, path: str, **asked: Any) -> Iterator[list[dict[str, Any]]]:
    """Page after page, two rows each."""
    cursor: str | None = ""
    while cursor is not None:
        page = someone.get(path, params={**asked, "limit": 2, "cursor": cursor}).json()
        yield page["items"]
        cursor = page["next"]


def _all(someone: Someone, path: str, **asked: Any) -> list[dict[str, Any]]:
    return [row for page in _pages(someone, path, **asked) for row in page]


def _switched(app: App, modes: list[str], actor: str, *, minutes: int) -> None:
    at = MORNING - timedelta(minutes=minutes)
    lines = [
        JournalEntry(
            at,
            "40",
            Event.MODE_SWITCHED,
            actor,
            facts={"mode": mode, "version": 1, "reason": mode, "ends_at": None, "previous": "NORMAL"},
        )
        for mode in modes
    ]
    with app.database.begin() as connection:
        journal.write_all(connection, lines)


def test_switches_of_one_instant_are_all_found_page_by_page(app: App, hire: Hire) -> None:
    _switched(app, ["LIGHT", "NORMAL", "SMS_CONTACTS", "LIGHT", "NORMAL"], journal.by_system("t"), minutes=9)
    found = _all(hire("supervisor"), "/platforms/40/mode/history")
    assert [row["facts"]["mode"] for row in found] == ["NORMAL", "LIGHT", "SMS_CONTACTS", "NORMAL", "LIGHT"]


def test_looks_of_auto_at_one_instant_are_all_found_page_by_page(app: App, hire: Hire) -> None:
    facts = [{"mode": "NORMAL", "because": f"look {n}", "done": "STAYS"} for n in range(5)]
    auto = journal.by_system("auto")
    lines = [JournalEntry(MORNING, "40", Event.AUTO_DECIDED, auto, facts=each) for each in facts]
    with app.database.begin() as connection:
        journal.write_all(connection, lines)
    found = _all(hire("supervisor"), "/platforms/40/mode/auto/decisions")
    assert [row["facts"]["because"] for row in found] == [f"look {n}" for n in (4, 3, 2, 1, 0)]


def test_switches_are_found_by_mode_and_by_whose_act_they_were(app: App, hire: Hire) -> None:
    supervisor = hire("supervisor")
    person = journal.by_user(app.access.user_named("supervisor").id)
    _switched(app, ["LIGHT", "SMS_CONTACTS"], person, minutes=30)
    _switched(app, ["LIGHT"], journal.by_system("auto"), minutes=20)
    _switched(app, ["NORMAL"], journal.by_system("auto"), minutes=10)
    path = "/platforms/40/mode/history"
    for asked, modes in (
        ({"mode": "LIGHT"}, ["LIGHT", "LIGHT"]),
        ({"mode": ["LIGHT", "NORMAL"]}, ["NORMAL", "LIGHT", "LIGHT"]),
        ({"by": "PERSON"}, ["SMS_CONTACTS", "LIGHT"]),
        ({"by": "MACHINE"}, ["NORMAL", "LIGHT"]),
        ({"by": "MACHINE", "mode": "LIGHT"}, ["LIGHT"]),
        ({"mode": "POSITIVES_ONLY"}, []),
    ):
        assert [row["facts"]["mode"] for row in _all(supervisor, path, **asked)] == modes, asked
        csv = supervisor.get(f"{path}.csv", params=asked).text
        assert csv.count("\n") == 1 + len(modes), asked


def test_a_filter_leaves_each_switch_its_own_length(app: App, hire: Hire) -> None:
    _switched(app, ["LIGHT"], journal.by_system("t"), minutes=30)
    _switched(app, ["NORMAL"], journal.by_system("t"), minutes=20)
    _switched(app, ["LIGHT"], journal.by_system("t"), minutes=10)
    newest, oldest = _all(hire("supervisor"), "/platforms/40/mode/history", mode="LIGHT")
    assert newest["until"] is None
    assert oldest["until"] == (MORNING - timedelta(minutes=20)).isoformat().replace("+00:00", "Z")


def test_looks_of_auto_are_found_by_what_came_of_them(app: App, hire: Hire) -> None:
    supervisor, auto = hire("supervisor"), journal.by_system("auto")
    done = ["STAYS", "PROPOSED", "APPLIED", "HELD", "STAYS"]
    lines = [
        JournalEntry(
            MORNING - timedelta(minutes=n),
            "40",
            Event.AUTO_DECIDED,
            auto,
            facts={"mode": "NORMAL", "because": "", "done": each},
        )
        for n, each in enumerate(done)
    ]
    with app.database.begin() as connection:
        journal.write_all(connection, lines)
    path = "/platforms/40/mode/auto/decisions"
    for asked, expected in (
        ([], done),
        (["STAYS"], ["STAYS", "STAYS"]),
        (["HELD", "APPLIED"], ["APPLIED", "HELD"]),
    ):
        found = [row["facts"]["done"] for row in _all(supervisor, path, done=asked)]
        assert found == expected
        assert supervisor.get(f"{path}.csv", params={"done": asked}).text.count("\n") == 1 + len(expected)
    assert supervisor.get(path, params={"done": "NOTHING"}).status_code == 422


def _notice(app: App, author: UUID, title: str, *, starts: int = 0, ends: int | None = None) -> UUID:
    now = app.clock.now()
    until = None if ends is None else now + timedelta(hours=ends)
    notice = NewNotice(title, "New ones.", now + timedelta(hours=starts), until, platform="40")
    return app.steering.notices.publish(notice, author_id=author, platforms=["40"])


def test_notices_are_found_by_how_they_stand(app: App, hire: Hire) -> None:
    supervisor, lea = hire("supervisor"), hire("agent", login="lea")
    author = app.access.user_named("supervisor").id
    _notice(app, author, "over", starts=-2, ends=-1)
    _notice(app, author, "to come", starts=2)
    withdrawn = _notice(app, author, "withdrawn")
    supervisor.ask("DELETE", f"/notices/{withdrawn}")
    read = _notice(app, author, "read by all", ends=1)
    _notice(app, author, "unread")
    for reader in (lea, supervisor):
        assert reader.post(f"/notices/{read}/acknowledge").status_code == 204
    for state, titles in (
        ("OVER", ["over"]),
        ("TO_COME", ["to come"]),
        ("WITHDRAWN", ["withdrawn"]),
        ("IN_FORCE", ["unread", "read by all"]),
        ("UNREAD", ["unread"]),
    ):
        found = [row["title"] for row in _all(supervisor, "/notices/published", state=state)]
        assert found == titles, state
        file = supervisor.get("/notices/published.csv", params={"state": state}).text
        assert file.count("\n") == 1 + len(titles), state


def test_readers_come_in_pages_whoever_has_not_acknowledged_first(app: App, hire: Hire) -> None:
    supervisor = hire("supervisor")
    agents = [hire("agent", login=f"agent {n}") for n in range(5)]
    notice = _notice(app, app.access.user_named("supervisor").id, "Durations")
    for agent in (agents[1], agents[3]):
        agent.post(f"/notices/{notice}/acknowledge")
    path = f"/notices/{notice}/readers"
    logins = [row["login"] for row in _all(supervisor, path)]
    assert logins == ["agent 0", "agent 2", "agent 4", "supervisor", "agent 1", "agent 3"]
    assert [row["login"] for row in _all(supervisor, path, state="DONE")] == ["agent 1", "agent 3"]
    assert len(_all(supervisor, path, state="WAITING")) == 4


def test_imports_are_found_by_state_and_by_kind_of_file(app: App, hire: Hire) -> None:
    pilot = hire("pilot")
    done = app.case_import.import_file(FILE, platform="40").import_id
    refused = app.case_import.import_file(FILE, platform="40").import_id
    with app.database.begin() as connection:
        import_store.finish(connection, refused, ImportState.REFUSED, now=MORNING, refused_because="odd")
    for asked, expected in (
        ({}, [refused, done]),
        ({"state": "DONE"}, [done]),
        ({"state": ["REFUSED", "INCOMPLETE"]}, [refused]),
        ({"file_type": "csv"}, [refused, done]),
        ({"file_type": "spreadsheet"}, []),
    ):
        found = [row["import_id"] for row in _all(pilot, "/imports", **asked)]
        assert found == [str(each) for each in expected], asked
        assert pilot.get("/imports.csv", params=asked).text.count("\n") == 1 + len(expected), asked


def _lend(app: App, owner: str, helper: str, *, hours: int) -> int:
    terms = LoanTerms(
        owner=owner,
        helper=helper,
        share=20,
        amount=None,
        most=10,
        call_classes=frozenset({CallClass.CONTACT}),
        queues=frozenset({Queue.AGENTS}),
        languages=frozenset(),
        starts_at=MORNING - timedelta(days=2),
        ends_at=MORNING + timedelta(hours=hours),
        reason="a wave",
    )
    with app.database.begin() as connection:
        return mutual_aid_store.add(connection, terms, None)


def test_loans_come_in_pages_by_their_way_and_by_whether_they_are_over(app: App, hire: Hire) -> None:
    supervisor = hire("supervisor")
    with app.database.begin() as connection:
        add_platform(connection, "33", MORNING)
    lent, borrowed = _lend(app, "40", "33", hours=2), _lend(app, "33", "40", hours=2)
    past = [_lend(app, "40", "33", hours=-2) for _ in range(3)]
    back = _lend(app, "40", "33", hours=2)
    app.steering.mutual_aid.take_back(back, platforms=None, actor=journal.by_system("t"))
    path = "/platforms/40/loans"
    for asked, expected in (
        ({}, [back, *reversed(past), borrowed, lent]),
        ({"side": "LENT"}, [back, *reversed(past), lent]),
        ({"side": "BORROWED"}, [borrowed]),
        ({"over": True}, [back, *reversed(past)]),
        ({"over": False, "side": "LENT"}, [lent]),
    ):
        assert [row["number"] for row in _all(supervisor, path, **asked)] == expected, asked
        assert supervisor.get(f"{path}.csv", params=asked).text.count("\n") == 1 + len(expected), asked


def test_tokens_come_in_pages_by_whether_they_let_somebody_in(app: App, hire: Hire) -> None:
    administrator, _ = hire("administrator"), hire("agent", login="lea")
    whose = app.access.user_named("lea").id
    soon = app.clock.now() + timedelta(hours=1)
    app.access.new_token(whose, expires_at=soon)
    revoked, _ = app.access.new_token(whose)
    app.access.revoke_token(revoked)
    path = f"/users/{whose}/tokens"
    assert len(_all(administrator, path)) == 3
    assert len(_all(administrator, path, good=True)) == 2
    assert [row["id"] for row in _all(administrator, path, good=False)] == [str(revoked)]


def test_wall_passes_come_in_pages_without_those_of_somebody_who_left(app: App, hire: Hire) -> None:
    supervisor, gone = hire("supervisor"), hire("supervisor", login="gone")
    for maker in (supervisor, gone, gone, supervisor, gone, supervisor):
        assert maker.post("/wall-passes", {"platforms": ["40"]}).status_code == 201
    app.access.end_user(app.access.user_named("gone").id)
    found = list(_pages(supervisor, "/wall-passes"))
    assert [[row["made_by"] for row in page] for page in found] == [["supervisor"] * 2, ["supervisor"]]


def test_texts_are_found_by_channel_and_by_what_is_to_be_looked_at(app: App, hire: Hire) -> None:
    pilot = hire("pilot")
    everything = pilot.get("/scripts").json()
    sms = pilot.get("/scripts?channel=sms").json()
    assert [text["name"] for text in sms] == [t["name"] for t in everything if t["channel"] == "sms"]
    assert pilot.get("/scripts?which=DRAFTED").json() == []
    body = pilot.get("/scripts/voicemail").json()["body"]
    draft = {"language": "fr", "body": f"{body} Merci.", "reason": "Politer"}
    assert pilot.post("/scripts/voicemail/drafts", draft).status_code == 201
    (drafted,) = pilot.get("/scripts?which=DRAFTED").json()
    assert (drafted["name"], drafted["drafts"]) == ("voicemail", ["fr"])
    assert pilot.get("/scripts.csv?which=DRAFTED").text.count("\n") == 2
    for which, field in (("MISSING", "missing"), ("OWN", "own"), ("CHANGING", "scheduled")):
        found = pilot.get(f"/scripts?which={which}").json()
        assert [text["name"] for text in found] == [t["name"] for t in everything if t[field]], which


def test_versions_of_a_text_are_found_by_where_they_stand(hire: Hire) -> None:
    pilot = hire("pilot")
    body = pilot.get("/scripts/voicemail").json()["body"]
    for words in ("Merci.", "Au revoir."):
        draft = {"language": "fr", "body": f"{body} {words}", "reason": "Politer"}
        pilot.post("/scripts/voicemail/drafts", draft)
    path = "/scripts/voicemail/versions"
    assert [row["number"] for row in _all(pilot, path)] == [3, 2, 1]
    assert [row["number"] for row in _all(pilot, path, state="DRAFT")] == [3, 2]
    assert [row["number"] for row in _all(pilot, path, state="ACTIVE")] == [1]


def test_agents_are_found_by_what_they_do(app: App, hire: Hire) -> None:
    supervisor = hire("supervisor")
    for login in ("anne", "bruno"):
        agent = hire("agent", login=login)
        assert agent.post("/shift/start", {"platform": "40"}).status_code < 300
    path = "/board/agents?platform=40"
    states = {row["state"] for row in supervisor.get(path).json()}
    assert len(supervisor.get(path).json()) == 2
    (state,) = states
    assert len(supervisor.get(f"{path}&state={state}").json()) == 2
    assert supervisor.get(f"{path}&state=ON_CALL").json() == []
    assert supervisor.get(f"{path.replace('agents?', 'agents.csv?')}&state=ON_CALL").text.count("\n") == 1
