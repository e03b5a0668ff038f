"""What a text may say: no health word where strangers hear, no false promise, no strange link or number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from outreach.domain.scripts import MOST_OUTPUT, CatalogEntry, Channel, host_of, is_allowed_host, will_call
from outreach.domain.sms_text import Accents, is_accented, is_gsm, repaired, repaired_character, segments_of
from outreach.domain.text_words import (
    duration_spans,
    health_spans,
    link_spans,
    number_spans,
    promise_spans,
)

# Where somebody else may read over a shoulder, hear a machine or answer the phone.
OVERHEARD = frozenset({Channel.SMS, Channel.VOICE})


class Severity(StrEnum):
    """An error keeps a version from taking effect; advice does not."""

    ERROR = "ERROR"
    ADVICE = "ADVICE"


@dataclass(frozen=True)
class Finding:
    """One thing to mend: the rule it breaks, its line, a sentence, and how to mend it."""

    rule: str
    line: int
    sentence: str
    mend: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True)
class TextTerms:
    """What texts are judged by: who speaks, where they may send people, and what a segment costs."""

    identity: str
    hosts: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    accents: Accents = Accents.REPLACE
    segment_price: Decimal = Decimal(0)


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; `given`: it is the value of a variable, which is judged when it is given."""

    line: int
    text: str
    given: bool = False


@dataclass(frozen=True)
class Sample:
    """One way the text can read, at the worst values of its variables."""

    pieces: tuple[Piece, ...]
    text: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", "".join(piece.text for piece in self.pieces))

    def written(self, start: int, end: int) -> bool:
        """Whether somebody wrote any of these characters: not all of them are the value of a variable."""
        return not any(at <= start and end <= at + len(piece.text) for at, piece in self._given())

    def line_at(self, offset: int) -> int:
        """The line of the template on which a character of the text stands."""
        at = 0
        for piece in self.pieces:
            if offset < at + len(piece.text):
                return piece.line + (0 if piece.given else piece.text[: offset - at].count("\n"))
            at += len(piece.text)
        return self.pieces[-1].line if self.pieces else 1

    def _given(self) -> Iterator[tuple[int, Piece]]:
        at = 0
        for piece in self.pieces:
            if piece.given:
                yield at, piece
            at += len(piece.text)


Rule = Callable[[Sample, CatalogEntry, TextTerms], Iterator[Finding]]


def findings_of(sample: Sample, entry: CatalogEntry, terms: TextTerms) -> Iterator[Finding]:
    """Everything to mend in one reading of a text."""
    for rule in _RULES:
        yield from rule(sample, entry, terms)


def _health(sample: Sample, entry: CatalogEntry, _terms: TextTerms) -> Iterator[Finding]:
    if entry.channel not in OVERHEARD:
        return
    for start, end in health_spans(sample.text):
        if sample.written(start, end):
            word = sample.text[start:end]
            yield Finding(
                "health_word",
                sample.line_at(start),
                f"The word “{word}” speaks of health to whoever reads or hears this.",
                "Leave it out, or say it behind the personal link.",
            )


def _promise(sample: Sample, entry: CatalogEntry, _terms: TextTerms) -> Iterator[Finding]:
    silent = sorted(mode for mode in entry.modes if not will_call(entry.audience, mode))
    if entry.channel is Channel.INTERVIEW or entry.call_owed or not silent:
        return
    for start, end in promise_spans(sample.text):
        yield Finding(
            "promise_of_call",
            sample.line_at(start),
            f"“{sample.text[start:end]}” promises a call that the mode {silent[-1]} does not make.",
            "Ask the person to answer RAPPEL, or to call.",
        )


def _identity(sample: Sample, entry: CatalogEntry, terms: TextTerms) -> Iterator[Finding]:
    if entry.identity and terms.identity not in sample.text:
        told = f"The text does not say who speaks: {terms.identity}."
        yield Finding("sender_identity", 1, told, f"Begin with {terms.identity} {{{{ platform_name }}}}.")


def _stop(sample: Sample, entry: CatalogEntry, _terms: TextTerms) -> Iterator[Finding]:
    if entry.stop and not re.search(r"\bSTOP\b", sample.text):
        told = "The text does not say how to end the SMS."
        yield Finding("stop_wording", 1, told, "Add: STOP pour ne plus recevoir de SMS.")


def _links(sample: Sample, _entry: CatalogEntry, terms: TextTerms) -> Iterator[Finding]:
    for start, end in link_spans(sample.text):
        host = host_of(sample.text[start:end])
        if sample.written(start, end) and not is_allowed_host(host, terms.hosts):
            yield Finding(
                "link_not_allowed",
                sample.line_at(start),
                f"The address {host or sample.text[start:end]} is not on the list of allowed hosts.",
                "Use {{ personal_link }} or {{ information_address }}, or add the host to the settings.",
            )


def _numbers(sample: Sample, _entry: CatalogEntry, terms: TextTerms) -> Iterator[Finding]:
    for start, end in number_spans(sample.text):
        digits = re.sub(r"\D", "", sample.text[start:end])
        if sample.written(start, end) and digits not in terms.numbers:
            yield Finding(
                "number_not_allowed",
                sample.line_at(start),
                f"The number {sample.text[start:end]} is not on the list of allowed numbers.",
                "Use {{ outreach_number | phone }}, or add the number to the settings.",
            )


def _durations(sample: Sample, _entry: CatalogEntry, _terms: TextTerms) -> Iterator[Finding]:
    for start, end in duration_spans(sample.text):
        if sample.written(start, end):
            yield Finding(
                "literal_duration",
                sample.line_at(start),
                f"“{sample.text[start:end]}” counts days, weeks or hours that a decree may change.",
                "Name the parameter: {{ isolation_days | days }}, {{ fever_free_hours }} …",
            )


def _length(sample: Sample, entry: CatalogEntry, _terms: TextTerms) -> Iterator[Finding]:
    most = MOST_OUTPUT[entry.channel]
    if len(sample.text) > most:
        told = f"The text may come to {len(sample.text)} characters; {most} are allowed."
        yield Finding("too_long", 1, told, "Shorten it.")


def _segments(sample: Sample, entry: CatalogEntry, terms: TextTerms) -> Iterator[Finding]:
    if entry.channel is not Channel.SMS:
        return
    segments = segments_of(repaired(sample.text.strip(), terms.accents))
    if segments > entry.most_segments:
        told = f"The text makes {_counted(segments)} at its longest; {entry.most_segments} are allowed."
        yield Finding(
            "too_many_segments", 1, f"{told} A thousand cost {cost_of(segments, terms)} €.", "Shorten it."
        )


def _alphabet(sample: Sample, entry: CatalogEntry, terms: TextTerms) -> Iterator[Finding]:
    """One finding for each sign outside GSM-7; the letters ç ê ô together, for the platform chooses."""
    if entry.channel is not Channel.SMS:
        return
    odd = [(offset, sign) for offset, sign in enumerate(sample.text) if not is_gsm(sign)]
    written = {sign: offset for offset, sign in reversed(odd) if sample.written(offset, offset + 1)}
    accented = sorted(sign for sign in written if is_accented(sign))
    for sign in sorted(set(written) - set(accented)):
        yield _sign_finding(sign, sample.line_at(written[sign]))
    if accented:
        yield _accents_finding(
            accented, sample, sample.line_at(min(written[sign] for sign in accented)), terms
        )


def _sign_finding(sign: str, line: int) -> Finding:
    name = unicodedata.name(sign, f"U+{ord(sign):04X}").lower()
    told = f"The character “{sign}” ({name}) leaves 70 characters to a segment instead of 160."
    plain = repaired_character(sign)
    mend = f"Write “{plain}”." if plain != sign else "Leave it out: there is no plain form of it."
    return Finding("alphabet", line, told, mend if plain else "Leave it out.")


def _accents_finding(accented: list[str], sample: Sample, line: int, terms: TextTerms) -> Finding:
    text = sample.text.strip()
    kept, replaced = (segments_of(repaired(text, choice)) for choice in (Accents.KEEP, Accents.REPLACE))
    letters = " ".join(accented)
    plain = " ".join(repaired_character(letter) for letter in accented)
    chosen = "keeps" if terms.accents is Accents.KEEP else "replaces"
    return Finding(
        "accents",
        line,
        f"The letters {letters} kept make {_counted(kept)}, written {plain} they make {_counted(replaced)}."
        f" A thousand cost {cost_of(kept, terms)} € or {cost_of(replaced, terms)} €.",
        f"Nothing: the platform {chosen} them.",
        Severity.ADVICE,
    )


def _counted(segments: int) -> str:
    return f"{segments} segment{'s' if segments > 1 else ''}"


def cost_of(segments: int, terms: TextTerms) -> str:
    """What a thousand such SMS cost, in euros."""
    return f"{segments * terms.segment_price * 1000:.2f}"


_RULES: tuple[Rule, ...] = (
    _identity,
    _health,
    _promise,
    _stop,
    _links,
    _numbers,
    _durations,
    _length,
    _segments,
    _alphabet,
)
