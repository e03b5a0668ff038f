"""Commands of load shedding: the mode in force, where each leads, the switch, its undo, plans, AUTO."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from outreach.bootstrap import App
from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.work_commands import AsJson, PlatformCode
from outreach.domain.auto_mode import AutoSetting, AutoTargets
from outreach.domain.load_shedding import Mode, ModeInForce
from outreach.errors import InvalidInput
from outreach.services.forecasting import ForecastError, LookAhead, OneMode

mode_app = typer.Typer(help="The load-shedding mode: who is called and who is texted.", no_args_is_help=True)
Reason = Annotated[str, typer.Option(help="Why; it is kept in the journal.")]
Until = Annotated[datetime | None, typer.Option(help="When it ends by itself (UTC).")]
Seen = Annotated[int | None, typer.Option("--version", help="Version you saw; the latest when left out.")]
TerritoryCode = Annotated[
    str | None, typer.Option("--territory", help="A department, a region (FR-NAQ) or FR, in place of one.")
]
OptionalPlatform = Annotated[
    str | None, typer.Option("--platform", help="Code of the platform, for example 40.")
]
TheMode = Annotated[Mode, typer.Argument(help="The mode to put in force.", case_sensitive=False)]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.add_typer(mode_app, name="mode")


@mode_app.command("show")
def show_mode(platform: PlatformCode, as_json: AsJson = False) -> None:
    """The mode in force, what each mode would do with those who wait, what is planned, and AUTO."""
    with running_app() as app:
        mode, now = app.switch.show(platform), app.clock.now()
        previews = app.switch.preview(platform)
        planned = [each for each in app.modes.planned.of_platform(platform) if each.state == "PLANNED"]
        auto = app.modes.auto.show(platform).setting
    if as_json:
        told = {"mode": mode.at(now), "row": mode, "previews": previews, "planned": planned, "auto": auto}
        print_json(told)
        return
    console.print(
        f"Platform {platform}: {mode.at(now).value}, version {mode.version}: {mode.reason}", markup=False
    )
    for each in planned:
        console.print(f"Planned: {each.mode.value} from {each.starts_at}: {each.reason}", markup=False)
    console.print(f"AUTO: {auto.value}")
    rows = [[p.mode.value, p.called, p.texted, p.waiting] for p in previews]
    print_table("What each mode would do now", ["mode", "called", "texted", "waiting"], rows)


@mode_app.command("preview")
def preview_modes(platform: PlatformCode, as_json: AsJson = False) -> None:
    """Where each mode leads in 72 hours: people, SMS, euros, and positives called in time with the range."""
    with running_app() as app:
        ahead = app.modes.forecasting.look_ahead(platform)
    if as_json:
        print_json(ahead)
        return
    _show_ahead(ahead)


@mode_app.command("progress")
def show_progress(platform: PlatformCode, as_json: AsJson = False) -> None:
    """How far the change of the mode is: contacts turned into SMS, and back into calls."""
    with running_app() as app:
        found = app.modes.progress.show(platform)
    if as_json:
        print_json(found)
        return
    rows: list[list[object]] = [
        ["to SMS", found.texted, found.to_text],
        ["back to calls", found.returned, found.to_return],
    ]
    print_table(
        f"{found.mode.value} on platform {platform}, since {found.counted_from}",
        ["contacts", "moved", "to go"],
        rows,
    )
    if found.standstill:
        console.print(f"Nobody is texted now: {found.standstill}, until {found.goes_on_at}.", markup=False)
    elif found.ends_about:
        console.print(f"About {found.a_minute} a minute: until {found.ends_about} or so.", markup=False)
    elif found.done_at:
        console.print(f"Done at {found.done_at}.", markup=False)


def _show_ahead(ahead: LookAhead) -> None:
    headers = ["mode", "called", "texted", "SMS parts", "euros", "hours freed"]
    rows = [[p.mode.value, p.called, p.texted, *_cost(one)] for one in ahead.modes for p in [one.preview]]
    print_table(f"Platform {ahead.platform}, {ahead.in_force.value} in force: at once", headers, rows)
    headers = ["mode", "positives called", "reached", "contacts informed", "late from", "one more", "fewer"]
    print_table(f"In {ahead.hours} hours", headers, [_leads_to(one) for one in ahead.modes])
    for error in ahead.errors:
        console.print(_error_told(error), markup=False)


def _cost(one: OneMode) -> list[object]:
    return [one.segments_now, one.euros_now, f"{one.hours_freed:.1f}"]


def _leads_to(one: OneMode) -> list[object]:
    ahead = one.forecast
    return [
        ahead.mode.value,
        _share(ahead.called_in_time, ahead.called_range),
        _share(ahead.reached_in_time),
        _share(ahead.informed_in_time, ahead.informed_range),
        ahead.late_from,
        _share(one.one_more),
        _share(one.one_fewer),
    ]


def _share(share: float | None, between: tuple[float, float] | None = None) -> str | None:
    if share is None:
        return None
    told = f"{100 * share:.1f} %"
    return told if between is None else f"{told} ({100 * between[0]:.0f}-{100 * between[1]:.0f})"


def _error_told(error: ForecastError) -> str:
    if error.called is None:
        return f"Past forecasts over {error.hours} hours: none has been scored yet."
    return (
        f"Past forecasts over {error.hours} hours ({error.forecasts}): "
        f"off by {100 * error.called:.1f} points on positives called."
    )


@mode_app.command("set")
def set_mode(
    mode: TheMode,
    reason: Reason,
    platform: OptionalPlatform = None,
    territory: TerritoryCode = None,
    until: Until = None,
    start: Annotated[datetime | None, typer.Option("--from", help="Begin then, not now (UTC).")] = None,
    expected_version: Seen = None,
    as_json: AsJson = False,
) -> None:
    """Switch the mode of a platform or a territory; refused when someone switched since you looked."""
    if (platform is None) == (territory is None):
        raise InvalidInput("Name a platform or a territory.", mend="give --platform 40 or --territory FR-NAQ")
    with running_app() as app:
        if territory is not None:
            _set_territory(app, territory, mode, reason, _utc(until), as_json=as_json)
        elif platform is not None and start is not None:
            planned = app.modes.planned.plan(
                platform,
                mode,
                reason=reason,
                author_id=None,
                starts_at=start.replace(tzinfo=UTC),
                ends_at=_utc(until),
            )
            _tell(planned, f"Platform {platform}: {mode.value} is planned. {planned.id}", as_json=as_json)
        elif platform is not None:
            after = app.switch.switch(
                platform,
                mode,
                reason=reason,
                author_id=None,
                expected_version=_seen(app, platform, expected_version),
                ends_at=_utc(until),
            )
            _tell(after, _now_in_force(after), as_json=as_json)


def _set_territory(
    app: App, territory: str, mode: Mode, reason: str, until: datetime | None, *, as_json: bool
) -> None:
    versions = {row.platform: row.version for row in app.switch.in_territory(territory)}
    after = app.switch.switch_territory(
        territory, mode, reason=reason, author_id=None, versions=versions, ends_at=until
    )
    _tell(after, "\n".join(_now_in_force(row) for row in after), as_json=as_json)


@mode_app.command("undo")
def undo_mode(
    platform: PlatformCode,
    reason: Annotated[str, typer.Option(help="Why; the switch undone when left out.")] = "",
    expected_version: Seen = None,
    as_json: AsJson = False,
) -> None:
    """Back to the mode before the last switch, with the end it had; one step."""
    with running_app() as app:
        seen = _seen(app, platform, expected_version)
        after = app.switch.undo(platform, author_id=None, expected_version=seen, reason=reason)
    _tell(after, _now_in_force(after), as_json=as_json)


@mode_app.command("cancel")
def cancel_planned(platform: PlatformCode, planned: UUID) -> None:
    """A planned switch will not come."""
    with running_app() as app:
        cancelled = app.modes.planned.cancel(platform, planned, by=None)
    console.print(f"Platform {platform}: {cancelled.mode.value} will not come.", markup=False)


@mode_app.command("auto")
def set_auto(
    platform: PlatformCode,
    setting: Annotated[AutoSetting, typer.Argument(case_sensitive=False)] = AutoSetting.PROPOSE,
    called: Annotated[float | None, typer.Option(help="Percent of positives to call in time.")] = None,
    informed: Annotated[float | None, typer.Option(help="Percent of contacts to inform in time.")] = None,
    as_json: AsJson = False,
) -> None:
    """Turn AUTO on (PROPOSE, the default, or APPLY) or OFF; targets that are not given stay."""
    with running_app() as app:
        before = app.modes.auto.show(platform).targets
        targets = AutoTargets(
            before.called if called is None else called / 100,
            before.informed if informed is None else informed / 100,
        )
        state = app.modes.auto.set(platform, setting, author_id=None, targets=targets)
    _tell(state, f"Platform {platform}: AUTO is at {state.setting.value}.", as_json=as_json)


@mode_app.command("history")
def mode_history(platform: PlatformCode, as_json: AsJson = False) -> None:
    """Who switched what, when and why; newest first."""
    with running_app() as app:
        switches = app.switch.history(platform)
    if as_json:
        print_json(switches)
        return
    rows = [
        [s.at, s.facts.get("mode"), s.facts.get("version"), s.facts.get("reason"), s.actor] for s in switches
    ]
    print_table("Switches", ["at", "mode", "version", "reason", "by"], rows)


def _seen(app: App, platform: str, version: int | None) -> int:
    return app.switch.show(platform).version if version is None else version


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _now_in_force(row: ModeInForce) -> str:
    return f"Platform {row.platform}: {row.mode.value}, version {row.version}."


def _tell(value: object, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(value)
    else:
        console.print(sentence, markup=False)
