"""Places a case record on the call list: the facts of the record, put to the rules of order and of modes."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from outreach.domain.call_list import CaseFacts, PlannedEntry, planned_entry
from outreach.domain.case_records import CaseKind
from outreach.domain.case_rows import Place
from outreach.domain.load_shedding import ShedFacts, shed_level
from outreach.domain.purposes import Purpose
from outreach.services.intake_setting import IntakeSetting


class Listing(NamedTuple):
    """One record's reasons to stand where it stands.

    `can_sms`: of any good number; `opted_out`: STOP came from one of them.
    """

    purpose: Purpose
    place: Place
    opened_at: datetime
    deadline: datetime
    has_number: bool
    can_sms: bool
    opted_out: bool
    adult: bool
    household: bool
    collective_setting: bool
    vulnerable: bool
    last_exposure_on: date | None
    callback_at: datetime | None = None
    sms_returned: bool = False


def purpose_of(kind: CaseKind) -> Purpose:
    return Purpose.INTERVIEW if kind is CaseKind.POSITIVE else Purpose.INFORM


def place_on_list(listing: Listing, setting: IntakeSetting) -> tuple[PlannedEntry, int]:
    """The entry as it is to be stored, and its shed level."""
    known = setting.places.get(listing)
    if known is None:
        planned = planned_entry(_case_facts(listing), setting.hours[listing.purpose], setting.now)
        known = setting.places[listing] = (planned, shed_level(_shed_facts(listing), setting.rules))
    return known


def _case_facts(listing: Listing) -> CaseFacts:
    return CaseFacts(
        purpose=listing.purpose,
        opened_at=listing.opened_at,
        deadline=listing.deadline,
        zone=listing.place.zone,
        region=listing.place.holiday_region,
        vulnerable=listing.vulnerable,
        household=listing.household,
        collective_setting=listing.collective_setting,
        last_exposure_on=listing.last_exposure_on,
        has_number=listing.has_number,
        callback_at=listing.callback_at,
        sms_returned=listing.sms_returned,
    )


def _shed_facts(listing: Listing) -> ShedFacts:
    return ShedFacts(
        purpose=listing.purpose,
        can_sms=listing.can_sms,
        adult=listing.adult,
        vulnerable=listing.vulnerable,
        household=listing.household,
        collective_setting=listing.collective_setting,
        opted_out=listing.opted_out,
        promised_call=listing.callback_at is not None or listing.sms_returned,
    )
