"""The pages of managers, auditors and administrators."""

from __future__ import annotations

from tests.tour.steps import A_USER, click
from tests.tour.stop import TALL, Stop

ADMINISTRATOR = "administrator"
ONLY_THEY = "administrators"
MANAGERS = (
    Stop(
        "figures",
        "manager",
        "/figures",
        "Figures",
        "The published figures by day, by mode or whole, always with both denominators; taken away as CSV or "
        "JSON.",
        "managers, supervisors, pilots, auditors and administrators",
        size=TALL,
    ),
    Stop(
        "report",
        "manager",
        "/figures/report",
        "The day's report",
        "A page or two to print for the prefecture: figures beside the week before, modes, alarms.",
        "managers, supervisors, pilots, auditors and administrators",
        size=TALL,
    ),
    Stop(
        "audit",
        "auditor",
        "/audit",
        "Audit",
        "Who read whose record and why, who changed what; auditors see pseudonyms only.",
        "auditors, and supervisors for their platform",
    ),
)
ADMINISTRATORS = (
    Stop(
        "admin",
        ADMINISTRATOR,
        "/admin",
        "Administration",
        "Users with their roles and platforms; nothing of whoever is called.",
        ONLY_THEY,
    ),
    Stop(
        "admin-user",
        ADMINISTRATOR,
        "/admin",
        "One user",
        "Rights, one-time links, sessions and tokens; nobody changes their own roles.",
        ONLY_THEY,
        click(A_USER),
        shows="/admin/users/{user_id}",
        size=TALL,
    ),
    Stop(
        "admin-new-user",
        ADMINISTRATOR,
        "/admin/users/new",
        "A new user",
        "Roles and platforms are given here; the password is chosen by whoever opens the link.",
        ONLY_THEY,
    ),
    Stop(
        "admin-platforms",
        ADMINISTRATOR,
        "/admin/platforms",
        "Platforms",
        "The platforms, and the departments, regions and country above them.",
        ONLY_THEY,
    ),
    Stop(
        "admin-platform",
        ADMINISTRATOR,
        "/admin/platforms",
        "One platform",
        "Its name and place, its calling hours by kind of call, its number and sender.",
        ONLY_THEY,
        click("main a[href^='/admin/platforms/']"),
        shows="/admin/platforms/{code}",
        size=TALL,
    ),
    Stop(
        "admin-territories",
        ADMINISTRATOR,
        "/admin/territories",
        "Territories",
        "What lies in which; another is added here. Whose rights a change touches is shown before it counts.",
        ONLY_THEY,
    ),
    Stop(
        "admin-territory",
        ADMINISTRATOR,
        "/admin/territories",
        "One territory",
        "Its name, what it lies in, its platforms; another platform is brought in.",
        ONLY_THEY,
        click("main a[href^='/admin/territories/']"),
        shows="/admin/territories/{code}",
    ),
    Stop(
        "admin-senders",
        ADMINISTRATOR,
        "/admin/senders",
        "Senders",
        "How fast and how much may be sent, what was spent, and which sender stands still.",
        "supervisors, pilots, managers, auditors and administrators",
    ),
    Stop(
        "admin-retention",
        ADMINISTRATOR,
        "/admin/retention",
        "Retention",
        "What is kept how long by which decree, and what was erased.",
        ONLY_THEY,
    ),
    Stop(
        "admin-sign-ins",
        ADMINISTRATOR,
        "/admin/sign-ins",
        "Sign-ins",
        "Who came in, who was refused, and from which address, which is keyed.",
        ONLY_THEY,
    ),
    Stop(
        "admin-health",
        ADMINISTRATOR,
        "/admin/health",
        "Health",
        "What answers, what stands still, and when each sweep ran last.",
        ONLY_THEY,
    ),
)
