"""Commands of a campaign's life, from create to cancel, and of what came of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter, ValidationError

from outreach.bootstrap import App
from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.work_commands import AsJson, PlatformCode
from outreach.domain.audiences import EXCLUSION_WORDS
from outreach.domain.campaigns import CampaignChannel, CampaignPlan, Trigger
from outreach.errors import InvalidInput
from outreach.services.audiences import NamedPeople
from outreach.services.campaigns import Start
from outreach.storage.campaign_store import Campaign

FINDINGS_SHOWN = 20
CampaignId = Annotated[UUID, typer.Argument(help="The campaign's id.")]

_PLANS = TypeAdapter(CampaignPlan)

campaign_app = typer.Typer(help="Campaigns of SMS and of calls.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.add_typer(campaign_app, name="campaign")


@campaign_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="A name for it.")],
    platform: PlatformCode,
    text: Annotated[str, typer.Option(help="Text of the catalog, or the script of calls.")] = "",
    channel: Annotated[CampaignChannel, typer.Option(case_sensitive=False)] = CampaignChannel.SMS,
    plan: Annotated[Path | None, typer.Option(help="JSON file with the whole plan.")] = None,
    audience: Annotated[str, typer.Option(help='Filters as JSON, for example {"household": true}.')] = "",
    file: Annotated[Path | None, typer.Option(help="Only people whom this file names.")] = None,
    trigger: Annotated[Trigger | None, typer.Option(help="Standing: people join as it fires.")] = None,
    as_json: AsJson = False,
) -> None:
    """Draft a campaign. Nothing is sent before it was counted, previewed and started with its count."""
    chosen = _plan(plan, text, audience)
    content = None if file is None else _read(file)
    with running_app() as app:
        campaigns = app.campaigning.campaigns
        named = None if content is None else campaigns.audiences.read_file(platform, content)
        campaign = campaigns.draft(platform, name, channel, chosen, by=None, trigger=trigger, named=named)
    if as_json:
        print_json({"campaign": campaign, "file": _file_facts(named)})
        return
    console.print(f"Campaign {campaign.id} drafted.", markup=False, soft_wrap=True)
    if named is not None:
        _show_file(named)


@campaign_app.command("count")
def count(campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """Count whom it would reach, and who is left out with the reason."""
    with running_app() as app:
        campaign = app.campaigning.campaigns.count(campaign_id)
    if as_json:
        print_json(campaign.counted)
    else:
        _show_count(campaign)


@campaign_app.command("preview")
def preview(
    campaign_id: CampaignId,
    case_record: Annotated[UUID | None, typer.Option(help="What this one person would get.")] = None,
    as_json: AsJson = False,
) -> None:
    """The text in each language of the audience, its segments and the cost."""
    with running_app() as app:
        if case_record is not None:
            told: object = app.campaigning.campaigns.preview_for(campaign_id, case_record)
            texts = [app.campaigning.campaigns.preview_for(campaign_id, case_record)]
            cost = None
        else:
            found = app.campaigning.campaigns.preview(campaign_id)
            told, texts, cost = found, list(found.texts), found.cost
    if as_json:
        print_json(told)
        return
    rows = [[text.language, text.people, text.segments, text.text] for text in texts]
    print_table("Texts", ["language", "people", "segments", "text"], rows)
    if cost is not None:
        console.print(f"Cost: {cost} €")


@campaign_app.command("start")
def start(
    campaign_id: CampaignId,
    confirm: Annotated[
        int | None, typer.Option("--confirm", help="How many people it was counted for; asked when left out.")
    ] = None,
    at: Annotated[datetime | None, typer.Option(help="When it begins (UTC); at once when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Start it for the number of people it was counted for; another number starts nothing."""
    with running_app() as app:
        campaign = app.campaigning.campaigns.show(campaign_id)
        confirmed = _confirmed(campaign) if confirm is None else confirm
        moment = at.replace(tzinfo=UTC) if at else None
        _tell(app, app.campaigning.campaigns.start(campaign_id, Start(confirmed, moment), by=None), as_json)


@campaign_app.command("pause")
def pause(campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """Nothing more is sent or called from now on."""
    with running_app() as app:
        _tell(app, app.campaigning.campaigns.pause(campaign_id, by=None), as_json)


@campaign_app.command("resume")
def resume(campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """Go on where it was paused."""
    with running_app() as app:
        _tell(app, app.campaigning.campaigns.resume(campaign_id, by=None), as_json)


@campaign_app.command("cancel")
def cancel(campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """End it: what is queued is not sent, who waits is called no more."""
    with running_app() as app:
        _tell(app, app.campaigning.campaigns.cancel(campaign_id, by=None), as_json)


@campaign_app.command("show")
def show(campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """How far it is, and what became of its people."""
    with running_app() as app:
        campaign = app.campaigning.campaigns.show(campaign_id)
        account = app.campaigning.reports.account(campaign_id)
    if as_json:
        print_json({"campaign": campaign, "figures": account.figures, "sentences": account.sentences})
        return
    console.print(f"{campaign.name}: {account.sentences['en']}", markup=False, highlight=False)
    rows = [[EXCLUSION_WORDS[reason], n] for reason, n in account.figures.left_out.items()]
    if rows:
        print_table("Left out", ["because", "people"], rows)


@campaign_app.command("list")
def list_campaigns(platform: PlatformCode, as_json: AsJson = False) -> None:
    """A platform's campaigns, newest first, and what leaves by itself."""
    with running_app() as app:
        found = app.campaigning.campaigns.of_platforms([platform], before=None, most=200)
        standing = app.campaigning.rules.standing(platform)
    if as_json:
        print_json({"campaigns": found, "standing": standing})
        return
    rows = [[c.id, c.name, c.channel.value, c.state.value, c.confirmed_count] for c in found]
    print_table("Campaigns", ["id", "name", "channel", "state", "people"], rows)
    print_table(
        "By themselves, last 24 h",
        ["name", "trigger", "text", "acts now", "messages"],
        [[s.name, s.trigger, s.text, "yes" if s.acts_now else "no", s.messages] for s in standing],
    )


@campaign_app.command("failures")
def failures(campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """Messages that did not arrive, by text and by the carrier's code."""
    with running_app() as app:
        found = app.campaigning.reports.failures(campaign_id)
    if as_json:
        print_json(found)
        return
    rows = [[f.template, f.status.value, f.code, f.because, f.messages] for f in found]
    print_table("Failures", ["text", "status", "code", "because", "messages"], rows)


@campaign_app.command("export")
def export(campaign_id: CampaignId) -> None:
    """Every member as CSV on standard output: record numbers, no name."""
    with running_app() as app:
        _write(app.campaigning.reports.export(campaign_id, by=None))


@campaign_app.command("letters")
def letters(
    campaign_id: CampaignId,
    batch: Annotated[int | None, typer.Option(help="An earlier one again; a new one when left out.")] = None,
) -> None:
    """Names and addresses of whom it did not reach, as CSV on standard output; each person in one batch."""
    with running_app() as app:
        number = batch or app.campaigning.letters.start_batch(campaign_id).number
        _write(app.campaigning.letters.file(campaign_id, number, by=None))


def _write(lines: Iterator[str]) -> None:
    for line in lines:
        sys.stdout.write(line)


def _plan(file: Path | None, text: str, audience: str) -> CampaignPlan:
    given = _json(_read(file).decode(errors="replace"), "plan") if file is not None else "{}"
    try:
        plan: dict[str, object] = TypeAdapter(dict[str, object]).validate_json(given)
        if text:
            plan["text"] = text
        if audience:
            plan["audience"] = TypeAdapter(dict[str, object]).validate_json(_json(audience, "audience"))
        read = _PLANS.validate_python(plan)
    except ValidationError as error:
        wrong = error.errors(include_input=False)[0]
        place = ".".join(str(part) for part in wrong["loc"]) or "plan"
        raise InvalidInput(
            f"The plan cannot be read at {place}: {wrong['msg']}.",
            field=place,
            mend="write its fields as the API does",
        ) from None
    for unknown in _unknown(plan, _PLANS.dump_python(read)):
        raise InvalidInput(f"A plan has no {unknown}.", field=unknown, mend="name its fields as the API does")
    return read


def _unknown(given: object, known: object, place: str = "") -> Iterator[str]:
    """What was written and not understood: a filter that was misspelt would let everybody in."""
    if not isinstance(given, dict) or not isinstance(known, dict) or place == "variables":
        return
    for name, value in given.items():
        path = f"{place}.{name}" if place else str(name)
        if name not in known:
            yield path
        else:
            yield from _unknown(value, known[name], path)


def _json(written: str, what: str) -> str:
    if not written.strip().startswith("{"):
        raise InvalidInput(f"The {what} is not a JSON object.", field=what, mend="write it as {…}")
    return written


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"The file {file.name} cannot be read: {error.strerror}.") from None


def _confirmed(campaign: Campaign) -> int:
    """The number, typed by whoever starts it."""
    _show_count(campaign)
    typed: int = typer.prompt("To start it, type the number of people", type=int)
    return typed


def _tell(app: App, campaign: Campaign, as_json: bool) -> None:
    if as_json:
        print_json(campaign)
        return
    told = app.campaigning.reports.account(campaign.id).sentences["en"]
    console.print(f"{campaign.name}: {told}", markup=False, highlight=False)


def _show_count(campaign: Campaign) -> None:
    counted = campaign.counted
    if counted is None:
        return
    console.print(f"{counted.members} people would be reached, of {counted.found} found.", highlight=False)
    rows = [[EXCLUSION_WORDS[reason], n] for reason, n in counted.left_out.items()]
    if rows:
        print_table("Left out", ["because", "people"], rows)


def _file_facts(named: NamedPeople | None) -> dict[str, object] | None:
    if named is None:
        return None
    return {"rows": named.rows, "people": len(named.people), "findings": named.findings}


def _show_file(named: NamedPeople) -> None:
    console.print(f"{named.rows} rows name {len(named.people)} people.", highlight=False)
    rows = [[f.row, f.value, f.reason, f.mend] for f in named.findings[:FINDINGS_SHOWN]]
    if rows:
        print_table("To mend", ["row", "value", "reason", "mend"], rows)
