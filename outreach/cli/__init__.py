"""The command line: `outreach …`. Errors are one sentence and a non-zero exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from outreach.cli.late_commands import LateGroup
from outreach.errors import OutreachError

INTERRUPTED = 130

app = typer.Typer(
    name="outreach",
    cls=LateGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"outreach {version('outreach')}")
        raise typer.Exit


@app.callback()
def outreach(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Calls and texts people within a deadline: contact tracing by phone and SMS."""


def main(words: Sequence[str] | None = None) -> None:
    """The console script; `words` None: those it was called with."""
    try:
        app(words)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OutreachError as error:
        # What draws is brought in where something is drawn.
        from outreach.cli.output import complain

        complain(error)
        sys.exit(1)
