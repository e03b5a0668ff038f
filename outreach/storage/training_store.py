"""Practice calls as stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.interview_answers import StoredValue
from outreach.domain.outcomes import CallOutcome
from outreach.domain.practice import Marks, Scenario, WrongAnswer
from outreach.errors import NotFound
from outreach.storage.tables import training_sessions, users
from outreach.storage.touched import touch_platform

c = training_sessions.c


@dataclass(frozen=True)
class Session:
    """One practice call of one agent. `scenario` None: drawn by the seed; `marks` once it is over."""

    id: UUID
    user_id: UUID
    platform: str
    seed: int
    day: date
    scenario: Scenario | None
    language: str
    started_at: datetime
    called_at: datetime | None
    hung_up_at: datetime | None
    ended_at: datetime | None
    outcome: CallOutcome | None
    asked: tuple[str, ...]
    answers: Mapping[str, StoredValue]
    marks: Marks | None
    version: int

    @property
    def seconds(self) -> int:
        """From the call to its outcome; 0 before."""
        if self.called_at is None or self.ended_at is None:
            return 0
        return round((self.ended_at - self.called_at).total_seconds())


@dataclass(frozen=True)
class Result:
    """A practice call that is over, for whoever trains the agent."""

    login: str
    session: Session


_COLUMNS = [c[name] for name in Session.__dataclass_fields__]


def begin(connection: Connection, session: Session) -> bool:
    """Whether the agent had none open."""
    added = connection.execute(
        insert(training_sessions)
        .values(
            id=session.id,
            user_id=session.user_id,
            platform=session.platform,
            seed=session.seed,
            day=session.day,
            scenario=session.scenario.value if session.scenario else None,
            language=session.language,
            started_at=session.started_at,
        )
        .on_conflict_do_nothing()
        .returning(c.id)
    )
    return added.first() is not None


def open_of(connection: Connection, user_id: UUID) -> Session | None:
    row = connection.execute(select(*_COLUMNS).where(c.user_id == user_id, c.ended_at.is_(None))).first()
    return None if row is None else _session(row)


def read(connection: Connection, session_id: UUID, *, lock: bool = False) -> Session:
    """Raises NotFound."""
    statement = select(*_COLUMNS).where(c.id == session_id)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise NotFound("There is no such practice call.")
    return _session(row)


def change(connection: Connection, session: Session, **values: Any) -> None:
    connection.execute(
        update(training_sessions).where(c.id == session.id).values(version=c.version + 1, **values)
    )


def end(connection: Connection, session: Session, outcome: CallOutcome, told: Marks, now: datetime) -> None:
    """It is over, with its marks."""
    kept = {
        "outcome_right": told.outcome_right,
        "right": told.right,
        "wrong": [[each.question, each.given, each.truth] for each in told.wrong],
        "missing": list(told.missing),
    }
    change(connection, session, outcome=outcome.value, marks=kept, ended_at=now)
    touch_platform(connection, session.platform)


def forget(connection: Connection, session: Session) -> None:
    """As if it had never begun."""
    connection.execute(delete(training_sessions).where(c.id == session.id))


def results(
    connection: Connection,
    platforms: Sequence[str],
    *,
    user_id: UUID | None,
    before: UUID | None,
    most: int,
) -> list[Result]:
    """Calls that are over on these platforms, newest first; of one agent, or of all."""
    statement = (
        select(users.c.login, *_COLUMNS)
        .join(users, users.c.id == c.user_id)
        .where(c.platform.in_(platforms), c.ended_at.is_not(None))
        .order_by(c.id.desc())
        .limit(most)
    )
    if user_id is not None:
        statement = statement.where(c.user_id == user_id)
    if before is not None:
        statement = statement.where(c.id < before)
    return [Result(row.login, _session(row)) for row in connection.execute(statement)]


def _session(row: Row[Any]) -> Session:
    values = {name: getattr(row, name) for name in Session.__dataclass_fields__}
    told = values["marks"]
    return Session(
        **{
            **values,
            "scenario": Scenario(values["scenario"]) if values["scenario"] else None,
            "outcome": CallOutcome(values["outcome"]) if values["outcome"] else None,
            "asked": tuple(values["asked"]),
            "marks": None if told is None else _marks(told),
        }
    )


def _marks(told: Mapping[str, Any]) -> Marks:
    wrong = tuple(WrongAnswer(*each) for each in told["wrong"])
    return Marks(told["outcome_right"], told["right"], wrong, tuple(told["missing"]))
