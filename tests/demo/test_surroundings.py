"""What the demo's platform has before a visitor comes."""

from __future__ import annotations

from datetime import date

from outreach.bootstrap import App
from outreach.demo.crew import hire
from outreach.demo.setting import PLATFORM
from outreach.demo.surroundings import rota_file
from outreach.storage import journal
from tests.web.conftest import app

__all__ = ["app"]

MONDAY, DAYS = date(2021, 3, 15), 14


def test_the_rota_of_the_demo_is_read_whole_and_leaves_no_hour_without_anybody(app: App) -> None:
    hire(app, agents=1)
    report = app.steering.rota.import_file(
        rota_file(MONDAY).encode(), platform=PLATFORM, actor=journal.by_system("test")
    )
    assert (report.days, report.errors) == (DAYS, [])
    for day in app.steering.rota_weeks.week(PLATFORM, MONDAY).days:
        assert day.hours > 24
