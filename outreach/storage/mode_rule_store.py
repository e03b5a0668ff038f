"""A platform's own copies of modes: every version kept, and the shed levels that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, func, insert, select, text, update

from outreach.domain.load_shedding import Mode, ShedFacts
from outreach.domain.purposes import Purpose
from outreach.storage.tables import mode_rules, platform_modes


@dataclass(frozen=True)
class RuleVersion:
    """One version of a platform's copy of a mode; `rule` as domain/load_shedding.py stores it."""

    mode: Mode
    version: int
    rule: dict[str, Any]
    author_id: UUID | None
    reason: str
    at: datetime


def last_versions(connection: Connection, platform: str) -> dict[Mode, int]:
    """The newest version of each own copy."""
    c = mode_rules.c
    rows = connection.execute(
        select(c.mode, func.max(c.version)).where(c.platform == platform).group_by(c.mode)
    )
    return {Mode(mode): version for mode, version in rows}


def add(connection: Connection, platform: str, version: RuleVersion, *, rules: dict[str, Any]) -> None:
    """Keep a version, and put `rules`, all the platform's own copies, in force; its row is locked."""
    values = {**vars(version), "mode": version.mode.value, "platform": platform}
    connection.execute(insert(mode_rules).values(**values))
    connection.execute(
        update(platform_modes).where(platform_modes.c.platform == platform).values(rules=rules)
    )


def versions(connection: Connection, platform: str, mode: Mode) -> list[RuleVersion]:
    """Newest first."""
    c = mode_rules.c
    rows = connection.execute(
        select(c.mode, c.version, c.rule, c.author_id, c.reason, c.at)
        .where(c.platform == platform, c.mode == mode.value)
        .order_by(c.version.desc())
    )
    return [RuleVersion(Mode(row.mode), *row[1:]) for row in rows]


def changed_since(connection: Connection, since: datetime) -> list[str]:
    """Platforms whose rules changed after a moment."""
    c = mode_rules.c
    return list(connection.execute(select(c.platform).where(c.at >= since).distinct()).scalars())


class LeveledEntry(NamedTuple):
    """A contact's entry, its shed level, and what the level follows from."""

    entry_id: UUID
    shed_level: int
    facts: ShedFacts


_AFTER = text(
    """
    select e.id, e.shed_level,
      exists (select from person_phones x
        where x.person_id = p.id and x.can_sms and not x.bad) as can_sms,
      p.adult, c.vulnerable, c.household, c.collective_setting,
      p.opted_out or exists (select from opt_outs o where o.number_index = e.number_index) as opted_out,
      e.callback_at is not null or e.callback_agent_id is not null or e.call_class = 6
        or e.queue <> 'AGENTS' or c.informed_at is not null as promised_call
    from call_list_entries e
    join case_records c on c.id = e.case_record_id
    join persons p on p.id = e.person_id
    where e.platform = :platform and e.purpose = 'INFORM' and e.state in ('READY', 'WAITING')
      and e.shed_level <> 1 and e.id > :after
    order by e.id limit :most
    for no key update of e skip locked
    """
)


def contacts_after(connection: Connection, platform: str, after: UUID, *, most: int) -> list[LeveledEntry]:
    """Contacts who wait, in the order of their ids, locked; whoever is to be texted anyway is left out."""
    rows = connection.execute(_AFTER, {"platform": platform, "after": after, "most": most}).all()
    return [LeveledEntry(row.id, row.shed_level, _facts(row)) for row in rows]


def _facts(row: Row[Any]) -> ShedFacts:
    return ShedFacts(
        purpose=Purpose.INFORM,
        can_sms=row.can_sms,
        adult=row.adult,
        vulnerable=row.vulnerable,
        household=row.household,
        collective_setting=row.collective_setting,
        opted_out=row.opted_out,
        promised_call=row.promised_call,
    )
