"""A platform writes from the sender it prefers, and from another when that one cannot."""

from __future__ import annotations

import pytest

from outreach.domain.messages import MessagePurpose
from outreach.domain.sender_choice import (
    SenderKind,
    SenderOption,
    SenderUse,
    asks_for_answer,
    choose,
    kind_of,
    problems_of,
)

SERVICE, NUMBER, OTHER, NAME = "MG" + "0" * 32, "+33939980001", "+33939980002", "CPAM Landes"
MISSED, INFORMED, CAMPAIGN = (
    MessagePurpose.MISSED_CALL,
    MessagePurpose.CONTACT_INFORMED,
    MessagePurpose.CAMPAIGN,
)


def option(sender: str, preference: int = 0, *purposes: MessagePurpose) -> SenderOption:
    return SenderOption(sender, preference, frozenset(purposes))


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        (SERVICE, SenderKind.SERVICE),
        (NUMBER, SenderKind.NUMBER),
        ("38663", SenderKind.NUMBER),
        (NAME, SenderKind.NAME),
        ("AMELI", SenderKind.NAME),
        ("MG12", SenderKind.NAME),
        ("Assurance Maladie", None),  # seventeen characters
        ("Santé", None),
        ("", None),
        ("12", None),
        ("33 9 39 98 00 01", None),
    ],
)
def test_a_sender_is_a_number_a_service_or_a_name_of_eleven_characters(
    sender: str, kind: SenderKind | None
) -> None:
    assert kind_of(sender) is kind


@pytest.mark.parametrize(
    ("purpose", "text", "asks"),
    [
        (INFORMED, "", True),
        (CAMPAIGN, "Pensez-y.", True),
        (MISSED, "Rappelez-nous au 09 39 98 00 01.", False),
        (MISSED, "Répondez RAPPEL pour être appelé.", True),
        (MISSED, "STOP pour ne plus recevoir de SMS", True),
        (MISSED, "Reply YES", True),
        (MISSED, "Nous vous appellerons ; le service correspondant suivra.", False),
        (MISSED, "Le bus est non-stopper", False),
    ],
)
def test_a_text_that_may_be_answered_needs_a_sender_that_can_be(
    purpose: MessagePurpose, text: str, asks: bool
) -> None:
    assert asks_for_answer(purpose, text) is asks


@pytest.mark.parametrize(
    ("options", "use", "stopped", "resting", "chosen"),
    [
        ([option(NUMBER, 1), option(SERVICE, 0)], SenderUse(MISSED), [], [], SERVICE),
        ([option(NUMBER, 1), option(SERVICE, 0)], SenderUse(MISSED), [SERVICE], [], NUMBER),
        ([option(NUMBER, 1), option(SERVICE, 0)], SenderUse(MISSED), [], [SERVICE], NUMBER),
        ([option(NUMBER, 1), option(SERVICE, 0)], SenderUse(MISSED), [NUMBER], [SERVICE], SERVICE),
        ([option(NUMBER), option(SERVICE)], SenderUse(MISSED), [NUMBER, SERVICE], [], None),
        ([option(NUMBER, 0, CAMPAIGN), option(OTHER, 1)], SenderUse(MISSED), [], [], OTHER),
        ([option(NUMBER, 0, CAMPAIGN), option(OTHER, 1)], SenderUse(CAMPAIGN), [], [], NUMBER),
        ([option(NAME, 0), option(NUMBER, 1)], SenderUse(MISSED), [], [], NAME),
        ([option(NAME, 0), option(NUMBER, 1)], SenderUse(MISSED, asks=True), [], [], NUMBER),
        ([option(NAME, 0), option(NUMBER, 1)], SenderUse(INFORMED), [], [], NUMBER),
        ([option(NAME, 0), option(NUMBER, 1)], SenderUse(INFORMED), [NUMBER], [], None),
        ([option(NUMBER, 0), option(OTHER, 1)], SenderUse(MISSED, last_sender=OTHER), [], [], OTHER),
        ([option(NUMBER, 0), option(OTHER, 1)], SenderUse(MISSED, last_sender=OTHER), [OTHER], [], NUMBER),
        ([option(NUMBER, 0), option(OTHER, 1)], SenderUse(MISSED, last_sender=SERVICE), [], [], NUMBER),
        ([], SenderUse(MISSED), [], [], None),
    ],
)
def test_the_sender_of_a_message(
    options: list[SenderOption],
    use: SenderUse,
    stopped: list[str],
    resting: list[str],
    chosen: str | None,
) -> None:
    assert choose(options, use, stopped=stopped, resting=resting) == chosen


def test_equals_share_the_people_and_when_one_leaves_only_its_own_change() -> None:
    three = [option(SERVICE), option(NUMBER), option(OTHER)]
    people = [bytes([number]) * 16 for number in range(200)]
    before = {one: choose(three, SenderUse(MISSED, number_index=one)) for one in people}
    after = {one: choose(three, SenderUse(MISSED, number_index=one), stopped=[OTHER]) for one in people}
    assert all(list(before.values()).count(sender) > 40 for sender in (SERVICE, NUMBER, OTHER))
    assert all(after[one] == before[one] for one in people if before[one] != OTHER)


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        ([option(NUMBER), option(NAME)], 0),
        ([], 0),
        ([option(NAME)], 1),
        ([option(NUMBER, 0, MISSED)], 1),
        ([option(NUMBER), option(NUMBER)], 1),
        ([option("Santé !"), option(NUMBER)], 1),
    ],
)
def test_the_senders_of_a_platform_must_let_people_answer(options: list[SenderOption], problems: int) -> None:
    assert len(problems_of(options)) == problems
