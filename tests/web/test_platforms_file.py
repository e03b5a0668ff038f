"""The file of platforms: what it costs."""

from __future__ import annotations

from sqlalchemy.event import listen

from outreach.bootstrap import App
from tests.call_list_rows import add_platform
from tests.web.conftest import Hire


def test_platforms_in_a_file_are_read_together_however_many(app: App, hire: Hire) -> None:
    with app.database.begin() as connection:
        for code in ("33", "64"):
            add_platform(connection, code, app.clock.now())
    asked: list[str] = []
    listen(app.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for codes in (("40",), ("33", "40", "64")):
        administrator = hire("administrator", login="-".join(codes), platforms=codes)
        administrator.get("/platforms.csv")
        asked.clear()
        assert len(administrator.get("/platforms.csv").text.splitlines()) == 1 + len(codes)
        counts.append(len(asked))
    assert counts[0] == counts[1]
