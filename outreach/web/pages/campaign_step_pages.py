"""Pages on the way to a campaign, step by step: name, people, text, sending, check and start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, File, Form, Query, Request, UploadFile
from starlette.datastructures import FormData
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.call_list import CallClass, EntryState
from outreach.domain.campaigns import CampaignChannel, CampaignPlan, CampaignState, Trigger
from outreach.domain.case_records import CaseKind
from outreach.domain.load_shedding import Mode
from outreach.domain.purposes import Purpose
from outreach.domain.scripts import CatalogEntry, Variable
from outreach.domain.sms_text import stretches_of
from outreach.errors import Conflict, InvalidInput, OutreachError
from outreach.services.access import Asker
from outreach.services.campaigns import EDITABLE, Campaigns, Start
from outreach.storage.campaign_store import Campaign
from outreach.web.access import TheApp
from outreach.web.pages import campaign_forms
from outreach.web.pages.access import PageCampaignWriter, platform_of
from outreach.web.pages.campaign_pages import OnPlatform, campaign_of
from outreach.web.pages.campaign_typed import Typed, saved_audience, saved_sending
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, is_part, page_router
from outreach.web.pages.script_views import ShownFinding
from outreach.web.problems import status_of

router = page_router("/campaigns")
FINDINGS_SHOWN = 50
MOST_FIELDS, LARGEST_FIELD = 200, 10_000
NOTHING_TYPED: Mapping[str, str] = {"name": "", "channel": "SMS", "trigger": ""}


async def _form(request: Request) -> FormData:
    return await request.form(max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD)


TheForm = Annotated[FormData, Depends(_form)]


@dataclass(frozen=True)
class Step:
    """Somebody on the way to a campaign: what its pages read, and how they are drawn."""

    request: Request
    app: App
    asker: Asker
    campaign: Campaign

    @property
    def id(self) -> UUID:
        return self.campaign.id

    @property
    def campaigns(self) -> Campaigns:
        return self.app.campaigning.campaigns

    @property
    def zone(self) -> str:
        return self.app.modes.territories.platform(self.campaign.platform).time_zone

    def texts(self) -> list[tuple[CatalogEntry, list[Variable]]]:
        """The texts there are, each with what is to be written into it."""
        texts = self.campaigns.texts
        return [(entry, texts.variables_of(entry.name)) for entry in texts.usable(self.campaign.channel)]

    def text_from(self, form: FormData) -> CampaignPlan:
        """The plan with the text of a form. Raises InvalidInput."""
        variables = self.campaigns.texts.variables_of
        return campaign_forms.text_from(
            form, self.campaign.plan, lambda name: [each.name for each in variables(name)]
        )

    def prepared(self) -> Response:
        """Count, make the texts, and go to the last look."""
        if self.campaign.trigger is None:
            self.campaigns.count(self.id)
        self.campaigns.preview(self.id)
        return go(f"/campaigns/{self.id}/check")

    def draw(self, name: str, problem: OutreachError | None, **values: Any) -> Response:
        """The page of a step; with a `problem` it is drawn again, holding what was typed."""
        return draw(
            self.request,
            self.asker,
            f"campaigns/{name}.html",
            status=HTTPStatus.OK if problem is None else int(status_of(problem)),
            campaign=self.campaign,
            step=name,
            problem=problem,
            **values,
        )


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


def _step(request: Request, app: TheApp, asker: PageCampaignWriter, campaign_id: UUID) -> Step:
    """A campaign that is still changed. Raises NotFound; Conflict once it was started."""
    step = Step(request, app, asker, campaign_of(app, asker, campaign_id))
    if step.campaign.state not in EDITABLE:
        raise Conflict(
            f"The campaign {step.campaign.name} is {step.campaign.state.value}: it is not changed any more.",
            code="campaign_state",
        )
    return step


TheStep = Annotated[Step, Depends(_step)]


@router.get("/{campaign_id}/audience")
def choose_people(_: PageCampaignWriter, step: TheStep) -> Response:
    return _audience(step)


@router.post("/{campaign_id}/audience")
def keep_people(_: PageCampaignWriter, step: TheStep, form: TheForm) -> Response:
    """Keep the filters and count whom they find."""
    before = step.campaign.plan
    try:
        wanted = campaign_forms.audience_from(form, before.audience, step.zone)
        step.campaigns.change(step.id, plan=replace(before, audience=wanted))
        if step.campaign.trigger is None:
            step.campaigns.count(step.id)
    except InvalidInput as problem:
        return _audience(step, Typed.of(form), problem)
    return go(f"/campaigns/{step.id}/audience#count")


@router.post("/{campaign_id}/file")
def send_file(_: PageCampaignWriter, step: TheStep, file: Annotated[UploadFile, File()]) -> Response:
    """Only people whom this file names."""
    try:
        step.campaigns.use_file(step.id, file.file.read())
        step.campaigns.count(step.id)
    except InvalidInput as problem:
        return _audience(step, problem=problem)
    return go(f"/campaigns/{step.id}/audience#count")


@router.get("/{campaign_id}/text")
def choose_text(_: PageCampaignWriter, step: TheStep) -> Response:
    return _text(step, step.campaign.plan)


@router.post("/{campaign_id}/try")
def try_text(_: PageCampaignWriter, step: TheStep, form: TheForm) -> Response:
    """How the chosen text reads with what was typed; nothing is kept."""
    plan = step.text_from(form)
    if not is_part(step.request):
        return _text(step, plan)
    values = _trial(step, plan)
    return draw(step.request, step.asker, "campaigns/_trial.html", campaign=step.campaign, **values)


@router.post("/{campaign_id}/text")
def keep_text(_: PageCampaignWriter, step: TheStep, form: TheForm) -> Response:
    plan = step.campaign.plan
    try:
        plan = step.text_from(form)
        step.campaigns.change(step.id, plan=plan)
    except InvalidInput as problem:
        return _text(step, plan, problem)
    return go(f"/campaigns/{step.id}/sending")


@router.get("/{campaign_id}/sending")
def choose_sending(_: PageCampaignWriter, step: TheStep) -> Response:
    return _sending(step)


@router.post("/{campaign_id}/sending")
def keep_sending(_: PageCampaignWriter, step: TheStep, form: TheForm) -> Response:
    """Keep the rest of the plan, count and make the texts, and go to the last look."""
    by_sms = step.campaign.channel is CampaignChannel.SMS
    try:
        read = campaign_forms.sending_from if by_sms else campaign_forms.calls_from
        step.campaigns.change(step.id, plan=read(form, step.campaign.plan))
    except InvalidInput as problem:
        return _sending(step, Typed.of(form), problem)
    return step.prepared()


@router.post("/{campaign_id}/prepare")
def prepare(_: PageCampaignWriter, step: TheStep) -> Response:
    """Count the people anew and make the texts."""
    return step.prepared()


@router.get("/{campaign_id}/check")
def check(request: Request, app: TheApp, asker: PageCampaignWriter, campaign_id: UUID) -> Response:
    """The last look, with the button that starts."""
    campaign = campaign_of(app, asker, campaign_id)
    if campaign.state not in EDITABLE:
        return go(f"/campaigns/{campaign_id}")
    return _check(Step(request, app, asker, campaign))


@router.post("/{campaign_id}/start")
def start(
    request: Request, app: TheApp, asker: PageCampaignWriter, campaign_id: UUID, form: TheForm
) -> Response:
    """Start for the number on the button; another number by now starts nothing, and is shown."""
    step = Step(request, app, asker, campaign_of(app, asker, campaign_id))
    confirmed = str(form.get("confirmed_count", ""))
    try:
        begins = campaign_forms.start_from(form, step.zone)
        wanted = Start(int(confirmed) if confirmed.isdecimal() else -1, begins)
        step.campaigns.start(campaign_id, wanted, by=asker.user_id)
    except (Conflict, InvalidInput) as problem:
        now = replace(step, campaign=step.campaigns.show(campaign_id))
        if now.campaign.state not in EDITABLE:
            raise
        return _check(now, Typed.of(form), problem)
    return go(f"/campaigns/{campaign_id}")


def _first(
    request: Request,
    asker: Asker,
    platform: str,
    *,
    standing: bool,
    problem: OutreachError | None = None,
    typed: Mapping[str, str] = NOTHING_TYPED,
) -> Response:
    return draw(
        request,
        asker,
        "campaigns/new.html",
        status=HTTPStatus.OK if problem is None else int(status_of(problem)),
        platform=platform,
        standing=standing,
        triggers=list(Trigger),
        problem=problem,
        typed=typed,
    )


def _audience(step: Step, typed: Typed | None = None, problem: OutreachError | None = None) -> Response:
    return step.draw(
        "audience",
        problem,
        typed=typed or saved_audience(step.campaign.plan.audience, step.zone),
        kinds=list(CaseKind),
        tags=step.app.campaigning.tags.counts([step.campaign.platform]),
        purposes=list(Purpose),
        classes=list(CallClass),
        states=list(EntryState),
        findings=step.campaigns.findings(step.id)[:FINDINGS_SHOWN],
    )


def _text(step: Step, plan: CampaignPlan, problem: OutreachError | None = None) -> Response:
    return step.draw("text", problem, texts=step.texts(), **_trial(step, plan))


def _trial(step: Step, plan: CampaignPlan) -> dict[str, Any]:
    """What the chosen text looks like; a script is shown as it is written."""
    campaign = step.campaign
    shown: dict[str, Any] = {
        "plan": plan,
        "trial": None,
        "findings": [],
        "price": step.app.settings.sms_segment_price,
    }
    if campaign.channel is CampaignChannel.CALLS:
        found = step.app.script_reading.in_force(plan.text, language="fr", platform=campaign.platform)
        return shown | {"script": found}
    tried = step.campaigns.try_text(campaign.platform, plan.text, plan.variables)
    findings = [ShownFinding.of(finding) for finding in tried.findings]
    odd = {text.language: [each for each in stretches_of(text.written) if each.odd] for text in tried.texts}
    return shown | {"trial": tried, "findings": findings, "odd": odd, "script": None}


def _sending(step: Step, typed: Typed | None = None, problem: OutreachError | None = None) -> Response:
    return step.draw(
        "sending",
        problem,
        typed=typed or saved_sending(step.campaign.plan),
        meanings=campaign_forms.MEANINGS,
        rows=campaign_forms.OUTCOME_ROWS,
        modes=list(Mode),
        pace=step.app.settings.sms_segments_per_second,
    )


def _check(step: Step, typed: Typed | None = None, problem: OutreachError | None = None) -> Response:
    return step.draw(
        "check",
        problem,
        typed=typed or Typed(),
        plan=step.campaign.plan,
        preview=step.campaigns.look(step.id),
        ready=step.campaign.state is CampaignState.READY,
    )
