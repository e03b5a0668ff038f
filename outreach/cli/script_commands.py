"""Commands on texts: look, judge, draft, schedule, compare, write them to files; durations by decree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.work_commands import AsJson
from outreach.config import read_settings
from outreach.domain.sms_text import Accents
from outreach.domain.text_rules import Finding, Severity
from outreach.errors import InvalidInput
from outreach.parts import text_settings
from outreach.rendering.catalog import Catalog, shipped_catalog
from outreach.rendering.linter import Linter
from outreach.services.script_editing import Editor, NewText, terms_of
from outreach.services.script_reading import VersionState

FOUND = 1  # the exit code when something is to be mended
AT_THE_KEYBOARD = Editor(None, None)

Name = Annotated[str, typer.Argument(help="The text's name in the catalog.")]
Language = Annotated[str, typer.Option("--language", "-l", help="Two letters.")]
On = Annotated[str, typer.Option("--platform", "-p", help="As it counts on this platform.")]
Reason = Annotated[str, typer.Option("--reason", help="Why it changes.")]

scripts_app = typer.Typer(help="Texts: SMS, spoken messages, interviews, letters.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.add_typer(scripts_app, name="scripts")


@scripts_app.command("list")
def list_texts(platform: On, as_json: AsJson = False) -> None:
    """Every text, with the version of each language that counts now."""
    with running_app() as app:
        texts = app.script_reading.texts(platform)
    if as_json:
        print_json([{"name": each.entry.name, "languages": each.versions} for each in texts])
        return
    headers = ["text", "for", "to", "by", "versions in force"]
    rows = [
        [
            text.entry.name,
            text.entry.purpose,
            text.entry.audience,
            text.entry.channel,
            ", ".join(f"{language} {number}" for language, number in text.versions.items()),
        ]
        for text in texts
    ]
    print_table(f"Texts of platform {platform}", headers, rows)


@scripts_app.command("show")
def show(
    name: Name,
    platform: On,
    language: Language = "fr",
    as_json: AsJson = False,
    filled: Annotated[bool, typer.Option("--filled", help="As a sample person would get it.")] = False,
) -> None:
    """A text as it counts now, with its versions."""
    with running_app() as app:
        text = app.script_reading.in_force(name, language=language, platform=platform)
        made = app.script_reading.preview(name, language=language, platform=platform) if filled else None
        versions = app.script_reading.versions(name, language=language, platforms=None)
    if as_json:
        print_json({"text": text, "made": made, "versions": versions})
        return
    console.print(made.text if made else text.body, markup=False, highlight=False)
    rows = [
        [each.version.number, each.state, _begun(each), each.version.reason, each.version.id]
        for each in versions
    ]
    print_table(f"Versions of {name} ({language})", ["number", "state", "from", "reason", "id"], rows)


@scripts_app.command("lint")
def lint(
    folder: Annotated[Path | None, typer.Argument(help="A folder like scripts_templates.")] = None,
    as_json: AsJson = False,
    advice: Annotated[bool, typer.Option("--advice", help="Show advice beside errors.")] = False,
) -> None:
    """Judge a folder of texts, or those of the program; exit code 1 when something is to be mended."""
    found = list(_linter_of(folder).whole_catalog())
    errors = [each for each in found if each[1].severity is Severity.ERROR]
    shown = found if advice else errors
    if as_json:
        print_json([{"file": file, **vars(finding)} for file, finding in shown])
    else:
        _print_findings(shown)
        told = f"{len(errors)} to mend." if errors else "Nothing to mend."
        console.print(told, markup=False)
    if errors:
        raise typer.Exit(FOUND)


@scripts_app.command("draft")
def draft(
    name: Name,
    file: Annotated[Path, typer.Argument(help="The new text.", exists=True, dir_okay=False)],
    reason: Reason,
    language: Language = "fr",
    platform: Annotated[str, typer.Option("--platform", "-p", help="Only for this platform.")] = "",
    as_json: AsJson = False,
) -> None:
    """Keep a new version that is not in force yet."""
    with running_app() as app:
        new = NewText(name, language, _read(file), reason, platform)
        version, findings = app.script_editing.draft(new, AT_THE_KEYBOARD)
    if as_json:
        print_json({"id": version.id, "number": version.number, "to_mend": findings})
        return
    _print_findings([(str(file), finding) for finding in findings])
    console.print(f"Version {version.number} is kept as a draft: {version.id}", markup=False)


@scripts_app.command("schedule")
def schedule(
    version: Annotated[UUID, typer.Argument(help="The draft's id.")],
    at: Annotated[datetime | None, typer.Option("--at", help="From this moment on (UTC); now.")] = None,
    replaces: Annotated[
        int | None,
        typer.Option("--replaces", min=0, help="The version you saw in force; refused if another is."),
    ] = None,
) -> None:
    """Let a draft take effect."""
    begins = at.replace(tzinfo=UTC) if at else None
    with running_app() as app:
        kept = app.script_editing.schedule(version, begins, AT_THE_KEYBOARD, replaces=replaces)
    moment = f"{kept.effective_from or app.clock.now():%Y-%m-%d %H:%M}"
    console.print(f"Version {kept.number} of {kept.name} takes effect at {moment} UTC.", markup=False)


@scripts_app.command("withdraw")
def withdraw(version: Annotated[UUID, typer.Argument(help="The version's id.")]) -> None:
    """Take a version back: the one before it counts again."""
    with running_app() as app:
        kept = app.script_editing.withdraw(version, AT_THE_KEYBOARD)
    console.print(f"Version {kept.number} of {kept.name} is withdrawn.", markup=False)


@scripts_app.command("diff")
def diff(
    name: Name,
    old: Annotated[int, typer.Argument(help="A version's number.")],
    new: Annotated[int, typer.Argument(help="Another's.")],
    language: Language = "fr",
) -> None:
    """What changed between two versions of a text."""
    with running_app() as app:
        told = app.script_reading.diff(name, language=language, old=old, new=new, platforms=None)
    console.print(told or "The two versions say the same.", markup=False, highlight=False)


@scripts_app.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="Where the files are written.")], platform: On
) -> None:
    """Write every text as it counts on a platform now, as a folder that `lint` can judge."""
    with running_app() as app:
        files = app.script_reading.files(platform)
    for path, body in {**files, **shipped_catalog().definitions()}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(body, encoding="utf-8")
    console.print(f"{len(files)} texts are in {folder}.", markup=False)


@scripts_app.command("parameters")
def parameters(platform: On, as_json: AsJson = False) -> None:
    """The durations that count today, and all that the platform's country ever decided."""
    with running_app() as app:
        today, values = app.script_reading.parameters(platform)
    if as_json:
        print_json({"today": today, "values": values})
        return
    print_table(f"Today on platform {platform}", ["duration", "value"], [[*pair] for pair in today.items()])
    rows = [[each.effective_from, each.name, each.value, each.reason] for each in values]
    print_table("Decided", ["from", "duration", "value", "why"], rows)


@scripts_app.command("set-parameter")
def set_parameter(
    name: Annotated[str, typer.Argument(help="isolation_days, quarantine_days, …")],
    value: int,
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="From this day on.")],
    reason: Reason,
    country: Annotated[str, typer.Option("--country", help="Two letters.")] = "FR",
) -> None:
    """Let a duration count from a day on."""
    day: date = since.date()
    with running_app() as app:
        app.script_editing.set_parameter(
            name, value, country=country, effective_from=day, reason=reason, editor=AT_THE_KEYBOARD
        )
    console.print(f"{name} is {value} in {country} from {day} on.", markup=False)


@scripts_app.command("accents")
def accents(platform: Annotated[str, typer.Argument(help="Its code.")], choice: Accents) -> None:
    """KEEP ç ê ô in a platform's SMS, at the price of more segments, or REPLACE them."""
    with running_app() as app:
        app.script_editing.choose_accents(platform, choice, AT_THE_KEYBOARD)
    told = "keeps" if choice is Accents.KEEP else "replaces"
    console.print(f"Platform {platform} {told} the accents that cost.", markup=False)


def _linter_of(folder: Path | None) -> Linter:
    """Needs no database: a text is judged before it is shipped, too."""
    catalog = shipped_catalog()
    if folder is not None:
        if not (folder / "catalog.toml").is_file():
            raise InvalidInput(f"{folder} has no catalog.toml.", mend="Name a folder like scripts_templates.")
        catalog = Catalog(folder)
    return Linter(catalog, terms_of(text_settings(read_settings())))


def _begun(kept: VersionState) -> str | None:
    begins = kept.version.effective_from
    return None if begins is None else f"{begins:%Y-%m-%d %H:%M}"


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(f"{file} is not UTF-8.", mend="Save it as UTF-8.") from None


def _print_findings(found: Sequence[tuple[str, Finding]]) -> None:
    for file, finding in found:
        console.print(
            f"{file}:{finding.line}: {finding.rule}: {finding.sentence} {finding.mend}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
