"""The personal page, as a phone's browser, a preview and a stranger see it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select, text

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.domain.messages import MessagePurpose
from outreach.domain.reasons import ErasureReason
from outreach.ids import new_id
from outreach.queues.rate_limit import RateLimits
from outreach.services.message_queueing import MessageWish
from outreach.services.personal_links import PersonalLinks
from outreach.storage import journal, tables
from outreach.web.app import create_web_app
from tests.call_list_rows import Listed, add_contact, add_positive, entry_row
from tests.message_world import give_numbers
from tests.web.conftest import PUBLIC_URL

ANNE, BORIS = "+33639980001", "+33639980002"
BROWSER = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/124.0 Mobile Safari/537.36",
    "Sec-Fetch-Dest": "image",
    "Sec-Fetch-Mode": "no-cors",
    "Sec-Fetch-Site": "same-origin",
}


@dataclass
class Page:
    """Someone who was texted, and their page."""

    app: App
    web: TestClient
    clock: SetClock
    listed: Listed
    message_id: Any
    path: str

    def get(self, more: str = "", **headers: str) -> Any:
        return self.web.get(self.path + more, headers=headers)

    def press(self, button: str, **fields: str) -> Any:
        return self.web.post(f"{self.path}/{button}", data=fields, follow_redirects=False)

    def see(self) -> None:
        assert self.get("/seen.gif", **BROWSER).status_code == 200

    def entry(self) -> dict[str, Any]:
        with self.app.database.begin() as connection:
            return entry_row(connection, self.listed.entry_id)

    def case(self) -> dict[str, Any]:
        return self.row(tables.case_records)

    def message(self) -> dict[str, Any]:
        return self.row(tables.messages)

    def row(self, table: Any) -> dict[str, Any]:
        with self.app.database.begin() as connection:
            return dict(connection.execute(select(table)).mappings().one())

    def events(self) -> list[str]:
        with self.app.database.begin() as connection:
            return [line["event"] for line in journal.of_case_record(connection, self.listed.case_record_id)]


def page_of(app: App, web: TestClient, clock: SetClock, *numbers: str, positive: bool = False) -> Page:
    """A message that arrived, and stands for the call of a contact."""
    add = add_positive if positive else add_contact
    purpose = MessagePurpose.ANSWER if positive else MessagePurpose.CONTACT_INFORMED
    with app.database.begin() as connection:
        listed = add(connection, clock.now(), numbers=len(numbers))
        give_numbers(connection, app.vault, listed, numbers)
        wish = MessageWish(
            "40",
            listed.person_id,
            purpose,
            template="answer_instructions" if positive else "",
            case_record_id=listed.case_record_id,
            entry_id=listed.entry_id,
        )
        message_id = app.messaging.queueing.queue_message(connection, wish, now=clock.now())
        assert message_id is not None
        values = {"id": message_id, "now": clock.now(), "entry": listed.entry_id}
        connection.execute(
            text("update messages set status = 'DELIVERED', accepted_at = :now, delivered_at = :now"), values
        )
        if not positive:
            connection.execute(
                text("update call_list_entries set state = 'TEXTED', message_id = :id where id = :entry"),
                values,
            )
            connection.execute(text("update case_records set informed_at = :now"), values)
    address = PersonalLinks(app.vault, PUBLIC_URL).address_of(message_id)
    return Page(app, web, clock, listed, message_id, address.removeprefix(PUBLIC_URL))


@pytest.fixture
def page(app: App, web: TestClient, clock: SetClock) -> Page:
    return page_of(app, web, clock, ANNE)


def test_the_address_stands_in_the_text_that_was_sent(page: Page) -> None:
    message = page.message()
    with page.app.database.begin() as connection:
        wrapped = connection.execute(select(tables.person_keys.c.wrapped_key)).scalar_one()
    body = page.app.vault.person_key(message["person_id"], wrapped).open_text(message["sealed_body"])
    assert PUBLIC_URL + page.path in body
    assert message["segments"] <= 2


def test_the_page_is_small_names_nobody_and_needs_no_script(page: Page) -> None:
    answer = page.get()
    assert answer.status_code == 200
    assert len(answer.content) < 20_000
    assert "Dupont" not in answer.text
    assert "Camille" not in answer.text
    assert "<script" not in answer.text
    assert "onclick" not in answer.text
    assert '<html lang="fr">' in answer.text
    assert re.search(r"\b(7|10|14)\u00a0jours", answer.text)


def test_the_page_is_kept_by_nobody_indexed_by_nobody_and_tells_no_referrer(page: Page) -> None:
    headers = page.get().headers
    assert headers["cache-control"] == "no-store"
    assert "noindex" in headers["x-robots-tag"]
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_every_field_of_the_page_has_a_label(page: Page) -> None:
    drawn = page.get().text
    fields = re.findall(r"<(?:select|textarea|input)[^>]*id=\"(\w+)\"", drawn)
    assert len(fields) == len(re.findall(r"<(?:select|textarea|input)", drawn)) == 2
    assert all(f'<label for="{field}">' in drawn for field in fields)


def test_the_page_speaks_the_language_that_is_chosen(page: Page) -> None:
    drawn = page.get("?lang=en").text
    assert '<html lang="en">' in drawn
    assert "Your instructions" in drawn
    assert "Stay at home" in drawn
    assert '<html lang="fr">' in page.get("?lang=zz").text


def test_opening_the_page_in_a_browser_marks_the_message_read_and_closes_the_entry(page: Page) -> None:
    page.get()
    assert page.message()["status"] == "DELIVERED"
    page.see()
    assert page.message()["status"] == "READ"
    assert (page.entry()["state"], page.entry()["closed_because"]) == ("CLOSED", "SMS_READ")
    page.see()
    assert page.events().count("ATTEMPT_OUTCOME") == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"User-Agent": "facebookexternalhit/1.1 Facebot Twitterbot/1.0"},
        {"User-Agent": "WhatsApp/2.23"},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": ""},
        {"Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
    ],
)
def test_previews_and_prefetching_are_not_reading(page: Page, changed: dict[str, str]) -> None:
    page.get(**{**BROWSER, **changed})
    page.get("/seen.gif", **{**BROWSER, **changed})
    assert page.web.head(page.path).status_code in (200, 405)
    assert (page.message()["status"], page.entry()["state"]) == ("DELIVERED", "TEXTED")


@pytest.mark.parametrize(("seen", "returned"), [(True, 0), (False, 1)])
def test_a_message_opened_by_nobody_for_a_day_gives_its_contact_a_call(
    page: Page, seen: bool, returned: int
) -> None:
    page.get()
    if seen:
        page.see()
    page.clock.advance(timedelta(hours=24))
    assert page.app.messaging.sweeps.return_unread() == returned
    assert page.entry()["call_class"] == (5 if seen else 6)


def test_an_old_browser_is_believed_at_the_button(page: Page) -> None:
    page.get("/seen.gif", **{"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 12_0)"})
    assert page.message()["status"] == "DELIVERED"
    answer = page.press("read")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{page.path}?lang=")
    assert page.message()["status"] == "READ"


@pytest.mark.parametrize("seen_first", [True, False])
def test_call_me_puts_the_same_entry_on_the_list_with_its_deadline(page: Page, seen_first: bool) -> None:
    deadline = page.entry()["deadline"]
    if seen_first:
        page.see()
    assert page.press("call").status_code == 303
    entry = page.entry()
    assert (entry["state"], entry["call_class"], entry["shed_level"]) == ("WAITING", 2, 0)
    assert (entry["callback_at"], entry["deadline"]) == (page.clock.now(), deadline)
    assert page.case()["state"] == "OPEN"
    assert "un agent vous appellera dès que possible" in page.get().text


def test_call_me_may_choose_one_of_the_moments_offered(page: Page) -> None:
    offered = re.findall(r'<option value="([^"]+)"', page.get().text)
    assert len(offered) >= 5
    page.press("call", at=offered[2])
    entry = page.entry()
    assert entry["callback_at"].isoformat() > page.clock.now().isoformat()
    assert entry["not_before"] == entry["callback_at"]
    assert "un agent vous appellera mardi 16\u00a0mars" in page.get().text


@pytest.mark.parametrize("odd", ["2021-03-16T03:00:00+01:00", "2021-03-17T09:00:00", "demain", "9" * 500])
def test_another_moment_is_refused_in_words(page: Page, odd: str) -> None:
    answer = page.press("call", at=odd)
    assert answer.status_code == 422
    assert "plus proposé" in answer.text
    assert page.entry()["state"] == "TEXTED"


def test_pressing_a_button_twice_counts_once(page: Page) -> None:
    page.press("call")
    page.clock.advance(timedelta(minutes=5))
    page.press("call")
    assert page.entry()["callback_at"] < page.clock.now()
    assert page.events().count("REPLY_RECEIVED") == 1


def test_a_question_opens_a_conversation_with_its_words_sealed(page: Page) -> None:
    page.see()
    page.press("question", words="Ma fille <b>tousse</b>, que faire ?")
    talk, reply = page.row(tables.conversations), page.row(tables.inbound_messages)
    assert (talk["state"], talk["unread"], reply["channel"]) == ("OPEN", 1, "PAGE")
    assert b"tousse" not in reply["sealed_body"]
    assert page.entry()["state"] == "TEXTED"
    assert "Un agent lit votre question" in page.get().text


def test_wrong_person_frees_the_number_and_takes_the_news_back(page: Page) -> None:
    page.see()
    assert page.case()["informed_at"] is not None
    page.press("wrong")
    entry, case = page.entry(), page.case()
    assert (entry["state"], entry["queue"], entry["number_index"]) == ("WAITING", "SEARCH", None)
    assert (case["state"], case["informed_at"], case["last_outcome"]) == ("OPEN", None, "WRONG_NUMBER")
    assert page.row(tables.person_phones)["bad"]
    drawn = page.get().text
    assert "Merci de nous avoir prévenus" in drawn
    assert "<form" not in drawn
    assert "test" not in drawn
    assert "Vous avez appuyé par erreur" in drawn
    assert "tel:" in drawn


def test_wrong_person_is_about_whom_the_message_was_for_and_others_keep_the_number(page: Page) -> None:
    with page.app.database.begin() as connection:
        positive = add_positive(connection, page.clock.now())
        give_numbers(connection, page.app.vault, positive, (ANNE,))
    page.press("wrong")
    with page.app.database.begin() as connection:
        kept = entry_row(connection, positive.entry_id)
    assert (kept["number_index"], kept["queue"]) == (page.app.vault.number_index(ANNE), "AGENTS")


def test_in_a_household_the_call_that_one_asked_for_outlives_the_wrong_person_of_another(page: Page) -> None:
    page.press("call")
    before = page.entry()
    assert "/wrong" not in page.get().text
    page.press("wrong")
    assert page.entry() == before
    assert not page.row(tables.person_phones)["bad"]


def test_who_turned_positive_finds_neither_that_news_nor_the_old_entry_behind_the_old_link(
    page: Page,
) -> None:
    page.see()
    with page.app.database.begin() as connection:
        interview = new_id()
        connection.execute(text("update case_records set kind = 'POSITIVE', state = 'OPEN'"))
        closed = dict(connection.execute(select(tables.call_list_entries)).mappings().one())
        turned = {"id": interview, "state": "READY", "purpose": "INTERVIEW", "call_class": 1}
        fresh = {"message_id": None, "closed_at": None, "closed_because": None, "shed_level": 0}
        connection.execute(insert(tables.call_list_entries).values({**closed, **turned, **fresh}))
    assert "Notez le nom" not in page.get().text
    page.press("call")
    with page.app.database.begin() as connection:
        asked = entry_row(connection, interview)
    assert (asked["call_class"], asked["callback_at"]) == (1, page.clock.now())
    assert page.entry()["state"] == "CLOSED"


def test_the_address_of_a_button_opened_from_the_history_shows_the_page_and_presses_nothing(
    page: Page,
) -> None:
    for button in ("read", "call", "question", "wrong"):
        again = page.web.get(f"{page.path}/{button}", follow_redirects=False)
        assert (again.status_code, again.headers["location"]) == (303, f"{page.path}?lang=")
    assert page.message()["status"] == "DELIVERED"


def test_a_stroke_at_the_end_of_the_address_changes_nothing(page: Page) -> None:
    shown = page.web.get(f"{page.path}/", follow_redirects=False)
    assert (shown.status_code, shown.text) == (200, page.get().text)


def test_the_languages_lead_to_the_page_from_wherever_it_is_shown(page: Page) -> None:
    refused = page.press("call", at="demain")
    assert f'href="{page.path}?lang=en"' in refused.text


def test_wrong_person_leads_to_the_next_number(app: App, web: TestClient, clock: SetClock) -> None:
    page = page_of(app, web, clock, ANNE, BORIS)
    page.press("wrong")
    entry = page.entry()
    assert (entry["phone_position"], entry["number_index"]) == (1, app.vault.number_index(BORIS))
    assert (entry["call_class"], entry["queue"]) == (6, "AGENTS")


def test_after_wrong_person_no_button_does_anything(page: Page) -> None:
    page.press("wrong")
    before = page.entry()
    page.press("call")
    page.press("question", words="?")
    page.press("wrong")
    assert page.entry() == before


def test_the_figures_of_the_journal_say_that_a_wrong_person_informed_nobody(page: Page) -> None:
    page.see()
    page.press("wrong")
    day = page.clock.now() - timedelta(hours=12)
    told = page.app.service_level.figures("40", day, day + timedelta(hours=24))
    assert (told.contacts, told.contacts_informed_in_time) == (1, 0)


def test_a_positive_who_chooses_a_moment_past_the_deadline_is_called_at_once(
    app: App, web: TestClient, clock: SetClock
) -> None:
    page = page_of(app, web, clock, ANNE, positive=True)
    offered = re.findall(r'<option value="([^"]+)"', page.get().text)
    page.press("call", at=offered[-1])
    assert page.entry()["callback_at"] == clock.now()


def test_a_link_that_is_not_valid_never_tells_why(page: Page) -> None:
    unknown = page.web.get("/p/" + "a" * 17)
    odd = page.web.get("/p/odd")
    page.clock.advance(timedelta(days=15))
    expired = page.get()
    for answer in (unknown, odd, expired):
        assert answer.status_code == 404
        assert "n'est pas valable" in answer.text.replace("&#39;", "'")
        assert answer.headers["cache-control"] == "no-store"
    assert len({answer.text for answer in (unknown, odd, expired)}) == 1
    assert page.press("call").status_code == 404
    assert page.get("/seen.gif", **BROWSER).status_code == 200


def test_the_link_of_an_erased_person_is_not_valid(page: Page) -> None:
    page.app.erasure.erase(page.listed.person_id, actor="system:test", because=ErasureReason.ASKED)
    assert page.get().status_code == 404


def test_an_address_that_asks_for_too_many_pages_is_told_to_wait(page: Page) -> None:
    app = replace(
        page.app, rate_limits=RateLimits(page.app.settings.redis_url, requests=0, failures=0, pages=3)
    )
    with TestClient(create_web_app(app)) as web:
        answers = [web.get("/p/" + "a" * 17) for _ in range(3)] + [web.get(page.path)]
        assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
        assert int(answers[-1].headers["retry-after"]) <= 60
        assert "dans une minute" in answers[-1].text
        web.get(page.path + "/seen.gif", headers=BROWSER)
        assert web.post(page.path + "/call").status_code == 429
    app.rate_limits.close()
    assert (page.message()["status"], page.entry()["state"]) == ("DELIVERED", "TEXTED")


def test_more_than_a_question_is_not_taken(page: Page) -> None:
    assert page.press("question", words="x" * 10_000).status_code == 413
    page.press("question", words="é" * 1_000)
    assert len(page.row(tables.inbound_messages)["sealed_body"]) < 1_100
