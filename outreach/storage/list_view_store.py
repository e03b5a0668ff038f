"""The call list as those who steer it see it: who is late or soon will be, by id and order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from outreach.domain.board import ENDS, TimeLeft
from outreach.domain.call_list import AT_RISK_BEFORE, Queue
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
_OF_THEIRS = restricted_records.c.case_record_id == case_records.c.id
_RESTRICTED = (
    select(literal(1))
    .select_from(case_records.join(restricted_records, _OF_THEIRS))
    .where(case_records.c.person_id == entries.person_id)
    .correlate(call_list_entries)
    .exists()
)
_COLUMNS = [entries.id, *(entries[name] for name in _STORED), _RESTRICTED.label("restricted")]


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
    return _page(connection, platforms, like(sought, now), after=after, most=most)


def like(sought: Sought, now: datetime) -> ColumnElement[bool]:
    """What is true of those who are sought."""
    return and_(*_like(sought, now))


def _like(sought: Sought, now: datetime) -> Iterator[ColumnElement[bool]]:
    yield _in_state(*((sought.state,) if sought.state else _TO_CALL))
    if sought.left:
        yield or_(*(_left(each, now) for each in sought.left))
    if sought.call_class is not None:
        yield entries.call_class == sought.call_class
    if sought.queue:
        yield entries.queue == _literal(Queue(sought.queue))
    if sought.first:
        c = case_records.c
        yield exists().where(c.id == entries.case_record_id, c.first_called_at.is_(None))


def _left(left: TimeLeft, now: datetime) -> ColumnElement[bool]:
    """As the board's columns part them (board_store.time_left_case)."""
    if left is TimeLeft.LATE:
        return _past_deadline(now)
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
    return and_(_past_deadline(now), _in_state(*_IN_NOBODYS_HANDS))


def _past_deadline(now: datetime) -> ColumnElement[bool]:
    """The last callable moment passes first, but for the few whose 24 hours held none: each by its index."""
    last = entries.effective_deadline
    return and_(entries.deadline < now, or_(last < now, last > entries.deadline))


def _at_risk(now: datetime) -> ColumnElement[bool]:
    return and_(
        entries.deadline >= now,
        entries.effective_deadline.between(now, now + AT_RISK_BEFORE),
        _in_state(*_IN_NOBODYS_HANDS),
    )


def _in_state(*states: str) -> ColumnElement[bool]:
    """In so many words: an index of these states alone is not used for a parameter."""
    return entries.state.in_([_literal(state) for state in states])


def _literal(code: str) -> ColumnElement[str]:
    """A code of ours as SQL."""
    assert code.replace("_", "").isalpha(), code
    return literal_column(f"'{code}'", Text)


def _page(
    connection: Connection,
    platforms: Sequence[str],
    which: ColumnElement[bool],
    *,
    after: Place | None,
    most: int,
) -> list[ListedEntry]:
    rows = connection.execute(first_of_each(platforms, which, after=after, most=most))
    return [ListedEntry(*row) for row in rows]


def first_of_each(
    platforms: Sequence[str], which: ColumnElement[bool], *, after: Place | None, most: int
) -> Select[Any]:
    """The first entries of each platform by its own range of the index, then the first of these."""
    order = (entries.call_class, entries.effective_deadline, entries.id)
    asked = func.unnest(literal(list(platforms), ARRAY(Text))).table_valued("platform").render_derived()
    own = select(*_COLUMNS).where(entries.platform == asked.c.platform, which).order_by(*order).limit(most)
    if after is not None:
        own = own.where(tuple_(*order) > tuple_(*after))
    first = own.lateral("own")
    statement: Select[Any] = select(first).select_from(asked).join(first, true())
    return statement.order_by(first.c.call_class, first.c.effective_deadline, first.c.id).limit(most)
