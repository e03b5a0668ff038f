"""The rota of a platform: files, absences, pauses, and the minutes that the forecast counts with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from outreach.clock import SetClock
from outreach.domain.rota import AbsenceReason, PauseReason
from outreach.errors import InvalidInput, NotFound
from outreach.services.call_list import CallList
from outreach.services.rota import Rota
from outreach.storage import tables
from outreach.storage.database import Database
from tests.call_list_rows import add_agent, add_positive, state_of
from tests.conftest import MORNING

MIDNIGHT = datetime(2021, 3, 15, 23, 0, tzinfo=UTC)  # in Paris, as Tuesday the 16th begins
FILE = (
    b"jour;debut;fin;postes;agent\n"
    b"16/03/2021;08:00;20:00;10;\n"
    b"16/03/2021;09:00;12:00;;anne\n"
    b"17/03/2021;00:00;24:00;0;\n"
)


@pytest.fixture
def rota(database: Database, clock: SetClock, platform: str) -> Rota:
    with database.begin() as connection:
        for login in ("anne", "bob"):
            connection.execute(
                insert(tables.users).values(
                    id=add_id(login), login=login, roles=["agent"], platforms=["40"], created_at=MORNING
                )
            )
    return Rota(database, clock)


def add_id(login: str) -> str:
    return f"00000000-0000-0000-0000-{login.encode().hex():0>12}"


def load(rota: Rota, content: bytes = FILE, *, dry_run: bool = False) -> object:
    return rota.import_file(content, platform="40", actor="system:test", dry_run=dry_run)


def test_a_rota_gives_the_minutes_of_its_days(rota: Rota) -> None:
    load(rota)
    minutes = rota.minutes_ahead("40", MIDNIGHT, 48)
    assert minutes[7:9] == [0, 600]  # from eight on
    assert minutes[9:13] == [660, 660, 660, 600]  # Anne from nine to twelve
    assert minutes[19:24] == [600, 0, 0, 0, 0]
    assert minutes[24:] == [0] * 24  # Wednesday says: nobody


def test_the_same_file_again_changes_nothing_and_another_replaces_its_days_only(rota: Rota) -> None:
    load(rota)
    load(rota)
    other = rota.import_file(
        b"date,from,until,positions\n2021-03-16,08:00,10:00,4\n", platform="40", actor="system:test"
    )
    assert (other.days, other.shifts, other.replaced) == (1, 1, 2)
    shifts = rota.shifts("40", MORNING.date(), MORNING.date() + timedelta(days=1))
    assert [(shift.day.day, shift.positions) for shift in shifts] == [(16, 4), (17, 0)]


def test_with_a_row_to_mend_nothing_is_written_and_every_row_is_told(rota: Rota) -> None:
    bad = FILE + b"17/03/2021;8h;7h;2;\n18/03/2021;08:00;20:00;;nobody\n"
    report = rota.import_file(bad, platform="40", actor="system:test")
    assert [(error.row, error.field) for error in report.errors] == [(5, "until"), (6, "agent")]
    assert rota.shifts("40", MORNING.date(), MORNING.date()) == []


def test_a_dry_run_writes_nothing(rota: Rota) -> None:
    load(rota, dry_run=True)
    assert rota.shifts("40", MORNING.date(), MORNING.date()) == []


def test_who_is_away_is_missing_until_they_come_after_all(rota: Rota) -> None:
    load(rota)
    absence = rota.add_absence(
        "40",
        starts_at=MORNING,
        ends_at=MORNING + timedelta(hours=1),
        reason=AbsenceReason.LEAVE,
        login="anne",
        actor="system:test",
    )
    assert rota.minutes_ahead("40", MORNING, 1) == [600]
    with pytest.raises(NotFound):
        rota.remove_absence(absence, platforms=["33"], actor="system:test")
    rota.remove_absence(absence, platforms=["40"], actor="system:test")
    assert rota.minutes_ahead("40", MORNING, 1) == [660]


@pytest.mark.parametrize(
    ("login", "positions", "hours"), [("", None, 1), ("anne", 2, 1), ("anne", None, 0), ("eve", None, 1)]
)
def test_an_absence_that_cannot_be_is_refused(
    rota: Rota, login: str, positions: int | None, hours: int
) -> None:
    with pytest.raises((InvalidInput, NotFound)):
        rota.add_absence(
            "40",
            starts_at=MORNING,
            ends_at=MORNING + timedelta(hours=hours),
            reason=AbsenceReason.LEAVE,
            login=login,
            positions=positions,
            actor="system:test",
        )


def test_without_a_rota_those_on_shift_count_while_calling_hours_are_open(
    rota: Rota, database: Database, clock: SetClock
) -> None:
    assert rota.minutes_ahead("40", MORNING, 1) == [0]
    with database.begin() as connection:
        agents = [add_agent(connection, MORNING) for _ in range(3)]
    for agent in agents:
        CallList(database, clock).start_shift(agent, "40")
    ahead = rota.minutes_ahead("40", MIDNIGHT, 24)
    assert ahead[3] == 0
    assert ahead[11] == 180
    clock.advance(timedelta(hours=12))  # at night nobody is there: those of the last 24 hours will come again
    assert rota.minutes_ahead("40", MIDNIGHT + timedelta(days=1), 24)[11] == 180


def test_a_pause_gives_the_entry_back_and_says_why(rota: Rota, database: Database, clock: SetClock) -> None:
    with database.begin() as connection:
        agent, listed = add_agent(connection, MORNING), add_positive(connection, MORNING)
    calls = CallList(database, clock)
    calls.start_shift(agent, "40")
    assert calls.next_entry(agent, platforms=["40"], languages=["fr"])
    rota.pause(agent, "40", PauseReason.MEAL)
    rota.pause(agent, "40", PauseReason.BREAK)
    with database.begin() as connection:
        assert state_of(connection, listed.entry_id) == "READY"
    (there,) = rota.at_work("40")
    assert (there.state, there.pause) == ("PAUSED", "BREAK")
    assert (rota.capacity("40").on_shift, rota.capacity("40").paused) == (0, 1)
    rota.resume(agent)
    rota.resume(agent)
    (there,) = rota.at_work("40")
    assert (there.state, there.pause) == ("ON_SHIFT", None)


def test_the_end_of_a_shift_ends_the_pause(rota: Rota, database: Database, clock: SetClock) -> None:
    with database.begin() as connection:
        agent = add_agent(connection, MORNING)
    calls = CallList(database, clock)
    calls.start_shift(agent, "40")
    rota.pause(agent, "40", PauseReason.MEAL)
    calls.end_shift(agent, "40")
    calls.start_shift(agent, "40")
    assert [there.pause for there in rota.at_work("40")] == [None]
