"""Every page that holds a list: its filter, its file, its further pages, and what it says of nothing."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.testclient import TestClient

import outreach.web
from outreach.bootstrap import App
from outreach.web.pages import (
    admin_pages,
    admin_system_pages,
    aid_pages,
    alarm_pages,
    audit_pages,
    board_entries_pages,
    campaign_pages,
    import_pages,
    mode_auto_pages,
    mode_pages,
    notice_publishing_pages,
    notices_pages,
    script_pages,
    training_pages,
    wall_pages,
    watch_pages,
)
from outreach.web.pages.access import SESSION_COOKIE
from tests.web import filled_lists
from tests.web.conftest import Hire, hiring
from tests.web.filled_lists import ROWS

TEMPLATES = Path(outreach.web.__file__).parent / "templates" / "pages"
ON_A_PAGE = 2
NOTHING_LEFT = "Remove the filter"
NEXT, FIRST = ("Next page", "Older", "Older lines"), ("First page", "Newest")
FEW = "a handful, which stands whole and where it is changed"
OF_NOW = "what is at this moment, drawn anew with every change"
A_FILE = "a part of one import, campaign or record: its own page says what of it may be taken away"

# Templates with a table or an empty state that are no lists of their own, and why.
NO_LIST = {
    "admin/_parts.html": "the table of admin/sign_ins.html",
    "admin/health.html": OF_NOW,
    "admin/platform.html": "one platform's hours, senders and moves",
    "board/_all.html": OF_NOW,
    "board/_now.html": "the backlog by class: each cell leads to board/entries.html",
    "campaigns/_now.html": A_FILE,
    "campaigns/_parts.html": A_FILE,
    "campaigns/standing.html": FEW,
    "desk/_contact_list.html": "contacts of the person in hand",
    "desk/_nobody.html": "a desk with nobody in hand",
    "figures/_report.html": "a day's figures, printed or written as one file",
    "figures/figures.html": "figures by day, with a file of their own",
    "frame/_chart.html": "the numbers behind a chart",
    "frame/_list.html": "what lists share",
    "imports/_counts.html": A_FILE,
    "imports/draft.html": A_FILE,
    "imports/result.html": "refused rows by reason, paged, with findings.csv; mended in place",
    "imports/undo.html": A_FILE,
    "inbox/_list.html": "conversations are opened one by one: its filters and pages are in test_inbox_pages",
    "mode/mode.html": "modes side by side; its histories are lists",
    "records/merge.html": "two records side by side",
    "rota/rota.html": "a week, by week, with a file that can be sent again",
    "scripts/compare.html": "two versions side by side",
    "search/search.html": "exact search: nobody is listed",
    "training/_contacts.html": "contacts of a practice call",
    "training/call.html": "one practice call",
}
ROW, LINE = r"<tr\b", r"<li><span>made on"
Filling = Callable[[App, Hire], Any]


def _nothing(app: App, hire: Hire) -> None:
    """It came with the program, or with the installation."""


def _readers(app: App, hire: Hire) -> str:
    for number in range(ROWS):
        hire("agent", login=f"agent-{number}")
    filled_lists.fill_notices(app, hire)
    newest = app.steering.notices.published(["40"], most=1)[0]
    return str(newest.id)


def _tokens(app: App, hire: Hire) -> str:
    hire("agent", login="lea")
    whose = app.access.user_named("lea").id
    for _ in range(ROWS):
        app.access.new_token(whose)
    return str(whose)


def _own_tokens(app: App, hire: Hire) -> None:
    for _ in range(ROWS):
        app.access.new_token(app.access.user_named("agent").id)


def _agents(app: App, hire: Hire) -> None:
    for number in range(ROWS):
        agent = hire("agent", login=f"agent-{number}")
        assert agent.post("/shift/start", {"platform": "40"}).status_code == 204


@dataclass(frozen=True)
class ListPage:
    """A page. `keeps`: a filter that leaves what `fill` brings; `leaves`: one that leaves nothing.

    `size`: where the page says how many rows stand on it; `no_…`: why there is none. `path` may hold the id
    that `fill` gives back. `lists`: of each list of the page, in their order, how its further pages are
    marked and what begins each of its rows; its file holds as many. `unfiltered`: files of lists beside the
    one that is filtered.
    """

    template: str
    path: str
    role: str
    fill: Filling
    keeps: dict[str, str] = field(default_factory=dict)
    leaves: dict[str, str] = field(default_factory=dict)
    size: tuple[Any, str] | None = None
    no_filter: str = ""
    no_pages: str = ""
    no_file: str = ""
    never_empty: bool = False
    lists: tuple[tuple[str, str], ...] = (("cursor", ROW),)
    unfiltered: frozenset[str] = frozenset()


LISTS = (
    ListPage(
        "imports/imports.html",
        "/imports",
        "pilot",
        filled_lists.fill_imports,
        {"state": "done"},
        {"state": "undone"},
        (import_pages, "SHOWN"),
    ),
    ListPage(
        "notice_publishing/notices.html",
        "/notices/publish",
        "supervisor",
        filled_lists.fill_notices,
        {"state": "UNREAD"},
        {"state": "WITHDRAWN"},
        (notice_publishing_pages, "SHOWN"),
    ),
    ListPage(
        "notice_publishing/readers.html",
        "/notices/publish/{}",
        "supervisor",
        _readers,
        {"state": "WAITING"},
        {"state": "DONE"},
        (notice_publishing_pages, "READERS"),
        never_empty=True,
    ),
    ListPage(
        "mode/history.html",
        "/mode/history",
        "supervisor",
        filled_lists.fill_switches,
        {"mode": "NORMAL", "by": "MACHINE"},
        {"by": "PERSON"},
        (mode_pages, "HISTORY"),
    ),
    ListPage(
        "mode/decisions.html",
        "/mode/decisions",
        "supervisor",
        filled_lists.fill_decisions,
        {"done": "STAYS"},
        {"done": "APPLIED"},
        (mode_auto_pages, "SHOWN"),
        lists=(("cursor", r'<li><span class="app-quiet">'),),
    ),
    ListPage(
        "board/_agents.html",
        "/board",
        "supervisor",
        _agents,
        {"doing": "IDLE"},
        {"doing": "ON_CALL"},
        no_pages="one platform's people on shift, in one look",
    ),
    ListPage(
        "board/entries.html",
        "/board/entries",
        "supervisor",
        filled_lists.fill_call_list,
        {"which": "", "state": "READY"},
        {"which": "", "state": "TEXTED"},
        (board_entries_pages, "MOST"),
    ),
    ListPage(
        "board/past_alarms.html",
        "/board/alarms",
        "supervisor",
        filled_lists.fill_alarms,
        {"state": "open"},
        {"state": "cleared"},
        (alarm_pages, "ROWS"),
    ),
    ListPage(
        "board/passes.html",
        "/board/wall/passes",
        "supervisor",
        filled_lists.fill_wall_passes,
        size=(wall_pages, "SHOWN"),
        lists=(("cursor", "board-pass"),),
        no_filter="all of them are good now, and show one's own platforms",
    ),
    ListPage(
        "aid/aid.html",
        "/aid",
        "supervisor",
        filled_lists.fill_aid,
        {"side": "LENT", "over": "no"},
        {"side": "BORROWED"},
        (aid_pages, "SHOWN"),
        lists=(("cursor", ROW), ("help", ROW)),
        unfiltered=frozenset({"/aid/help.csv"}),
    ),
    ListPage(
        "campaigns/list.html",
        "/campaigns",
        "pilot",
        filled_lists.fill_campaigns,
        {"group": "open"},
        {"group": "ended"},
        (campaign_pages, "LISTED"),
    ),
    ListPage(
        "watch/watch.html",
        "/watch",
        "supervisor",
        filled_lists.fill_watch_list,
        {"why": "NO_POSITIVE"},
        {"why": "NO_RESULT"},
        (watch_pages, "SHOWN"),
    ),
    ListPage(
        "scripts/catalog.html",
        "/scripts",
        "pilot",
        _nothing,
        {"channel": "sms"},
        {"which": "DRAFTED"},
        no_pages="the texts of the program: their number does not grow",
        never_empty=True,
    ),
    ListPage(
        "scripts/text.html",
        "/scripts/voicemail",
        "pilot",
        filled_lists.fill_versions,
        {"state": "DRAFT"},
        {"state": "WITHDRAWN"},
        (script_pages, "SHOWN"),
        never_empty=True,
    ),
    ListPage(
        "scripts/durations.html",
        "/scripts/durations",
        "pilot",
        _nothing,
        no_filter=FEW,
        no_pages=FEW,
        never_empty=True,
    ),
    ListPage(
        "admin/users.html",
        "/admin",
        "administrator",
        filled_lists.fill_users,
        {"role": "agent"},
        {"role": "auditor"},
        (admin_pages, "ROWS"),
        never_empty=True,
    ),
    ListPage(
        "admin/user.html",
        "/admin/users/{}",
        "administrator",
        _tokens,
        {},
        {"tokens": "ended"},
        (admin_pages, "TOKENS"),
        lists=(("cursor", LINE),),
        never_empty=True,
    ),
    ListPage(
        "account/account.html",
        "/account",
        "agent",
        _own_tokens,
        {},
        {"tokens": "ended"},
        (admin_pages, "TOKENS"),
        lists=(("cursor", LINE),),
        never_empty=True,
    ),
    ListPage(
        "admin/sign_ins.html",
        "/admin/sign-ins",
        "administrator",
        filled_lists.fill_sign_ins,
        {},
        {"only": "refused"},
        (admin_system_pages, "ROWS"),
        never_empty=True,
    ),
    ListPage(
        "admin/senders.html",
        "/admin/senders",
        "supervisor",
        _nothing,
        no_filter=FEW,
        no_pages=FEW,
        never_empty=True,
    ),
    ListPage(
        "admin/platforms.html",
        "/admin/platforms",
        "administrator",
        _nothing,
        no_filter=FEW,
        no_pages=FEW,
        never_empty=True,
    ),
    ListPage(
        "admin/territories.html",
        "/admin/territories",
        "administrator",
        _nothing,
        no_filter=FEW,
        no_pages=FEW,
        never_empty=True,
    ),
    ListPage(
        "admin/retention.html",
        "/admin/retention",
        "administrator",
        _nothing,
        no_filter=FEW,
        no_pages=FEW,
        never_empty=True,
        lists=(("", ROW), ("", '<form[^>]*id="keep-')),
    ),
    ListPage(
        "audit/audit.html",
        "/audit?what=glass",
        "supervisor",
        filled_lists.fill_glass,
        size=(audit_pages, "ROWS"),
        no_filter="emergencies are few; readings and changes are searched by a form that posts",
    ),
    ListPage(
        "training/training.html",
        "/training",
        "supervisor",
        filled_lists.fill_practice,
        size=(training_pages, "PAGE"),
        no_filter="everybody's or one's own, by a link",
    ),
    ListPage(
        "notices/notices.html",
        "/notices",
        "agent",
        filled_lists.fill_notices,
        size=(notices_pages, "PAGE"),
        no_filter="what one agent was told, the unread above",
        no_file="what one agent has to read",
    ),
)
BY_TEMPLATE = pytest.mark.parametrize("page", LISTS, ids=lambda page: page.template)


@dataclass(frozen=True)
class Looked:
    """A page as it came."""

    text: str

    @property
    def links(self) -> list[tuple[str, str]]:
        """Words and address of each link."""
        found = re.findall(r"<a\b[^>]*?href=\"([^\"]*)\"[^>]*>(.*?)</a>", self.text, re.DOTALL)
        return [(re.sub(r"<[^>]+>|\s+", " ", words).strip(), html.unescape(href)) for href, words in found]

    def to(self, words: str) -> list[str]:
        return [href for said, href in self.links if said == words]

    @property
    def files(self) -> list[str]:
        return [href for words, href in self.links if "(CSV)" in words]

    @property
    def further(self) -> list[str]:
        return [href for words in NEXT for href in self.to(words)]

    def rows(self, page: ListPage, place: int) -> int:
        """How many stand between a list's file and the one before it."""
        files = [0, *(each.start() for each in re.finditer(r"<a\b[^>]*>[^<]*\(CSV\)", self.text))]
        part = self.text[files[place] : files[place + 1]] if len(files) > place + 1 else self.text
        return len(re.findall(page.lists[place][1], part.rpartition("<tbody")[2]))

    @property
    def fields(self) -> set[str]:
        """Names of what the forms that look for something ask."""
        forms = re.findall(r"<form\b[^>]*method=\"get\".*?</form>", self.text, re.DOTALL)
        return {name for form in forms for name in re.findall(r"<select\b[^>]*\bname=\"([^\"]+)\"", form)}

    @property
    def empty(self) -> str:
        """What stands where nothing is."""
        found = re.search(r"<(p|div)\b[^>]*\bapp-empty\b.*?</\1>", self.text, re.DOTALL)
        return found.group() if found else ""


@dataclass(frozen=True)
class Reader:
    """Somebody signed in, without a browser."""

    web: TestClient
    cookie: str

    def get(self, path: str, **asked: str) -> Looked:
        answer = self.ask(path, **asked)
        assert answer.status_code == 200, (path, asked, answer.text[:400])
        return Looked(answer.text)

    def ask(self, path: str, **asked: str) -> Any:
        place = urlsplit(path)
        wanted = {**dict(parse_qsl(place.query, keep_blank_values=True)), **asked}
        headers = {"Cookie": f"{SESSION_COOKIE}={self.cookie}; outreach-language=en"}
        return self.web.get(place.path, params=wanted, headers=headers)


@pytest.fixture
def hire(app: App, web: TestClient) -> Hire:
    return hiring(app, web)


@pytest.fixture
def reader_of(app: App, web: TestClient, hire: Hire) -> Callable[[ListPage], Reader]:
    def reader(page: ListPage) -> Reader:
        hire(page.role)
        return Reader(web, app.sessions.open(app.access.user_named(page.role).id))

    return reader


def test_every_page_with_a_table_or_an_empty_state_is_looked_at_here_or_is_no_list() -> None:
    holding = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if re.search("<table|app-empty", path.read_text())
    }
    with_tokens = {"admin/user.html", "account/account.html"}
    assert holding | with_tokens == {page.template for page in LISTS} | set(NO_LIST)


@BY_TEMPLATE
def test_a_list_filters_pages_and_comes_as_a_file_or_says_why_not(
    page: ListPage, app: App, reader_of: Any, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = reader_of(page)
    place = page.path.format(page.fill(app, hire) or "")
    shown = reader.get(place, **page.keeps)
    _filters(page, shown)
    _comes_as_a_file(page, reader, shown)
    _keeps_its_filter_in_the_other_language(page, shown)
    _says_that_a_filter_leaves_nothing(page, reader, place)
    assert bool(page.size) != bool(page.no_pages)
    if page.size is not None:
        monkeypatch.setattr(*page.size, ON_A_PAGE)
        for number in range(len(page.lists)):
            _goes_on_page_by_page(page, reader, place, number)


def _filters(page: ListPage, shown: Looked) -> None:
    named = set(page.keeps) | set(page.leaves)
    assert named <= shown.fields
    assert bool(named) != bool(page.no_filter)


def _comes_as_a_file(page: ListPage, reader: Reader, shown: Looked) -> None:
    """Each list of the page, with as many rows."""
    assert bool(shown.files) != bool(page.no_file)
    assert page.no_file or len(shown.files) == len(page.lists)
    for number, href in enumerate(shown.files):
        assert urlsplit(href).path in page.unfiltered or _keeps(page, href)
        in_file = _rows_of_file(reader, href)
        assert in_file > 0, href
        assert in_file == shown.rows(page, number), href


def _rows_of_file(reader: Reader, href: str) -> int:
    answer = reader.ask(href)
    assert answer.headers["content-type"].startswith("text/csv"), href
    return len(list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";")))


def _keeps_its_filter_in_the_other_language(page: ListPage, shown: Looked) -> None:
    back = re.findall(r'name="back" value="([^"]*)"', shown.text)[0]
    assert _keeps(page, html.unescape(back))


def _says_that_a_filter_leaves_nothing(page: ListPage, reader: Reader, place: str) -> None:
    """And how to remove it: not the same as a list that is empty."""
    if page.leaves:
        (without,) = reader.get(place, **page.leaves).to(NOTHING_LEFT)
        assert not reader.get(without).to(NOTHING_LEFT)


def _goes_on_page_by_page(page: ListPage, reader: Reader, place: str, number: int) -> None:
    """To its last row; every page keeps the filter and leads back to the first."""
    mark = page.lists[number][0]
    pages, at, shown = 1, place, reader.get(place, **page.keeps)
    rows, files = shown.rows(page, number), shown.files
    while further := _further(shown, mark, at):
        (at,) = further
        assert _keeps(page, at)
        pages, shown = pages + 1, reader.get(at)
        rows += shown.rows(page, number)
        assert [href for words in FIRST for href in shown.to(words)], pages
    assert pages >= ROWS // ON_A_PAGE
    assert page.no_file or rows == _rows_of_file(reader, files[number])
    odd = reader.ask(place, **{mark: "%%%"})
    assert odd.status_code == 422
    assert "begin at the first page" in odd.text


def _further(shown: Looked, mark: str, at: str) -> list[str]:
    """Links that move the list of this mark on from where it stands."""
    here = _asked(at).get(mark, "")
    return [href for href in shown.further if _asked(href).get(mark, "") not in ("", here)]


def _keeps(page: ListPage, address: str) -> bool:
    """Whether an address carries the filter on."""
    asked = _asked(address)
    return all(asked.get(name, "") == value for name, value in page.keeps.items())


def _asked(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


CAN_BE_EMPTY = [page for page in LISTS if not page.never_empty]


@pytest.mark.parametrize("page", CAN_BE_EMPTY, ids=lambda page: page.template)
def test_a_list_that_is_empty_says_what_to_do_next(page: ListPage, reader_of: Any) -> None:
    shown = reader_of(page).get(page.path)
    assert NOTHING_LEFT not in shown.empty
    assert len(re.sub(r"<[^>]+>|\s+", " ", shown.empty).split()) > 4  # a sentence, not a word


@pytest.mark.parametrize(("first", "then"), [("cursor", "help"), ("help", "cursor")])
def test_of_two_lists_on_one_page_each_stays_where_it_stands_while_the_other_goes_on(
    app: App, reader_of: Any, hire: Hire, monkeypatch: pytest.MonkeyPatch, first: str, then: str
) -> None:
    page = next(each for each in LISTS if each.path == "/aid")
    reader = reader_of(page)
    page.fill(app, hire)
    monkeypatch.setattr(aid_pages, "SHOWN", ON_A_PAGE)
    (one_on,) = _further(reader.get(page.path, **page.keeps), first, page.path)
    (both_on,) = _further(reader.get(one_on), then, one_on)
    assert _keeps(page, both_on)
    assert _asked(both_on)[first] == _asked(one_on)[first]
    shown = reader.get(both_on)
    back = [_asked(href) for words in FIRST for href in shown.to(words)]
    assert all(_keeps(page, href) for words in FIRST for href in shown.to(words))
    assert sorted([not each.get("cursor"), not each.get("help")] for each in back) == [
        [False, True],
        [True, False],
    ]
    form = re.findall(r"<form\b[^>]*method=\"get\".*?</form>", shown.text, re.DOTALL)[-1]
    assert f'name="help" value="{_asked(both_on)["help"]}"' in form
    nothing = reader.get(both_on, **page.leaves, cursor="")
    (without,) = nothing.to(NOTHING_LEFT)
    assert _asked(without)["help"] == _asked(both_on)["help"]
