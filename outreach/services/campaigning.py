"""All that is done with campaigns, put together once: their life, their work, reports, rules, letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from outreach.clock import Clock
from outreach.services.audiences import Audiences
from outreach.services.call_campaigns import CallCampaigns
from outreach.services.campaign_figures import CampaignReports
from outreach.services.campaign_members import CampaignMembers
from outreach.services.campaign_messages import CampaignMessages
from outreach.services.campaign_previews import CampaignPreviews
from outreach.services.campaign_rules import CampaignRules
from outreach.services.campaign_texts import CampaignTexts
from outreach.services.campaign_work import CampaignWork
from outreach.services.campaigns import Campaigns
from outreach.services.letters import Letters
from outreach.services.message_settings import MessageSettings
from outreach.services.personal_links import PersonalLinks
from outreach.services.scripts import Scripts
from outreach.services.tags import Tags
from outreach.storage.database import Database
from outreach.storage.vault import Vault


@dataclass(frozen=True)
class Campaigning:
    """The services of campaigns over one set of dependencies."""

    campaigns: Campaigns
    work: CampaignWork
    calls: CallCampaigns
    reports: CampaignReports
    rules: CampaignRules
    letters: Letters
    tags: Tags


def build_campaigning(
    *,
    database: Database,
    vault: Vault,
    clock: Clock,
    scripts: Scripts,
    settings: MessageSettings,
    segment_price: Decimal,
    nudge: Callable[[str], object],
) -> Campaigning:
    """One of each, sharing the scripts so that each text is compiled once."""
    texts = CampaignTexts(scripts, PersonalLinks(vault, scripts.settings.links_at))
    audiences, calls = Audiences(database, vault), CallCampaigns(database, clock)
    messages = CampaignMessages(vault, texts, settings)
    previews = CampaignPreviews(texts, segment_price, settings.segments_per_second)
    return Campaigning(
        campaigns=Campaigns(database, clock, audiences, texts, previews, nudge),
        work=CampaignWork(database, clock, CampaignMembers(audiences), messages, calls),
        calls=calls,
        reports=CampaignReports(database, clock),
        rules=CampaignRules(database, clock),
        letters=Letters(database, vault, clock),
        tags=Tags(database, clock),
    )
