"""People who change platform: whom a move takes, and every row of theirs moved in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from outreach.ids import new_id
from outreach.storage.case_store import lock_intake
from outreach.storage.tables import imports, platform_move_people, platform_moves

c = platform_moves.c
MERGE, SPLIT = "MERGE", "SPLIT"
# Tables by what ties them to a person; messages and entries are locked first, in this order.
_BY_PERSON = (
    *("messages", "call_list_entries", "persons", "case_records", "call_attempts"),
    *("interview_answers", "conversations", "inbound_messages", "asked_calls", "inbound_calls"),
)
_BY_RECORD = ("case_references", "interview_figures", "watched_records")
COUNTED = ("persons", "case_records", "call_list_entries", "messages")


@dataclass(frozen=True)
class Move:
    """`counts`: rows moved so far; `expected`: rows there were when it began, by table."""

    id: UUID
    source: str
    target: str
    kind: str
    counts: dict[str, int]
    expected: dict[str, int]
    started_at: datetime
    done_at: datetime | None

    @property
    def rows(self) -> int:
        """To be moved, of all tables."""
        return sum(self.expected.values())

    @property
    def moved(self) -> int:
        """So far; who came meanwhile is moved too, and not counted twice."""
        return min(self.rows, sum(self.counts.values()))


def begin(
    connection: Connection,
    *,
    source: str,
    target: str,
    kind: str,
    reason: str,
    by: UUID | None,
    now: datetime,
) -> UUID:
    move_id = new_id()
    connection.execute(
        insert(platform_moves).values(
            id=move_id, source=source, target=target, kind=kind, reason=reason, author_id=by, started_at=now
        )
    )
    return move_id


def read(connection: Connection, move_id: UUID) -> Move | None:
    row = connection.execute(
        select(*(c[name] for name in Move.__dataclass_fields__)).where(c.id == move_id)
    ).first()
    return None if row is None else Move(*row)


def of_platform(connection: Connection, code: str, *, most: int) -> list[Move]:
    """From it or to it, newest first."""
    query = select(*(c[name] for name in Move.__dataclass_fields__)).where(
        or_(c.source == code, c.target == code)
    )
    rows = connection.execute(query.order_by(c.started_at.desc(), c.id.desc()).limit(most))
    return [Move(*row) for row in rows]


def unfinished(connection: Connection) -> list[UUID]:
    return list(connection.execute(select(c.id).where(c.done_at.is_(None)).order_by(c.started_at)).scalars())


def is_busy(connection: Connection, platforms: Sequence[str]) -> bool:
    """Whether a file is read for one of them, or a move is under way."""
    reading = select(imports.c.id).where(
        imports.c.platform.in_(platforms), imports.c.state.in_(["QUEUED", "RUNNING"])
    )
    moving = select(c.id).where(c.done_at.is_(None), c.source.in_(platforms) | c.target.in_(platforms))
    return bool(connection.execute(select(reading.exists() | moving.exists())).scalar())


def other_ends(connection: Connection, platform: str) -> list[str]:
    """From where, or to where, people of this platform are moved now."""
    ends = select(c.source, c.target).where(
        c.done_at.is_(None), or_(c.source == platform, c.target == platform)
    )
    return sorted({code for row in connection.execute(ends) for code in row} - {platform})


def take_some(connection: Connection, move_id: UUID, source: str, *, most: int) -> int:
    """Name some who are at the source, once all who were named have moved; also those who came since."""
    return connection.execute(
        text(
            "insert into platform_move_people (move_id, person_id)"
            " select :move, id from persons where platform = :source limit :most on conflict do nothing"
        ),
        {"move": move_id, "source": source, "most": most},
    ).rowcount


def take_records(
    connection: Connection, move_id: UUID, source: str, records: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Whose records these are, by source and record number; those that were not found."""
    named = {"sources": [each[0] for each in records], "numbers": [each[1] for each in records]}
    found = connection.execute(
        text(
            """
            with wanted as (
              select * from unnest(cast(:sources as text[]), cast(:numbers as text[])) w(source, number)
            ), known as (
              select w.source, w.number, r.person_id from wanted w
              join case_references f
                on f.platform = :platform and f.source = w.source and f.external_id = w.number
              join case_records r on r.id = f.case_record_id
            ), taken as (
              insert into platform_move_people (move_id, person_id)
              select distinct cast(:move as uuid), person_id from known
            )
            select w.source, w.number from wanted w where not exists (
              select from known k where k.source = w.source and k.number = w.number)
            """
        ),
        named | {"move": move_id, "platform": source},
    )
    return [(row.source, row.number) for row in found]


def keep_expected(connection: Connection, move_id: UUID, *, everybody_of: str | None = None) -> None:
    """How many rows there are to move, of the tables that are counted: of the people named, or of all at the
    source."""
    named = "platform_move_people p on p.move_id = :move and p.person_id"
    people = named if everybody_of is None else "persons p on p.platform = :source and p.id"
    expected = {
        table: connection.execute(
            text(
                f"select count(*) from {table} t join {people}"  # noqa: S608 - names of tables
                f" = t.{'id' if table == 'persons' else 'person_id'}"
            ),
            {"move": move_id, "source": everybody_of},
        ).scalar_one()
        for table in COUNTED
    }
    connection.execute(update(platform_moves).where(c.id == move_id).values(expected=expected))


def next_people(connection: Connection, move_id: UUID, *, most: int) -> list[UUID]:
    """Some of those who are still to be moved, kept for this transaction."""
    people = platform_move_people.c
    return list(
        connection.execute(
            select(people.person_id)
            .where(people.move_id == move_id, people.moved_at.is_(None))
            .order_by(people.person_id)
            .limit(most)
            .with_for_update(skip_locked=True)
        ).scalars()
    )


def move_people(connection: Connection, move: Move, people: Sequence[UUID], now: datetime) -> dict[str, int]:
    """Every row of theirs stands under the target; rows moved, by table."""
    wanted: dict[str, Any] = {"people": list(people), "source": move.source, "target": move.target}
    connection.execute(_held("messages"), wanted)
    lock_intake(connection, move.source, move.target)  # whoever takes in, or changes a record, sees one side
    connection.execute(_held("call_list_entries"), wanted)
    connection.execute(_RENAME, wanted)
    moved = {table: connection.execute(_by_record(table), wanted).rowcount for table in _BY_RECORD}
    moved |= {table: connection.execute(_by_person(table), wanted).rowcount for table in _BY_PERSON}
    ids = bindparam("ids", list(people), ARRAY(Uuid))
    connection.execute(
        update(platform_move_people)
        .where(platform_move_people.c.move_id == move.id, platform_move_people.c.person_id == func.any(ids))
        .values(moved_at=now)
    )
    return moved


def open_entries(connection: Connection, people: Sequence[UUID]) -> list[UUID]:
    """Entries of these people that are not closed."""
    found = connection.execute(
        text(f"select id from call_list_entries where {_OF_THEIRS} and state <> 'CLOSED'"),  # noqa: S608
        {"people": list(people)},
    )
    return list(found.scalars())


# Entries go by their records, which have an index of their people.
_OF_THEM = "person_id = any(cast(:people as uuid[]))"
_OF_THEIRS = f"case_record_id in (select r.id from case_records r where r.{_OF_THEM})"  # noqa: S608
_WHOSE = {"persons": "id = any(cast(:people as uuid[]))", "call_list_entries": _OF_THEIRS}


def _of(table: str) -> str:
    """Whose rows they are, as SQL."""
    return _WHOSE.get(table, _OF_THEM)


def _held(table: str) -> Any:
    return text(
        f"select id from {table} where {_of(table)} and platform = :source order by id for update"  # noqa: S608
    )


# A number that the target knows already, of another record, keeps the name of where it came from.
_RENAME = text(
    """
    update case_references f set source = f.source || '@' || :source
    from case_records r
    where r.id = f.case_record_id and r.person_id = any(cast(:people as uuid[])) and f.platform = :source
      and exists (select from case_references other
        where other.platform = :target and other.source = f.source and other.external_id = f.external_id)
    """
)


def _by_person(table: str) -> Any:
    more = ", loan = 0" if table == "call_list_entries" else ""
    return text(
        f"update {table} set platform = :target{more}"  # noqa: S608 - names of tables
        f" where {_of(table)} and platform = :source"
    )


def _by_record(table: str) -> Any:
    return text(
        f"update {table} t set platform = :target from case_records r"  # noqa: S608 - names of tables
        " where r.id = t.case_record_id and r.person_id = any(cast(:people as uuid[]))"
        " and t.platform = :source"
    )


def add_counts(connection: Connection, move: Move, moved: dict[str, int]) -> None:
    counts = {table: move.counts.get(table, 0) + n for table, n in moved.items()}
    connection.execute(update(platform_moves).where(c.id == move.id).values(counts=counts))


def lock(connection: Connection, move_id: UUID) -> Move | None:
    """The move while it is under way, and nobody else works at it."""
    row = connection.execute(
        select(*(c[name] for name in Move.__dataclass_fields__))
        .where(c.id == move_id, c.done_at.is_(None))
        .with_for_update(skip_locked=True)
    ).first()
    return None if row is None else Move(*row)


def left_behind(connection: Connection, move: Move) -> int:
    """Rows of moved people that still stand under the source: 0 when all is well."""
    ours = "select p.person_id from platform_move_people p where p.move_id = :move and p.moved_at is not null"
    return sum(
        connection.execute(
            text(
                f"select count(*) from {table} where platform = :source"  # noqa: S608 - names of tables
                f" and {'id' if table == 'persons' else 'person_id'} in ({ours})"
            ),
            {"move": move.id, "source": move.source},
        ).scalar_one()
        for table in COUNTED
    )


def finish(connection: Connection, move_id: UUID, now: datetime) -> None:
    connection.execute(update(platform_moves).where(c.id == move_id).values(done_at=now))
    connection.execute(text("delete from platform_move_people where move_id = :move"), {"move": move_id})


def let_agents_follow(connection: Connection, source: str, target: str) -> None:
    """Whoever works for the source works for the target as well; again changes nothing."""
    connection.execute(
        text(
            "update users set platforms = platforms || cast(:target as text)"
            " where :source = any(platforms) and not :target = any(platforms) and ended_at is null"
        ),
        {"source": source, "target": target},
    )
