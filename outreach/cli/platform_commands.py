"""A platform's settings on the command line: its name, its number, its senders and its calling hours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

import typer

from outreach.bootstrap import App
from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.people_commands import platforms_app
from outreach.cli.sender_commands import sender_option
from outreach.cli.work_commands import AsJson
from outreach.domain.calling_hours import CallingHours, check_hours
from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput
from outreach.services.platform_hours import NewHours, written
from outreach.services.platform_settings import NewSettings

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOLIDAYS, CLOSED = "holidays", "closed"
AN_EXAMPLE = (
    'Write for example "INTERVIEW: Mon-Fri 08:30-20:00; Sat 09:00-12:00, 14:00-19:00; holidays closed"'
)
NO_HOURS = f'Write "{CLOSED}" where it is. {AN_EXAMPLE}'


def add_to(_app: typer.Typer) -> None:
    """Register these commands."""
    platforms_app.command("show")(show)
    platforms_app.command("set")(change)


def show(code: Annotated[str, typer.Argument(help="Code, for example 40.")], as_json: AsJson = False) -> None:
    """Its name, its number, its senders and its calling hours."""
    with running_app() as app:
        platform = app.modes.territories.platform(code)
        senders = app.platform_settings.own_senders(code)
        hours = {purpose: week_in_words(found) for purpose, found in app.platform_hours.of(code).items()}
    told = {
        "code": platform.code,
        "name": platform.name,
        "department": platform.department,
        "time_zone": platform.time_zone,
        "number": platform.caller_id,
        "senders": [
            {"sender": each.sender, "preference": each.preference, "purposes": sorted(each.purposes)}
            for each in senders
        ],
        "hours": hours,
    }
    if as_json:
        print_json(told)
        return
    sending = ", ".join(each.sender for each in senders)
    rows = [
        ["name", platform.name],
        ["department", platform.department],
        ["zone", platform.time_zone],
        ["number", platform.caller_id or "the installation's"],
        ["senders", sending or "the installation's"],
        *([f"hours: {purpose}", week] for purpose, week in hours.items()),
    ]
    print_table(f"Platform {code}", ["what", "is"], rows)


def change(
    code: Annotated[str, typer.Argument(help="Code, for example 40.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept in the journal.")],
    name: Annotated[str | None, typer.Option(help="Its name.")] = None,
    number: Annotated[
        str | None, typer.Option(help='The number people see, +33…; "": the installation\'s.')
    ] = None,
    sender: Annotated[
        list[str] | None,
        typer.Option(help='SENDER[=PURPOSE,…], in order of preference; one "": the installation\'s.'),
    ] = None,
    hours: Annotated[
        list[str] | None,
        typer.Option(help='"INTERVIEW: Mon-Fri 08:30-20:00; Sat 09:00-12:00; holidays closed".'),
    ] = None,
) -> None:
    """Change what is given; the rest stays. Calls, the list and SMS follow by themselves."""
    weeks = [new_hours(each) for each in hours or ()]
    check_hours({each.purpose.value: each.stored() for each in weeks})  # before anything is changed
    others = name is not None or number is not None or sender is not None
    if not others and not weeks:
        raise InvalidInput("Nothing is to be changed.", mend="Give --name, --number, --sender or --hours.")
    with running_app() as app:
        if others:
            _set(app, code, name, number, sender, reason)
        for each in weeks:
            app.platform_hours.change(code, each, reason=reason, by=None)
    console.print(f"Platform {code} is changed.", markup=False)


def _set(
    app: App, code: str, name: str | None, number: str | None, sender: Sequence[str] | None, reason: str
) -> None:
    before = app.modes.territories.platform(code)
    listed = None
    if sender is not None:
        listed = [sender_option(place, each) for place, each in enumerate(sender) if each]
    new = NewSettings(
        before.name if name is None else name, before.caller_id if number is None else number, listed
    )
    app.platform_settings.change(code, new, reason=reason, by=None)


def week_in_words(hours: CallingHours) -> str:
    """As `set` takes them: "Mon-Fri 08:30-20:00; Sat 09:00-12:00; Sun closed; holidays closed"."""
    told = []
    for spans, days in groupby(zip(DAYS, hours.week, strict=True), key=lambda each: each[1]):
        names = [day for day, _ in days]
        told.append(f"{names[0] if len(names) == 1 else f'{names[0]}-{names[-1]}'} {_spans(spans)}")
    on_holidays = [] if hours.holidays is None else [f"{HOLIDAYS} {_spans(hours.holidays)}"]
    return "; ".join([*told, *on_holidays])


def _spans(spans: Sequence[tuple[int, int]]) -> str:
    return ", ".join(written(spans)) or CLOSED


def new_hours(typed: str) -> NewHours:
    """Of one purpose; days that are not named are closed. Raises InvalidInput."""
    word, _, days = typed.partition(":")
    purpose = word.strip().upper()
    if purpose not in Purpose.__members__ or not days.strip():
        raise InvalidInput("Hours name what the calls are for, then days.", field="hours", mend=AN_EXAMPLE)
    found: dict[str, list[str]] = {}
    for part in days.split(";"):
        if part.strip():
            _read_days(part.strip(), found)
    return NewHours(Purpose(purpose), [found.get(day, []) for day in DAYS], found.get(HOLIDAYS))


def _read_days(part: str, found: dict[str, list[str]]) -> None:
    names, _, spans = part.partition(" ")
    listed = [span.strip() for span in spans.split(",") if span.strip()]
    if not listed:
        raise InvalidInput(f"{names} has no hours.", field="hours", mend=NO_HOURS)
    if [word.lower() for word in listed] == [CLOSED]:
        listed = []
    for day in _days(names):
        if day in found:
            raise InvalidInput(f"{day} is named twice.", field="hours", mend=AN_EXAMPLE)
        found[day] = listed


def _days(names: str) -> Sequence[str]:
    """One day, a range of them, or the public holidays."""
    if names.lower() == HOLIDAYS:
        return [HOLIDAYS]
    first, _, last = (word.strip().capitalize() for word in names.partition("-"))
    last = last or first
    if first not in DAYS or last not in DAYS or DAYS.index(first) > DAYS.index(last):
        raise InvalidInput(f"{names!r} is no day of the week.", field="hours", mend=AN_EXAMPLE)
    return DAYS[DAYS.index(first) : DAYS.index(last) + 1]
