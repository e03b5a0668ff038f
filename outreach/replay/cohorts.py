"""People of a replay who are alike and have the same history so far, counted together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from outreach.domain.call_list import CaseFacts, class_of
from outreach.domain.load_shedding import ShedFacts, shed_level
from outreach.domain.purposes import Purpose
from outreach.replay.assumptions import Assumptions

QUARTER = 15  # minutes
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=65536)
def moment(minute: int) -> datetime:
    """Minutes since 1970 as a moment in UTC."""
    return EPOCH + timedelta(minutes=minute)


def minute_of(at: datetime) -> int:
    return int(at.timestamp()) // 60


@dataclass(frozen=True)
class Group:
    """What decides the order and the channel of a person, beside the clock. `share`: of their kind."""

    purpose: Purpose
    share: float
    fragile: bool = False
    household: bool = False
    collective_setting: bool = False
    can_sms: bool = True

    def facts(self, opened_at: datetime, deadline: datetime, zone: str, region: str) -> CaseFacts:
        return CaseFacts(
            purpose=self.purpose,
            opened_at=opened_at,
            deadline=deadline,
            zone=zone,
            region=region,
            vulnerable=self.fragile,
            household=self.household,
            collective_setting=self.collective_setting,
            last_exposure_on=opened_at.date(),
        )

    @property
    def shed_level(self) -> int:
        return _level_of(self)


@lru_cache(maxsize=64)
def _level_of(group: Group) -> int:
    facts = ShedFacts(
        purpose=group.purpose,
        can_sms=group.can_sms,
        vulnerable=group.fragile,
        household=group.household,
        collective_setting=group.collective_setting,
    )
    return shed_level(facts)


@dataclass(slots=True)
class Cohort:
    """`size` people of one group; times in minutes since 1970. `shed_level` 0 once a call is owed."""

    group: Group
    opened_at: int
    deadline: int
    effective: int
    size: int
    shed_level: int
    call_class: int
    tie_break: int
    tries: int = 0
    reached: bool = False
    informed: bool = False
    not_before: int = 0

    def history(self) -> tuple[object, ...]:
        """What must be equal for people to be counted together; retries begin on the quarter hour."""
        return (
            self.group,
            self.opened_at,
            self.tries,
            -(-self.not_before // QUARTER),
            self.call_class,
            self.shed_level,
            self.reached,
            self.informed,
        )

    def part(self, size: int) -> Cohort:
        """So many of them, who go on with another history."""
        return Cohort(
            self.group,
            self.opened_at,
            self.deadline,
            self.effective,
            size,
            self.shed_level,
            self.call_class,
            self.tie_break,
            self.tries,
            self.reached,
            self.informed,
            self.not_before,
        )


def call_class(group: Group, zone: str, *, callback: bool = False, sms_returned: bool = False) -> int:
    """The class by the call list's own rule."""
    facts = CaseFacts(
        purpose=group.purpose,
        opened_at=EPOCH,
        deadline=EPOCH,
        zone=zone,
        household=group.household,
        collective_setting=group.collective_setting,
        callback_at=EPOCH if callback else None,
        sms_returned=sms_returned,
    )
    return int(class_of(facts))


def positive_groups(assumptions: Assumptions) -> tuple[Group, ...]:
    fragile = assumptions.fragile_positives
    return (
        Group(Purpose.INTERVIEW, fragile, fragile=True),
        Group(Purpose.INTERVIEW, 1 - fragile),
    )


def contact_groups(assumptions: Assumptions) -> tuple[Group, ...]:
    """Household, collective setting and others, by whether an SMS reaches them."""
    of = assumptions.contacts
    others = 1 - of.household - of.collective_setting
    kinds: tuple[tuple[float, dict[str, bool]], ...] = (
        (of.household, {"household": True}),
        (of.collective_setting, {"collective_setting": True}),
        (others * of.fragile, {"fragile": True}),
        (others * (1 - of.fragile), {}),
    )
    lines = ((True, of.can_receive_sms), (False, 1 - of.can_receive_sms))
    return tuple(
        Group(Purpose.INFORM, share * part, can_sms=can_sms, **flags)
        for share, flags in kinds
        for can_sms, part in lines
    )
