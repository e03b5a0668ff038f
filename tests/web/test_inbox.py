"""The inbox over HTTP: what agents see, and how two of them never answer the same reply."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.domain.reasons import ErasureReason
from outreach.errors import Conflict
from outreach.services.inbox import Answerer
from outreach.storage import tables
from outreach.telephony.webhooks import InboundMessage
from tests.call_list_rows import Listed, entry_row
from tests.web.conftest import CALLER_ID, Hire, Someone
from tests.web.test_personal_page import ANNE, BORIS, Page, page_of

Write = Callable[..., None]
WITH_CHOICE = {"template": "answer_call_soon"}


@pytest.fixture
def page(app: App, web: TestClient, clock: SetClock) -> Page:
    return page_of(app, web, clock, ANNE)


@pytest.fixture
def write(app: App) -> Write:
    """Someone texts the outreach number."""
    sids = iter(range(1, 1000))

    def one(number: str, body: str) -> None:
        received = InboundMessage(f"SM{next(sids):032}", number, CALLER_ID, body)
        with app.database.begin() as connection:
            app.messaging.events.apply_inbound(connection, received, app.clock.now())

    return one


@pytest.fixture
def agent(hire: Hire) -> Someone:
    return hire("agent", login="amelie")


def first(someone: Someone) -> dict[str, Any]:
    (only,) = someone.get("/inbox").json()["items"]
    return dict(only)


def newest(someone: Someone) -> dict[str, Any]:
    return dict(someone.get("/inbox").json()["items"][0])


def act(someone: Someone, conversation: dict[str, Any], action: str, **more: Any) -> Any:
    body = {"version": conversation["version"], **more}
    return someone.post(f"/inbox/{conversation['id']}/{action}", body)


def entry(app: App, listed: Listed) -> dict[str, Any]:
    with app.database.begin() as connection:
        return entry_row(connection, listed.entry_id)


def test_agents_read_what_was_said_on_both_sides(page: Page, write: Write, agent: Someone) -> None:
    page.clock.advance(timedelta(minutes=5))
    write(ANNE, "ma fille tousse")
    listed = first(agent)
    assert (listed["state"], listed["unread"], listed["known"]) == ("OPEN", 1, True)
    whole = agent.get(f"/inbox/{listed['id']}").json()
    sent, reply = whole["lines"]
    assert (sent["ours"], sent["kind"], "CPAM" in sent["text"]) == (True, "CONTACT_INFORMED", True)
    assert (reply["ours"], reply["kind"], reply["text"]) == (False, "UNCLEAR", "ma fille tousse")
    assert whole["case_record_ids"] == [str(page.listed.case_record_id)]
    assert first(agent)["unread"] == 0


def test_what_waits_is_counted(page: Page, write: Write, agent: Someone) -> None:
    write(ANNE, "ma fille tousse")
    write(ANNE, "et moi aussi")
    write(BORIS, "Qui êtes-vous ?")
    (counted,) = agent.get("/inbox/counts").json()
    assert counted == {"platform": "40", "open": 2, "unread": 3, "unassigned": 2, "mine": 0, "overdue": 0}
    page.clock.advance(timedelta(hours=3))
    act(agent, agent.get("/inbox").json()["items"][0], "take")
    (counted,) = agent.get("/inbox/counts").json()
    assert (counted["mine"], counted["unassigned"], counted["overdue"]) == (1, 1, 2)


def test_an_answer_from_a_template_is_queued_and_ends_the_matter(
    page: Page, write: Write, agent: Someone
) -> None:
    write(ANNE, "ma fille tousse")
    done = act(agent, first(agent), "answer", template="answer_instructions")
    assert done.status_code == 200, done.text
    assert (done.json()["state"], done.json()["answered_with"]) == ("ANSWERED", "TEMPLATE")
    assert page.entry()["closed_because"] == "SMS_REPLIED"
    with page.app.database.begin() as connection:
        answers = select(tables.messages).where(tables.messages.c.purpose == "ANSWER")
        message = connection.execute(answers).mappings().one()
    assert (message["status"], message["template"]) == ("QUEUED", "answer_instructions")
    assert message["number_index"] == page.app.vault.number_index(ANNE)
    assert "REPLY_ANSWERED" in page.events()


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"template": "missed_call"}, "template"),
        ({"template": "nothing"}, "template"),
        ({"template": "answer_call_soon", "variables": {"words": "Bonjour !"}}, "words"),
    ],
)
def test_only_the_texts_that_answer_can_be_sent_and_no_words_of_ones_own(
    page: Page, write: Write, agent: Someone, answer: dict[str, Any], field: str
) -> None:
    write(ANNE, "ma fille tousse")
    refused = act(agent, first(agent), "answer", **answer)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == field
    assert first(agent)["state"] == "OPEN"


def test_the_texts_that_answer_are_listed_with_what_is_to_fill_in(agent: Someone) -> None:
    texts = {text["name"]: text for text in agent.get("/inbox/templates").json()}
    assert {"answer_call_soon", "answer_instructions", "answer_wrong_person"} <= texts.keys()
    assert texts["answer_instructions"]["variables"] == []


def test_of_two_agents_who_answer_at_once_one_is_told_of_the_other(
    page: Page, write: Write, agent: Someone, hire: Hire
) -> None:
    write(ANNE, "ma fille tousse")
    seen = first(agent)
    assert act(hire("agent", login="bruno"), seen, "call-back").status_code == 200
    late = act(agent, seen, "answer", template="answer_instructions")
    assert late.status_code == 409
    assert "bruno answered at 09:00 UTC with CALLBACK" in late.json()["detail"]
    with page.app.database.begin() as connection:
        assert len(connection.execute(select(tables.messages)).all()) == 1


def test_of_many_answers_at_the_same_instant_one_counts(
    page: Page, write: Write, agent: Someone, hire: Hire
) -> None:
    write(ANNE, "ma fille tousse")
    seen, inbox = first(agent), page.app.inbox
    with page.app.database.begin() as connection:
        user_id = connection.execute(select(tables.users.c.id)).scalar_one()
    by = Answerer(user_id, ["40"], seen["version"])
    answers = [inbox.close, inbox.call_back, inbox.opt_out, inbox.take] * 2

    def give(answer: Callable[[UUID, Answerer], object]) -> bool:
        try:
            answer(UUID(seen["id"]), by)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(len(answers)) as pool:
        assert sum(pool.map(give, answers)) == 1


def test_replies_answers_and_buttons_at_once_wait_for_each_other(
    page: Page, write: Write, agent: Someone
) -> None:
    write(ANNE, "ma fille tousse")
    seen, inbox, token = first(agent), page.app.inbox, page.path.removeprefix("/p/")
    by = Answerer(page.listed.person_id, ["40"], seen["version"])
    personal = page.app.personal_page

    def close() -> None:
        with suppress(Conflict):
            inbox.close(UUID(seen["id"]), by)

    works: list[Callable[[], object]] = [
        close,
        lambda: write(ANNE, "RAPPEL"),
        lambda: write(ANNE, "ok"),
        lambda: personal.ask_for_call(token),
        lambda: personal.read(token),
        lambda: personal.refuse_number(token),
        inbox.call_unanswered,
    ]
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works * 2]:
            done.result()
    with page.app.database.begin() as connection:
        open_now = select(tables.call_list_entries).where(tables.call_list_entries.c.state != "CLOSED")
        (entry,) = connection.execute(open_now).mappings()
    assert entry["state"] in ("WAITING", "READY")


def test_what_a_colleague_took_is_theirs_unless_a_supervisor_steps_in(
    page: Page, write: Write, agent: Someone, hire: Hire
) -> None:
    write(ANNE, "ma fille tousse")
    taken = act(agent, first(agent), "take").json()
    refused = act(hire("agent", login="bruno"), taken, "close")
    assert (refused.status_code, refused.json()["code"]) == (409, "assigned_to_another")
    assert "amelie has this conversation" in refused.json()["detail"]
    assert agent.get("/inbox?mine=true").json()["items"][0]["id"] == taken["id"]
    assert act(hire("supervisor"), taken, "give-back").json()["assigned_to"] is None


def test_calling_back_puts_a_callback_on_the_list(page: Page, write: Write, agent: Someone) -> None:
    write(ANNE, "ma fille tousse")
    at = page.clock.now() + timedelta(hours=2)
    assert act(agent, first(agent), "call-back", at=at.isoformat()).status_code == 200
    assert (page.entry()["call_class"], page.entry()["callback_at"]) == (2, at)
    late = (page.clock.now() - timedelta(hours=1)).isoformat()
    write(ANNE, "ma fille tousse encore")
    assert act(agent, first(agent), "call-back", at=late).status_code == 422


def test_an_agent_may_understand_stop(page: Page, write: Write, agent: Someone) -> None:
    write(ANNE, "Arrêtez de me harceler")
    seen = first(agent)
    assert seen["suggestion"] == "STOP"
    assert act(agent, seen, "opt-out").json()["state"] == "CLOSED"
    assert (page.entry()["state"], page.entry()["call_class"]) == ("WAITING", 6)
    write(ANNE, "j'insiste")
    no_sms = act(agent, first(agent), "answer", template="answer_instructions")
    assert (no_sms.status_code, no_sms.json()["code"]) == (409, "no_sms_possible")


def test_who_is_told_that_a_call_comes_is_on_the_list(page: Page, write: Write, agent: Someone) -> None:
    deadline = page.entry()["deadline"]
    write(ANNE, "ma fille tousse")
    done = act(agent, first(agent), "answer", template="answer_call_soon")
    assert (done.json()["state"], done.json()["answered_with"]) == ("ANSWERED", "TEMPLATE")
    entry = page.entry()
    assert (entry["state"], entry["call_class"], entry["deadline"]) == ("WAITING", 2, deadline)


@pytest.mark.parametrize(
    ("action", "more"), [("wrong-person", {}), ("answer", {"template": "answer_wrong_person"})]
)
def test_a_wrong_number_that_an_agent_understood_is_used_no_more_and_its_contact_is_called(
    page: Page, write: Write, agent: Someone, action: str, more: dict[str, str]
) -> None:
    write(ANNE, "Vous vous trompez de numéro")
    done = act(agent, first(agent), action, **more)
    assert done.status_code == 200, done.text
    entry, case = page.entry(), page.case()
    assert (entry["state"], entry["queue"], entry["call_class"]) == ("WAITING", "SEARCH", 6)
    assert (case["informed_at"], case["last_outcome"]) == (None, "WRONG_NUMBER")
    assert page.row(tables.person_phones)["bad"]


def test_closing_says_that_nothing_was_asked(page: Page, write: Write, agent: Someone) -> None:
    write(ANNE, "bonne journée à vous")
    assert act(agent, first(agent), "close").json()["answered_with"] == "NOTHING"
    assert page.entry()["closed_because"] == "SMS_REPLIED"
    assert agent.get("/inbox").json()["items"] == []
    assert len(agent.get("/inbox?state=CLOSED").json()["items"]) == 1


def test_whom_nobody_answers_in_time_is_called(page: Page, write: Write, agent: Someone) -> None:
    write(ANNE, "ma fille tousse")
    deadline = page.entry()["deadline"]
    assert page.app.inbox.call_unanswered() == 0
    page.clock.advance(timedelta(hours=2))
    assert page.app.inbox.call_unanswered() == 1
    entry = page.entry()
    assert (entry["call_class"], entry["deadline"], entry["state"]) == (2, deadline, "WAITING")
    assert page.app.inbox.call_unanswered() == 0
    talk = agent.get("/inbox?state=ANSWERED").json()["items"][0]
    assert (talk["answered_with"], talk["answered_by"]) == ("CALLBACK", None)


def test_a_stranger_stays_with_the_agents(page: Page, write: Write, agent: Someone) -> None:
    write(BORIS, "Qui êtes-vous ?")
    page.clock.advance(timedelta(hours=3))
    assert page.app.inbox.call_unanswered() == 0
    seen = first(agent)
    assert seen["known"] is False
    assert agent.get(f"/inbox/{seen['id']}").json()["lines"][0]["text"] == "Qui êtes-vous ?"
    assert act(agent, seen, "answer", template="answer_instructions").status_code == 409
    assert act(agent, seen, "call-back").status_code == 409
    assert act(agent, seen, "close").status_code == 200


def test_another_platforms_conversation_is_not_there(
    page: Page, write: Write, agent: Someone, hire: Hire
) -> None:
    write(ANNE, "ma fille tousse")
    seen = first(agent)
    with page.app.database.begin() as connection:
        connection.execute(
            text(
                "insert into platforms (code, name, time_zone, department, created_at)"
                " select '33', 'Gironde', time_zone, '33', created_at from platforms"
            )
        )
    other = hire("agent", login="other", platforms=("33",))
    assert other.get("/inbox").json()["items"] == []
    assert other.get("/inbox?platform=40").status_code == 404
    assert other.get(f"/inbox/{seen['id']}").status_code == 404
    assert act(other, seen, "close").status_code == 404


def test_long_lists_come_in_pages(page: Page, write: Write, agent: Someone) -> None:
    for n in range(5):
        page.clock.advance(timedelta(seconds=1))
        write(f"+3363998010{n}", "Qui êtes-vous ?")
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = agent.get(f"/inbox?limit=2&cursor={cursor}").json()
        found += [each["last_at"] for each in answer["items"]]
        cursor = answer["next"]
    assert len(found) == 5
    assert found == sorted(found, reverse=True)
    assert agent.get("/inbox?cursor=odd").status_code == 422


def test_an_erased_persons_words_are_gone(page: Page, write: Write, agent: Someone) -> None:
    write(ANNE, "ma fille tousse")
    seen = first(agent)
    page.app.erasure.erase(page.listed.person_id, actor="system:test", because=ErasureReason.ASKED)
    assert agent.get(f"/inbox/{seen['id']}").status_code == 404


def test_the_words_of_a_restricted_person_are_shown_to_whoever_said_why(
    page: Page, write: Write, hire: Hire
) -> None:
    supervisor, senior = hire("supervisor"), hire("senior")
    record = page.listed.case_record_id
    write(ANNE, "ma fille tousse")
    assert supervisor.put(f"/restricted-records/{record}", {}).status_code == 204
    listed = first(senior)
    whole = senior.get(f"/inbox/{listed['id']}").json()
    assert (whole["restricted"], {line["text"] for line in whole["lines"]}) == ([str(record)], {None})
    assert first(senior)["unread"] == 1
    with page.app.database.begin() as connection:
        readings = connection.execute(text("select count(*) from access_lines where why = 'CONVERSATION'"))
        assert readings.scalar() == 0
    assert act(senior, listed, "call-back").status_code == 200
    said = {"reason": "their doctor calls about them"}
    assert senior.post(f"/case-records/{record}/break-glass", said).status_code == 201
    whole = senior.get(f"/inbox/{listed['id']}").json()
    assert (whole["restricted"], whole["lines"][-1]["text"]) == ([], "ma fille tousse")
