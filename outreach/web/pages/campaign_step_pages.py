"""Pages on the way to a campaign, step by step: name, people, text, sending, check and start."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, File, Form, Query, Request, UploadFile
from starlette.datastructures import FormData
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.call_list import CallClass, EntryState
from outreach.domain.campaigns import CampaignChannel, CampaignPlan, Trigger
from outreach.domain.case_records import CaseKind
from outreach.domain.load_shedding import Mode
from outreach.domain.purposes import Purpose
from outreach.domain.scripts import CatalogEntry, Variable
from outreach.domain.sms_text import stretches_of
from outreach.errors import Conflict, InvalidInput, OutreachError
from outreach.services.access import Asker
from outreach.services.campaigns import EDITABLE, Start
from outreach.storage.campaign_store import Campaign
from outreach.web.access import TheApp
from outreach.web.pages import campaign_forms
from outreach.web.pages.access import PageCampaignWriter, platform_of
from outreach.web.pages.campaign_pages import OnPlatform, campaign_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, is_part, page_router
from outreach.web.pages.script_views import ShownFinding

router = page_router("/campaigns")
FINDINGS_SHOWN = 50
MOST_FIELDS, LARGEST_FIELD = 200, 10_000


async def _form(request: Request) -> FormData:
    return await request.form(max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD)


TheForm = Annotated[FormData, Depends(_form)]


@router.get("/new")
def name_it(
    request: Request,
    asker: PageCampaignWriter,
    platform: OnPlatform = None,
    standing: Annotated[bool, Query()] = False,
) -> Response:
    """The first step."""
    return _first(request, asker, platform_of(asker, platform), standing=standing)


@router.post("/new")
def draft(
    request: Request,
    app: TheApp,
    asker: PageCampaignWriter,
    platform: Annotated[str, Form(max_length=20)],
    name: Annotated[str, Form(max_length=200)] = "",
    channel: Annotated[CampaignChannel, Form()] = CampaignChannel.SMS,
    trigger: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """A draft with the first text there is; the next steps change all of it."""
    place = platform_of(asker, platform)
    campaigns = app.campaigning.campaigns
    starts_by = Trigger(trigger) if trigger in set(Trigger) else None
    texts = campaigns.texts
    text = next(each for each in texts.usable(channel) if not texts.variables_of(each.name))
    plan = CampaignPlan(text.name)
    try:
        made = campaigns.draft(place, name, channel, plan, by=asker.user_id, trigger=starts_by)
    except InvalidInput as problem:
        typed = {"name": name, "channel": channel.value, "trigger": trigger}
        return _first(request, asker, place, standing=bool(trigger), problem=problem, typed=typed)
    return go(f"/campaigns/{made.id}/{'audience' if starts_by is None else 'text'}")


@router.get("/{campaign_id}/audience")
def choose_people(request: Request, app: TheApp, asker: PageCampaignWriter, campaign_id: UUID) -> Response:
    return _audience(request, app, asker, _editable(app, asker, campaign_id))


@router.post("/{campaign_id}/audience")
def keep_people(
    request: Request, app: TheApp, asker: PageCampaignWriter, campaign_id: UUID, form: TheForm
) -> Response:
    """Keep the filters and count whom they find."""
    campaign = _editable(app, asker, campaign_id)
    zone, before = _zone(app, campaign), campaign.plan
    try:
        wanted = campaign_forms.audience_from(form, before.audience, zone)
        plan = CampaignPlan(**{**vars(before), "audience": wanted})
        app.campaigning.campaigns.change(campaign_id, plan=plan)
        if campaign.trigger is None:
            app.campaigning.campaigns.count(campaign_id)
    except InvalidInput as problem:
        return _audience(request, app, asker, campaign, problem=problem)
    return go(f"/campaigns/{campaign_id}/audience#count")


@router.post("/{campaign_id}/file")
def send_file(
    request: Request,
    app: TheApp,
    asker: PageCampaignWriter,
    campaign_id: UUID,
    file: Annotated[UploadFile, File()],
) -> Response:
    """Only people whom this file names."""
    campaign = _editable(app, asker, campaign_id)
    try:
        app.campaigning.campaigns.use_file(campaign_id, file.file.read())
        app.campaigning.campaigns.count(campaign_id)
    except InvalidInput as problem:
        return _audience(request, app, asker, campaign, problem=problem)
    return go(f"/campaigns/{campaign_id}/audience#count")


@router.get("/{campaign_id}/text")
def choose_text(request: Request, app: TheApp, asker: PageCampaignWriter, campaign_id: UUID) -> Response:
    campaign = _editable(app, asker, campaign_id)
    return _text(request, app, asker, campaign, campaign.plan)


@router.post("/{campaign_id}/try")
def try_text(
    request: Request, app: TheApp, asker: PageCampaignWriter, campaign_id: UUID, form: TheForm
) -> Response:
    """How the chosen text reads with what was typed; nothing is kept."""
    campaign = _editable(app, asker, campaign_id)
    plan = campaign_forms.text_from(form, campaign.plan, _takes(app))
    if not is_part(request):
        return _text(request, app, asker, campaign, plan)
    return draw(request, asker, "campaigns/_trial.html", **_trial(app, campaign, plan), campaign=campaign)


@router.post("/{campaign_id}/text")
def keep_text(
    request: Request, app: TheApp, asker: PageCampaignWriter, campaign_id: UUID, form: TheForm
) -> Response:
    campaign = _editable(app, asker, campaign_id)
    plan = campaign.plan
    try:
        plan = campaign_forms.text_from(form, campaign.plan, _takes(app))
        app.campaigning.campaigns.change(campaign_id, plan=plan)
    except InvalidInput as problem:
        return _text(request, app, asker, campaign, plan, problem=problem)
    return go(f"/campaigns/{campaign_id}/sending")


@router.get("/{campaign_id}/sending")
def choose_sending(request: Request, app: TheApp, asker: PageCampaignWriter, campaign_id: UUID) -> Response:
    return _sending(request, app, asker, _editable(app, asker, campaign_id))


@router.post("/{campaign_id}/sending")
def keep_sending(
    request: Request, app: TheApp, asker: PageCampaignWriter, campaign_id: UUID, form: TheForm
) -> Response:
    """Keep the rest of the plan, count and make the texts, and go to the last look."""
    campaign = _editable(app, asker, campaign_id)
    by_sms = campaign.channel is CampaignChannel.SMS
    try:
        read = campaign_forms.sending_from if by_sms else campaign_forms.calls_from
        app.campaigning.campaigns.change(campaign_id, plan=read(form, campaign.plan))
    except InvalidInput as problem:
        return _sending(request, app, asker, campaign, problem=problem)
    return _prepared(app, campaign)


@router.post("/{campaign_id}/prepare")
def prepare(app: TheApp, asker: PageCampaignWriter, campaign_id: UUID) -> Response:
    """Count the people anew and make the texts."""
    return _prepared(app, _editable(app, asker, campaign_id))


@router.get("/{campaign_id}/check")
def check(request: Request, app: TheApp, asker: PageCampaignWriter, campaign_id: UUID) -> Response:
    """The last look, with the button that starts."""
    campaign = campaign_of(app, asker, campaign_id)
    if campaign.state not in EDITABLE:
        return go(f"/campaigns/{campaign_id}")
    return _check(request, app, asker, campaign)


@router.post("/{campaign_id}/start")
def start(
    request: Request,
    app: TheApp,
    asker: PageCampaignWriter,
    campaign_id: UUID,
    form: TheForm,
) -> Response:
    """Start for the number on the button; another number by now starts nothing, and is shown."""
    campaign = campaign_of(app, asker, campaign_id)
    confirmed = str(form.get("confirmed_count", ""))
    try:
        begins = campaign_forms.start_from(form, _zone(app, campaign))
        wanted = Start(int(confirmed) if confirmed.isdecimal() else -1, begins)
        app.campaigning.campaigns.start(campaign_id, wanted, by=asker.user_id)
    except (Conflict, InvalidInput) as problem:
        campaign = app.campaigning.campaigns.show(campaign_id)
        if campaign.state not in EDITABLE:
            raise
        return _check(request, app, asker, campaign, problem=problem)
    return go(f"/campaigns/{campaign_id}")


def _editable(app: App, asker: Asker, campaign_id: UUID) -> Campaign:
    """Raises NotFound; Conflict once it was started."""
    campaign = campaign_of(app, asker, campaign_id)
    if campaign.state not in EDITABLE:
        raise Conflict(
            f"The campaign {campaign.name} is {campaign.state.value}: it is not changed any more.",
            code="campaign_state",
        )
    return campaign


def _prepared(app: App, campaign: Campaign) -> Response:
    if campaign.trigger is None:
        app.campaigning.campaigns.count(campaign.id)
    app.campaigning.campaigns.preview(campaign.id)
    return go(f"/campaigns/{campaign.id}/check")


def _zone(app: App, campaign: Campaign) -> str:
    (place,) = app.steering.figures.places([campaign.platform])
    return place.time_zone


def _takes(app: App) -> Any:
    texts = app.campaigning.campaigns.texts
    return lambda name: [variable.name for variable in texts.variables_of(name)]


def _first(
    request: Request,
    asker: Asker,
    platform: str,
    *,
    standing: bool,
    problem: OutreachError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    shown = typed or {"name": "", "channel": "SMS", "trigger": ""}
    return draw(
        request,
        asker,
        "campaigns/new.html",
        status=200 if problem is None else 422,
        platform=platform,
        standing=standing,
        triggers=list(Trigger),
        problem=problem,
        typed=shown,
    )


def _audience(
    request: Request,
    app: App,
    asker: Asker,
    campaign: Campaign,
    *,
    problem: OutreachError | None = None,
) -> Response:
    wanted = campaign.plan.audience
    return draw(
        request,
        asker,
        "campaigns/audience.html",
        status=200 if problem is None else 422,
        campaign=campaign,
        step="audience",
        wanted=wanted,
        days=campaign_forms.days_shown(wanted, _zone(app, campaign)),
        kinds=list(CaseKind),
        tags=app.campaigning.tags.counts([campaign.platform]),
        purposes=list(Purpose),
        classes=list(CallClass),
        states=list(EntryState),
        findings=app.campaigning.campaigns.findings(campaign.id)[:FINDINGS_SHOWN],
        problem=problem,
    )


def _text(
    request: Request,
    app: App,
    asker: Asker,
    campaign: Campaign,
    plan: CampaignPlan,
    *,
    problem: InvalidInput | None = None,
) -> Response:
    return draw(
        request,
        asker,
        "campaigns/text.html",
        status=200 if problem is None else 422,
        campaign=campaign,
        step="text",
        texts=_choices(app, campaign),
        problem=problem,
        **_trial(app, campaign, plan),
    )


def _choices(app: App, campaign: Campaign) -> list[tuple[CatalogEntry, list[Variable]]]:
    """The texts there are, each with what is to be written into it."""
    texts = app.campaigning.campaigns.texts
    return [(entry, texts.variables_of(entry.name)) for entry in texts.usable(campaign.channel)]


def _trial(app: App, campaign: Campaign, plan: CampaignPlan) -> dict[str, Any]:
    """What the chosen text looks like; a script is shown as it is written."""
    campaigns = app.campaigning.campaigns
    shown: dict[str, Any] = {
        "plan": plan,
        "trial": None,
        "findings": [],
        "price": app.settings.sms_segment_price,
    }
    if campaign.channel is CampaignChannel.CALLS:
        found = app.script_reading.in_force(plan.text, language="fr", platform=campaign.platform)
        return shown | {"script": found}
    tried = campaigns.try_text(campaign.platform, plan.text, plan.variables)
    findings = [ShownFinding.of(finding) for finding in tried.findings]
    odd = {text.language: [each for each in stretches_of(text.written) if each.odd] for text in tried.texts}
    return shown | {"trial": tried, "findings": findings, "odd": odd, "script": None}


def _sending(
    request: Request,
    app: App,
    asker: Asker,
    campaign: Campaign,
    *,
    problem: OutreachError | None = None,
) -> Response:
    return draw(
        request,
        asker,
        "campaigns/sending.html",
        status=200 if problem is None else 422,
        campaign=campaign,
        step="sending",
        plan=campaign.plan,
        meanings=campaign_forms.MEANINGS,
        rows=campaign_forms.OUTCOME_ROWS,
        modes=list(Mode),
        pace=app.settings.sms_segments_per_second,
        problem=problem,
    )


def _check(
    request: Request,
    app: App,
    asker: Asker,
    campaign: Campaign,
    *,
    problem: OutreachError | None = None,
) -> Response:
    return draw(
        request,
        asker,
        "campaigns/check.html",
        status=200 if problem is None else 409,
        campaign=campaign,
        step="check",
        plan=campaign.plan,
        preview=app.campaigning.campaigns.look(campaign.id),
        ready=campaign.state.value == "READY",
        problem=problem,
    )
