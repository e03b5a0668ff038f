"""What figures, decisions and parts of the daily report are called on pages."""

from __future__ import annotations

from collections.abc import Mapping

from outreach.web.pages.words import N_

FIGURE_LABELS: Mapping[str, Mapping[str, str]] = {
    "figure": {
        "positives": N_("Positives"),
        "positives_in_time_at_arrival": N_("Of them still in time when we were told"),
        "called_in_time": N_("Called within 24 h"),
        "called_share_of_all": N_("Called within 24 h, of all"),
        "called_share_of_in_time_at_arrival": N_("Called within 24 h, of those in time when told"),
        "reached_in_time": N_("Reached within 24 h"),
        "reached_share_of_all": N_("Reached within 24 h, of all"),
        "reached_share_of_in_time_at_arrival": N_("Reached within 24 h, of those in time when told"),
        "median_result_to_call_seconds": N_("From the result to the first call, median"),
        "contacts": N_("Contacts"),
        "informed_in_time": N_("Informed within 24 h"),
        "informed_share": N_("Informed within 24 h, of all"),
        "positives_asked": N_("Positives asked for contacts"),
        "contacts_per_positive_asked": N_("Contacts per positive asked"),
        "contacts_per_positive_of_all": N_("Contacts per positive, of all"),
        "named_nobody_share_of_asked": N_("Named nobody, of those asked"),
        "unreached_share_of_closed": N_("Given up as unreached"),
        "calls": N_("Calls"),
        "bad_number_share_of_calls": N_("Numbers that do not work"),
        "attempts_per_person_reached": N_("Tries per person reached"),
        "agent_hours": N_("Agent-hours"),
        "calls_per_agent_hour": N_("Calls per agent-hour"),
        "backlog": N_("On the list at the end"),
        "backlog_hours": N_("In hours of calls"),
        "sms_sent": N_("SMS sent"),
        "sms_delivered_share": N_("SMS delivered, of those sent"),
        "sms_read_share": N_("SMS read, of those sent"),
        "sms_called_after_all_share": N_("Called after all, of the SMS sent"),
        "forecasts": N_("Forecasts scored"),
        "forecast_error_mean": N_("Mean error of the forecast"),
    },
    "yield_channel": {"CALL": N_("Call"), "INBOUND": N_("They called us")},
    "yield_agents": {"OWN": N_("The platform's own"), "HELPER": N_("A helper's")},
    "yield_script": {
        "full": N_("full"),
        "light": N_("light"),
    },
    "decision": {
        "MODE_SWITCHED": N_("Mode switched"),
        "MODE_RULE_CHANGED": N_("Rules of a mode changed"),
        "SWITCH_PLANNED": N_("Switch planned"),
        "SWITCH_CANCELLED": N_("Planned switch cancelled"),
        "AUTO_SET": N_("AUTO set"),
        "PROPOSAL_ANSWERED": N_("Proposal answered"),
        "SPENDING_LIMITED": N_("SMS budget changed"),
        "SPENDING_RESET": N_("SMS breaker reset"),
        "MUTUAL_AID_LENT": N_("Mutual aid asked"),
        "MUTUAL_AID_ENDED": N_("Mutual aid ended"),
        "PLATFORM_MOVED": N_("Platforms merged or split"),
        "HOURS_CHANGED": N_("Calling hours changed"),
        "CAMPAIGN_MOVED": N_("Campaign"),
        "TEXT_CHANGED": N_("Text"),
    },
    "text_change": {"TOOK_EFFECT": N_("took effect"), "WITHDRAWN": N_("withdrawn")},
    "grouping": {"day": N_("Day by day"), "mode": N_("Mode by mode"), "": N_("The whole period")},
}
