"""Runs several policies over one curve, side by side on the machine's processors."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from outreach.errors import InvalidInput
from outreach.replay.bound import bound_of
from outreach.replay.figures import Bound, Figures
from outreach.replay.policies import POLICIES
from outreach.replay.setting import Setting
from outreach.replay.virtual_platform import VirtualPlatform


@dataclass(frozen=True)
class ReplayRun:
    """All that a report is made from."""

    setting: Setting
    seed: int
    figures: Sequence[Figures]
    bound: Bound


def replay(
    setting: Setting,
    names: Sequence[str],
    *,
    seed: int,
    processes: int | None = None,
    told: Callable[[str], None] = lambda _name: None,
) -> ReplayRun:
    """Play each policy; `told` hears the name of each that is done. Raises InvalidInput for unknown ones."""
    unknown = [name for name in names if name not in POLICIES]
    if unknown:
        raise InvalidInput(
            f"There is no policy {unknown[0]}.", field="policy", mend=f"one of {', '.join(POLICIES)}"
        )
    done: dict[str, Figures] = {}
    with ProcessPoolExecutor(processes or os.cpu_count()) as pool:
        # AUTO takes longest: it goes first.
        runs = {pool.submit(play, setting, name, seed): name for name in reversed(names)}
        for run in as_completed(runs):
            done[runs[run]] = run.result()
            told(runs[run])
    return ReplayRun(setting, seed, [done[name] for name in names], bound_of(setting, seed))


def play(setting: Setting, name: str, seed: int) -> Figures:
    """One policy, from the first day to the last."""
    figures = VirtualPlatform(setting, POLICIES[name], seed).run()
    figures.days = dict(figures.days)
    return figures
