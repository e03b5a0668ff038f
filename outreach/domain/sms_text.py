"""What an SMS costs: its alphabet, its segments, and the spelling that keeps it cheap."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
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
_QUOTES_WITH_SPACES = re.compile(r"«\s?|\s?»")
_GSM = frozenset(GSM_CHARSET) - {"\x1b"}


def alphabet_of(text: str) -> Alphabet:
    return Alphabet.GSM_7 if _GSM.issuperset(text) else Alphabet.UCS_2


@lru_cache(maxsize=4096)
def segments_of(text: str) -> int:
    """How many billed parts the text makes; an empty one makes none."""
    return len(smsutil.split(text).parts) if text else 0


def parts_of(text: str) -> list[str]:
    """The text as the phone company cuts it, part by part."""
    return [part.content for part in smsutil.split(text).parts] if text else []


def repaired(text: str, accents: Accents = Accents.REPLACE) -> str:
    """The same text in GSM-7 where a French spelling allows: ê becomes e, « becomes ", a hard space a space.

    Characters with no plain form (another script, an emoji) stay, and the text is then UCS-2. Where accents
    are kept, only the printer's signs are replaced.
    """
    if _GSM.issuperset(text):
        return text
    plain = _QUOTES_WITH_SPACES.sub('"', unicodedata.normalize("NFC", text))
    for character in set(plain) - _GSM:
        plain = plain.replace(character, repaired_character(character, accents))
    return plain


@dataclass(frozen=True)
class Stretch:
    """A part of a text as written. `becomes`: what is sent in its place; the same: it may stay.

    `costly`: what is sent is outside GSM-7, so that the whole SMS has 70 characters to a segment.
    """

    text: str
    becomes: str
    costly: bool = False

    @property
    def odd(self) -> bool:
        return self.costly or self.becomes != self.text


def stretches_of(text: str, accents: Accents = Accents.REPLACE) -> list[Stretch]:
    """The text as written, in parts that are plain and single characters that are not."""
    found: list[Stretch] = []
    plain = ""
    for character in unicodedata.normalize("NFC", text):
        if character in _GSM:
            plain += character
            continue
        becomes = repaired_character(character, accents)
        found += [Stretch(plain, plain)] if plain else []
        found.append(Stretch(character, becomes, costly=not _GSM.issuperset(becomes)))
        plain = ""
    return [*found, Stretch(plain, plain)] if plain else found


def is_gsm(character: str) -> bool:
    return character in _GSM


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
