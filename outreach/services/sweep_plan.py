"""Every sweep and its pace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from outreach.services.asked_calls import AskedCalls
from outreach.services.call_list import CallList
from outreach.services.call_repairs import CallRepairs
from outreach.services.campaign_work import CampaignWork
from outreach.services.desk_words import DeskWords
from outreach.services.inbox import Inbox
from outreach.services.kept_figures import KeptFigures
from outreach.services.listening import Listening
from outreach.services.message_sweeps import MessageSweeps
from outreach.services.messaging import Messaging
from outreach.services.modes import Modes
from outreach.services.old_records import OldRecords
from outreach.services.platform_hours import PlatformHours
from outreach.services.reading_alerts import ReadingAlerts
from outreach.services.records import Records
from outreach.services.retention import Retention
from outreach.services.sign_in_tries import SignInTries
from outreach.services.steering import Steering
from outreach.services.upkeep import Sweep


@dataclass(frozen=True)
class Work:
    """What sweeps keep right."""

    call_list: CallList
    platform_hours: PlatformHours
    repairs: CallRepairs
    messaging: Messaging
    campaigns: CampaignWork
    retention: Retention
    old_records: OldRecords
    tries: SignInTries
    asked_calls: AskedCalls
    inbox: Inbox
    listening: Listening
    modes: Modes
    records: Records
    desk_words: DeskWords
    steering: Steering
    figures: KeptFigures
    readings: ReadingAlerts


def all_sweeps(work: Work) -> Mapping[str, Sweep]:
    """By name; each is idempotent."""
    return {
        **_of_calls(work.call_list, work.repairs),
        "changed_hours": _every(2, work.platform_hours.follow),
        **_of_messages(work.messaging.sweeps),
        **_of_senders(work.messaging),
        **_of_replies(work.asked_calls, work.inbox),
        **work.modes.sweeps(),
        **work.records.sweeps(),
        **_of_steering(work.steering, work.call_list),
        **_of_what_is_kept(work),
        "campaigns": _every(2, work.campaigns.run),
        "listeners": _every(2, work.listening.keep),
        "readings": _every(300, work.readings.look),
    }


def _every(seconds: float, run: Callable[[], int]) -> Sweep:
    return Sweep(timedelta(seconds=seconds), run)


def _of_calls(call_list: CallList, repairs: CallRepairs) -> Mapping[str, Sweep]:
    return {
        "lapsed_leases": _every(5, call_list.lapse),
        "readiness": _every(5, lambda: sum(vars(call_list.keep_ready()).values())),
        "late_entries": _every(60, call_list.let_late_fall_behind),
        "contacts_before_late": _every(60, call_list.text_before_late),
        "near_deadline": _every(60, call_list.alarm_near_deadline),
        "calls": _every(2, repairs.run),
    }


def _of_messages(messages: MessageSweeps) -> Mapping[str, Sweep]:
    return {
        "dead_senders": _every(2, messages.doubt_the_dead),
        "uncertain_messages": _every(5, messages.settle_uncertain),
        "missing_receipts": _every(60, messages.ask_for_receipts),
        "unread_messages": _every(60, messages.return_unread),
        "expired_messages": _every(30, messages.expire),
        "unshed_messages": _every(5, messages.recall_unshed),
    }


def _of_senders(messaging: Messaging) -> Mapping[str, Sweep]:
    return {
        "sender_health": _every(60, messaging.senders.look),
        "ended_budgets": _every(60, messaging.spending.reopen_budgets),
        "frozen_senders": _every(60, messaging.frozen.look),
    }


def _of_replies(asked_calls: AskedCalls, inbox: Inbox) -> Mapping[str, Sweep]:
    return {
        "asked_calls": _every(5, asked_calls.keep),
        "unanswered_replies": _every(30, inbox.call_unanswered),
    }


def _of_steering(steering: Steering, call_list: CallList) -> Mapping[str, Sweep]:
    def languages() -> int:
        """First whatever a helper speaks is lent to it: only the rest needs an interpreter."""
        return steering.mutual_aid.keep() + call_list.hand_to_interpreters()

    return {
        "mutual_aid": _every(5, steering.mutual_aid.keep),
        "languages": _every(30, languages),
        "platform_moves": _every(5, steering.moves.go_on),
        "watch_list": _every(3600, steering.watch_list.keep),
        "contact_yield": _every(600, steering.contact_yield.guard),
    }


def _of_what_is_kept(work: Work) -> Mapping[str, Sweep]:
    return {
        "figures": _every(15, work.figures.keep),
        "old_desk_words": _every(600, work.desk_words.forget),
        "old_sign_in_tries": _every(3600, work.tries.forget_old),
        "old_case_records": _every(60, work.old_records.forget),
        "ending_claims": _every(3600, work.old_records.remind),
        "old_request_keys": _every(600, work.retention.forget_request_keys),
        "old_alarms": _every(3600, work.retention.forget_alarms),
        "old_provider_events": _every(60, work.retention.forget_provider_events),
    }
