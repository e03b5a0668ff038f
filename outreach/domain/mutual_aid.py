"""Mutual aid: what one platform lends to another, and how many entries more a loan takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil

from outreach.domain.call_list import CallClass, Queue
from outreach.domain.reasons import holds_contact_details
from outreach.errors import InvalidInput

MOST_IN_REACH = 100_000
MOST_LOANS = 8  # at one time, for an owner and for a helper: each is a lane more to read for every lease
# A promise is kept by who made it, and nobody lends what is looked up.
LENDABLE = frozenset(CallClass) - {CallClass.CALLBACK}
LENDABLE_QUEUES = frozenset(Queue) - {Queue.SUPERVISORS}


class LoanSide(StrEnum):
    """Of a loan, seen from a platform."""

    LENT = "LENT"
    BORROWED = "BORROWED"


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
    for wrong, sentence, field, mend in (*_of_the_size(terms), *_of_the_scope(terms, now)):
        if wrong:
            raise InvalidInput(sentence, field=field, mend=mend)


Check = tuple[bool, str, str, str]  # whether it is wrong, what to say, the field, how to mend it


def _of_the_size(terms: LoanTerms) -> tuple[Check, ...]:
    itself = terms.owner == terms.helper
    one_of_two = (terms.share is None) == (terms.amount is None)
    bad_share = terms.share is not None and not 1 <= terms.share <= 100
    nothing = terms.amount is not None and terms.amount < 1
    no_cap = not 1 <= terms.most <= MOST_IN_REACH
    return (
        (
            itself,
            "A platform does not lend to itself.",
            "helper",
            "name another platform",
        ),
        (one_of_two, "A loan is a share or an amount.", "share", "give one of the two"),
        (bad_share, "A share is a percentage.", "share", "1 to 100"),
        (nothing, "There is nothing to lend.", "amount", "1 or more"),
        (no_cap, "A loan has a cap.", "most", f"1 to {MOST_IN_REACH} entries at one time"),
    )


def _of_the_scope(terms: LoanTerms, now: datetime) -> tuple[Check, ...]:
    bad_classes = not terms.call_classes or not terms.call_classes <= LENDABLE
    bad_queues = not terms.queues or not terms.queues <= LENDABLE_QUEUES
    over = terms.ends_at <= max(now, terms.starts_at)
    classes = "choose among 1, 3, 4, 5, 6, 7, 8: promised callbacks stay"
    queues = f"choose among {', '.join(sorted(LENDABLE_QUEUES))}"
    return (
        (bad_classes, "These classes cannot be lent.", "call_classes", classes),
        (bad_queues, "These queues cannot be lent.", "queues", queues),
        (over, "The loan ends before it begins.", "ends_at", "choose a later end"),
        (not terms.reason.strip(), "A loan has a reason.", "reason", "say why in a few words"),
        (
            holds_contact_details(terms.reason),
            "A reason holds no number and no address of anybody.",
            "reason",
            "leave them out: it is kept in the journal",
        ),
    )


def entries_to_lend(terms: LoanTerms, counts: LoanCounts) -> int:
    """How many entries more to lend now."""
    room = terms.most - counts.open
    if terms.amount is not None:
        return max(0, min(room, terms.amount - counts.lent))
    return max(0, min(room, ceil(counts.waiting * (terms.share or 0) / 100) - counts.open))


@dataclass(frozen=True)
class Workforce:
    """Of one platform in the hours of a loan: agents' minutes, and the people in its agents' view."""

    minutes: float
    people: float


def helper_share(owner: Workforce, helper: Workforce) -> float:
    """Of lent people, the share whom the helper's agents will call.

    Lent entries are open to both, in one order with each side's own: whoever has more minutes for each person
    in view comes to them first. `people` of either side hold the lent ones.
    """
    pace = [side.minutes / max(1.0, side.people) for side in (owner, helper)]
    return pace[1] / sum(pace) if sum(pace) > 0 else 0.0
