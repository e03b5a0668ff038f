"""Practice calls as stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.case_records import CaseKind
from outreach.domain.interview_answers import StoredValue
from outreach.domain.outcomes import CallOutcome
from outreach.domain.practice import Scenario
from outreach.domain.practice_call import Act, Slip
from outreach.domain.practice_contacts import GridMarks
from outreach.domain.practice_marks import Marks, WrongAnswer
from outreach.errors import NotFound
from outreach.storage.tables import training_sessions, users
from outreach.storage.touched import touch_platform

c = training_sessions.c


@dataclass(frozen=True)
class Session:
    """One practice call of one agent. `scenario` and `kind` None: drawn by the seed; `marks` once it is over.

    `answers`: but those in words, which are in `sealed` with the contacts grid.
    """

    id: UUID
    user_id: UUID
    platform: str
    seed: int
    day: date
    scenario: Scenario | None
    script: str
    kind: CaseKind | None
    language: str
    started_at: datetime
    called_at: datetime | None
    hung_up_at: datetime | None
    ended_at: datetime | None
    outcome: CallOutcome | None
    asked: tuple[str, ...]
    acts: tuple[Act, ...]
    answers: Mapping[str, StoredValue]
    sealed: bytes | None
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
            script=session.script,
            kind=session.kind.value if session.kind else "",
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
        "grid": asdict(told.grid),
        "slips": [slip.value for slip in told.slips],
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
            "kind": CaseKind(values["kind"]) if values["kind"] else None,
            "asked": tuple(values["asked"]),
            "acts": tuple(Act(each) for each in values["acts"]) or _before_acts(values),
            "marks": None if told is None else _marks(told),
        }
    )


def _before_acts(values: Mapping[str, Any]) -> tuple[Act, ...]:
    """Of a call begun before acts were kept: what its moments tell."""
    told = ((Act.CALL, values["called_at"]), (Act.HANG_UP, values["hung_up_at"]))
    return tuple(act for act, at in told if at is not None)


def _marks(told: Mapping[str, Any]) -> Marks:
    grid = told.get("grid", {})
    return Marks(
        outcome_right=told["outcome_right"],
        right=told["right"],
        wrong=tuple(WrongAnswer(*each) for each in told["wrong"]),
        missing=tuple(told["missing"]),
        grid=GridMarks(
            right=grid.get("right", 0),
            wrong=tuple((place, tuple(fields)) for place, fields in grid.get("wrong", ())),
            missing=tuple(grid.get("missing", ())),
            extra=grid.get("extra", 0),
        ),
        slips=tuple(Slip(each) for each in told.get("slips", ())),
    )
