"""Loans between platforms: their rows, the entries they mark, and who called under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, insert, not_, or_, select, text, update

from outreach.domain.call_list import CallClass, Queue
from outreach.domain.mutual_aid import LoanCounts, LoanSide, LoanTerms
from outreach.storage.tables import call_list_entries, mutual_aid_loans

loans = mutual_aid_loans


@dataclass(frozen=True)
class StoredLoan:
    """`in_reach`: entries the helper may take now; `settled_at`: over, and nothing is marked any more."""

    number: int
    terms: LoanTerms
    lent: int
    in_reach: int
    taken_back_at: datetime | None
    settled_at: datetime | None

    def in_force(self, now: datetime) -> bool:
        return self.taken_back_at is None and self.terms.starts_at <= now < self.terms.ends_at

    def over(self, now: datetime) -> bool:
        return self.taken_back_at is not None or now >= self.terms.ends_at


@dataclass(frozen=True)
class HelpGiven:
    """Calls that agents of a helper made for an owner. `seconds`: from the click to the end of the line."""

    owner: str
    helper: str
    agents: int
    calls: int
    reached: int
    seconds: int


_IN_REACH = (
    select(func.count())
    .where(
        call_list_entries.c.loan == loans.c.number,
        text("call_list_entries.loan <> 0 and call_list_entries.state <> 'CLOSED'"),
    )
    .scalar_subquery()
)
_ALL = select(loans, _IN_REACH.label("in_reach"))


def add(connection: Connection, terms: LoanTerms, author_id: UUID | None) -> int:
    """The number of the new loan."""
    number: int = connection.execute(
        insert(loans)
        .values(
            owner=terms.owner,
            helper=terms.helper,
            share=terms.share,
            amount=terms.amount,
            most=terms.most,
            call_classes=sorted(int(each) for each in terms.call_classes),
            queues=sorted(each.value for each in terms.queues),
            languages=sorted(terms.languages),
            starts_at=terms.starts_at,
            ends_at=terms.ends_at,
            reason=terms.reason,
            author_id=author_id,
        )
        .returning(loans.c.number)
    ).scalar_one()
    return number


def read(connection: Connection, number: int) -> StoredLoan | None:
    return next(iter(_found(connection, _ALL.where(loans.c.number == number))), None)


class LoansAsked(NamedTuple):
    """Which loans; None: all. `over`: taken back or past their end at `now`."""

    side: LoanSide | None = None
    over: bool | None = None
    before: int | None = None


EVERY_LOAN = LoansAsked()


def of_platforms(
    connection: Connection, platforms: Sequence[str], asked: LoansAsked, *, most: int, now: datetime
) -> list[StoredLoan]:
    """What these lend and are lent, newest first; `before`: those of a lower number."""
    sides = {LoanSide.LENT: loans.c.owner, LoanSide.BORROWED: loans.c.helper}
    seen_from = [sides[asked.side]] if asked.side else list(sides.values())
    wanted = [or_(*(side.in_(platforms) for side in seen_from))]
    over = or_(loans.c.taken_back_at.is_not(None), loans.c.ends_at <= now)
    if asked.over is not None:
        wanted.append(over if asked.over else not_(over))
    if asked.before is not None:
        wanted.append(loans.c.number < asked.before)
    return _found(connection, _ALL.where(*wanted).order_by(loans.c.number.desc()).limit(most))


def unsettled(connection: Connection) -> list[StoredLoan]:
    """Every loan that may still have marked an entry."""
    return _found(connection, _ALL.where(loans.c.settled_at.is_(None)).order_by(loans.c.number))


def in_force(connection: Connection, platform: str, now: datetime) -> list[StoredLoan]:
    """What a platform lends and is lent at this moment."""
    mine = or_(loans.c.owner == platform, loans.c.helper == platform)
    running = _ALL.where(
        mine,
        loans.c.settled_at.is_(None),
        loans.c.taken_back_at.is_(None),
        loans.c.starts_at <= now,
        loans.c.ends_at > now,
    )
    return _found(connection, running.order_by(loans.c.number))


def lock_lending(connection: Connection) -> None:
    """One loan is made at a time, so that the most there may be is exact."""
    connection.execute(text("select pg_advisory_xact_lock(hashtext('mutual aid'))"))


def count_unsettled(connection: Connection, platform: str) -> int:
    mine = or_(loans.c.owner == platform, loans.c.helper == platform)
    return int(
        connection.execute(
            select(func.count()).select_from(loans).where(mine, loans.c.settled_at.is_(None))
        ).scalar_one()
    )


def lock(connection: Connection, number: int) -> bool:
    """Keep a loan for this transaction; False when another one works at it."""
    locked = connection.execute(
        select(loans.c.number).where(loans.c.number == number).with_for_update(skip_locked=True)
    )
    return locked.first() is not None


def take_back(connection: Connection, number: int, now: datetime) -> bool:
    """No entry more may be taken under it; False when it was taken back before."""
    done = connection.execute(
        update(loans)
        .where(loans.c.number == number, loans.c.taken_back_at.is_(None), loans.c.settled_at.is_(None))
        .values(taken_back_at=now)
    )
    return done.rowcount > 0


def settle(connection: Connection, number: int, now: datetime) -> None:
    connection.execute(update(loans).where(loans.c.number == number).values(settled_at=now))


_ABOUT = """
    e.platform = :owner and e.state in ('READY', 'WAITING')
    and e.call_class = any(cast(:classes as smallint[])) and e.queue = any(cast(:queues as text[]))
    and (e.shed_level = 0 or e.shed_level > coalesce((
      select case when m.ends_at <= :now then 1 else m.level end from platform_modes m
      where m.platform = :owner), 1))
    and (cardinality(cast(:languages as text[])) = 0 or e.language = any(cast(:languages as text[])))
    and exists (select from users u
      where u.ended_at is null and :helper = any(u.platforms) and e.language = any(u.languages))
"""
_WAITING = text(f"select count(*) from call_list_entries e where {_ABOUT}")  # noqa: S608 - a constant
_MARK = text(
    f"""
    with chosen as (
      select e.id from call_list_entries e
      where {_ABOUT} and e.loan = 0 and e.callback_at is null and e.callback_agent_id is null
      order by e.call_class, e.front, e.effective_deadline, e.tie_break, e.id
      limit :most for update skip locked
    ), marked as (
      update call_list_entries e set loan = :number from chosen where e.id = chosen.id returning e.id
    )
    update mutual_aid_loans set lent = lent + (select count(*) from marked) where number = :number
    returning (select count(*) from marked)
    """  # noqa: S608 - a constant
)
# What a helper's agent had promised to call again themselves is open to the owner's agents.
_UNMARK = text(
    """
    with chosen as (
      select id from call_list_entries where loan = :number and loan <> 0 and state <> 'CLOSED'
      order by id limit :most for update skip locked
    )
    update call_list_entries e
    set loan = 0,
        callback_for_me_only = e.callback_for_me_only and ours.yes,
        callback_agent_id = case when ours.yes then e.callback_agent_id end
    from chosen cross join lateral (
      select exists (select from call_list_entries c join users u on u.id = c.callback_agent_id
        where c.id = chosen.id and c.platform = any(u.platforms)) as yes) ours
    where e.id = chosen.id
    """
)


def counts(connection: Connection, loan: StoredLoan, now: datetime) -> LoanCounts:
    waiting = connection.execute(_WAITING, _about(loan.terms, now)).scalar_one()
    return LoanCounts(open=loan.in_reach, waiting=int(waiting), lent=loan.lent)


def mark(connection: Connection, loan: StoredLoan, *, most: int, now: datetime) -> int:
    """Lend the most urgent entries of which nobody promised anything; how many."""
    wanted = _about(loan.terms, now) | {"number": loan.number, "most": most}
    return int(connection.execute(_MARK, wanted).scalar_one())


def unmark(connection: Connection, number: int, *, most: int) -> int:
    """Entries come back to their owner alone; who is in an agent's hands stays there. How many."""
    return connection.execute(_UNMARK, {"number": number, "most": most}).rowcount


_HELP = text(
    """
    select a.platform as owner, pairs.helper, count(distinct a.agent_id) as agents, count(*) as calls,
      count(*) filter (where a.outcome = any(cast(:reached as text[]))) as reached,
      coalesce(sum(extract(epoch from coalesce(a.ended_at, a.agent_left_at, a.started_at) - a.started_at)), 0)
        as seconds
    from (select distinct owner, helper from mutual_aid_loans
          where owner = any(cast(:platforms as text[])) or helper = any(cast(:platforms as text[]))) pairs
    join users u on pairs.helper = any(u.platforms) and not pairs.owner = any(u.platforms)
    join call_attempts a on a.agent_id = u.id and a.platform = pairs.owner
    where a.started_at >= :since and a.started_at < :until
      and (cast(:owner as text) is null or (a.platform, pairs.helper) > (:owner, :helper))
    group by a.platform, pairs.helper order by a.platform, pairs.helper limit :most
    """
)


def help_given(
    connection: Connection,
    platforms: Sequence[str],
    *,
    since: datetime,
    until: datetime,
    reached: Sequence[str],
    after: tuple[str, str] | None = None,
    most: int | None = None,
) -> list[HelpGiven]:
    """By owner and helper, of calls clicked in [since, until); who works for both counts for neither.

    `after`: the owner and the helper that the page before ended with.
    """
    owner, helper = after or (None, None)
    wanted = {"platforms": list(platforms), "since": since, "until": until, "reached": list(reached)}
    rows = connection.execute(_HELP, {**wanted, "owner": owner, "helper": helper, "most": most})
    return [
        HelpGiven(row.owner, row.helper, row.agents, row.calls, row.reached, int(row.seconds)) for row in rows
    ]


_IN_HAND = text(
    """
    select c.platform from case_records c
    where c.id = :case_record_id and exists (
      select from call_list_entries e where e.case_record_id = c.id and (
        e.state = 'LEASED' and e.leased_by = :agent_id
        or exists (select from call_attempts a
          where a.entry_id = e.id and a.agent_id = :agent_id and a.outcome is null)))
    """
)


def platform_in_hand(connection: Connection, agent_id: UUID, case_record_id: UUID) -> str | None:
    """The platform of a record that the agent holds or is calling now; None when they do not."""
    return connection.execute(_IN_HAND, {"agent_id": agent_id, "case_record_id": case_record_id}).scalar()


def _about(terms: LoanTerms, now: datetime) -> dict[str, object]:
    return {
        "owner": terms.owner,
        "helper": terms.helper,
        "classes": sorted(int(each) for each in terms.call_classes),
        "queues": sorted(each.value for each in terms.queues),
        "languages": sorted(terms.languages),
        "now": now,
    }


def _found(connection: Connection, statement: Select[tuple[object, ...]]) -> list[StoredLoan]:
    return [_loan(row) for row in connection.execute(statement)]


def _loan(row: Row[tuple[object, ...]]) -> StoredLoan:
    terms = LoanTerms(
        owner=row.owner,
        helper=row.helper,
        share=row.share,
        amount=row.amount,
        most=row.most,
        call_classes=frozenset(CallClass(each) for each in row.call_classes),
        queues=frozenset(Queue(each) for each in row.queues),
        languages=frozenset(row.languages),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
    )
    return StoredLoan(row.number, terms, row.lent, row.in_reach, row.taken_back_at, row.settled_at)
