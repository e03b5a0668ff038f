"""What the people of a campaign would get, in each language, with its segments, cost and duration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from outreach.domain.campaigns import CampaignChannel, CampaignPlan
from outreach.domain.scripts import RenderedText
from outreach.domain.sms_price import euros_of
from outreach.domain.text_rules import Finding
from outreach.services.campaign_texts import CampaignTexts
from outreach.storage import platform_store
from outreach.storage.campaign_store import Campaign
from outreach.storage.database import Connection


@dataclass(frozen=True)
class TextPreview:
    """What people of one language would get. `people`: as counted last, None before."""

    language: str
    people: int | None
    text: str
    segments: int
    template: str
    version: int
    written: str = ""  # before its characters were replaced by those of GSM-7


@dataclass(frozen=True)
class Preview:
    """A campaign's texts with what they cost; `cost` in euros, None before the audience was counted.

    `lasts`: how long the sending takes at the campaign's pace while SMS may be sent.
    """

    texts: tuple[TextPreview, ...]
    segments: int | None
    cost: Decimal | None
    lasts: timedelta | None = None


@dataclass(frozen=True)
class Trial:
    """A text with what somebody wrote into it: how it reads in each language, and what is to be mended."""

    texts: tuple[TextPreview, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class CampaignPreviews:
    """`segment_price` in euros; `segments_per_second`: what a sender does where the plan sets no pace."""

    texts: CampaignTexts
    segment_price: Decimal
    segments_per_second: int

    def of(self, connection: Connection, campaign: Campaign, now: datetime) -> Preview:
        """Its texts in the languages of its audience, or of its platform before it was counted."""
        counted = campaign.counted
        people = counted.languages if counted is not None else {}
        platform = platform_store.read(connection, campaign.platform)
        texts = _by_text_language(
            self.for_language(connection, campaign, language, people.get(language), now)
            for language in (sorted(people) or [platform.language])
        )
        if counted is None or campaign.channel is CampaignChannel.CALLS:
            return Preview(texts, None, None)
        segments = sum(text.segments * (text.people or 0) for text in texts)
        lasts = timedelta(seconds=round(segments / campaign.plan.pace.rate(self.segments_per_second)))
        return Preview(texts, segments, euros_of(segments, self.segment_price), lasts)

    def for_language(
        self, connection: Connection, campaign: Campaign, language: str, people: int | None, now: datetime
    ) -> TextPreview:
        """Its text for people of one language; a script as it is written."""
        if campaign.channel is CampaignChannel.CALLS:
            script = self.texts.script(
                connection, campaign.plan.text, language=language, platform=campaign.platform, now=now
            )
            return TextPreview(script.language, people, script.body, 0, script.name, script.number)
        return self._sms(connection, campaign.platform, campaign.plan, language, people, now)

    def _sms(
        self,
        connection: Connection,
        platform: str,
        plan: CampaignPlan,
        language: str,
        people: int | None,
        now: datetime,
    ) -> TextPreview:
        text: RenderedText = self.texts.sms(
            connection, plan.text, language=language, platform=platform, variables=plan.variables, now=now
        )
        return TextPreview(
            text.language, people, text.text, text.segments, text.template, text.version, text.written
        )

    def try_text(self, connection: Connection, plan: CampaignPlan, platform: str, now: datetime) -> Trial:
        """A text of SMS in every language it has. Raises InvalidInput."""
        self.texts.check(plan, CampaignChannel.SMS)
        findings = self.texts.findings(connection, plan.text, plan.variables, platform=platform, now=now)
        texts = _by_text_language(
            self._sms(connection, platform, plan, language, None, now)
            for language in self.texts.scripts.catalog.languages(plan.text)
        )
        return Trial(texts, tuple(findings))


def _by_text_language(texts: Iterable[TextPreview]) -> tuple[TextPreview, ...]:
    """People whose language has no text of its own get the French one: one text, their numbers together."""
    merged: dict[str, TextPreview] = {}
    for text in texts:
        known = merged.get(text.language)
        people = None if text.people is None else text.people + ((known.people or 0) if known else 0)
        merged[text.language] = replace(text, people=people)
    return tuple(merged.values())
