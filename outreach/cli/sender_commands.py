"""Commands for senders of SMS and what they may cost: `outreach senders …`, `outreach spending …`."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.work_commands import AsJson, PlatformCode
from outreach.domain.messages import MessagePurpose
from outreach.domain.sender_choice import SenderOption
from outreach.domain.spend_limits import USUAL_PREFIXES, Breaker, SpendLimits
from outreach.errors import InvalidInput
from outreach.storage import journal

ACTOR = journal.by_system("command line")
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]

senders_app = typer.Typer(help="Numbers, services and names that send SMS.", no_args_is_help=True)
spending_app = typer.Typer(help="What SMS cost, and the breakers that stop them.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.add_typer(senders_app, name="senders")
    app.add_typer(spending_app, name="spending")


@senders_app.command("list")
def list_senders(platform: PlatformCode, as_json: AsJson = False) -> None:
    """A platform's senders, the preferred ones first."""
    with running_app() as app:
        found = app.messaging.senders.of_platform(platform)
    if as_json:
        print_json(found)
    else:
        rows = [
            [s.sender, s.kind, s.preference, s.state, s.because, s.pace, s.ceiling, s.queued] for s in found
        ]
        headers = ["sender", "kind", "preference", "state", "because", "pace", "ceiling", "waiting"]
        print_table(f"Senders of {platform}", headers, rows)


@senders_app.command("set")
def set_senders(
    platform: PlatformCode,
    senders: Annotated[
        list[str],
        typer.Argument(help="SENDER[=PURPOSE,…], in order of preference; none: the one in the settings."),
    ] = [],  # noqa: B006 - Typer's way to say "none"
) -> None:
    """Replace a platform's list of senders."""
    options = [sender_option(place, written) for place, written in enumerate(senders)]
    with running_app() as app:
        app.messaging.senders.put(platform, options, actor=ACTOR)
    console.print(f"Platform {platform} sends by {len(options) or 'the default'}.", markup=False)


@senders_app.command("ceiling")
def set_ceiling(
    sender: str,
    segments: Annotated[
        int | None, typer.Argument(help="Segments a second; none: as the settings say.")
    ] = None,
) -> None:
    """The most segments a second of one sender."""
    with running_app() as app:
        app.messaging.senders.set_ceiling(sender, segments)
    console.print(f"{sender}: {segments or 'as the settings say'}.", markup=False)


@senders_app.command("stop")
def stop_sender(sender: str, reason: Reason) -> None:
    """Nothing more goes by it until it is resumed; others send in its place."""
    with running_app() as app:
        stopped = app.messaging.senders.stop(sender, reason=reason)
    console.print(f"{sender} is stopped." if stopped else f"{sender} was stopped already.", markup=False)


@senders_app.command("resume")
def resume_sender(sender: str) -> None:
    """Let a stopped or resting sender send again, once its cause is mended."""
    with running_app() as app:
        resumed = app.messaging.senders.resume(sender)
    console.print(f"{sender} sends again." if resumed else f"{sender} was not stopped.", markup=False)


@spending_app.command("show")
def show_spending(platform: PlatformCode, as_json: AsJson = False) -> None:
    """What SMS have cost today and this month, and which breakers hold something back."""
    with running_app() as app:
        view = app.messaging.spending.show(platform)
    if as_json:
        print_json(view)
        return
    limits = view.limits
    rows: list[list[object]] = [
        ["today", view.day_euros, limits.daily_euros],
        ["this month", view.month_euros, limits.monthly_euros],
    ]
    rows += [
        [f"this hour to {prefix}", n, limits.per_hour.get(prefix)] for prefix, n in view.this_hour.items()
    ]
    print_table(f"SMS of {platform} (euros; segments an hour)", ["", "spent", "limit"], rows)
    for tripped in view.tripped:
        console.print(tripped.advice, markup=False)


@spending_app.command("limit")
def limit_spending(
    platform: PlatformCode,
    reason: Reason,
    daily: Annotated[str | None, typer.Option(help="Euros a day; none when left out.")] = None,
    monthly: Annotated[str | None, typer.Option(help="Euros a month; none when left out.")] = None,
    prefix: Annotated[
        list[str] | None, typer.Option(help="+33=100000: segments an hour; the built-in list when left out.")
    ] = None,
) -> None:
    """Replace a platform's budgets and allowed prefixes."""
    per_hour = dict(map(_prefix, prefix)) if prefix else USUAL_PREFIXES
    limits = SpendLimits(_euros(daily), _euros(monthly), per_hour)
    with running_app() as app:
        app.messaging.spending.limit(platform, limits, reason=reason, actor=ACTOR)
    console.print(f"Limits of platform {platform} set.", markup=False)


@spending_app.command("reset")
def reset_breaker(
    platform: PlatformCode,
    breaker: Breaker,
    reason: Reason,
    prefix: Annotated[str, typer.Option(help="For PREFIX_RATE: which.")] = "",
) -> None:
    """Set a tripped breaker again: it counts from zero, and what it held back goes."""
    with running_app() as app:
        app.messaging.spending.reset(platform, breaker, prefix=prefix, reason=reason, actor=ACTOR)
    console.print(f"{breaker.value} of platform {platform} is set again.", markup=False)


def sender_option(place: int, written: str) -> SenderOption:
    """SENDER[=PURPOSE,…]. Raises InvalidInput."""
    sender, _, purposes = written.partition("=")
    try:
        named = frozenset(MessagePurpose(word) for word in purposes.split(",") if word)
    except ValueError:
        known = ", ".join(MessagePurpose)
        raise InvalidInput(f"{written!r} names no purpose.", field="senders", mend=f"Use {known}") from None
    return SenderOption(sender, place, named)


def _prefix(written: str) -> tuple[str, int]:
    prefix, _, most = written.partition("=")
    if not most.isdigit():
        raise InvalidInput(f"{written!r} has no limit.", field="prefix", mend="Write +33=100000")
    return prefix, int(most)


def _euros(written: str | None) -> Decimal | None:
    if written is None:
        return None
    try:
        return Decimal(written)
    except InvalidOperation:
        raise InvalidInput(f"{written!r} is no sum.", field="budget", mend="Write 120 or 120.50") from None
