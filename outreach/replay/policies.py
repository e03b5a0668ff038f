"""The ways to work a list that a replay compares: whom to call next, and which mode is in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from outreach.domain.call_list import front_of
from outreach.domain.load_shedding import Mode
from outreach.replay.cohorts import Cohort, moment

Order = tuple[int, int, int, int]


def first_come(cohort: Cohort, _now: int) -> Order:
    return (0, 0, cohort.opened_at, 0)


def deadline_only(cohort: Cohort, _now: int) -> Order:
    return (0, 0, cohort.effective, 0)


def classes_only(cohort: Cohort, _now: int) -> Order:
    return (cohort.call_class, 0, cohort.opened_at, 0)


def of_the_call_list(cohort: Cohort, now: int) -> Order:
    """As the entries of the call list are stored: class, front, effective deadline, tie-break."""
    front = front_of(
        cohort.group.purpose, tries=cohort.tries, deadline=moment(cohort.deadline), now=moment(now)
    )
    return (cohort.call_class, front, cohort.effective, cohort.tie_break)


@dataclass(frozen=True)
class Policy:
    """`mode` None: AUTO chooses. `texts_after_misses`: who is missed, or nearly late, gets the SMS."""

    name: str
    order: Callable[[Cohort, int], Order]
    mode: Mode | None
    texts_after_misses: bool = True


POLICIES: Mapping[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy("first-come", first_come, Mode.NORMAL, texts_after_misses=False),
        Policy("deadline", deadline_only, Mode.NORMAL, texts_after_misses=False),
        Policy("classes", classes_only, Mode.NORMAL, texts_after_misses=False),
        Policy("no-shedding", of_the_call_list, Mode.NORMAL, texts_after_misses=False),
        *(Policy(mode.value.lower().replace("_", "-"), of_the_call_list, mode) for mode in Mode),
        Policy("auto", of_the_call_list, None),
    )
}
