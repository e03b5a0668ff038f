"""The sentences of errors in the language of the page: the services say them in English, with values in."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from babel.messages.pofile import read_po

from outreach.domain.roles import Scope
from outreach.web.pages.labels import label
from outreach.web.pages.words import ENGLISH, FOLDER, spoken, translated

CATALOG = "errors.po"
_VALUE = re.compile(r"%\((\w+)\)s")
_RIGHT = re.compile(rf"\b(?:{'|'.join(Scope)})\b")


class Pattern(NamedTuple):
    """A sentence with values, as English and in a language."""

    english: re.Pattern[str]
    told: str


def told(sentence: str) -> str:
    """What an error says; a sentence that no catalog knows stays English. Rights are told in words."""
    return _RIGHT.sub(lambda found: label("scope", found[0]), _told(sentence))


def _told(sentence: str) -> str:
    if spoken() == ENGLISH:
        return sentence
    known = translated(sentence)
    if known != sentence:
        return known
    for pattern in _patterns(spoken()):
        if found := pattern.english.fullmatch(sentence):
            values = {name: _told(value) for name, value in found.groupdict().items()}  # a sentence, perhaps
            return pattern.told % values
    return sentence


@cache
def _patterns(language: str) -> list[Pattern]:
    """The longest first: the most exact wins."""
    path = FOLDER / language / CATALOG
    if not path.exists():
        return []
    with path.open("rb") as file:
        messages = [message for message in read_po(file, locale=language) if isinstance(message.id, str)]
    with_values = [message for message in messages if _VALUE.search(str(message.id)) and message.string]
    with_values.sort(key=lambda message: -len(str(message.id)))
    return [Pattern(_expression(str(message.id)), str(message.string)) for message in with_values]


def _expression(english: str) -> re.Pattern[str]:
    pieces = _VALUE.split(english)
    return re.compile(
        "".join(
            f"(?P<{piece}>.+?)" if place % 2 else re.escape(piece.replace("%%", "%"))
            for place, piece in enumerate(pieces)
        ),
        re.DOTALL,
    )
