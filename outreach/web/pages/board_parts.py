"""What the board's templates are given: alarms by kind, agents whom to look at first, the chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.domain.board import AgentState, TimeLeft
from outreach.services.board import AgentLive, BoardView
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.board_store import HourRow
from outreach.web.pages import board_words
from outreach.web.pages.charts import Chart, ChartKind, Series, Tone
from outreach.web.pages.words import translated

SHADES = 5
ORDER = list(AgentState)


@dataclass(frozen=True)
class AlarmGroup:
    """Open alarms of one kind: `count` in all, `ids` of the newest; `todo` says what to do about them.

    `name`: what they are called, by who brought them about where that matters.
    """

    kind: str
    name: str
    count: int
    ids: Sequence[UUID]
    since: datetime
    todo: str
    records: Sequence[str]
    agents: Sequence[AgentLive]


MOST_LINKS = 5


def alarm_groups(view: BoardView) -> list[AlarmGroup]:
    """People in danger first, then by age."""
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for alarm in view.alarms:
        by_kind.setdefault(str(alarm["kind"]), []).append(alarm)
    groups = [_group(view, kind, alarms) for kind, alarms in by_kind.items()]
    return sorted(groups, key=lambda group: (group.kind not in board_words.URGENT, group.since))


def _group(view: BoardView, kind: str, alarms: Sequence[Mapping[str, Any]]) -> AlarmGroup:
    subjects = {str(alarm["subject"]) for alarm in alarms}
    records = [
        str(alarm["facts"]["case_record_id"]) for alarm in alarms if "case_record_id" in alarm["facts"]
    ]
    return AlarmGroup(
        kind=kind,
        name=_name(kind, alarms),
        count=alarms[0]["of_kind"],
        ids=[alarm["id"] for alarm in alarms],
        since=min(alarm["raised_at"] for alarm in alarms),
        todo=board_words.TODO.get(kind, board_words.UNKNOWN_TODO),
        records=records[:MOST_LINKS],
        agents=[each for each in view.agents if str(each.row.attempt_id) in subjects],
    )


def _name(kind: str, alarms: Sequence[Mapping[str, Any]]) -> str:
    """A way into an account is made by an administrator (`by`), or by the command line."""
    makers = {"ADMINISTRATOR" if "by" in alarm["facts"] else "COMMAND" for alarm in alarms}
    return f"{kind}_BY_{makers.pop()}" if kind == AlarmKind.ACCESS_GIVEN and len(makers) == 1 else kind


def asking_for_help(view: BoardView) -> set[str]:
    """The calls in which a hand is raised."""
    return {str(alarm["subject"]) for alarm in view.alarms if alarm["kind"] == "HELP_WANTED"}


def agents_in_order(view: BoardView, only: AgentState | None = None) -> list[AgentLive]:
    """A raised hand, then whoever is stuck, then by what they do and for how long; `only`: who does this."""
    asking = asking_for_help(view)
    return sorted(
        (each for each in view.agents if only is None or each.doing.state is only),
        key=lambda each: (
            str(each.row.attempt_id) not in asking,
            not each.doing.stuck,
            ORDER.index(each.doing.state),
            each.doing.since,
            each.row.login,
        ),
    )


def free_first(agents: Sequence[AgentLive]) -> list[AgentLive]:
    """Who could take an entry over: whoever is free, then the others by login."""
    return sorted(agents, key=lambda each: (each.doing.state is not AgentState.IDLE, each.row.login))


def shade(count: int, largest: int) -> int:
    """How dark a cell is, 0 for an empty one."""
    if count == 0 or largest == 0:
        return 0
    return 1 + min(SHADES - 1, count * SHADES // (largest + 1))


def state_asked(written: str) -> AgentState | None:
    """What the form of the board's agents says; None: all."""
    return AgentState(written) if written in set(AgentState) else None


def board_values(view: BoardView, doing: AgentState | None = None) -> dict[str, Any]:
    """All that the live part of the board shows; `doing`: only the agents who do this."""
    return {
        "view": view,
        "now": view.at,
        "zone": view.zone,
        "groups": alarm_groups(view),
        "agents": agents_in_order(view, doing),
        "doing": "" if doing is None else doing.value,
        "asking": asking_for_help(view),
        "shade": shade,
        "columns": list(TimeLeft),
        "words": board_words,
    }


def calls_chart(rows: Sequence[HourRow], zone: str) -> Chart:
    """Calls of the last 24 hours by the hour."""
    calls, reached = sum(row.calls for row in rows), sum(row.reached for row in rows)
    return Chart(
        id="calls-by-hour",
        title=translated("Calls of the last 24 hours, by the hour"),
        summary=translated("Calls: %(calls)s. People reached: %(reached)s.", calls=calls, reached=reached),
        x_name=translated("Hour"),
        x=[row.hour for row in rows],
        series=[
            Series(translated("Calls"), [row.calls for row in rows], Tone.INK),
            Series(translated("People reached"), [row.reached for row in rows], Tone.GOOD, dashed=True),
            Series(translated("Agents calling"), [row.agents for row in rows], Tone.RISK),
        ],
        kind=ChartKind.LINE,
        zone=zone,
        height=200,
    )
