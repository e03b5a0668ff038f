"""The contacts a positive names, typed at the desk line by line, and who of them is known already."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.column_mappings import Field
from outreach.domain.intake import Verdict
from outreach.errors import InvalidInput
from outreach.services.access import Asker
from outreach.services.case_intake import RowOutcome
from outreach.web.access import TheApp
from outreach.web.pages.access import PageCaseWriter
from outreach.web.pages.desk_pages import DESK
from outreach.web.pages.desk_view import draw_contact_row
from outreach.web.pages.desk_words_pages import AnyForm
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, is_part, page_router

router = page_router("/desk")
FIELDS = (
    Field.FAMILY_NAME,
    Field.GIVEN_NAMES,
    Field.BIRTH_DATE,
    Field.PHONE_1,
    Field.LAST_CONTACT_ON,
    Field.HOUSEHOLD,
    Field.COLLECTIVE_SETTING,
    Field.VULNERABLE,
)


@router.post("/positives/{positive_id}/contacts/{row}")
def name_contact(
    request: Request, app: TheApp, asker: PageCaseWriter, positive_id: UUID, row: int, typed: AnyForm
) -> Response:
    """On the call list at once; the line is empty again."""
    given = _given(typed, row)
    outcome = app.named_contacts.name(
        positive_id, given, by=asker.user_id, platforms=_platforms(app, asker, positive_id)
    )
    return _after(request, app, asker, positive_id, row, typed, outcome)


@router.post("/positives/{positive_id}/contacts/{row}/known")
def show_known(
    request: Request, app: TheApp, asker: PageCaseWriter, positive_id: UUID, row: int, typed: AnyForm
) -> Response:
    """Who has the number being typed, or the name and birth date."""
    known = app.desk_work.known_people.matching(
        positive_id,
        _given(typed, row),
        by=asker.user_id,
        platforms=_platforms(app, asker, positive_id),
    )
    return draw(request, asker, "desk/_known.html", known=known, positive_id=positive_id, row=row)


@router.post("/positives/{positive_id}/contacts/{row}/link/{contact_id}")
def link_contact(
    request: Request,
    app: TheApp,
    asker: PageCaseWriter,
    positive_id: UUID,
    row: int,
    contact_id: UUID,
    typed: AnyForm,
) -> Response:
    """Somebody known is the contact that was being typed."""
    outcome = app.desk_work.known_people.link(
        positive_id,
        contact_id,
        _given(typed, row),
        by=asker.user_id,
        platforms=_platforms(app, asker, positive_id),
    )
    return _after(request, app, asker, positive_id, row, typed, outcome)


def _given(typed: dict[str, str], row: int) -> dict[str, str]:
    """The fields of one line by their names; "" for what was left out."""
    told = {field.value: typed.get(f"c{row}.{field.value}", "").strip() for field in FIELDS}
    return {name: text for name, text in told.items() if text}


def _platforms(app: App, asker: Asker, record_id: UUID) -> Sequence[str]:
    return app.steering.mutual_aid.readable(asker.user_id, asker.platforms, record_id)


def _after(
    request: Request,
    app: App,
    asker: Asker,
    positive_id: UUID,
    row: int,
    typed: dict[str, str],
    outcome: RowOutcome,
) -> Response:
    error: InvalidInput | None = None
    if outcome.verdict is Verdict.REJECTED:
        first = outcome.findings[0]
        error = InvalidInput(first.reason, field=str(first.field or ""), mend=first.mend)
    if error is None:
        _forget(app, asker, row)
    if not is_part(request):
        if error is not None:
            raise error
        return go(f"{DESK}#contacts")
    return draw_contact_row(request, app, asker, positive_id, row, typed if error else {}, error, outcome)


def _forget(app: App, asker: Asker, row: int) -> None:
    """What was typed in the line is said: it is no draft any more."""
    leased = app.call_list.current(asker.user_id)
    if leased is None:
        return
    words = app.desk_work.words
    draft = words.draft(asker.user_id, leased.entry_id)
    kept = {name: text for name, text in draft.items() if not name.startswith(f"c{row}.")}
    if kept != draft:
        words.save_draft(asker.user_id, leased.entry_id, kept)
