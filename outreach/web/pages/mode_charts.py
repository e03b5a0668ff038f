"""The curves of the mode page: the list and the share in time, by the hour; past forecasts and what came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from outreach.domain.load_shedding import Mode
from outreach.services.forecasting import LookAhead, OneMode
from outreach.services.past_forecasts import PastDay
from outreach.web.pages.charts import Chart, Mark, Series, Tone
from outreach.web.pages.filters import day, moment
from outreach.web.pages.labels import label
from outreach.web.pages.words import counted, translated


def curves(ahead: LookAhead, chosen: Mode | None, zone: str) -> list[Chart]:
    """Of the mode in force, and of the chosen one where it is another."""
    by_mode = {one.preview.mode: one for one in ahead.modes}
    shown = [by_mode[ahead.in_force]]
    if chosen is not None and chosen is not ahead.in_force:
        shown.append(by_mode[chosen])
    return [_backlog(ahead, shown, zone), _shares(ahead, shown, zone)]


def late_sentence(one: OneMode, zone: str, *, in_force: bool) -> str:
    """When it goes wrong, or that it does not."""
    late_from = one.forecast.late_from
    if late_from is None and in_force:
        return translated("Without a change, no positive will be late in the next 72 hours.")
    if late_from is None:
        told = translated("Under %(mode)s, no positive will be late in the next 72 hours.")
        return told % {"mode": label("mode", one.preview.mode)}
    if in_force:
        told = translated("Without a change, positives will be late from %(when)s.")
        return told % {"when": moment(late_from, zone)}
    told = translated("Under %(mode)s, positives will be late from %(when)s.")
    return told % {"mode": label("mode", one.preview.mode), "when": moment(late_from, zone)}


def past_chart(days: Sequence[PastDay]) -> Chart:
    """What was forecast a day ahead beside what came, day by day."""
    return Chart(
        id="past-forecasts",
        title=translated("Past forecasts beside what came"),
        x_name=translated("Day"),
        x=[day(each.day) for each in days],
        series=[
            Series(translated("Positives called in time, forecast"), [d.called for d in days], dashed=True),
            Series(translated("Positives called in time, came"), [d.called_seen for d in days]),
            Series(
                translated("Contacts informed in time, forecast"),
                [d.informed for d in days],
                Tone.RISK,
                dashed=True,
            ),
            Series(translated("Contacts informed in time, came"), [d.informed_seen for d in days], Tone.RISK),
        ],
        shares=True,
        summary=_past_summary(days),
    )


def _past_summary(days: Sequence[PastDay]) -> str:
    off = [abs(d.called - d.called_seen) for d in days if d.called is not None and d.called_seen is not None]
    if not off:
        return translated("No forecast has had its hours yet.")
    told = counted(
        "Over %(n)s day, forecasts of positives were off by %(points)s points on average.",
        "Over %(n)s days, forecasts of positives were off by %(points)s points on average.",
        len(off),
    )
    return told % {"n": len(off), "points": f"{100 * sum(off) / len(off):.1f}"}


def _hours(ahead: LookAhead) -> list[datetime]:
    return [ahead.made_at + timedelta(hours=n + 1) for n in range(ahead.hours)]


def _backlog(ahead: LookAhead, shown: Sequence[OneMode], zone: str) -> Chart:
    series: list[Series] = []
    for place, one in enumerate(shown):
        name, later = label("mode", one.preview.mode), place > 0
        curve = one.forecast.curve
        series += [
            Series(
                translated("Positives, %(mode)s") % {"mode": name},
                [end.positives for end in curve],
                Tone.LATE,
                dashed=later,
            ),
            Series(
                translated("Contacts, %(mode)s") % {"mode": name},
                [end.contacts + end.from_sms for end in curve],
                Tone.INK,
                dashed=later,
            ),
        ]
        if any(end.follow_ups for end in curve):
            follow_ups = translated("Follow-ups and campaigns, %(mode)s") % {"mode": name}
            series.append(Series(follow_ups, [end.follow_ups for end in curve], Tone.QUIET, dashed=later))
    return Chart(
        id="backlog-ahead",
        title=translated("Who will wait for a call"),
        x_name=translated("At"),
        x=_hours(ahead),
        series=series,
        marks=_marks(shown[0]),
        summary=late_sentence(shown[0], zone, in_force=True),
        zone=zone,
    )


def _shares(ahead: LookAhead, shown: Sequence[OneMode], zone: str) -> Chart:
    series = [
        Series(
            translated("In time, %(mode)s") % {"mode": label("mode", one.preview.mode)},
            [end.called for end in one.forecast.curve],
            Tone.GOOD,
            dashed=place > 0,
        )
        for place, one in enumerate(shown)
    ]
    return Chart(
        id="share-ahead",
        title=translated("Positives called in time, of those due in the 24 hours before"),
        x_name=translated("At"),
        x=_hours(ahead),
        series=series,
        marks=_marks(shown[0]),
        shares=True,
        summary=late_sentence(shown[-1], zone, in_force=len(shown) == 1),
        zone=zone,
    )


def _marks(one: OneMode) -> list[Mark]:
    late_from = one.forecast.late_from
    return [] if late_from is None else [Mark(late_from, translated("late"))]
