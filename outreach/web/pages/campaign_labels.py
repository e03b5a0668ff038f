"""What the words of campaigns are called on pages."""

from __future__ import annotations

from collections.abc import Mapping

from outreach.web.pages.words import N_

CAMPAIGN_LABELS: Mapping[str, Mapping[str, str]] = {
    "campaign_channel": {"SMS": N_("SMS"), "CALLS": N_("Calls")},
    "exclusion": {
        "ERASED": N_("Their data was erased"),
        "DECEASED": N_("They died"),
        "DO_NOT_CALL": N_("They asked not to be called"),
        "REACHED": N_("They were reached meanwhile"),
        "MINOR": N_("The text is for adults"),
        "OPTED_OUT": N_("They want no SMS (STOP)"),
        "NO_SMS_LINE": N_("None of their numbers takes an SMS"),
        "NO_NUMBER": N_("No number that works is known"),
        "ALREADY_TOLD": N_("They had this text lately"),
        "ON_THE_LIST": N_("Such a call is on the list for them already"),
        "IN_A_CALL": N_("An agent is speaking to them now"),
        "HOUSEHOLD_DUPLICATE": N_("Someone else at the same number gets the SMS"),
        "NOT_CONFIRMED": N_("They joined after the number was confirmed"),
    },
    "failure": {
        "SLOW_DOWN": N_("The carrier asked to slow down"),
        "UNKNOWN_FATE": N_("The carrier does not know"),
        "OUR_FAULT": N_("Our settings"),
        "NO_SMS_ON_LINE": N_("The line takes no SMS"),
        "WRONG_NUMBER": N_("The number does not exist"),
        "OPTED_OUT": N_("They want no SMS (STOP)"),
        "LATER": N_("Not reachable at that moment"),
        "FILTERED": N_("Filtered by the carrier"),
        "NOT_ALLOWED": N_("Not allowed to that destination"),
        "QUEUE_FULL": N_("The carrier's queue was full"),
        "UNDELIVERED": N_("Not delivered, without a reason"),
        "FAILED": N_("Failed"),
        "UNKNOWN": N_("Fate unknown"),
        "EXPIRED": N_("Too late to be of use"),
    },
    "trigger": {
        "POSITIVE_LISTED": N_("A positive is listed"),
        "CONTACT_LISTED": N_("A contact is listed"),
        "SECOND_MISS": N_("A positive was missed twice"),
        "UNREACHED": N_("Somebody was given up as unreached"),
        "EVERY_CONTACT_WHILE_SHED": N_("The mode informs contacts by SMS"),
        "FIRST_MISS": N_("A positive was missed for the first time"),
        "CALLBACK_AGREED": N_("A callback was agreed"),
    },
    "closed_because": {
        "CAMPAIGN_CANCELLED": N_("The campaign was cancelled"),
        "CAMPAIGN_ENDED": N_("The campaign ended before the call"),
    },
    "weekday": {
        "0": N_("Monday"),
        "1": N_("Tuesday"),
        "2": N_("Wednesday"),
        "3": N_("Thursday"),
        "4": N_("Friday"),
        "5": N_("Saturday"),
        "6": N_("Sunday"),
    },
}
