"""What a reply asks for: STOP with its accents and politeness, START, a call, or an acknowledgement."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from outreach.domain import reply_words as said

LONGEST_READ = 2_000  # characters; whatever comes after changes no wish
FEW_WORDS = 3


class ReplyMeaning(StrEnum):
    """The carrier itself understands STOP only when it is the whole reply; the rest is ours to read."""

    STOP = "STOP"
    START = "START"
    CALL_ME = "CALL_ME"
    READ = "READ"  # an acknowledgement: the message did its work
    QUESTION = "QUESTION"
    UNCLEAR = "UNCLEAR"  # an agent reads it


class Suggestion(StrEnum):
    """What a reply that only an agent can judge may have meant."""

    STOP = "STOP"
    WRONG_PERSON = "WRONG_PERSON"
    DISTRESS = "DISTRESS"  # their life may be in danger: an alarm, a call, and an agent at once


@dataclass(frozen=True)
class Reading:
    """A reply, read."""

    meaning: ReplyMeaning
    suggestion: Suggestion | None = None

    @property
    def in_distress(self) -> bool:
        return self.suggestion is Suggestion.DISTRESS

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
    asks = "?" in plain or not said.QUESTION_WORDS.isdisjoint(words)
    wish = _lone_wish(words, asks=asks) or _line_that_stops(plain)
    if _in_distress(words):
        return Reading(wish or ReplyMeaning.CALL_ME, Suggestion.DISTRESS)
    if wish is not None:
        return Reading(wish)
    if set(text) & set(said.THUMBS_UP) and _only(words, frozenset()):
        return Reading(ReplyMeaning.READ)
    meaning = ReplyMeaning.QUESTION if asks else ReplyMeaning.UNCLEAR
    if _may_mean_stop(words):
        return Reading(meaning, Suggestion.STOP)
    return Reading(meaning, Suggestion.WRONG_PERSON if _may_be_somebody_else(words) else None)


def _lone_wish(words: list[str], *, asks: bool) -> ReplyMeaning | None:
    if _refuses(words, asks=asks):
        return ReplyMeaning.STOP
    if _asks_for_a_call(words):
        return ReplyMeaning.CALL_ME
    if asks or not words or not said.NEGATIONS.isdisjoint(words):
        return None
    if _starts_again(words):
        return ReplyMeaning.START
    return ReplyMeaning.READ if _acknowledges(words) else None


def _starts_again(words: list[str]) -> bool:
    """ "Je voudrais reprendre" is about work, unless it speaks of SMS."""
    resumes = said.RESUMING.isdisjoint(words) or said.WANTED.isdisjoint(words)
    known = _only(words, said.START | said.READ | said.WRITING)
    return known and not said.START.isdisjoint(words) and (resumes or not said.WRITING.isdisjoint(words))


def _acknowledges(words: list[str]) -> bool:
    """Nothing but an acknowledgement: a number, or something wanted, is for a person to read."""
    more = any(word.isdigit() for word in words) or not said.WANTED.isdisjoint(words)
    well = said.READ | said.ALL_IS_WELL
    return not more and not well.isdisjoint(words) and _only(words, well | said.WRITING)


def _refuses(words: list[str], *, asks: bool) -> bool:
    """A wish for no more SMS, and nothing else."""
    wishes = said.STOP | said.WRITING | said.NO_MORE | said.NEGATIONS
    if any(phrase.issubset(words) and _only(words, phrase | wishes) for phrase in said.PHRASES):
        return True
    if said.STOP.isdisjoint(words):
        return not asks and _only(words, wishes | {"CONTACT", "MORE"}) and _wants_no_more(words)
    if _asks_for_sick_leave(words):
        return False
    if _only(words, wishes | said.CALL_ME | said.READ):
        return words[0] in said.STOP or said.REVERSED.isdisjoint(words)
    ends_it = words[0] in said.STOP or (words[-1] in said.STOP and said.REVERSED.isdisjoint(words))
    return ends_it and _only(words, wishes | said.READ | said.SAID_OF_US)


def _asks_for_sick_leave(words: list[str]) -> bool:
    """ "Mon arrêt svp", "je demande l'arrêt": many want one of us; "l'arrêt des SMS" is another thing."""
    if not said.SICK_LEAVE.issuperset(said.STOP.intersection(words)):
        return False
    about_sms = not said.WRITING.isdisjoint(words) and said.A_LEAVE.isdisjoint(words)
    return not about_sms and not said.ASKED_FOR.isdisjoint(words)


def _wants_no_more(words: list[str]) -> bool:
    """ "Ne m'écrivez plus", "no more texts", "don't text me": without any word for STOP."""
    phrase = " ".join(words)
    about_sms = not said.WRITING.isdisjoint(words) or "CONTACT ME" in phrase or "ME CONTACT" in phrase
    no_more = "MORE" in words and not said.NONE.isdisjoint(words)
    refused = no_more or not said.NO_MORE.isdisjoint(words) or not said.REVERSED.isdisjoint(words)
    return about_sms and refused and said.HAD.isdisjoint(words)


def _may_mean_stop(words: list[str]) -> bool:
    if not said.OTHER_STOPS.isdisjoint(words):
        return False
    # "Ne m'appelez plus" is about calls, which an SMS cannot stop: an agent decides.
    no_calls = "PLUS" in words and "TARD" not in words and not said.IMPERATIVES.isdisjoint(words)
    stops = not (said.STOP | said.TO_BE_FORGOTTEN).isdisjoint(words)
    no_sms = not said.SMS.isdisjoint(words) and not said.NO_MORE.isdisjoint(words)
    return no_calls or stops or (no_sms and said.HAD.isdisjoint(words))


def _line_that_stops(plain: str) -> ReplyMeaning | None:
    """STOP alone on a line counts, whatever signature or name follows."""
    lines = (line.strip(" .!,;") for line in plain.splitlines())
    return ReplyMeaning.STOP if any(line in said.STOP for line in lines) else None


def _only(words: list[str], vocabulary: frozenset[str]) -> bool:
    return all(word in vocabulary or word in said.AROUND or word.isdigit() for word in words)


def _in_distress(words: list[str]) -> bool:
    """Who cannot breathe, or whose chest hurts, however it is said; "pas de douleur à la poitrine" is not.

    Reading too much into a reply costs an agent a look; too little may cost a life.
    """
    if not said.DISTRESS.isdisjoint(words):
        return True
    phrase = f" {' '.join(words)} "
    return any(
        not said.NONE_OF_IT.intersection(phrase[: found.start()].split()[-3:])
        for found in said.DISTRESS_PHRASE.finditer(phrase)
    )


def _may_be_somebody_else(words: list[str]) -> bool:
    phrase = f" {' '.join(words)} "
    return any(f" {each} " in phrase for each in said.SOMEBODY_ELSE)


def _asks_for_a_call(words: list[str]) -> bool:
    """A call is wanted somewhere in the reply: "je ne comprends pas, rappelez-moi" asks for one."""
    phrase = f" {' '.join(words)} "
    for other in said.NO_CALL:
        phrase = phrase.replace(f" {other} ", " . ")
    vaccine = not said.VACCINES.isdisjoint(words)
    asked = said.CALL_PHRASE.finditer(phrase)
    return any(not (vaccine and one["noun"]) and not _declined(phrase, one) for one in asked)


def _declined(phrase: str, call: re.Match[str]) -> bool:
    """ "Ne rappelez pas", "pas besoin de me rappeler", "don't call me"; "rappelez plus tard" is none."""
    before, after = phrase[: call.start()].split(), phrase[call.end() :].split()
    if call["imperative"]:
        return after[:1] in (["PAS"], ["JAMAIS"]) or (after[:1] == ["PLUS"] and after[1:2] not in said.LATER)
    return not said.DECLINING.isdisjoint(before[-4:])


_QUOTED = re.compile('«[^»]*»|“[^”]*”|„[^“]*“|"[^"]*"')
_SIGNATURE = re.compile(r"^\s*(Envoyé|Envoye|Sent|Get Outlook|Télécharge).*$", re.IGNORECASE | re.MULTILINE)


def _own_words(text: str) -> str:
    """Without our text quoted back (reactions do: A aimé « … STOP … ») and the phone's signature.

    A few words in quotation marks and nothing else are their own.
    """
    read = _SIGNATURE.sub("", text[:LONGEST_READ])
    own = _QUOTED.sub(" ", read)
    short = len(said.WORD.findall(read)) <= FEW_WORDS
    return read if short and not said.WORD.search(own) else own


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).upper()
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return said.LETTERS_OF_STOP.sub("STOP", bare)
