"""What costs much to compute, kept a short while: many who ask at once get one answer, made once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from outreach.clock import monotonic

Value = TypeVar("Value")
MOST_KEPT = 500


@dataclass(frozen=True)
class _Kept(Generic[Value]):
    value: Value
    began: float
    took: float
    lasts: bool


@dataclass
class Paced(Generic[Value]):
    """Computes each key's value at most for a `share` of the time: what took 0.1 s is kept for 2 s.

    `longest` bounds how old a value may get; what `keeps` says no to is computed anew, once for all who came
    before that began. Values are of this process alone.
    """

    share: float = 1 / 20
    longest: float = 30.0
    keeps: Callable[[Value], bool] = lambda _: True
    _kept: dict[object, _Kept[Value]] = field(default_factory=dict)
    _locks: dict[object, threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: object, compute: Callable[[], Value]) -> Value:
        """The kept value, else a new one."""
        return self.newer_than(key, compute, self._due)

    def newer_than(
        self, key: object, compute: Callable[[], Value], is_due: Callable[[float, float], bool]
    ) -> Value:
        """The kept value unless `is_due(began, took)`: when its computing began, and how long it lasted."""
        asked = monotonic()
        with self._lock_of(key):
            kept = self._kept.get(key)
            if kept is not None and kept.began > asked:  # as new as ours would be
                return kept.value
            if kept is not None and kept.lasts and not is_due(kept.began, kept.took):
                return kept.value
            began = monotonic()
            value = compute()
            self._kept[key] = _Kept(value, began, monotonic() - began, self.keeps(value))
            return value

    def _due(self, began: float, took: float) -> bool:
        return monotonic() - began > min(took / self.share, self.longest)

    def _lock_of(self, key: object) -> threading.Lock:
        with self._guard:
            if len(self._locks) > MOST_KEPT:  # keys of sessions long gone
                self._kept.clear()
                self._locks = {name: lock for name, lock in self._locks.items() if lock.locked()}
            return self._locks.setdefault(key, threading.Lock())
