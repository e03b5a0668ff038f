"""The audit page: who read whose record and why, who changed what; what is found can be taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Form, Query, Request
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.roles import Scope
from outreach.errors import InvalidInput
from outreach.services.access import Asker
from outreach.services.audit import Change, Reading, Search
from outreach.services.break_glass import OpenedGlass
from outreach.storage.access_store import AccessReason
from outreach.storage.journal import Event
from outreach.web.access import TheApp
from outreach.web.accesses_routes import csv_answer, key_of
from outreach.web.pages.access import PageAccessReader
from outreach.web.pages.audit_facts import facts_shown
from outreach.web.pages.audit_words import EVENT_NAMES, GROUPS, REASON_NAMES
from outreach.web.pages.drawing import draw
from outreach.web.pages.filters import USUAL_ZONE
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.words import N_
from outreach.web.paging import Cursor, id_after, line_after, next_mark

router = page_router("/audit")
ROWS = 50
USUAL_DAYS = 7
READINGS, CHANGES, GLASS = "readings", "changes", "glass"
TABS = {READINGS: N_("Who read"), CHANGES: N_("Who changed what"), GLASS: N_("Opened in an emergency")}
Word = Annotated[str, Form(max_length=100)]
Asked = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True)
class Wanted:
    """What the form says, as it travels in the address: ids and days, no name."""

    what: str = READINGS
    since: str = ""
    until: str = ""
    record: str = ""
    who: str = ""
    why: str = ""
    event: str = ""
    platform: str = ""

    def address(self, path: str = "/audit", **other: str) -> str:
        """Where this is found; `other` in place of what it says."""
        given = {**vars(self), **other}
        return f"{path}?{urlencode({name: value for name, value in given.items() if value})}"


def _wanted(
    what: Asked = READINGS,
    since: Asked = "",
    until: Asked = "",
    record: Asked = "",
    who: Asked = "",
    why: Asked = "",
    event: Asked = "",
    platform: Asked = "",
) -> Wanted:
    kind = what if what in TABS else READINGS
    return Wanted(kind, since, until, record, who, why, event, platform)


WantedNow = Annotated[Wanted, Depends(_wanted)]


@router.get("")
def show(
    request: Request, app: TheApp, asker: PageAccessReader, wanted: WantedNow, cursor: Cursor = ""
) -> Response:
    """The form, and what it finds."""
    if wanted.what == GLASS:
        return _draw_glass(request, app, asker, wanted, cursor)
    try:
        found, following = _found(app, asker, wanted, cursor)
    except InvalidInput as error:
        return _draw(request, app, asker, wanted, error=error, status=422)
    return _draw(request, app, asker, wanted, found=found, following=following)


@router.post("")
def search(
    request: Request,
    app: TheApp,
    asker: PageAccessReader,
    what: Word = READINGS,
    since: Word = "",
    until: Word = "",
    record: Word = "",
    login: Word = "",
    why: Word = "",
    event: Word = "",
    platform: Word = "",
) -> Response:
    """To what was asked for; a login becomes an id on the way, so that no name is in an address."""
    wanted = _wanted(what, since, until, record.strip(), "", why, event, platform)
    try:
        who = str(app.audit.user_named(login)) if login.strip() else ""
        # Whatever else was typed is in no address: a number becomes an id.
        named = _record(app, asker, wanted.record)
    except InvalidInput as error:
        return _draw(request, app, asker, wanted, error=error, login=login, status=422)
    return go(wanted.address(who=who, record=named))


def _record(app: App, asker: Asker, written: str) -> str:
    """An id or a pseudonym as it is; for whoever reads records, the id behind a record's number."""
    try:
        app.audit.record_named(written)
    except InvalidInput:
        if Scope.CASES_READ not in asker.scopes:
            raise
        return str(app.records.search.named(written, asker))
    return written


@router.get("/readings.csv", response_class=StreamingResponse)
def export_readings(app: TheApp, asker: PageAccessReader, wanted: WantedNow) -> Response:
    """The readings found, whole."""
    return csv_answer("accesses", app.audit.readings_csv(asker, _search(app, wanted)))


@router.get("/changes.csv", response_class=StreamingResponse)
def export_changes(app: TheApp, asker: PageAccessReader, wanted: WantedNow) -> Response:
    """The changes found, whole."""
    return csv_answer("journal", app.audit.changes_csv(asker, _search(app, wanted)))


Found = Sequence[Reading | Change]


def _found(app: App, asker: Asker, wanted: Wanted, cursor: str) -> tuple[Found, str | None]:
    read = app.audit.readings if wanted.what == READINGS else app.audit.changes
    lines: Found = read(asker, _search(app, wanted), before=line_after(cursor), most=ROWS + 1)
    return lines[:ROWS], next_mark(lines, ROWS, key_of)


def _search(app: App, wanted: Wanted) -> Search:
    """What the address says, as the service takes it. Raises InvalidInput."""
    since, until = _span(app, wanted)
    return Search(
        since=since,
        until=until,
        record=wanted.record,
        user_id=_user_id(wanted.who),
        why=_reasons(wanted.why),
        events=_events(wanted.event),
        platform=wanted.platform,
    )


def _span(app: App, wanted: Wanted) -> tuple[datetime | None, datetime | None]:
    """From the first moment of a day to the end of another: the last week when nothing is said."""
    zone = ZoneInfo(USUAL_ZONE)
    if not wanted.since and (wanted.record or wanted.who):
        return None, None
    today = app.clock.now().astimezone(zone).date()
    last = _day(wanted.until, "until") or today
    first = _day(wanted.since, "since") or last - timedelta(days=USUAL_DAYS - 1)
    return (
        datetime.combine(first, time(), zone),
        datetime.combine(last + timedelta(days=1), time(), zone),
    )


def _day(written: str, field: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise InvalidInput("This is not a day.", field=field, mend="Write it as 2021-03-16.") from None


def _user_id(written: str) -> UUID | None:
    try:
        return UUID(written) if written else None
    except ValueError:
        raise InvalidInput("Nobody has this login.", field="login", mend="Write it as at sign-in.") from None


def _reasons(written: str) -> tuple[AccessReason, ...]:
    return (AccessReason(written),) if written in AccessReason.__members__ else ()


def _events(written: str) -> tuple[Event, ...]:
    """One event, or all of a group."""
    if written in Event.__members__:
        return (Event(written),)
    return tuple(GROUPS[written]) if written in GROUPS else ()


def _draw_glass(request: Request, app: App, asker: Asker, wanted: Wanted, cursor: str) -> Response:
    rows, following = _glass(app, asker, cursor)
    shown = [(row, app.audit.shown_record(asker, row.line.case_record_id)) for row in rows]
    return _draw(request, app, asker, wanted, found=shown, following=following)


def _glass(app: App, asker: Asker, cursor: str) -> tuple[Sequence[OpenedGlass], str | None]:
    rows = app.break_glass.page(
        asker.platforms,
        with_reasons=Scope.CASES_READ in asker.scopes,
        before=id_after(cursor),
        most=ROWS + 1,
    )
    return rows[:ROWS], next_mark(rows, ROWS, lambda row: str(row.line.id))


def _draw(
    request: Request, app: App, asker: Asker, wanted: Wanted, *, status: int = 200, **more: Any
) -> Response:
    values: Mapping[str, Any] = {
        "found": (),
        "following": None,
        "error": None,
        "login": _login(app, wanted.who),
        **more,
    }
    return draw(
        request,
        asker,
        "audit/audit.html",
        status=status,
        wanted=wanted,
        tabs=TABS,
        reasons=REASON_NAMES,
        groups=GROUPS,
        event_names=EVENT_NAMES,
        facts_shown=facts_shown,
        by_id=Scope.CASES_READ in asker.scopes,
        is_first="cursor" not in request.query_params,
        **values,
    )


def _login(app: App, who: str) -> str:
    """Of whoever the address names by id; "" for nobody."""
    try:
        return app.audit.login_of(UUID(who)) if who else ""
    except ValueError:
        return ""
