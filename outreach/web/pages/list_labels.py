"""What codes of filters of lists are called on pages."""

from __future__ import annotations

from collections.abc import Mapping

from outreach.web.pages.words import N_

LIST_LABELS: Mapping[str, Mapping[str, str]] = {
    "notice_state": {
        "IN_FORCE": N_("In force"),
        "UNREAD": N_("In force, not acknowledged by all"),
        "TO_COME": N_("To come"),
        "OVER": N_("Over"),
        "WITHDRAWN": N_("Withdrawn"),
    },
    "reading_state": {"WAITING": N_("Not acknowledged yet"), "DONE": N_("Acknowledged")},
    "switched_by": {"PERSON": N_("A person"), "MACHINE": N_("The program")},
    "loan_side": {"LENT": N_("What we lend"), "BORROWED": N_("What is lent to us")},
    "which_texts": {
        "CHANGING": N_("Those that will change"),
        "DRAFTED": N_("Those with a draft"),
        "OWN": N_("The platform's own"),
        "MISSING": N_("Those that a language lacks"),
    },
    "file_type": {"csv": N_("CSV"), "spreadsheet": N_("Excel or OpenDocument")},
    "import_group": {
        "draft": N_("Not started"),
        "running": N_("Under way"),
        "done": N_("Imported"),
        "mend": N_("Incomplete or refused"),
        "undone": N_("Undone"),
    },
}
