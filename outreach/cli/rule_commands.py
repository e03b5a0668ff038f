"""Commands of a platform's own modes (`outreach mode rules …`) and of territories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from outreach.cli.mode_commands import mode_app
from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.work_commands import AsJson, PlatformCode
from outreach.domain.load_shedding import ContactGroup, Mode, ScriptLength
from outreach.domain.territory_tree import Territory, TerritoryKind
from outreach.errors import InvalidInput
from outreach.services.mode_rules import RuleChange
from outreach.services.territory_drawing import ReachChange

rules_app = typer.Typer(help="What each mode does on a platform.", no_args_is_help=True)
territories_app = typer.Typer(help="Departments, regions and the country.", no_args_is_help=True)
TheMode = Annotated[Mode, typer.Argument(help="The mode.", case_sensitive=False)]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    mode_app.add_typer(rules_app, name="rules")
    app.add_typer(territories_app, name="territories")


@rules_app.command("show")
def show(platform: PlatformCode, as_json: AsJson = False) -> None:
    """What each mode does there, the lightest first; version 0 is the built-in rule."""
    with running_app() as app:
        found = app.modes.rules.show(platform)
    if as_json:
        print_json(found)
        return
    rows = [
        [
            each.rule.mode,
            each.version,
            each.rule.script,
            each.rule.contact_tries,
            each.rule.misses_before_sms,
            ", ".join(sorted(each.rule.texts)) or None,
        ]
        for each in found
    ]
    print_table(
        f"Modes of platform {platform}", ["mode", "version", "script", "tries", "misses", "texts"], rows
    )


@rules_app.command("change")
def change(
    mode: TheMode,
    platform: PlatformCode,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the journal.")],
    script: Annotated[ScriptLength | None, typer.Option(case_sensitive=False)] = None,
    tries: Annotated[int | None, typer.Option(help="Of a contact who can get no SMS.")] = None,
    misses: Annotated[int | None, typer.Option(help="Before a contact is texted.")] = None,
    text: Annotated[
        list[ContactGroup] | None, typer.Option(case_sensitive=False, help="A group to text; several: again.")
    ] = None,
    text_nobody: Annotated[bool, typer.Option("--text-nobody", help="No group at once.")] = False,
    expected_version: Annotated[
        int | None, typer.Option("--version", help="Version you saw; the latest when left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put a new version of a mode in force there; what is not given stays."""
    with running_app() as app:
        now = next(each for each in app.modes.rules.show(platform) if each.rule.mode is mode)
        groups = frozenset() if text_nobody else frozenset(text) if text else now.rule.texts
        wanted = RuleChange(
            script=script or now.rule.script,
            contact_tries=now.rule.contact_tries if tries is None else tries,
            misses_before_sms=now.rule.misses_before_sms if misses is None else misses,
            texts=groups,
            reason=reason,
            version=now.version if expected_version is None else expected_version,
        )
        after = app.modes.rules.change(platform, mode, wanted, author_id=None)
    if as_json:
        print_json(after)
    else:
        console.print(f"Platform {platform}: {mode.value} is at version {after.version}.", markup=False)


@rules_app.command("versions")
def versions(mode: TheMode, platform: PlatformCode, as_json: AsJson = False) -> None:
    """Every version of the platform's own copy, newest first."""
    with running_app() as app:
        found = app.modes.rules.versions(platform, mode)
    if as_json:
        print_json(found)
        return
    rows = [[each.version, each.at, each.reason, each.rule] for each in found]
    print_table(f"{mode.value} on platform {platform}", ["version", "at", "reason", "rule"], rows)


@territories_app.command("list")
def list_territories(as_json: AsJson = False) -> None:
    """Territories that hold a platform, with the mode of each platform."""
    with running_app() as app:
        found, now = app.modes.territories.covered(), app.clock.now()
        modes = {
            row.platform: row.at(now).value
            for view in found
            for row in app.switch.in_territory(view.territory.code)
        }
    if as_json:
        print_json({"territories": found, "modes": modes})
        return
    rows = [
        [
            view.territory.code,
            view.territory.name,
            view.territory.kind,
            view.territory.parent,
            ", ".join(f"{platform} {modes[platform]}" for platform in view.platforms),
        ]
        for view in found
    ]
    print_table("Territories", ["code", "name", "kind", "parent", "platforms"], rows)


@territories_app.command("draw")
def draw(
    code: Annotated[str, typer.Argument(help="A department's number, FR-NAQ, or a word of yours.")],
    name: Annotated[str, typer.Option(help="What people call it.")],
    kind: Annotated[TerritoryKind, typer.Option(case_sensitive=False)],
    reason: Annotated[str, typer.Option(help="Why; it is kept in the journal.")],
    parent: Annotated[str | None, typer.Option(help="Code of the territory it lies in.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask when rights of accounts change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a territory, or draw one anew; accounts whose rights change are named first."""
    drawn = Territory(code, name, kind, parent)
    if not reason.strip():
        raise InvalidInput("A reason is needed.", field="reason", mend="Say in a few words why.")
    with running_app() as app:
        changes = app.modes.drawing.preview(drawn)
        if changes and not yes:
            if not as_json:
                _tell(changes)
            typer.confirm(f"The rights of {len(changes)} accounts change. Draw it?", abort=True, err=True)
        app.modes.drawing.draw(drawn, reason=reason, seen=len(changes))
    if as_json:
        print_json({"territory": drawn, "accounts": changes})
        return
    if yes:
        _tell(changes)
    console.print(f"Territory {code} is drawn.", markup=False)


def _tell(changes: Sequence[ReachChange]) -> None:
    if changes:
        rows = [[n.login, ", ".join(n.roles), ", ".join(n.gains), ", ".join(n.loses)] for n in changes]
        print_table("Accounts whose rights change", ["login", "roles", "gains", "loses"], rows)
