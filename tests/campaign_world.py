"""Campaigns on top of the world of messages: people, the services, and what became of everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from outreach.clock import SetClock
from outreach.domain.campaigns import CampaignChannel, CampaignPlan, Trigger
from outreach.services.campaigning import Campaigning, build_campaigning
from outreach.services.campaigns import Start
from outreach.storage import tables
from outreach.storage.campaign_store import Campaign
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import Listed
from tests.message_world import MessageWorld, message_world, scripts_of, settings_for

TEXT, SCRIPT = "campaign_isolation_check", "vaccination_invitation"


@dataclass
class CampaignWorld:
    """A platform's campaigns; `messages` is the world they are sent through."""

    messages: MessageWorld
    campaigning: Campaigning

    @property
    def database(self) -> Database:
        return self.messages.database

    @property
    def clock(self) -> SetClock:
        return self.messages.clock

    def people(self, count: int, **facts: Any) -> list[Listed]:
        """Contacts, each at a number of their own."""
        return [self.messages.contact(number(place), **facts) for place in range(1, count + 1)]

    def ready(
        self,
        plan: CampaignPlan | None = None,
        channel: CampaignChannel = CampaignChannel.SMS,
        *,
        trigger: Trigger | None = None,
    ) -> Campaign:
        """A campaign whose audience was counted and whose text was seen."""
        campaigns = self.campaigning.campaigns
        chosen = plan or CampaignPlan(TEXT if channel is CampaignChannel.SMS else SCRIPT)
        drafted = campaigns.draft("40", "a campaign", channel, chosen, by=None, trigger=trigger)
        if trigger is None:
            campaigns.count(drafted.id)
        campaigns.preview(drafted.id)
        return campaigns.show(drafted.id)

    def started(
        self,
        plan: CampaignPlan | None = None,
        channel: CampaignChannel = CampaignChannel.SMS,
        *,
        trigger: Trigger | None = None,
    ) -> UUID:
        """A campaign that runs, confirmed with its count."""
        campaign = self.ready(plan, channel, trigger=trigger)
        members = campaign.counted.members if campaign.counted else 0
        return self.campaigning.campaigns.start(campaign.id, Start(members), by=None).id

    def sweep(self, *, seconds: float = 0) -> int:
        """Looks of the sweep, until nothing is left to do; the clock may move on before."""
        self.clock.advance(timedelta(seconds=seconds))
        total = 0
        while found := self.campaigning.work.run(most_seconds=5):
            total += found
        return total

    def send(self) -> None:
        self.messages.send()

    def members(self, campaign_id: UUID) -> dict[UUID, dict[str, Any]]:
        table = tables.campaign_members
        with self.database.begin() as connection:
            rows = connection.execute(select(table).where(table.c.campaign_id == campaign_id))
            return {row["person_id"]: dict(row) for row in rows.mappings()}

    def left_out(self, campaign_id: UUID) -> dict[UUID, str | None]:
        """Who was left out, and why."""
        members = self.members(campaign_id).values()
        return {m["person_id"]: m["left_out_because"] for m in members if m["state"] == "LEFT_OUT"}

    def campaign_messages(self, campaign_id: UUID) -> list[dict[str, Any]]:
        return [m for m in self.messages.messages() if m["campaign_id"] == campaign_id]

    def entries(self, campaign_id: UUID) -> list[dict[str, Any]]:
        table = tables.call_list_entries
        with self.database.begin() as connection:
            rows = connection.execute(select(table).where(table.c.campaign_id == campaign_id))
            return [dict(row) for row in rows.mappings()]

    def change_person(self, listed: Listed, **values: Any) -> None:
        with self.database.begin() as connection:
            where = tables.persons.c.id == listed.person_id
            connection.execute(update(tables.persons).where(where).values(**values))

    def change_record(self, listed: Listed, **values: Any) -> None:
        with self.database.begin() as connection:
            where = tables.case_records.c.id == listed.case_record_id
            connection.execute(update(tables.case_records).where(where).values(**values))

    def change_entry(self, listed: Listed, **values: Any) -> None:
        with self.database.begin() as connection:
            where = tables.call_list_entries.c.id == listed.entry_id
            connection.execute(update(tables.call_list_entries).where(where).values(**values))

    def change_messages(self, campaign_id: UUID, **values: Any) -> None:
        """What the carrier says of all of them."""
        with self.database.begin() as connection:
            where = tables.messages.c.campaign_id == campaign_id
            connection.execute(update(tables.messages).where(where).values(**values))

    def change_replies(self, **values: Any) -> None:
        with self.database.begin() as connection:
            connection.execute(update(tables.inbound_messages).values(**values))

    def refer(self, listed: Listed, external_id: str) -> None:
        """What an outside system calls the record."""
        with self.database.begin() as connection:
            connection.execute(
                insert(tables.case_references).values(
                    platform="40",
                    source="si-dep",
                    external_id=external_id,
                    case_record_id=listed.case_record_id,
                    content_digest=b"",
                    created_at=self.clock.now(),
                )
            )


def number(place: int) -> str:
    """A number reserved for fiction."""
    return f"+3363998{place:04}"


@contextmanager
def campaign_world(
    database: Database, vault: Vault, clock: SetClock, **settings: Any
) -> Iterator[CampaignWorld]:
    with message_world(database, vault, clock, **settings) as messages:
        campaigning = build_campaigning(
            database=database,
            vault=vault,
            clock=clock,
            scripts=scripts_of(database),
            settings=settings_for(**settings),
            segment_price=Decimal("0.08"),
            nudge=messages.nudged.append,
        )
        yield CampaignWorld(messages, campaigning)
