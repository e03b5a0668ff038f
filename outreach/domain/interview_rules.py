"""What every interview must keep to: identity before anything else, one name a question, no dead end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator

from outreach.domain.interviews import IDENTITY, AnswerType, Malformed, Outline, Question

# Who is on the line, and two facts that only they know: said by the person, never read to them.
SPEAKING_WITH, NAME_CONFIRMED, BIRTH_DATE_CONFIRMED = (
    "speaking_with",
    "name_confirmed",
    "birth_date_confirmed",
)
ADDRESS_CONFIRMED = "address_confirmed"  # asked in place of a birth date that the record does not have
PROOFS = {
    SPEAKING_WITH: AnswerType.CHOICE,
    NAME_CONFIRMED: AnswerType.YES_NO,
    BIRTH_DATE_CONFIRMED: AnswerType.YES_NO,
}
# Whom the matter may be told to, once both facts are confirmed.
MAY_BE_TOLD = frozenset({"person", "guardian"})

_WORD = re.compile(r"(?<!['\"\w])[a-z_][a-z0-9_]*(?!['\"\w])")
_EQUALS = re.compile(r"\b([a-z_][a-z0-9_]*)\s*[!=]=\s*(['\"])(.*?)\2")
_NEVER = frozenset({"false", "False", "0", "none", "None", "''", '""'})


def problems_of(
    outline: Outline, health_words: Callable[[str], Iterable[str]], taken: Collection[str] = ()
) -> list[Malformed]:
    """Everything to mend before the script may be used, in the order of its lines.

    `health_words` gives the words of a text that tell why we call; `taken` the variables of the catalog.
    """
    found = [
        *outline.malformed,
        *_duplicates(outline),
        *_taken_names(outline, taken),
        *_outside_sections(outline),
        *_identity(outline),
        *_told_too_early(outline, health_words),
        *_dead_ends(outline),
        *_empty(outline),
    ]
    return sorted(found, key=lambda each: (each.line, each.rule))


def _duplicates(outline: Outline) -> Iterator[Malformed]:
    seen: Counter[tuple[str, str]] = Counter()
    named = [("question", each.key, each.line) for each in outline.questions]
    named += [("section", section.key, line) for line, section in outline.sections]
    for what, key, line in named:
        seen[what, key] += 1
        if seen[what, key] == 2:
            yield Malformed(
                line, f"duplicate_{what}", f"There is another {what} {key}.", "give each a name of its own"
            )


def _taken_names(outline: Outline, taken: Collection[str]) -> Iterator[Malformed]:
    for question in outline.questions:
        if question.key in taken:
            reason = f"{question.key} is already something that the program gives to the text."
            yield Malformed(question.line, "taken_name", reason, "give the question another key")


def _outside_sections(outline: Outline) -> Iterator[Malformed]:
    first = min((line for line, _ in outline.sections), default=None)
    for line in outline.lines:
        if first is None or line.number < first:
            yield Malformed(
                line.number, "outside_sections", "This line is in no section.", "open a section before it"
            )


def _identity(outline: Outline) -> Iterator[Malformed]:
    line, first = next(((line, section.key) for line, section in outline.sections), (1, ""))
    if first != IDENTITY:
        yield Malformed(
            line, "identity_first", "The first section is not the identity check.", f"## {IDENTITY} | …"
        )
        return
    if any(each.number == line and each.conditions for each in outline.lines):
        reason = "The identity check stands under a condition: without it nothing is shown."
        yield Malformed(line, "identity_first", reason, "take the condition away")
    for key, kind in PROOFS.items():
        question = outline.by_key.get(key)
        if question is None or not _proves(question, kind):
            yield Malformed(
                line,
                "identity_proof",
                f"The identity check does not ask {key} anew in each call.",
                f"?* {key} : {kind.value} : …",
            )


def _proves(question: Question, kind: AnswerType) -> bool:
    return question.section == IDENTITY and question.kind is kind and question.anew


def _told_too_early(outline: Outline, health_words: Callable[[str], Iterable[str]]) -> Iterator[Malformed]:
    """Until we know who listens, nothing that is said may tell why we call.

    A section under a condition may not open: what follows its title would then belong to the check.
    """
    starts = {line for line, _ in outline.sections[1:]}
    always = [each.number for each in outline.lines if each.number in starts and not each.conditions]
    end = min(always, default=None)
    for line in outline.lines:
        if end is not None and line.number >= end:
            return
        for word in health_words(line.text):
            yield Malformed(
                line.number,
                "health_before_identity",
                f"“{word}” is said before the identity is confirmed.",
                "move it to a later section",
            )


def _dead_ends(outline: Outline) -> Iterator[Malformed]:
    """A section or question under a condition that nothing before it can make true."""
    marked = {line for line, _ in outline.sections} | {each.line for each in outline.questions}
    for line in outline.lines:
        if line.number not in marked:
            continue
        for condition in line.conditions:
            reason = _never_true(outline, condition.test, condition.line)
            if reason:
                yield Malformed(line.number, "unreachable", reason, "change the condition, or take it away")


def _never_true(outline: Outline, test: str, at: int) -> str:
    if test in _NEVER:
        return "The condition is never true."
    asked = outline.by_key
    for word in _WORD.findall(test):
        if word in asked and asked[word].line > at:
            return f"The condition needs {word}, which is asked later."
    for key, _, value in _EQUALS.findall(test):
        if key in asked and asked[key].choices and value not in {each.key for each in asked[key].choices}:
            return f"The condition compares {key} with “{value}”, which is none of its choices."
    return ""


def _empty(outline: Outline) -> Iterator[Malformed]:
    starts = [line for line, _ in outline.sections]
    numbers = [line.number for line in outline.lines]
    for place, (start, section) in enumerate(outline.sections):
        end = starts[place + 1] if place + 1 < len(starts) else max(numbers, default=start) + 1
        if not any(start < number < end for number in numbers):
            yield Malformed(
                start, "empty_section", f"The section {section.key} is empty.", "fill it, or take it away"
            )
