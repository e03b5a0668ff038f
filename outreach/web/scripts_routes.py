"""Texts: what is said now, drafts and the dates on which they take effect, durations by decree."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime

from outreach.domain.scripts import Channel, ScriptState, ScriptVersion
from outreach.services.access import Asker
from outreach.services.script_editing import Editor, NewText
from outreach.services.script_reading import VersionState, WhichTexts
from outreach.web.access import ScriptReader, ScriptWriter, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, number_after, page_of
from outreach.web.script_models import (
    AccentChoice,
    Activation,
    DatedNumber,
    Diff,
    Drafted,
    NumberToSet,
    Parameters,
    SampleShown,
    Schedule,
    ShownRow,
    Text,
    TextRead,
    TextToDraft,
    TextToJudge,
    TextToTry,
    ToMend,
    Tried,
    Version,
    WhatChanged,
    read_text,
)
from outreach.web.written_values import as_written

router = APIRouter(prefix="/api/v1", tags=["scripts"], route_class=ApiRoute)
Name = Annotated[str, Path(max_length=60, pattern="^[a-z0-9_]+$")]
Tongue = Annotated[str, Query(min_length=2, max_length=3, pattern="^[a-z]+$", description="Two letters.")]
OnPlatform = Annotated[str, Query(max_length=20, description="As it counts there; your first platform.")]
PlatformCode = Annotated[str, Path(min_length=1, max_length=20)]
Number = Annotated[int, Query(ge=1, le=1_000_000)]


@router.get("/scripts")
def list_texts(
    app: TheApp,
    asker: ScriptReader,
    platform: OnPlatform = "",
    channel: Channel | None = None,
    which: WhichTexts | None = None,
) -> list[Text]:
    """Every text that is sent, said, read out or printed, with the versions that count now."""
    found = app.script_reading.texts(platform_of(asker, platform), channel=channel, which=which)
    return [Text.of(each) for each in found]


@router.get("/scripts/changes")
def what_changed(app: TheApp, asker: ScriptReader, since: AwareDatetime | None = None) -> WhatChanged:
    """What is new since a moment, or since you last worked: texts with their differences, and durations."""
    return WhatChanged.of(app.script_reading.changes(asker.user_id, asker.platforms, since))


@router.get("/scripts/{name}")
def read_one(
    app: TheApp, asker: ScriptReader, name: Name, language: Tongue = "fr", platform: OnPlatform = ""
) -> TextRead:
    """A text as it counts now, as it was written."""
    place = platform_of(asker, platform)
    return read_text(app.script_reading.in_force(name, language=language, platform=place))


@router.get("/scripts/{name}/versions")
def list_versions(
    app: TheApp,
    asker: ScriptReader,
    name: Name,
    language: Tongue = "fr",
    state: ScriptState | None = None,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[Version]:
    """Versions of a text, newest first; `state`: those that stand so now."""
    found = app.script_reading.versions_page(
        name,
        language=language,
        platforms=asker.platforms,
        state=state,
        before=number_after(cursor),
        most=limit + 1,
    )
    return page_of(found, limit, shown=Version.of, key=_number)


@router.get("/scripts/{name}/diff")
def compare(
    app: TheApp, asker: ScriptReader, name: Name, old: Number, new: Number, language: Tongue = "fr"
) -> Diff:
    """What changed between two versions of a text."""
    told = app.script_reading.compare(name, language=language, old=old, new=new, platforms=asker.platforms)
    return Diff(diff=told.unified, rows=[ShownRow.model_validate(row) for row in told.rows])


@router.post("/scripts/{name}/lint")
def judge(app: TheApp, asker: ScriptReader, name: Name, body: TextToJudge) -> list[ToMend]:
    """What is to be mended in a text before it may take effect."""
    if body.platform:
        asker.need_platform(body.platform)
    found = app.script_editing.lint(name, body.language, body.body, platform=body.platform)
    return [ToMend.of(finding) for finding in found]


@router.get("/scripts/{name}/samples")
def list_samples(app: TheApp, asker: ScriptReader, name: Name) -> list[SampleShown]:
    """The people a text can be tried on, with what it would be given of each."""
    reading = app.script_reading
    return [
        SampleShown(
            sample=each.sample,
            kind=each.kind,
            language=each.language,
            can_sms=each.can_sms,
            values=as_written(reading.sample(name, each.sample)),
        )
        for each in reading.people(name)
    ]


@router.post("/scripts/{name}/preview")
def preview(app: TheApp, asker: ScriptReader, name: Name, body: TextToTry) -> Tried:
    """What a text would say to a sample person, in force or not, now or on another day."""
    asker.need_platform(body.platform)
    made = app.script_reading.preview(
        name,
        language=body.language,
        platform=body.platform,
        body=body.body,
        values=body.values,
        at=body.at,
        sample=body.sample,
    )
    return Tried.of(made, float(app.settings.sms_segment_price))


@router.post("/scripts/{name}/drafts", status_code=201)
def draft(app: TheApp, asker: ScriptWriter, name: Name, body: TextToDraft) -> Drafted:
    """Keep a new version that is not in force yet; what no text may hold is refused with its line."""
    new = NewText(name, body.language, body.body, body.reason, body.platform)
    version, findings = app.script_editing.draft(new, _editor(asker))
    return Drafted(version=_shown(app, asker, version), to_mend=[ToMend.of(finding) for finding in findings])


@router.get("/script-versions/{version_id}")
def read_version(app: TheApp, asker: ScriptReader, version_id: UUID) -> Version:
    """One version that was written here."""
    return Version.of(app.script_reading.version(version_id, asker.platforms))


@router.post("/script-versions/{version_id}/schedule")
def schedule(app: TheApp, asker: ScriptWriter, version_id: UUID, body: Schedule) -> Version:
    """Let a draft take effect at a moment; refused while something in it is to be mended."""
    version = app.script_editing.schedule(
        version_id, body.effective_from, _editor(asker), replaces=body.replaces
    )
    return _shown(app, asker, version)


@router.post("/script-versions/{version_id}/activate")
def activate(app: TheApp, asker: ScriptWriter, version_id: UUID, body: Activation | None = None) -> Version:
    """Let a draft take effect now; 409 `text_changed` when another than the one you saw is in force."""
    replaces = body.replaces if body else None
    version = app.script_editing.schedule(version_id, None, _editor(asker), replaces=replaces)
    return _shown(app, asker, version)


@router.post("/script-versions/{version_id}/withdraw")
def withdraw(app: TheApp, asker: ScriptWriter, version_id: UUID) -> Version:
    """Take a version back: the one before it counts again, at once."""
    return _shown(app, asker, app.script_editing.withdraw(version_id, _editor(asker)))


@router.get("/platforms/{platform}/parameters")
def read_parameters(app: TheApp, asker: ScriptReader, platform: PlatformCode) -> Parameters:
    """The durations that count today on a platform, and all that its country ever decided."""
    asker.need_platform(platform)
    return Parameters.of(app.script_reading.parameters(platform))


@router.post("/parameters", status_code=201)
def set_parameter(app: TheApp, asker: ScriptWriter, body: NumberToSet) -> DatedNumber:
    """Let a duration count from a day on, in a country."""
    dated = app.script_editing.set_parameter(
        body.name,
        body.value,
        country=body.country,
        effective_from=body.effective_from,
        reason=body.reason,
        editor=_editor(asker),
    )
    return DatedNumber.model_validate(dated)


@router.delete("/parameters/{value_id}", status_code=204)
def withdraw_parameter(app: TheApp, asker: ScriptWriter, value_id: UUID) -> None:
    """Take a value back: the one before it counts again."""
    app.script_editing.withdraw_parameter(value_id, _editor(asker))


@router.put("/platforms/{platform}/sms-accents", status_code=204)
def choose_accents(app: TheApp, asker: ScriptWriter, platform: PlatformCode, body: AccentChoice) -> None:
    """Keep ç ê ô in a platform's SMS, at the price of more segments, or replace them."""
    app.script_editing.choose_accents(platform, body.accents, _editor(asker))


def _editor(asker: Asker) -> Editor:
    return Editor(asker.user_id, asker.platforms)


def platform_of(asker: Asker, platform: str) -> str:
    """The one named, else the asker's first."""
    asker.need_platform(platform or asker.platforms[0])
    return platform or asker.platforms[0]


def _shown(app: TheApp, asker: Asker, version: ScriptVersion) -> Version:
    return Version.of(app.script_reading.version(version.id, asker.platforms))


def _number(kept: VersionState) -> str:
    return str(kept.version.number)
