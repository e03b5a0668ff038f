"""Who works in the demo: a platform open at every hour, its agents, a doctor and a supervisor."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.bootstrap import App
from outreach.demo.setting import PLATFORM
from outreach.domain.purposes import Purpose
from outreach.domain.roles import Role
from outreach.services.access import NewUser
from outreach.services.sign_in import DEMO_LOGIN
from outreach.storage import platform_store
from outreach.storage.platform_store import Platform

ALL_DAY = {"week": [["00:00-24:00"]] * 7, "holidays": ["00:00-24:00"]}
# Numbers that the French regulator reserves for works of fiction.
SUPERVISOR = "supervisor"
FICTION_PREFIX = "+3319900"
VISITORS_FROM = 900  # the last digits of their phones


@dataclass(frozen=True)
class Worker:
    """One person of the crew and their token."""

    login: str
    role: str
    token: str
    phone: str


@dataclass(frozen=True)
class Crew:
    """Everyone who works in the demo."""

    agents: tuple[Worker, ...]
    supervisor: Worker
    visitor_phones: tuple[str, ...]

    @property
    def phones(self) -> list[str]:
        return [*(worker.phone for worker in (*self.agents, self.supervisor)), *self.visitor_phones]


def hire(app: App, *, agents: int) -> Crew:
    """Make the platform, the users and their tokens. It calls at any hour, since a demo runs at any hour."""
    hours = {purpose.value: ALL_DAY for purpose in Purpose}
    platform = Platform(
        PLATFORM, "Landes", "Europe/Paris", "40", "75", "FR", "fr", hours, sender="", caller_id=""
    )
    with app.database.begin() as connection:
        platform_store.create(connection, platform, app.clock.now())
    return Crew(
        tuple(_hire(app, _login(n), _role_of(n), n) for n in range(1, agents + 1)),
        _hire(app, SUPERVISOR, SUPERVISOR, 0),
        tuple(_add_visitor(app, role, VISITORS_FROM + number) for number, role in enumerate(Role)),
    )


def crew_logins(agents: int) -> list[str]:
    """Every login a demo ever makes."""
    visitors = [DEMO_LOGIN + role.value for role in Role]
    return [SUPERVISOR, *visitors, *map(_login, range(1, agents + 1))]


def _add_visitor(app: App, role: Role, number: int) -> str:
    """Whoever presses a role's button on the sign-in page; their phone. No robot works under this login."""
    phone = f"{FICTION_PREFIX}{number:04}"
    new = NewUser(DEMO_LOGIN + role.value, [role.value], [PLATFORM], ("fr", "en"), phone)
    app.access.add_user(new)
    return phone


def _login(number: int) -> str:
    return f"agent{number:02}"


def _role_of(number: int) -> str:
    """Most are agents; some take what waits for a senior or a doctor."""
    return {1: "medical", 2: "senior"}.get(number, "agent")


def _hire(app: App, login: str, role: str, number: int) -> Worker:
    phone = f"{FICTION_PREFIX}{number:04}"
    user_id = app.access.add_user(NewUser(login, [role], [PLATFORM], ("fr", "en"), phone))
    _, token = app.access.new_token(user_id)
    return Worker(login, role, token, phone)
