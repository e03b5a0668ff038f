"""Replies that tell of danger, wrong numbers and strangers, as agents meet them in the inbox."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from outreach.clock import SetClock
from outreach.domain.reasons import ErasureReason
from tests.web.conftest import Hire, Someone
from tests.web.test_inbox import Write, act, agent, first, newest, page, write
from tests.web.test_personal_page import ANNE, BORIS, Page

__all__ = ["agent", "page", "write"]


def _alarms(who: Someone) -> list[tuple[str, str]]:
    return [(alarm["kind"], alarm["subject"]) for alarm in who.get("/alarms").json()]


def test_who_tells_of_danger_raises_an_alarm_is_called_first_and_read_by_an_agent(
    page: Page, write: Write, agent: Someone, hire: Hire
) -> None:
    supervisor = hire("supervisor")
    write(ANNE, "je n'arrive plus à respirer")
    seen = first(agent)
    assert (seen["suggestion"], seen["state"]) == ("DISTRESS", "OPEN")
    assert _alarms(supervisor) == [("DISTRESS", seen["id"])]
    assert (page.entry()["call_class"], page.entry()["front"]) == (2, 0)
    write(ANNE, "RAPPEL")
    assert (first(agent)["suggestion"], first(agent)["state"]) == ("DISTRESS", "OPEN")
    assert _alarms(supervisor) == [("DISTRESS", seen["id"])]
    assert act(agent, first(agent), "call-back").json()["state"] == "ANSWERED"
    assert _alarms(supervisor) == []
    assert agent.get("/inbox?suggestion=DISTRESS").json()["items"] == []


def test_a_stranger_who_tells_of_danger_raises_an_alarm_too(
    page: Page, write: Write, agent: Someone, hire: Hire
) -> None:
    write(BORIS, "ma mère a perdu connaissance")
    assert _alarms(hire("supervisor")) == [("DISTRESS", first(agent)["id"])]


def test_a_wrong_number_is_suggested_to_the_agent(page: Page, write: Write, agent: Someone) -> None:
    write(ANNE, "Mauvais numéro")
    assert first(agent)["suggestion"] == "WRONG_PERSON"


def test_a_list_shows_what_is_asked_for(
    page: Page, write: Write, agent: Someone, hire: Hire, clock: SetClock
) -> None:
    write(ANNE, "ma fille tousse")
    clock.advance(timedelta(seconds=1))
    write(BORIS, "Qui êtes-vous ?")
    taken = act(agent, newest(agent), "take").json()

    def found(query: str) -> int:
        return len(agent.get(f"/inbox?{query}").json()["items"])

    assert (found("unassigned=true"), found("mine=true"), found("unread=true")) == (1, 1, 2)
    agent.get(f"/inbox/{taken['id']}")
    assert (found("unread=true"), found("late=true")) == (1, 0)
    clock.advance(timedelta(hours=3))
    assert found("late=true") == 2


def test_a_stranger_who_turns_out_to_be_somebody_is_theirs_and_can_be_called(
    page: Page, write: Write, agent: Someone
) -> None:
    write(BORIS, "Qui êtes-vous ?")
    seen, record = first(agent), str(page.listed.case_record_id)
    named = act(agent, seen, "person", case_record_id=record)
    assert (named.status_code, named.json()["known"]) == (200, True)
    read = agent.get(f"/inbox/{seen['id']}").json()
    assert (read["lines"][0]["text"], read["case_record_ids"]) == ("Qui êtes-vous ?", [record])
    assert act(agent, read, "person", case_record_id=record).json()["code"] == "not_a_stranger"
    assert act(agent, read, "call-back").status_code == 200
    assert page.entry()["phone_position"] == 1
    page.app.erasure.erase(page.listed.person_id, actor="system:test", because=ErasureReason.ASKED)
    assert agent.get(f"/inbox/{seen['id']}").status_code == 404


def test_a_stranger_is_not_given_to_another_platforms_record(
    page: Page, write: Write, agent: Someone, hire: Hire
) -> None:
    write(BORIS, "Qui êtes-vous ?")
    with page.app.database.begin() as connection:
        connection.execute(
            text(
                "insert into platforms (code, name, time_zone, department, created_at)"
                " select '33', 'Gironde', time_zone, '33', created_at from platforms"
            )
        )
        connection.execute(text("update case_records set platform = '33'"))
    refused = act(agent, first(agent), "person", case_record_id=str(page.listed.case_record_id))
    assert refused.status_code == 404
