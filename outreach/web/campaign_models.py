"""Campaigns as the API says them: what a plan may hold, and what is told of a campaign."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from outreach.domain.audiences import AudienceCount
from outreach.domain.call_list import CallClass, EntryState
from outreach.domain.campaign_words import CampaignFigures
from outreach.domain.campaigns import CampaignChannel, CampaignPlan, CampaignState, Trigger
from outreach.domain.case_records import CaseKind
from outreach.domain.load_shedding import Mode
from outreach.domain.messages import MessageStatus
from outreach.domain.outcomes import CallOutcome
from outreach.domain.purposes import Purpose
from outreach.services.campaign_figures import CampaignAccount
from outreach.storage.campaign_figures_store import ProgressCount
from outreach.storage.campaign_store import Campaign
from outreach.web.script_models import ToMend

_PLANS = TypeAdapter(CampaignPlan)
Word = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]
Hour = Annotated[int, Field(ge=0, le=24)]
Age = Annotated[int, Field(ge=0, le=130)]
Delay = Annotated[int, Field(ge=1, le=90 * 24)]
Named = Annotated[str, Field(min_length=1, max_length=100)]


class _Strict(BaseModel):
    """A word that is not known is refused: a filter that was misspelt would let everybody in."""

    model_config = ConfigDict(extra="forbid")


class AudienceModel(_Strict):
    """Every filter must hold; of one with several values, any. Ages are whole years, both ends included."""

    kind: CaseKind | None = None
    household: bool | None = None
    collective_setting: bool | None = None
    vulnerable: bool | None = None
    last_exposure_from: date | None = None
    last_exposure_until: date | None = None
    listed_from: AwareDatetime | None = None
    listed_until: AwareDatetime | None = None
    adult: bool | None = None
    age_from: Age | None = None
    age_until: Age | None = None
    languages: Annotated[list[Word], Field(max_length=50)] = []
    mode_version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    not_reached: bool = False
    tags: Annotated[list[Word], Field(max_length=50)] = []
    entry_purposes: Annotated[list[Purpose], Field(max_length=10)] = []
    entry_classes: Annotated[list[CallClass], Field(max_length=10)] = []
    entry_states: Annotated[list[EntryState], Field(max_length=10)] = []


class WindowModel(_Strict):
    """Weekdays from 0 (Monday) and hours, on the callee's clock."""

    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = list(range(7))
    from_hour: Hour = 0
    until_hour: Hour = 24


class PaceModel(_Strict):
    """Segments a second, or a share of the sender's pace (0.5: half of it)."""

    segments_per_second: Annotated[int, Field(ge=1, le=10_000)] | None = None
    share: Annotated[float, Field(gt=0, le=1)] | None = None


class FollowUpModel(_Strict):
    """Unread after so many hours: a reminder; after so many more: the call list, in class 6 or 8."""

    reminder_after_hours: Delay | None = None
    reminder_template: Word = "reminder"
    call_after_hours: Delay | None = None
    call_class: CallClass = CallClass.SMS_RETURNED


class OutcomeModel(_Strict):
    """How a call of the campaign may end, in its own words, and what that means to the call list."""

    code: Annotated[str, Field(pattern="^[A-Z][A-Z0-9_]{0,39}$")]
    label: Named
    outcome: CallOutcome


class PlanModel(_Strict):
    """`text`: a text of the catalog (SMS) or a script (CALLS). `variables`: the same for everybody."""

    text: Word
    audience: AudienceModel = AudienceModel()
    variables: Annotated[dict[Word, Annotated[str, Field(max_length=200)]], Field(max_length=20)] = {}
    adults_only: bool = False
    told_within_days: Annotated[int, Field(ge=0, le=3650)] = 30
    window: WindowModel = WindowModel()
    pace: PaceModel = PaceModel()
    follow_up: FollowUpModel = FollowUpModel()
    days: Annotated[int, Field(ge=1, le=90)] = 7
    call_purpose: Purpose = Purpose.CAMPAIGN
    outcomes: Annotated[list[OutcomeModel], Field(max_length=40)] = []
    modes: Annotated[list[Mode], Field(max_length=10)] = []

    def plan(self) -> CampaignPlan:
        return _PLANS.validate_python(self.model_dump())


class NewCampaign(_Strict):
    """With a trigger: a standing campaign, which people join as it fires."""

    platform: Annotated[str, Field(min_length=1, max_length=20)]
    name: Named
    channel: CampaignChannel
    plan: PlanModel
    trigger: Trigger | None = None


class ChangedCampaign(_Strict):
    """What is left out stays."""

    name: Named | None = None
    plan: PlanModel | None = None


class StartModel(_Strict):
    """`confirmed_count`: the number of people you saw; another number starts nothing."""

    confirmed_count: Annotated[int, Field(ge=0, le=2**31 - 1)]
    starts_at: AwareDatetime | None = None


class Counted(BaseModel):
    """Who would be reached, by language, and who is left out, by reason."""

    members: int
    languages: dict[str, int]
    left_out: dict[str, int]

    @classmethod
    def of(cls, counted: AudienceCount) -> Counted:
        left_out = {reason.value: count for reason, count in counted.left_out.items()}
        return cls(members=counted.members, languages=dict(counted.languages), left_out=left_out)


class ShownCampaign(BaseModel):
    """A campaign as it stands."""

    id: UUID
    platform: str
    name: str
    channel: CampaignChannel
    state: CampaignState
    trigger: Trigger | None
    plan: PlanModel
    from_file: bool
    counted: Counted | None
    counted_at: datetime | None
    previewed_at: datetime | None
    confirmed_count: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    version: int

    @classmethod
    def of(cls, campaign: Campaign) -> ShownCampaign:
        same = ("id", "platform", "name", "channel", "state", "trigger", "from_file", "version")
        moments = ("previewed_at", "starts_at", "ends_at", "created_at", "started_at", "ended_at")
        return cls(
            **{name: getattr(campaign, name) for name in (*same, *moments, "confirmed_count")},
            plan=PlanModel.model_validate(_PLANS.dump_python(campaign.plan)),
            counted=Counted.of(campaign.counted) if campaign.counted else None,
            counted_at=campaign.as_of,
        )


class Far(BaseModel):
    """How far a campaign is. `made`: SMS queued or entries listed, of `members`."""

    model_config = ConfigDict(from_attributes=True)

    members: int
    made: int
    arrived: int
    not_arrived: int
    called: int


class ListedCampaign(ShownCampaign):
    """A campaign of a list, with how far it is."""

    progress: Far

    @classmethod
    def with_progress(cls, campaign: Campaign, count: ProgressCount) -> ListedCampaign:
        return cls(**ShownCampaign.of(campaign).model_dump(), progress=Far.model_validate(count))


class Figures(BaseModel):
    """What became of it. `statuses`: of each member's first SMS; `replies`: by meaning."""

    model_config = ConfigDict(from_attributes=True)

    members: int
    pending: int
    written_to: int
    on_the_way: int
    delivered: int
    read: int
    not_arrived: int
    left_out: dict[str, int]
    left_out_words: dict[str, str] = {}
    statuses: dict[MessageStatus, int]
    reminders: dict[MessageStatus, int]
    replies: dict[str, int]
    segments: int
    to_call: int
    called: dict[str, int]
    outcomes: dict[str, int]

    @classmethod
    def of(cls, figures: CampaignFigures) -> Figures:
        return cls.model_validate(figures)


class Progress(ShownCampaign):
    """A campaign with its figures, and a sentence in French and in English."""

    figures: Figures
    sentences: dict[str, str]

    @classmethod
    def with_account(cls, campaign: Campaign, account: CampaignAccount) -> Progress:
        figures = Figures.of(account.figures).model_copy(update={"left_out_words": account.left_out_words})
        shown = ShownCampaign.of(campaign)
        return cls(**shown.model_dump(), figures=figures, sentences=account.sentences)


class ShownText(BaseModel):
    """`people`: how many get it, as counted last."""

    model_config = ConfigDict(from_attributes=True)

    language: str
    people: int | None
    text: str
    segments: int
    template: str
    version: int


class ShownPreview(BaseModel):
    """`cost` in euros, `lasts` in seconds; null before the audience was counted, and for calls."""

    model_config = ConfigDict(from_attributes=True, ser_json_timedelta="float")

    texts: list[ShownText]
    segments: int | None
    cost: Decimal | None
    lasts: timedelta | None


class TextToTry(_Strict):
    """What you write into a text, by variable."""

    platform: Annotated[str, Field(min_length=1, max_length=20)]
    variables: Annotated[dict[Word, Annotated[str, Field(max_length=200)]], Field(max_length=20)] = {}


class TriedText(BaseModel):
    """How it reads in each language, and what is to be mended: with an ERROR no campaign is planned."""

    model_config = ConfigDict(from_attributes=True)

    texts: list[ShownText]
    to_mend: list[ToMend]


class FindingModel(BaseModel):
    """A row that matches nobody; `value` is masked."""

    model_config = ConfigDict(from_attributes=True)

    row: int
    value: str
    reason: str
    mend: str


class NamedByFile(BaseModel):
    """What an audience file came to; at most 200 findings here, all of them at /findings."""

    rows: int
    people: int
    unmatched: int
    findings: list[FindingModel]


class FailureModel(BaseModel):
    """`because`: what the carrier's code means to us."""

    model_config = ConfigDict(from_attributes=True)

    template: str
    status: MessageStatus
    code: str
    because: str
    messages: int


class StandingModel(BaseModel):
    """SMS that leave by themselves; `campaign_id` is null for the program's own paths."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    trigger: str
    text: str
    campaign_id: UUID | None
    state: CampaignState
    acts_now: bool
    modes: list[Mode]
    messages: int
    segments: int
    statuses: dict[MessageStatus, int]


class BatchModel(BaseModel):
    """Fetch it at /campaigns/{id}/letters/{number}.csv."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    letters: int


class OutcomeSaid(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    label: str
    outcome: CallOutcome


class EntryCampaignModel(BaseModel):
    """The campaign for which an entry stands on the list; `said`: the code kept so far."""

    model_config = ConfigDict(from_attributes=True)

    campaign_id: UUID
    name: str
    script: str
    outcomes: list[OutcomeSaid]
    said: str | None


class SaidCode(_Strict):
    code: Annotated[str, Field(pattern="^[A-Z][A-Z0-9_]{0,39}$")]


class WhatToSay(BaseModel):
    """What to say at the wrap-up of this call."""

    outcome: CallOutcome
