"""The inbox: conversations by SMS, the lines of each, and the answers agents give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Form, Query, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.answer_texts import to_fill
from outreach.domain.conversations import ConversationState
from outreach.domain.replies import Suggestion
from outreach.errors import Conflict, InvalidInput, OutreachError, TelephonyError
from outreach.services.access import Asker
from outreach.storage.inbox_store import Conversation, Filter
from outreach.web.access import TheApp, platforms_asked
from outreach.web.inbox_routes import Seen, answerer, begins_at, key_of
from outreach.web.pages.access import PageCaller
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.words import N_
from outreach.web.paging import Cursor, page_of
from outreach.web.problems import status_of

router = page_router("/inbox")
PAGE = 30
VALUE = "value-"  # before the names of what an agent fills in
TO_DO = ""
WHO = {
    TO_DO: N_("To do: mine, then nobody's"),
    "mine": N_("Mine"),
    "nobody": N_("Nobody's"),
    "all": N_("All, of colleagues too"),
}
CHOICE_COOKIE = "outreach-inbox"  # what the list showed last: no person's data
ONLY = {"": N_("All of them"), "unread": N_("Not read"), "late": N_("Late")}
Version = Annotated[int, Form()]
Text = Annotated[str, Form(max_length=200)]
Word = Annotated[str, Query(max_length=20)]


class Act(StrEnum):
    """What is done with a conversation without a word."""

    TAKE = "take"
    GIVE_BACK = "give-back"
    OPT_OUT = "opt-out"
    WRONG_PERSON = "wrong-person"
    CLOSE = "close"


async def _posted(request: Request) -> dict[str, str]:
    """A form whose fields depend on the text that is chosen."""
    return {name: str(value) for name, value in (await request.form()).items()}


Posted = Annotated[dict[str, str], Depends(_posted)]


@dataclass(frozen=True)
class Choice:
    """What a list shows, as its address says it."""

    state: ConversationState = ConversationState.OPEN
    platform: str = ""
    who: str = TO_DO
    only: str = ""
    cursor: str = ""

    @classmethod
    def remembered(cls, request: Request, asker: Asker) -> Choice:
        """What the list showed last in this browser; what cannot be any more is left out."""
        kept = dict(parse_qsl(request.cookies.get(CHOICE_COOKIE, "")))
        state, platform = kept.get("state", ""), kept.get("platform", "")
        return cls(
            ConversationState(state) if state in set(ConversationState) else ConversationState.OPEN,
            platform if platform in asker.platforms else "",
            kept["who"] if kept.get("who") in WHO else TO_DO,
            kept["only"] if kept.get("only") in ONLY else "",
        )

    def keep(self, answer: Response) -> Response:
        told = {"state": self.state.value, "platform": self.platform, "who": self.who, "only": self.only}
        answer.set_cookie(CHOICE_COOKIE, urlencode(told), path="/inbox", httponly=True, samesite="strict")
        return answer

    @property
    def is_to_do(self) -> bool:
        """What an agent expects: theirs, then whatever nobody took. What is answered is everybody's."""
        return self.who == TO_DO and self.state is ConversationState.OPEN

    def filter(self, asker: Asker, now: datetime) -> Filter:
        return Filter(
            [self.state],
            assigned_to=asker.user_id if self.who == "mine" else None,
            unassigned=self.who == "nobody" or self.is_to_do,
            unread=self.only == "unread",
            due_by=now if self.only == "late" else None,
        )


@router.get("")
def show_list(
    request: Request,
    app: TheApp,
    asker: PageCaller,
    state: ConversationState = ConversationState.OPEN,
    platform: Word = "",
    who: Word = TO_DO,
    only: Word = "",
    cursor: Cursor = "",
) -> Response:
    """Conversations, those in which somebody may be in danger first; without a choice, as they were last."""
    if not request.query_params:
        return _draw_list(request, app, asker, Choice.remembered(request, asker), "inbox/list.html")
    chosen = Choice(state, platform, who, only, cursor)
    part = request.headers.get("hx-request") == "true"
    drawn = _draw_list(request, app, asker, chosen, "inbox/_list.html" if part else "inbox/list.html")
    return drawn if part else chosen.keep(drawn)


def _draw_list(request: Request, app: App, asker: Asker, chosen: Choice, template: str) -> Response:
    platforms = platforms_asked(asker, chosen.platform)
    now, inbox = app.clock.now(), app.inbox
    before = begins_at(chosen.cursor)
    which = chosen.filter(asker, now)
    rows = inbox.page(platforms, which, before=before, most=PAGE + 1)
    shown = page_of(rows, PAGE, shown=lambda row: row, key=key_of)
    urgent = inbox.page(
        platforms, Filter([ConversationState.OPEN], suggestion=Suggestion.DISTRESS), most=PAGE
    )
    mine = _mine(app, asker, chosen, platforms, which)
    return draw(
        request,
        asker,
        template,
        now=now,
        chosen=chosen,
        urgent=urgent,
        mine=[row for row in mine if row not in urgent],
        rows=[row for row in shown.items if row not in urgent],
        next=shown.next,
        counts=inbox.counts(platforms, user_id=asker.user_id),
        logins=app.inbox_view.logins([row.assigned_to for row in (*rows, *urgent) if row.assigned_to]),
        words_of_who=WHO,
        words_of_only=ONLY,
        states=list(ConversationState),
    )


def _mine(
    app: App, asker: Asker, chosen: Choice, platforms: Sequence[str], which: Filter
) -> list[Conversation]:
    """The asker's own, above the first page of what is to be done."""
    if not chosen.is_to_do or chosen.cursor:
        return []
    own = which._replace(assigned_to=asker.user_id, unassigned=False)
    return app.inbox.page(platforms, own, most=PAGE)


@router.get("/{conversation_id}")
def show(request: Request, app: TheApp, asker: PageCaller, conversation_id: UUID) -> Response:
    """The whole conversation. Reading it is logged, and its replies count as seen."""
    return _draw(request, app, asker, conversation_id)


@router.get("/{conversation_id}/since")
def show_since(
    request: Request, app: TheApp, asker: PageCaller, conversation_id: UUID, version: int
) -> Response:
    """Whether something happened since the reader looked: a line that says so, or nothing."""
    changed = app.inbox_view.version(conversation_id, asker.platforms) != version
    return draw(request, asker, "inbox/_since.html", changed=changed, conversation_id=conversation_id)


@router.post("/{conversation_id}/preview")
def preview(
    request: Request, app: TheApp, asker: PageCaller, conversation_id: UUID, form: Posted
) -> Response:
    """What the chosen text would say, with its segments."""
    template = form.get("template", "")
    made = app.inbox_view.preview(
        conversation_id, platforms=asker.platforms, template=template, given=_values(form)
    )
    return draw(request, asker, "inbox/_preview.html", made=made)


@router.post("/{conversation_id}/answer")
def answer(
    request: Request, app: TheApp, asker: PageCaller, conversation_id: UUID, form: Posted, version: Version
) -> Response:
    """Send one of the texts that answer."""
    by, template = answerer(asker, Seen(version=version)), form.get("template", "")

    def send() -> object:
        return app.inbox.answer(conversation_id, by, template=template, given=_values(form))

    return _done(request, app, asker, conversation_id, send)


@router.post("/{conversation_id}/call-back")
def call_back(
    request: Request,
    app: TheApp,
    asker: PageCaller,
    conversation_id: UUID,
    version: Version,
    day: Text = "",
    hour: Text = "",
) -> Response:
    """Put their call on the list: as soon as possible, or at a moment on the platform's clock."""
    by = answerer(asker, Seen(version=version))

    def promise() -> object:
        zone = app.inbox_view.time_zone(conversation_id, asker.platforms)
        return app.inbox.call_back(conversation_id, by, at=_moment(day, hour, zone))

    return _done(request, app, asker, conversation_id, promise)


@router.post("/{conversation_id}/person")
def name_stranger(
    request: Request,
    app: TheApp,
    asker: PageCaller,
    conversation_id: UUID,
    version: Version,
    record: Text = "",
) -> Response:
    """Say whose number it is."""
    by = answerer(asker, Seen(version=version))

    def name() -> object:
        return app.strangers.name(conversation_id, by, _record(record))

    return _done(request, app, asker, conversation_id, name)


@router.post("/{conversation_id}/{act}")
def act(
    request: Request, app: TheApp, asker: PageCaller, conversation_id: UUID, act: Act, version: Version
) -> Response:
    """Take, give back, or answer without a word."""
    inbox, by = app.inbox, answerer(asker, Seen(version=version))
    does = {
        Act.TAKE: inbox.take,
        Act.GIVE_BACK: inbox.give_back,
        Act.OPT_OUT: inbox.opt_out,
        Act.WRONG_PERSON: inbox.wrong_person,
        Act.CLOSE: inbox.close,
    }
    return _done(request, app, asker, conversation_id, lambda: does[act](conversation_id, by))


def _done(
    request: Request, app: App, asker: Asker, conversation_id: UUID, do: Callable[[], object]
) -> Response:
    """The conversation as it stands after; with what went wrong above it, in words."""
    try:
        do()
    except (Conflict, InvalidInput, TelephonyError) as error:
        return _draw(request, app, asker, conversation_id, error=error)
    return go(f"/inbox/{conversation_id}")


def _draw(
    request: Request,
    app: App,
    asker: Asker,
    conversation_id: UUID,
    *,
    error: OutreachError | None = None,
) -> Response:
    read = app.inbox.read(conversation_id, reader=asker.user_id, platforms=asker.platforms)
    conversation = read.conversation
    users = [each for each in (conversation.assigned_to, conversation.answered_by) if each]
    return draw(
        request,
        asker,
        "inbox/conversation.html",
        status=200 if error is None else status_of(error),
        error=error,
        read=read,
        conversation=conversation,
        zone=app.inbox_view.time_zone(conversation_id, asker.platforms),
        texts=[(entry.name, to_fill(entry)) for entry in app.inbox.templates()],
        logins=app.inbox_view.logins(users),
        value=VALUE,
    )


def _values(form: Mapping[str, str]) -> dict[str, str]:
    """What was filled in for the chosen text."""
    mark = f"{VALUE}{form.get('template', '')}-"
    return {name.removeprefix(mark): each for name, each in form.items() if name.startswith(mark)}


def _moment(day: str, hour: str, zone: str) -> datetime | None:
    """Both or none. Raises InvalidInput."""
    if not day and not hour:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), tzinfo=ZoneInfo(zone))
    except ValueError:
        raise InvalidInput(
            "This moment cannot be read.", field="day", mend="Give a day and an hour, or neither."
        ) from None


def _record(typed: str) -> UUID:
    """Raises InvalidInput."""
    try:
        return UUID(typed.strip().rsplit("/", 1)[-1])
    except ValueError:
        raise InvalidInput(
            "This is not the number of a record.", field="record", mend="Copy it from the record's page."
        ) from None
