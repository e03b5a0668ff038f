"""What a new password must be: long, and not what everybody tries first. No rule of composition."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from outreach.errors import InvalidInput

SHORTEST, LONGEST = 12, 200
FEWEST_DIFFERENT = 5
FEWEST_BESIDE_LOGIN = 6
DIGITS = "0123456789"
# What long passwords of French users, and of guides, are mostly made of; repeated, or with numbers at either
# end, they are tried as soon.
_COMMON = """
password motdepasse azerty azertyuiop azertyuiopqsdfghjklm qwerty qwertyuiop qwertyuiopasdf qwertz
bonjour soleil doudou marseille iloveyou jetaime loulou chouchou administrator administrateur admin
welcome bienvenue letmein changeme changezmoi secret dragon monkey football princesse sunshine superman
cpam assurancemaladie ameli outreach contacttracing contacttracking cascontact covid coronavirus pandemie
confinement correcthorsebatterystaple trustnoone
"""
COMMON = frozenset(_COMMON.split())


def check_new_password(password: str, *, login: str) -> None:
    """Raises InvalidInput, with how to mend it; the sentence never quotes the password."""
    if len(password) < SHORTEST:
        raise _refused(
            "This password is too short.",
            f"Take {SHORTEST} characters or more: a few words together will do.",
        )
    if len(password) > LONGEST:
        raise _refused("This password is too long.", f"Take {LONGEST} characters at most.")
    plain, name = _plain(password), _plain(login)
    if len(set(plain)) < FEWEST_DIFFERENT or _is_a_row(plain):
        raise _refused(
            "This password repeats the same few characters.", "Take words that do not go together."
        )
    if name and name in plain and len(plain) - len(name) < FEWEST_BESIDE_LOGIN:
        raise _refused("This password is little more than the login.", "Leave the login out of it.")
    if _is_common(plain.strip(DIGITS).replace("0", "o")):
        raise _refused(
            "This password is among those that are tried first.", "Take a few words that do not go together."
        )


def _refused(sentence: str, mend: str) -> InvalidInput:
    return InvalidInput(sentence, field="password", mend=mend, code="weak_password")


def _plain(text: str) -> str:
    """Small letters without accents, the usual signs read as the letters they stand for, no separators."""
    letters = unicodedata.normalize("NFD", text.casefold()).translate(str.maketrans("@$€", "ase"))
    return "".join(letter for letter in letters if letter.isalnum())


def _is_common(core: str) -> bool:
    """One of the common words, once or several times."""
    return any(core == word * max(1, len(core) // len(word)) for word in COMMON)


def _is_a_row(plain: str) -> bool:
    """Characters that follow each other: 123456789012, abcdefghijkl."""
    return len({(ord(after) - ord(before)) % 10 for before, after in pairwise(plain)}) == 1
