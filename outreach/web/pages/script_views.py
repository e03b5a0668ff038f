"""What the editor of texts shows of one: how it reads, what it costs, what is to be mended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from outreach.domain.interviews import Section, parse_rendered, parse_source
from outreach.domain.scripts import CatalogEntry, Channel, RenderedText
from outreach.domain.sms_price import euros_of
from outreach.domain.sms_text import Accents, Alphabet, Stretch, alphabet_of, parts_of, stretches_of
from outreach.domain.text_rules import Finding, Severity
from outreach.rendering.safe_templates import tidied

WORDS_A_SECOND = 2.5  # read aloud
A_THOUSAND = 1000
_TOLD_IN_FULL = frozenset({"not_allowed", "undefined_variable"})  # many mistakes under one name
_QUOTED = re.compile("“([^”]+)”")


@dataclass(frozen=True)
class ShownFinding:
    """One thing to mend. `words`: those of the text that it is about; `told`, `mend`: the linter's own
    sentences, "" where the rule's name says as much."""

    rule: str
    line: int
    words: str
    told: str
    mend: str
    error: bool

    @classmethod
    def of(cls, finding: Finding) -> ShownFinding:
        quoted = _QUOTED.search(finding.sentence)
        own = finding.rule in _TOLD_IN_FULL
        return cls(
            finding.rule,
            finding.line,
            quoted[1] if quoted and not own else "",
            finding.sentence if own else "",
            finding.mend if own else "",
            error=finding.severity is Severity.ERROR,
        )


@dataclass(frozen=True)
class SmsLook:
    """An SMS as it is cut and paid. `written`: what was written, odd characters alone."""

    parts: Sequence[str]
    written: Sequence[Stretch]
    characters: int
    segments: int
    most_segments: int
    plain: bool  # GSM-7: 160 characters to a lone segment, else 70
    thousand: Decimal  # euros for a thousand of them

    @property
    def odd(self) -> list[Stretch]:
        """Each odd character once."""
        return list({each.text: each for each in self.written if each.odd}.values())


@dataclass(frozen=True)
class Look:
    """How a text reads to the sample person; `sms`, `sections` and `seconds` by its channel."""

    text: str = ""
    sms: SmsLook | None = None
    sections: Sequence[Section] = ()
    words: int = 0
    seconds: float = 0.0
    findings: Sequence[ShownFinding] = ()

    @property
    def errors(self) -> list[ShownFinding]:
        return [finding for finding in self.findings if finding.error]

    @property
    def lines(self) -> str:
        """The lines with something to mend, for the margin of the text."""
        return " ".join(str(line) for line in sorted({finding.line for finding in self.errors}))


def look_at(
    entry: CatalogEntry,
    made: RenderedText | None,
    findings: Sequence[Finding],
    *,
    body: str,
    price: Decimal,
    accents: Accents,
) -> Look:
    """`made` None: the text cannot be made as it stands."""
    shown = [ShownFinding.of(finding) for finding in findings]
    if made is None:
        return Look(findings=shown)
    words = len(made.text.split())
    return Look(
        text=made.text,
        sms=_sms(entry, made, price, accents) if entry.channel is Channel.SMS else None,
        sections=_sections(made.text, body) if entry.channel is Channel.INTERVIEW else (),
        words=words,
        seconds=words / WORDS_A_SECOND,
        findings=shown,
    )


def _sms(entry: CatalogEntry, made: RenderedText, price: Decimal, accents: Accents) -> SmsLook:
    return SmsLook(
        parts=parts_of(made.text),
        written=stretches_of(made.written, accents),
        characters=len(made.text),
        segments=made.segments,
        most_segments=entry.most_segments,
        plain=alphabet_of(made.text) is Alphabet.GSM_7,
        thousand=euros_of(made.segments * A_THOUSAND, price),
    )


def _sections(text: str, body: str) -> Sequence[Section]:
    return parse_rendered(text, parse_source(tidied(body)))
