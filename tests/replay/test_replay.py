"""What a replay promises: the engine's own rules, nobody lost, no policy above the bound."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from outreach.cli import app
from outreach.domain.load_shedding import Mode
from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput
from outreach.replay.assumptions import read_assumptions
from outreach.replay.bound import bound_of
from outreach.replay.curve import Curve
from outreach.replay.figures import DayFigures, Figures
from outreach.replay.policies import POLICIES
from outreach.replay.run import play, replay
from outreach.replay.setting import Setting
from outreach.replay.virtual_platform import VirtualPlatform

FIRST = date(2021, 3, 1)  # a Monday
QUIET, FULL, FLOOD = 60, 300, 900  # positives a day; 30 positions hold about 320 full interviews
LUCK = 0.01  # by which draws may lie beside their expectation


def setting_of(days: Mapping[int, int], *, zone: str = "Europe/Paris", positions: float = 30) -> Setting:
    positives = {FIRST + timedelta(days=n): count for n, count in days.items()}
    return Setting(Curve("40", positives), zone, "40", positions, read_assumptions())


def weeks(*levels: int) -> dict[int, int]:
    """A week at each level."""
    return {7 * week + day: level for week, level in enumerate(levels) for day in range(7)}


def share_called(figures: Figures) -> float:
    whole = figures.total()
    return whole.called_in_time / whole.positives


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Cayenne", "Indian/Reunion"])
def test_on_days_that_fit_every_positive_is_called_in_time(zone: str) -> None:
    figures = play(setting_of(weeks(QUIET, FULL), zone=zone), "auto", 1)
    assert share_called(figures) > 0.995


def test_a_flood_does_not_make_the_days_after_it_late() -> None:
    setting = setting_of(weeks(QUIET, FLOOD, QUIET, QUIET))
    auto, by_class = (play(setting, name, 1) for name in ("auto", "classes"))
    after = [FIRST + timedelta(days=n) for n in range(16, 20)]
    assert share_called_on(auto, after) > 0.995
    assert share_called_on(by_class, after) < 0.5


def share_called_on(figures: Figures, days: list[date]) -> float:
    whole = figures.total(days)
    return whole.called_in_time / whole.positives


@pytest.mark.parametrize("policy", [*POLICIES])
def test_no_policy_beats_the_bound(policy: str) -> None:
    setting = setting_of(weeks(FULL, FLOOD))
    bound = bound_of(setting, 1)
    most = sum(bound.called_in_time.values()) / sum(bound.positives.values())
    assert share_called(play(setting, policy, 1)) <= most + LUCK


def test_auto_is_within_a_point_of_the_bound_in_a_flood() -> None:
    setting = setting_of(weeks(QUIET, FLOOD, FLOOD, QUIET))
    bound = bound_of(setting, 1)
    most = sum(bound.called_in_time.values()) / sum(bound.positives.values())
    assert share_called(play(setting, "auto", 1)) > most - 0.01


def test_auto_informs_contacts_in_time_with_fewer_sms_than_shedding_all_the_while() -> None:
    setting = setting_of(weeks(QUIET, 120, 200, FULL, 200, QUIET))
    auto, always = (play(setting, name, 1).total() for name in ("auto", "sms-contacts"))
    assert auto.informed_in_time / auto.contacts > 0.95
    assert auto.messages < 0.9 * always.messages


@pytest.mark.parametrize("policy", [*POLICIES])
def test_every_positive_of_the_curve_is_told_and_counted_once(policy: str) -> None:
    setting = setting_of({0: QUIET, 1: FLOOD, 2: FULL})
    whole = play(setting, policy, 1).total()
    assert whole.positives == sum(setting.curve.positives.values())
    assert 0 <= whole.reached_in_time <= whole.called_in_time <= whole.positives
    assert whole.informed_in_time <= whole.contacts
    assert whole.minutes_used <= whole.minutes + 1


def test_under_every_mode_a_positive_is_called_and_never_texted() -> None:
    assumptions = read_assumptions()
    alone = replace(assumptions, rates=replace(assumptions.rates, contacts_per_positive=0.0))
    for mode in Mode:
        setting = replace(setting_of(weeks(QUIET)), assumptions=alone)
        platform = VirtualPlatform(setting, replace(POLICIES["normal"], mode=mode), 1)
        assert platform.run().total().messages == 0
        assert all(cohort.group.purpose is Purpose.INTERVIEW for cohort in platform.list.everyone())


def test_the_same_seed_gives_the_same_figures_and_another_seed_does_not() -> None:
    setting = setting_of(weeks(FULL))
    first, again, other = (play(setting, "auto", seed).total() for seed in (1, 1, 2))
    assert first == again
    assert other != first


def test_ten_times_the_people_take_hardly_more_memory() -> None:
    small, large = (
        play(
            setting_of({0: size * FLOOD}, positions=30 * size),
            "auto",
            1,
        )
        for size in (1000, 10_000)
    )
    assert large.most_cohorts < 2 * small.most_cohorts


def test_more_positions_never_call_fewer_in_time() -> None:
    days = weeks(FULL, FLOOD)
    shares = [share_called(play(setting_of(days, positions=n), "auto", 1)) for n in (15, 30, 60, 120)]
    assert all(later >= earlier - LUCK for earlier, later in pairwise(shares))


def test_an_unknown_policy_is_refused_with_those_that_exist() -> None:
    with pytest.raises(InvalidInput, match="no policy magic"):
        replay(setting_of(weeks(QUIET)), ["magic"], seed=1)


def test_the_command_writes_a_report_that_needs_nothing_else(tmp_path: Path) -> None:
    words = ["replay", "example", "--positions", "30", "--from", "2021-07-01", "--to", "2021-07-31"]
    words += ["--policy", "no-shedding", "--policy", "auto", "--out", str(tmp_path), "--json"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    rows = {row["policy"]: row for row in json.loads(result.stdout)}
    assert set(rows) == {"no-shedding", "auto", "bound"}
    assert rows["auto"]["fitting_called_in_time"] > 0.995
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "http" not in report.replace("http-equiv", "")
    assert report.count("data:image/png;base64,") == 4
    assert {path.name for path in tmp_path.glob("*.png")} == {
        "arrivals.png",
        "called.png",
        "informed.png",
        "backlog.png",
    }
    days = (tmp_path / "days.csv").read_text(encoding="utf-8").splitlines()
    assert days[0].split(",")[:2] == ["policy", "date"]
    assert len(days[0].split(",")) == 2 + len(DayFigures.__dataclass_fields__)
