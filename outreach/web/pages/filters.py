"""How pages write days, hours, numbers, money and lengths of time, in the language of the page."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, format_percent

from outreach.domain.phone_numbers import spaced
from outreach.web.pages.words import FRENCH, counted, spoken, translated

USUAL_ZONE = "Europe/Paris"
MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
_HOUR = {FRENCH: "H'\u00a0h\u00a0'mm", "en": "h:mm a"}
_DAY = {FRENCH: "EEEE d MMMM", "en": "EEEE d MMMM"}
_MOMENT = {FRENCH: "EEE d MMM, H'\u00a0h\u00a0'mm", "en": "EEE d MMM, h:mm a"}


def day(value: datetime | date, zone: str = USUAL_ZONE) -> str:
    """ "mardi 16 mars"."""
    return format_date(_local(value, zone), _DAY[spoken()], locale=spoken())


def full_day(value: datetime | date, zone: str = USUAL_ZONE) -> str:
    """ "16 mars 2021"."""
    return format_date(_local(value, zone), "d MMMM y", locale=spoken())


def hour(value: datetime, zone: str = USUAL_ZONE) -> str:
    """ "14 h 05"."""
    local = value.astimezone(ZoneInfo(zone))
    return format_time(local, _HOUR[spoken()], tzinfo=local.tzinfo, locale=spoken())


def end_hour(value: datetime, zone: str = USUAL_ZONE) -> str:
    """Of a span within a day: midnight ends it, at 24 h."""
    if value.astimezone(ZoneInfo(zone)).time() != time():
        return hour(value, zone)
    return "24\u00a0h\u00a000" if spoken() == FRENCH else translated("midnight")


def moment(value: datetime, zone: str = USUAL_ZONE) -> str:
    """ "mar. 16 mars, 14 h 05"."""
    return format_datetime(value, _MOMENT[spoken()], tzinfo=ZoneInfo(zone), locale=spoken())


def iso(value: datetime) -> str:
    """For the `datetime` of a <time>."""
    return value.isoformat(timespec="seconds")


def number(value: float | Decimal) -> str:
    return format_decimal(value, locale=spoken())


def percent(value: float | None, digits: int = 0) -> str:
    """A share, 0 to 1; a dash where there is none."""
    if value is None:
        return "–"
    form = "#,##0" + ("." + "0" * digits if digits else "") + (" %" if spoken() == FRENCH else "%")
    return format_percent(value, form, locale=spoken())


def euros(value: float | Decimal) -> str:
    return format_currency(value, "EUR", locale=spoken())


def duration(value: timedelta | float) -> str:
    """In words, its two largest parts: "3 h 20 min"."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    minutes = round(abs(seconds)) // MINUTE
    if minutes == 0:
        return translated("less than a minute")
    days, rest = divmod(minutes, DAY // MINUTE)
    hours, left = divmod(rest, HOUR // MINUTE)
    if days:
        shown = counted("%(n)s day", "%(n)s days", days) % {"n": days}
        return shown + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {left:02} min" if left else "")
    return f"{left} min"


def countdown(deadline: datetime, now: datetime) -> str:
    """ "dans 3 h 20 min" or "en retard de 40 min"."""
    left = deadline - now
    words = translated("in %(time)s") if left >= timedelta() else translated("%(time)s late")
    return words % {"time": duration(left)}


def since(begun: datetime, now: datetime) -> str:
    """ "depuis 12 min"."""
    return translated("for %(time)s") % {"time": duration(now - begun)}


def sentence(words: str) -> str:
    """With its capital and its full stop: what to mend is kept as an imperative of a few words."""
    return words if not words else words[0].upper() + words[1:] + ("" if words[-1] in ".!?…" else ".")


def phone(value: str) -> str:
    """A number in the groups its country reads it in."""
    return spaced(value)


def _local(value: datetime | date, zone: str) -> date:
    return value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value


FILTERS = {
    function.__name__: function
    for function in (
        *(day, full_day, hour, end_hour, moment, iso, number, percent, euros),
        *(duration, countdown, since, phone, sentence),
    )
}
