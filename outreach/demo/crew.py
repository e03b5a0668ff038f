"""Who works in the demo: a platform open at every hour, its agents, doctor and supervisor, and neighbours."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.bootstrap import App
from outreach.demo.setting import NEIGHBOUR, PLATFORM
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
NEIGHBOURS_FROM = 950
NEIGHBOURS = 2
# Those who steer see both platforms, the demo's own first.
STEERING = frozenset({Role.SUPERVISOR, Role.PILOT, Role.MANAGER})


@dataclass(frozen=True)
class Worker:
    """One person of the crew and their token."""

    login: str
    role: str
    token: str
    phone: str


@dataclass(frozen=True)
class Crew:
    """Everyone who works in the demo; `neighbours`: agents of the other platform."""

    agents: tuple[Worker, ...]
    supervisor: Worker
    neighbours: tuple[Worker, ...]
    visitor_phones: tuple[str, ...]

    @property
    def phones(self) -> list[str]:
        workers = (*self.agents, self.supervisor, *self.neighbours)
        return [*(worker.phone for worker in workers), *self.visitor_phones]


def hire(app: App, *, agents: int) -> Crew:
    """Make the platforms, the users and their tokens."""
    with app.database.begin() as connection:
        for platform in (_platform(PLATFORM, "Landes"), _platform(NEIGHBOUR, "Pyrénées-Atlantiques")):
            platform_store.create(connection, platform, app.clock.now())
    return Crew(
        tuple(_hire(app, _login(n), _role_of(n), n) for n in range(1, agents + 1)),
        _hire(app, SUPERVISOR, SUPERVISOR, 0),
        tuple(
            _hire(app, _neighbour(n), "agent", NEIGHBOURS_FROM + n, platform=NEIGHBOUR)
            for n in range(1, NEIGHBOURS + 1)
        ),
        tuple(_add_visitor(app, role, VISITORS_FROM + number) for number, role in enumerate(Role)),
    )


def _platform(code: str, name: str) -> Platform:
    """Of one region; it calls at any hour, since a demo runs at any hour."""
    hours = {purpose.value: ALL_DAY for purpose in Purpose}
    return Platform(code, name, "Europe/Paris", code, "75", "FR", "fr", hours, sender="", caller_id="")


def crew_logins(agents: int) -> list[str]:
    """Every login a demo ever makes."""
    visitors = [DEMO_LOGIN + role.value for role in Role]
    neighbours = map(_neighbour, range(1, NEIGHBOURS + 1))
    return [SUPERVISOR, *visitors, *neighbours, *map(_login, range(1, agents + 1))]


def _add_visitor(app: App, role: Role, number: int) -> str:
    """Whoever presses a role's button on the sign-in page; their phone. No robot works under this login."""
    phone = f"{FICTION_PREFIX}{number:04}"
    platforms = [PLATFORM, NEIGHBOUR] if role in STEERING else [PLATFORM]
    new = NewUser(DEMO_LOGIN + role.value, [role.value], platforms, ("fr", "en"), phone)
    app.access.add_user(new)
    return phone


def _login(number: int) -> str:
    return f"agent{number:02}"


def _neighbour(number: int) -> str:
    return f"pau{number:02}"


def _role_of(number: int) -> str:
    """Most are agents; some take what waits for a senior or a doctor."""
    return {1: "medical", 2: "senior"}.get(number, "agent")


def _hire(app: App, login: str, role: str, number: int, *, platform: str = PLATFORM) -> Worker:
    phone = f"{FICTION_PREFIX}{number:04}"
    user_id = app.access.add_user(NewUser(login, [role], [platform], ("fr", "en"), phone))
    _, token = app.access.new_token(user_id)
    return Worker(login, role, token, phone)
