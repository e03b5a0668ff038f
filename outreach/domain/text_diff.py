"""Two versions of a text beside each other: line by line, with the words that changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
ALIKE = 0.4  # below it two lines are told as one taken out and another put in


@dataclass(frozen=True)
class Words:
    """A stretch of a line; `changed`: the other version does not have it."""

    text: str
    changed: bool


@dataclass(frozen=True)
class DiffRow:
    """A line of the old text beside one of the new; None where there is none on that side."""

    old: tuple[Words, ...] | None
    new: tuple[Words, ...] | None
    old_line: int | None
    new_line: int | None

    @property
    def changed(self) -> bool:
        return any(side is None or any(words.changed for words in side) for side in (self.old, self.new))


def side_by_side(old: str, new: str) -> list[DiffRow]:
    """Every line of both, those that belong together in one row."""
    before, after = old.splitlines(), new.splitlines()
    rows: list[DiffRow] = []
    for _, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for left, right in zip_longest(range(a, b), range(c, d)):  # as many on both sides when equal
            rows += _rows(before, after, left, right)
    return rows


def _rows(
    before: Sequence[str], after: Sequence[str], left: int | None, right: int | None
) -> Iterator[DiffRow]:
    if left is None or right is None:
        yield from _alone(before, after, left, right)
        return
    old, new = _WORDS.findall(before[left]), _WORDS.findall(after[right])
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if before[left] != after[right] and matcher.ratio() < ALIKE:
        yield from _alone(before, after, left, None)
        yield from _alone(before, after, None, right)
        return
    told = _words(matcher, old, new)
    yield DiffRow(told[0], told[1], left + 1, right + 1)


def _alone(
    before: Sequence[str], after: Sequence[str], left: int | None, right: int | None
) -> Iterator[DiffRow]:
    old = None if left is None else (Words(before[left], changed=True),)
    new = None if right is None else (Words(after[right], changed=True),)
    yield DiffRow(old, new, None if left is None else left + 1, None if right is None else right + 1)


def _words(
    matcher: SequenceMatcher[str], old: list[str], new: list[str]
) -> tuple[tuple[Words, ...], tuple[Words, ...]]:
    sides: tuple[list[Words], list[Words]] = ([], [])
    for tag, a, b, c, d in matcher.get_opcodes():
        for side, words in ((sides[0], old[a:b]), (sides[1], new[c:d])):
            if words:
                side.append(Words("".join(words), changed=tag != "equal"))
    return tuple(sides[0]), tuple(sides[1])
