"""Senders as supervisors see them: each platform's list, their state, and how their health is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from outreach.clock import Clock
from outreach.domain.messages import MessagePurpose
from outreach.domain.reasons import check_plain
from outreach.domain.sender_choice import SenderKind, SenderOption, SenderUse, choose, kind_of, problems_of
from outreach.domain.sender_health import Health, Lately, Usual, is_well_again, judge, learned, rest_for
from outreach.errors import InvalidInput, NotFound
from outreach.log import get_logger
from outreach.services.sender_failover import hand_over, has_stand_in, short_name
from outreach.storage import alarm_store, journal, platform_sender_store, sender_store
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.sender_store import SenderRow

log = get_logger("senders")

WINDOW = timedelta(hours=1)  # of messages that a look judges by
RECEIPTS_TAKE = timedelta(minutes=15)
MOST_PACE = 10_000


class SenderState(StrEnum):
    """Whether messages go by a sender."""

    SENDING = "SENDING"
    RESTING = "RESTING"  # others send in its place for a while
    STOPPED = "STOPPED"  # until someone resumes it


@dataclass(frozen=True)
class SenderView:
    """One sender of a platform. `pace` in segments a second, learned; `ceiling` None: as the settings say."""

    sender: str
    kind: SenderKind | None
    preference: int
    purposes: tuple[MessagePurpose, ...]
    state: SenderState
    because: str
    until: datetime | None
    pace: int | None
    ceiling: int | None
    usual_share: float | None
    queued: int


@dataclass(frozen=True)
class Senders:
    """`default`: the sender of platforms without their own; `most`: the pace of those without a ceiling."""

    database: Database
    clock: Clock
    default: str
    most: int
    nudge: Callable[[str], object]

    def of_platform(self, platform: str) -> list[SenderView]:
        """The preferred ones first. Raises NotFound for an unknown platform."""
        now = self.clock.now()
        with self.database.begin() as connection:
            options = self._options(connection, platform)
            rows = {row.sender: row for row in sender_store.rows(connection)}
            queued = sender_store.queued_by_sender(connection)
        ordered = sorted(options, key=lambda option: (option.preference, option.sender))
        return [_view(o, rows.get(o.sender), queued.get(o.sender, 0), now) for o in ordered if o.sender]

    def put(self, platform: str, listed: Sequence[SenderOption], *, actor: str) -> None:
        """Replace a platform's list; what waits for a sender that left it goes by the others.

        Raises InvalidInput, saying what to mend; NotFound.
        """
        with self.database.begin() as connection:
            self.relist(connection, platform, listed, actor=actor)
        self.nudge("messages")

    def relist(
        self,
        connection: Connection,
        platform: str,
        listed: Sequence[SenderOption],
        *,
        actor: str,
        in_place_of_own: bool = False,
    ) -> None:
        """As `put`, within a change of more; the caller nudges. `in_place_of_own`: an empty list leaves the
        platform the installation's sender, and not the one it had."""
        problems = problems_of(listed)
        if problems:
            raise InvalidInput(
                " ".join(problems), field="senders", mend="Correct the list and send it again."
            )
        before = {option.sender for option in self._options(connection, platform)}
        platform_sender_store.put_options(connection, platform, listed)
        if in_place_of_own:
            platform_sender_store.forget_only(connection, platform)
        after = self._options(connection, platform)
        for sender in sorted(before - {option.sender for option in after}):
            platform_sender_store.move_queued(connection, platform, sender, _by_purpose(after))
        facts = {"senders": [short_name(option.sender) for option in after]}
        line = JournalEntry(self.clock.now(), platform, Event.SENDERS_LISTED, actor, facts=facts)
        journal.write(connection, line)

    def own(self, connection: Connection, platform: str) -> list[SenderOption]:
        """The preferred ones first; none where the installation's sender sends. Raises NotFound."""
        found = self._options(connection, platform)
        if found == [SenderOption(self.default)]:
            return []
        return sorted(found, key=lambda option: (option.preference, option.sender))

    def platforms_of(self, sender: str) -> set[str]:
        """Whose sender it is."""
        with self.database.begin() as connection:
            options = platform_sender_store.options(connection, self.default)
        return {code for code, listed in options.items() if sender in {option.sender for option in listed}}

    def set_ceiling(self, sender: str, segments_per_second: int | None) -> None:
        """The most segments a second; None: as the settings say. Raises InvalidInput, NotFound."""
        if segments_per_second is not None and not 1 <= segments_per_second <= MOST_PACE:
            raise InvalidInput(
                f"A sender sends 1 to {MOST_PACE} segments a second.",
                field="segments_per_second",
                mend="Ask the phone company what this sender is allowed.",
            )
        with self.database.begin() as connection:
            self._lock(connection, sender, self.clock.now())
            sender_store.set_ceiling(connection, sender, segments_per_second)

    def stop(self, sender: str, *, reason: str) -> bool:
        """Nothing more goes by it until someone resumes it; whether it had been sending.

        Raises NotFound; InvalidInput for a reason that holds a number or an address.
        """
        check_plain(reason)
        now = self.clock.now()
        with self.database.begin() as connection:
            self._lock(connection, sender, now)
            stopped = sender_store.stop(connection, sender, reason)
            if stopped:
                hand_over(connection, sender, default=self.default, now=now)
        return stopped

    def resume(self, sender: str) -> bool:
        """Let a stopped or resting sender send again, once its cause is mended; whether it had been one."""
        with self.database.begin() as connection:
            resumed = sender_store.resume(connection, sender)
        self.nudge("messages")
        return resumed

    def look(self) -> int:
        """Judge every sender against its own past; how many were sent to rest, or relieved of what waited."""
        now = self.clock.now()
        with self.database.begin() as connection:
            return sum(self._look_at(connection, row, now) for row in sender_store.rows(connection))

    def _look_at(self, connection: Connection, row: SenderRow, now: datetime) -> bool:
        if row.stopped_because is not None or _is_resting(row, now):
            return hand_over(connection, row.sender, default=self.default, now=now) > 0
        since = max(now - WINDOW, row.resting_until or now - WINDOW)
        settled, delivered = sender_store.settled_lately(
            connection, row.sender, since=since, until=now - RECEIPTS_TAKE
        )
        lately, usual = Lately(row.pace, settled, delivered), Usual(row.usual_pace, row.usual_share)
        health = judge(lately, usual)
        if health is Health.HEALTHY:
            back_for = now - (row.resting_until or now)
            well_again = row.rests > 0 and is_well_again(lately, back_for)
            sender_store.learn(connection, row.sender, learned(usual, lately), rested=well_again)
            return False
        return self._rest(connection, row, health, now)

    def _rest(self, connection: Connection, row: SenderRow, health: Health, now: datetime) -> bool:
        """Only where others stand in: slow is better than never."""
        stands_in = has_stand_in(connection, row.sender, default=self.default, now=now)
        if stands_in:
            until, pace = now + rest_for(row.rests), round(row.usual_pace or row.pace)
            sender_store.rest(connection, row.sender, health.value, until=until, pace=max(1, pace))
            hand_over(connection, row.sender, default=self.default, now=now)
        alarm_store.raise_alarm(
            connection,
            AlarmKind.SENDER_RESTING,
            short_name(row.sender),
            platform=None,
            now=now,
            facts={"health": health.value, "others_send": stands_in},
        )
        return stands_in

    def _lock(self, connection: Connection, sender: str, now: datetime) -> None:
        """A sender of some platform, or one that was."""
        if sender not in platform_sender_store.names(connection, self.default):
            sender_store.one(connection, sender)
        sender_store.lock(connection, sender, most=self.most, now=now)

    def _options(self, connection: Connection, platform: str) -> list[SenderOption]:
        found = platform_sender_store.options_of(connection, platform, self.default)
        if not found:
            raise NotFound(f"There is no platform {platform!r}.", code="unknown_platform")
        return found


def _view(option: SenderOption, row: SenderRow | None, queued: int, now: datetime) -> SenderView:
    state, because, until = SenderState.SENDING, "", None
    if row is not None and row.stopped_because is not None:
        state, because = SenderState.STOPPED, row.stopped_because
    elif row is not None and _is_resting(row, now):
        state, because, until = SenderState.RESTING, row.resting_because or "", row.resting_until
    return SenderView(
        option.sender,
        kind_of(option.sender),
        option.preference,
        tuple(sorted(option.purposes)),
        state,
        because,
        until,
        None if row is None else row.pace,
        None if row is None else row.ceiling,
        None if row is None else row.usual_share,
        queued,
    )


def _is_resting(row: SenderRow, now: datetime) -> bool:
    return row.resting_until is not None and now < row.resting_until


def _by_purpose(listed: Sequence[SenderOption]) -> dict[MessagePurpose, str]:
    """Who carries each purpose; never a name, for what waits may ask for an answer."""
    found = {purpose: choose(listed, SenderUse(purpose, asks=True)) for purpose in MessagePurpose}
    return {purpose: sender for purpose, sender in found.items() if sender is not None}
