"""The call list in virtual time: ready people by shed level, in a policy's order, and those who wait."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from heapq import heapify, heappop, heappush
from itertools import count

from outreach.domain.load_shedding import is_shed
from outreach.domain.purposes import Purpose
from outreach.replay.cohorts import Cohort
from outreach.replay.policies import Order, Policy


class VirtualList:
    """Cohorts by shed level, so that a mode takes or leaves whole levels, as lanes of the real list do."""

    def __init__(self, policy: Policy) -> None:
        self._order = policy.order
        self._ready: dict[int, list[tuple[Order, int, Cohort]]] = {}
        self._waiting: list[tuple[int, int, Cohort]] = []
        self._unread: list[tuple[int, int, Cohort]] = []
        self._alike: dict[Hashable, Cohort] = {}  # waiting ones by their history, so that memory is bounded
        self._number = count()

    def add(self, cohort: Cohort, now: int) -> None:
        """Ready, or waiting for its `not_before`."""
        if cohort.not_before <= now:
            self._push(cohort, now)
        elif (same := self._alike.get(cohort.history())) is not None:
            same.size += cohort.size
        else:
            self._alike[cohort.history()] = cohort
            heappush(self._waiting, (cohort.not_before, next(self._number), cohort))

    def expect_reading(self, cohort: Cohort, until: int) -> None:
        """Told by SMS; on the list again if it is not read by then."""
        cohort.not_before = until
        heappush(self._unread, (until, next(self._number), cohort))

    def wake(self, now: int) -> None:
        """Move to the ready ones whose moment has come."""
        for asleep in (self._waiting, self._unread):
            while asleep and asleep[0][0] <= now:
                cohort = heappop(asleep)[2]
                self._alike.pop(cohort.history(), None)
                self._push(cohort, now)

    def most_urgent(self, now: int, level: int) -> Cohort | None:
        """Take the first in order of those the mode does not shed."""
        while True:
            heads = [heap for shed, heap in self._ready.items() if heap and not is_shed(shed, level)]
            if not heads:
                return None
            heap = min(heads, key=lambda heap: heap[0])
            order, _, cohort = heappop(heap)
            if order == self._order(cohort, now):
                return cohort
            self._push(cohort, now)  # late since it was put there: behind those who can still be in time

    def take_shed(self, level: int) -> Iterator[Cohort]:
        """Everybody whom the mode texts, waiting for a second try or not."""
        for shed in [shed for shed in self._ready if is_shed(shed, level)]:
            yield from (cohort for _, _, cohort in self._ready.pop(shed))
        if any(is_shed(cohort.shed_level, level) for _, _, cohort in self._waiting):
            yield from self._take_waiting(lambda cohort: is_shed(cohort.shed_level, level))

    def take(self, chosen: Callable[[Cohort], bool]) -> list[Cohort]:
        """Some of those who wait for a call, waiting for a second try or not."""
        taken: list[Cohort] = []
        for shed, heap in self._ready.items():
            mine = [item for item in heap if chosen(item[2])]
            if mine:
                taken += (cohort for _, _, cohort in mine)
                self._ready[shed] = [item for item in heap if not chosen(item[2])]
                heapify(self._ready[shed])
        if any(chosen(cohort) for _, _, cohort in self._waiting):
            taken += self._take_waiting(chosen)
        return taken

    def everyone(self) -> Iterator[Cohort]:
        """All who wait for a call."""
        for heap in self._ready.values():
            yield from (cohort for _, _, cohort in heap)
        yield from (cohort for _, _, cohort in self._waiting)

    def backlog(self) -> tuple[int, int]:
        """Positives and others who wait for a call."""
        positives = others = 0
        for cohort in self.everyone():
            if cohort.group.purpose is Purpose.INTERVIEW:
                positives += cohort.size
            else:
                others += cohort.size
        return positives, others

    def cohorts(self) -> int:
        return sum(map(len, self._ready.values())) + len(self._waiting) + len(self._unread)

    def _take_waiting(self, chosen: Callable[[Cohort], bool]) -> Iterator[Cohort]:
        kept = []
        for item in self._waiting:
            if chosen(item[2]):
                self._alike.pop(item[2].history(), None)
                yield item[2]
            else:
                kept.append(item)
        self._waiting[:] = sorted(kept)

    def _push(self, cohort: Cohort, now: int) -> None:
        heap = self._ready.setdefault(cohort.shed_level, [])
        heappush(heap, (self._order(cohort, now), next(self._number), cohort))
