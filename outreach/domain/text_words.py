"""Finds words of health, promises of a call, links and numbers in a French or English text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]

# Read on small letters without accents. Each line is one root; a root ends where other words would begin.
_HEALTH = re.compile(
    r"""\b(?:
    covid\w* | corona\w* | virus\w* | viral\w* | variants? | sars\w* | pcr | antigen\w* | depist\w*
    | test(?:s|er|ez|es|e|ee|ing|ed)? | positi(?:f|fs|ve|ves|vite) | negati(?:f|fs|ve|ves|vite)
    | contamin\w* | contagi\w* | infect\w* | malad\w* | symptom\w* | epidemi\w* | pandemi\w* | cluster\w*
    | isol(?:ement|er|ez|e|es|ee|ees|ate|ated|ating|ation) | quarantaine | quatorzaine | quarantin\w*
    | cas[ -]contacts? | tracing | tracage | expose(?:d|e|es|s)? | exposure\w* | exposition | immuni\w*
    | vaccin\w* | injection\w* | ordonnance\w* | prescri\w* | medec\w* | medic\w* | doct(?:or|eur)\w*
    | infirmi\w* | nurs(?:e|es|ing) | pharmac\w* | sante | sanitair\w* | health\w* | hopita\w* | hospit?\w*
    | patiente?s? | diagnos\w* | clini\w* | disease\w* | illness\w* | ill | sick\w* | fievre\w* | fever\w*
    | toux | cough\w* | arrets?[ ](?:de[ ])?(?:travail|maladie)
    )\b""",
    re.VERBOSE,
)
_PROMISE = re.compile(
    r"""\b(?:
    r?appell?er(?:ons|a|ont|ai) | (?:re)?contacter(?:ons|a|ont|ai) | telephoner(?:ons|a|ont|ai)
    | (?:re)?joindr(?:ons|a|ont|ai)
    | (?:nous|on|un[ ]agent|une[ ]personne)\s+(?:vous\s+)?r?appel(?:ons|le)\b
      (?!\s+(?:que|de|qu'|d'|votre|vos)\b)              # nous vous rappelons que: no call
    | qui\s+vous\s+r?appel(?:le|lera)\b
    | (?:allons|allez|va|vont|vais)\s+(?:vous\s+)?(?:etre\s+)?(?:r?appele[rz]?|recontacte[rz]?|telephoner)
    | serez\s+(?:tres\s+|bientot\s+|vite\s+)*(?:r?appele|(?:re)?contacte)\w*
    | recevrez\s+(?:un|notre|son)\s+(?:\w+\s+)?appel | attendez\s+(?:notre|un|son)\s+appel
    | (?:will|shall|going\s+to)\s+(?:be\s+)?(?:also\s+|then\s+|soon\s+)?(?:call|phone|ring|contact)(?:ed)?
    | (?:we|i|they)'ll\s+(?:call|phone|ring|contact)
    | call(?:ing)?\s+you\s+(?:back|again|soon|later|shortly)
    | will\s+(?:get|receive)\s+(?:a|our)\s+call | expect\s+(?:a|our)\s+call
    )\b""",
    re.VERBOSE,
)
_DURATION = re.compile(
    r"""\b(\d+ | une | deux | trois | quatre | cinq | six | sept | huit | neuf | dix | onze | douze | quatorze
    | quinze | vingt | one | two | three | four | five | seven | eight | nine | ten | eleven | twelve
    | fourteen | fifteen | twenty)[ ](?:jours? | semaines? | heures? | days? | weeks? | hours?)\b
    (?![ ](?:sur|a[ ]day|a[ ]week)\b)              # 7 jours sur 7: opening hours
    """,
    re.VERBOSE,
)
_UNSEEN = frozenset({"Mn", "Me", "Cf"})  # accents of their own, soft hyphens, signs of no width
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s\"'<>]+"
    r"|(?<![a-z0-9-])(?<![a-z0-9-]\.)(?:[a-z0-9-]++\.)+[a-z]{2,12}\b(?:/[^\s\"'<>]*)?",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"(?<![\w/.-])\+?\d(?:[ .]?\d){7,14}(?![\w/-])")
_SHORT_NUMBER = re.compile(  # after a word that sends somebody to it
    r"\b(?:r?appel\w*|compos\w*|telephon\w*|envoy\w*|call|dial|text|phone|ring|numero)"
    r"\s+(?:\w+\s+){0,2}?(\d{2,6})\b"
)


def health_words(text: str) -> list[str]:
    """Words that tell a stranger who reads the screen, or hears the machine, what this is about."""
    return [text[start:end] for start, end in health_spans(text)]


def health_spans(text: str) -> Iterator[Span]:
    return _spans(_HEALTH, text)


def promise_spans(text: str) -> Iterator[Span]:
    return _spans(_PROMISE, text)


def duration_spans(text: str) -> Iterator[Span]:
    """The numbers of days, weeks or hours that a text names."""
    return _spans(_DURATION, text, group=1)


def link_spans(text: str) -> Iterator[Span]:
    """Web addresses, with or without https://, without the sentence's own full stop."""
    for found in _LINK.finditer(text):
        yield found.start(), found.start() + len(found.group().rstrip(".,;:!?)"))


def number_spans(text: str) -> Iterator[Span]:
    """Whole telephone numbers, and short ones that the text says to call."""
    whole = [found.span() for found in _LONG_NUMBER.finditer(text)]
    short = _spans(_SHORT_NUMBER, text, group=1)
    yield from whole
    yield from (each for each in short if not any(start <= each[0] < end for start, end in whole))


def _spans(pattern: re.Pattern[str], text: str, *, group: int = 0) -> Iterator[Span]:
    """Where a pattern is found in the text's small letters without accents or invisible signs."""
    if text.isascii():
        yield from (found.span(group) for found in pattern.finditer(text.lower()))
        return
    places, letters = [], []
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKD", character).lower():
            if unicodedata.category(letter) not in _UNSEEN:
                places.append(place)
                letters.append("'" if letter == "’" else letter)
    for found in pattern.finditer("".join(letters)):
        start, end = found.span(group)
        yield places[start], places[end - 1] + 1
