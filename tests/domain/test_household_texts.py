"""One SMS tells a household; no second one goes where one may have arrived."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from outreach.domain.household_texts import ToldNumbers, plan_households

NOBODY = ToldNumbers({}, frozenset())
HOME, OTHER = b"home", b"other"


@dataclass(frozen=True)
class Taken:
    entry_id: UUID
    number_index: bytes | None


def taken(number: int, index: bytes | None) -> Taken:
    return Taken(UUID(int=number), index)


def test_people_behind_one_number_get_one_sms() -> None:
    mother, son, stranger = taken(1, HOME), taken(2, HOME), taken(3, OTHER)
    plan = plan_households([mother, son, stranger], NOBODY)
    assert plan.texted == {HOME: [mother, son], OTHER: [stranger]}


def test_an_entry_taken_with_two_numbers_counts_once_with_the_first() -> None:
    plan = plan_households([taken(1, HOME), taken(1, OTHER)], NOBODY)
    assert list(plan.texted) == [HOME]


def test_who_comes_later_joins_the_sms_on_its_way() -> None:
    late, message = taken(1, HOME), UUID(int=9)
    plan = plan_households([late], ToldNumbers({HOME: message}, frozenset()))
    assert (plan.texted, plan.joined) == ({}, [(late, message)])


def test_where_an_sms_may_have_arrived_people_are_called_even_beside_one_that_stands() -> None:
    late = taken(1, HOME)
    plan = plan_households([late], ToldNumbers({HOME: UUID(int=9)}, frozenset({HOME})))
    assert (plan.texted, plan.joined, plan.called) == ({}, [], [late])


def test_without_a_number_for_sms_people_are_called() -> None:
    assert plan_households([taken(1, None)], NOBODY).called == [taken(1, None)]
