"""What goes wrong on purpose: each fault strikes with a probability, or exactly the next so many times."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum

from outreach.telephony.simulator.asgi import ApiError


class Fault(StrEnum):
    """What can be made to go wrong: the first seven with requests that change something."""

    SLOW_DOWN = "slow_down"  # 429
    ERROR_BEFORE = "error_before"  # 503, nothing accepted
    ERROR_AFTER = "error_after"  # 500 although it was accepted
    HANG_BEFORE = "hang_before"  # no answer, nothing accepted
    HANG_AFTER = "hang_after"  # no answer although it was accepted
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    WEBHOOK_LOST = "webhook_lost"
    WEBHOOK_LATE = "webhook_late"
    WEBHOOK_REPEATED = "webhook_repeated"
    WEBHOOK_REORDERED = "webhook_reordered"
    NO_RECEIPT = "no_receipt"  # the message arrives, its receipt never does


BEFORE_ACCEPTANCE = (Fault.SLOW_DOWN, Fault.ERROR_BEFORE, Fault.HANG_BEFORE, Fault.RESET_BEFORE)
AFTER_ACCEPTANCE = (Fault.ERROR_AFTER, Fault.HANG_AFTER, Fault.RESET_AFTER)

_SETTINGS = frozenset({"seed", "listing_lag_seconds", "late_seconds", "hang_seconds"})


@dataclass
class _Rule:
    probability: float = 0.0
    remaining: int = 0
    only: str = ""  # a word the request's path must hold, "" for all


@dataclass
class FaultPlane:
    """The faults in force, how often each struck; `listing_lag_seconds` hides young messages in lists."""

    seed: int = 0
    listing_lag_seconds: float = 0.0
    late_seconds: float = 30.0  # simulated
    hang_seconds: float = 3600.0  # real: the client's own deadline must end it
    struck: dict[Fault, int] = field(default_factory=dict)
    _rules: dict[Fault, _Rule] = field(default_factory=dict)
    _draw: random.Random = field(default_factory=random.Random)

    def strikes(self, fault: Fault, path: str = "") -> bool:
        """Whether this fault strikes now; counts it when it does."""
        rule = self._rules.get(fault)
        if rule is None or (rule.only and rule.only not in path):
            return False
        if rule.remaining > 0:
            rule.remaining -= 1
        elif not (rule.probability and self._draw.random() < rule.probability):
            return False
        self.struck[fault] = self.struck.get(fault, 0) + 1
        return True

    def first_striking(self, faults: tuple[Fault, ...], path: str) -> Fault | None:
        """The first of these faults that strikes now."""
        if not self._rules:
            return None
        return next((fault for fault in faults if self.strikes(fault, path)), None)

    def put(self, told: dict[str, object]) -> None:
        """Replace all faults: `{"slow_down": {"next": 3}, "no_receipt": {"probability": 0.1}}`.

        `only`: a word the path must hold. Raises ApiError, changing nothing, when a name or value is wrong.
        """
        rules: dict[Fault, _Rule] = {}
        numbers: dict[str, float] = {}
        for name, value in told.items():
            if name in _SETTINGS:
                numbers[name] = _number(name, value)
            else:
                rules[_fault(name)] = _rule(name, value)
        self._rules = rules
        self.seed = int(numbers.get("seed", 0))
        self.listing_lag_seconds = numbers.get("listing_lag_seconds", 0.0)
        self.late_seconds = numbers.get("late_seconds", 30.0)
        self.hang_seconds = numbers.get("hang_seconds", 3600.0)
        self._draw = random.Random(self.seed)  # noqa: S311 - repeatable on purpose

    def as_json(self) -> dict[str, object]:
        """The faults in force and how often each struck."""
        told: dict[str, object] = {
            fault.value: {"probability": rule.probability, "next": rule.remaining, "only": rule.only}
            for fault, rule in self._rules.items()
        }
        told["seed"] = self.seed
        told["listing_lag_seconds"] = self.listing_lag_seconds
        told["late_seconds"] = self.late_seconds
        told["hang_seconds"] = self.hang_seconds
        told["struck"] = {fault.value: times for fault, times in self.struck.items()}
        return told


def _fault(name: str) -> Fault:
    try:
        return Fault(name)
    except ValueError:
        raise ApiError(400, 20001, f"There is no fault named {name}.") from None


def _rule(name: str, value: object) -> _Rule:
    if not isinstance(value, dict) or set(value) - {"probability", "next", "only"}:
        raise ApiError(400, 20001, f"{name} takes probability, next and only.")
    probability = _number(name, value.get("probability", 0))
    return _Rule(probability, int(_number(name, value.get("next", 0))), str(value.get("only", "")))


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ApiError(400, 20001, f"{name} takes a number.")
    return float(value)
