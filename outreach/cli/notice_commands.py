"""Commands of notices, of the watch list and of contact yield."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.work_commands import AsJson, PlatformCode
from outreach.domain.notices import NewNotice
from outreach.domain.watch_list import Missing, Resolution
from outreach.errors import InvalidInput

SHOWN = 50
YIELD_DAYS = timedelta(days=28)

notices_app = typer.Typer(help="What every agent must have read.", no_args_is_help=True)
watch_app = typer.Typer(help="Case records that nothing has confirmed.", no_args_is_help=True)
Until = Annotated[datetime | None, typer.Option(help="When it ends by itself (UTC).")]
NoticeId = Annotated[UUID, typer.Argument(help="Id of the notice.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.add_typer(notices_app, name="notices")
    app.add_typer(watch_app, name="watch")
    app.command("contact-yield")(contact_yield)


@notices_app.command("publish")
def publish(
    title: Annotated[str, typer.Argument(help="A few words.")],
    text: Annotated[str, typer.Argument(help="What agents must know; no name, number or address.")],
    author: Annotated[str, typer.Option(help="Login of whoever says so.")],
    platform: Annotated[str, typer.Option(help="For the agents of this platform,")] = "",
    region: Annotated[str, typer.Option(help="or of every platform of this region.")] = "",
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Tell every agent of a platform or a region."""
    with running_app() as app:
        user = app.access.user_named(author)
        ends_at = until.replace(tzinfo=UTC) if until else None
        notice = NewNotice(title, text, app.clock.now(), ends_at, platform, region)
        notice_id = app.steering.notices.publish(notice, author_id=user.id, platforms=user.platforms)
    if as_json:
        print_json({"id": notice_id})
    else:
        console.print(f"Notice {notice_id} is published.", markup=False)


@notices_app.command("list")
def list_notices(platform: PlatformCode, as_json: AsJson = False) -> None:
    """Every notice for a platform, newest first, and how many have acknowledged it."""
    with running_app() as app:
        found = app.steering.notices.published([platform], most=SHOWN)
    if as_json:
        print_json(found)
        return
    rows = [
        [n.id, n.title, n.author, n.starts_at, n.withdrawn_at or n.ends_at, f"{n.acknowledged}/{n.concerned}"]
        for n in found
    ]
    print_table("Notices", ["id", "title", "by", "from", "until", "acknowledged"], rows)


@notices_app.command("readers")
def readers(notice: NoticeId, platform: PlatformCode, as_json: AsJson = False) -> None:
    """Who of a platform has acknowledged a notice; who has not comes first."""
    with running_app() as app:
        found = app.steering.notices.readers(notice, [platform])
    if as_json:
        print_json(found)
        return
    print_table("Agents", ["agent", "acknowledged"], [[each.login, each.acknowledged_at] for each in found])


@notices_app.command("withdraw")
def withdraw(
    notice: NoticeId, author: Annotated[str, typer.Option(help="Login of whoever withdraws it.")]
) -> None:
    """It concerns nobody any more."""
    with running_app() as app:
        user = app.access.user_named(author)
        app.steering.notices.withdraw(notice, by=user.id, platforms=user.platforms)
    console.print(f"Notice {notice} is withdrawn.", markup=False)


@watch_app.command("list")
def list_watched(
    platform: PlatformCode,
    why: Annotated[Missing | None, typer.Option(case_sensitive=False, help="Only who lacks this.")] = None,
    days: Annotated[int, typer.Option(help="Only who came in so many days ago or more.")] = 0,
    limit: Annotated[int, typer.Option(help="Records at most.")] = SHOWN,
    as_json: AsJson = False,
) -> None:
    """Who is on the list, the oldest records first."""
    with running_app() as app:
        found = app.steering.watch_list.records(platform, after=None, most=limit, why=why, days=days)
        counts = app.steering.watch_list.counts(platform)
    if as_json:
        print_json({"counts": counts, "records": found})
        return
    rows = [[each.case_record_id, each.kind, each.why, each.listed_at, each.since] for each in found]
    print_table("Watched records", ["id", "kind", "missing", "came in", "watched since"], rows)


@watch_app.command("resolve")
def resolve(
    case_record: Annotated[UUID, typer.Argument(help="Id of the case record.")],
    because: Annotated[Resolution, typer.Argument(case_sensitive=False, help="What is known now.")],
    platform: PlatformCode,
) -> None:
    """Someone asked, and knows."""
    with running_app() as app:
        app.steering.watch_list.resolve(case_record, because, by=None, platforms=[platform])
    console.print(f"Case record {case_record} is off the watch list.", markup=False)


@watch_app.command("days")
def days(
    platform: PlatformCode,
    days: Annotated[int | None, typer.Argument(help="Watch after so many days; left out: show.")] = None,
    as_json: AsJson = False,
) -> None:
    """After how many days a record is watched."""
    with running_app() as app:
        if days is not None:
            app.steering.watch_list.set_days(platform, days)
        after = app.steering.watch_list.days(platform)
    if as_json:
        print_json({"days": after})
    else:
        console.print(f"Platform {platform}: records are watched after {after} days.", markup=False)


def contact_yield(
    platform: PlatformCode,
    since: Annotated[datetime | None, typer.Option("--from", help="From then (UTC); else 28 days.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="Until then (UTC); else now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Contacts named per positive, by mode, script, channel and agents."""
    with running_app() as app:
        end = until.replace(tzinfo=UTC) if until else app.clock.now()
        begin = since.replace(tzinfo=UTC) if since else end - YIELD_DAYS
        if begin >= end:
            raise InvalidInput("The span ends before it begins.", field="to", mend="choose a later end")
        found = app.steering.contact_yield.rows(platform, begin, end)
    if as_json:
        told = [
            {**vars(group), **vars(n), "per_positive": n.per_positive, "nobody_share": n.nobody_share}
            for group, n in found
        ]
        print_json(told)
        return
    rows = [
        [g.mode, g.script, g.channel, g.agents, n.positives, n.contacts, n.per_positive, n.nobody_share]
        for g, n in found
    ]
    headers = ["mode", "script", "channel", "agents", "positives", "contacts", "each", "named nobody"]
    print_table("Contacts named per positive", headers, rows)
