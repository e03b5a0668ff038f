"""Durations that change by decree: which value of each counts on a day in a country."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from outreach.errors import InvalidInput


@dataclass(frozen=True)
class Parameter:
    """A number that texts may name, with what it means and what it may be."""

    name: str
    least: int
    most: int
    meaning: str


@dataclass(frozen=True)
class DatedRule:
    """What an authority decided; `sets` names the parameters that it changed, and may be empty."""

    country: str
    effective_from: date
    kind: str
    population: str
    rule: str
    source: str
    sets: Mapping[str, int]


@dataclass(frozen=True)
class DatedValue:
    """A parameter's value from a day on. `id` None: it came with the program."""

    name: str
    country: str
    value: int
    effective_from: date
    reason: str
    id: UUID | None = None
    author_id: UUID | None = None
    created_at: datetime | None = None
    withdrawn_at: datetime | None = None


def values_of(rules: Iterable[DatedRule]) -> list[DatedValue]:
    """The values that rules set, in the order of the rules."""
    return [
        DatedValue(name, rule.country, value, rule.effective_from, rule.source)
        for rule in rules
        for name, value in rule.sets.items()
    ]


def in_force(values: Iterable[DatedValue], *, country: str, day: date) -> dict[str, int]:
    """Each parameter's value on a day: the last to take effect; of the same day, the last one given."""
    chosen: dict[str, DatedValue] = {}
    for value in values:
        if value.country != country or value.effective_from > day or value.withdrawn_at is not None:
            continue
        standing = chosen.get(value.name)
        if standing is None or value.effective_from >= standing.effective_from:
            chosen[value.name] = value
    return {name: value.value for name, value in chosen.items()}


def check_value(parameters: Mapping[str, Parameter], name: str, value: int) -> None:
    """Raises InvalidInput for a parameter that does not exist or a value that it cannot have."""
    parameter = parameters.get(name)
    if parameter is None:
        raise InvalidInput(
            f"There is no parameter {name}.", field="name", mend=f"Choose one of {', '.join(parameters)}."
        )
    if not parameter.least <= value <= parameter.most:
        raise InvalidInput(
            f"{name} cannot be {value}.",
            field="value",
            mend=f"Give a number from {parameter.least} to {parameter.most}.",
        )
