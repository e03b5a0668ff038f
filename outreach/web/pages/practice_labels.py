"""What codes of conversations and practice calls are called on pages."""

from __future__ import annotations

from collections.abc import Mapping

from outreach.web.pages.words import N_

PRACTICE_LABELS: Mapping[str, Mapping[str, str]] = {
    "answered_with": {
        "TEMPLATE": N_("Answered by a text"),
        "CALLBACK": N_("Answered by a call"),
        "OPT_OUT": N_("No more SMS"),
        "WRONG_PERSON": N_("Not the person"),
        "NOTHING": N_("Nothing was asked"),
    },
    "text_value": {
        "callback_day": N_("Day of the call"),
        "callback_time": N_("Hour of the call"),
    },
    "scenario": {
        "WILLING": N_("Somebody who answers everything"),
        "THIRD_PARTY": N_("Somebody else picks up"),
        "VOICEMAIL": N_("A voicemail"),
        "WRONG_NUMBER": N_("A wrong number"),
        "REFUSES": N_("Somebody who refuses"),
        "LATER": N_("Somebody who has no time now"),
        "DISTRESS": N_("Somebody who cannot breathe"),
        "HOSPITAL": N_("Somebody in hospital"),
    },
}
