"""The board as JSON: a platform as it is now, and what its agents are doing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from outreach.domain.board import AgentState, TimeLeft
from outreach.domain.supervision import ListenHow
from outreach.services.board import AgentLive, BoardView
from outreach.web.access import FigureReader, Supervisor, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, id_after, page_of

router = APIRouter(prefix="/api/v1", tags=["board"], route_class=ApiRoute)
StatesWanted = Annotated[list[AgentState] | None, Query(alias="state", description="Any of these.")]
PlatformCode = Annotated[str, Query(min_length=1, max_length=20)]


class BacklogCell(BaseModel):
    """Entries of one class to be called within so long."""

    call_class: int
    time_left: TimeLeft
    entries: int


class Late(BaseModel):
    """Positives late and not called yet, for one cause; `records`: the first of them, by id, or by pseudonym
    for whoever reads no record."""

    cause: str | None
    count: int
    records: list[str]


class Board(BaseModel):
    """`texted`: entries whose SMS stands for the call; `over`, `running`: positives by their 24 hours."""

    platform: str
    at: datetime
    mode: str
    backlog: list[BacklogCell]
    contacts_waiting: int
    texted: int
    positives_at_risk: int
    late_positives: list[Late]
    over: dict[str, int | float | None]
    running: dict[str, int | float | None]
    messages: dict[str, int]
    open_conversations: int
    open_alarms: int
    agents: dict[AgentState, int]

    @classmethod
    def of(cls, view: BoardView, shown: Callable[[UUID], str]) -> Board:
        """`shown`: what the asker may know a record by."""
        backlog = view.backlog
        return cls(
            platform=view.platform,
            at=view.at,
            mode=view.mode.at(view.at).value,
            backlog=[
                BacklogCell(call_class=each, time_left=left, entries=backlog.cell(each, left))
                for each in backlog.classes
                for left in TimeLeft
            ],
            contacts_waiting=backlog.contacts,
            texted=backlog.count("texted"),
            positives_at_risk=view.day.at_risk,
            late_positives=[
                Late(
                    cause=each.cause and each.cause.value,
                    count=each.count,
                    records=[shown(record) for record in each.records],
                )
                for each in view.day.late
            ],
            over=view.day.over.as_json(),
            running=view.day.running.as_json(),
            messages=dict(view.messages),
            open_conversations=view.open_conversations,
            open_alarms=len(view.alarms),
            agents=view.agents_by_state(),
        )


class Beside(BaseModel):
    login: str
    how: ListenHow
    in_room: bool


class AgentNow(BaseModel):
    """What an agent does, since when, with which record; `stuck`: someone should look."""

    user_id: UUID
    login: str
    languages: list[str]
    state: AgentState
    since: datetime
    stuck: bool
    pause: str | None
    attempt_id: UUID | None
    entry_id: UUID | None
    case_record_id: UUID | None
    calls_today: int
    listeners: list[Beside]

    @classmethod
    def of(cls, live: AgentLive) -> AgentNow:
        row = live.row
        return cls(
            user_id=row.user_id,
            login=row.login,
            languages=list(row.languages),
            state=live.doing.state,
            since=live.doing.since,
            stuck=live.doing.stuck,
            pause=row.pause,
            attempt_id=row.attempt_id,
            entry_id=row.entry_id,
            case_record_id=row.case_record_id,
            calls_today=row.calls_today,
            listeners=[
                Beside(login=each.login, how=each.how, in_room=each.in_room_at is not None)
                for each in live.listeners
            ],
        )


@router.get("/board")
def read_board(app: TheApp, asker: FigureReader, platform: PlatformCode) -> Board:
    """The list by class and time left, who is late and why, messages, alarms and agents by state."""
    asker.need_platform(platform)
    return Board.of(app.board.view(platform), lambda record: app.audit.name_of(asker, record))


@router.get("/board/agents")
def read_agents(
    app: TheApp, asker: Supervisor, platform: PlatformCode, state: StatesWanted = None
) -> list[AgentNow]:
    """Everybody on shift today: what they do, since when, and who listens. `state`: any of these."""
    asker.need_platform(platform)
    found = app.board.view(platform).agents
    return [AgentNow.of(each) for each in found if not state or each.doing.state in state]


class NewWallPass(BaseModel):
    platforms: Annotated[list[str], Field(min_length=1, max_length=12)]


class WallPass(BaseModel):
    """The address of a wall screen; `path` only where it was just made, and never again."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    platforms: list[str]
    made_by: str
    made_at: datetime
    good_until: datetime
    path: str | None = None


@router.post("/wall-passes", status_code=201)
def make_wall_pass(app: TheApp, asker: Supervisor, body: NewWallPass) -> WallPass:
    """An address that shows figures of these platforms on a wall for 90 days, without anybody signed in."""
    made, token = app.wall_passes.make(asker, body.platforms)
    return WallPass.model_validate(made).model_copy(update={"path": f"/wall/{token}"})


@router.get("/wall-passes")
def list_wall_passes(
    app: TheApp, asker: Supervisor, cursor: Cursor = "", limit: PageSize = 50
) -> Page[WallPass]:
    """Those that show your platforms, newest first."""
    found = app.wall_passes.good(asker, before=id_after(cursor), most=limit + 1)
    return page_of(found, limit, shown=WallPass.model_validate, key=lambda each: str(each.id))


@router.delete("/wall-passes/{pass_id}", status_code=204)
def end_wall_pass(app: TheApp, asker: Supervisor, pass_id: UUID) -> None:
    """From now on the address shows nothing."""
    app.wall_passes.end(asker, pass_id)
