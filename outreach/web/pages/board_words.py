"""The board's own words: columns, states, reasons, and what to do about each alarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from outreach.domain.board import AgentState, TimeLeft
from outreach.domain.supervision import ActKind, ActReason, ListenHow
from outreach.errors import InvalidInput
from outreach.storage.alarm_store import AlarmKind
from outreach.web.pages.words import N_

TIME_LEFT: Mapping[TimeLeft, str] = {
    TimeLeft.LATE: N_("Deadline passed"),
    TimeLeft.HOUR: N_("Under 1 h"),
    TimeLeft.FOUR_HOURS: N_("1 to 4 h"),
    TimeLeft.EIGHT_HOURS: N_("4 to 8 h"),
    TimeLeft.DAY: N_("8 to 24 h"),
    TimeLeft.LONGER: N_("Over 24 h"),
}
STATES: Mapping[AgentState, str] = {
    AgentState.RINGING: N_("Ringing"),
    AgentState.ON_CALL: N_("On a call"),
    AgentState.ON_HOLD: N_("On a call, on hold"),
    AgentState.LINE_LOST: N_("Line lost, the person waits"),
    AgentState.WRAP_UP: N_("Wrap-up"),
    AgentState.READING: N_("Preparing a call"),
    AgentState.IDLE: N_("Free for a call"),
    AgentState.PAUSED: N_("On a break"),
    AgentState.AWAY: N_("Page closed"),
    AgentState.OFF: N_("Shift ended"),
}
# The tag's colour beside the word.
COLOURS: Mapping[AgentState, str] = {
    AgentState.RINGING: "light-blue",
    AgentState.ON_CALL: "green",
    AgentState.ON_HOLD: "turquoise",
    AgentState.LINE_LOST: "red",
    AgentState.WRAP_UP: "purple",
    AgentState.READING: "blue",
    AgentState.IDLE: "yellow",
    AgentState.PAUSED: "grey",
    AgentState.AWAY: "orange",
    AgentState.OFF: "grey",
}
HOW: Mapping[ListenHow, str] = {
    ListenHow.LISTEN: N_("listens"),
    ListenHow.WHISPER: N_("whispers to the agent"),
    ListenHow.JOIN: N_("is in the conversation"),
}
HOW_TO_ME: Mapping[ListenHow, str] = {
    ListenHow.LISTEN: N_("hears your call; neither you nor the person hears them."),
    ListenHow.WHISPER: N_("hears your call and speaks to you alone; the person does not hear them."),
    ListenHow.JOIN: N_("is in the conversation: you and the person hear them."),
}
BUTTONS: Mapping[ListenHow, str] = {
    ListenHow.LISTEN: N_("Listen"),
    ListenHow.WHISPER: N_("Whisper to the agent"),
    ListenHow.JOIN: N_("Join the conversation"),
}
FAILED = N_("Failed or not delivered")
UNCERTAIN = N_("Fate uncertain")
# What the board says of messages, and the states behind each word.
MESSAGES: Sequence[tuple[str, tuple[str, ...]]] = (
    (N_("Queued"), ("QUEUED",)),
    (N_("Being sent"), ("SENDING", "ACCEPTED", "SENT")),
    (N_("Delivered"), ("DELIVERED", "READ")),
    (FAILED, ("FAILED", "UNDELIVERED", "EXPIRED", "UNKNOWN")),
    (UNCERTAIN, ("UNCERTAIN",)),
)
BAD_MESSAGES = (FAILED, UNCERTAIN)
SIDE_BY_SIDE = (
    N_("Positives to call"),
    N_("At risk"),
    N_("Late positives"),
    N_("Called within 24 h"),
    N_("Contacts to call"),
    N_("Agents at work"),
    N_("Alerts"),
)
URGENT = ("EMERGENCY", "DISTRESS", "HELP_WANTED")
REASONS: Mapping[ActReason, str] = {
    ActReason.AGENT_AWAY: N_("The agent is away"),
    ActReason.AGENT_ASKED: N_("The agent asked for it"),
    ActReason.DEADLINE: N_("The deadline is near"),
    ActReason.LANGUAGE: N_("Another language is needed"),
    ActReason.EXPERIENCE: N_("More experience is needed"),
    ActReason.TECHNICAL: N_("Technical trouble"),
    ActReason.OTHER: N_("Another reason"),
}


def reason_named(given: str) -> ActReason:
    """The reason chosen in a form. Raises InvalidInput."""
    try:
        return ActReason(given)
    except ValueError:
        raise InvalidInput("Say why.", field="reason", mend="choose one of the reasons") from None


TOLD: Mapping[ActKind, str] = {
    ActKind.WRAP_UP_ENDED: N_("%(by)s ended your wrap-up: %(reason)s."),
    ActKind.ENTRY_TAKEN: N_("%(by)s took an entry out of your hands: %(reason)s."),
    ActKind.ENTRY_GIVEN: N_("%(by)s gave you an entry: %(reason)s."),
    ActKind.ENTRY_KEPT: N_("%(by)s kept an entry for you, it comes next: %(reason)s."),
}
UNKNOWN_TODO = N_("Find out what it is about, then clear it.")
TODO: Mapping[str, str] = {
    AlarmKind.POSITIVE_NEAR_DEADLINE: N_("Nobody called them yet: give them to a free agent."),
    AlarmKind.IMPORT_INCOMPLETE: N_("Mend the rows of the import that could not be read."),
    AlarmKind.EMERGENCY: N_("Call the agent now: has the emergency service (15) been called?"),
    "DISTRESS": N_("Someone wrote that they are unwell: have them called at once, or call 15."),
    "HELP_WANTED": N_("Listen, whisper or join the agent's call."),
    AlarmKind.SENDER_STOPPED: N_("No SMS leaves through it: look at its account, then start it again."),
    AlarmKind.SENDER_REFUSED: N_("Some numbers are called in place of an SMS; tell the phone company."),
    AlarmKind.SENDER_RESTING: N_("Others send in its place; nothing to do unless they rest too."),
    "SENDER_FROZEN": N_("Start the sending process again."),
    AlarmKind.SPENDING_STOPPED: N_("Check the spending; raise the limit or change the mode."),
    AlarmKind.MODE_PROPOSED: N_("Look at the proposal on the mode page: accept or decline."),
    AlarmKind.PLANNED_SWITCH_REFUSED: N_(
        "Nobody would have sent the SMS: check the senders, switch by hand."
    ),
    AlarmKind.CONTACT_YIELD_LOW: N_("Listen to some interviews; consider going back to the full script."),
    AlarmKind.WRITE_BACK_DEAD: N_("Tell the case system's support, then deliver again."),
    AlarmKind.WEBHOOK_REFUSED: N_("The phone company's reports are lost: tell technical support now."),
    AlarmKind.WEBHOOK_CHANGED: N_("Tell technical support; nothing is lost."),
    "UNUSUAL_READING": N_("Ask the person why they read so many records."),
    "RECORD_OPENED": N_("Read the reason that was given, and check it."),
    "CLAIM_ENDING": N_("Name another day if the claim still stands; otherwise do nothing: it is erased."),
    "ACCESS_GIVEN": N_("Ask the account's owner whether they wanted it; the audit page says who made it."),
}
