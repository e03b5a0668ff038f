"""The tables: personal data in `persons` only (sealed), everything else by id and keyed index."""

from outreach.storage.tables.base import metadata
from outreach.storage.tables.call_list import call_list_entries
from outreach.storage.tables.calls import call_attempts, inbound_calls
from outreach.storage.tables.campaigns import (
    campaign_findings,
    campaign_members,
    campaign_people,
    campaigns,
    case_tags,
)
from outreach.storage.tables.desk import desk_drafts, desk_keys, undoable_outcomes
from outreach.storage.tables.devices import agent_devices, script_readings
from outreach.storage.tables.forecasts import forecasts
from outreach.storage.tables.history import (
    access_lines,
    alarms,
    broken_glass,
    journal,
    kept_figures,
    outbox,
    provider_events,
    restricted_records,
    sweep_runs,
    written_reasons,
)
from outreach.storage.tables.imports import column_mappings, import_findings, import_rows, imports
from outreach.storage.tables.inbox import asked_calls, conversations, page_answers
from outreach.storage.tables.interviews import interview_answers, interview_figures
from outreach.storage.tables.merges import merged_records
from outreach.storage.tables.messages import inbound_messages, messages, opt_outs
from outreach.storage.tables.modes import (
    auto_modes,
    mode_proposals,
    mode_rules,
    planned_switches,
    platform_modes,
    territories,
)
from outreach.storage.tables.people import (
    case_records,
    case_references,
    exposures,
    person_keys,
    person_phones,
    persons,
)
from outreach.storage.tables.retention import retention_rules
from outreach.storage.tables.scripts import dated_parameters, script_revisions, script_versions
from outreach.storage.tables.senders import (
    platform_senders,
    senders,
    spend_limits,
    spending,
    stopped_prefixes,
)
from outreach.storage.tables.sign_in import (
    credentials,
    recovery_codes,
    sign_in_lines,
    sign_in_links,
    sign_in_tries,
)
from outreach.storage.tables.steering import (
    agent_pauses,
    mutual_aid_loans,
    notice_readings,
    notices,
    platform_move_people,
    platform_moves,
    rota_absences,
    rota_shifts,
    watch_settings,
    watched_records,
)
from outreach.storage.tables.supervision import call_listeners, told_agents, wall_passes
from outreach.storage.tables.training import training_sessions
from outreach.storage.tables.workforce import (
    access_tokens,
    agent_presence,
    idempotency_keys,
    platforms,
    users,
)

__all__ = [
    "access_lines",
    "access_tokens",
    "agent_devices",
    "agent_pauses",
    "agent_presence",
    "alarms",
    "asked_calls",
    "auto_modes",
    "broken_glass",
    "call_attempts",
    "call_list_entries",
    "call_listeners",
    "campaign_findings",
    "campaign_members",
    "campaign_people",
    "campaigns",
    "case_records",
    "case_references",
    "case_tags",
    "column_mappings",
    "conversations",
    "credentials",
    "dated_parameters",
    "desk_drafts",
    "desk_keys",
    "exposures",
    "forecasts",
    "idempotency_keys",
    "import_findings",
    "import_rows",
    "imports",
    "inbound_calls",
    "inbound_messages",
    "interview_answers",
    "interview_figures",
    "journal",
    "kept_figures",
    "merged_records",
    "messages",
    "metadata",
    "mode_proposals",
    "mode_rules",
    "mutual_aid_loans",
    "notice_readings",
    "notices",
    "opt_outs",
    "outbox",
    "page_answers",
    "person_keys",
    "person_phones",
    "persons",
    "planned_switches",
    "platform_modes",
    "platform_move_people",
    "platform_moves",
    "platform_senders",
    "platforms",
    "provider_events",
    "recovery_codes",
    "restricted_records",
    "retention_rules",
    "rota_absences",
    "rota_shifts",
    "script_readings",
    "script_revisions",
    "script_versions",
    "senders",
    "sign_in_lines",
    "sign_in_links",
    "sign_in_tries",
    "spend_limits",
    "spending",
    "stopped_prefixes",
    "sweep_runs",
    "territories",
    "told_agents",
    "training_sessions",
    "undoable_outcomes",
    "users",
    "wall_passes",
    "watch_settings",
    "watched_records",
    "written_reasons",
]
