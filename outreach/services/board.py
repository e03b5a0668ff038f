"""The supervisor's board: the list, the day, messages, alarms and agents of one platform, as they are now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.clock import Clock
from outreach.domain.board import AgentFacts, AgentState, Doing, TimeLeft, doing_of
from outreach.domain.call_attempts import CallStatus
from outreach.domain.call_list import AT_RISK_BEFORE, FIRST_CALL_WITHIN, CallClass
from outreach.domain.load_shedding import ModeInForce
from outreach.domain.service_level import (
    LateCause,
    PositiveHistory,
    ServiceLevel,
    late_cause,
    service_level,
)
from outreach.errors import NotFound
from outreach.services.paced import Paced
from outreach.services.service_level import ServiceLevelFigures
from outreach.storage import alarm_store, board_store, listener_store, mode_store, platform_store
from outreach.storage.board_store import AgentRow, BacklogRow, HourRow
from outreach.storage.database import Database
from outreach.storage.listener_store import ShownListener

MOST_ALARMS = 50  # of each kind
MOST_LATE = 2_000  # whose causes are looked up
MOST_NAMED = 12  # records named beside a cause
CONTACTS = (CallClass.HOUSEHOLD, CallClass.COLLECTIVE_SETTING, CallClass.CONTACT)


@dataclass(frozen=True)
class Backlog:
    """Open entries by class and time left."""

    rows: Sequence[BacklogRow]

    def cell(self, call_class: int, left: TimeLeft) -> int:
        """To be called: ready, waiting for their hour, or in hand."""
        return sum(
            row.ready + row.waiting + row.in_hand
            for row in self.rows
            if row.call_class == call_class and row.time_left == left
        )

    def of_class(self, call_class: int) -> int:
        return sum(self.cell(call_class, left) for left in TimeLeft)

    def count(self, name: str, *classes: int) -> int:
        """ready, waiting, in_hand or texted, of some classes (none named: of all)."""
        return sum(getattr(row, name) for row in self.rows if not classes or row.call_class in classes)

    @property
    def classes(self) -> list[int]:
        return sorted({row.call_class for row in self.rows} | {CallClass.POSITIVE.value})

    @property
    def largest_class(self) -> int:
        return max(self.of_class(each) for each in self.classes)

    @property
    def contacts(self) -> int:
        return sum(self.of_class(each) for each in CONTACTS)

    @property
    def largest(self) -> int:
        """Of all cells, for the shades of the heat table."""
        return max((self.cell(each, left) for each in self.classes for left in TimeLeft), default=0)


@dataclass(frozen=True)
class LatePositives:
    """Late by now for one cause, and the first of them by record; None: not looked up, there are too many."""

    cause: LateCause | None
    count: int
    records: Sequence[UUID]


@dataclass(frozen=True)
class DayFigures:
    """Positives by the 24 hours of their result: those whose time is over, and those whose time runs."""

    over: ServiceLevel
    running: ServiceLevel
    at_risk: int
    late: Sequence[LatePositives]

    @property
    def called_share(self) -> float | None:
        """Of positives whose 24 hours are over, those called in time; None without any."""
        return self.over.called_in_time / self.over.positives if self.over.positives else None

    @property
    def late_count(self) -> int:
        return sum(each.count for each in self.late)


@dataclass(frozen=True)
class AgentLive:
    """One agent and what they do."""

    row: AgentRow
    doing: Doing
    listeners: Sequence[ShownListener] = ()


@dataclass(frozen=True)
class BoardView:
    """Everything a board shows, as of one moment."""

    platform: str
    name: str
    zone: str
    at: datetime
    mode: ModeInForce
    backlog: Backlog
    day: DayFigures
    messages: Mapping[str, int]
    open_conversations: int
    alarms: Sequence[Mapping[str, Any]]
    agents: Sequence[AgentLive]

    def agents_by_state(self) -> dict[AgentState, int]:
        """How many agents do what; states nobody is in are left out."""
        counted = Counter(each.doing.state for each in self.agents)
        return {state: counted[state] for state in AgentState if counted[state]}

    @property
    def calls_today(self) -> int:
        """Of everybody who was at work today."""
        return sum(each.row.calls_today for each in self.agents)

    def count_messages(self, statuses: Sequence[str]) -> int:
        return sum(self.messages.get(status, 0) for status in statuses)

    @property
    def at_work(self) -> list[AgentLive]:
        """Those who are not off."""
        return [each for each in self.agents if each.doing.state is not AgentState.OFF]


@dataclass(frozen=True)
class Board:
    """Reads only. What walks over many rows is paced: on a very large platform it may be some seconds old."""

    database: Database
    clock: Clock
    figures: ServiceLevelFigures
    backlogs: Paced[Backlog] = field(default_factory=Paced)
    days: Paced[DayFigures] = field(default_factory=Paced)
    messages: Paced[Mapping[str, int]] = field(default_factory=Paced)
    hours: Paced[list[HourRow]] = field(default_factory=Paced)

    def view(self, platform: str) -> BoardView:
        """The board of a platform. Raises NotFound."""
        now = self.clock.now()
        backlog = self.backlogs.get(platform, lambda: self._backlog(platform, now))
        day = self.days.get(platform, lambda: self.day(platform))
        messages = self.messages.get(platform, lambda: self._messages(platform, now))
        with self.database.begin() as connection:
            known = platform_store.read(connection, platform)
            rows = board_store.agents(connection, platform, now=now, midnight=_midnight(now, known.time_zone))
            rooms = [row.conference for row in rows if row.conference is not None]
            listeners = listener_store.shown_in(connection, rooms) if rooms else {}
            return BoardView(
                platform=platform,
                name=known.name,
                zone=known.time_zone,
                at=now,
                mode=mode_store.in_force(connection, platform),
                backlog=backlog,
                day=day,
                messages=messages,
                open_conversations=board_store.open_conversations(connection, platform),
                alarms=[
                    dict(row) for row in alarm_store.open_by_kind(connection, [platform], most=MOST_ALARMS)
                ],
                agents=[_live(row, listeners, now) for row in rows],
            )

    def record_numbers(self, records: Sequence[UUID]) -> dict[UUID, str]:
        """What people call these records; one without a number is left out."""
        with self.database.begin() as connection:
            return board_store.record_numbers(connection, records)

    def calls_by_hour(self, platform: str) -> list[HourRow]:
        """Calls of the last 24 hours."""
        now = self.clock.now()

        def count() -> list[HourRow]:
            with self.database.begin() as connection:
                return board_store.calls_by_hour(connection, platform, now)

        return self.hours.get(platform, count)

    def day(self, platform: str) -> DayFigures:
        """Who was called in time, and why the others were not; from the journal alone. Raises NotFound."""
        now = self.clock.now()
        found = self.figures.histories(platform, now - 2 * FIRST_CALL_WITHIN, now + timedelta(seconds=1))
        parted = now - FIRST_CALL_WITHIN
        return DayFigures(
            over=service_level(
                [each for each in found.positives if each.result_at < parted],
                [each for each in found.contacts if each.listed_at < parted],
                now,
            ),
            running=service_level(
                [each for each in found.positives if each.result_at >= parted],
                [each for each in found.contacts if each.listed_at >= parted],
                now,
            ),
            at_risk=at_risk(found.positives, now),
            late=self._late(platform, now),
        )

    def _late(self, platform: str, now: datetime) -> list[LatePositives]:
        """Whoever is on the list, late, and was never called; of very many, the causes of the oldest."""
        with self.database.begin() as connection:
            records, count = board_store.late_positives(connection, platform, now, most=MOST_LATE)
        by_cause: dict[LateCause, list[UUID]] = {}
        for history in self.figures.positives_of(records):
            by_cause.setdefault(late_cause(history), []).append(history.case_record_id)
        found = [
            LatePositives(cause, len(by_cause[cause]), by_cause[cause][:MOST_NAMED])
            for cause in LateCause
            if cause in by_cause
        ]
        rest = count - len(records)
        return [*found, LatePositives(None, rest, ())] if rest else found

    def _backlog(self, platform: str, now: datetime) -> Backlog:
        with self.database.begin() as connection:
            return Backlog(board_store.backlog(connection, platform, now))

    def _messages(self, platform: str, now: datetime) -> Mapping[str, int]:
        with self.database.begin() as connection:
            return board_store.messages_lately(connection, platform, now)


def at_risk(positives: Sequence[PositiveHistory], now: datetime) -> int:
    """Nobody called them, and their last callable hours in time have begun."""
    return sum(
        each.called_at is None and now <= each.deadline and each.effective_deadline - AT_RISK_BEFORE <= now
        for each in positives
    )


def _live(row: AgentRow, listeners: Mapping[UUID, list[ShownListener]], now: datetime) -> AgentLive:
    facts = AgentFacts(
        presence=row.presence,
        since=row.since,
        there=board_store.is_there(row, now),
        paused_since=row.paused_since,
        status=None if row.status is None else CallStatus(row.status),
        started_at=row.started_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        left_at=row.left_at,
        on_hold=bool(row.on_hold),
        holds_entry=row.entry_id is not None,
        last_outcome_at=row.last_outcome_at,
    )
    beside = listeners.get(row.conference, []) if row.conference is not None else []
    return AgentLive(row, doing_of(facts, now), beside)


def _midnight(now: datetime, zone: str) -> datetime:
    return now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def agent_of(view: BoardView, user_id: UUID) -> AgentLive:
    """One agent of a board. Raises NotFound for somebody who is not on it."""
    found = next((each for each in view.agents if each.row.user_id == user_id), None)
    if found is None:
        raise NotFound("This agent is not on shift on this platform today.")
    return found
