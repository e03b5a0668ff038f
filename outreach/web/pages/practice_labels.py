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
        "MEDICAL": N_("Somebody with a question for a doctor"),
        "UPSET": N_("Somebody who wants whoever is in charge"),
    },
    "practice_act": {
        "CALL": N_("Call"),
        "NEXT_NUMBER": N_("Call the next number"),
        "ASK_TO_WAIT": N_("Ask them to wait"),
        "HOLD": N_("Hold"),
        "RESUME": N_("Take back from hold"),
        "ASK_HELP": N_("Ask for help"),
        "BRING_ADVISER": N_("Bring in a medical adviser"),
        "SUMMARISE": N_("Sum the call up to the adviser"),
        "HAND_OVER": N_("Leave them with the adviser"),
        "VOICEMAIL": N_("Leave the voicemail"),
        "HANG_UP": N_("Hang up"),
    },
    "practice_line": {
        "READY": N_("Nobody yet."),
        "NO_ANSWER": N_("Nobody picks up on this number."),
        "TALKING": N_("Somebody has picked up."),
        "ON_HOLD": N_("They are on hold, and hear music."),
        "ENDED": N_("The call is over: say how it went."),
    },
    "practice_colleague": {
        "SUPERVISOR": N_("Supervisor"),
        "ADVISER": N_("Medical adviser"),
    },
    "practice_slip": {
        "UNTRIED_NUMBER": N_("There was another number, and it was not called."),
        "HELD_UNTOLD": N_("You put them on hold without asking them to wait."),
        "LEFT_ON_HOLD": N_("You hung up on somebody who was on hold."),
        "MESSAGE_TO_A_PERSON": N_("You played the voicemail to somebody who had picked up."),
        "NO_HELP": N_("They wanted whoever is in charge, and you did not ask for help."),
        "NO_ADVISER": N_("The question was for a doctor, and you brought no medical adviser in."),
        "NO_SUMMARY": N_("You left them with the adviser without summing the call up."),
        "ADVISER_TO_A_STRANGER": N_("You brought a doctor to somebody who is not the person."),
    },
    "practice_field": {
        "family_name": N_("name"),
        "birth_date": N_("date of birth"),
        "phone_1": N_("number"),
        "last_contact_on": N_("last contact"),
        "household": N_("household or not"),
    },
}
