"""What a reply asks for: STOP with its accents and politeness, START, a call, or an acknowledgement."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class ReplyMeaning(StrEnum):
    """The carrier itself understands STOP only when it is the whole reply; the rest is ours to read."""

    STOP = "STOP"
    START = "START"
    CALL_ME = "CALL_ME"
    READ = "READ"  # an acknowledgement: the message did its work
    QUESTION = "QUESTION"
    UNCLEAR = "UNCLEAR"  # an agent reads it and calls


_WORD = re.compile(r"[A-Z0-9]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))


_STOP = _words(
    "STOP STOPP STOPALL STOPSMS ARRET ARRETE ARRETER ARRETEZ STOPPER STOPPEZ UNSUBSCRIBE DESABONNER "
    "DESABONNEMENT DESINSCRIRE DESINSCRIPTION CANCEL QUIT OPTOUT"
)
_START = _words("START UNSTOP REPRENDRE REPRISE REABONNER")
_CALL_ME = _words("RAPPEL RAPPELER RAPPELEZ RAPPELLE RAPPELLEZ APPELEZ CALLBACK")
_STOP_PHRASES = ("PLUS RECEVOIR", "PLUS DE SMS", "PLUS DE MESSAGE", "PLUS DE TEXTO", "NO MORE ")
_CALL_PHRASES = ("CALL ME", "CALL BACK", "APPELER MOI")
_READ = _words(
    "OK OKAY OUI YES LU MERCI RECU VU COMPRIS ENTENDU NOTE THANKS THANK RECEIVED DACCORD ACCORD READ"
)
# Polite and small words that may stand around a wish without changing it.
_ABOUT = _words(
    "LE LA LES DE DES D L VOS CES CE MES SMS MESSAGE MESSAGES TEXTO TEXTOS ENVOI ENVOIS ENVOYER M ME MOI S "
    "SE IL VOUS PLAIT SVP STP MERCI BONJOUR BONSOIR CORDIALEMENT PLEASE THANKS THANK YOU HELLO THE THESE "
    "TEXT TEXTS TEXTING TOUT TOUS BIEN J JE AI C EST ON NOUS VEUX VOULOIR VOUDRAIS SOUHAITE A AU BE I WANT "
    "IT HI MA PAR TELEPHONE NUMERO SOIR MATIN MIDI DEMAIN MAINTENANT PLUS RECEVOIR"
)
_QUESTION_WORDS = _words(
    "QUI QUOI QUE QUAND COMMENT POURQUOI COMBIEN OU QUEL QUELLE WHO WHAT WHEN HOW WHY WHERE"
)
_NEGATIONS = _words("NE N PAS NON NOT DON DONT NO JAMAIS NEVER")


def meaning_of(text: str) -> ReplyMeaning:
    """Read a reply. A lone wish counts with polite words around it; STOP wins over everything else.

    "Ne pas arrêter mon traitement ?" is a question and not a STOP: words that no wish needs make it a
    QUESTION or UNCLEAR, and an agent calls.
    """
    words = _WORD.findall(_plain(text))
    wish = _lone_wish(words)
    if wish is not None:
        return wish
    if "?" in text or _QUESTION_WORDS.intersection(words):
        return ReplyMeaning.QUESTION
    return ReplyMeaning.UNCLEAR


def _lone_wish(words: list[str]) -> ReplyMeaning | None:
    if _refuses(words):
        return ReplyMeaning.STOP
    if not words or _NEGATIONS.intersection(words):
        return None
    for vocabulary, meaning in (
        (_START, ReplyMeaning.START),
        (_CALL_ME, ReplyMeaning.CALL_ME),
        (_READ, ReplyMeaning.READ),
    ):
        if vocabulary.intersection(words) and _only(words, vocabulary | _READ):
            return meaning
    return ReplyMeaning.CALL_ME if _asks_for_a_call(words) else None


def _refuses(words: list[str]) -> bool:
    said = " ".join(words)
    if any(phrase in said for phrase in _STOP_PHRASES):
        return True
    if words and words[0] in _STOP and _NEGATIONS.intersection(words):
        return True  # "STOP, ne m'envoyez plus rien"
    return bool(_STOP.intersection(words)) and _only(words, _STOP | _CALL_ME | _READ)


def _only(words: list[str], vocabulary: frozenset[str]) -> bool:
    return all(word in vocabulary or word in _ABOUT or word.isdigit() for word in words)


def _asks_for_a_call(words: list[str]) -> bool:
    said = " ".join(words)
    return bool(_CALL_ME.intersection(words)) or any(phrase in said for phrase in _CALL_PHRASES)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).upper()
    return "".join(character for character in decomposed if not unicodedata.combining(character))
