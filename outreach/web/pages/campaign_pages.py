"""Pages of campaigns that run or ran: the list, progress, pause, resume, cancel, letters, files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from fastapi import Form, Path, Query, Request
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.campaigns import CampaignChannel, CampaignState
from outreach.domain.roles import Scope
from outreach.errors import NotFound
from outreach.services.access import Asker
from outreach.storage.campaign_store import Campaign
from outreach.web.access import TheApp
from outreach.web.pages.access import PageCampaignReader, PageCampaignWriter, PageExporter, platform_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, page_router
from outreach.web.paging import Cursor, id_after, page_of

router = page_router("/campaigns")
LISTED = 25
GROUPS = {
    "": (),
    "open": (CampaignState.DRAFT, CampaignState.READY, CampaignState.RUNNING, CampaignState.PAUSED),
    "running": (CampaignState.RUNNING, CampaignState.PAUSED),
    "ended": (CampaignState.DONE, CampaignState.CANCELLED),
}
BEGUN = frozenset({CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.DONE, CampaignState.CANCELLED})
OnPlatform = Annotated[str | None, Query(max_length=20)]


@router.get("")
def list_campaigns(
    request: Request,
    app: TheApp,
    asker: PageCampaignReader,
    platform: OnPlatform = None,
    group: Annotated[str, Query(max_length=10)] = "",
    channel: Annotated[str, Query(max_length=10)] = "",
    cursor: Cursor = "",
) -> Response:
    """A platform's campaigns, newest first, with how far each is."""
    place = platform_of(asker, platform)
    rows = app.campaigning.campaigns.of_platforms(
        [place],
        before=id_after(cursor),
        most=LISTED + 1,
        states=GROUPS.get(group, ()),
        channel=CampaignChannel(channel) if channel in set(CampaignChannel) else None,
    )
    page = page_of(rows, LISTED, shown=lambda campaign: campaign, key=lambda campaign: str(campaign.id))
    return draw(
        request,
        asker,
        "campaigns/list.html",
        page=page,
        far=app.campaigning.reports.progress([campaign.id for campaign in page.items]),
        platform=place,
        group=group,
        channel=channel,
        groups=list(GROUPS),
        first=not cursor,
    )


@router.get("/standing")
def standing(
    request: Request, app: TheApp, asker: PageCampaignReader, platform: OnPlatform = None
) -> Response:
    """SMS that leave by themselves."""
    place = platform_of(asker, platform)
    found = app.campaigning.rules.standing(place)
    return draw(request, asker, "campaigns/standing.html", standing=found, platform=place)


@router.get("/{campaign_id}")
def show(request: Request, app: TheApp, asker: PageCampaignReader, campaign_id: UUID) -> Response:
    """How far a campaign is; one that was not started is shown at its next step to who may take it."""
    campaign = campaign_of(app, asker, campaign_id)
    if campaign.state not in BEGUN and Scope.CAMPAIGNS_WRITE in asker.scopes:
        return go(f"/campaigns/{campaign_id}/check")
    return _progress(request, app, asker, campaign, "campaigns/campaign.html")


@router.get("/{campaign_id}/now")
def show_now(request: Request, app: TheApp, asker: PageCampaignReader, campaign_id: UUID) -> Response:
    """The part of its page that changes by itself."""
    campaign = campaign_of(app, asker, campaign_id)
    return _progress(request, app, asker, campaign, "campaigns/_now.html")


@router.post("/{campaign_id}/pause")
def pause(app: TheApp, asker: PageCampaignWriter, campaign_id: UUID) -> Response:
    campaign_of(app, asker, campaign_id)
    app.campaigning.campaigns.pause(campaign_id, by=asker.user_id)
    return go(f"/campaigns/{campaign_id}")


@router.post("/{campaign_id}/resume")
def resume(app: TheApp, asker: PageCampaignWriter, campaign_id: UUID) -> Response:
    campaign_of(app, asker, campaign_id)
    app.campaigning.campaigns.resume(campaign_id, by=asker.user_id)
    return go(f"/campaigns/{campaign_id}")


@router.get("/{campaign_id}/cancel")
def ask_to_cancel(request: Request, app: TheApp, asker: PageCampaignWriter, campaign_id: UUID) -> Response:
    """What a cancel would stop."""
    campaign = campaign_of(app, asker, campaign_id)
    return _progress(request, app, asker, campaign, "campaigns/cancel.html")


@router.post("/{campaign_id}/cancel")
def cancel(app: TheApp, asker: PageCampaignWriter, campaign_id: UUID) -> Response:
    campaign_of(app, asker, campaign_id)
    app.campaigning.campaigns.cancel(campaign_id, by=asker.user_id)
    return go(f"/campaigns/{campaign_id}")


@router.get("/{campaign_id}/members.csv")
def export_members(app: TheApp, asker: PageExporter, campaign_id: UUID) -> Response:
    """Every member by record number, for a spreadsheet."""
    asker.need(Scope.CAMPAIGNS_READ)
    campaign_of(app, asker, campaign_id)
    return _csv(f"campaign-{campaign_id}", app.campaigning.reports.export(campaign_id, by=asker.user_id))


@router.post("/{campaign_id}/letters")
def start_letters(app: TheApp, asker: PageExporter, campaign_id: UUID) -> Response:
    """Put whoever stayed unreached into a batch."""
    asker.need(Scope.CASES_READ)
    campaign_of(app, asker, campaign_id)
    app.campaigning.letters.start_batch(campaign_id)
    return go(f"/campaigns/{campaign_id}#letters")


@router.post("/{campaign_id}/letters/{batch}")
def read_letters(
    app: TheApp,
    asker: PageExporter,
    campaign_id: UUID,
    batch: Annotated[int, Path(ge=1, le=10_000)],
    confirm: Annotated[str, Form(max_length=3)] = "",
) -> Response:
    """Names and addresses of a batch, for a mail merge; each reading is in the journal."""
    asker.need(Scope.CASES_READ)
    campaign_of(app, asker, campaign_id)
    lines = app.campaigning.letters.file(campaign_id, batch, by=asker.user_id)
    return _csv(f"letters-{campaign_id}-{batch}", lines)


def campaign_of(app: App, asker: Asker, campaign_id: UUID) -> Campaign:
    """A campaign of a platform not the asker's is not there for them. Raises NotFound."""
    campaign = app.campaigning.campaigns.show(campaign_id)
    if campaign.platform not in asker.platforms:
        raise NotFound("There is no such campaign.")
    return campaign


def _progress(request: Request, app: App, asker: Asker, campaign: Campaign, template: str) -> Response:
    reports = app.campaigning.reports
    may_write_letters = {Scope.EXPORTS_READ, Scope.CASES_READ} <= asker.scopes
    letters = campaign.channel is CampaignChannel.CALLS and campaign.state in BEGUN and may_write_letters
    return draw(
        request,
        asker,
        template,
        campaign=campaign,
        figures=reports.account(campaign.id).figures,
        failures=reports.failures(campaign.id) if campaign.channel is CampaignChannel.SMS else [],
        letters_waiting=app.campaigning.letters.waiting(campaign.id) if letters else None,
        labels={outcome.code: outcome.label for outcome in campaign.plan.outcomes},
    )


def _csv(name: str, lines: Iterator[str]) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
