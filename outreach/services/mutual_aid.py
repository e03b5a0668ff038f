"""Mutual aid: a platform lends entries to another's agents, takes them back, and sees who did what.

A lent entry stays its owner's: hours, scripts, caller's number, mode and figures. The helper's agents may
take it as well as the owner's, so a helper that does not come leaves nobody waiting (docs/adr/0019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.mutual_aid import MOST_LOANS, LoanTerms, check_terms, entries_to_lend
from outreach.domain.outcomes import FLAGS
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.storage import journal, mutual_aid_store, platform_store
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.mutual_aid_store import EVERY_LOAN, HelpGiven, LoansAsked, StoredLoan

PIECE = 2_000
LISTED = 200
REACHED = tuple(outcome.value for outcome, flags in FLAGS.items() if flags.meets_24h)


@dataclass(frozen=True)
class MutualAid:
    """Loans between platforms."""

    database: Database
    clock: Clock

    def lend(self, terms: LoanTerms, *, author_id: UUID | None, actor: str) -> StoredLoan:
        """Lend from the moment it starts. Raises InvalidInput, NotFound; Conflict when there are too many."""
        now = self.clock.now()
        check_terms(terms, now)
        with self.database.begin() as connection:
            mutual_aid_store.lock_lending(connection)
            for platform in (terms.owner, terms.helper):
                platform_store.read(connection, platform)
                if mutual_aid_store.count_unsettled(connection, platform) >= MOST_LOANS:
                    raise Conflict(
                        f"Platform {platform} has {MOST_LOANS} loans already: take one back first.",
                        code="too_many_loans",
                    )
            number = mutual_aid_store.add(connection, terms, author_id)
            _note(connection, terms, number, Event.MUTUAL_AID_LENT, actor, now, _facts(terms))
        self._fill(self._loan(number))
        return self._loan(number)

    def take_back(self, number: int, *, platforms: Sequence[str] | None, actor: str) -> StoredLoan:
        """At once nothing more is taken under it; who is in an agent's hands stays there.

        `platforms`: the asker's, of which one owns or helps; None for the installation. Raises NotFound.
        """
        now, loan = self.clock.now(), self._loan(number, platforms)
        with self.database.begin() as connection:
            if mutual_aid_store.take_back(connection, number, now):
                facts = {"because": "TAKEN_BACK", "lent": loan.lent}
                _note(connection, loan.terms, number, Event.MUTUAL_AID_ENDED, actor, now, facts)
        self._release(self._loan(number))
        return self._loan(number)

    def loans(
        self, platforms: Sequence[str], asked: LoansAsked = EVERY_LOAN, *, most: int = LISTED
    ) -> list[StoredLoan]:
        """What these lend and are lent, newest first."""
        now = self.clock.now()
        with self.database.begin() as connection:
            return mutual_aid_store.of_platforms(connection, platforms, asked, most=most, now=now)

    def help_given(
        self,
        platforms: Sequence[str],
        since: datetime,
        until: datetime,
        *,
        after: tuple[str, str] | None = None,
        most: int | None = None,
    ) -> list[HelpGiven]:
        """Calls by owner and helper; `after`: those the page before ended with."""
        if until <= since:
            raise InvalidInput("The span ends before it begins.", field="until", mend="choose a later end")
        with self.database.begin() as connection:
            return mutual_aid_store.help_given(
                connection, platforms, since=since, until=until, reached=REACHED, after=after, most=most
            )

    def readable(self, agent_id: UUID, platforms: Sequence[str], case_record_id: UUID) -> tuple[str, ...]:
        """The agent's platforms, and the owner's while they hold or call one of its people."""
        with self.database.begin() as connection:
            lent = mutual_aid_store.platform_in_hand(connection, agent_id, case_record_id)
        return (*platforms, lent) if lent else tuple(platforms)

    def keep(self) -> int:
        """Sweep: loans in force are kept full, those that ended are cleared. How many entries moved."""
        with self.database.begin() as connection:
            loans = mutual_aid_store.unsettled(connection)
        now = self.clock.now()
        moved = sum(self._fill(loan) for loan in loans if loan.in_force(now))
        return moved + sum(self._release(loan) for loan in loans if loan.over(now))

    def _loan(self, number: int, platforms: Sequence[str] | None = None) -> StoredLoan:
        with self.database.begin() as connection:
            loan = mutual_aid_store.read(connection, number)
        if loan is None or (
            platforms is not None and not {loan.terms.owner, loan.terms.helper} & {*platforms}
        ):
            raise NotFound("There is no such loan.")
        return loan

    def _fill(self, loan: StoredLoan) -> int:
        """One piece at a time, under the loan's lock: two sweeps do not lend twice."""
        lent = 0
        while True:
            now = self.clock.now()
            with self.database.begin() as connection:
                if not mutual_aid_store.lock(connection, loan.number):
                    return lent
                current = mutual_aid_store.read(connection, loan.number)
                if current is None or not current.in_force(now):
                    return lent
                wanted = entries_to_lend(current.terms, mutual_aid_store.counts(connection, current, now))
                piece = min(PIECE, wanted)
                marked = mutual_aid_store.mark(connection, current, most=piece, now=now) if piece else 0
            lent += marked
            if marked < PIECE:
                return lent

    def _release(self, loan: StoredLoan) -> int:
        """Back to the owner alone, in pieces; settled when no entry is marked."""
        back = 0
        while True:
            with self.database.begin() as connection:
                piece = mutual_aid_store.unmark(connection, loan.number, most=PIECE)
            back += piece
            if piece < PIECE:
                break
        self._settle(loan.number)
        return back

    def _settle(self, number: int) -> None:
        now = self.clock.now()
        with self.database.begin() as connection:
            if not mutual_aid_store.lock(connection, number):
                return
            loan = mutual_aid_store.read(connection, number)
            if loan is None or loan.in_reach or loan.settled_at is not None:
                return
            mutual_aid_store.settle(connection, number, now)
            if loan.taken_back_at is None:
                facts = {"because": "ENDED", "lent": loan.lent}
                actor = journal.by_system("mutual aid")
                _note(connection, loan.terms, number, Event.MUTUAL_AID_ENDED, actor, now, facts)


def _facts(terms: LoanTerms) -> dict[str, object]:
    return {
        "share": terms.share,
        "amount": terms.amount,
        "most": terms.most,
        "call_classes": sorted(int(each) for each in terms.call_classes),
        "queues": sorted(terms.queues),
        "languages": sorted(terms.languages),
        "starts_at": terms.starts_at.isoformat(),
        "ends_at": terms.ends_at.isoformat(),
        "reason": terms.reason,
    }


def _note(
    connection: Connection,
    terms: LoanTerms,
    number: int,
    event: Event,
    actor: str,
    now: datetime,
    facts: dict[str, object],
) -> None:
    """Both platforms find it in their history."""
    told = {"loan": number, "owner": terms.owner, "helper": terms.helper, **facts}
    journal.write(
        connection,
        JournalEntry(now, terms.owner, event, actor, facts=told),
        JournalEntry(now, terms.helper, event, actor, facts=told),
    )
