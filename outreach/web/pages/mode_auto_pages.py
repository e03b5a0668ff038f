"""AUTO on the mode page: what it does, its targets, answers to its proposals, every decision explained."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, Request
from starlette.responses import Response

from outreach.domain.auto_mode import AutoDone, AutoSetting, AutoTargets
from outreach.errors import InvalidInput
from outreach.web.access import TheApp
from outreach.web.pages.access import PageModeReader, PageModeSwitcher, platform_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.mode_forms import SwitchForm
from outreach.web.pages.mode_pages import mode_page
from outreach.web.pages.words import N_
from outreach.web.paging import Cursor, line_after, line_key, next_mark

router = page_router("/mode")
Code = Annotated[str, Query(max_length=20)]
TypedCode = Annotated[str, Form(max_length=20)]
Share = Annotated[str, Form(max_length=10)]
SHOWN = 50


@router.post("/auto")
def set_auto(
    request: Request,
    app: TheApp,
    asker: PageModeSwitcher,
    setting: Annotated[AutoSetting, Form()],
    platform: TypedCode = "",
    called: Share = "",
    informed: Share = "",
) -> Response:
    """Off, propose or apply; the targets in percent."""
    code = platform_of(asker, platform)
    try:
        targets = AutoTargets(_share(called, "called"), _share(informed, "informed"))
        app.modes.auto.set(code, setting, author_id=asker.user_id, targets=targets)
    except InvalidInput as error:
        auto = {"setting": setting.value, "called": called, "informed": informed}
        return mode_page(request, app, asker, code, SwitchForm(), error, auto=auto)
    return go(f"/mode?platform={code}#auto")


@router.post("/proposals/{proposal_id}")
def answer_proposal(
    app: TheApp,
    asker: PageModeSwitcher,
    proposal_id: UUID,
    answer: Annotated[str, Form(pattern="^(accept|decline)$")],
    platform: TypedCode = "",
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Accept, which switches, or decline, with a reason."""
    code = platform_of(asker, platform)
    if answer == "decline" and not reason.strip():
        raise InvalidInput(N_("Say why it is declined."), field="reason", mend=N_("write it in a few words"))
    app.modes.auto.answer(code, proposal_id, accept=answer == "accept", by=asker.user_id, reason=reason)
    return go(f"/mode?platform={code}")


@router.get("/decisions")
def show_decisions(
    request: Request,
    app: TheApp,
    asker: PageModeReader,
    platform: Code = "",
    done: Code = "",
    cursor: Cursor = "",
) -> Response:
    """Times that AUTO looked ahead: what it decided, and why."""
    code, only = platform_of(asker, platform), done_asked(done)
    found = app.modes.auto.decisions(code, before=line_after(cursor), most=SHOWN + 1, done=only)
    return draw(
        request,
        asker,
        "mode/decisions.html",
        decisions=found[:SHOWN],
        next=next_mark(found, SHOWN, lambda row: line_key(row.at, row.id)),
        is_first=not cursor,
        done=only[0].value if only else "",
        kinds=list(AutoDone),
        proposals=[] if cursor else app.modes.auto.show(code).proposals[:20],
        platform=app.modes.territories.platform(code),
    )


def done_asked(written: str) -> tuple[AutoDone, ...]:
    """What the form says; none: all."""
    return (AutoDone(written),) if written in set(AutoDone) else ()


def _share(text: str, field: str) -> float:
    try:
        return float(text.strip().rstrip("% \u202f\u00a0").replace(",", ".")) / 100
    except ValueError:
        raise InvalidInput(
            N_("This is not a percentage."), field=field, mend=N_("write 99 or 99.5")
        ) from None
