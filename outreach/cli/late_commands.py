"""The commands and what help says of each; a module is brought in when one of its commands is called.

A test holds the sentences to those of the commands themselves.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class LateCommand(NamedTuple):
    """What help says, and the modules of this package whose `add_to` adds the command, in that order."""

    sentence: str
    modules: tuple[str, ...]


COMMANDS: Mapping[str, LateCommand] = {
    "demo": LateCommand(
        "One believable day against simulated phones, then a report.",
        ("demo_commands",),
    ),
    "web": LateCommand(
        "Serve the pages, the API, the webhooks, /healthz, /readyz and /metrics.",
        ("serve_commands",),
    ),
    "worker": LateCommand(
        "Run jobs: one process for each queue.",
        ("worker_commands",),
    ),
    "schedule": LateCommand(
        "Nudge every queue in turn; several may run, one leads.",
        ("worker_commands",),
    ),
    "simulator": LateCommand(
        "Serve a simulated phone company that speaks Twilio's HTTP.",
        ("simulator_commands",),
    ),
    "migrate": LateCommand(
        "Bring the database to the tables this version needs.",
        ("serve_commands",),
    ),
    "doctor": LateCommand(
        "Check settings, database, Redis and phone company; exits 1 when something is down.",
        ("serve_commands",),
    ),
    "call-list": LateCommand(
        "The list by class: how many are ready, waiting, held, texted, late and at risk.",
        ("list_commands",),
    ),
    "sla": LateCommand(
        "Who was called and reached within 24 hours of the result, from journal facts alone.",
        ("list_commands",),
    ),
    "purge": LateCommand(
        "Erase the person of a case record for good: their key is destroyed, in the database at once.",
        ("people_commands",),
    ),
    "audit": LateCommand("Who read whose record, and who changed what.", ("audit_commands",)),
    "records": LateCommand("Case records: take a wrong merge back.", ("record_commands",)),
    "replay": LateCommand(
        "Play a curve under every policy, and tell who would have been called and informed in time.",
        ("replay_commands",),
    ),
    "report": LateCommand(
        "A platform's day: figures, causes of the late ones, modes in force, decisions.",
        ("report_commands",),
    ),
    "figures": LateCommand(
        "What a platform, a region or a country publishes, with both denominators and the modes in force.",
        ("steering_commands",),
    ),
    "contact-yield": LateCommand(
        "Contacts named per positive, by mode, script, channel and agents.",
        ("notice_commands",),
    ),
    "import": LateCommand(
        "Import a case file (import FILE), see what was imported, undo a wrong one.",
        ("work_commands",),
    ),
    "mode": LateCommand(
        "The load-shedding mode: who is called and who is texted.",
        ("mode_commands", "rule_commands"),
    ),
    "campaign": LateCommand("Campaigns of SMS and of calls.", ("campaign_commands",)),
    "outbox": LateCommand("What outside case systems are told.", ("list_commands",)),
    "platforms": LateCommand(
        "Regional teams.", ("people_commands", "steering_commands", "platform_commands")
    ),
    "users": LateCommand("People who work here.", ("people_commands",)),
    "tokens": LateCommand("Access tokens for the API.", ("people_commands",)),
    "scripts": LateCommand("Texts: SMS, spoken messages, interviews, letters.", ("script_commands",)),
    "senders": LateCommand("Numbers, services and names that send SMS.", ("sender_commands",)),
    "spending": LateCommand("What SMS cost, and the breakers that stop them.", ("sender_commands",)),
    "rota": LateCommand("Who is planned to work, and who is there.", ("steering_commands",)),
    "aid": LateCommand("Mutual aid between platforms.", ("steering_commands",)),
    "notices": LateCommand("What every agent must have read.", ("notice_commands",)),
    "watch": LateCommand("Case records that nothing has confirmed.", ("notice_commands",)),
    "territories": LateCommand("Departments, regions and the country.", ("rule_commands",)),
}


class LateGroup(TyperGroup):
    """Help shows the sentences; the command that is called is the real one."""

    def __init__(self, **words: Any) -> None:
        super().__init__(**words)
        self.commands = {name: TyperCommand(name, help=each.sentence) for name, each in COMMANDS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        if name is None or name not in COMMANDS:
            return name, command, rest
        return name, loaded(*COMMANDS[name].modules)[name], rest


@cache
def loaded(*modules: str) -> Mapping[str, Any]:
    """The commands that these modules add, by name."""
    scratch = typer.Typer()
    scratch.callback()(_nothing_first)  # with it, one command makes a group too
    gc.disable()  # nothing of what is brought in here is garbage: looking for some takes a tenth of the time
    try:
        for module in modules:
            import_module(f"outreach.cli.{module}").add_to(scratch)
    finally:
        gc.enable()
    group = typer.main.get_command(scratch)
    assert isinstance(group, TyperGroup)
    return group.commands


def _nothing_first() -> None:
    """Nothing comes before a command."""
