"""Writes the reports under docs/replay/ anew from a folder of curves: Landes 2021, Guyane in summer 2020.

Run: python -m benchmarks.replay_reports FOLDER [--out docs/replay]

FOLDER holds Santé publique France's counts by department as CSV (date,area_code,positives or
sp-pos-quot-dep). The files themselves are not part of the project.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from outreach.cli.replay_commands import zone_of
from outreach.errors import OutreachError
from outreach.replay import report
from outreach.replay.assumptions import read_assumptions
from outreach.replay.curve import Curve, read_curve
from outreach.replay.policies import POLICIES
from outreach.replay.run import replay
from outreach.replay.setting import Setting

KEPT = ("report.html", "policies.csv", "arrivals.png", "called.png")


@dataclass(frozen=True)
class Season:
    """One report: an area, its agents' positions, and days of sampling, both ends included."""

    name: str
    area: str
    positions: float
    first: date
    last: date


SEASONS = (
    Season("landes-2021", "40", 30, date(2021, 1, 1), date(2021, 12, 31)),
    Season("guyane-summer-2020", "973", 30, date(2020, 6, 1), date(2020, 9, 30)),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/replay"))
    words = parser.parse_args()
    for season in SEASONS:
        curve = find(season, sorted(words.folder.glob("*.csv")))
        if curve is None:
            print(f"No file of {words.folder} has area {season.area} in that period.", file=sys.stderr)
            return 1
        began = time.monotonic()
        write(season, curve, words.out / season.name)
        print(f"{season.name}: {time.monotonic() - began:.1f} s")
    return 0


def find(season: Season, files: Iterable[Path]) -> Curve | None:
    """The first file that has the season's area and days."""
    for path in files:
        try:
            return read_curve(path, season.area, since=season.first, until=season.last)
        except OutreachError:
            continue
    return None


def write(season: Season, curve: Curve, folder: Path) -> None:
    setting = Setting(curve, zone_of(season.area), season.area, season.positions, read_assumptions())
    run = replay(setting, list(POLICIES), seed=1)
    report.write_report(run, folder)
    for path in folder.iterdir():
        if path.name not in KEPT:
            path.unlink()


if __name__ == "__main__":
    sys.exit(main())
