"""A campaign: one text or script, one audience, and the states it goes through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from outreach.domain.audiences import AudienceFilter, check_filter
from outreach.domain.call_list import CallClass
from outreach.domain.load_shedding import Mode
from outreach.domain.messages import NOT_TOLD, MessageStatus
from outreach.domain.outcomes import CallOutcome
from outreach.domain.purposes import Purpose
from outreach.errors import Conflict, InvalidInput

DAYS = 7
CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
LONGEST_DAYS = 90  # from the start to the end
# What a pace not used is kept for: after an hour's closure a campaign does not catch up in one go.
MOST_CATCHING_UP = timedelta(seconds=10)
# So much of a campaign waits in the senders' queue, so that pausing it is one short statement.
QUEUED_AHEAD_SECONDS = 10
FEWEST_AHEAD = 500
LOOK_AGAIN = timedelta(minutes=30)
# What a pause holds back waits for this moment, which never comes: whoever goes on sets another one.
HELD_UNTIL = datetime(2999, 1, 1, tzinfo=UTC)


class CampaignChannel(StrEnum):
    """How a campaign reaches people."""

    SMS = "SMS"
    CALLS = "CALLS"


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "DRAFT"
    READY = "READY"  # its audience was counted and its text seen
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


MOVES: Mapping[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset({CampaignState.READY, CampaignState.CANCELLED}),
    # A change of the plan makes it a draft again.
    CampaignState.READY: frozenset({CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.CANCELLED}),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.DONE, CampaignState.CANCELLED}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.CANCELLED}),
    CampaignState.DONE: frozenset(),
    CampaignState.CANCELLED: frozenset(),
}


class MemberState(StrEnum):
    """Where a person of a campaign stands."""

    PENDING = "PENDING"
    MADE = "MADE"  # the SMS is queued, or the entry is on the call list
    LEFT_OUT = "LEFT_OUT"


class Trigger(StrEnum):
    """What makes someone join a standing campaign by itself."""

    POSITIVE_LISTED = "POSITIVE_LISTED"
    CONTACT_LISTED = "CONTACT_LISTED"
    SECOND_MISS = "SECOND_MISS"  # of a positive
    UNREACHED = "UNREACHED"  # the tries of a contact's, follow-up's or campaign's entry are used up


# These speak to people nobody has spoken to yet; a follow-up's tries are used up after the interview.
OF_UNREACHED = frozenset({Trigger.POSITIVE_LISTED, Trigger.CONTACT_LISTED, Trigger.SECOND_MISS})


class SentBy(StrEnum):
    """Texts that leave by themselves on their own path; shown beside the standing campaigns."""

    EVERY_CONTACT_WHILE_SHED = "EVERY_CONTACT_WHILE_SHED"
    FIRST_MISS = "FIRST_MISS"
    CALLBACK_AGREED = "CALLBACK_AGREED"


@dataclass(frozen=True)
class Window:
    """Days (Monday is 0) and hours, on the callee's clock, narrower than the hours of SMS and calls."""

    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    from_hour: int = 0
    until_hour: int = 24

    def is_open(self, zone: str, at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(zone))
        return local.weekday() in self.weekdays and self.from_hour <= local.hour < self.until_hour

    def next_open(self, zone: str, at: datetime) -> datetime:
        """`at` itself when open, else the next opening."""
        if self.is_open(zone, at):
            return at
        local = at.astimezone(ZoneInfo(zone))
        opens = local.replace(hour=self.from_hour, minute=0, second=0, microsecond=0, fold=0)
        if opens <= local:
            opens += timedelta(days=1)
        while opens.weekday() not in self.weekdays:
            opens += timedelta(days=1)
        return opens.astimezone(UTC)


@dataclass(frozen=True)
class Pace:
    """At most so many segments a second, or such a share of the sender's pace; neither: the sender's own."""

    segments_per_second: int | None = None
    share: float | None = None

    def rate(self, sender_rate: int) -> float:
        """Segments a second."""
        shared = sender_rate if self.share is None else sender_rate * self.share
        return float(min(shared, self.segments_per_second or shared))


@dataclass(frozen=True)
class FollowUp:
    """Unread after so many hours: a reminder; after so many more: the call list. None: not done."""

    reminder_after_hours: int | None = None
    reminder_template: str = "reminder"
    call_after_hours: int | None = None
    call_class: CallClass = CallClass.SMS_RETURNED

    @property
    def is_asked(self) -> bool:
        return self.reminder_after_hours is not None or self.call_after_hours is not None


@dataclass(frozen=True)
class CampaignOutcome:
    """What a call of a campaign may come to, in the campaign's own words, and what it means to the list."""

    code: str
    label: str
    outcome: CallOutcome


@dataclass(frozen=True)
class CampaignPlan:
    """What a campaign is to do. `text`: the template of an SMS, or the script of a call.

    `variables`: what its text names beside what every text may name; the same for everybody, so nothing of
    a person. `told_within_days`: who had the same text that lately is left out. `modes`: of a standing
    campaign, the modes under which it acts; none: all.
    """

    text: str
    audience: AudienceFilter = field(default_factory=AudienceFilter)
    variables: Mapping[str, str] = field(default_factory=dict)
    adults_only: bool = False
    told_within_days: int = 30
    window: Window = field(default_factory=Window)
    pace: Pace = field(default_factory=Pace)
    follow_up: FollowUp = field(default_factory=FollowUp)
    days: int = 7
    call_purpose: Purpose = Purpose.CAMPAIGN
    outcomes: tuple[CampaignOutcome, ...] = ()
    modes: tuple[Mode, ...] = ()


def check_plan(plan: CampaignPlan, channel: CampaignChannel) -> None:
    """Raises InvalidInput, naming the field and how to mend it."""
    check_filter(plan.audience)
    _check_window(plan.window)
    _check_pace(plan.pace)
    if not 1 <= plan.days <= LONGEST_DAYS:
        raise InvalidInput(
            f"A campaign lasts between 1 and {LONGEST_DAYS} days.", field="days", mend="choose fewer days"
        )
    if channel is CampaignChannel.CALLS:
        _check_calls(plan)
    elif plan.outcomes:
        raise InvalidInput("Only campaigns of calls have outcomes.", field="outcomes", mend="leave them out")
    else:
        _check_follow_up(plan.follow_up, plan.days)


def _check_window(window: Window) -> None:
    days_known = set(window.weekdays) <= set(range(DAYS))
    if not window.weekdays or not days_known or not 0 <= window.from_hour < window.until_hour <= 24:
        raise InvalidInput(
            "The window is open at no hour.",
            field="window",
            mend="name weekdays from 0 (Monday) to 6, and hours from 0 to 24, the end after the beginning",
        )


def _check_pace(pace: Pace) -> None:
    share_fits = pace.share is None or 0 < pace.share <= 1
    if not share_fits or (pace.segments_per_second is not None and pace.segments_per_second < 1):
        raise InvalidInput(
            "The pace lets nothing through.",
            field="pace",
            mend="give a share above 0 and up to 1, or 1 segment a second or more",
        )


def _check_follow_up(follow_up: FollowUp, days: int) -> None:
    hours = (follow_up.reminder_after_hours, follow_up.call_after_hours)
    if any(each is not None and each < 1 for each in hours):
        raise InvalidInput(
            "A follow-up comes after an hour at least.", field="follow_up", mend="give whole hours from 1 on"
        )
    if sum(each or 0 for each in hours) > days * 24:
        raise InvalidInput(
            "The campaign ends before its follow-up.",
            field="days",
            mend="let it last longer, or follow up sooner",
        )
    if follow_up.call_class not in (CallClass.SMS_RETURNED, CallClass.CAMPAIGN):
        raise InvalidInput(
            "People of a campaign stand on the call list in class 6 or 8.",
            field="follow_up.call_class",
            mend="choose 6 or 8",
        )


def _check_calls(plan: CampaignPlan) -> None:
    if plan.call_purpose not in (Purpose.CAMPAIGN, Purpose.FOLLOW_UP):
        raise InvalidInput(
            "Calls of a campaign are CAMPAIGN or FOLLOW_UP.",
            field="call_purpose",
            mend="choose one of them",
        )
    if plan.window != Window() or plan.pace != Pace():
        raise InvalidInput(
            "Calls of a campaign keep the platform's calling hours, and the agents' pace.",
            field="window",
            mend="leave window and pace out",
        )
    if plan.follow_up.is_asked:
        raise InvalidInput(
            "Only an SMS is followed up; who stays unreached by phone gets a letter.",
            field="follow_up",
            mend="leave it out",
        )
    codes = [each.code for each in plan.outcomes]
    if len(set(codes)) < len(codes) or not all(map(CODE.fullmatch, codes)):
        raise InvalidInput(
            "Each outcome of a campaign has a code of its own.",
            field="outcomes",
            mend="use capitals, digits and underscores, each code once",
        )


def check_move(name: str, current: CampaignState, to: CampaignState) -> None:
    """Raises Conflict for a move that the table does not allow."""
    if to not in MOVES[current]:
        raise Conflict(
            f"The campaign {name} is {current.value}, so it cannot become {to.value}.",
            code="campaign_state",
        )


def check_confirmed(*, counted: int, confirmed: int) -> None:
    """Raises Conflict: nobody starts a campaign by a slip, nor to more people than they saw."""
    if confirmed != counted:
        raise Conflict(
            f"You confirmed {confirmed} people, but the audience has {counted}; nothing was started.",
            code="count_not_confirmed",
        )


@dataclass(frozen=True)
class Release:
    """How many segments may be made now, and the mark up to which the pace is used up."""

    segments: int
    mark: datetime


def release(rate: float, *, released_at: datetime | None, queued: int, now: datetime) -> Release:
    """The pace as of now; `queued` segments wait already."""
    mark = max(released_at or now - timedelta(seconds=1), now - MOST_CATCHING_UP)
    due = int(rate * (now - mark).total_seconds())
    ahead = max(FEWEST_AHEAD, int(rate * QUEUED_AHEAD_SECONDS))
    return Release(max(0, min(due, ahead - queued)), mark)


def mark_after(pace: Release, rate: float, spent: int) -> datetime:
    """The mark once so many segments were made."""
    return pace.mark + timedelta(seconds=spent / rate)


class FollowUpKind(StrEnum):
    """What the follow-up does with one member now."""

    WAIT = "WAIT"  # until `at`
    REMIND = "REMIND"
    CALL = "CALL"
    SETTLED = "SETTLED"


@dataclass(frozen=True)
class FollowUpStep:
    kind: FollowUpKind
    at: datetime | None = None


@dataclass(frozen=True)
class SentText:
    """One SMS of a member, as far as the follow-up cares."""

    status: MessageStatus
    accepted_at: datetime | None


def follow_up_step(
    wanted: FollowUp, first: SentText, reminder: SentText | None, now: datetime, *, replied: bool = False
) -> FollowUpStep:
    """What follows for someone: who read, replied or said STOP has been told; who was not told is called."""
    last = reminder or first
    read = replied or MessageStatus.READ in (first.status, last.status)
    if read or last.status is MessageStatus.CANCELLED:
        return FollowUpStep(FollowUpKind.SETTLED)
    if last.status in NOT_TOLD:
        return _call(wanted, now, now)
    if last.accepted_at is None:  # still in our hands
        return FollowUpStep(FollowUpKind.WAIT, now + LOOK_AGAIN)
    if reminder is None and wanted.reminder_after_hours is not None:
        due = last.accepted_at + timedelta(hours=wanted.reminder_after_hours)
        return FollowUpStep(FollowUpKind.WAIT, due) if due > now else FollowUpStep(FollowUpKind.REMIND)
    return _call(wanted, last.accepted_at + timedelta(hours=wanted.call_after_hours or 0), now)


def _call(wanted: FollowUp, due: datetime, now: datetime) -> FollowUpStep:
    if wanted.call_after_hours is None:
        return FollowUpStep(FollowUpKind.SETTLED)
    return FollowUpStep(FollowUpKind.WAIT, due) if due > now else FollowUpStep(FollowUpKind.CALL)
