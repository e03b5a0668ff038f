"""Each safeguard of sending is needed: without it the simulator finds someone texted twice, or lost."""

from __future__ import annotations

from itertools import chain, count

import pytest

from tests.sending_model.mutants import MUTANTS, Mutant
from tests.sending_model.story import Story, explain
from tests.sending_model.witness import Broken


def seed_that_shows(mutant: Mutant) -> int | None:
    """A seed on which the missing safeguard is noticed; None when it never is."""
    messages = 0
    for seed in chain([mutant.shown_by], count()):
        try:
            messages += Story(seed, mutant.machine).run().messages
        except Broken:
            return seed
        if messages > mutant.within:
            return None
    return None


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.safeguard for mutant in MUTANTS])
def test_without_this_safeguard_the_simulator_raises_an_alarm(mutant: Mutant) -> None:
    assert seed_that_shows(mutant) is not None


def test_a_failing_seed_is_replayed_and_told_in_a_few_lines() -> None:
    reckless = MUTANTS[0].machine
    told = explain(0, reckless).splitlines()
    assert told[0].startswith("seed 0: ")
    assert 3 <= len(told) <= 61
    assert explain(0, reckless) == "\n".join(told)
