"""The call list as those who steer it see it: who is late or soon will be, by id and order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, tuple_

from outreach.domain.board import ENDS, TimeLeft
from outreach.domain.call_list import AT_RISK_BEFORE
from outreach.storage.tables import call_list_entries, case_records, restricted_records

entries = call_list_entries.c
_OPEN_STATES = ("READY", "WAITING", "LEASED", "TEXTED")
_TO_CALL = ("READY", "WAITING", "LEASED")
_IN_NOBODYS_HANDS = ("READY", "WAITING")


class Place(NamedTuple):
    """Where a page ended: what a row was ordered by then, whatever became of the row since."""

    call_class: int
    effective_deadline: datetime
    entry_id: UUID


@dataclass(frozen=True)
class ListedEntry:
    """One open entry; no person in it. `restricted`: its person has a restricted record."""

    entry_id: UUID
    platform: str
    case_record_id: UUID
    purpose: str
    state: str
    queue: str
    call_class: int
    deadline: datetime
    effective_deadline: datetime
    not_before: datetime | None
    tries: int
    restricted: bool

    @property
    def place(self) -> Place:
        return Place(self.call_class, self.effective_deadline, self.entry_id)


@dataclass(frozen=True)
class Sought:
    """Whom a supervisor looks for among those to be called. `left`: () for any; `state` "": any of those to
    be called; `first`: nobody of their record was called yet."""

    left: tuple[TimeLeft, ...] = ()
    call_class: int | None = None
    queue: str = ""
    state: str = ""
    first: bool = False


@dataclass(frozen=True)
class ClassCounts:
    """Open entries of one class by state; late and at risk count those in nobody's hands."""

    platform: str
    call_class: int
    ready: int
    waiting: int
    leased: int
    texted: int
    at_risk: int
    late: int


_STORED = list(ListedEntry.__dataclass_fields__)[1:-1]
_RESTRICTED = exists().where(
    case_records.c.person_id == entries.person_id, restricted_records.c.case_record_id == case_records.c.id
)
_COLUMNS = [entries.id, *(entries[name] for name in _STORED), _RESTRICTED]


def by_class(connection: Connection, platforms: Sequence[str], now: datetime) -> list[ClassCounts]:
    """Open entries by platform and class."""
    rows = connection.execute(
        select(
            entries.platform,
            entries.call_class,
            *(func.count().filter(entries.state == state) for state in _OPEN_STATES),
            func.count().filter(_at_risk(now)),
            func.count().filter(_late(now)),
        )
        .where(entries.platform.in_(platforms), entries.state.in_(_OPEN_STATES))
        .group_by(entries.platform, entries.call_class)
        .order_by(entries.platform, entries.call_class)
    )
    return [ClassCounts(*row) for row in rows]


def late(
    connection: Connection, platforms: Sequence[str], now: datetime, *, after: Place | None, most: int
) -> list[ListedEntry]:
    """Deadline passed, in nobody's hands, in the order of the list; `after`: where the page before ended."""
    return _page(connection, platforms, _late(now), after=after, most=most)


def at_risk(
    connection: Connection, platforms: Sequence[str], now: datetime, *, after: Place | None, most: int
) -> list[ListedEntry]:
    """Less than four hours left, and in nobody's hands."""
    return _page(connection, platforms, _at_risk(now), after=after, most=most)


def found(
    connection: Connection,
    platforms: Sequence[str],
    sought: Sought,
    now: datetime,
    *,
    after: Place | None,
    most: int,
) -> list[ListedEntry]:
    """Those to be called who are like this, in the order of the list."""
    return _page(connection, platforms, and_(*_like(sought, now)), after=after, most=most)


def _like(sought: Sought, now: datetime) -> Iterator[ColumnElement[bool]]:
    yield entries.state.in_((sought.state,) if sought.state else _TO_CALL)
    if sought.left:
        yield or_(*(_left(each, now) for each in sought.left))
    if sought.call_class is not None:
        yield entries.call_class == sought.call_class
    if sought.queue:
        yield entries.queue == sought.queue
    if sought.first:
        c = case_records.c
        yield exists().where(c.id == entries.case_record_id, c.first_called_at.is_(None))


def _left(left: TimeLeft, now: datetime) -> ColumnElement[bool]:
    """As the board's columns part them (board_store.time_left_case)."""
    if left is TimeLeft.LATE:
        return entries.deadline < now
    bounds = [None, *ENDS.values(), None]
    place = [*ENDS, TimeLeft.LONGER].index(left)
    begins, ends = bounds[place], bounds[place + 1]
    parts = [entries.deadline >= now]
    if begins is not None:
        parts.append(entries.effective_deadline >= now + timedelta(hours=begins))
    if ends is not None:
        parts.append(entries.effective_deadline < now + timedelta(hours=ends))
    return and_(*parts)


def _late(now: datetime) -> ColumnElement[bool]:
    return and_(entries.deadline < now, entries.state.in_(_IN_NOBODYS_HANDS))


def _at_risk(now: datetime) -> ColumnElement[bool]:
    return and_(
        entries.deadline >= now,
        entries.effective_deadline.between(now, now + AT_RISK_BEFORE),
        entries.state.in_(_IN_NOBODYS_HANDS),
    )


def _page(
    connection: Connection,
    platforms: Sequence[str],
    which: ColumnElement[bool],
    *,
    after: Place | None,
    most: int,
) -> list[ListedEntry]:
    order = (entries.call_class, entries.effective_deadline, entries.id)
    statement = select(*_COLUMNS).where(entries.platform.in_(platforms), which).order_by(*order).limit(most)
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple_(*after))
    return [ListedEntry(*row) for row in connection.execute(statement)]
