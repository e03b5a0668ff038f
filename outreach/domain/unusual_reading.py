"""When somebody reads far more case records than their work needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from outreach.domain.roles import Role

WITHIN = timedelta(hours=1)  # what was read
WORKED_WITHIN = timedelta(hours=24)  # what counts as one's own work: held, called, answered

# Records of people one did not work on, in an hour, before somebody is told. A senior or a doctor looks
# things up for others; supervisors and pilots look into complaints and odd cases.
BEYOND_WORK: Mapping[Role, int] = {
    Role.AGENT: 15,
    Role.SENIOR: 25,
    Role.MEDICAL: 25,
    Role.SUPERVISOR: 40,
    Role.PILOT: 40,
    Role.MANAGER: 5,
    Role.ADMINISTRATOR: 5,
    Role.AUDITOR: 5,
}
LEAST = min(BEYOND_WORK.values())


def allowance(roles: Iterable[Role]) -> int:
    """How many records beyond their work somebody may read in an hour: what their widest role allows."""
    return max((BEYOND_WORK[role] for role in roles), default=LEAST)


def is_unusual(beyond_work: int, roles: Iterable[Role]) -> bool:
    return beyond_work > allowance(roles)
