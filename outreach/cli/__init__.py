"""The command line: `outreach …`. Errors are one sentence and a non-zero exit code."""

from __future__ import annotations

import sys

import typer

from outreach.cli import (
    campaign_commands,
    list_commands,
    mode_commands,
    notice_commands,
    people_commands,
    replay_commands,
    report_commands,
    rule_commands,
    script_commands,
    sender_commands,
    serve_commands,
    steering_commands,
    work_commands,
)
from outreach.cli.output import complain
from outreach.errors import OutreachError

INTERRUPTED = 130

app = typer.Typer(
    name="outreach",
    help="Calls and texts people within a deadline: contact tracing by phone and SMS.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
serve_commands.add_to(app)
work_commands.add_to(app)
mode_commands.add_to(app)
campaign_commands.add_to(app)
list_commands.add_to(app)
people_commands.add_to(app)
replay_commands.add_to(app)
report_commands.add_to(app)
script_commands.add_to(app)
sender_commands.add_to(app)
steering_commands.add_to(app)
notice_commands.add_to(app)
rule_commands.add_to(app)


def main() -> None:
    """The console script."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OutreachError as error:
        complain(error)
        sys.exit(1)
