"""Pages of texts: the catalog, one text with its versions, comparing two, letting one take effect."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Form, Query, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.scripts import Channel, ScriptState
from outreach.errors import InvalidInput, NotFound
from outreach.services.access import Asker
from outreach.services.script_editing import Editor
from outreach.services.script_reading import WhichTexts, those
from outreach.web.access import TheApp
from outreach.web.pages.access import PageScriptReader, PageScriptWriter, platform_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.script_views import ShownFinding
from outreach.web.pages.words import N_
from outreach.web.paging import Cursor, next_mark, number_after

router = page_router("/scripts")
Tongue = Annotated[str, Query(min_length=2, max_length=3, pattern="^[a-z]+$")]
Number = Annotated[int, Query(ge=1, le=1_000_000)]
OnPlatform = Annotated[str | None, Query(max_length=20)]
Code = Annotated[str, Query(max_length=20)]
SHOWN = 20
UNREAD_MOMENT = N_("This moment cannot be read.")
MEND_MOMENT = N_("Choose a day and an hour.")


@router.get("")
def catalog(
    request: Request,
    app: TheApp,
    asker: PageScriptReader,
    platform: OnPlatform = None,
    channel: Code = "",
    which: Code = "",
) -> Response:
    """Texts, with the version of each language that counts now."""
    place, only = platform_of(asker, platform), texts_asked(channel, which)
    return draw(
        request,
        asker,
        "scripts/catalog.html",
        texts=app.script_reading.texts(place, channel=only[0], which=only[1]),
        platform=place,
        channels=list(Channel),
        kinds=list(WhichTexts),
        asked={"platform": place, "channel": only[0] or "", "which": only[1] or ""},
    )


def texts_asked(channel: str, which: str) -> tuple[Channel | None, WhichTexts | None]:
    """What the form says; words that it does not have filter nothing."""
    return (
        Channel(channel) if channel in set(Channel) else None,
        WhichTexts(which) if which in set(WhichTexts) else None,
    )


@router.get("/versions/{version_id}")
def show_version(request: Request, app: TheApp, asker: PageScriptReader, version_id: UUID) -> Response:
    """One version, and what may be done with it."""
    return _version(request, app, asker, version_id)


@router.post("/versions/{version_id}/schedule")
def schedule(
    request: Request,
    app: TheApp,
    asker: PageScriptWriter,
    version_id: UUID,
    replaces: Annotated[int, Form()],
    when: Annotated[str, Form()] = "now",
    moment: Annotated[str, Form(max_length=30)] = "",
) -> Response:
    """Let a draft take effect, now or at a moment of the platform's own clock."""
    try:
        begins = None if when == "now" else _moment(app, asker, moment)
        app.script_editing.schedule(version_id, begins, editor_of(asker), replaces=replaces)
    except InvalidInput as problem:
        return _version(request, app, asker, version_id, problem=problem, when=when, moment=moment)
    return go(f"/scripts/versions/{version_id}")


@router.post("/versions/{version_id}/withdraw")
def withdraw(app: TheApp, asker: PageScriptWriter, version_id: UUID) -> Response:
    """Take a version back."""
    app.script_editing.withdraw(version_id, editor_of(asker))
    return go(f"/scripts/versions/{version_id}")


@router.get("/{name}")
def show_text(
    request: Request,
    app: TheApp,
    asker: PageScriptReader,
    name: str,
    language: Tongue = "fr",
    platform: OnPlatform = None,
    state: Code = "",
    cursor: Cursor = "",
) -> Response:
    """A text as it counts now, with its versions."""
    place = platform_of(asker, platform)
    text = next((each for each in app.script_reading.texts(place) if each.entry.name == name), None)
    if text is None:
        raise NotFound("There is no such page.")
    versions = app.script_reading.versions(name, language=language, platforms=asker.platforms)
    found = app.script_reading.in_force(name, language=language, platform=place)
    only = state_asked(state)
    shown = those(versions, only, number_after(cursor))
    return draw(
        request,
        asker,
        "scripts/text.html",
        text=text,
        platform=place,
        language=language,
        in_force=found if found.language == language else None,
        versions=shown[:SHOWN],
        next=next_mark(shown, SHOWN, lambda each: str(each.version.number)),
        is_first=not cursor,
        states=list(ScriptState),
        asked={"language": language, "platform": place, "state": only or ""},
        numbers=[each.version.number for each in versions],
    )


def state_asked(written: str) -> ScriptState | None:
    """What the form says; None: all."""
    return ScriptState(written) if written in set(ScriptState) else None


@router.get("/{name}/compare")
def compare(
    request: Request,
    app: TheApp,
    asker: PageScriptReader,
    name: str,
    old: Number,
    new: Number,
    language: Tongue = "fr",
) -> Response:
    """Two versions beside each other."""
    told = app.script_reading.compare(name, language=language, old=old, new=new, platforms=asker.platforms)
    return draw(request, asker, "scripts/compare.html", told=told, name=name, language=language)


def editor_of(asker: Asker) -> Editor:
    return Editor(asker.user_id, asker.platforms)


def text_address(name: str, **asked: str) -> str:
    """The page of a text."""
    return f"/scripts/{name}?{urlencode(asked)}"


def _version(
    request: Request,
    app: App,
    asker: Asker,
    version_id: UUID,
    *,
    problem: InvalidInput | None = None,
    when: str = "now",
    moment: str = "",
) -> Response:
    kept = app.script_reading.version(version_id, asker.platforms)
    version = kept.version
    place = version.platform or platform_of(asker, None)
    found = app.script_reading.in_force(version.name, language=version.language, platform=place)
    standing = found.number if found.language == version.language else 0
    lint = app.script_editing.lint
    findings = (
        [ShownFinding.of(each) for each in lint(version.name, version.language, version.body, platform=place)]
        if kept.state is ScriptState.DRAFT
        else []
    )
    return draw(
        request,
        asker,
        "scripts/version.html",
        status=200 if problem is None else 422,
        kept=kept,
        version=version,
        standing=standing,
        findings=findings,
        to_mend=any(finding.error for finding in findings),
        problem=problem,
        when=when,
        moment=moment,
        platform=place,
    )


def _moment(app: App, asker: Asker, written: str) -> datetime:
    """Of the clock on the platform's wall."""
    (place,) = app.steering.figures.places([platform_of(asker, None)])
    try:
        return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(place.time_zone))
    except ValueError:
        raise InvalidInput(UNREAD_MOMENT, field="moment", mend=MEND_MOMENT) from None
