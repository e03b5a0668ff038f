"""A case record: who, in which state, what happened, who is around; and what can be done with it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.outcomes import CallOutcome
from outreach.domain.reasons import ErasureReason
from outreach.domain.record_edits import CLOSING
from outreach.domain.roles import Scope
from outreach.errors import InvalidInput, NotAllowed, NotFound
from outreach.services.access import Asker
from outreach.web.access import TheApp
from outreach.web.pages.access import PageCaseReader, PageCaseWriter
from outreach.web.pages.answer_view import shown_answers
from outreach.web.pages.audit_words import EVENT_NAMES, REASON_NAMES
from outreach.web.pages.drawing import draw, language_of
from outreach.web.pages.exposure_graph import graph_of
from outreach.web.pages.finding_words import FIELD_NAMES
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.glass_pages import draw_glass, restriction_words
from outreach.web.pages.mode_forms import moment_of
from outreach.web.pages.record_view import BECAUSE, NATURES, clocks, story
from outreach.web.pages.words import N_, speaking, translated

router = page_router("/records")
Word = Annotated[str, Form(max_length=500)]
CONFIRM = N_("ERASE")
RESTRICTED = "restricted_record"


@router.get("/{case_record_id}")
def show(
    request: Request,
    app: TheApp,
    asker: PageCaseReader,
    case_record_id: UUID,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The whole record; what is beyond the reader's reach, or restricted, may be opened for a reason."""
    try:
        file = app.records.files.read(case_record_id, asker, language=language_of(request))
    except (NotFound, NotAllowed) as error:
        if error.code == RESTRICTED or (type(error) is NotFound and Scope.GLASS_BREAK in asker.scopes):
            said = DONE[done] if done in OF_RESTRICTION else ""
            return draw_glass(request, app, asker, case_record_id, done=said)
        raise
    facts, person = file.sheet.card.facts, file.sheet.card.person
    with speaking(language_of(request)):
        name = f"{person.person.given_names} {person.person.family_name}".strip() if person else ""
        unknown, restricted = translated("Not known yet"), translated("Restricted record")
        graph = graph_of(name, file.around, unknown, restricted=restricted)
        told, answers = story(file), shown_answers(file.answers)
    return draw(
        request,
        asker,
        "records/record.html",
        file=file,
        facts=facts,
        person=person,
        name=name,
        clocks=clocks(facts, app.clock.now()),
        graph=graph,
        story=told,
        answers=answers,
        done=done if done in DONE else "",
        restrictions=app.break_glass.restrictions(case_record_id, [facts.platform]),
        may_write=Scope.CASES_WRITE in asker.scopes and facts.platform in asker.platforms,
        **SHOWN_WORDS,
        may_import=Scope.IMPORTS_WRITE in asker.scopes,
    )


DONE = {
    "edited": N_("The record was corrected."),
    "deadline": N_("The record was corrected, and its deadline moved."),
    "number": N_("The numbers were changed."),
    "converted": N_("The contact is a positive now: they are called first."),
    "closed": N_("The record was closed."),
    "listed": N_("The person is on the call list again."),
    "leave": N_("The sick leave was noted."),
    "handed": N_("The person was handed over."),
    "merged": N_("The two records are one now."),
    "split": N_("The merge was taken back: each record has its own again."),
    "erased": N_("The person was erased."),
    "restricted": N_("The record is restricted: whoever reads it must say why first."),
    "lifted": N_("The restriction was lifted."),
}
OF_RESTRICTION = ("restricted", "lifted")
SHOWN_WORDS: dict[str, Any] = {
    "event_names": EVENT_NAMES,
    "reason_names": REASON_NAMES,
    "fields": {field.value: words for field, words in FIELD_NAMES.items()},
    "done_words": DONE,
    "because": BECAUSE,
    "natures": NATURES,
}


@router.get("/{case_record_id}/act")
def show_acts(request: Request, app: TheApp, asker: PageCaseWriter, case_record_id: UUID) -> Response:
    """What may become of the record: conversion, closing, list, merging, handover, restriction, erasure."""
    return draw_acts(request, app, asker, case_record_id)


def draw_acts(
    request: Request, app: App, asker: Asker, case_record_id: UUID, *, status: int = 200, **more: Any
) -> Response:
    sheet = app.case_reading.sheet(case_record_id, reader=asker.user_id, platforms=asker.platforms)
    values: dict[str, Any] = {"error": None, "given": {}, **more}
    values |= restriction_words(app, asker, case_record_id)
    return draw(
        request,
        asker,
        "records/act.html",
        status=status,
        facts=sheet.card.facts,
        person=sheet.card.person,
        open_entries=[entry for entry in sheet.entries if entry["state"] != "CLOSED"],
        outcomes=CLOSING,
        platforms=app.records.closing.platforms(but=sheet.card.facts.platform),
        supervises=Scope.CALLS_SUPERVISE in asker.scopes,
        confirm=CONFIRM,
        erasure_reasons=list(ErasureReason),
        **values,
    )


@router.post("/{case_record_id}/convert")
def convert(
    request: Request, app: TheApp, asker: PageCaseWriter, case_record_id: UUID, result_at: Word = ""
) -> Response:
    """A contact tested positive."""
    try:
        app.records.editing.convert(case_record_id, result_at, asker, version=None)
    except InvalidInput as error:
        given = {"result_at": result_at}
        return draw_acts(request, app, asker, case_record_id, error=error, given=given, status=422)
    return _done(case_record_id, "converted")


@router.post("/{case_record_id}/close")
def close(
    request: Request, app: TheApp, asker: PageCaseWriter, case_record_id: UUID, outcome: Word = ""
) -> Response:
    """End it by an outcome that no call brought."""
    try:
        app.records.closing.close(case_record_id, _outcome(outcome), asker)
    except InvalidInput as error:
        return draw_acts(request, app, asker, case_record_id, error=error, status=422)
    return _done(case_record_id, "closed")


def _outcome(written: str) -> CallOutcome:
    if written not in CallOutcome.__members__:
        raise InvalidInput(N_("Say how the matter ended."), field="outcome")
    return CallOutcome(written)


@router.post("/{case_record_id}/list")
def put_back(
    request: Request, app: TheApp, asker: PageCaseWriter, case_record_id: UUID, at: Word = ""
) -> Response:
    """On the call list again, now or at an agreed moment of the person's own clock."""
    sheet = app.case_reading.sheet(case_record_id, reader=asker.user_id, platforms=asker.platforms)
    zone = sheet.card.person.time_zone if sheet.card.person else "UTC"
    try:
        moment = moment_of(at, zone, "at") if at.strip() else None
        app.records.closing.put_back(case_record_id, asker, at=moment)
    except InvalidInput as error:
        return draw_acts(request, app, asker, case_record_id, error=error, given={"at": at}, status=422)
    return _done(case_record_id, "listed")


@router.post("/{case_record_id}/sick-leave")
def sick_leave(app: TheApp, asker: PageCaseWriter, case_record_id: UUID) -> Response:
    """The person needs a certificate."""
    app.records.closing.ask_for_sick_leave(case_record_id, asker)
    return _done(case_record_id, "leave")


@router.post("/{case_record_id}/split")
def split(app: TheApp, asker: PageCaseWriter, case_record_id: UUID) -> Response:
    """Take back the merge by which this record was merged away."""
    return _done(app.records.splitting.split(case_record_id, asker), "split")


@router.post("/{case_record_id}/hand-over")
def hand_over(
    request: Request,
    app: TheApp,
    asker: PageCaseWriter,
    case_record_id: UUID,
    platform: Word = "",
    because: Word = "",
) -> Response:
    """To another platform, with all that is theirs."""
    try:
        app.records.closing.hand_over(case_record_id, platform, because, asker)
    except InvalidInput as error:
        return draw_acts(request, app, asker, case_record_id, error=error, status=422)
    return _done(case_record_id, "handed") if platform in asker.platforms else go("/search")


@router.post("/{case_record_id}/erase")
def erase(
    request: Request,
    app: TheApp,
    asker: PageCaseWriter,
    case_record_id: UUID,
    because: Word = "",
    confirm: Word = "",
) -> Response:
    """For good; the word is typed, so that nobody does it by accident."""
    asker.need(Scope.CALLS_SUPERVISE)
    with speaking(language_of(request)):
        wanted = translated(CONFIRM)
    try:
        _need_typed(confirm, wanted)
        app.records.closing.erase(case_record_id, because, asker)
    except InvalidInput as error:
        given = {"because": because}
        return draw_acts(request, app, asker, case_record_id, error=error, given=given, status=422)
    return _done(case_record_id, "erased")


def _need_typed(typed: str, wanted: str) -> None:
    if typed.strip().upper() != wanted:
        raise InvalidInput(N_("Type the word to confirm."), field="confirm")


def _done(case_record_id: UUID, what: str) -> Response:
    return go(f"/records/{case_record_id}?done={what}")
