"""Campaigns over HTTP: their life, their figures and files, what agents say of their calls; tags."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Path, Query, UploadFile
from fastapi.responses import StreamingResponse

from outreach.domain.campaigns import CampaignChannel, CampaignState
from outreach.domain.roles import Scope
from outreach.errors import NotFound
from outreach.services.access import Asker
from outreach.services.campaigns import Start
from outreach.storage.campaign_store import Campaign
from outreach.web.access import Caller, CampaignReader, CampaignWriter, CaseWriter, Exporter, TheApp
from outreach.web.campaign_models import (
    BatchModel,
    ChangedCampaign,
    EntryCampaignModel,
    FailureModel,
    FindingModel,
    ListedCampaign,
    NamedByFile,
    NewCampaign,
    Progress,
    SaidCode,
    ShownCampaign,
    ShownPreview,
    ShownText,
    StandingModel,
    StartModel,
    TextToTry,
    TriedText,
    WhatToSay,
)
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, id_after, page_of
from outreach.web.script_models import ToMend

router = APIRouter(prefix="/api/v1", tags=["campaigns"], route_class=ApiRoute)
PlatformCode = Annotated[str, Path(min_length=1, max_length=20)]
PlatformAsked = Annotated[str, Query(min_length=1, max_length=20)]
Tag = Annotated[str, Path(min_length=1, max_length=40)]
TextName = Annotated[str, Path(max_length=60, pattern="^[a-z0-9_]+$")]
Batch = Annotated[int, Path(ge=1, le=10_000)]
FINDINGS_SHOWN = 200


@router.post("/campaigns", status_code=201)
def draft_campaign(app: TheApp, asker: CampaignWriter, body: NewCampaign) -> ShownCampaign:
    """Draft a campaign; nothing is sent before it was counted, previewed and started with its count."""
    asker.need_platform(body.platform)
    campaign = app.campaigning.campaigns.draft(
        body.platform, body.name, body.channel, body.plan.plan(), by=asker.user_id, trigger=body.trigger
    )
    return ShownCampaign.of(campaign)


@router.get("/campaigns")
def list_campaigns(
    app: TheApp,
    asker: CampaignReader,
    platform: PlatformAsked,
    state: Annotated[list[CampaignState] | None, Query(description="Any of these.")] = None,
    channel: CampaignChannel | None = None,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[ListedCampaign]:
    """A platform's campaigns, newest first, without the standing ones."""
    asker.need_platform(platform)
    rows = app.campaigning.campaigns.of_platforms(
        [platform], before=id_after(cursor), most=limit + 1, states=state or (), channel=channel
    )
    far = app.campaigning.reports.progress([row.id for row in rows])
    return page_of(
        rows,
        limit,
        shown=lambda campaign: ListedCampaign.with_progress(campaign, far[campaign.id]),
        key=lambda campaign: str(campaign.id),
    )


@router.post("/campaign-texts/{name}/try")
def try_campaign_text(app: TheApp, asker: CampaignReader, name: TextName, body: TextToTry) -> TriedText:
    """What a text would say with your words in it, and what in them is to be mended."""
    asker.need_platform(body.platform)
    tried = app.campaigning.campaigns.try_text(body.platform, name, body.variables)
    return TriedText(
        texts=[ShownText.model_validate(text) for text in tried.texts],
        to_mend=[ToMend.of(finding) for finding in tried.findings],
    )


@router.get("/campaigns/{campaign_id}")
def read_campaign(app: TheApp, asker: CampaignReader, campaign_id: UUID) -> Progress:
    """A campaign with its figures, and how far it is in one sentence."""
    campaign = _campaign(app, asker, campaign_id)
    return Progress.with_account(campaign, app.campaigning.reports.account(campaign_id))


@router.put("/campaigns/{campaign_id}")
def change_campaign(
    app: TheApp, asker: CampaignWriter, campaign_id: UUID, body: ChangedCampaign
) -> ShownCampaign:
    """Another name or plan; it is a draft again, to be counted and seen."""
    _campaign(app, asker, campaign_id)
    plan = body.plan.plan() if body.plan else None
    return ShownCampaign.of(app.campaigning.campaigns.change(campaign_id, name=body.name, plan=plan))


@router.post("/campaigns/{campaign_id}/audience-file")
def send_audience_file(
    app: TheApp,
    asker: CampaignWriter,
    campaign_id: UUID,
    file: Annotated[UploadFile, File(description="CSV, XLSX, XLS or ODS: identifiant or telephone_1.")],
) -> NamedByFile:
    """Only people whom this file names; rows that match nobody are told, values masked."""
    _campaign(app, asker, campaign_id)
    named = app.campaigning.campaigns.use_file(campaign_id, file.file.read())
    return NamedByFile(
        rows=named.rows,
        people=len(named.people),
        unmatched=len(named.findings),
        findings=[FindingModel.model_validate(each) for each in named.findings[:FINDINGS_SHOWN]],
    )


@router.get("/campaigns/{campaign_id}/findings")
def read_campaign_findings(app: TheApp, asker: CampaignReader, campaign_id: UUID) -> list[FindingModel]:
    """Every row of its file that matches nobody."""
    _campaign(app, asker, campaign_id)
    return [FindingModel.model_validate(each) for each in app.campaigning.campaigns.findings(campaign_id)]


@router.post("/campaigns/{campaign_id}/count")
def count_audience(app: TheApp, asker: CampaignWriter, campaign_id: UUID) -> ShownCampaign:
    """Count whom it would reach as of now, and who is left out, by reason."""
    _campaign(app, asker, campaign_id)
    return ShownCampaign.of(app.campaigning.campaigns.count(campaign_id))


@router.post("/campaigns/{campaign_id}/preview")
def preview_campaign(app: TheApp, asker: CampaignWriter, campaign_id: UUID) -> ShownPreview:
    """Its text in each language of the audience, with segments and cost."""
    _campaign(app, asker, campaign_id)
    return ShownPreview.model_validate(app.campaigning.campaigns.preview(campaign_id))


@router.get("/campaigns/{campaign_id}/preview")
def preview_for_one(app: TheApp, asker: CampaignReader, campaign_id: UUID, case_record_id: UUID) -> ShownText:
    """What one person would get."""
    _campaign(app, asker, campaign_id)
    return ShownText.model_validate(app.campaigning.campaigns.preview_for(campaign_id, case_record_id))


@router.post("/campaigns/{campaign_id}/start", responses={409: {"description": "Not the count you saw."}})
def start_campaign(app: TheApp, asker: CampaignWriter, campaign_id: UUID, body: StartModel) -> ShownCampaign:
    """Run it, now or at a moment; `confirmed_count` must be the number of people it was counted for."""
    _campaign(app, asker, campaign_id)
    start = Start(body.confirmed_count, body.starts_at)
    return ShownCampaign.of(app.campaigning.campaigns.start(campaign_id, start, by=asker.user_id))


@router.post("/campaigns/{campaign_id}/pause")
def pause_campaign(app: TheApp, asker: CampaignWriter, campaign_id: UUID) -> ShownCampaign:
    """Nothing more is sent or called from now on."""
    _campaign(app, asker, campaign_id)
    return ShownCampaign.of(app.campaigning.campaigns.pause(campaign_id, by=asker.user_id))


@router.post("/campaigns/{campaign_id}/resume")
def resume_campaign(app: TheApp, asker: CampaignWriter, campaign_id: UUID) -> ShownCampaign:
    """Go on where it was paused."""
    _campaign(app, asker, campaign_id)
    return ShownCampaign.of(app.campaigning.campaigns.resume(campaign_id, by=asker.user_id))


@router.post("/campaigns/{campaign_id}/cancel")
def cancel_campaign(app: TheApp, asker: CampaignWriter, campaign_id: UUID) -> ShownCampaign:
    """End it for good: what is queued is not sent, who waits is called no more."""
    _campaign(app, asker, campaign_id)
    return ShownCampaign.of(app.campaigning.campaigns.cancel(campaign_id, by=asker.user_id))


@router.get("/campaigns/{campaign_id}/failures")
def read_failures(app: TheApp, asker: CampaignReader, campaign_id: UUID) -> list[FailureModel]:
    """Messages that did not arrive, by text and by the carrier's code."""
    _campaign(app, asker, campaign_id)
    return [FailureModel.model_validate(each) for each in app.campaigning.reports.failures(campaign_id)]


@router.get("/campaigns/{campaign_id}/members.csv", response_class=StreamingResponse)
def export_members(app: TheApp, asker: Exporter, campaign_id: UUID) -> StreamingResponse:
    """Every member by record number, for a spreadsheet; no name, no number."""
    _campaign(app, asker, campaign_id)
    lines = app.campaigning.reports.export(campaign_id, by=asker.user_id)
    return _csv(f"campaign-{campaign_id}", lines)


@router.post("/campaigns/{campaign_id}/letters", status_code=201)
def start_letters(app: TheApp, asker: Exporter, campaign_id: UUID) -> BatchModel:
    """Put whoever stayed unreached, and has no letter yet, into a batch."""
    asker.need(Scope.CASES_READ)
    _campaign(app, asker, campaign_id)
    return BatchModel.model_validate(app.campaigning.letters.start_batch(campaign_id))


@router.get("/campaigns/{campaign_id}/letters/{batch}.csv", response_class=StreamingResponse)
def read_letters(app: TheApp, asker: Exporter, campaign_id: UUID, batch: Batch) -> StreamingResponse:
    """Names and addresses of a batch, for a mail merge; each reading is in the journal."""
    asker.need(Scope.CASES_READ)
    _campaign(app, asker, campaign_id)
    lines = app.campaigning.letters.file(campaign_id, batch, by=asker.user_id)
    return _csv(f"letters-{campaign_id}-{batch}", lines)


@router.get("/platforms/{platform}/standing-campaigns")
def read_standing(
    app: TheApp,
    asker: CampaignReader,
    platform: PlatformCode,
    hours: Annotated[int, Query(ge=1, le=24 * 31)] = 24,
) -> list[StandingModel]:
    """SMS that leave by themselves: those of triggers, and the program's own, with their last hours."""
    asker.need_platform(platform)
    found = app.campaigning.rules.standing(platform, within=timedelta(hours=hours))
    return [StandingModel.model_validate(each) for each in found]


@router.get("/entries/{entry_id}/campaign")
def read_campaign_of_entry(app: TheApp, asker: Caller, entry_id: UUID) -> EntryCampaignModel:
    """The script and the outcomes of the campaign for which an entry stands on the list."""
    found = app.campaigning.calls.of_entry(entry_id, reader=asker.user_id, platforms=asker.platforms)
    return EntryCampaignModel.model_validate(found)


@router.put("/entries/{entry_id}/campaign-outcome")
def say_campaign_outcome(app: TheApp, asker: Caller, entry_id: UUID, body: SaidCode) -> WhatToSay:
    """How the call went in the campaign's words; the answer is what to say at the wrap-up."""
    outcome = app.campaigning.calls.say(entry_id, body.code, by=asker.user_id, platforms=asker.platforms)
    return WhatToSay(outcome=outcome)


@router.get("/tags")
def list_tags(app: TheApp, asker: CampaignReader, platform: PlatformAsked) -> dict[str, int]:
    """How many case records of a platform have each tag."""
    asker.need_platform(platform)
    return app.campaigning.tags.counts([platform])


@router.put("/case-records/{case_record_id}/tags/{tag}")
def put_tag(app: TheApp, asker: CaseWriter, case_record_id: UUID, tag: Tag) -> list[str]:
    """Put a tag on a record; its tags from now on."""
    return app.campaigning.tags.put(case_record_id, tag, platforms=asker.platforms)


@router.delete("/case-records/{case_record_id}/tags/{tag}")
def take_tag_off(app: TheApp, asker: CaseWriter, case_record_id: UUID, tag: Tag) -> list[str]:
    """Take a tag off a record; its tags from now on."""
    return app.campaigning.tags.take_off(case_record_id, tag, platforms=asker.platforms)


def _campaign(app: TheApp, asker: Asker, campaign_id: UUID) -> Campaign:
    """A campaign of a platform not the asker's is not there for them."""
    campaign = app.campaigning.campaigns.show(campaign_id)
    if campaign.platform not in asker.platforms:
        raise NotFound("There is no such campaign.")
    return campaign


def _csv(name: str, lines: Iterator[str]) -> StreamingResponse:
    return StreamingResponse(
        lines,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"},
    )
