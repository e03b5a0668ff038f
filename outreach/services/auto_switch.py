"""AUTO: looks ahead every quarter of an hour, proposes or applies a mode, and says why in one sentence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.auto_mode import (
    CAUTION,
    LOOKS_AHEAD,
    AutoDecision,
    AutoDone,
    AutoRule,
    AutoSetting,
    AutoTargets,
    check_targets,
    choose,
)
from outreach.domain.forecast import ModeForecast, forecast
from outreach.domain.load_shedding import Mode, ModeInForce
from outreach.domain.reasons import check_plain
from outreach.errors import Conflict, NotFound
from outreach.ids import new_id
from outreach.services.load_shedding_switch import (
    LoadSheddingSwitch,
    check_sender,
    check_version,
    journal_switch,
)
from outreach.services.outlooks import Outlooks
from outreach.storage import alarm_store, auto_mode_store, journal, mode_store
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.auto_mode_store import AutoWish, Decision, Proposal
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry

AUTO = journal.by_system("auto")
GOOD_FOR = timedelta(hours=2)
DECLINED_FOR = timedelta(hours=3)
MOST_SHOWN = 50


@dataclass(frozen=True)
class AutoState:
    """AUTO's setting on a platform, and its targets; the proposals, newest first."""

    setting: AutoSetting
    targets: AutoTargets
    proposals: list[Proposal]

    def open_proposal(self, now: datetime) -> Proposal | None:
        """The one that waits for an answer."""
        return next((p for p in self.proposals if p.state == "OPEN" and p.expires_at > now), None)


@dataclass(frozen=True)
class AutoSwitch:
    """Use cases of supervisors, and the sweep. A supervisor's own switch is left alone for its stay."""

    database: Database
    clock: Clock
    outlooks: Outlooks
    switch: LoadSheddingSwitch
    rule: AutoRule = field(default_factory=AutoRule)

    def show(self, platform: str) -> AutoState:
        """Raises NotFound."""
        with self.database.begin() as connection:
            mode_store.in_force(connection, platform)
            wish = auto_mode_store.wish_of(connection, platform)
            proposals = auto_mode_store.proposals(connection, platform, most=MOST_SHOWN)
            return AutoState(wish.setting, wish.targets, proposals)

    def decisions(
        self,
        platform: str,
        *,
        before: tuple[datetime, int] | None = None,
        most: int = MOST_SHOWN,
        done: Collection[AutoDone] = (),
    ) -> list[Decision]:
        """Every look ahead with its sentence, newest first; `done`: only those of which this came."""
        with self.database.begin() as connection:
            return auto_mode_store.decisions(connection, platform, before=before, most=most, done=done)

    def set(
        self,
        platform: str,
        setting: AutoSetting,
        *,
        author_id: UUID | None,
        targets: AutoTargets | None = None,
    ) -> AutoState:
        """Turn AUTO on or off; without `targets` they stay. Raises NotFound, InvalidInput."""
        now = self.clock.now()
        with self.database.begin() as connection:
            mode_store.in_force(connection, platform)
            aims = targets or auto_mode_store.wish_of(connection, platform).targets
            check_targets(aims)
            wish = AutoWish(setting, aims)
            auto_mode_store.put_wish(connection, platform, wish, author_id=author_id, now=now)
            if setting is AutoSetting.OFF:
                _withdraw(connection, platform, now)
            actor = journal.by_user(author_id) if author_id else journal.by_system("command line")
            facts = {"setting": setting.value, "called": aims.called, "informed": aims.informed}
            journal.write(connection, JournalEntry(now, platform, Event.AUTO_SET, actor, facts=facts))
        return self.show(platform)

    def answer(
        self, platform: str, proposal_id: UUID, *, accept: bool, by: UUID | None, reason: str = ""
    ) -> Proposal:
        """Accept a proposal, which switches, or decline it; `reason`: why, in words.

        Raises NotFound; Conflict when it was answered or ran out, or when someone switched since.
        """
        check_plain(reason)
        now = self.clock.now()
        with self.database.begin() as connection:
            row = mode_store.lock(connection, platform)
            proposal = auto_mode_store.lock(connection, proposal_id)
            _check_open(proposal, platform, now)
            if accept:
                check_version(connection, row, proposal.mode_version)
                check_sender(connection, platform, proposal.mode)
                journal_switch(
                    connection,
                    row,
                    to=proposal.mode,
                    reason=proposal.because,
                    author_id=by,
                    now=now,
                    actor=AUTO,
                    facts={"proposal": str(proposal.id), **_shares(proposal), "answer": reason.strip()},
                )
            state = "ACCEPTED" if accept else "DECLINED"
            _close(connection, proposal, state, by=by, now=now, reason=reason.strip())
        if accept:
            self.switch.wake()
        return proposal

    def run(self) -> int:
        """Look ahead on every platform where AUTO is on; how many modes it proposed or applied."""
        with self.database.begin() as connection:
            turned_on = auto_mode_store.turned_on(connection)
        return sum(self._look(platform, wish) for platform, wish in turned_on.items())

    def _look(self, platform: str, wish: AutoWish) -> bool:
        now, rule = self.clock.now(), self.rule.aiming(wish.targets)
        with self.database.begin() as connection:
            row = mode_store.in_force(connection, platform)
            if _held_until(connection, row, self.rule) > now:
                return False
        outlook = self.outlooks.outlook(platform, LOOKS_AHEAD, caution=CAUTION)
        decision = choose(partial(forecast, outlook), row.at(now), since=_since(row, now), now=now, rule=rule)
        with self.database.begin() as connection:
            latest = mode_store.lock(connection, platform)
            if latest.version != row.version:
                return False
            done = self._follow(connection, latest, decision, wish.setting, now)
            facts = _told(decision, row.at(now)) | {"done": done}
            journal.write(connection, JournalEntry(now, platform, Event.AUTO_DECIDED, AUTO, facts=facts))
        if done is AutoDone.APPLIED:
            self.switch.wake()
        return done in (AutoDone.APPLIED, AutoDone.PROPOSED)

    def _follow(
        self,
        connection: Connection,
        row: ModeInForce,
        decision: AutoDecision,
        setting: AutoSetting,
        now: datetime,
    ) -> AutoDone:
        """What was done about a decision."""
        if decision.mode is row.at(now):
            _withdraw(connection, row.platform, now)
            return AutoDone.STAYS
        try:
            check_sender(connection, row.platform, decision.mode)
        except Conflict:
            return AutoDone.HELD
        if setting is AutoSetting.APPLY:
            _withdraw(connection, row.platform, now)
            journal_switch(
                connection,
                row,
                to=decision.mode,
                reason=decision.because,
                author_id=None,
                now=now,
                actor=AUTO,
                facts=_shares(decision.about),
            )
            return AutoDone.APPLIED
        return _propose(connection, row, decision, now)


def _held_until(connection: Connection, row: ModeInForce, rule: AutoRule) -> datetime:
    """People's own switches stand for their stay: until their end, else for the least stay of the rule."""
    last = mode_store.history(connection, row.platform, most=1)
    if not last or last[0]["actor"] == AUTO or "proposal" in last[0]["facts"]:
        return row.starts_at
    return row.ends_at or row.starts_at + rule.least_stay


def _since(row: ModeInForce, now: datetime) -> datetime:
    """The moment from which the present mode has stood."""
    return row.ends_at if row.ends_at is not None and row.ends_at <= now else row.starts_at


def _propose(connection: Connection, row: ModeInForce, decision: AutoDecision, now: datetime) -> AutoDone:
    standing = auto_mode_store.open_proposal(connection, row.platform)
    if standing is not None:
        same = standing.mode is decision.mode and standing.mode_version == row.version
        if same and standing.expires_at > now:
            return AutoDone.PROPOSED
        _close(connection, standing, "WITHDRAWN", by=None, now=now)
    if auto_mode_store.declined_since(connection, row.platform, decision.mode, now - DECLINED_FOR):
        return AutoDone.HELD
    proposal = Proposal(
        new_id(),
        row.platform,
        decision.mode,
        decision.because,
        row.version,
        now,
        now + GOOD_FOR,
        from_mode=row.at(now),
        called=decision.about.called_in_time,
        informed=decision.about.informed_in_time,
    )
    auto_mode_store.add(connection, proposal)
    alarm_store.raise_alarm(
        connection,
        AlarmKind.MODE_PROPOSED,
        row.platform,
        platform=row.platform,
        now=now,
        facts={"mode": decision.mode.value, "because": decision.because, "proposal": str(proposal.id)},
    )
    return AutoDone.PROPOSED


def _withdraw(connection: Connection, platform: str, now: datetime) -> None:
    standing = auto_mode_store.open_proposal(connection, platform)
    if standing is not None:
        _close(connection, standing, "WITHDRAWN", by=None, now=now)


def _told(decision: AutoDecision, current: Mode) -> dict[str, object]:
    """A decision as the journal keeps it."""
    return {
        "mode": decision.mode.value,
        "because": decision.because,
        "from": current.value,
        "about": decision.about.mode.value,
        **_shares(decision.about),
    }


def _shares(told: ModeForecast | Proposal) -> dict[str, float | None]:
    if isinstance(told, Proposal):
        return {"called": told.called, "informed": told.informed}
    return {"called": told.called_in_time, "informed": told.informed_in_time}


def _close(
    connection: Connection,
    proposal: Proposal,
    state: str,
    *,
    by: UUID | None,
    now: datetime,
    reason: str = "",
) -> None:
    auto_mode_store.answer(connection, proposal.id, state, by=by, now=now, reason=reason)
    alarm_store.settle(connection, AlarmKind.MODE_PROPOSED, proposal.platform, now=now)
    actor = journal.by_user(by) if by else AUTO
    facts = {"proposal": str(proposal.id), "mode": proposal.mode.value, "state": state, "reason": reason}
    line = JournalEntry(now, proposal.platform, Event.PROPOSAL_ANSWERED, actor, facts=facts)
    journal.write(connection, line)


def _check_open(proposal: Proposal, platform: str, now: datetime) -> None:
    if proposal.platform != platform:
        raise NotFound("There is no such proposal.")
    if proposal.state != "OPEN" or proposal.expires_at <= now:
        raise Conflict("This proposal is over: it was answered, withdrawn, or ran out.", code="proposal_over")
