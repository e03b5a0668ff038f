"""The text of an interview as data: its sections, what the agent says, and questions with typed answers.

One line, one thing (docs/interviews.md):

    ## key | Title                     opens a section
    ? key : type(args) : question      a question; `?*` is asked anew in each call
    ! text                             a warning to the agent
    > text                             advice to the agent
    anything else                      what the agent says

`parse_source` reads the template as written, with every question whatever the conditions around it;
`parse_rendered` reads what one call shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from outreach.domain.scripts import Value

IDENTITY = "identity"  # the first section of every interview
LONGEST_TEXT = 500  # characters of an answer in words, where the script sets no limit


class AnswerType(StrEnum):
    """What a question takes."""

    YES_NO = "yes_no"
    DATE = "date"  # date(past): not after today
    CHOICE = "choice"  # choice(a=First|b=Second)
    NUMBER = "number"  # number(0..30), whole
    TEXT = "text"  # text(200): at most so many characters


class ItemKind(StrEnum):
    """What a line is to the agent."""

    SAY = "say"
    WARNING = "warning"
    NOTE = "note"
    QUESTION = "question"


@dataclass(frozen=True)
class Choice:
    key: str
    label: str


@dataclass(frozen=True)
class Question:
    """One question. `least` and `most`: of a number, or (`most`) the characters of a text.

    `anew`: what was answered in an earlier call does not count in this one.
    """

    key: str
    kind: AnswerType
    text: str
    section: str
    choices: tuple[Choice, ...] = ()
    least: int | None = None
    most: int | None = None
    past: bool = False
    anew: bool = False
    line: int = 0


@dataclass(frozen=True)
class Item:
    """One line of a section. `question` is set for a QUESTION only."""

    kind: ItemKind
    text: str
    question: Question | None = None


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Malformed:
    """A line that opens like a section or a question and is none; `rule` names what it breaks."""

    line: int
    rule: str
    reason: str
    mend: str


@dataclass(frozen=True)
class SourceLine:
    """A line of the template without its tags, and the conditions it stands under, outermost first."""

    number: int
    text: str
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Condition:
    """The test of an if or elif; an else carries the test it denies."""

    line: int
    test: str


@dataclass(frozen=True)
class Outline:
    """The whole script, every branch of it. `lines` come in the order written."""

    sections: tuple[tuple[int, Section], ...]
    questions: tuple[Question, ...]
    lines: tuple[SourceLine, ...]
    malformed: tuple[Malformed, ...]

    @cached_property
    def by_key(self) -> Mapping[str, Question]:
        """Every question; of two with one key the first."""
        return MappingProxyType({each.key: each for each in reversed(self.questions)})

    @cached_property
    def section_keys(self) -> frozenset[str]:
        return frozenset(section.key for _, section in self.sections)


_TAG = re.compile(r"(\{%.*?%\}|\{#.*?#\})", re.DOTALL)
_TEST = re.compile(r"\{%[-+]?\s*(if|elif|else|for|endif|endfor)\b(.*?)[-+]?%\}", re.DOTALL)
_SECTION = re.compile(r"##\s*([a-z][a-z0-9_]*)\s*\|\s*(.+)")
_QUESTION = re.compile(r"\?(\*?)\s*([a-z][a-z0-9_]*)\s*:\s*([a-z_]+)(?:\(([^()]*)\))?\s*:\s*(\S.*)")
_RANGE = re.compile(r"(\d{1,6})\.\.(\d{1,6})")
_MARKS = {"!": ItemKind.WARNING, ">": ItemKind.NOTE}


def parse_source(source: str) -> Outline:
    """Every section and question of a template; what cannot be read is in `malformed`, nothing raises."""
    reading = _Reading()
    lines = tuple(_lines(source))
    for line in lines:
        reading.take(line.number, line.text)
    return Outline(
        sections=tuple(reading.sections),
        questions=tuple(reading.questions),
        lines=lines,
        malformed=tuple(reading.malformed),
    )


def parse_rendered(text: str, outline: Outline) -> tuple[Section, ...]:
    """What one call shows. A line counts as a section or a question only where the template has it: a value
    that happens to look like one stays a line of text."""
    known, sections = outline.by_key, outline.section_keys
    shown: list[tuple[str, str, list[Item]]] = []
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        opened = _SECTION.fullmatch(line)
        if opened and opened[1] in sections:
            shown.append((opened[1], opened[2], []))
        elif shown:
            shown[-1][2].append(_item(line, known))
    return tuple(Section(key, title, tuple(items)) for key, title, items in shown)


def inline(value: Value) -> Value:
    """A value as part of a line: by itself it opens no section, asks nothing and is no advice."""
    return " ".join(value.split()).lstrip("#?!> ") if isinstance(value, str) else value


def _item(line: str, known: Mapping[str, Question]) -> Item:
    asked = _QUESTION.fullmatch(line)
    if asked and asked[2] in known:
        return Item(ItemKind.QUESTION, asked[5], known[asked[2]])
    if line[0] in _MARKS:
        return Item(_MARKS[line[0]], line[1:].strip())
    return Item(ItemKind.SAY, line)


@dataclass
class _Reading:
    """The sections and questions met so far."""

    sections: list[tuple[int, Section]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)

    def take(self, number: int, line: str) -> None:
        if line.startswith("#"):
            self._open(number, line)
        elif line.startswith("?"):
            self._ask(number, line)

    def _open(self, number: int, line: str) -> None:
        found = _SECTION.fullmatch(line)
        if found is None:
            self._refuse(number, "unreadable_section", "This section cannot be read.", "## key | Title")
            return
        self.sections.append((number, Section(found[1], found[2])))

    def _ask(self, number: int, line: str) -> None:
        found = _QUESTION.fullmatch(line)
        if found is None:
            mend = "? key : type(args) : question"
            self._refuse(number, "unreadable_question", "This question cannot be read.", mend)
            return
        anew, key, kind, args, text = found.groups()
        section = self.sections[-1][1].key if self.sections else ""
        try:
            question = Question(key, AnswerType(kind), text, section, anew=bool(anew), line=number)
            self.questions.append(_with_arguments(question, args or ""))
        except ValueError:
            self._refuse(
                number,
                "unknown_type",
                f"The question {key} has no type that is known.",
                "yes_no, date, date(past), choice(a=First|b=Second), number(0..30) or text(200)",
            )

    def _refuse(self, number: int, rule: str, reason: str, mend: str) -> None:
        self.malformed.append(Malformed(number, rule, reason, mend))


def _with_arguments(question: Question, args: str) -> Question:
    """Raises ValueError where the arguments do not fit the type."""
    match question.kind:
        case AnswerType.CHOICE:
            return replace(question, choices=_choices(args))
        case AnswerType.NUMBER:
            limits = _RANGE.fullmatch(args.strip())
            if limits is None or int(limits[1]) > int(limits[2]):
                raise ValueError(args)
            return replace(question, least=int(limits[1]), most=int(limits[2]))
        case AnswerType.TEXT:
            return replace(question, most=int(args) if args else LONGEST_TEXT)
        case AnswerType.DATE if args in ("", "past"):
            return replace(question, past=args == "past")
        case AnswerType.YES_NO if not args:
            return question
        case _:
            raise ValueError(args)


def _choices(args: str) -> tuple[Choice, ...]:
    pairs = [tuple(part.strip() for part in each.partition("=")[::2]) for each in args.split("|")]
    keys = {key for key, _ in pairs}
    if (
        len(pairs) < 2
        or len(keys) < len(pairs)
        or not all(key.isidentifier() and label for key, label in pairs)
    ):
        raise ValueError(args)
    return tuple(Choice(key, label) for key, label in pairs)


def _lines(source: str) -> Iterable[SourceLine]:
    """The lines without tags, each under the conditions in force where its first word stands."""
    number, open_now = 1, list[Condition]()
    texts: dict[int, str] = {}
    under: dict[int, tuple[Condition, ...]] = {}
    for place, piece in enumerate(_TAG.split(source)):
        if place % 2:
            _follow(open_now, piece, number)
        else:
            for offset, text in enumerate(piece.split("\n")):
                if text.strip():
                    under.setdefault(number + offset, tuple(open_now))
                texts[number + offset] = texts.get(number + offset, "") + text
        number += piece.count("\n")
    for at, text in texts.items():
        if text.strip():
            yield SourceLine(at, text.strip(), under[at])


def _follow(open_now: list[Condition], tag: str, line: int) -> None:
    """Keep the open conditions up to date; Jinja itself refuses tags that do not pair."""
    found = _TEST.fullmatch(tag)
    if found is None:
        return
    word, test = found[1], found[2].strip()
    if word in ("if", "for"):
        open_now.append(Condition(line, test if word == "if" else ""))
    elif word == "elif" and open_now:
        open_now[-1] = Condition(line, f"{open_now[-1].test} {test}")
    elif word in ("endif", "endfor") and open_now:
        open_now.pop()
