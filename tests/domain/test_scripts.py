"""Which version of a text counts, which duration, and what a value may be."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.dated_parameters import DatedValue, in_force
from outreach.domain.load_shedding import Mode
from outreach.domain.scripts import (
    Audience,
    ScriptState,
    ScriptVersion,
    Value,
    Variable,
    VariableKind,
    checked_value,
    host_of,
    is_allowed_host,
    read_value,
    states_of,
    version_in_force,
    will_call,
)
from outreach.errors import InvalidInput
from outreach.ids import new_id

START = datetime(2021, 3, 1, tzinfo=UTC)
HOSTS = frozenset({"ameli.fr"})


def version(
    number: int, begins: int | None, *, platform: str = "", withdrawn: int | None = None
) -> ScriptVersion:
    """`begins`, `withdrawn`: hours after the start."""
    return ScriptVersion(
        id=new_id(),
        name="voicemail",
        language="fr",
        platform=platform,
        number=number,
        body=f"text {number}",
        reason="",
        created_at=START,
        effective_from=None if begins is None else START + timedelta(hours=begins),
        withdrawn_at=None if withdrawn is None else START + timedelta(hours=withdrawn),
    )


@pytest.mark.parametrize(("hour", "number"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 4), (5, 2), (6, 2)])
def test_the_last_version_begun_counts_until_it_is_withdrawn(hour: int, number: int) -> None:
    versions = [version(1, 0), version(2, 2), version(3, None), version(4, 4, withdrawn=5), version(5, 99)]
    chosen = version_in_force(versions, platform="40", now=START + timedelta(hours=hour))
    assert chosen is not None
    assert chosen.number == number


def test_before_the_first_moment_there_is_none() -> None:
    assert version_in_force([version(1, 1)], platform="40", now=START) is None


def test_of_two_versions_of_one_moment_the_later_counts() -> None:
    chosen = version_in_force([version(3, 1), version(2, 1)], platform="", now=START + timedelta(hours=1))
    assert chosen is not None
    assert chosen.number == 3


HOURS = st.one_of(st.none(), st.integers(0, 20))
VERSIONS = st.lists(
    st.builds(
        version,
        st.integers(1, 50),
        HOURS,
        platform=st.sampled_from(["", "40", "33"]),
        withdrawn=st.one_of(st.none(), st.integers(0, 20)),
    ),
    max_size=8,
    unique_by=lambda each: each.number,
)


@given(VERSIONS, st.integers(0, 21))
def test_at_most_one_version_is_active_for_a_platform_and_it_is_the_one_in_force(
    versions: list[ScriptVersion], hour: int
) -> None:
    now = START + timedelta(hours=hour)
    states = states_of(versions, now)
    for platform in ("", "40", "33"):
        active = [
            each for each in versions if each.platform == platform and states[each.id] is ScriptState.ACTIVE
        ]
        assert len(active) <= 1
        chosen = version_in_force(versions, platform=platform, now=now)
        if active:
            assert chosen == active[0]
        if chosen is not None:
            assert states[chosen.id] is ScriptState.ACTIVE


@given(VERSIONS, st.integers(0, 21))
def test_what_is_read_for_later_is_enough_for_every_later_moment(
    versions: list[ScriptVersion], hour: int
) -> None:
    """The store keeps, of each scope, the last version begun and those to come: as many as ever count."""
    now = START + timedelta(hours=hour)
    kept = [each for each in versions if each.withdrawn_at is None and each.effective_from is not None]
    standing = {
        scope: max(
            (each for each in kept if each.platform == scope and begins(each) <= now), key=order, default=None
        )
        for scope in ("", "40", "33")
    }
    read = [each for each in kept if begins(each) > now or each in standing.values()]
    for later in (now, now + timedelta(hours=3), now + timedelta(hours=30)):
        for platform in ("", "40", "33"):
            assert version_in_force(read, platform=platform, now=later) == version_in_force(
                kept, platform=platform, now=later
            )


def begins(each: ScriptVersion) -> datetime:
    assert each.effective_from is not None
    return each.effective_from


def order(each: ScriptVersion) -> tuple[datetime, int]:
    return begins(each), each.number


def dated(value: int, day: int, *, country: str = "FR", withdrawn: bool = False) -> DatedValue:
    at = START if withdrawn else None
    return DatedValue("isolation_days", country, value, date(2021, 3, day), "", withdrawn_at=at)


@pytest.mark.parametrize(("day", "value"), [(1, 7), (4, 7), (5, 11), (9, 11), (10, 12)])
def test_the_last_duration_to_take_effect_counts(day: int, value: int) -> None:
    values = [
        dated(7, 1),
        dated(10, 5),
        dated(11, 5),  # of the same day, the one given last
        dated(12, 10),
        dated(99, 2, withdrawn=True),
        dated(98, 2, country="BE"),
    ]
    assert in_force(values, country="FR", day=date(2021, 3, day)) == {"isolation_days": value}


@pytest.mark.parametrize("mode", Mode)
def test_positives_are_called_under_every_mode_and_contacts_under_the_first_two(mode: Mode) -> None:
    assert will_call(Audience.POSITIVE, mode)
    assert will_call(Audience.CONTACT, mode) is (mode in {Mode.NORMAL, Mode.LIGHT})
    assert will_call(Audience.ANYONE, mode) is (mode in {Mode.NORMAL, Mode.LIGHT})


def variable(kind: VariableKind) -> Variable:
    return Variable("it", kind, "", ("a", "b"))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (VariableKind.TEXT, "Anne"),
        (VariableKind.NUMBER, 7),
        (VariableKind.DATE, date(2021, 3, 1)),
        (VariableKind.TIME, time(9)),
        (VariableKind.URL, "https://contact.ameli.fr/p/1"),
        (VariableKind.PHONE, "+33974757678"),
        (VariableKind.CHOICE, "a"),
        (VariableKind.FLAG, False),
        (VariableKind.LIST, ["un"]),
    ],
)
def test_a_value_of_its_kind_is_taken(kind: VariableKind, value: Value) -> None:
    assert checked_value(variable(kind), value, HOSTS) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (VariableKind.TEXT, 7),
        (VariableKind.TEXT, "a" * 201),
        (VariableKind.NUMBER, "7"),
        (VariableKind.NUMBER, True),
        (VariableKind.DATE, "2021-03-01"),
        (VariableKind.TIME, "9"),
        (VariableKind.URL, "https://evil.example/ameli.fr"),
        (VariableKind.URL, "https://ameli.fr@evil.example"),
        (VariableKind.URL, "https://["),
        (VariableKind.PHONE, 33),
        (VariableKind.CHOICE, "c"),
        (VariableKind.FLAG, "yes"),
        (VariableKind.LIST, "un"),
        (VariableKind.LIST, ["a"] * 51),
        (VariableKind.LIST, [7]),
    ],
)
def test_a_value_of_another_kind_is_refused_by_its_name(kind: VariableKind, value: Value) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_value(variable(kind), value, HOSTS)
    assert refused.value.field == "it"


def test_a_text_given_keeps_to_one_line() -> None:
    assert checked_value(variable(VariableKind.TEXT), " Anne\n## x | y ", HOSTS) == "Anne ## x | y"


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (VariableKind.NUMBER, "7", 7),
        (VariableKind.DATE, "2021-03-01", date(2021, 3, 1)),
        (VariableKind.TIME, "09:15", time(9, 15)),
        (VariableKind.FLAG, "Yes", True),
        (VariableKind.LIST, "un, deux", ["un", "deux"]),
        (VariableKind.TEXT, "Anne", "Anne"),
    ],
)
def test_a_value_is_read_as_people_write_it(kind: VariableKind, written: str, value: Value) -> None:
    assert read_value(variable(kind), written) == value


@pytest.mark.parametrize(
    "kind", [VariableKind.NUMBER, VariableKind.DATE, VariableKind.TIME, VariableKind.FLAG]
)
def test_what_cannot_be_read_is_refused_without_repeating_it(kind: VariableKind) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_value(variable(kind), "Dupont")
    assert "Dupont" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "host", "allowed"),
    [
        ("https://www.Ameli.fr/x", "ameli.fr", True),
        ("ameli.fr", "ameli.fr", True),
        ("a.b.ameli.fr/x", "a.b.ameli.fr", True),
        ("notameli.fr", "notameli.fr", False),
        ("", "", False),
    ],
)
def test_a_host_is_read_from_an_address(address: str, host: str, allowed: bool) -> None:
    assert host_of(address) == host
    assert is_allowed_host(host, HOSTS) is allowed
