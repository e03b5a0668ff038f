"""Mutual aid in forecasts: lent people count for whoever will call them, by the minutes of both platforms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.domain.call_list import CallClass
from outreach.domain.mutual_aid import Workforce, helper_share
from outreach.storage import listed_people_store, mutual_aid_store
from outreach.storage.database import Database
from outreach.storage.listed_people_store import WaitingPeople
from outreach.storage.mutual_aid_store import StoredLoan

LOOKS_AHEAD = 24  # hours, at most, in which the minutes of both are compared
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class LoanAhead:
    """A loan in force. `taken`: the share of its people whom the helper will call; `hours`: until it ends.

    `of_new`: the share of the owner's new positives whom the helper will call.
    """

    number: int
    owner: str
    helper: str
    taken: float
    of_new: float
    hours: int


@dataclass(frozen=True)
class LentWork:
    """`minutes_ahead(platform, start, hours)`: of agents there."""

    database: Database
    minutes_ahead: Callable[[str, datetime, int], list[float]]

    def ahead(self, platform: str, now: datetime) -> list[LoanAhead]:
        """What the platform lends and is lent, with who will call whom."""
        with self.database.begin() as connection:
            loans = mutual_aid_store.in_force(connection, platform, now)
            codes = sorted({code for loan in loans for code in (loan.terms.owner, loan.terms.helper)})
            people = {code: listed_people_store.count_waiting(connection, code) for code in codes}
        return [self._loan(loan, people, now) for loan in loans]

    def _loan(self, loan: StoredLoan, people: dict[str, int], now: datetime) -> LoanAhead:
        terms = loan.terms
        hours = max(1, int((terms.ends_at - now) / HOUR))
        compared = min(hours, LOOKS_AHEAD)
        owner, helper = (sum(self.minutes_ahead(p, now, compared)) for p in (terms.owner, terms.helper))
        taken = helper_share(
            Workforce(owner, people[terms.owner]), Workforce(helper, people[terms.helper] + loan.in_reach)
        )
        kept_up = (terms.share or 0) / 100 if CallClass.POSITIVE in terms.call_classes else 0.0
        return LoanAhead(loan.number, terms.owner, terms.helper, taken, kept_up * taken, hours)


def lent_to(
    database: Database, platform: str, loans: Sequence[LoanAhead], *, now: datetime, hours: int
) -> list[WaitingPeople]:
    """Others' people whom the platform's agents will call; its own mode texts none of them."""
    found: list[WaitingPeople] = []
    with database.begin() as connection:
        for loan in loans:
            if loan.helper == platform:
                people = listed_people_store.lent(connection, loan.number, now=now, hours=hours)
                found += [each._replace(shed_level=0) for each in people]
    return found


def helped_share(group: WaitingPeople, platform: str, loans: Sequence[LoanAhead]) -> float:
    """Of people who are alike, the share whom the other platform of their loan calls."""
    for loan in loans:
        if loan.number == group.loan:
            return loan.taken if loan.owner == platform else 1 - loan.taken
    return 0.0


def without_helped(expected: Sequence[float], platform: str, loans: Sequence[LoanAhead]) -> list[float]:
    """New positives, hour by hour, less those whom helpers will call while their loans last."""
    own = [loan for loan in loans if loan.owner == platform]
    return [
        positives * max(0.0, 1 - sum(loan.of_new for loan in own if hour < loan.hours))
        for hour, positives in enumerate(expected)
    ]
