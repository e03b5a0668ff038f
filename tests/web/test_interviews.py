"""The script beside a call, over HTTP: identity first, answers saved as the agent goes, kept for later."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from outreach.domain.reasons import ErasureReason
from outreach.storage import journal, tables
from tests.web.case_files import CONTACT, NAMED_CONTACT, POSITIVE, leaks
from tests.web.conftest import Day, Someone
from tests.web.test_calls import bring_in, call, next_entry, until

PROOFS = {"speaking_with": "person", "name_confirmed": True, "birth_date_confirmed": True}


def _begin(day: Day, agent: Someone) -> tuple[str, str]:
    """The agent rings the next person; attempt and case record."""
    in_hand = next_entry(agent)
    attempt_id = call(agent, in_hand["entry"]["entry_id"])
    return attempt_id, in_hand["card"]["case_record"]["id"]


def _positive(day: Day, agent: Someone) -> tuple[str, str]:
    bring_in(day)
    day.company.set_phone(POSITIVE, voice="answers", talk_seconds=0)
    return _begin(day, agent)


def _put(agent: Someone, attempt_id: str, question: str, value: Any) -> Any:
    return agent.put(f"/attempts/{attempt_id}/answers/{question}", {"value": value})


def _answer(agent: Someone, attempt_id: str, **answers: Any) -> None:
    for question, value in answers.items():
        saved = _put(agent, attempt_id, question, value)
        assert saved.status_code == 200, (question, saved.text)


def _script(agent: Someone, attempt_id: str) -> dict[str, Any]:
    answer = agent.get(f"/attempts/{attempt_id}/script")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _text(script: dict[str, Any]) -> str:
    return "\n".join(line["text"] for section in script["sections"] for line in section["lines"])


def _questions(script: dict[str, Any]) -> dict[str, Any]:
    return {
        line["question"]["key"]: line["question"]
        for section in script["sections"]
        for line in section["lines"]
        if line["question"]
    }


def _end(agent: Someone, attempt_id: str, outcome: str = "PARTIAL") -> None:
    until(agent, attempt_id, "ANSWERED")
    assert agent.post(f"/attempts/{attempt_id}/outcome", {"outcome": outcome}).status_code == 200


def test_nothing_but_the_identity_check_is_shown_until_the_person_proved_who_they_are(day: Day) -> None:
    agent = day.hire("agent")
    attempt_id, _ = _positive(day, agent)
    script = _script(agent, attempt_id)
    assert (script["script"], script["version"], script["language"]) == ("positive_full", 1, "fr")
    assert [section["key"] for section in script["sections"]] == ["identity"]
    assert (script["identity_confirmed"], script["withheld"]) == (False, 9)
    assert "Zéphyrine Quatrevaux" in _text(script)
    assert "positif" not in _text(script)
    early = _put(agent, attempt_id, "has_symptoms", True)
    assert (early.status_code, early.json()["code"]) == (409, "identity_first")
    _answer(agent, attempt_id, **PROOFS)
    script = _script(agent, attempt_id)
    assert (script["identity_confirmed"], script["withheld"]) == (True, 0)
    assert "votre test du mardi 16 mars : il est positif" in _text(script)


def test_whoever_is_not_the_person_is_told_nothing(day: Day) -> None:
    agent = day.hire("agent")
    attempt_id, _ = _positive(day, agent)
    _answer(agent, attempt_id, **PROOFS)
    _answer(agent, attempt_id, name_confirmed=False)
    script = _script(agent, attempt_id)
    assert (script["identity_confirmed"], script["withheld"]) == (False, 9)
    assert "Au revoir." in _text(script)


def test_days_follow_the_answers_and_the_dated_rules(day: Day) -> None:
    agent = day.hire("agent")
    attempt_id, _ = _positive(day, agent)
    _answer(agent, attempt_id, **PROOFS)
    script = _script(agent, attempt_id)
    assert script["parameters"]["isolation_days"] == 10
    assert "rester isolé 10 jours, c'est-à-dire jusqu'au vendredi 26 mars inclus" in _text(script)
    assert "symptom_onset" not in _questions(script)
    _answer(agent, attempt_id, has_symptoms=True, symptom_onset="2021-03-13")
    assert "jusqu'au mardi 23 mars inclus" in _text(_script(agent, attempt_id))
    assert "depuis le jeudi 11 mars" in _text(_script(agent, attempt_id))
    _answer(agent, attempt_id, has_symptoms=False)
    assert "jusqu'au vendredi 26 mars inclus" in _text(_script(agent, attempt_id))


def test_a_record_tells_its_answers_in_the_words_of_the_script_that_was_read(day: Day) -> None:
    agent, supervisor = day.hire("agent"), day.hire("supervisor")
    attempt_id, record_id = _positive(day, agent)
    _answer(agent, attempt_id, **PROOFS, household_size=4)

    def told(language: str) -> dict[str, tuple[str, str, str]]:
        file = supervisor.get(f"/case-records/{record_id}/file?language={language}").json()
        return {each["question"]: (each["asked"], each["said"], each["kind"]) for each in file["answers"]}

    french = told("fr")
    assert french["speaking_with"] == ("Qui est au téléphone ?", "La personne elle-même", "choice")
    assert french["name_confirmed"][2] == "yes_no"
    assert french["household_size"][2] == "number"
    english = told("en")
    assert english["speaking_with"][1:] == ("The person", "choice")
    assert english["speaking_with"][0] != french["speaking_with"][0]
    assert "{{" not in str(french) + str(english)


def test_the_same_answer_again_changes_nothing_and_another_one_corrects_it(day: Day) -> None:
    agent = day.hire("agent")
    attempt_id, record_id = _positive(day, agent)
    _answer(agent, attempt_id, **PROOFS, household_size=4)
    first = _put(agent, attempt_id, "household_size", 4).json()
    day.app.clock.wait(60)
    assert _put(agent, attempt_id, "household_size", 4).json() == first
    _answer(agent, attempt_id, household_size=5)
    given = agent.get(f"/attempts/{attempt_id}/answers").json()
    assert [each["value"] for each in given if each["question"] == "household_size"] == [4, 5]
    assert _questions(_script(agent, attempt_id))["household_size"]["answer"]["value"] == 5
    _answer(agent, attempt_id, household_size=None)
    assert _questions(_script(agent, attempt_id))["household_size"]["answer"] is None
    told = agent.get(f"/case-records/{record_id}/answers").json()
    assert told["findings"]["household_size"] is None
    assert [each["value"] for each in told["history"]][-3:] == [4, 5, None]


@pytest.mark.parametrize(
    ("question", "value", "mend"),
    [
        ("household_size", 31, "a whole number from 1 to 30"),
        ("household_size", True, "a whole number from 1 to 30"),
        ("has_symptoms", "peut-être", "true or false"),
        ("works", "mayor", "one of on_site, at_home, none, school"),
        ("likely_source", 3, "one of household, work, friends, event, transport, unknown"),
    ],
)
def test_what_is_no_answer_is_refused_with_what_to_give(
    day: Day, question: str, value: Any, mend: str
) -> None:
    agent = day.hire("agent")
    attempt_id, _ = _positive(day, agent)
    _answer(agent, attempt_id, **PROOFS)
    refused = _put(agent, attempt_id, question, value)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_an_answer")
    assert refused.json()["errors"][0]["mend"] == mend
    assert len(agent.get(f"/attempts/{attempt_id}/answers").json()) == len(PROOFS)


def test_only_what_is_asked_now_can_be_answered(day: Day) -> None:
    agent = day.hire("agent")
    attempt_id, _ = _positive(day, agent)
    _answer(agent, attempt_id, **PROOFS)
    unknown = _put(agent, attempt_id, "shoe_size", 43)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_question")
    hidden = _put(agent, attempt_id, "symptom_onset", "2021-03-13")
    assert (hidden.status_code, hidden.json()["code"]) == (409, "not_asked")
    assert _put(agent, attempt_id, "has_symptoms", 1.5).status_code == 422


def test_answers_stand_once_the_outcome_is_said(day: Day) -> None:
    agent = day.hire("agent")
    attempt_id, _ = _positive(day, agent)
    _answer(agent, attempt_id, **PROOFS, household_size=2)
    _end(agent, attempt_id, "COMPLETED")
    late = _put(agent, attempt_id, "household_size", 3)
    assert (late.status_code, late.json()["code"]) == (409, "outcome_said")
    assert _questions(_script(agent, attempt_id))["household_size"]["answer"]["value"] == 2


def test_the_next_call_shows_what_was_answered_and_asks_the_identity_again(day: Day) -> None:
    agent = day.hire("agent")
    first, record_id = _positive(day, agent)
    _answer(agent, first, **PROOFS, breathing_trouble=False, has_symptoms=True, symptom_onset="2021-03-13")
    _end(agent, first)
    day.app.clock.wait(1800)
    day.app.call_list.keep_ready()
    second, same = _begin(day, agent)
    assert (same, second != first) == (record_id, True)
    script = _script(agent, second)
    assert not script["identity_confirmed"]
    proof = _questions(script)["speaking_with"]
    assert (proof["answer"], proof["last_time"]["value"]) == (None, "person")
    _answer(agent, second, **PROOFS)
    asked = _questions(_script(agent, second))
    assert (asked["symptom_onset"]["answer"]["value"], asked["symptom_onset"]["answer"]["attempt_id"]) == (
        "2021-03-13",
        first,
    )
    assert (asked["breathing_trouble"]["answer"], asked["breathing_trouble"]["last_time"]["value"]) == (
        None,
        False,
    )
    assert "jusqu'au mardi 23 mars inclus" in _text(_script(agent, second))


def test_the_contacts_told_of_and_not_named_yet_are_known(day: Day) -> None:
    agent, supervisor = day.hire("agent"), day.hire("supervisor")
    attempt_id, record_id = _positive(day, agent)
    _answer(agent, attempt_id, **PROOFS, contacts_to_name=2)
    assert _script(agent, attempt_id)["contacts"] == {"to_name": 2, "named": 1}
    assert "1 sur 2" in _text(_script(agent, attempt_id))
    missing = supervisor.get("/interviews/contacts-missing?platform=40").json()["items"]
    assert [(each["case_record_id"], each["to_name"], each["named"]) for each in missing] == [
        (record_id, 2, 1)
    ]
    assert agent.post(f"/case-records/{record_id}/contacts", NAMED_CONTACT).status_code == 201
    assert _script(agent, attempt_id)["contacts"] == {"to_name": 2, "named": 2}
    assert supervisor.get("/interviews/contacts-missing?platform=40").json() == {"items": [], "next": None}
    assert agent.get("/interviews/contacts-missing?platform=40").status_code == 403
    _answer(agent, attempt_id, contacts_to_name=None)
    assert _script(agent, attempt_id)["contacts"] == {"to_name": None, "named": 2}


def test_the_case_record_takes_over_what_was_answered_at_once(day: Day) -> None:
    agent, supervisor = day.hire("agent"), day.hire("supervisor")
    attempt_id, record_id = _positive(day, agent)
    _answer(agent, attempt_id, **PROOFS, works="on_site", needs_sick_leave=True)
    _answer(agent, attempt_id, works_in_collective_setting=True, vulnerable_health=True)
    facts = agent.get(f"/case-records/{record_id}").json()["case_record"]
    assert (facts["needs_sick_leave"], facts["collective_setting"], facts["vulnerable"]) == (True, True, True)
    assert "LAB-1" in supervisor.get("/exports/sick-leave.csv?platform=40").text
    _answer(agent, attempt_id, needs_sick_leave=False, works_in_collective_setting=False)
    facts = agent.get(f"/case-records/{record_id}").json()["case_record"]
    assert (facts["needs_sick_leave"], facts["collective_setting"]) == (False, True)


def test_one_s_own_call_is_answered_and_a_supervisor_may_read(day: Day) -> None:
    agent = day.hire("agent")
    attempt_id, record_id = _positive(day, agent)
    _answer(agent, attempt_id, **PROOFS)
    other, supervisor = day.hire("agent", login="other"), day.hire("supervisor")
    away = day.hire("supervisor", login="away", platforms=("64",))
    for someone, refused in ((other, 403), (away, 404)):
        assert someone.get(f"/attempts/{attempt_id}/script").status_code == refused
        assert someone.get(f"/attempts/{attempt_id}/answers").status_code == refused
    for someone in (other, supervisor, away):
        assert _put(someone, attempt_id, "household_size", 2).status_code == 403
    assert _script(supervisor, attempt_id)["identity_confirmed"]
    assert len(supervisor.get(f"/attempts/{attempt_id}/answers").json()) == len(PROOFS)
    assert other.get(f"/case-records/{record_id}/answers").status_code == 200
    assert away.get(f"/case-records/{record_id}/answers").status_code == 404
    assert day.hire("auditor").get(f"/case-records/{record_id}/answers").status_code == 403


def test_under_a_light_mode_the_light_script_is_read(day: Day) -> None:
    with day.app.database.begin() as connection:
        connection.execute(update(tables.platform_modes).values(mode="LIGHT", level=1))
    agent = day.hire("agent")
    attempt_id, _ = _positive(day, agent)
    script = _script(agent, attempt_id)
    assert (script["script"], script["parameters"]["light"]) == ("positive_light", 1)


def test_a_contact_is_told_their_own_quarantine(day: Day) -> None:
    bring_in(day)
    day.company.set_phone(POSITIVE, voice="busy")
    day.company.set_phone(CONTACT, voice="answers", talk_seconds=0)
    agent = day.hire("agent")
    missed, _ = _begin(day, agent)
    until(agent, missed, "WRAP_UP")
    agent.post(f"/attempts/{missed}/outcome", {})
    attempt_id, _ = _begin(day, agent)
    assert _script(agent, attempt_id)["script"] == "contact_full"
    _answer(agent, attempt_id, **PROOFS)
    text = _text(_script(agent, attempt_id))
    assert "remonte au dimanche 14 mars" in text
    assert "7 jours après votre dernier contact, c'est-à-dire jusqu'au dimanche 21 mars inclus" in text
    assert "quatrevaux" not in text.casefold()
    _answer(agent, attempt_id, confirms_exposure=False, exposure_on="2021-03-12")
    assert "jusqu'au vendredi 19 mars inclus" in _text(_script(agent, attempt_id))


def test_someone_who_speaks_english_is_read_an_english_script(day: Day) -> None:
    bring_in(day)
    with day.app.database.begin() as connection:
        connection.execute(update(tables.persons).values(language="en"))
    agent = day.hire("agent")
    attempt_id, _ = _begin(day, agent)
    script = _script(agent, attempt_id)
    assert script["language"] == "en"
    assert "May I speak to Zéphyrine Quatrevaux" in _text(script)


def test_the_journal_says_that_an_interview_began_and_not_what_was_answered(day: Day) -> None:
    agent = day.hire("agent")
    attempt_id, record_id = _positive(day, agent)
    _answer(agent, attempt_id, **PROOFS, has_symptoms=True, symptoms_told="Zéphyrine tousse")
    with day.app.database.begin() as connection:
        lines = journal.of_case_record(connection, record_id)  # type: ignore[arg-type]
        rows = connection.execute(select(tables.interview_answers)).all()
    begun = [line["facts"] for line in lines if line["event"] == "INTERVIEW_BEGUN"]
    assert begun == [{"script": "positive_full", "script_version": 1, "language": "fr"}]
    assert leaks(str(lines)) == []
    assert not any(b"symptoms" in row.sealed or b"tousse" in row.sealed for row in rows)


def test_the_answers_of_an_erased_person_are_gone(day: Day) -> None:
    agent = day.hire("agent")
    attempt_id, record_id = _positive(day, agent)
    _answer(agent, attempt_id, **PROOFS, household_size=3)
    _end(agent, attempt_id, "COMPLETED")
    (called,) = agent.get(f"/case-records/{record_id}").json()["references"]
    actor = journal.by_system("test")
    day.app.erasure.erase_named("40", called["source"], "LAB-1", actor=actor, because=ErasureReason.ASKED)
    assert agent.get(f"/attempts/{attempt_id}/script").status_code == 404
    assert agent.get(f"/case-records/{record_id}/answers").status_code == 404
    with day.app.database.begin() as connection:
        assert set(connection.execute(select(tables.interview_answers.c.sealed)).scalars()) == {None}
