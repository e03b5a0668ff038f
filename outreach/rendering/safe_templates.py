"""The only part of Jinja that our texts may use: what people write is data, and every other node is refused.

The tree that Jinja's own parser makes is walked before anything is compiled: a node that is not on the list
here is refused with its line. What passes can name declared variables, compare them, choose between texts,
and, in an interview, repeat a line for each item of a declared list. It cannot reach an attribute, call,
import, assign or define anything, so there is nothing to escape from; the sandbox behind it is a second wall.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from outreach.domain.scripts import MOST_OUTPUT, Channel, Value, Variable
from outreach.errors import InvalidInput
from outreach.rendering.allow_list import DEEPEST, refused_nodes
from outreach.rendering.filters import FILTERS
from outreach.rendering.jinja_errors import refusal_of
from outreach.rendering.mistakes import Mistake, Refusal

LONGEST_SOURCE: Mapping[Channel, int] = {
    Channel.SMS: 4_000,
    Channel.VOICE: 4_000,
    Channel.INTERVIEW: 40_000,
    Channel.PAGE: 20_000,
    Channel.LETTER: 20_000,
}
MOST_TAGS = 400
LONGEST_TAG = 60  # signs, words and spaces between {% and %}

_ODD = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]"
)  # no text holds them, nor can a database
_TAG = r"\{%(?:(?!%\}).)*%\}|\{#(?:(?!#\}).)*#\}"
_ONLY_TAGS = re.compile(rf"\s*(?:{_TAG})+")


def tidied(source: str) -> str:
    """The text as it is kept: one spelling of each accent, one kind of line end."""
    return unicodedata.normalize("NFC", source).replace("\r\n", "\n").replace("\r", "\n")


def refusals_of(source: str, variables: Mapping[str, Variable], channel: Channel) -> list[Refusal]:
    """Everything in a source that its channel does not allow, by line; empty when it may be used."""
    try:
        return refused_nodes(parsed(source, channel), variables, channel)
    except UnsafeTemplate as refused:
        return refused.refusals


class UnsafeTemplate(InvalidInput):
    """A source that cannot be parsed, or holds what is not allowed; `refusals` tells each place."""

    code = "unsafe_template"

    def __init__(self, refusals: list[Refusal]) -> None:
        first = refusals[0]
        super().__init__(f"Line {first.line}: {first.sentence}", field="body", mend=first.mend)
        self.refusals = refusals


def parsed(source: str, channel: Channel) -> nodes.Template:
    """Jinja's tree of a source of bearable size. Raises UnsafeTemplate."""
    if len(source) > LONGEST_SOURCE[channel]:
        raise UnsafeTemplate([Refusal(1, Mistake.TOO_LONG, {"most": str(LONGEST_SOURCE[channel])})])
    environment, written = environment_of("fr"), _keeping_lines(tidied(source))
    try:
        refused = _unwritable(written) or _odd_tag(list(environment.lex(written)), channel)
        if refused is not None:
            raise UnsafeTemplate([refused])
        return environment.parse(written)
    except TemplateSyntaxError as error:
        raise UnsafeTemplate([refusal_of(error)]) from None
    except (RecursionError, MemoryError, OverflowError, ValueError):
        raise UnsafeTemplate([Refusal(1, Mistake.TOO_DEEP, {"most": str(DEEPEST)})]) from None


def _keeping_lines(source: str) -> str:
    """A tag at the end of a line of text leaves that line its end; lines of tags alone leave nothing."""
    return "\n".join(
        f"{line[:-2]}+%}}"
        if line.endswith("%}") and line[-3:-2] not in "-+" and not _ONLY_TAGS.fullmatch(line)
        else line
        for line in source.split("\n")
    )


def _unwritable(source: str) -> Refusal | None:
    odd = _ODD.search(source)
    if odd is None:
        return None
    return Refusal(source.count("\n", 0, odd.start()) + 1, Mistake.NO_WRITING)


def _odd_tag(tokens: list[tuple[int, str, str]], channel: Channel) -> Refusal | None:
    """What is refused before it is parsed: raw text, too many tags, a tag with too much in it.

    In an interview each line is one thing, so that nothing may join two of them.
    """
    tags = length = 0
    for line, kind, written in tokens:
        if kind == "raw_begin":
            return Refusal(line, Mistake.RAW)
        if channel is Channel.INTERVIEW and _joins_lines(kind, written):
            return Refusal(line, Mistake.JOINS_LINES)
        if kind.endswith("_begin"):
            tags, length = tags + 1, 0
        length += 1
        if tags > MOST_TAGS:
            return Refusal(line, Mistake.TOO_MANY_TAGS, {"most": str(MOST_TAGS)})
        if length > LONGEST_TAG:
            return Refusal(line, Mistake.LONG_TAG, {"most": str(LONGEST_TAG)})
        length = 0 if kind.endswith("_end") or kind == "data" else length
    return None


def _joins_lines(kind: str, written: str) -> bool:
    if kind.endswith(("_begin", "_end")):
        return "-" in written
    return kind in ("whitespace", "comment") and "\n" in written


@dataclass(frozen=True)
class SafeTemplate:
    """A text that was checked, ready to be filled in."""

    template: Template
    channel: Channel

    def fill(self, values: Mapping[str, Value]) -> str:
        """The text with its values, without spaces around it. Raises InvalidInput."""
        most, length, pieces = MOST_OUTPUT[self.channel], 0, []
        try:
            for piece in self.template.generate(values):
                length += len(piece)
                if length > most:
                    raise InvalidInput(f"The text would be longer than {most} characters.")
                pieces.append(piece)
        except (TemplateError, TypeError, ValueError):
            raise InvalidInput(
                "The text cannot be made with these values.",
                mend="Give every value that it names, each of its kind.",
            ) from None
        return "".join(pieces).strip()


def names_in(source: str, channel: Channel) -> frozenset[str]:
    """The variables that a source names. Raises UnsafeTemplate."""
    return frozenset(name.name for name in parsed(source, channel).find_all(nodes.Name))


def safe_template(
    source: str, variables: Mapping[str, Variable], channel: Channel, language: str
) -> SafeTemplate:
    """Check and compile a source. Raises UnsafeTemplate."""
    refusals = refusals_of(source, variables, channel)
    if refusals:
        raise UnsafeTemplate(refusals)
    try:
        template = environment_of(language).from_string(_keeping_lines(tidied(source)))
    except TemplateSyntaxError as error:
        raise UnsafeTemplate([refusal_of(error)]) from None
    return SafeTemplate(template, channel)


@lru_cache(maxsize=32)
def environment_of(language: str) -> ImmutableSandboxedEnvironment:
    """Jinja with our filters only, in one language, and nothing global."""
    # Texts, not HTML: an SMS that says &#39; would be wrong. What is spoken is escaped by the markup builder.
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, cache_size=0
    )
    environment.globals.clear()
    environment.tests.clear()
    environment.filters.clear()
    for name, made in FILTERS.items():
        environment.filters[name] = partial(made.make, language)
    return environment
