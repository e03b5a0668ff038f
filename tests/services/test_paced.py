"""What is computed for many who ask at once, and how fresh it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore

import pytest

from outreach.services.paced import Paced

ASKERS, PATIENCE = 6, 30.0


class Key:
    """Tells of everybody who has come to ask for it."""

    def __init__(self) -> None:
        self.came = Semaphore(0)

    def __hash__(self) -> int:
        self.came.release()
        return 1

    def __eq__(self, other: object) -> bool:
        return self is other


def at_once(kept: Paced[int], compute: Callable[[], int], finish: Event, begun: Event) -> Iterable[int]:
    """What all are given who ask while the first one's value is being computed."""
    key = Key()
    with ThreadPoolExecutor(ASKERS) as threads:
        first = threads.submit(kept.get, key, compute)
        assert begun.wait(PATIENCE)
        while key.came.acquire(blocking=False):
            pass  # the first one's own
        others = [threads.submit(kept.get, key, compute) for _ in range(ASKERS - 1)]
        for _ in others:
            assert key.came.acquire(timeout=PATIENCE)
        finish.set()
        return [first.result(PATIENCE), *(each.result(PATIENCE) for each in others)]


@pytest.mark.parametrize(("keeps", "given"), [(False, [1, 2, 2, 2, 2, 2]), (True, [1, 1, 1, 1, 1, 1])])
def test_those_who_waited_are_given_one_value_and_never_one_begun_before_they_asked_unless_it_is_kept(
    *, keeps: bool, given: list[int]
) -> None:
    finish, begun, made = Event(), Event(), list[int]()

    def compute() -> int:
        made.append(1)
        number = len(made)
        begun.set()
        assert finish.wait(PATIENCE)
        return number

    kept = Paced[int](share=1e-9, keeps=lambda _: keeps)
    assert at_once(kept, compute, finish, begun) == given
    assert len(made) == max(given)


def test_what_is_not_kept_is_computed_anew_for_whoever_asks_later() -> None:
    made: list[int] = []

    def compute() -> int:
        made.append(1)
        return len(made)

    kept = Paced[int](share=1e-9, keeps=lambda number: number > 2)
    assert [kept.get("40", compute) for _ in range(5)] == [1, 2, 3, 3, 3]
