"""The inbox over HTTP: conversations, and the answers agents give to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from outreach.domain.answer_texts import GIVEN_BY_US
from outreach.domain.conversations import AnsweredWith, ConversationState
from outreach.domain.replies import Suggestion
from outreach.domain.roles import Scope
from outreach.domain.scripts import VariableKind
from outreach.services.access import Asker
from outreach.services.inbox import FIRST, Answerer, ReadLine
from outreach.storage.inbox_store import Conversation, Filter
from outreach.web.access import Caller, CaseReader, TheApp, platforms_asked
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, page_of, row_after, row_key

router = APIRouter(prefix="/api/v1/inbox", tags=["inbox"], route_class=ApiRoute)
Code = Annotated[str, Query(min_length=1, max_length=20)]


class Summary(BaseModel):
    """A conversation without its words. `version` is the one to answer with.

    `suggestion`: what it may mean, STOP, WRONG_PERSON or DISTRESS; "" for nothing special.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    platform: str
    known: bool
    state: ConversationState
    unread: int
    suggestion: str
    assigned_to: UUID | None
    last_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    answered_by: UUID | None
    answered_with: AnsweredWith | None
    version: int

    @classmethod
    def of(cls, row: Conversation) -> Summary:
        return cls(known=row.person_id is not None, **{name: getattr(row, name) for name in _SHOWN})


_SHOWN = [name for name in Summary.model_fields if name != "known"]


class Said(BaseModel):
    """One SMS or reply. `kind`: purpose of an SMS, meaning of a reply; `status`: of an SMS, or channel."""

    id: UUID
    at: datetime
    ours: bool
    kind: str
    status: str
    text: str | None

    @classmethod
    def of(cls, row: ReadLine) -> Said:
        line = row.line
        return cls(id=line.id, at=line.at, ours=line.ours, kind=line.kind, status=line.status, text=row.text)


class Whole(Summary):
    """The conversation with its last 200 lines, oldest first, and the open records behind the number.

    `restricted`: records for whose reading you must say why first; until then no line has its text.
    """

    lines: list[Said]
    case_record_ids: list[UUID]
    restricted: list[UUID]


class Counted(BaseModel):
    """What is open on a platform; `unread` counts replies, the others conversations."""

    model_config = ConfigDict(from_attributes=True)

    platform: str
    open: int
    unread: int
    unassigned: int
    mine: int
    overdue: int


class ToFill(BaseModel):
    """A value the agent gives: its kind, and the words it may be."""

    name: str
    kind: VariableKind
    choices: list[str]


class AnswerText(BaseModel):
    """A text that answers."""

    name: str
    version: int
    variables: list[ToFill]


class Seen(BaseModel):
    """`version` is the one you saw: a change meanwhile answers 409 with who did what."""

    version: int


class Trial(BaseModel):
    """One of /inbox/templates, with its values: 2021-09-22, 14:30, 7 or one of the choices."""

    template: Annotated[str, Field(min_length=1, max_length=100)]
    variables: Annotated[dict[str, Annotated[str, Field(max_length=100)]], Field(max_length=10)] = {}


class Answer(Seen, Trial):
    """The text to send."""


class WouldSay(BaseModel):
    """A text as it would be sent; its link is a sample."""

    text: str
    segments: int
    language: str
    version: int


class CallBack(Seen):
    """`at` null: as soon as possible."""

    at: AwareDatetime | None = None


class Naming(Seen):
    """The record of the person whose number it is."""

    case_record_id: UUID


@router.get("")
def list_conversations(
    app: TheApp,
    asker: CaseReader,
    platform: Code | None = None,
    state: ConversationState = ConversationState.OPEN,
    mine: bool = False,
    unassigned: bool = False,
    unread: bool = False,
    late: bool = False,
    suggestion: Suggestion | None = None,
    limit: PageSize = 50,
    cursor: Cursor = "",
) -> Page[Summary]:
    """Conversations of your platforms, those with the newest reply first."""
    which = Filter(
        [state],
        assigned_to=asker.user_id if mine else None,
        unassigned=unassigned,
        unread=unread,
        due_by=app.clock.now() if late else None,
        suggestion=suggestion,
    )
    rows = app.inbox.page(
        platforms_asked(asker, platform),
        which,
        before=begins_at(cursor),
        most=limit + 1,
    )
    return page_of(rows, limit, shown=Summary.of, key=key_of)


@router.get("/counts")
def count_conversations(app: TheApp, asker: CaseReader) -> list[Counted]:
    """What is open on each of your platforms; a platform with nothing open is left out."""
    counts = app.inbox.counts(asker.platforms, user_id=asker.user_id)
    return [Counted.model_validate(count) for count in counts]


@router.get("/templates")
def list_answer_texts(app: TheApp, _: CaseReader) -> list[AnswerText]:
    """The texts that answer, and what an agent fills into each."""
    return [
        AnswerText(
            name=entry.name,
            version=entry.version,
            variables=[
                ToFill(name=name, kind=variable.kind, choices=list(variable.choices))
                for name, variable in entry.variables.items()
                if name != GIVEN_BY_US
            ],
        )
        for entry in app.inbox.templates()
    ]


@router.get("/{conversation_id}")
def read_conversation(app: TheApp, asker: CaseReader, conversation_id: UUID) -> Whole:
    """The whole conversation. Reading it is logged, and its replies count as seen."""
    read = app.inbox.read(conversation_id, reader=asker.user_id, platforms=asker.platforms)
    return Whole(
        **Summary.of(read.conversation).model_dump(),
        lines=[Said.of(line) for line in read.lines],
        case_record_ids=list(read.case_record_ids),
        restricted=list(read.restricted),
    )


@router.post("/{conversation_id}/take")
def take_conversation(app: TheApp, asker: Caller, conversation_id: UUID, body: Seen) -> Summary:
    """It is yours to answer."""
    return Summary.of(app.inbox.take(conversation_id, answerer(asker, body)))


@router.post("/{conversation_id}/give-back")
def give_back_conversation(app: TheApp, asker: Caller, conversation_id: UUID, body: Seen) -> Summary:
    """It is anybody's to answer again."""
    return Summary.of(app.inbox.give_back(conversation_id, answerer(asker, body)))


@router.post("/{conversation_id}/answer")
def answer_conversation(app: TheApp, asker: Caller, conversation_id: UUID, body: Answer) -> Summary:
    """Send one of the texts that answer. Nobody writes to the public in words of their own."""
    after_it = app.inbox.answer(
        conversation_id, answerer(asker, body), template=body.template, given=body.variables
    )
    return Summary.of(after_it)


@router.post("/{conversation_id}/preview")
def preview_answer(app: TheApp, asker: CaseReader, conversation_id: UUID, body: Trial) -> WouldSay:
    """What one of the texts would say here, and how many segments it takes. Nothing is sent."""
    made = app.inbox_view.preview(
        conversation_id, platforms=asker.platforms, template=body.template, given=body.variables
    )
    return WouldSay(text=made.text, segments=made.segments, language=made.language, version=made.version)


@router.post("/{conversation_id}/call-back")
def call_conversation_back(app: TheApp, asker: Caller, conversation_id: UUID, body: CallBack) -> Summary:
    """Put their call on the list."""
    return Summary.of(app.inbox.call_back(conversation_id, answerer(asker, body), at=body.at))


@router.post("/{conversation_id}/opt-out")
def opt_conversation_out(app: TheApp, asker: Caller, conversation_id: UUID, body: Seen) -> Summary:
    """They meant STOP: no more SMS to this number; who waits for news of us is called."""
    return Summary.of(app.inbox.opt_out(conversation_id, answerer(asker, body)))


@router.post("/{conversation_id}/wrong-person")
def find_conversation_wrong(app: TheApp, asker: Caller, conversation_id: UUID, body: Seen) -> Summary:
    """Somebody else has this number: whom we look for is called at another one, or looked up."""
    return Summary.of(app.inbox.wrong_person(conversation_id, answerer(asker, body)))


@router.post("/{conversation_id}/close")
def close_conversation(app: TheApp, asker: Caller, conversation_id: UUID, body: Seen) -> Summary:
    """Nothing was asked."""
    return Summary.of(app.inbox.close(conversation_id, answerer(asker, body)))


@router.post("/{conversation_id}/person")
def name_stranger(app: TheApp, asker: Caller, conversation_id: UUID, body: Naming) -> Summary:
    """Say whose number it is: what was said belongs to them from now on, and they can be answered."""
    return Summary.of(app.strangers.name(conversation_id, answerer(asker, body), body.case_record_id))


def answerer(asker: Asker, seen: Seen) -> Answerer:
    supervises = Scope.CALLS_SUPERVISE in asker.scopes
    return Answerer(asker.user_id, asker.platforms, seen.version, supervises=supervises)


def key_of(row: Conversation) -> str:
    """A conversation's place among them, as `begins_at` reads it."""
    return row_key(row.last_at, row.id)


def begins_at(cursor: str) -> tuple[datetime, UUID]:
    """Where a page of conversations begins. Raises InvalidInput."""
    return row_after(cursor) or FIRST
