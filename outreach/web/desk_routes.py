"""What a desk does beside the call: help, undo, drafts, callback moments, shortcuts, known contacts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from outreach.domain.calling_hours import DayPart
from outreach.domain.desk_keys import Command
from outreach.domain.outcomes import CallOutcome
from outreach.services.desk_words import version_of
from outreach.storage.known_people_store import KnownRecord
from outreach.web.access import Caller, CaseWriter, TheApp
from outreach.web.cases_routes import Fields, Taken, taken
from outreach.web.idempotency import ApiRoute

router = APIRouter(prefix="/api/v1", tags=["desk"], route_class=ApiRoute)
FieldName = Annotated[str, Field(min_length=1, max_length=100)]
Typed = Annotated[str, Field(max_length=4000)]


class Undone(BaseModel):
    """The outcome that does not count any more; the call is in wrap-up again."""

    model_config = ConfigDict(from_attributes=True)

    attempt_id: UUID
    entry_id: UUID
    outcome: CallOutcome


class Draft(BaseModel):
    """What stands in the fields of the desk, by name of the field."""

    fields: Annotated[dict[FieldName, Typed], Field(max_length=120)]


class DraftShown(Draft):
    """`version`: what a change of it says it has seen."""

    version: str


class DraftChange(Draft):
    """The fields that change, "" for one that is emptied; `seen`: the version they are typed upon."""

    seen: Annotated[str, Field(max_length=40)]


class DraftChanged(BaseModel):
    """`theirs`: the draft as it stands, where another screen typed meanwhile; nothing was changed then."""

    model_config = ConfigDict(from_attributes=True)

    version: str
    theirs: dict[str, str] | None


class Slot(BaseModel):
    """`promised`: calls already promised for that half hour; `late`: after the person's deadline."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    promised: int
    late: bool


class PartOfDay(BaseModel):
    """On the callee's clock."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    part: DayPart
    slots: list[Slot]


class Keys(BaseModel):
    """For each command the place of a key (KeyboardEvent.code), pressed with Alt and Shift."""

    keys: dict[Command, str]


class ChosenKeys(BaseModel):
    """Commands that are left out have the key we gave them."""

    keys: dict[Command, Annotated[str, Field(max_length=20)]]


class Known(BaseModel):
    """Somebody we know already: by the number, or by name and birth date."""

    case_record_id: UUID
    kind: str
    state: str
    last_outcome: str | None
    family_name: str
    given_names: str
    birth_date: date | None
    same_number: bool
    same_name: bool
    named_already: bool

    @classmethod
    def of(cls, known: KnownRecord) -> Known:
        return cls(
            case_record_id=known.case_record_id,
            kind=known.kind,
            state=known.state,
            last_outcome=known.last_outcome,
            family_name=known.person.family_name,
            given_names=known.person.given_names,
            birth_date=known.person.birth_date,
            same_number=known.same_number,
            same_name=known.same_name,
            named_already=known.named_already,
        )


@router.post("/attempts/{attempt_id}/help", status_code=204)
def raise_hand(app: TheApp, asker: Caller, attempt_id: UUID) -> None:
    """Ask a supervisor to come into your call: an alarm until one joins. Asking again changes nothing."""
    app.desk_work.hands.raise_hand(asker.user_id, attempt_id)


@router.delete("/attempts/{attempt_id}/help", status_code=204)
def lower_hand(app: TheApp, asker: Caller, attempt_id: UUID) -> None:
    """You need no help any more."""
    app.desk_work.hands.lower_hand(asker.user_id, attempt_id)


@router.post("/attempts/{attempt_id}/undo")
def undo_outcome(app: TheApp, asker: Caller, attempt_id: UUID) -> Undone:
    """Take your last outcome back, within a minute, while nobody acted on it: the person is yours again."""
    return Undone.model_validate(app.desk_work.undo.undo(asker.user_id, attempt_id))


@router.get("/attempts/{attempt_id}/colleagues")
def read_colleagues(app: TheApp, asker: Caller, attempt_id: UUID) -> dict[str, int]:
    """How many colleagues of each role are free to be brought into your call."""
    attempt = app.call_bar.read(asker.user_id, attempt_id)
    return app.desk_work.desk.colleagues(attempt)


@router.get("/entries/{entry_id}/callback-times")
def read_callback_times(app: TheApp, asker: Caller, entry_id: UUID) -> list[PartOfDay]:
    """When the person you hold may be promised a call, inside their calling hours, soonest first."""
    slots = app.desk_work.desk.callback_slots(asker, entry_id)
    return [PartOfDay.model_validate(part) for part in slots]


@router.get("/entries/{entry_id}/draft")
def read_draft(app: TheApp, asker: Caller, entry_id: UUID) -> DraftShown:
    """What you typed about this person and have not said yet."""
    fields = app.desk_work.words.draft(asker.user_id, entry_id)
    return DraftShown(fields=fields, version=version_of(fields))


@router.put("/entries/{entry_id}/draft", status_code=204)
def save_draft(app: TheApp, asker: Caller, entry_id: UUID, body: Draft) -> None:
    """Keep what stands in the fields, whole, for the person you hold. Save once a second at most."""
    app.desk_work.words.save_draft(asker.user_id, entry_id, body.fields)


@router.patch("/entries/{entry_id}/draft")
def change_draft(app: TheApp, asker: Caller, entry_id: UUID, body: DraftChange) -> DraftChanged:
    """Keep some fields for the person you hold, unless another screen of yours typed since you looked."""
    words = app.desk_work.words
    return DraftChanged.model_validate(
        words.change_draft(asker.user_id, entry_id, body.fields, seen=body.seen)
    )


@router.get("/desk/keys")
def read_keys(app: TheApp, asker: Caller) -> Keys:
    """Your keyboard shortcuts."""
    return Keys(keys=app.desk_work.words.keys(asker.user_id))


@router.put("/desk/keys")
def change_keys(app: TheApp, asker: Caller, body: ChosenKeys) -> Keys:
    """Choose other keys."""
    return Keys(
        keys=app.desk_work.words.change_keys(
            asker.user_id, {name.value: key for name, key in body.keys.items()}
        )
    )


@router.post("/case-records/{case_record_id}/contacts/known")
def known_contacts(app: TheApp, asker: CaseWriter, case_record_id: UUID, fields: Fields) -> list[Known]:
    """Who is known already of the contact being typed: the same number, or the same name and birth date."""
    platforms = app.steering.mutual_aid.readable(asker.user_id, asker.platforms, case_record_id)
    found = app.desk_work.known_people.matching(case_record_id, fields, by=asker.user_id, platforms=platforms)
    return [Known.of(known) for known in found]


@router.post("/case-records/{case_record_id}/contacts/{contact_id}", status_code=201)
def link_contact(
    app: TheApp, asker: CaseWriter, case_record_id: UUID, contact_id: UUID, fields: Fields, response: Response
) -> Taken:
    """Somebody known already is a contact of this positive; `fields` tell of the meeting."""
    platforms = app.steering.mutual_aid.readable(asker.user_id, asker.platforms, case_record_id)
    outcome = app.desk_work.known_people.link(
        case_record_id, contact_id, fields, by=asker.user_id, platforms=platforms
    )
    return taken(outcome, response)
