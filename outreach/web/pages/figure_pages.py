"""Pages of the figures a platform publishes: by day or mode, of a platform, region or country; exports."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.platform_figures import By
from outreach.domain.territory_tree import BUILT_IN, REGION_OF_INSEE
from outreach.errors import InvalidInput, NotFound
from outreach.services.access import Asker
from outreach.services.platform_figures import Area, Row, Wanted, as_csv
from outreach.storage.platform_store import Platform
from outreach.web.access import TheApp
from outreach.web.pages.access import PageFigureReader, platform_of
from outreach.web.pages.drawing import draw, language_of
from outreach.web.pages.figure_views import GROUPS, Asked, cell, charts_of, modes_of, row_name
from outreach.web.pages.frame import page_router
from outreach.web.pages.words import N_, speaking

router = page_router("/figures")
USUAL_DAYS = 14
YIELD_ALARM = "CONTACT_YIELD_LOW"
UNREAD_DAY = N_("This day cannot be read.")
MEND_DAY = N_("Write it as 2021-03-16.")
AreaAsked = Annotated[str, Query(max_length=30)]
DayAsked = Annotated[str, Query(max_length=10)]
Grouping = Annotated[str, Query(max_length=10)]


def _asked(
    app: TheApp,
    asker: PageFigureReader,
    area: AreaAsked = "",
    since: DayAsked = "",
    until: DayAsked = "",
    by: Grouping = "day",
) -> Asked:
    (home,) = app.steering.figures.places([platform_of(asker, None)])
    today = app.clock.now().astimezone(ZoneInfo(home.time_zone)).date()
    kind, _, code = area.partition(":")
    known = kind in ("platform", "region", "country") and bool(code)
    last = _day(until, today)
    return Asked(
        area=area if known else f"platform:{home.code}",
        since=_day(since, last - timedelta(days=USUAL_DAYS - 1)),
        until=last,
        by=by if by in ("", *By) else By.DAY.value,
        zone=home.time_zone,
    )


TheAsked = Annotated[Asked, Depends(_asked)]


@router.get("")
def show(request: Request, app: TheApp, asker: PageFigureReader, asked: TheAsked) -> Response:
    """Figures with both denominators and the mode in force; charts with the tables behind."""
    platforms, (rows, (whole,)) = _tables(app, asker, asked, asked.by, "")
    kind, code = asked.area.split(":")
    with speaking(language_of(request)):
        charts = charts_of(rows, asked)
    return draw(
        request,
        asker,
        "figures/figures.html",
        asked=asked,
        areas=_areas(app, asker),
        platforms=platforms,
        rows=rows,
        whole=whole,
        groups=GROUPS,
        cell=cell,
        row_name=row_name,
        modes_of=modes_of,
        charts=charts,
        query=lambda **changed: urlencode(asked.query(**changed)),
        platform=code if kind == "platform" else "",
        named=app.steering.contact_yield.rows(code, asked.starts, asked.ends) if kind == "platform" else [],
        lowered=[alarm for alarm in app.alarms.open(platforms) if alarm["kind"] == YIELD_ALARM],
    )


@router.get("/export.csv")
def export_csv(app: TheApp, asker: PageFigureReader, asked: TheAsked) -> Response:
    """The same for a spreadsheet."""
    _, (rows,) = _tables(app, asker, asked, asked.by)
    return _file(as_csv(rows), asked.file_name + ".csv", "text/csv; charset=utf-8")


@router.get("/export.json")
def export_json(app: TheApp, asker: PageFigureReader, asked: TheAsked) -> Response:
    """The same for machines, as GET /api/v1/figures gives it."""
    platforms, (rows,) = _tables(app, asker, asked, asked.by)
    told = json.dumps({"platforms": platforms, "rows": rows}, ensure_ascii=False, indent=1)
    return _file(told, asked.file_name + ".json", "application/json")


def _tables(app: App, asker: Asker, asked: Asked, *groupings: str) -> tuple[list[str], list[list[Row]]]:
    """Of the area's platforms, those that are the asker's; rows in each of these groupings."""
    kind, code = asked.area.split(":")
    figures = app.steering.figures
    platforms = [each for each in figures.platforms_of(Area(**{kind: code})) if each in asker.platforms]
    if not platforms:
        raise NotFound("There is no such platform among yours.")
    wanted = [Wanted(asked.starts, asked.ends, By(by) if by else None) for by in groupings]
    return platforms, figures.tables(platforms, wanted)


def _areas(app: App, asker: Asker) -> dict[str, dict[str, str]]:
    """What the asker may choose, by code: their platforms, and the regions and countries these lie in."""
    places: list[Platform] = app.steering.figures.places(asker.platforms)
    return {
        "platform": {place.code: f"{place.code} {place.name}" for place in places},
        "region": {place.region: _territory(place.region) for place in places if place.region},
        "country": {place.country: _territory(place.country) for place in places if place.country},
    }


def _territory(code: str) -> str:
    """The name of a region (INSEE's number or ISO's code) or of a country; another's code."""
    known = BUILT_IN.get(REGION_OF_INSEE.get(code, code))
    return known.name if known else code


def _day(written: str, usual: date) -> date:
    try:
        return date.fromisoformat(written) if written else usual
    except ValueError:
        raise InvalidInput(UNREAD_DAY, field="since", mend=MEND_DAY) from None


def _file(content: str, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
