"""What the facts of a journal line are called on the audit page, and what their codes say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from outreach.web.pages.labels import LABELS
from outreach.web.pages.words import N_, translated

NAMES: Mapping[str, str] = {
    "kind": N_("Type"),
    "source": N_("Source"),
    "external_id": N_("Number there"),
    "result_at": N_("Result of"),
    "listed_at": N_("Listed"),
    "deadline": N_("Deadline"),
    "fields": N_("Fields"),
    "because": N_("Because"),
    "purpose": N_("For"),
    "queue": N_("Queue"),
    "call_class": N_("Class"),
    "effective_deadline": N_("Last callable moment"),
    "mode_version": N_("Version of the mode"),
    "not_before": N_("Not before"),
    "phone_position": N_("Which number"),
    "inbound": N_("Call received"),
    "status": N_("State"),
    "listener": N_("Listening-in"),
    "how": N_("Way"),
    "seconds": N_("Seconds"),
    "outcome": N_("Outcome"),
    "reason": N_("Reason"),
    "now": N_("At once"),
    "wall_pass": N_("Wall screen"),
    "script": N_("Script"),
    "script_version": N_("Version of the script"),
    "language": N_("Language"),
    "called_at": N_("Called"),
    "reached_at": N_("Reached"),
    "informed_at": N_("Informed"),
    "untold": N_("Not told"),
    "said_at": N_("Said"),
    "template": N_("Text"),
    "template_version": N_("Version of the text"),
    "code": N_("Code"),
    "meaning": N_("Read as"),
    "channel": N_("By"),
    "with": N_("Answered with"),
    "mode": N_("Mode"),
    "version": N_("Version"),
    "ends_at": N_("Until"),
    "previous": N_("Before"),
    "undoes": N_("Undoes version"),
    "territory": N_("Territory"),
    "name": N_("Name"),
    "accounts": N_("Accounts concerned"),
    "planned": N_("Planned"),
    "starts_at": N_("From"),
    "setting": N_("Setting"),
    "called": N_("Positives called in time"),
    "informed": N_("Contacts informed in time"),
    "from": N_("From"),
    "about": N_("About"),
    "done": N_("Done"),
    "proposal": N_("Proposal"),
    "state": N_("State"),
    "answer": N_("Answer"),
    "breaker": N_("Breaker"),
    "prefix": N_("Prefix"),
    "prefixes": N_("Prefixes"),
    "segments": N_("Segments"),
    "daily_euros": N_("Euros a day"),
    "monthly_euros": N_("Euros a month"),
    "senders": N_("Senders"),
    "answered_with": N_("Answered with"),
    "days": N_("Days"),
    "shifts": N_("Shifts"),
    "replaced": N_("Replaced"),
    "day": N_("Day"),
    "what": N_("What"),
    "loan": N_("Loan"),
    "helper": N_("Helping platform"),
    "share": N_("Share"),
    "amount": N_("Amount"),
    "most": N_("At most"),
    "classes": N_("Classes"),
    "lent": N_("Lent"),
    "before": N_("Before"),
    "hours": N_("Calling hours"),
    "target": N_("To"),
    "counts": N_("Counts"),
    "until": N_("Until"),
    "way": N_("Way in"),
    "kept_until": N_("Kept until"),
    "to": N_("To"),
    "why": N_("Why"),
    "rows": N_("Rows"),
    "created": N_("New"),
    "updated": N_("Changed"),
    "merged": N_("Met again"),
    "unchanged": N_("Unchanged"),
    "warned": N_("With a warning"),
    "rejected": N_("Refused"),
    "error": N_("Error"),
    "row": N_("Row"),
    "verdict": N_("Result"),
    "taken_back": N_("Taken back"),
    "kept": N_("Kept"),
    "into": N_("Into"),
    "out_of": N_("Out of"),
    "confirmed_count": N_("People confirmed"),
    "batch": N_("Batch"),
    "whole": N_("Read to its end"),
    "converted": N_("Turned positive"),
    "case": N_("Record"),
}
# Codes that are said nowhere else.
CODES: Mapping[str, Mapping[str, str]] = {
    "yes_no": {
        "True": N_("yes"),
        "False": N_("no"),
    },
    "way": {
        "LINK": N_("one-time link"),
        "TOKEN": N_("access token"),
        "FACTOR_RESET": N_("second factor reset"),
    },
    "how": {
        "LISTEN": N_("listen"),
        "WHISPER": N_("whisper"),
        "JOIN": N_("join"),
    },
    "channel": {
        "SMS": N_("SMS"),
        "PAGE": N_("their page"),
    },
    "what": {
        "READINGS": N_("readings"),
        "CHANGES": N_("changes"),
        "GLASS": N_("openings in an emergency"),
        "USERS": N_("accounts"),
        "SIGN_INS": N_("sign-ins"),
        "MEMBERS": N_("people"),
        "LETTERS": N_("letters"),
        "ADDED": N_("added"),
        "CHANGED": N_("changed"),
        "REMOVED": N_("removed"),
        "NAME": N_("name"),
        "NUMBER": N_("number people see"),
        "SENDERS": N_("senders of SMS"),
    },
    "because": {
        "ERASED": N_("erased"),
        "HOURS_CHANGED": N_("calling hours changed"),
        "BY_HAND": N_("by hand"),
        "retention": N_("its time is past"),
        "RELEASED": N_("given back"),
        "MOVED": N_("moved"),
        "RETURNED": N_("returned"),
        "IMPORT_UNDONE": N_("import undone"),
        "ASKED": N_("they asked for it"),
        "MISTAKE": N_("listed by mistake"),
        "ORDERED": N_("ordered by an authority"),
    },
}
# Where the words of a fact are found: families of CODES, or of labels.py; the first that knows counts.
FAMILIES: Mapping[str, Sequence[str]] = {
    "kind": (
        "kind",
        "alarm",
    ),
    "because": (
        "because",
        "outcome",
        "restriction",
    ),
    "purpose": (
        "purpose",
        "message_purpose",
    ),
    "queue": ("queue",),
    "call_class": ("call_class",),
    "inbound": ("yes_no",),
    "status": (
        "call_status",
        "message_status",
    ),
    "how": ("how",),
    "outcome": ("outcome",),
    "reason": (
        "pause",
        "absence",
    ),
    "now": ("yes_no",),
    "language": ("language",),
    "untold": ("yes_no",),
    "whole": ("yes_no",),
    "meaning": ("reply",),
    "channel": ("channel",),
    "mode": ("mode",),
    "previous": ("mode",),
    "setting": ("auto_setting",),
    "done": ("auto_done",),
    "state": (
        "proposal_state",
        "campaign_state",
    ),
    "breaker": ("breaker",),
    "what": ("what",),
    "way": ("way",),
    "why": ("missing",),
}


def facts_shown(facts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a line of the journal says besides ids, in the reader's words; moments as such."""
    told = [(name, value) for name, value in facts.items() if value is not None and not _is_id(name)]
    return [(_name(name), _value(name, value)) for name, value in told]


def _name(key: str) -> str:
    return translated(NAMES[key]) if key in NAMES else key.replace("_", " ")


def _value(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {each}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(str(_value(key, each)) for each in value)
    for family in FAMILIES.get(key, ()):
        name = CODES.get(family, LABELS.get(family, {})).get(str(value))
        if name is not None:
            return translated(name)
    return _moment(value)


def _is_id(name: str) -> bool:
    return name == "subject" or name.endswith(("_id", "_ids"))


def _moment(value: Any) -> Any:
    if not isinstance(value, str) or "T" not in value:
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return value
