"""What sweeps are called on pages, by what they do."""

from __future__ import annotations

from collections.abc import Mapping

from outreach.web.pages.words import N_

SWEEP_LABELS: Mapping[str, Mapping[str, str]] = {
    "sweep": {
        "lapsed_leases": N_("People left in hand go back to the list"),
        "readiness": N_("Who may be called now stands ready"),
        "changed_hours": N_("The call list follows changed calling hours"),
        "late_entries": N_("Entries too late fall behind the others"),
        "contacts_before_late": N_("Contacts are texted before they are late"),
        "near_deadline": N_("Positives near their deadline raise an alarm"),
        "calls": N_("Calls cut off or left open are settled"),
        "dead_senders": N_("SMS of a worker that died are doubted"),
        "uncertain_messages": N_("Doubtful SMS are looked up at the carrier"),
        "missing_receipts": N_("Receipts that did not come are asked for"),
        "unread_messages": N_("Who did not read their SMS is called"),
        "expired_messages": N_("SMS that wait too long expire"),
        "unshed_messages": N_("SMS of a mode that ended are taken back"),
        "sender_health": N_("Senders are watched"),
        "ended_budgets": N_("SMS budgets open again"),
        "frozen_senders": N_("Senders that do not move raise an alarm"),
        "asked_calls": N_("Calls people asked for are put on the list"),
        "unanswered_replies": N_("Replies left unanswered become calls"),
        "planned_switches": N_("Planned switches of mode are made"),
        "shed_levels": N_("Entries follow the rules of the mode"),
        "prepare_contacts": N_("Positives are asked to prepare their contacts"),
        "missed_without_sms": N_("Missed contacts are called while no SMS can go"),
        "auto_mode": N_("AUTO looks ahead"),
        "forecasts_made": N_("Forecasts are made"),
        "forecasts_scored": N_("Forecasts are compared with what came"),
        "import_drafts": N_("Files never imported are forgotten"),
        "import_rows": N_("Rows refused long ago are forgotten"),
        "settled_merges": N_("Merges too old to be undone are settled"),
        "mutual_aid": N_("Loans between platforms are kept up"),
        "languages": N_("Languages nobody speaks here go to helpers or interpreters"),
        "platform_moves": N_("Platforms being merged or split go on"),
        "watch_list": N_("The watch list is kept"),
        "contact_yield": N_("A fall of the contacts named raises an alarm"),
        "figures": N_("Figures are kept up to date"),
        "old_desk_words": N_("Old drafts of the desk are forgotten"),
        "old_sign_in_tries": N_("Old tries to sign in are forgotten"),
        "old_alarms": N_("Alarms cleared long ago are forgotten"),
        "old_case_records": N_("Records at the end of their time are erased"),
        "ending_claims": N_("Claims that end soon raise an alarm"),
        "old_request_keys": N_("Keys of old requests are forgotten"),
        "old_provider_events": N_("Old reports of the phone company are forgotten"),
        "campaigns": N_("Campaigns go on"),
        "listeners": N_("Listening in is ended with its call"),
        "readings": N_("Unusual readings raise an alarm"),
    },
}
