"""Practice calls on invented people, over HTTP: nothing here reaches anybody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from outreach.domain.interview_answers import StoredValue
from outreach.domain.interviews import AnswerType, Item, ItemKind, Section
from outreach.domain.outcomes import CallOutcome
from outreach.domain.practice import Scenario
from outreach.domain.practice_call import Act, Colleague, Line, LineState, Slip
from outreach.domain.practice_marks import right_outcome
from outreach.services.training import PracticeView
from outreach.storage.training_store import Result
from outreach.web.access import Caller, Supervisor, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, id_after, page_of

router = APIRouter(prefix="/api/v1/training", tags=["training"], route_class=ApiRoute)
Code = Annotated[str, Field(min_length=1, max_length=20)]


class Beginning(BaseModel):
    """`scenario` and `script`: those to practise; left out: any. `language`: of script and partner."""

    platform: Code
    scenario: Scenario | None = None
    script: Annotated[str, Field(max_length=60)] = ""
    language: Annotated[str, Field(pattern="^(fr|en)$")] = "fr"


class Invented(BaseModel):
    """Nobody: the number is of the block that the regulator keeps for fiction."""

    kind: str
    family_name: str
    given_names: str
    birth_date: date | None
    address: str
    postcode: str
    town: str
    numbers: list[str]


class PracticeLine(BaseModel):
    """A line of the script; the last three are set for a question only."""

    kind: ItemKind
    text: str
    question: str | None = None
    type: AnswerType | None = None
    choices: list[str] = []

    @classmethod
    def of(cls, item: Item) -> PracticeLine:
        asked = item.question
        if asked is None:
            return cls(kind=item.kind, text=item.text)
        choices = [choice.key for choice in asked.choices]
        return cls(kind=item.kind, text=item.text, question=asked.key, type=asked.kind, choices=choices)


class PracticeSection(BaseModel):
    """As an agent reads it beside a call."""

    key: str
    title: str
    lines: list[PracticeLine]

    @classmethod
    def of(cls, section: Section) -> PracticeSection:
        lines = [PracticeLine.of(item) for item in section.items]
        return cls(key=section.key, title=section.title, lines=lines)


class SpokenShown(BaseModel):
    """`question` '': how they picked up, or no answer to any; `who`: the colleague who says it."""

    model_config = ConfigDict(from_attributes=True)

    question: str
    words: str
    who: Colleague | None


class GridMarksShown(BaseModel):
    """`wrong`: the place of a person they named, and the fields kept otherwise than said."""

    model_config = ConfigDict(from_attributes=True)

    right: int
    wrong: list[tuple[int, list[str]]]
    missing: list[int]
    extra: int


class MarksShown(BaseModel):
    """`wrong`: question, what you kept, what they had said. `slips`: what was done badly on the line."""

    outcome_right: bool
    right: int
    wrong: list[tuple[str, StoredValue, StoredValue]]
    missing: list[str]
    contacts: GridMarksShown
    slips: list[Slip]
    all_right: bool
    right_outcomes: list[CallOutcome]


class ContactTyped(BaseModel):
    """A line of the contacts grid, as typed."""

    family_name: Annotated[str, Field(max_length=120)] = ""
    given_names: Annotated[str, Field(max_length=120)] = ""
    birth_date: Annotated[str, Field(max_length=40)] = ""
    phone_1: Annotated[str, Field(max_length=40)] = ""
    last_contact_on: Annotated[str, Field(max_length=40)] = ""
    household: bool = False

    def fields(self) -> dict[str, str]:
        return {**self.model_dump(exclude={"household"}), "household": "1" if self.household else ""}


class ContactKept(BaseModel):
    """A line of the contacts grid, as kept."""

    model_config = ConfigDict(from_attributes=True)

    family_name: str
    given_names: str
    birth_date: date | None
    number: str
    last_contact_on: date | None
    household: bool


class LineShown(BaseModel):
    """What is on the line. `number`: the place of the number called last; `may`: what can be done now.

    `colleague`: whom you brought in; `summarised`: the adviser knows whom it is about.
    """

    state: LineState
    number: int
    voicemail_left: bool
    colleague: Colleague | None
    summarised: bool
    may: list[Act]

    @classmethod
    def of(cls, line: Line) -> LineShown:
        told = {name: getattr(line, name) for name in cls.model_fields if name != "may"}
        return cls(may=sorted(line.may), **told)


class Practice(BaseModel):
    """Yours. `marks` once it is over."""

    id: UUID
    platform: str
    started_at: datetime
    called_at: datetime | None
    hung_up_at: datetime | None
    ended_at: datetime | None
    outcome: CallOutcome | None
    person: Invented
    script: str
    line: LineShown
    sections: list[PracticeSection]
    withheld: int
    spoken: list[SpokenShown]
    answers: dict[str, StoredValue]
    names_contacts: bool
    contacts: list[ContactKept]
    marks: MarksShown | None

    @classmethod
    def of(cls, view: PracticeView) -> Practice:
        session, case, person = view.session, view.case, view.case.person
        return cls(
            **{name: getattr(session, name) for name in _OF_SESSION},
            person=Invented(
                kind=case.kind.value,
                numbers=list(case.numbers),
                **{name: getattr(person, name) for name in _OF_PERSON},
            ),
            script=case.script,
            line=LineShown.of(view.line),
            sections=[PracticeSection.of(each) for each in view.sections],
            withheld=view.withheld,
            spoken=[SpokenShown.model_validate(each) for each in view.spoken],
            answers=dict(view.typed.answers),
            names_contacts=view.names,
            contacts=[ContactKept.model_validate(each) for each in view.typed.contacts],
            marks=_marks(view),
        )


_OF_SESSION = ("id", "platform", "started_at", "called_at", "hung_up_at", "ended_at", "outcome")
_OF_PERSON = ("family_name", "given_names", "birth_date", "address", "postcode", "town")


class Kept(BaseModel):
    """As an answer of an interview: true, "2021-03-12", 4, a choice; null takes it back."""

    value: bool | int | str | None


class Ending(BaseModel):
    outcome: CallOutcome


class ResultShown(BaseModel):
    """A practice call that is over. `seconds`: from the call to its outcome; `slips`: on the line."""

    id: UUID
    login: str
    platform: str
    scenario: Scenario | None
    outcome: CallOutcome | None
    ended_at: datetime | None
    seconds: int
    outcome_right: bool
    right: int
    wrong: int
    missing: int
    slips: int
    all_right: bool

    @classmethod
    def of(cls, result: Result) -> ResultShown:
        session, marks = result.session, result.session.marks
        assert marks is not None, "only calls that are over have results"
        return cls(
            login=result.login,
            seconds=session.seconds,
            outcome_right=marks.outcome_right,
            right=marks.right,
            wrong=len(marks.wrong),
            missing=len(marks.missing),
            slips=len(marks.slips),
            all_right=marks.all_right,
            **{name: getattr(session, name) for name in _OF_RESULT},
        )


_OF_RESULT = ("id", "platform", "scenario", "outcome", "ended_at")


def _marks(view: PracticeView) -> MarksShown | None:
    marks = view.session.marks
    if marks is None:
        return None
    return MarksShown(
        outcome_right=marks.outcome_right,
        right=marks.right,
        wrong=[(each.question, each.given, each.truth) for each in marks.wrong],
        missing=list(marks.missing),
        contacts=GridMarksShown.model_validate(marks.grid),
        slips=list(marks.slips),
        all_right=marks.all_right,
        right_outcomes=[right_outcome(view.case, view.line)],
    )


@router.post("", status_code=201)
def begin_practice(app: TheApp, asker: Caller, body: Beginning) -> Practice:
    """A new invented person to call, or the one who waits already."""
    asker.need_platform(body.platform)
    view = app.training.begin(
        asker.user_id,
        body.platform,
        language=body.language,
        scenario=body.scenario,
        script=body.script,
    )
    return Practice.of(view)


@router.get("/scripts")
def list_scripts(app: TheApp, asker: Caller) -> list[str]:
    """The interviews that can be practised."""
    return app.training.scripts.names()


@router.get("/current")
def current_practice(app: TheApp, asker: Caller) -> Practice | None:
    """Your open practice call, or null."""
    view = app.training.current(asker.user_id)
    return None if view is None else Practice.of(view)


@router.get("/results")
def list_results(
    app: TheApp, asker: Supervisor, cursor: Cursor = "", limit: PageSize = 50
) -> Page[ResultShown]:
    """Practice calls of your platforms' agents that are over, newest first."""
    rows = app.training.results(asker.platforms, before=id_after(cursor), most=limit + 1)
    return page_of(rows, limit, shown=ResultShown.of, key=lambda row: str(row.session.id))


@router.get("/mine")
def list_my_results(
    app: TheApp, asker: Caller, cursor: Cursor = "", limit: PageSize = 50
) -> Page[ResultShown]:
    """Your practice calls that are over, newest first."""
    before = id_after(cursor)
    rows = app.training.results(asker.platforms, user_id=asker.user_id, before=before, most=limit + 1)
    return page_of(rows, limit, shown=ResultShown.of, key=lambda row: str(row.session.id))


@router.get("/{session_id}")
def read_practice(app: TheApp, asker: Caller, session_id: UUID) -> Practice:
    """One of yours."""
    return Practice.of(app.training.read(asker.user_id, session_id))


@router.post("/{session_id}/call")
def call_partner(app: TheApp, asker: Caller, session_id: UUID) -> Practice:
    """The practice partner picks up; no line is used."""
    return Practice.of(app.training.act(asker.user_id, session_id, Act.CALL))


@router.post("/{session_id}/line/{act}")
def act_on_line(app: TheApp, asker: Caller, session_id: UUID, act: Act) -> Practice:
    """A button of the call bar; which of them are possible now, `line.may` says."""
    return Practice.of(app.training.act(asker.user_id, session_id, act))


@router.post("/{session_id}/contacts")
def add_contact(app: TheApp, asker: Caller, session_id: UUID, body: ContactTyped) -> Practice:
    """A line of the contacts grid."""
    return Practice.of(app.training.add_contact(asker.user_id, session_id, body.fields()))


@router.delete("/{session_id}/contacts/{row}")
def remove_contact(app: TheApp, asker: Caller, session_id: UUID, row: int) -> Practice:
    """Take a line, counted from 1, out of the grid."""
    return Practice.of(app.training.remove_contact(asker.user_id, session_id, row))


@router.post("/{session_id}/questions/{question}")
def ask_partner(app: TheApp, asker: Caller, session_id: UUID, question: str) -> Practice:
    """Put a question of the script to the partner; `contacts` asks whom they met."""
    return Practice.of(app.training.ask(asker.user_id, session_id, question))


@router.put("/{session_id}/answers/{question}")
def keep_answer(app: TheApp, asker: Caller, session_id: UUID, question: str, body: Kept) -> Practice:
    """Keep what they said."""
    return Practice.of(app.training.answer(asker.user_id, session_id, question, body.value))


@router.post("/{session_id}/hang-up")
def hang_up_partner(app: TheApp, asker: Caller, session_id: UUID) -> Practice:
    """The conversation is over."""
    return Practice.of(app.training.act(asker.user_id, session_id, Act.HANG_UP))


@router.post("/{session_id}/outcome")
def finish_practice(app: TheApp, asker: Caller, session_id: UUID, body: Ending) -> Practice:
    """How it went; your marks come with the answer."""
    return Practice.of(app.training.finish(asker.user_id, session_id, body.outcome))


@router.delete("/{session_id}", status_code=204)
def give_practice_up(app: TheApp, asker: Caller, session_id: UUID) -> None:
    """Leave it without marks."""
    app.training.give_up(asker.user_id, session_id)
