"""How often each thing goes wrong in one story: drawn from the seed, from a calm day to a storm."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple


@dataclass(frozen=True)
class Weather:
    """Probabilities: of a process at each of its steps, of the carrier at each of its answers."""

    dies: float
    freezes: float
    commit_unheard: float  # committed, and its answer lost with the connection
    restarts: float  # of the database, in a minute
    restart_while_frozen: float
    slow_down: float
    turned_away_reported: float  # of those: the carrier reports the refused try as failed, later
    error_before: float
    error_after: float
    hang_before: float
    hang_after: float
    no_sid: float
    report_lost: float
    report_repeated: float
    report_late: float
    listing_away: float
    never_listed: float  # a list that lies: then a fate may stay unknown for ever
    replies: float


class Sky(NamedTuple):
    """How often processes die, how often they freeze, how often the carrier fails: against a usual day."""

    deaths: float
    freezes: float
    faults: float


ICE = Sky(1, 10, 5)
SILENCE = Sky(4, 8, 2)
SKIES = (Sky(0.1, 0.1, 0.1), Sky(1, 1, 1), Sky(3, 2, 3), Sky(0.3, 8, 5))


def icy_weather_of(draw: random.Random) -> Weather:
    """Processes freeze all the time."""
    return weather_of(draw, (ICE,))


def silent_weather_of(draw: random.Random) -> Weather:
    """Processes die and freeze all the time, and no report ever comes: only the list can tell."""
    return replace(weather_of(draw, (SILENCE,)), report_lost=1.0, never_listed=0.0)


def weather_of(draw: random.Random, skies: Sequence[Sky] = SKIES) -> Weather:
    """A calm day, a usual one, a storm, or ice; on one day in four the phone company's list lies."""
    deaths, freezes, faults = draw.choice(skies)
    list_lies = draw.random() < 0.25
    return Weather(
        dies=0.004 * deaths,
        freezes=0.004 * freezes,
        commit_unheard=0.002 * deaths,
        restarts=0.1 * deaths,
        restart_while_frozen=0.4,
        slow_down=0.04 * faults,
        turned_away_reported=0.5,
        error_before=0.01 * faults,
        error_after=0.02 * faults,
        hang_before=0.005 * faults,
        hang_after=0.01 * faults,
        no_sid=0.005 * faults,
        report_lost=1.0 if list_lies else draw.choice((0.02, 0.3, 1.0)),
        report_repeated=0.1,
        report_late=0.1,
        listing_away=0.02 * faults,
        never_listed=0.8 if list_lies else 0.0,
        replies=0.3,
    )
