"""What a reply asks for: STOP with its accents and politeness, START, a call, or an acknowledgement."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from outreach.domain import reply_words as said

LONGEST_READ = 2_000  # characters; whatever comes after changes no wish


class ReplyMeaning(StrEnum):
    """The carrier itself understands STOP only when it is the whole reply; the rest is ours to read."""

    STOP = "STOP"
    START = "START"
    CALL_ME = "CALL_ME"
    READ = "READ"  # an acknowledgement: the message did its work
    QUESTION = "QUESTION"
    UNCLEAR = "UNCLEAR"  # an agent reads it


@dataclass(frozen=True)
class Reading:
    """A reply, read. `suggestion`: what a reply that only an agent can judge may have meant."""

    meaning: ReplyMeaning
    suggestion: ReplyMeaning | None = None

    @property
    def for_inbox(self) -> bool:
        """Whether an agent is to read and answer it; a plain question is answered by a call."""
        return self.meaning is ReplyMeaning.UNCLEAR or self.suggestion is not None


def reading_of(text: str) -> Reading:
    """Read a reply. A lone wish counts with polite words around it; STOP wins over everything else.

    Words that no wish needs ("arrêt maladie", "puis-je arrêter le traitement ?") make it a QUESTION or
    UNCLEAR; when STOP may still have been meant, that is suggested to the agent. Taking a reply for STOP by
    mistake is the lesser harm: whoever says STOP is called.
    """
    plain = _plain(_own_words(text))
    words = said.WORD.findall(plain)
    wish = _lone_wish(words) or _line_that_stops(plain)
    if wish is not None:
        return Reading(wish)
    if not words and set(text) & set(said.THUMBS_UP):
        return Reading(ReplyMeaning.READ)
    asks = "?" in plain or not said.QUESTION_WORDS.isdisjoint(words)
    meaning = ReplyMeaning.QUESTION if asks else ReplyMeaning.UNCLEAR
    return Reading(meaning, ReplyMeaning.STOP if _may_mean_stop(words) else None)


def _lone_wish(words: list[str]) -> ReplyMeaning | None:
    if _refuses(words):
        return ReplyMeaning.STOP
    if not words or not said.NEGATIONS.isdisjoint(words):
        return None
    for vocabulary, meaning in (
        (said.START, ReplyMeaning.START),
        (said.CALL_ME, ReplyMeaning.CALL_ME),
        (said.READ, ReplyMeaning.READ),
    ):
        if not vocabulary.isdisjoint(words) and _only(words, vocabulary | said.READ | said.WRITING):
            return meaning
    return ReplyMeaning.CALL_ME if _asks_for_a_call(words) else None


def _refuses(words: list[str]) -> bool:
    """A wish for no more SMS, and nothing else."""
    wishes = said.STOP | said.WRITING | said.NO_MORE | said.NEGATIONS
    if any(phrase.issubset(words) and _only(words, phrase | wishes) for phrase in said.PHRASES):
        return True
    if not _only(words, wishes | said.CALL_ME | said.READ):
        return False
    if not said.STOP.isdisjoint(words):
        return words[0] in said.STOP or said.REVERSED.isdisjoint(words)
    return _wants_no_more(words)


def _wants_no_more(words: list[str]) -> bool:
    """ "Ne m'écrivez plus", "no more texts", "don't text me": without any word for STOP."""
    about_sms = not said.WRITING.isdisjoint(words)
    refused = not said.NO_MORE.isdisjoint(words) or not said.REVERSED.isdisjoint(words)
    return about_sms and refused and said.CALL_ME.isdisjoint(words)


def _may_mean_stop(words: list[str]) -> bool:
    if not said.OTHER_STOPS.isdisjoint(words):
        return False
    # "Ne m'appelez plus" is about calls, which an SMS cannot stop: an agent decides.
    no_calls = "PLUS" in words and not said.CALL_ME.isdisjoint(words)
    return no_calls or not said.STOP.isdisjoint(words)


def _line_that_stops(plain: str) -> ReplyMeaning | None:
    """STOP alone on a line counts, whatever signature or name follows."""
    lines = (line.strip(" .!,;") for line in plain.splitlines())
    return ReplyMeaning.STOP if any(line in said.STOP for line in lines) else None


def _only(words: list[str], vocabulary: frozenset[str]) -> bool:
    return all(word in vocabulary or word in said.AROUND or word.isdigit() for word in words)


def _asks_for_a_call(words: list[str]) -> bool:
    phrase = " ".join(words)
    return not said.CALL_ME.isdisjoint(words) or any(one in phrase for one in said.CALL_PHRASES)


_QUOTED = re.compile('«[^»]*»|“[^”]*”|„[^“]*“|"[^"]*"')
_SIGNATURE = re.compile(r"^\s*(Envoyé|Envoye|Sent|Get Outlook|Télécharge).*$", re.IGNORECASE | re.MULTILINE)


def _own_words(text: str) -> str:
    """Without our text quoted back (reactions do: A aimé « … STOP … ») and the phone's signature."""
    return _SIGNATURE.sub("", _QUOTED.sub(" ", text[:LONGEST_READ]))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).upper()
    return "".join(character for character in decomposed if not unicodedata.combining(character))
