"""Mutual aid: what one platform lends to another, and how many entries more a loan takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from outreach.domain.call_list import CallClass, Queue
from outreach.errors import InvalidInput

MOST_IN_REACH = 100_000
MOST_LOANS = 8  # at one time, for an owner and for a helper: each is a lane more to read for every lease
# A promise is kept by who made it, and nobody lends what is looked up.
LENDABLE = frozenset(CallClass) - {CallClass.CALLBACK}
LENDABLE_QUEUES = frozenset(Queue) - {Queue.SUPERVISORS}


@dataclass(frozen=True)
class LoanTerms:
    """A share of those who wait (percent, kept up as more come in) or an amount of entries in all.

    `most`: entries in the helper's reach at one time. `queues` are the skills; no `languages`: every one that
    the helper speaks.
    """

    owner: str
    helper: str
    share: int | None
    amount: int | None
    most: int
    call_classes: frozenset[CallClass]
    queues: frozenset[Queue]
    languages: frozenset[str]
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True)
class LoanCounts:
    """Entries now: `open` in the helper's reach, `waiting` of all that the loan is about, `lent` ever."""

    open: int
    waiting: int
    lent: int


def check_terms(terms: LoanTerms, now: datetime) -> None:
    """Raises InvalidInput, which names what to mend."""
    for wrong, sentence, field, mend in (
        (
            terms.owner == terms.helper,
            "A platform does not lend to itself.",
            "helper",
            "name another platform",
        ),
        (
            (terms.share is None) == (terms.amount is None),
            "A loan is a share or an amount.",
            "share",
            "give one of the two",
        ),
        (
            terms.share is not None and not 1 <= terms.share <= 100,
            "A share is a percentage.",
            "share",
            "1 to 100",
        ),
        (terms.amount is not None and terms.amount < 1, "There is nothing to lend.", "amount", "1 or more"),
        (
            not 1 <= terms.most <= MOST_IN_REACH,
            "A loan has a cap.",
            "most",
            f"1 to {MOST_IN_REACH} entries at one time",
        ),
        (
            not terms.call_classes or not terms.call_classes <= LENDABLE,
            "These classes cannot be lent.",
            "call_classes",
            "choose among 1, 3, 4, 5, 6, 7, 8: promised callbacks stay",
        ),
        (
            not terms.queues or not terms.queues <= LENDABLE_QUEUES,
            "These queues cannot be lent.",
            "queues",
            f"choose among {', '.join(sorted(LENDABLE_QUEUES))}",
        ),
        (
            terms.ends_at <= max(now, terms.starts_at),
            "The loan ends before it begins.",
            "ends_at",
            "choose a later end",
        ),
        (not terms.reason.strip(), "A loan has a reason.", "reason", "say why in a few words"),
    ):
        if wrong:
            raise InvalidInput(sentence, field=field, mend=mend)


def entries_to_lend(terms: LoanTerms, counts: LoanCounts) -> int:
    """How many entries more to lend now."""
    room = terms.most - counts.open
    if terms.amount is not None:
        return max(0, min(room, terms.amount - counts.lent))
    return max(0, min(room, ceil(counts.waiting * (terms.share or 0) / 100) - counts.open))
