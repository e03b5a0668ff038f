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
from outreach.storage.tables.history import (
    alarms,
    journal,
    kept_figures,
    outbox,
    provider_events,
    sweep_runs,
)
from outreach.storage.tables.imports import column_mappings, import_findings, imports
from outreach.storage.tables.inbox import asked_calls, conversations, page_answers
from outreach.storage.tables.interviews import interview_answers, interview_figures
from outreach.storage.tables.messages import inbound_messages, messages, opt_outs
from outreach.storage.tables.modes import platform_modes
from outreach.storage.tables.people import (
    case_records,
    case_references,
    exposures,
    person_keys,
    person_phones,
    persons,
)
from outreach.storage.tables.scripts import dated_parameters, script_revisions, script_versions
from outreach.storage.tables.senders import (
    platform_senders,
    senders,
    spend_limits,
    spending,
    stopped_prefixes,
)
from outreach.storage.tables.workforce import (
    access_tokens,
    agent_presence,
    idempotency_keys,
    platforms,
    users,
)

__all__ = [
    "access_tokens",
    "agent_presence",
    "alarms",
    "asked_calls",
    "call_attempts",
    "call_list_entries",
    "campaign_findings",
    "campaign_members",
    "campaign_people",
    "campaigns",
    "case_records",
    "case_references",
    "case_tags",
    "column_mappings",
    "conversations",
    "dated_parameters",
    "exposures",
    "idempotency_keys",
    "import_findings",
    "imports",
    "inbound_calls",
    "inbound_messages",
    "interview_answers",
    "interview_figures",
    "journal",
    "kept_figures",
    "messages",
    "metadata",
    "opt_outs",
    "outbox",
    "page_answers",
    "person_keys",
    "person_phones",
    "persons",
    "platform_modes",
    "platform_senders",
    "platforms",
    "provider_events",
    "script_revisions",
    "script_versions",
    "senders",
    "spend_limits",
    "spending",
    "stopped_prefixes",
    "sweep_runs",
    "users",
]
