"""Who may do what: roles are bundles of scopes; every route and command asks for one scope."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """One thing a token may be used for."""

    CALLS_WORK = "calls:work"  # be given entries, call, wrap up
    CALLS_SUPERVISE = "calls:supervise"  # see and move other people's work
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    IMPORTS_WRITE = "imports:write"
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_WRITE = "campaigns:write"
    MODES_READ = "modes:read"
    MODES_WRITE = "modes:write"
    SCRIPTS_READ = "scripts:read"
    SCRIPTS_WRITE = "scripts:write"  # texts, durations by decree
    FIGURES_READ = "figures:read"
    EXPORTS_READ = "exports:read"  # ARS hand-off, sick-leave list
    ALARMS_CLEAR = "alarms:clear"
    USERS_ADMIN = "users:admin"
    ACCESSES_READ = "accesses:read"  # who read whose record, who changed what
    GLASS_BREAK = "glass:break"  # read one record beyond one's reach, for a reason, told to its supervisors


class Role(StrEnum):
    """What a person is on a platform."""

    AGENT = "agent"
    SENIOR = "senior"  # also takes what others could not finish
    SUPERVISOR = "supervisor"
    PILOT = "pilot"  # steers the file
    MEDICAL = "medical"  # doctor: the medical queue
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"  # users and tokens; sees no case record
    AUDITOR = "auditor"


_CALLING = frozenset(
    {Scope.CALLS_WORK, Scope.CASES_READ, Scope.CASES_WRITE, Scope.MODES_READ, Scope.SCRIPTS_READ}
)
_STEERING = frozenset(
    {
        Scope.CALLS_SUPERVISE,
        Scope.MODES_READ,
        Scope.FIGURES_READ,
        Scope.ALARMS_CLEAR,
        Scope.SCRIPTS_READ,
        Scope.SCRIPTS_WRITE,
    }
)
_CAMPAIGNING = frozenset({Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE})
SCOPES_OF_ROLE: dict[Role, frozenset[Scope]] = {
    Role.AGENT: _CALLING,
    Role.SENIOR: _CALLING | {Scope.GLASS_BREAK},
    Role.MEDICAL: _CALLING | {Scope.GLASS_BREAK},
    Role.SUPERVISOR: _CALLING
    | _STEERING
    | _CAMPAIGNING
    | {
        Scope.MODES_WRITE,
        Scope.IMPORTS_WRITE,
        Scope.EXPORTS_READ,
        Scope.ACCESSES_READ,
        Scope.GLASS_BREAK,
    },
    Role.PILOT: _STEERING
    | _CAMPAIGNING
    | {Scope.MODES_WRITE, Scope.IMPORTS_WRITE, Scope.CASES_READ, Scope.EXPORTS_READ},
    Role.MANAGER: frozenset(
        {Scope.CAMPAIGNS_READ, Scope.FIGURES_READ, Scope.MODES_READ, Scope.EXPORTS_READ, Scope.SCRIPTS_READ}
    ),
    Role.ADMINISTRATOR: frozenset({Scope.USERS_ADMIN, Scope.MODES_READ, Scope.FIGURES_READ}),
    Role.AUDITOR: frozenset(
        {
            Scope.CAMPAIGNS_READ,
            Scope.FIGURES_READ,
            Scope.MODES_READ,
            Scope.SCRIPTS_READ,
            Scope.ACCESSES_READ,
        }
    ),
}


def scopes_of(roles: Iterable[Role]) -> frozenset[Scope]:
    """Everything these roles together may do."""
    return frozenset().union(*(SCOPES_OF_ROLE[role] for role in roles))
