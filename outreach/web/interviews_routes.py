"""The script beside a call, the answers saved as the agent goes, and the contacts still to be named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from outreach.domain.interviews import Item, ItemKind, Question, Section
from outreach.domain.roles import Scope
from outreach.services.access import Asker
from outreach.services.answer_history import GivenAnswer
from outreach.services.interviews import Interview, Reader
from outreach.web.access import Caller, CaseReader, Supervisor, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, id_after, page_of

router = APIRouter(prefix="/api/v1", tags=["interviews"], route_class=ApiRoute)
QuestionKey = Annotated[str, Path(min_length=1, max_length=60, pattern="^[a-z][a-z0-9_]*$")]
PlatformCode = Annotated[str, Query(min_length=1, max_length=20)]
Value = bool | int | Annotated[str, Field(max_length=2000)] | None


class Answer(BaseModel):
    """`value`: true, false, a whole number, a day as 2021-03-16, a choice's key, a text; null: taken back."""

    model_config = ConfigDict(from_attributes=True)

    question: str
    value: bool | int | str | None
    attempt_id: UUID
    script: str
    script_version: int
    answered_by: UUID
    answered_at: datetime


class Choice(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    key: str
    label: str


class Asked(BaseModel):
    """A question. `answer` counts in this call, whichever call it comes from; `last_time` does not any more.

    `least`, `most`: of a number, or (`most`) the characters of a text. `past`: a day up to today.
    """

    key: str
    type: str
    choices: list[Choice]
    least: int | None
    most: int | None
    past: bool
    anew: bool
    answer: Answer | None
    last_time: Answer | None


class Line(BaseModel):
    """`kind`: say, warning, note or question; `question` is set for the last."""

    kind: ItemKind
    text: str
    question: Asked | None


class ScriptSection(BaseModel):
    key: str
    title: str
    lines: list[Line]


class Contacts(BaseModel):
    """How many contacts a positive told of (null: not asked yet), and how many were named."""

    model_config = ConfigDict(from_attributes=True)

    to_name: int | None
    named: int


class Script(BaseModel):
    """What to read now. Until the identity is confirmed in this call, `withheld` sections are not shown."""

    attempt_id: UUID
    script: str
    version: int
    language: str
    parameters: dict[str, int]
    identity_confirmed: bool
    withheld: int
    sections: list[ScriptSection]
    contacts: Contacts


class Given(BaseModel):
    """True, false, a whole number, a day as 2021-03-16, a choice's key or a text; null takes it back."""

    value: Value


class Found(BaseModel):
    """What the answers say of the case; null where nothing was answered."""

    model_config = ConfigDict(from_attributes=True)

    symptom_onset: date | None
    exposure_on: date | None
    household_size: int | None
    contacts_to_name: int | None
    needs_sick_leave: bool | None
    in_hospital: bool | None
    collective_setting: bool | None
    vulnerable: bool | None
    vaccinated: bool | None


class CaseAnswers(BaseModel):
    """All answers about a record in the order given; the last of a question counts."""

    model_config = ConfigDict(from_attributes=True)

    case_record_id: UUID
    findings: Found
    contacts: Contacts
    history: list[Answer]


class Missing(BaseModel):
    """A positive who told of more contacts than were named."""

    model_config = ConfigDict(from_attributes=True)

    case_record_id: UUID
    to_name: int
    named: int
    answered_at: datetime


@router.get("/attempts/{attempt_id}/script")
def read_script(app: TheApp, asker: CaseReader, attempt_id: UUID) -> Script:
    """What to read in this call, with the answers so far, earlier calls about the same record included."""
    return _script(app.interviews.read(attempt_id, _reader(asker)))


@router.put("/attempts/{attempt_id}/answers/{question}")
def save_answer(app: TheApp, asker: Caller, attempt_id: UUID, question: QuestionKey, body: Given) -> Answer:
    """Keep one answer of your own open call. The same again changes nothing; another value corrects it."""
    saved = app.interviews.save(asker.user_id, attempt_id, question, body.value)
    return Answer.model_validate(saved)


@router.get("/attempts/{attempt_id}/answers")
def read_answers(app: TheApp, asker: CaseReader, attempt_id: UUID) -> list[Answer]:
    """Every answer given in this call in the order given, corrections included."""
    return [Answer.model_validate(each) for each in app.interviews.answers(attempt_id, _reader(asker))]


@router.get("/case-records/{case_record_id}/answers")
def read_case_answers(app: TheApp, asker: CaseReader, case_record_id: UUID) -> CaseAnswers:
    """What all calls about this record told: who answered what, when, in which call."""
    return CaseAnswers.model_validate(app.interviews.of_case_record(case_record_id, _reader(asker)))


@router.get("/interviews/contacts-missing")
def contacts_missing(
    app: TheApp, asker: Supervisor, platform: PlatformCode, limit: PageSize = 50, cursor: Cursor = ""
) -> Page[Missing]:
    """Positives who told of more contacts than were named."""
    asker.need_platform(platform)
    rows = app.interviews.contacts_missing([platform], after=id_after(cursor), most=limit + 1)
    return page_of(rows, limit, shown=Missing.model_validate, key=lambda row: str(row.case_record_id))


def _reader(asker: Asker) -> Reader:
    return Reader(asker.user_id, tuple(asker.platforms), Scope.CALLS_SUPERVISE in asker.scopes)


def _script(interview: Interview) -> Script:
    attempt = interview.attempt
    return Script(
        attempt_id=attempt.id,
        script=attempt.script,
        version=attempt.script_version,
        language=attempt.script_language,
        parameters=dict(attempt.script_parameters),
        identity_confirmed=interview.identity_confirmed,
        withheld=interview.withheld,
        sections=[_section(each, interview) for each in interview.sections],
        contacts=Contacts.model_validate(interview.contacts),
    )


def _section(section: Section, interview: Interview) -> ScriptSection:
    lines = [_line(item, interview) for item in section.items]
    return ScriptSection(key=section.key, title=section.title, lines=lines)


def _line(item: Item, interview: Interview) -> Line:
    question = _asked(item.question, interview) if item.question is not None else None
    return Line(kind=item.kind, text=item.text, question=question)


def _asked(question: Question, interview: Interview) -> Asked:
    return Asked(
        key=question.key,
        type=question.kind.value,
        choices=[Choice.model_validate(each) for each in question.choices],
        least=question.least,
        most=question.most,
        past=question.past,
        anew=question.anew,
        answer=_answer(interview.answers, question.key),
        last_time=_answer(interview.last_time, question.key),
    )


def _answer(answers: Mapping[str, GivenAnswer], key: str) -> Answer | None:
    return Answer.model_validate(answers[key]) if key in answers else None
