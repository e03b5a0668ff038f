"""Draws the desk and its parts from what the services tell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.call_attempts import MACHINE_WORDS, CallStatus
from outreach.domain.call_list import is_at_risk, is_late
from outreach.domain.callback_slots import SlotsOfPart
from outreach.domain.roles import Role
from outreach.services.access import Asker
from outreach.services.case_intake import RowOutcome
from outreach.services.desk import DeskView, InCall, PersonInHand, Shift
from outreach.services.desk_words import version_of
from outreach.services.interviews import Interview, Reader
from outreach.storage.lease_store import Leased
from outreach.web.pages.desk_surroundings import surroundings
from outreach.web.pages.drawing import draw
from outreach.web.pages.softphone_pages import desk_headers

CONTACT_FIELD = re.compile(r"c(\d{1,2})\.")  # among the fields of a draft: the line of the contacts grid
EMPTY_ROWS = 1
MOST_ROWS = 5
TRANSFER_ROLES = (Role.SUPERVISOR, Role.MEDICAL, Role.SENIOR)


@dataclass(frozen=True)
class CallShown:
    """What the call bar offers in the state the call is in."""

    can_call: bool = False
    can_hang_up: bool = False
    talking: bool = False
    machine: bool = False
    can_rejoin: bool = False
    wrap_up: bool = False
    suggested: str = ""

    @classmethod
    def of(cls, call: InCall | None, *, holding: bool) -> CallShown:
        if call is None:
            return cls(can_call=holding)
        attempt = call.attempt
        talking = attempt.status is CallStatus.ANSWERED
        return cls(
            can_hang_up=attempt.status is not CallStatus.WRAP_UP,
            talking=talking,
            machine=attempt.answered_by in MACHINE_WORDS,
            can_rejoin=talking and attempt.agent_left_at is not None,
            wrap_up=attempt.status is CallStatus.WRAP_UP,
            suggested=attempt.suggested_outcome.value if attempt.suggested_outcome else "",
        )


def draw_desk(
    request: Request,
    app: App,
    asker: Asker,
    *,
    looked_in_vain: bool = False,
    refused: Exception | None = None,
) -> Response:
    """The whole page. `refused`: of a wrap-up; what was typed stands in the draft."""
    view = app.desk_work.desk.view(asker)
    now = app.clock.now()
    draft = view.in_hand.draft if view.in_hand else {}
    values: dict[str, object] = {
        "view": view,
        "shift": view.shift,
        "person": view.in_hand,
        "call": view.call,
        "shown": CallShown.of(view.call, holding=view.in_hand is not None),
        "scene": scene_of(view.shift, view.call),
        "draft": draft,
        "draft_version": version_of(draft),
        "slots": _slots(app, asker, view),
        "late": _late(view.shift.held, now),
        "age": age,
        "rows": _rows(view.in_hand),
        "keys": view.keys,
        "keys_json": json.dumps({command.value: key for command, key in view.keys.items()}),
        "looked_in_vain": looked_in_vain,
        "refused": refused,
        "transfer_roles": TRANSFER_ROLES,
        **surroundings(app, asker),
    }
    status = HTTPStatus.OK if refused is None else HTTPStatus.UNPROCESSABLE_ENTITY
    headers = desk_headers(app)
    return draw(request, asker, "desk/desk.html", status=status, headers=headers, now=now, **values)


def draw_call_bar(request: Request, app: App, asker: Asker) -> Response:
    """The call as it stands; no person is read."""
    call, shift = app.desk_work.desk.call(asker), app.desk_work.desk.shift(asker)
    return draw(
        request,
        asker,
        "desk/_call_bar.html",
        call=call,
        shift=shift,
        person=None,
        shown=CallShown.of(call, holding=shift.held is not None),
        scene=scene_of(shift, call),
        transfer_roles=TRANSFER_ROLES,
    )


def draw_strip(request: Request, app: App, asker: Asker) -> Response:
    """The top line, and the countdown of whoever is in hand."""
    shift, now = app.desk_work.desk.shift(asker), app.clock.now()
    return draw(request, asker, "desk/_beat.html", shift=shift, late=_late(shift.held, now))


def draw_script(
    request: Request,
    app: App,
    asker: Asker,
    interview: Interview,
    *,
    error: Exception | None = None,
    question: str = "",
    typed: str = "",
) -> Response:
    """The script with its answers. `error`: of the question just answered, beside what was typed."""
    status = HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return draw(
        request,
        asker,
        "desk/_script.html",
        status=status,
        interview=interview,
        error=error,
        question_in_error=question,
        typed=typed,
        zone="Europe/Paris",
    )


def draw_contact_row(
    request: Request,
    app: App,
    asker: Asker,
    positive_id: UUID,
    row: int,
    typed: Mapping[str, str],
    error: Exception | None,
    outcome: RowOutcome,
) -> Response:
    """One line of the contacts grid, empty again or with what to mend, and the list above it."""
    status = HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return draw(
        request,
        asker,
        "desk/_contact_saved.html",
        status=status,
        positive_id=positive_id,
        row=row,
        draft=typed,
        error=error,
        outcome=outcome,
        contacts=app.desk_work.desk.contacts(positive_id, asker) if error is None else [],
        age=age,
    )


def reader_of(asker: Asker) -> Reader:
    return Reader(asker.user_id, tuple(asker.platforms))


def scene_of(shift: Shift, call: InCall | None) -> str:
    """Changes when another person or another try is on the desk: the whole page is then asked anew."""
    return f"{shift.held.entry_id if shift.held else ''}:{call.attempt.id if call else ''}"


def age(birth_date: date | None, now: datetime) -> int | None:
    """Years on the day of `now`."""
    if birth_date is None:
        return None
    had = (now.month, now.day) >= (birth_date.month, birth_date.day)
    return now.year - birth_date.year - (not had)


def _slots(app: App, asker: Asker, view: DeskView) -> list[SlotsOfPart]:
    if view.call is None or view.in_hand is None:
        return []
    return app.desk_work.desk.callback_slots(asker, view.in_hand.leased.entry_id)


def _late(held: Leased | None, now: datetime) -> str:
    if held is None:
        return ""
    if is_late(held.deadline, now):
        return "late"
    return "risk" if is_at_risk(held.effective_deadline, now) else ""


def _rows(person: PersonInHand | None) -> int:
    """Lines of the contacts grid: as many as the positive told of and has not named, five at most; and those
    in which something is typed."""
    if person is None:
        return EMPTY_ROWS
    drafted = [int(found[1]) + 1 for name in person.draft if (found := CONTACT_FIELD.match(name))]
    contacts = person.interview.contacts if person.interview else None
    missing = (contacts.to_name or 0) - contacts.named if contacts else 0
    return max(EMPTY_ROWS, min(MOST_ROWS, missing), *drafted)
