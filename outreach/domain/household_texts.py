"""One SMS tells a household: who of those the mode sheds is texted, who joins an SMS, and who is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID


class Reachable(Protocol):
    """An entry taken for the mode. `number_index` is None when no number of the person takes SMS."""

    @property
    def entry_id(self) -> UUID: ...

    @property
    def number_index(self) -> bytes | None: ...


E = TypeVar("E", bound=Reachable)


@dataclass(frozen=True)
class ToldNumbers:
    """What an SMS of the last day means for each number.

    `standing`: it is on its way or arrived, and others may join it. `doubted`: it may have arrived, but its
    people are called: no second one goes there.
    """

    standing: Mapping[bytes, UUID]
    doubted: frozenset[bytes]


@dataclass(frozen=True)
class HouseholdPlan(Generic[E]):
    """`texted`: for each number its household; the first is written to. `called`: under every mode."""

    texted: Mapping[bytes, Sequence[E]]
    joined: Sequence[tuple[E, UUID]]
    called: Sequence[E]


def plan_households(entries: Sequence[E], told: ToldNumbers) -> HouseholdPlan[E]:
    """Each entry once, under the first number it was taken with."""
    texted: dict[bytes, list[E]] = {}
    joined: list[tuple[E, UUID]] = []
    called: list[E] = []
    seen: set[UUID] = set()
    for entry in entries:
        if entry.entry_id in seen:
            continue
        seen.add(entry.entry_id)
        number = entry.number_index
        if number is None or number in told.doubted:
            called.append(entry)
        elif number in told.standing:
            joined.append((entry, told.standing[number]))
        else:
            texted.setdefault(number, []).append(entry)
    return HouseholdPlan(texted, joined, called)
