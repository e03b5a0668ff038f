"""The machine of sending among deaths, freezes and lies, in virtual time: nobody twice, nobody lost.

    python -m benchmarks.send_model [--messages 2000000] [--processes 2] [--first-seed 0] [--json]
    python -m benchmarks.send_model --seed 159      tells the story of one seed that fails
    python -m benchmarks.send_model --mutants       how soon each missing safeguard is noticed

Every story is drawn from its seed alone: what fails once fails again, anywhere.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from dataclasses import asdict, dataclass
from itertools import count

from tests.sending_model.mutants import MUTANTS, Mutant
from tests.sending_model.story import Story, explain
from tests.sending_model.witness import Broken


@dataclass(frozen=True)
class Told:
    """What many stories came to."""

    stories: int = 0
    messages: int = 0
    texts: int = 0
    broken: int = 0
    processor_seconds: float = 0.0

    def plus(self, other: Told) -> Told:
        return Told(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


def tell(first: int, step: int, messages: int) -> tuple[Told, int | None]:
    """Stories from a seed on, until so many messages; and the first seed that broke a rule."""
    told, failed, began = Told(), None, time.process_time()
    for seed in count(first, step):
        if told.messages >= messages or failed is not None:
            break
        try:
            ending = Story(seed).run()
            told = told.plus(Told(1, ending.messages, ending.texts))
        except Broken:
            told, failed = told.plus(Told(1, broken=1)), seed
    return told.plus(Told(processor_seconds=time.process_time() - began)), failed


def tell_all(messages: int, processes: int, first_seed: int) -> tuple[Told, list[int]]:
    """The same with several processes, each with seeds of its own."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        share = -(-messages // processes)
        done = pool.starmap(tell, [(first_seed + n, processes, share) for n in range(processes)])
    total = Told()
    for told, _ in done:
        total = total.plus(told)
    return total, [seed for _, seed in done if seed is not None]


def noticed_after(mutant: Mutant) -> tuple[int, str]:
    """How many messages until the simulator notices, and what it sees."""
    messages = 0
    for seed in count():
        try:
            messages += Story(seed, mutant.machine).run().messages
        except Broken as broken:
            return messages, broken.rule
        if messages > mutant.within:
            return messages, "NOT NOTICED"
    return messages, ""


def show_mutants() -> int:
    missed = 0
    for mutant in MUTANTS:
        messages, rule = noticed_after(mutant)
        missed += rule == "NOT NOTICED"
        print(f"without: {mutant.safeguard:45} {messages:7} messages: {rule}")
    return 1 if missed else 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--mutants", action="store_true")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.mutants:
        return show_mutants()
    if chosen.seed is not None:
        print(explain(chosen.seed) or f"seed {chosen.seed}: no rule is broken")
        return 0
    told, failed = tell_all(chosen.messages, chosen.processes, chosen.first_seed)
    if chosen.json:
        print(json.dumps(asdict(told) | {"failed_seeds": failed}))
    else:
        each = told.processor_seconds / max(1, told.messages) * 1e6
        print(
            f"{told.messages} messages in {told.stories} stories, {told.texts} SMS: "
            f"{told.broken} broken rules"
        )
        print(f"{told.processor_seconds:.0f} s of processor, {each:.0f} µs a message")
        for seed in failed:
            print(explain(seed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
