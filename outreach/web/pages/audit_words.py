"""What the events of the journal are called on the audit page, in the groups one looks for them by."""

from __future__ import annotations

from collections.abc import Mapping

from outreach.storage.journal import Event
from outreach.web.pages.words import N_

GROUPS: Mapping[str, Mapping[Event, str]] = {
    N_("Modes"): {
        Event.MODE_SWITCHED: N_("Mode switched"),
        Event.MODE_RULE_CHANGED: N_("Rules of a mode changed"),
        Event.SWITCH_PLANNED: N_("Switch planned"),
        Event.SWITCH_CANCELLED: N_("Planned switch cancelled"),
        Event.AUTO_SET: N_("AUTO set"),
        Event.AUTO_DECIDED: N_("AUTO decided"),
        Event.PROPOSAL_ANSWERED: N_("Proposal answered"),
    },
    N_("Access to records"): {
        Event.GLASS_BROKEN: N_("Record opened in an emergency"),
        Event.RECORD_RESTRICTED: N_("Record restricted"),
        Event.RECORD_UNRESTRICTED: N_("Restriction lifted"),
        Event.LISTENING_STARTED: N_("Listening-in begun"),
        Event.LISTENING_CHANGED: N_("Listening-in changed"),
        Event.LISTENING_ENDED: N_("Listening-in ended"),
        Event.ACCESS_GIVEN: N_("Way into an account made by an administrator"),
        Event.AUDIT_EXPORTED: N_("Audit exported"),
        Event.CAMPAIGN_EXPORTED: N_("Campaign exported"),
        Event.ARS_HANDED_OFF: N_("Handed to the regional health agency"),
    },
    N_("Records"): {
        Event.CASE_CREATED: N_("Record created"),
        Event.CASE_UPDATED: N_("Record changed"),
        Event.CASE_MERGED: N_("Record met again in a file"),
        Event.RECORDS_MERGED: N_("Records merged"),
        Event.CASE_CONVERTED: N_("Contact became a positive"),
        Event.CASE_CLOSED: N_("Record closed"),
        Event.CASE_REOPENED: N_("Record opened again"),
        Event.CONTACT_NAMED: N_("Contact named"),
        Event.PERSON_ERASED: N_("Person erased"),
        Event.RECORD_WATCHED: N_("Record put on the watch list"),
        Event.RECORD_WATCH_RESOLVED: N_("Record taken off the watch list"),
    },
    N_("Imports"): {
        Event.IMPORT_FINISHED: N_("Import finished"),
        Event.IMPORT_FAILED: N_("Import failed"),
        Event.IMPORT_ROW_MENDED: N_("Row of an import mended"),
        Event.IMPORT_UNDONE: N_("Import undone"),
    },
    N_("Call list"): {
        Event.ENTRY_ADDED: N_("Put on the call list"),
        Event.ENTRY_RECLASSED: N_("Moved within the call list"),
        Event.ENTRY_LEASED: N_("Taken in hand"),
        Event.ENTRY_RELEASED: N_("Given back uncalled"),
        Event.LEASE_LAPSED: N_("Hold lapsed"),
        Event.ENTRY_RESCHEDULED: N_("Call put off"),
        Event.ENTRY_ESCALATED: N_("Sent to another queue"),
        Event.ENTRY_SHED: N_("Call turned into an SMS"),
        Event.ENTRY_RETURNED: N_("Back on the call list"),
        Event.ENTRY_CLOSED: N_("Taken off the call list"),
        Event.ENTRY_TAKEN: N_("Taken back by a supervisor"),
        Event.ENTRY_GIVEN: N_("Given to an agent by a supervisor"),
    },
    N_("Calls"): {
        Event.ATTEMPT_STARTED: N_("Call begun"),
        Event.ATTEMPT_MOVED: N_("Call moved on"),
        Event.INTERVIEW_BEGUN: N_("Interview begun"),
        Event.ATTEMPT_OUTCOME: N_("Outcome of a call"),
        Event.OUTCOME_UNDONE: N_("Outcome undone"),
        Event.WRAP_UP_ENDED: N_("Wrap-up ended by a supervisor"),
        Event.INBOUND_CALL: N_("Call received"),
    },
    N_("Messages"): {
        Event.MESSAGE_QUEUED: N_("SMS queued"),
        Event.MESSAGE_MOVED: N_("SMS moved on"),
        Event.MESSAGE_READ: N_("SMS read"),
        Event.REPLY_RECEIVED: N_("Reply received"),
        Event.REPLY_ANSWERED: N_("Reply answered"),
        Event.STRANGER_NAMED: N_("Stranger's number recognised"),
        Event.OPTED_OUT: N_("Wants no more SMS"),
        Event.OPTED_IN: N_("Wants SMS again"),
        Event.CAMPAIGN_MOVED: N_("Campaign moved on"),
        Event.SPENDING_RESET: N_("Spending breaker reset"),
        Event.SPENDING_LIMITED: N_("Spending limits changed"),
        Event.SENDERS_LISTED: N_("Senders changed"),
    },
    N_("Team"): {
        Event.SHIFT_STARTED: N_("Shift begun"),
        Event.SHIFT_ENDED: N_("Shift ended"),
        Event.PAUSE_STARTED: N_("Pause begun"),
        Event.PAUSE_ENDED: N_("Pause ended"),
        Event.ROTA_IMPORTED: N_("Rota imported"),
        Event.ROTA_CHANGED: N_("Rota changed"),
        Event.ABSENCE_ADDED: N_("Absence added"),
        Event.ABSENCE_REMOVED: N_("Absence removed"),
        Event.MUTUAL_AID_LENT: N_("Entries lent"),
        Event.MUTUAL_AID_ENDED: N_("Loan ended"),
        Event.NOTICE_PUBLISHED: N_("Notice published"),
        Event.NOTICE_WITHDRAWN: N_("Notice withdrawn"),
        Event.NOTICE_ACKNOWLEDGED: N_("Notice acknowledged"),
    },
    N_("Installation"): {
        Event.ALARM_RAISED: N_("Alarm raised"),
        Event.ALARM_CLEARED: N_("Alarm cleared"),
        Event.RETENTION_CHANGED: N_("Time of keeping records changed"),
        Event.WALL_PASS_MADE: N_("Address of a wall screen made"),
        Event.WALL_PASS_ENDED: N_("Address of a wall screen ended"),
        Event.PLATFORM_MOVED: N_("Platform merged or split"),
        Event.PLATFORM_MOVE_DONE: N_("Merge or split done"),
    },
}
EVENT_NAMES: Mapping[str, str] = {
    event.value: name for events in GROUPS.values() for event, name in events.items()
}
REASON_NAMES: Mapping[str, str] = {
    "CALL": N_("In hand, for a call"),
    "SHEET": N_("The whole record"),
    "ANSWERS": N_("Answers of an interview"),
    "CONVERSATION": N_("A conversation by SMS"),
    "LETTERS": N_("Letters"),
    "LISTENING": N_("Listening in"),
    "BROKEN_GLASS": N_("Beyond their reach, with a reason"),
    "RELATED": N_("Beside another record"),
    "SEARCH_NUMBER": N_("Search by phone number"),
    "SEARCH_NAME": N_("Search by name"),
    "SEARCH_REFERENCE": N_("Search by record number"),
    "IMPORT_ROWS": N_("Rows of an import"),
}
