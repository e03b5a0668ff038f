"""AUTO: looks ahead every quarter of an hour, proposes or applies a mode, and says why in one sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.auto_mode import CAUTION, LOOKS_AHEAD, AutoDecision, AutoRule, AutoSetting, choose
from outreach.domain.forecast import forecast
from outreach.domain.load_shedding import ModeInForce
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
from outreach.storage.auto_mode_store import Proposal
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry

AUTO = journal.by_system("auto")
GOOD_FOR = timedelta(hours=2)
DECLINED_FOR = timedelta(hours=3)
MOST_SHOWN = 50


@dataclass(frozen=True)
class AutoState:
    """AUTO's setting on a platform; the proposals, newest first."""

    setting: AutoSetting
    proposals: list[Proposal]


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
            return AutoState(
                auto_mode_store.setting_of(connection, platform),
                auto_mode_store.proposals(connection, platform, most=MOST_SHOWN),
            )

    def set(self, platform: str, setting: AutoSetting, *, author_id: UUID | None) -> AutoState:
        """Turn AUTO on or off. Raises NotFound."""
        now = self.clock.now()
        with self.database.begin() as connection:
            mode_store.in_force(connection, platform)
            auto_mode_store.put_setting(connection, platform, setting, author_id=author_id, now=now)
            if setting is AutoSetting.OFF:
                _withdraw(connection, platform, now)
            actor = journal.by_user(author_id) if author_id else journal.by_system("command line")
            line = JournalEntry(now, platform, Event.AUTO_SET, actor, facts={"setting": setting.value})
            journal.write(connection, line)
        return self.show(platform)

    def answer(self, platform: str, proposal_id: UUID, *, accept: bool, by: UUID | None) -> Proposal:
        """Accept a proposal, which switches, or decline it.

        Raises NotFound; Conflict when it was answered or ran out, or when someone switched since.
        """
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
                    facts={"proposal": str(proposal.id)},
                )
            state = "ACCEPTED" if accept else "DECLINED"
            _close(connection, proposal, state, by=by, now=now)
        if accept:
            self.switch.wake()
        return proposal

    def run(self) -> int:
        """Look ahead on every platform where AUTO is on; how many modes it proposed or applied."""
        with self.database.begin() as connection:
            turned_on = auto_mode_store.turned_on(connection)
        return sum(self._look(platform, setting) for platform, setting in turned_on.items())

    def _look(self, platform: str, setting: AutoSetting) -> bool:
        now = self.clock.now()
        with self.database.begin() as connection:
            row = mode_store.in_force(connection, platform)
            if _held_until(connection, row, self.rule) > now:
                return False
        outlook = self.outlooks.outlook(platform, LOOKS_AHEAD, caution=CAUTION)
        decision = choose(
            partial(forecast, outlook), row.at(now), since=_since(row, now), now=now, rule=self.rule
        )
        with self.database.begin() as connection:
            latest = mode_store.lock(connection, platform)
            if latest.version != row.version:
                return False
            done = self._follow(connection, latest, decision, setting, now)
            facts = {"mode": decision.mode.value, "because": decision.because, "done": done}
            journal.write(connection, JournalEntry(now, platform, Event.AUTO_DECIDED, AUTO, facts=facts))
        if done == "APPLIED":
            self.switch.wake()
        return done in ("APPLIED", "PROPOSED")

    def _follow(
        self,
        connection: Connection,
        row: ModeInForce,
        decision: AutoDecision,
        setting: AutoSetting,
        now: datetime,
    ) -> str:
        """What was done about a decision, in one word."""
        if decision.mode is row.at(now):
            _withdraw(connection, row.platform, now)
            return "STAYS"
        try:
            check_sender(connection, row.platform, decision.mode)
        except Conflict:
            return "HELD"
        if setting is AutoSetting.APPLY:
            _withdraw(connection, row.platform, now)
            because = decision.because
            journal_switch(
                connection, row, to=decision.mode, reason=because, author_id=None, now=now, actor=AUTO
            )
            return "APPLIED"
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


def _propose(connection: Connection, row: ModeInForce, decision: AutoDecision, now: datetime) -> str:
    standing = auto_mode_store.open_proposal(connection, row.platform)
    if standing is not None:
        same = standing.mode is decision.mode and standing.mode_version == row.version
        if same and standing.expires_at > now:
            return "PROPOSED"
        _close(connection, standing, "WITHDRAWN", by=None, now=now)
    if auto_mode_store.declined_since(connection, row.platform, decision.mode, now - DECLINED_FOR):
        return "HELD"
    proposal = Proposal(
        new_id(), row.platform, decision.mode, decision.because, row.version, now, now + GOOD_FOR
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
    return "PROPOSED"


def _withdraw(connection: Connection, platform: str, now: datetime) -> None:
    standing = auto_mode_store.open_proposal(connection, platform)
    if standing is not None:
        _close(connection, standing, "WITHDRAWN", by=None, now=now)


def _close(connection: Connection, proposal: Proposal, state: str, *, by: UUID | None, now: datetime) -> None:
    auto_mode_store.answer(connection, proposal.id, state, by=by, now=now)
    alarm_store.settle(connection, AlarmKind.MODE_PROPOSED, proposal.platform, now=now)
    actor = journal.by_user(by) if by else AUTO
    facts = {"proposal": str(proposal.id), "mode": proposal.mode.value, "state": state}
    line = JournalEntry(now, proposal.platform, Event.PROPOSAL_ANSWERED, actor, facts=facts)
    journal.write(connection, line)


def _check_open(proposal: Proposal, platform: str, now: datetime) -> None:
    if proposal.platform != platform:
        raise NotFound("There is no such proposal.")
    if proposal.state != "OPEN" or proposal.expires_at <= now:
        raise Conflict("This proposal is over: it was answered, withdrawn, or ran out.", code="proposal_over")
