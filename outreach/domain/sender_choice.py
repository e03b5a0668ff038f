"""Which of its senders a platform writes from: by preference, purpose, conversation, and who can send now."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from outreach.domain.messages import MessagePurpose

LONGEST_NAME = 11  # of an alphanumeric sender, by GSM


class SenderKind(StrEnum):
    """What people see as the sender, and whether they can answer it."""

    NUMBER = "NUMBER"
    SERVICE = "SERVICE"  # a pool of numbers kept by the phone company
    NAME = "NAME"  # letters in place of a number: nobody can answer it, and no STOP arrives


_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}")  # E.164, or a short number of ours
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &_+-]{1,11}")

# These expect an answer, whatever their text says today: OK, RAPPEL or STOP.
_ANSWERED = frozenset(
    {
        MessagePurpose.CONTACT_INFORMED,
        MessagePurpose.REMINDER,
        MessagePurpose.CAMPAIGN,
        MessagePurpose.ANSWER,
    }
)
_ASKS = re.compile(r"\bSTOP\b|\br[ée]pond(?:ez|re|ant)|\breply\b|\btext\s+(?:us\s+)?back\b", re.IGNORECASE)


@dataclass(frozen=True)
class SenderOption:
    """One sender of a platform. The lowest `preference` first; no `purposes` means all."""

    sender: str
    preference: int = 0
    purposes: frozenset[MessagePurpose] = frozenset()

    def serves(self, purpose: MessagePurpose) -> bool:
        return not self.purposes or purpose in self.purposes


@dataclass(frozen=True)
class SenderUse:
    """What a message needs. `number_index` spreads people over equals; `last_sender` wrote to them before."""

    purpose: MessagePurpose
    asks: bool = False
    number_index: bytes = b""
    last_sender: str = ""


def kind_of(sender: str) -> SenderKind | None:
    """What kind of sender this is; None when the phone company would know no such sender."""
    if _SERVICE.fullmatch(sender):
        return SenderKind.SERVICE
    if _NUMBER.fullmatch(sender):
        return SenderKind.NUMBER
    return SenderKind.NAME if _NAME.fullmatch(sender) else None


def asks_for_answer(purpose: MessagePurpose, text: str = "") -> bool:
    """Whether the reader is asked for a reply, or may say STOP: then a name cannot send it."""
    return purpose in _ANSWERED or _ASKS.search(text) is not None


def choose(
    options: Sequence[SenderOption],
    use: SenderUse,
    *,
    stopped: Collection[str] = (),
    resting: Collection[str] = (),
) -> str | None:
    """The sender for one message; None when none of them can.

    Who rests is asked only when all others are stopped: slow is better than never. A conversation keeps its
    sender while that one can send; a person without one keeps the same of several equals.
    """
    able = candidates(options, use, stopped=stopped, resting=resting)
    if not able:
        return None
    if use.last_sender in {option.sender for option in able}:
        return use.last_sender
    first = able[0].preference
    equals = [option.sender for option in able if option.preference == first]
    return max(equals, key=lambda sender: _weight(sender, use.number_index))


def candidates(
    options: Sequence[SenderOption],
    use: SenderUse,
    *,
    stopped: Collection[str] = (),
    resting: Collection[str] = (),
) -> list[SenderOption]:
    """Those that can send such a message now, the preferred ones first."""
    asks = use.asks or asks_for_answer(use.purpose)
    fitting = [
        option
        for option in sorted(options, key=lambda o: (o.preference, o.sender))
        if option.serves(use.purpose)
        and option.sender not in stopped
        and not (asks and kind_of(option.sender) is SenderKind.NAME)
    ]
    return [option for option in fitting if option.sender not in resting] or fitting


def _weight(sender: str, number_index: bytes) -> bytes:
    """Rendezvous hashing: when one of several equals leaves, only its own people change."""
    return blake2b(number_index, key=sender.encode()[:64], digest_size=8).digest()


def problems_of(options: Sequence[SenderOption]) -> list[str]:
    """Why these cannot be a platform's senders, in sentences; an empty list when they can."""
    problems = [
        f"“{option.sender}” is no sender: give a number (+33…), a messaging service (MG…), or a name of at "
        f"most {LONGEST_NAME} letters and digits."
        for option in options
        if kind_of(option.sender) is None
    ]
    if len({option.sender for option in options}) < len(options):
        problems.append("The same sender is named twice.")
    if options and not candidates(options, SenderUse(MessagePurpose.CONTACT_INFORMED)):
        problems.append(
            "At least one number or service must serve CONTACT_INFORMED: who answers STOP must reach us."
        )
    return problems
