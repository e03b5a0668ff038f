"""The page of the daily report, made to be printed; and the same as a file that needs nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from outreach.domain.daily_reports import DailyReport
from outreach.errors import InvalidInput
from outreach.web.access import TheApp
from outreach.web.pages.access import PageFigureReader, platform_of
from outreach.web.pages.drawing import ENVIRONMENT, draw
from outreach.web.pages.figure_pages import MEND_DAY, UNREAD_DAY
from outreach.web.pages.figure_views import cell
from outreach.web.pages.frame import page_router
from outreach.web.pages.static_files import STATIC
from outreach.web.pages.words import speaking

router = page_router("/figures/report")
STYLES = "report.css"
# What the first lines of the report tell, with the week before beside them.
TOLD = (
    "positives",
    "called_share_of_all",
    "called_share_of_in_time_at_arrival",
    "reached_share_of_all",
    "reached_share_of_in_time_at_arrival",
    "median_result_to_call_seconds",
    "contacts",
    "informed_share",
    "contacts_per_positive_asked",
    "named_nobody_share_of_asked",
    "unreached_share_of_closed",
    "calls",
    "agent_hours",
    "calls_per_agent_hour",
    "backlog",
    "backlog_hours",
    "sms_sent",
    "sms_delivered_share",
    "sms_read_share",
    "forecast_error_mean",
)
COUNTS = frozenset({"positives", "contacts", "calls", "agent_hours", "sms_sent"})
WEEK_DAYS = 7


@router.get("")
def show(
    request: Request,
    app: TheApp,
    asker: PageFigureReader,
    platform: Annotated[str | None, Query(max_length=20)] = None,
    day: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """A platform's day on one page or two."""
    report = app.steering.daily_reports.of(platform_of(asker, platform), _day(day))
    return draw(request, asker, "figures/report.html", **_values(report))


def as_file(report: DailyReport, language: str) -> str:
    """A page that stands alone: its styles are in it, so that it can be sent and printed anywhere."""
    with speaking(language):
        return ENVIRONMENT.get_template("pages/figures/report_file.html").render(
            **_values(report), styles=STATIC.files[STYLES].content.decode()
        )


def _values(report: DailyReport) -> dict[str, Any]:
    return {
        "report": report,
        "told": TOLD,
        "counts": COUNTS,
        "week_days": WEEK_DAYS,
        "cell": cell,
        "before": report.day - timedelta(days=1),
        "after": report.day + timedelta(days=1) if report.over else None,
    }


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise InvalidInput(UNREAD_DAY, field="day", mend=MEND_DAY) from None
