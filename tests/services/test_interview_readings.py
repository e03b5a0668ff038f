"""Every shipped interview can be read to its end, whatever people answer and whichever dated rules count."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.domain import dated_parameters
from outreach.domain.interview_answers import AnswerValue, as_values
from outreach.domain.interview_choice import DAY_PARAMETERS, Moments, spoken_days
from outreach.domain.interviews import IDENTITY, AnswerType, Outline, Question, parse_rendered, parse_source
from outreach.domain.scripts import Channel, Value
from outreach.rendering.catalog import shipped_catalog
from outreach.rendering.safe_templates import SafeTemplate, safe_template

CATALOG = shipped_catalog()
SHIPPED = [
    (name, language)
    for name, entry in CATALOG.entries.items()
    if entry.channel is Channel.INTERVIEW
    for language in CATALOG.languages(name)
]
RULE_DAYS = sorted({rule.effective_from for rule in CATALOG.rules})
# What a person would hear of a value that is not there, or of a template that was not filled in.
NEVER_SHOWN = ("{{", "{%", "None", " -1", "0001", "1 janvier 1", "True", "False", " 0 jour", " 0 day")


@cache
def _compiled(name: str, language: str) -> tuple[Outline, SafeTemplate]:
    source = CATALOG.source(name, language)
    assert source is not None
    variables = {**CATALOG.variables(name), **CATALOG.questions(name, source)}
    return parse_source(source), safe_template(source, variables, Channel.INTERVIEW, language)


def _answer(question: Question) -> st.SearchStrategy[AnswerValue]:
    kinds: dict[AnswerType, st.SearchStrategy[AnswerValue]] = {
        AnswerType.YES_NO: st.booleans(),
        AnswerType.DATE: st.dates(date(2020, 1, 1), date(2022, 12, 31)),
        AnswerType.CHOICE: st.sampled_from([choice.key for choice in question.choices] or [""]),
        AnswerType.NUMBER: st.integers(question.least or 0, question.most or 0),
        AnswerType.TEXT: st.sampled_from(["", "## forged | x", "? forged : yes_no : x", "Dax"]),
    }
    return st.none() | kinds[question.kind]


def _facts(day: date, *, flag: bool) -> dict[str, Value]:
    parameters = dated_parameters.in_force(CATALOG.values, country="FR", day=day)
    moments = Moments(today=day, listed_on=day, last_exposure_on=day - timedelta(days=2), household=flag)
    flags = ("adult", "vulnerable", "positive", "light", "birth_date_known", "exposure_known")
    return {
        **parameters,
        **vars(spoken_days(moments, parameters)),
        **dict.fromkeys(flags, flag),
        "platform_name": "Landes",
        "outreach_number": "+33536490001",
        "information_address": "ameli.fr",
        "person_name": "## forged | Camille",
        "result_on": day,
        "last_exposure_on": day,
        "contacts_named": 2,
    }


@pytest.mark.parametrize(("name", "language"), SHIPPED)
@given(data=st.data())
@settings(max_examples=10, deadline=None, database=None)
def test_every_way_through_an_interview_can_be_read(name: str, language: str, data: st.DataObject) -> None:
    outline, template = _compiled(name, language)
    answers = {each.key: data.draw(_answer(each), label=each.key) for each in outline.questions}
    facts = _facts(data.draw(st.sampled_from(RULE_DAYS)), flag=data.draw(st.booleans()))
    text = template.fill({**as_values(outline, answers), **facts})
    sections = parse_rendered(text, outline)
    assert sections[0].key == IDENTITY
    assert sections[-1].key == "end"
    assert {section.key for section in sections} <= outline.section_keys
    lines = [item.text for section in sections for item in section.items]
    assert not [line for line in lines for odd in NEVER_SHOWN if odd in line]
    assert all(section.items for section in sections)


def test_every_dated_rule_gives_the_days_that_scripts_speak_of() -> None:
    for day in RULE_DAYS:
        known = dated_parameters.in_force(CATALOG.values, country="FR", day=day)
        assert set(DAY_PARAMETERS) <= set(known)
