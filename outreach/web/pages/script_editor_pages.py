"""The editor of texts in three panes: the text, a sample person, and what that person would get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.sample_people import Sample
from outreach.domain.scripts import CatalogEntry, RenderedText
from outreach.domain.sms_text import Accents
from outreach.errors import InvalidInput
from outreach.rendering.filters import FILTERS
from outreach.services.access import Asker
from outreach.services.script_editing import NewText
from outreach.web.access import TheApp
from outreach.web.pages.access import PageScriptReader, PageScriptWriter, platform_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, is_part, page_router
from outreach.web.pages.script_pages import OnPlatform, Tongue, editor_of
from outreach.web.pages.script_views import Look, look_at
from outreach.web.written_values import as_written

router = page_router("/scripts")
VALUE = "value-"  # before the name of a variable, in the form
NOON = time(12)


async def _form(request: Request) -> FormData:
    return await request.form(max_fields=80, max_part_size=200_000)


TheForm = Annotated[FormData, Depends(_form)]


@dataclass(frozen=True)
class Draft:
    """What the form holds. `scope` "": for all platforms. `day`: on which it is read, "": today.

    `sample`: whom the text is tried on.
    """

    name: str
    language: str
    platform: str
    body: str
    scope: str = ""
    reason: str = ""
    day: str = ""
    sample: str = Sample.LONGEST.value

    @classmethod
    def of(cls, name: str, platform: str, form: FormData) -> Draft:
        told = {key: str(form.get(key, "")) for key in ("language", "body", "scope", "reason", "day")}
        sample = str(form.get("sample", ""))
        chosen = sample if sample in set(Sample) else Sample.LONGEST.value
        return cls(name=name, platform=platform, sample=chosen, **told)


@router.get("/{name}/edit")
def edit(
    request: Request,
    app: TheApp,
    asker: PageScriptWriter,
    name: str,
    language: Tongue = "fr",
    platform: OnPlatform = None,
    number: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """A version to begin from: the one that counts, or another by its number."""
    place = platform_of(asker, platform)
    text = app.script_reading.in_force(name, language=language, platform=place)
    body = text.body
    if number:
        versions = app.script_reading.versions(name, language=language, platforms=asker.platforms)
        body = next((each.version.body for each in versions if each.version.number == number), body)
    draft = Draft(name, language, place, body, scope=place)
    values = as_written(app.script_reading.sample(name))
    return _editor(request, app, asker, draft, values, began_in=text.language)


@router.post("/{name}/look")
def look(
    request: Request,
    app: TheApp,
    asker: PageScriptReader,
    name: str,
    form: TheForm,
) -> Response:
    """How the text of the form reads now; nothing is kept. Another person brings their own values."""
    place = platform_of(asker, str(form.get("platform", "")) or None)
    draft, values = Draft.of(name, place, form), _values(form)
    another = draft.sample != str(form.get("sample-shown", draft.sample))
    if another:
        values = as_written(app.script_reading.sample(name, Sample(draft.sample)))
    if not is_part(request):
        return _editor(request, app, asker, draft, values)
    told = {**_pane(app, draft, values), "another": another}
    return draw(request, asker, "scripts/_result.html", look=_look(app, draft, values), **told)


@router.post("/{name}/drafts")
def keep(request: Request, app: TheApp, asker: PageScriptWriter, name: str, form: TheForm) -> Response:
    """Keep the text as a draft; what no text may hold is told beside it, and nothing typed is lost."""
    place = platform_of(asker, str(form.get("platform", "")) or None)
    draft, values = Draft.of(name, place, form), _values(form)
    new = NewText(name, draft.language, draft.body, draft.reason, draft.scope)
    try:
        version, _ = app.script_editing.draft(new, editor_of(asker))
    except InvalidInput as problem:
        return _editor(request, app, asker, draft, values, problem=problem)
    return go(f"/scripts/versions/{version.id}")


def _pane(app: App, draft: Draft, values: Mapping[str, str]) -> dict[str, Any]:
    """What the pane of the sample person needs."""
    entry, people = (
        app.script_reading.scripts.catalog.entry(draft.name),
        app.script_reading.people(draft.name),
    )
    return {
        "draft": draft,
        "entry": entry,
        "values": values,
        "given": list(entry.variables.values()),
        "people": people,
        "person": next((each for each in people if each.sample == draft.sample), people[0]),
        "today": _today(app, draft).isoformat(),
    }


def _editor(
    request: Request,
    app: App,
    asker: Asker,
    draft: Draft,
    values: Mapping[str, str],
    *,
    problem: InvalidInput | None = None,
    began_in: str = "",
) -> Response:
    catalog = app.script_reading.scripts.catalog
    return draw(
        request,
        asker,
        "scripts/edit.html",
        status=200 if problem is None else 422,
        look=_look(app, draft, values),
        standard=list(catalog.standard.values()),
        parameters=catalog.parameters,
        filters=_filters_of(),
        problem=problem,
        began_in=began_in,
        **_pane(app, draft, values),
    )


def _look(app: App, draft: Draft, values: Mapping[str, str]) -> Look:
    entry = app.script_reading.scripts.catalog.entry(draft.name)
    findings = app.script_editing.lint(draft.name, draft.language, draft.body, platform=draft.platform)
    (place,) = app.steering.figures.places([draft.platform])
    return look_at(
        entry,
        _made(app, entry, draft, values),
        findings,
        body=draft.body,
        price=app.settings.sms_segment_price,
        accents=Accents(place.sms_accents),
    )


def _made(app: App, entry: CatalogEntry, draft: Draft, values: Mapping[str, str]) -> RenderedText | None:
    """None where the text, or a value, cannot be read as it stands: the findings say why."""
    known = {name: value for name, value in values.items() if name in entry.variables and value}
    try:
        return app.script_reading.preview(
            draft.name,
            language=draft.language,
            platform=draft.platform,
            body=draft.body,
            values=known,
            at=_moment(app, draft),
        )
    except InvalidInput:
        return None


def _moment(app: App, draft: Draft) -> datetime | None:
    """Noon of the chosen day, on the platform's clock; None: now."""
    (place,) = app.steering.figures.places([draft.platform])
    try:
        day = date.fromisoformat(draft.day)
    except ValueError:
        return None
    return datetime.combine(day, NOON, ZoneInfo(place.time_zone))


def _today(app: App, draft: Draft) -> date:
    (place,) = app.steering.figures.places([draft.platform])
    return app.clock.now().astimezone(ZoneInfo(place.time_zone)).date()


def _values(form: FormData) -> dict[str, str]:
    return {key.removeprefix(VALUE): str(form[key]) for key in form if key.startswith(VALUE)}


def _filters_of() -> dict[str, list[str]]:
    """By kind of variable, the filters that may follow it."""
    found: dict[str, list[str]] = {}
    for name, each in FILTERS.items():
        for kind in each.kinds:
            found.setdefault(kind.value, []).append(name)
    return found
