"""The journal's line for each step of a campaign's life, whoever took it."""

from __future__ import annotations

from datetime import datetime

from outreach.domain.campaigns import CampaignState
from outreach.storage import journal
from outreach.storage.campaign_store import Campaign
from outreach.storage.database import Connection
from outreach.storage.journal import Event, JournalEntry


def journal_move(
    connection: Connection,
    campaign: Campaign,
    to: CampaignState,
    now: datetime,
    *,
    actor: str,
    confirmed: object = None,
) -> None:
    """Who moved a campaign, and where to."""
    facts = {"campaign_id": str(campaign.id), "state": to.value}
    if confirmed is not None:
        facts["confirmed_count"] = str(confirmed)
    journal.write(connection, JournalEntry(now, campaign.platform, Event.CAMPAIGN_MOVED, actor, facts=facts))
