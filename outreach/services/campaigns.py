"""Campaigns as supervisors run them: draft, count, preview, start with the count, pause, resume, cancel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.audiences import AudienceCount
from outreach.domain.campaigns import (
    CampaignChannel,
    CampaignPlan,
    CampaignState,
    Trigger,
    check_confirmed,
    check_move,
    check_plan,
)
from outreach.domain.messages import USEFUL_FOR, MessagePurpose
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.audiences import Audiences, NamedPeople
from outreach.services.campaign_journal import journal_move
from outreach.services.campaign_previews import CampaignPreviews, Preview, TextPreview, Trial
from outreach.services.campaign_texts import CampaignTexts
from outreach.storage import (
    campaign_hold_store,
    campaign_store,
    case_sheet_store,
    journal,
    person_store,
    platform_store,
)
from outreach.storage.campaign_store import Campaign, FileFinding
from outreach.storage.database import Connection, Database

LONGEST_NAME = 100
EDITABLE = (CampaignState.DRAFT, CampaignState.READY)
ENTRIES_AT_ONCE = 2_000
COMMAND_LINE = journal.by_system("command line")


@dataclass(frozen=True)
class Start:
    """`confirmed_count`: the audience as whoever starts it saw it; `starts_at` None: at once."""

    confirmed_count: int
    starts_at: datetime | None = None


@dataclass(frozen=True)
class Campaigns:
    """Every method is one step of a campaign's life; `nudge` wakes the sweep after the commit."""

    database: Database
    clock: Clock
    audiences: Audiences
    texts: CampaignTexts
    previews: CampaignPreviews
    nudge: Callable[[str], object]

    def draft(
        self,
        platform: str,
        name: str,
        channel: CampaignChannel,
        plan: CampaignPlan,
        *,
        by: UUID | None,
        trigger: Trigger | None = None,
        named: NamedPeople | None = None,
    ) -> Campaign:
        """A new campaign; with a trigger, a standing one. `named`: only these people.

        Raises InvalidInput, NotFound.
        """
        checked, campaign_id = self._checked(plan, channel, trigger), new_id()
        if trigger is not None and named is not None:
            raise InvalidInput("A standing campaign takes no file.", field="file", mend="draft another one")
        with self.database.begin() as connection:
            platform_store.read(connection, platform)
            self.texts.refuse_faults(connection, checked, platform=platform, now=self.clock.now())
            campaign_store.add(
                connection,
                campaign_id=campaign_id,
                platform=platform,
                name=_checked_name(name),
                channel=channel,
                plan=checked,
                author_id=by,
                now=self.clock.now(),
                trigger=trigger,
            )
            if named is not None:
                _keep_named(connection, campaign_id, named)
            return campaign_store.read(connection, campaign_id)

    def change(
        self, campaign_id: UUID, *, name: str | None = None, plan: CampaignPlan | None = None
    ) -> Campaign:
        """Another name or plan; it is a draft again. Raises Conflict once it was started."""
        with self.database.begin() as connection:
            campaign = self._editable(connection, campaign_id)
            checked = campaign.plan
            if plan is not None:
                checked = self._checked(plan, campaign.channel, campaign.trigger)
                now = self.clock.now()
                self.texts.refuse_faults(connection, checked, platform=campaign.platform, now=now)
            campaign_store.change(
                connection,
                campaign_id,
                name=campaign.name if name is None else _checked_name(name),
                plan=checked,
                **_UNSEEN,
            )
            return campaign_store.read(connection, campaign_id)

    def use_file(self, campaign_id: UUID, content: bytes) -> NamedPeople:
        """Only people whom this file names, by identifier or number; rows that match nobody are told."""
        campaign = self.show(campaign_id)
        if campaign.trigger is not None:
            raise InvalidInput("A standing campaign takes no file.", field="file", mend="draft another one")
        named = self.audiences.read_file(campaign.platform, content)
        with self.database.begin() as connection:
            self._editable(connection, campaign_id)
            _keep_named(connection, campaign_id, named)
        return named

    def findings(self, campaign_id: UUID) -> list[FileFinding]:
        """The rows of its file that match nobody."""
        with self.database.begin() as connection:
            return campaign_store.findings(connection, campaign_id)

    def count(self, campaign_id: UUID) -> Campaign:
        """Count the audience as of now; READY once its text was seen too. Raises Conflict when started."""
        now = self.clock.now()
        campaign = self.show(campaign_id)
        if campaign.trigger is not None:
            raise InvalidInput("A standing campaign has no audience to count.", mend="preview and start it")
        counted = self.audiences.count(replace(campaign, as_of=now), now=now)
        with self.database.begin() as connection:
            _check_unchanged(campaign, locked := self._editable(connection, campaign_id))
            state = _state_once_seen(counted=True, previewed=locked.previewed_at is not None)
            campaign_store.change(connection, campaign_id, counted=counted, as_of=now, state=state.value)
            return campaign_store.read(connection, campaign_id)

    def preview(self, campaign_id: UUID) -> Preview:
        """The text in each language of the audience, its segments, the cost; READY once counted too."""
        now = self.clock.now()
        with self.database.begin() as connection:
            campaign = campaign_store.lock(connection, campaign_id)
            preview = self.previews.of(connection, campaign, now)
            if campaign.state in EDITABLE:
                counted = campaign.counted is not None or campaign.trigger is not None
                state = _state_once_seen(counted=counted, previewed=True)
                campaign_store.change(connection, campaign_id, previewed_at=now, state=state.value)
        return preview

    def look(self, campaign_id: UUID) -> Preview:
        """The same as `preview` without noting that it was seen. Raises NotFound."""
        with self.database.begin() as connection:
            campaign = campaign_store.read(connection, campaign_id)
            return self.previews.of(connection, campaign, self.clock.now())

    def preview_for(self, campaign_id: UUID, case_record_id: UUID) -> TextPreview:
        """What one person would get. Raises NotFound for a record of another platform."""
        with self.database.begin() as connection:
            campaign = campaign_store.read(connection, campaign_id)
            facts = case_sheet_store.facts(connection, case_record_id)
            if facts.platform != campaign.platform:
                raise NotFound("There is no such case record.")
            language = person_store.language_of(connection, facts.person_id)
            return self.previews.for_language(connection, campaign, language, None, self.clock.now())

    def try_text(self, platform: str, name: str, variables: Mapping[str, str]) -> Trial:
        """What a text would say with these variables, before a campaign is planned. Raises InvalidInput."""
        with self.database.begin() as connection:
            return self.previews.try_text(
                connection, CampaignPlan(name, variables=variables), platform, self.clock.now()
            )

    def start(self, campaign_id: UUID, start: Start, *, by: UUID | None) -> Campaign:
        """Run it, for the number of people that was confirmed, and for no more.

        Raises Conflict when it is not READY, when another number was confirmed, or when the audience grew.
        """
        now = self.clock.now()
        campaign = self.show(campaign_id)
        check_move(campaign.name, campaign.state, CampaignState.RUNNING)
        fresh = None if campaign.trigger else self.audiences.count(campaign, now=now)
        if fresh is not None and campaign.counted is not None and fresh.members > campaign.counted.members:
            self._keep_count(campaign_id, fresh)
            raise Conflict(
                f"The audience grew to {fresh.members} people since it was counted; nothing was started.",
                code="audience_grew",
            )
        with self.database.begin() as connection:
            locked = campaign_store.lock(connection, campaign_id)
            check_move(campaign.name, locked.state, CampaignState.RUNNING)
            _check_unchanged(campaign, locked)
            counted = campaign.counted.members if campaign.counted else 0
            check_confirmed(counted=counted, confirmed=start.confirmed_count)
            begins = max(start.starts_at or now, now)
            self._move(
                connection,
                campaign,
                CampaignState.RUNNING,
                by=by,
                confirmed_count=counted,
                starts_at=begins,
                ends_at=None if campaign.trigger else begins + timedelta(days=campaign.plan.days),
                started_at=now,
            )
        return self._nudged(campaign_id)

    def pause(self, campaign_id: UUID, *, by: UUID | None) -> Campaign:
        """Nothing more is sent or called: what a sender took before is posted, nothing after."""
        with self.database.begin() as connection:
            campaign = campaign_store.lock(connection, campaign_id)
            self._move(connection, campaign, CampaignState.PAUSED, by=by)
            campaign_hold_store.hold_messages(connection, campaign_id)
            campaign_hold_store.hold_entries(connection, campaign_id, most=ENTRIES_AT_ONCE)
        return self._nudged(campaign_id)

    def resume(self, campaign_id: UUID, *, by: UUID | None) -> Campaign:
        """Go on where it was paused."""
        now = self.clock.now()
        with self.database.begin() as connection:
            campaign = campaign_store.lock(connection, campaign_id)
            if campaign.state is not CampaignState.PAUSED:
                raise Conflict(f"The campaign {campaign.name} is not paused.", code="campaign_state")
            self._move(connection, campaign, CampaignState.RUNNING, by=by, released_at=now)
            self._let_go(connection, campaign, now)
        return self._nudged(campaign_id)

    def _let_go(self, connection: Connection, campaign: Campaign, now: datetime) -> None:
        """What a supervisor started is of use anew; what a trigger made is of use from when it fired."""
        standing = campaign.trigger is not None
        purpose = self.texts.purpose_of(campaign.plan) if standing else MessagePurpose.CAMPAIGN
        campaign_hold_store.let_messages_go(
            connection,
            campaign.id,
            useful_for=USEFUL_FOR[purpose],
            useful_from=None if standing else now,
            ends_at=campaign.ends_at,
            now=now,
        )
        campaign_hold_store.keep_to_window(connection, campaign.id, campaign.plan.window, now=now)
        campaign_hold_store.let_entries_go(connection, campaign.id, now=now)

    def cancel(self, campaign_id: UUID, *, by: UUID | None) -> Campaign:
        """End it: what is queued is not sent, who waits for its call is called no more."""
        with self.database.begin() as connection:
            campaign = campaign_store.lock(connection, campaign_id)
            self._move(connection, campaign, CampaignState.CANCELLED, by=by)
        return self._nudged(campaign_id)

    def show(self, campaign_id: UUID) -> Campaign:
        """Raises NotFound."""
        with self.database.begin() as connection:
            return campaign_store.read(connection, campaign_id)

    def of_platforms(
        self,
        platforms: Sequence[str],
        *,
        before: UUID | None,
        most: int,
        states: Sequence[CampaignState] = (),
        channel: CampaignChannel | None = None,
    ) -> list[Campaign]:
        """Newest first; `states` empty: of any."""
        with self.database.begin() as connection:
            return campaign_store.of_platforms(
                connection, platforms, before=before, most=most, states=states, channel=channel
            )

    def _checked(self, plan: CampaignPlan, channel: CampaignChannel, trigger: Trigger | None) -> CampaignPlan:
        check_plan(plan, channel)
        self.texts.check(plan, channel)
        if trigger is not None and channel is not CampaignChannel.SMS:
            raise InvalidInput("A standing campaign sends SMS.", field="channel", mend="choose SMS")
        return replace(plan, adults_only=self.texts.adults_only(plan))

    def _editable(self, connection: Connection, campaign_id: UUID) -> Campaign:
        campaign = campaign_store.lock(connection, campaign_id)
        if campaign.state not in EDITABLE:
            raise Conflict(
                f"The campaign {campaign.name} is {campaign.state.value}: it is not changed any more.",
                code="campaign_state",
            )
        return campaign

    def _keep_count(self, campaign_id: UUID, counted: AudienceCount) -> None:
        with self.database.begin() as connection:
            if campaign_store.lock(connection, campaign_id).state in EDITABLE:
                campaign_store.change(connection, campaign_id, counted=counted)

    def _move(
        self,
        connection: Connection,
        campaign: Campaign,
        to: CampaignState,
        *,
        by: UUID | None,
        **values: object,
    ) -> None:
        check_move(campaign.name, campaign.state, to)
        campaign_store.change(connection, campaign.id, state=to.value, **values)
        actor = journal.by_user(by) if by else COMMAND_LINE
        journal_move(
            connection, campaign, to, self.clock.now(), actor=actor, confirmed=values.get("confirmed_count")
        )

    def _nudged(self, campaign_id: UUID) -> Campaign:
        self.nudge("upkeep")
        return self.show(campaign_id)


# What a changed plan takes back.
_UNSEEN: dict[str, object] = {
    "state": CampaignState.DRAFT.value,
    "counted": None,
    "as_of": None,
    "previewed_at": None,
}


def _keep_named(connection: Connection, campaign_id: UUID, named: NamedPeople) -> None:
    campaign_store.name_people(connection, campaign_id, named.people)
    campaign_store.put_findings(connection, campaign_id, named.findings)
    campaign_store.change(connection, campaign_id, from_file=True, **_UNSEEN)


def _check_unchanged(seen: Campaign, locked: Campaign) -> None:
    """Counting takes a while: what was counted must be what stands now. Raises Conflict."""
    if locked.version != seen.version:
        raise Conflict(
            f"The campaign {locked.name} was changed while it was counted; look at it again.",
            code="campaign_changed",
        )


def _state_once_seen(*, counted: bool, previewed: bool) -> CampaignState:
    return CampaignState.READY if counted and previewed else CampaignState.DRAFT


def _checked_name(name: str) -> str:
    told = " ".join(name.split())
    if not told or len(told) > LONGEST_NAME:
        raise InvalidInput(
            "A campaign has a name.", field="name", mend=f"give one of at most {LONGEST_NAME} characters"
        )
    return told
