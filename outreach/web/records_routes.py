"""Case records by hand over HTTP: search, the whole file, edits, conversion, merging, closing, erasure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import AwareDatetime, BaseModel, ConfigDict
from pydantic import Field as Bounded

from outreach.domain.column_mappings import Field
from outreach.domain.outcomes import CallOutcome
from outreach.domain.reasons import ErasureReason
from outreach.domain.roles import Scope
from outreach.errors import InvalidInput
from outreach.services.record_editing import Edited
from outreach.services.record_file import RecordFile
from outreach.services.record_merging import MergePreview
from outreach.web.access import CaseReader, CaseWriter, TheApp
from outreach.web.case_models import Sheet
from outreach.web.idempotency import ApiRoute

router = APIRouter(prefix="/api/v1", tags=["case records"], route_class=ApiRoute)
Word = Annotated[str, Bounded(max_length=200)]
Value = Annotated[str, Bounded(max_length=2000)]
Reason = Annotated[str, Bounded(min_length=1, max_length=500)]
Version = Annotated[str | None, Bounded(max_length=30)]
Tongue = Annotated[str, Query(pattern="^(fr|en)$", description="In which the questions are told.")]


class Search(BaseModel):
    """One of: a number; a family name and a birth date, with given names; a record number or id."""

    number: Word = ""
    family_name: Word = ""
    given_names: Word = ""
    birth_date: Word = ""
    reference: Word = ""


class Found(BaseModel):
    """`restricted`: nothing else is told of it until you said why you read it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    platform: str
    restricted: bool
    kind: str | None
    state: str | None
    listed_at: datetime | None
    result_at: datetime | None
    merged_into: UUID | None
    family_name: str
    given_names: str
    birth_date: date | None


class FoundRecords(BaseModel):
    items: list[Found]


class Around(BaseModel):
    """`link`: CONTACT, POSITIVE or HOUSEHOLD; no name: of another platform, not known yet, or restricted."""

    model_config = ConfigDict(from_attributes=True)

    link: str
    case_record_id: UUID | None
    reference: str
    kind: str
    state: str
    last_contact_on: date | None
    nature: str
    name: str
    restricted: bool


class HistoryLine(BaseModel):
    """`login` null: the program."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    event: str
    login: str | None
    facts: dict[str, Any]
    case_record_id: UUID


class Answered(BaseModel):
    """`asked`: the question's words; `said`: the choice's; `kind`: yes_no, date, choice, number or text."""

    model_config = ConfigDict(from_attributes=True)

    question: str
    value: Any
    asked: str
    said: str
    kind: str
    script: str
    script_version: int
    answered_at: datetime


class Told(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    kind: str
    created_at: datetime
    delivered_at: datetime | None
    dead_at: datetime | None
    outcome: str | None


class FileShown(BaseModel):
    """`version` is sent back with edits; `merged`: sheets of the records that this one stands for."""

    version: str
    merged_into: UUID | None
    sheet: Sheet
    merged: list[Sheet]
    around: list[Around]
    history: list[HistoryLine]
    answers: list[Answered]
    told: list[Told]
    may_split: UUID | None

    @classmethod
    def of(cls, file: RecordFile) -> FileShown:
        return cls(
            version=file.marks.version,
            merged_into=file.marks.merged_into,
            sheet=Sheet.of_sheet(file.sheet),
            merged=[Sheet.of_sheet(sheet) for sheet in file.merged],
            around=[Around.model_validate(each) for each in file.around],
            history=[HistoryLine.model_validate(line) for line in file.lines],
            answers=[Answered.model_validate(each) for each in file.answers],
            told=[Told.model_validate(each) for each in file.told],
            may_split=file.may_split,
        )


class SplitShown(BaseModel):
    """`kept`: the record that had stood for both."""

    kept: UUID


class Edit(BaseModel):
    """Fields by name; "" empties one. `version`: the one you saw, else whatever stands there.

    `seen`: what stood in the fields when you looked; two people may then change different fields at once.
    """

    version: Version = None
    fields: Annotated[dict[Field, Value], Bounded(min_length=1, max_length=20)]
    seen: Annotated[dict[Field, Value], Bounded(max_length=20)] | None = None


class Conversion(BaseModel):
    version: Version = None
    result_at: Word


class EditedShown(BaseModel):
    """`deadline_before` null: the deadline is the same."""

    model_config = ConfigDict(from_attributes=True)

    version: str
    deadline: datetime
    deadline_before: datetime | None


class NewNumber(BaseModel):
    """`chosen`: E.164, of a number that two countries have (409 number_asked names them)."""

    number: Word
    chosen: Word = ""


class NumberMark(BaseModel):
    bad: bool


class Closing(BaseModel):
    outcome: CallOutcome


class PutBack(BaseModel):
    """`at`: an agreed moment; else as soon as calling hours allow."""

    at: AwareDatetime | None = None


class HandOver(BaseModel):
    platform: Annotated[str, Bounded(min_length=1, max_length=20)]
    reason: Reason


class Erasing(BaseModel):
    """`because`: a code, for words could name them for ever; `confirm`: the word ERASE, against accidents."""

    because: ErasureReason
    confirm: Word


class Merging(BaseModel):
    """`from_other`: the fields whose value the other record gives."""

    other: UUID
    from_other: Annotated[list[Field], Bounded(max_length=20)] = []
    version: Version = None


class DifferenceShown(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    field: str
    kept: str
    other: str


class MergeShown(BaseModel):
    version: str
    other_version: str
    differences: list[DifferenceShown]

    @classmethod
    def of(cls, preview: MergePreview) -> MergeShown:
        return cls(
            version=preview.version,
            other_version=preview.other_version,
            differences=[DifferenceShown.model_validate(each) for each in preview.differences],
        )


ERASE = "ERASE"


@router.post("/case-records/search")
def search_records(app: TheApp, asker: CaseReader, body: Search) -> FoundRecords:
    """Exact search by number, by name and birth date, or by record number; each is kept as a reading."""
    search = app.records.search
    if body.number:
        found = search.by_number(body.number, asker)
    elif body.reference:
        found = search.by_reference(body.reference, asker)
    else:
        found = search.by_name(body.family_name, body.given_names, body.birth_date, asker)
    return FoundRecords(items=[Found.model_validate(each) for each in found])


@router.get("/case-records/{case_record_id}/file")
def read_file(app: TheApp, asker: CaseReader, case_record_id: UUID, language: Tongue = "fr") -> FileShown:
    """Everything about one record: who, what was done, who is around, who was told."""
    return FileShown.of(app.records.files.read(case_record_id, asker, language=language))


@router.patch("/case-records/{case_record_id}")
def edit_record(app: TheApp, asker: CaseWriter, case_record_id: UUID, body: Edit) -> EditedShown:
    """Correct the person or the dates; 409 names the fields that somebody else changed meanwhile."""
    edited = app.records.editing.edit(
        case_record_id, body.fields, asker, version=body.version, seen=body.seen
    )
    return _edited(edited)


@router.post("/case-records/{case_record_id}/numbers", status_code=201)
def add_number(app: TheApp, asker: CaseWriter, case_record_id: UUID, body: NewNumber) -> EditedShown:
    """One more number of the person."""
    editing = app.records.editing
    return _edited(editing.add_number(case_record_id, body.number, asker, chosen=body.chosen))


@router.put("/case-records/{case_record_id}/numbers/{position}")
def mark_number(
    app: TheApp,
    asker: CaseWriter,
    case_record_id: UUID,
    position: Annotated[int, InPath(ge=0, le=100)],
    body: NumberMark,
) -> EditedShown:
    """Say that a number does not lead to the person, or does again."""
    return _edited(app.records.editing.mark_number(case_record_id, position, asker, bad=body.bad))


@router.post("/case-records/{case_record_id}/conversion")
def convert_record(app: TheApp, asker: CaseWriter, case_record_id: UUID, body: Conversion) -> EditedShown:
    """A contact tested positive: they jump class, with 24 hours from the result."""
    editing = app.records.editing
    return _edited(editing.convert(case_record_id, body.result_at, asker, version=body.version))


@router.post("/case-records/{case_record_id}/closing", status_code=204)
def close_record(app: TheApp, asker: CaseWriter, case_record_id: UUID, body: Closing) -> None:
    """End a record by an outcome that no call brought."""
    app.records.closing.close(case_record_id, body.outcome, asker)


@router.post("/case-records/{case_record_id}/sick-leave", status_code=204)
def ask_for_sick_leave(app: TheApp, asker: CaseWriter, case_record_id: UUID) -> None:
    """The person needs a sick-leave certificate."""
    app.records.closing.ask_for_sick_leave(case_record_id, asker)


@router.post("/case-records/{case_record_id}/listing", status_code=204)
def put_back_on_list(app: TheApp, asker: CaseWriter, case_record_id: UUID, body: PutBack) -> None:
    """On the call list again, now or at an agreed moment."""
    app.records.closing.put_back(case_record_id, asker, at=body.at)


@router.post("/case-records/{case_record_id}/handover", status_code=204)
def hand_record_over(app: TheApp, asker: CaseWriter, case_record_id: UUID, body: HandOver) -> None:
    """Give the person and all that is theirs to another platform; supervisors only."""
    app.records.closing.hand_over(case_record_id, body.platform, body.reason, asker)


@router.post("/case-records/{case_record_id}/erasure", status_code=204)
def erase_person(app: TheApp, asker: CaseWriter, case_record_id: UUID, body: Erasing) -> None:
    """Erase the person for good, in merged records too; supervisors only."""
    asker.need(Scope.CALLS_SUPERVISE)
    if body.confirm != ERASE:
        raise InvalidInput("Write ERASE to confirm.", field="confirm")
    app.records.closing.erase(case_record_id, body.because, asker)


@router.get("/case-records/{case_record_id}/merging/{other}")
def preview_merging(app: TheApp, asker: CaseWriter, case_record_id: UUID, other: UUID) -> MergeShown:
    """What has to be chosen when two records of one person become one."""
    return MergeShown.of(app.records.merging.preview(case_record_id, other, asker))


@router.post("/case-records/{case_record_id}/merging", status_code=204)
def merge_records(app: TheApp, asker: CaseWriter, case_record_id: UUID, body: Merging) -> None:
    """This record stands for both from now on."""
    app.records.merging.merge(
        case_record_id, body.other, asker, from_other=frozenset(body.from_other), version=body.version
    )


@router.post("/case-records/{case_record_id}/splitting")
def split_record(app: TheApp, asker: CaseWriter, case_record_id: UUID) -> SplitShown:
    """Take back the merge by which this record was merged away: both have their own again."""
    return SplitShown(kept=app.records.splitting.split(case_record_id, asker))


def _edited(edited: Edited) -> EditedShown:
    return EditedShown.model_validate(edited)
