"""Who met whom around a record, as a small drawing: positives on the left, contacts on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.storage.record_store import Neighbour

TOP, STEP, APART = 34, 46, 190
FIRST, TEXT = 70, 190  # the first column, and room for a name on the right
MOST_ON_A_SIDE = 8
LONGEST_NAME = 22


@dataclass(frozen=True)
class Node:
    """A dot with its name. `shape`: self | positive | contact | place; `record` None: nothing to open."""

    x: int
    y: int
    name: str
    shape: str
    record: UUID | None


@dataclass(frozen=True)
class Graph:
    """`more`: how many people the drawing leaves out; the list beside it has them."""

    width: int
    height: int
    middle: Node
    others: tuple[Node, ...]
    more: int


def graph_of(name: str, around: Sequence[Neighbour], unknown: str, *, restricted: str = "") -> Graph | None:
    """None when nobody is around. `unknown`: what a positive is called whom nobody knows yet; `restricted`:
    whoever is not named to this reader."""
    met = [each for each in around if each.link != "HOUSEHOLD"]
    left = [each for each in met if each.link == "POSITIVE"]
    right = [each for each in met if each.link == "CONTACT"]
    if not met:
        return None
    tallest = max(min(len(side), MOST_ON_A_SIDE) for side in (left, right))
    height = 2 * TOP + STEP * max(tallest - 1, 1)
    middle = FIRST + (APART if left else 0)
    nodes = [
        Node(
            x, y, _short(each, restricted if each.restricted else unknown), _shape(each), each.case_record_id
        )
        for x, side in ((FIRST, left), (middle + APART, right))
        for y, each in zip(_places(min(len(side), MOST_ON_A_SIDE), height), side, strict=False)
    ]
    width = middle + (APART if right else 0) + TEXT
    return Graph(
        width,
        height,
        Node(middle, height // 2, name[:LONGEST_NAME], "self", None),
        tuple(nodes),
        len(met) - len(nodes),
    )


def _places(count: int, height: int) -> list[int]:
    first = height // 2 - STEP * (count - 1) // 2
    return [first + STEP * place for place in range(count)]


def _short(each: Neighbour, unknown: str) -> str:
    name = each.name or each.reference or unknown
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _shape(each: Neighbour) -> str:
    if each.case_record_id is None:
        return "place"
    return "positive" if each.kind == "POSITIVE" else "contact"
