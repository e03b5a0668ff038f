"""Answers are read by the type of their question, and tell the case."""

from __future__ import annotations

from datetime import date

import pytest

from outreach.domain.interview_answers import (
    AnswerValue,
    Findings,
    as_values,
    findings_of,
    identity_confirmed,
    read_answer,
    still_fits,
    stored_form,
)
from outreach.domain.interviews import Question, parse_source
from outreach.errors import InvalidInput

TODAY = date(2021, 3, 16)
PROVED = {"speaking_with": "person", "name_confirmed": True, "birth_date_confirmed": True}


def _question(spec: str) -> Question:
    return parse_source(f"## s | S\n? q : {spec} : Alors ?").questions[0]


@pytest.mark.parametrize(
    ("spec", "given", "value"),
    [
        ("yes_no", True, True),
        ("yes_no", False, False),
        ("yes_no", "oui", True),
        ("yes_no", "Non", False),
        ("date", "2021-03-20", date(2021, 3, 20)),
        ("date(past)", "2021-03-16", TODAY),
        ("date(past)", "12/03/2021", date(2021, 3, 12)),
        ("choice(a=Une|b=Deux)", "b", "b"),
        ("number(0..30)", 0, 0),
        ("number(0..30)", 30, 30),
        ("number(0..30)", " 7 ", 7),
        ("text(5)", "  oui", "oui"),
        ("text(5)", "", ""),
        *((spec, None, None) for spec in ("yes_no", "date", "choice(a=Une|b=Deux)", "number(0..3)", "text")),
    ],
)
def test_an_answer_has_the_type_of_its_question(spec: str, given: object, value: AnswerValue) -> None:
    question = _question(spec)
    read = read_answer(question, given, today=TODAY)
    assert read == value
    assert type(read) is type(value)
    assert still_fits(question, stored_form(read), today=TODAY) == value


@pytest.mark.parametrize(
    ("spec", "given", "mend"),
    [
        ("yes_no", "peut-être", "true or false"),
        ("yes_no", 1, "true or false"),
        ("date", "hier", "a day, as 2021-03-16"),
        ("date", 20210316, "a day, as 2021-03-16"),
        ("date", "2021-02-30", "a day, as 2021-03-16"),
        ("date(past)", "2021-03-17", "a day up to today, 2021-03-16"),
        ("choice(a=Une|b=Deux)", "c", "one of a, b"),
        ("choice(a=Une|b=Deux)", True, "one of a, b"),
        ("number(1..30)", 0, "a whole number from 1 to 30"),
        ("number(1..30)", 31, "a whole number from 1 to 30"),
        ("number(1..30)", True, "a whole number from 1 to 30"),
        ("number(1..30)", "²", "a whole number from 1 to 30"),
        ("number(1..30)", "beaucoup", "a whole number from 1 to 30"),
        ("text(3)", "quatre", "a text of at most 3 characters"),
        ("text(3)", 3, "a text of at most 3 characters"),
    ],
)
def test_what_is_no_answer_is_refused_with_what_to_give(spec: str, given: object, mend: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_answer(_question(spec), given, today=TODAY)
    assert (refused.value.mend, refused.value.field, refused.value.code) == (mend, "value", "not_an_answer")
    assert str(refused.value) == "This is no answer to q."


def test_an_answer_whose_question_changed_its_type_no_longer_counts() -> None:
    assert still_fits(_question("number(0..3)"), "yes", today=TODAY) is None


def test_conditions_compare_answers_as_words_and_numbers() -> None:
    source = """## s | S
? a : yes_no : A ?
? b : yes_no : B ?
? c : choice(x=X|y=Y) : C ?
? d : number(1..9) : D ?
? e : date : E ?
? f : text : F ?
"""
    outline = parse_source(source)
    answers: dict[str, AnswerValue] = {"a": True, "b": False, "c": "y", "d": 3, "e": TODAY, "f": "oui"}
    assert as_values(outline, answers) == {"a": "yes", "b": "no", "c": "y", "d": 3, "e": TODAY, "f": "oui"}
    assert as_values(outline, {}) == {"a": "", "b": "", "c": "", "d": -1, "e": date.min, "f": ""}


@pytest.mark.parametrize(
    ("answers", "confirmed"),
    [
        (PROVED, True),
        ({**PROVED, "speaking_with": "guardian"}, True),
        ({**PROVED, "birth_date_confirmed": None, "address_confirmed": True}, True),
        ({**PROVED, "speaking_with": "other"}, False),
        ({**PROVED, "speaking_with": None}, False),
        ({**PROVED, "name_confirmed": False}, False),
        ({**PROVED, "name_confirmed": None}, False),
        ({**PROVED, "birth_date_confirmed": False}, False),
        ({**PROVED, "birth_date_confirmed": None}, False),
        ({**PROVED, "name_confirmed": "yes"}, False),
        ({}, False),
    ],
)
def test_the_identity_needs_the_right_person_and_two_proofs(
    answers: dict[str, object], *, confirmed: bool
) -> None:
    assert identity_confirmed(answers) is confirmed


@pytest.mark.parametrize(
    ("answers", "findings"),
    [
        ({}, Findings()),
        (
            {"has_symptoms": True, "symptom_onset": "2021-03-14", "household_size": 4, "contacts_to_name": 0},
            Findings(symptom_onset=date(2021, 3, 14), household_size=4, contacts_to_name=0),
        ),
        ({"has_symptoms": False, "symptom_onset": "2021-03-14"}, Findings()),
        ({"confirms_exposure": False, "exposure_on": "2021-03-10"}, Findings(exposure_on=date(2021, 3, 10))),
        ({"confirms_exposure": True, "exposure_on": "2021-03-10"}, Findings()),
        (
            {"needs_sick_leave": True, "in_hospital": False, "works_in_collective_setting": True},
            Findings(needs_sick_leave=True, in_hospital=False, collective_setting=True),
        ),
        ({"vulnerable_health": True, "vaccinated": False}, Findings(vulnerable=True, vaccinated=False)),
        ({"household_size": True, "vaccinated": "yes", "symptom_onset": 3}, Findings()),
    ],
)
def test_the_answers_tell_the_case(answers: dict[str, object], findings: Findings) -> None:
    assert findings_of(answers) == findings
