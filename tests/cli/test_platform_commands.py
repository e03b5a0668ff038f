"""A platform's settings on the command line: shown as they are set, and set as they are shown."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from outreach.cli.platform_commands import new_hours, week_in_words
from outreach.domain.calling_hours import CallingHours, hours_from
from outreach.domain.purposes import Purpose
from outreach.storage import tables
from outreach.storage.database import Database
from tests.cli.command_line import run

WHY = ("--reason", "winter")
INTERVIEWS = "Mon-Fri 08:30-12:00, 13:00-19:00; Sat 09:00-12:00; Sun closed; holidays closed"


def shown(environment: dict[str, str], platform: str) -> Any:
    told = run(environment, "platforms", "show", platform, "--json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


spans = st.lists(st.integers(0, 96), max_size=6, unique=True).map(sorted)
days = spans.map(lambda ends: tuple((a * 15, b * 15) for a, b in zip(ends[::2], ends[1::2], strict=False)))
weeks = st.builds(CallingHours, st.tuples(*[days] * 7).filter(any), st.none() | days)


@given(weeks, st.sampled_from(Purpose))
def test_hours_are_set_as_they_are_shown(hours: CallingHours, purpose: Purpose) -> None:
    typed = new_hours(f"{purpose}: {week_in_words(hours)}")
    assert hours_from({purpose: typed.stored()}, purpose) == hours


def test_days_that_are_not_named_are_closed_and_closed_may_be_said() -> None:
    named = "Mon-Wed 09:00-12:00; Thu-Sat Closed; holidays closed"
    hours = hours_from({"INTERVIEW": new_hours(f"INTERVIEW: {named}").stored()}, Purpose.INTERVIEW)
    assert week_in_words(hours) == "Mon-Wed 09:00-12:00; Thu-Sun closed; holidays closed"


def test_name_number_senders_and_hours_are_set_with_a_reason_and_shown(
    environment: dict[str, str], platform: str, database: Database
) -> None:
    before = shown(environment, platform)
    wish = [
        "--name",
        "Landes et Gers",
        "--number",
        "+33 5 58 00 00 00",
        "--hours",
        f"interview: {INTERVIEWS}",
    ]
    senders = ["--sender", "+33974757677=REMINDER,CAMPAIGN", "--sender", "38000"]
    done = run(environment, "platforms", "set", platform, *wish, *senders, *WHY)
    assert done.returncode == 0, done.stderr
    after = shown(environment, platform)
    assert (after["name"], after["number"]) == ("Landes et Gers", "+33558000000")
    assert [(each["sender"], each["purposes"]) for each in after["senders"]] == [
        ("+33974757677", ["CAMPAIGN", "REMINDER"]),
        ("38000", []),
    ]
    assert after["hours"] == before["hours"] | {"INTERVIEW": INTERVIEWS}
    journal = tables.journal.c
    with database.begin() as connection:
        written = connection.execute(
            select(journal.actor, journal.facts["reason"].astext).where(
                journal.event.in_(["PLATFORM_CHANGED", "HOURS_CHANGED"])
            )
        ).all()
    assert written == [("system:command line", "winter")] * 2
    told = run(environment, "platforms", "show", platform)
    assert "Sat 09:00-12:00" in " ".join(told.stdout.split())


def test_what_is_not_given_stays_and_the_installations_own_comes_back_by_an_empty_word(
    environment: dict[str, str], platform: str
) -> None:
    run(environment, "platforms", "set", platform, "--number", "+33558000000", "--sender", "38000", *WHY)
    run(environment, "platforms", "set", platform, "--name", "Adour", *WHY)
    kept = shown(environment, platform)
    assert (kept["name"], kept["number"], len(kept["senders"])) == ("Adour", "+33558000000", 1)
    run(environment, "platforms", "set", platform, "--number", "", "--sender", "", *WHY)
    back = shown(environment, platform)
    assert (back["name"], back["number"], back["senders"]) == ("Adour", "", [])


def test_a_wrong_wish_changes_nothing_and_says_what_to_mend(
    environment: dict[str, str], platform: str
) -> None:
    before = shown(environment, platform)
    for wish, told in (
        ([], "Nothing is to be changed"),
        (["--name", "Adour", "--hours", "INTERVIEW: Mon-Fry 08:30-20:00"], "is no day"),
        (["--name", "Adour", "--hours", "INTERVIEW: Mon 08:30-20:00; Mon-Tue 09:00-10:00"], "named twice"),
        (["--name", "Adour", "--hours", "INTERVIEW: Mon 20:00-08:30"], "open before it closes"),
        (["--name", "Adour", "--hours", "INTERVIEW: Mon-Fri; Sat 09:00-12:00"], "Mon-Fri has no hours"),
        (["--name", "Adour", "--hours", "INTERVIEW: Mon 09:00-12:00; holidays ,"], "holidays has no hours"),
        (["--name", "Adour", "--hours", "LUNCH: Mon 12:00-13:00"], "what the calls are for"),
        (["--name", "Adour", "--number", "5 58"], "not a phone number"),
        (["--name", "Adour", "--sender", "38000=LUNCH"], "names no purpose"),
    ):
        refused = run(environment, "platforms", "set", platform, *wish, *WHY)
        assert (refused.returncode, told in refused.stderr) == (1, True), refused.stderr
    assert "--reason" in run(environment, "platforms", "set", platform, "--name", "Adour").stderr
    unknown = run(environment, "platforms", "show", "99")
    assert (unknown.returncode, "no platform" in unknown.stderr) == (1, True)
    assert shown(environment, platform) == before
