"""Platforms side by side: what each one's own board says, by as many statements for thirty as for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from outreach.domain.rota import PauseReason
from outreach.services.board import Board
from outreach.services.side_by_side import PlatformHead, SideBySide
from outreach.storage import alarm_store, platform_store
from outreach.storage.alarm_store import AlarmKind
from tests.call_world import PLATFORM, CallWorld

MOBILE, OTHER_MOBILE, THIRD_MOBILE = "+33639980050", "+33639980051", "+33639980052"


def heads(calls: CallWorld, *platforms: str) -> list[PlatformHead]:
    """Kept by nobody."""
    return SideBySide(calls.app.database, calls.clock, calls.app.service_level).heads(platforms)


def as_on_its_own_board(calls: CallWorld) -> None:
    (head,) = heads(calls, PLATFORM)
    view = Board(calls.app.database, calls.clock, calls.app.service_level).view(PLATFORM)
    assert (head.name, head.mode) == (view.name, view.mode)
    assert (head.backlog.of_class(1), head.backlog.contacts) == (
        view.backlog.of_class(1),
        view.backlog.contacts,
    )
    assert (head.day.at_risk, head.day.called_share) == (view.day.at_risk, view.day.called_share)
    assert (head.late, head.at_work, head.alarms) == (
        view.day.late_count,
        len(view.at_work),
        len(view.alarms),
    )


def test_each_line_says_what_the_platform_s_own_board_says(calls: CallWorld) -> None:
    as_on_its_own_board(calls)
    calls.person(MOBILE)
    calls.person(OTHER_MOBILE)
    calls.person(THIRD_MOBILE, kind="contact", date_dernier_contact="2021-03-15")
    other = calls.colleague("other", "agent", "+33199000009")
    calls.lease()
    as_on_its_own_board(calls)
    calls.app.steering.rota.pause(other, PLATFORM, PauseReason.MEAL)
    calls.clock.advance(timedelta(hours=22))
    as_on_its_own_board(calls)
    for platform in (PLATFORM, None):
        with calls.app.database.begin() as connection:
            alarm_store.raise_alarm(
                connection, AlarmKind.SENDER_STOPPED, str(platform), platform=platform, now=calls.clock.now()
            )
    calls.clock.advance(timedelta(hours=3))
    as_on_its_own_board(calls)
    assert heads(calls, PLATFORM)[0].late == 2
    calls.app.call_list.end_shift(other, PLATFORM)
    as_on_its_own_board(calls)


def test_many_platforms_ask_as_many_statements_as_one(calls: CallWorld) -> None:
    codes = [f"T{number}" for number in range(12)]
    with calls.app.database.begin() as connection:
        model = platform_store.read(connection, PLATFORM)
        for code in codes:
            platform_store.create(connection, replace(model, code=code), calls.clock.now())
    calls.person(MOBILE)
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(calls.app.database.engine, "before_cursor_execute", note)
    assert len(heads(calls, PLATFORM)) == 1
    for_one = len(asked)
    assert [head.platform for head in heads(calls, *codes, PLATFORM)] == [*codes, PLATFORM]
    event.remove(calls.app.database.engine, "before_cursor_execute", note)
    assert len(asked) == 2 * for_one
    assert for_one < 10
