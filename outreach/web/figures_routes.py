"""The figures a platform answers for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import PlainTextResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict

from outreach.bootstrap import App
from outreach.domain.load_shedding import Mode
from outreach.domain.platform_figures import By
from outreach.domain.service_level import LateCause
from outreach.errors import InvalidInput, NotFound
from outreach.services.access import Asker
from outreach.services.platform_figures import Area, as_csv
from outreach.web.access import FigureReader, TheApp

router = APIRouter(prefix="/api/v1", tags=["figures"])


@router.get("/figures/sla")
def service_level(
    app: TheApp,
    asker: FigureReader,
    platform: Annotated[str, Query(min_length=1, max_length=20)],
    since: AwareDatetime,
    until: AwareDatetime,
) -> dict[str, Any]:
    """Who was called and reached within 24 hours of the result, recomputed from the journal."""
    asker.need_platform(platform)
    if until <= since:
        raise InvalidInput("The span ends before it begins.", field="until", mend="Choose a later end.")
    late = app.service_level.late_positives(platform, since, until)
    return {
        **app.service_level.figures(platform, since, until).as_json(),
        "late_positives": [vars(each) for each in late],
    }


class Figures(BaseModel):
    """`platforms`: whose figures these are, of those that are yours; a row for each day or mode, or one."""

    platforms: list[str]
    rows: list[dict[str, Any]]


Code = Annotated[str, Query(max_length=20)]
Grouping = Annotated[By | None, Query(description="A row for each day or mode.")]


@router.get("/figures")
def platform_figures(
    app: TheApp,
    asker: FigureReader,
    since: AwareDatetime,
    until: AwareDatetime,
    platform: Code = "",
    region: Code = "",
    country: Code = "",
    by: Grouping = None,
) -> Figures:
    """What a platform, a region or a country publishes, with both denominators and the modes in force."""
    platforms = _platforms(app, asker, Area(platform, region, country))
    return Figures(platforms=platforms, rows=app.steering.figures.rows(platforms, since, until, by))


@router.get("/figures.csv", response_class=PlainTextResponse)
def platform_figures_csv(
    app: TheApp,
    asker: FigureReader,
    since: AwareDatetime,
    until: AwareDatetime,
    platform: Code = "",
    region: Code = "",
    country: Code = "",
    by: Grouping = None,
) -> PlainTextResponse:
    """The same for a spreadsheet."""
    platforms = _platforms(app, asker, Area(platform, region, country))
    return PlainTextResponse(
        as_csv(app.steering.figures.rows(platforms, since, until, by)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="figures.csv"'},
    )


class ReportedMode(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    mode: Mode
    starts: datetime
    ends: datetime


class ReportedDecision(BaseModel):
    """`event`: of the journal, or TEXT_CHANGED; `by` "": the program; `about`: a campaign or a text."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    event: str
    by: str
    about: str
    facts: dict[str, Any]


class Report(BaseModel):
    """`figures`, `week_before`: as of /figures; `late`: by cause; `over`: the day had ended."""

    model_config = ConfigDict(from_attributes=True)

    platform: str
    name: str
    time_zone: str
    day: date
    made_at: datetime
    over: bool
    figures: dict[str, Any]
    week_before: dict[str, Any]
    late: dict[LateCause, int]
    modes: list[ReportedMode]
    decisions: list[ReportedDecision]
    alarms: dict[str, int]


@router.get("/platforms/{platform}/daily-report")
def daily_report(
    app: TheApp,
    asker: FigureReader,
    platform: Annotated[str, Path(min_length=1, max_length=20)],
    day: Annotated[date | None, Query(description="Yesterday when left out.")] = None,
) -> Report:
    """A platform's day: figures beside the week before, causes of the late ones, modes, decisions, alarms."""
    asker.need_platform(platform)
    return Report.model_validate(app.steering.daily_reports.of(platform, day))


class Yield(BaseModel):
    """Positives asked alike, the contacts they named, and how many named nobody."""

    mode: str
    script: str
    channel: str
    agents: str
    positives: int
    contacts: int
    nobody: int
    contacts_per_positive: float | None
    nobody_share: float | None


@router.get("/figures/contact-yield")
def contact_yield(
    app: TheApp,
    asker: FigureReader,
    platform: Annotated[str, Query(min_length=1, max_length=20)],
    since: AwareDatetime,
    until: AwareDatetime,
) -> list[Yield]:
    """Contacts named per positive interviewed, by mode, script, channel and agents."""
    asker.need_platform(platform)
    return [
        Yield(**vars(group), **vars(n), contacts_per_positive=n.per_positive, nobody_share=n.nobody_share)
        for group, n in app.steering.contact_yield.rows(platform, since, until)
    ]


def _platforms(app: App, asker: Asker, area: Area) -> list[str]:
    """Those of the area that are the asker's. Raises NotFound when none is."""
    mine = [code for code in app.steering.figures.platforms_of(area) if code in asker.platforms]
    if not mine:
        raise NotFound("There is no such platform among yours.")
    return mine
