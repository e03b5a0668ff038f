"""What an SMS costs and what it may say: alphabet, segments, repair, and the words that must not be in it."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

import smsutil
from smsutil.codecs import GSM_CHARSET

MOST_CHARACTERS = 1600  # the provider refuses more


class Alphabet(StrEnum):
    """GSM-7 gives 160 characters to a lone segment, UCS-2 only 70."""

    GSM_7 = "GSM_7"
    UCS_2 = "UCS_2"


class Accents(StrEnum):
    """What a platform does with the letters that GSM-7 lacks: ç ê ô are good French, and cost."""

    KEEP = "KEEP"  # the SMS is then UCS-2
    REPLACE = "REPLACE"


# One character forces the whole SMS into UCS-2. Accents that GSM-7 has (é è à ù É Ç) stay.
_SPELLED_OUT = {
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "…": "...",
    "–": "-",
    "—": "-",
    "‑": "-",
    "œ": "oe",
    "Œ": "OE",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "ç": "c",
    "\t": " ",
    "\u200b": "",
}
_HEALTH_WORDS = re.compile(
    r"\b(covid\w*|corona\w*|virus|variant\w*|sars\w*|pcr|antig[eé]ni\w*|d[eé]pist\w*|test\w*|positi\w*|"
    r"n[eé]gati\w*|contamin\w*|infect\w*|infecti\w*|malad\w*|sympt[oô]m\w*|isolement|isole[rz]\w*|isolation|quarantaine|"
    r"quarantine|cas[ -]contact\w*|tracing|vaccin\w*|m[eé]dec\w*|m[eé]dic\w*|sant[eé]|health|h[oô]pit\w*|"
    r"hospital\w*|patient\w*|diagnos\w*|clini\w*|disease|illness|sick\w*|doctor\w*|exposed|expos[eé]\w*)\b",
    re.IGNORECASE,
)
_QUOTES_WITH_SPACES = re.compile(r"«\s?|\s?»")
_GSM = frozenset(GSM_CHARSET) - {"\x1b"}


def alphabet_of(text: str) -> Alphabet:
    return Alphabet.GSM_7 if _GSM.issuperset(text) else Alphabet.UCS_2


@lru_cache(maxsize=4096)
def segments_of(text: str) -> int:
    """How many billed parts the text makes; an empty one makes none."""
    return len(smsutil.split(text).parts) if text else 0


def repaired(text: str, accents: Accents = Accents.REPLACE) -> str:
    """The same text in GSM-7 where a French spelling allows: ê becomes e, « becomes ", a hard space a space.

    Characters with no plain form (another script, an emoji) stay, and the text is then UCS-2. Where accents
    are kept, only the printer's signs are replaced.
    """
    if _GSM.issuperset(text):
        return text
    quoted = _QUOTES_WITH_SPACES.sub('"', unicodedata.normalize("NFC", text))
    return "".join(repaired_character(character, accents) for character in quoted)


def is_accented(character: str) -> bool:
    """A letter with an accent that GSM-7 lacks: ç ê ô, but neither é nor œ."""
    return character not in _GSM and character.isalpha() and len(unicodedata.normalize("NFD", character)) > 1


def repaired_character(character: str, accents: Accents = Accents.REPLACE) -> str:
    """What stands for one character; itself where it may stay."""
    if accents is Accents.KEEP and is_accented(character):
        return character
    if character in _GSM:
        return character
    spelled = _SPELLED_OUT.get(character)
    if spelled is not None:
        return spelled
    bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    return bare if bare and _GSM.issuperset(bare) else character


def health_words(text: str) -> list[str]:
    """Words that tell a stranger who reads the screen, or hears the machine, what this is about."""
    return [match.group(0) for match in _HEALTH_WORDS.finditer(text)]


def problems_of(text: str, *, identity: str, most_segments: int) -> list[str]:
    """Why this text may not be sent, in sentences; an empty list when it may."""
    problems = [f"The word “{word}” speaks of health." for word in health_words(text)]
    if identity not in text:
        problems.append(f"The text does not say who sends it: {identity}.")
    if len(text) > MOST_CHARACTERS:
        problems.append(f"The text is longer than {MOST_CHARACTERS} characters.")
    if most_segments and segments_of(text) > most_segments:
        problems.append(f"The text makes {segments_of(text)} segments; {most_segments} are allowed.")
    return problems
