"""A platform's own copies of modes: edited by a supervisor, versions kept, shed levels brought into line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.load_shedding import (
    ContactGroup,
    Mode,
    ModeRule,
    ModeRules,
    ScriptLength,
    check_rules,
    shed_level,
    stored_rule,
)
from outreach.domain.reasons import check_plain
from outreach.errors import Conflict, InvalidInput
from outreach.storage import journal, mode_rule_store, mode_store, number_store
from outreach.storage.database import Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.mode_rule_store import RuleVersion

PIECE = 2_000
# An import reads the rules when it begins: what it lists afterwards is brought into line as well.
KEEPS_LOOKING = timedelta(hours=1)
FIRST_ID = UUID(int=0)


@dataclass(frozen=True)
class RuleChange:
    """What a supervisor wants of a mode; `version`: the one they saw, 0 for the built-in rule."""

    script: ScriptLength
    contact_tries: int
    misses_before_sms: int
    texts: frozenset[ContactGroup]
    reason: str
    version: int


@dataclass(frozen=True)
class RuleInForce:
    """A mode's rule on a platform; version 0: the built-in one."""

    rule: ModeRule
    version: int


@dataclass(frozen=True)
class PlatformRules:
    """Use cases of supervisors, and the sweep that follows a change."""

    database: Database
    clock: Clock
    nudge: Callable[[str], object]

    def show(self, platform: str) -> list[RuleInForce]:
        """Every mode's rule there, the lightest first. Raises NotFound."""
        with self.database.begin() as connection:
            mode_store.in_force(connection, platform)
            rules = mode_store.rules_of(connection, platform)
            versions = mode_rule_store.last_versions(connection, platform)
        return [RuleInForce(rule, versions.get(mode, 0)) for mode, rule in rules.items()]

    def versions(self, platform: str, mode: Mode) -> list[RuleVersion]:
        """Every version of the platform's copy, newest first."""
        with self.database.begin() as connection:
            return mode_rule_store.versions(connection, platform, mode)

    def change(self, platform: str, mode: Mode, change: RuleChange, *, author_id: UUID | None) -> RuleInForce:
        """Put a new version in force. Raises Conflict when another came meanwhile, InvalidInput, NotFound."""
        now = self.clock.now()
        if not change.reason.strip():
            raise InvalidInput("A change of rules needs a reason.", field="reason", mend="say why")
        check_plain(change.reason)
        with self.database.begin() as connection:
            mode_store.lock(connection, platform)
            rules = mode_store.rules_of(connection, platform)
            versions = mode_rule_store.last_versions(connection, platform)
            if versions.get(mode, 0) != change.version:
                raise Conflict(
                    f"The rule of {mode} is at version {versions.get(mode, 0)} now.",
                    code="rule_changed_meanwhile",
                )
            rule = _changed(rules, mode, change)
            version = change.version + 1
            mode_rule_store.add(
                connection,
                platform,
                RuleVersion(mode, version, stored_rule(rule), author_id, change.reason.strip(), now),
                rules={each.value: stored_rule(rules[each]) for each in versions if each is not mode}
                | {mode.value: stored_rule(rule)},
            )
            actor = journal.by_user(author_id) if author_id else journal.by_system("command line")
            facts = {"mode": mode.value, "version": version, "reason": change.reason.strip()}
            line = JournalEntry(now, platform, Event.MODE_RULE_CHANGED, actor, facts=facts)
            journal.write(connection, line)
        self.nudge("upkeep")
        return RuleInForce(rule, version)

    def bring_into_line(self) -> int:
        """Shed levels of waiting contacts follow rules that changed lately; how many moved. In pieces."""
        with self.database.begin() as connection:
            platforms = mode_rule_store.changed_since(connection, self.clock.now() - KEEPS_LOOKING)
        return sum(self._bring_platform(platform) for platform in platforms)

    def _bring_platform(self, platform: str) -> int:
        moved, after = 0, FIRST_ID
        while True:
            with self.database.begin() as connection:
                rules = mode_store.rules_of(connection, platform)
                piece = mode_rule_store.contacts_after(connection, platform, after, most=PIECE)
                levels = {
                    entry.entry_id: level
                    for entry in piece
                    if (level := shed_level(entry.facts, rules)) != entry.shed_level
                }
                if levels:
                    number_store.put_shed_levels(connection, levels)
            moved += len(levels)
            if len(piece) < PIECE:
                return moved
            after = piece[-1].entry_id


def _changed(rules: ModeRules, mode: Mode, change: RuleChange) -> ModeRule:
    rule = replace(
        rules[mode],
        script=change.script,
        contact_tries=change.contact_tries,
        misses_before_sms=change.misses_before_sms,
        texts=change.texts,
    )
    check_rules({**rules, mode: rule})
    return rule
