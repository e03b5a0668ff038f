"""Texts, their versions and durations as the JSON API shows and takes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from outreach.domain.case_records import CaseKind
from outreach.domain.dated_parameters import DatedValue
from outreach.domain.sample_people import Sample
from outreach.domain.scripts import Audience, Channel, RenderedText, ScriptState, VariableKind
from outreach.domain.sms_text import Accents
from outreach.domain.text_rules import Finding, Severity
from outreach.services.script_reading import Changes, TextInForce, VersionState
from outreach.services.scripts import ScriptText

Language = Annotated[str, Field(min_length=2, max_length=3, pattern="^[a-z]+$")]
Code = Annotated[str, Field(max_length=20)]
Body = Annotated[str, Field(min_length=1, max_length=40_000)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Values = Annotated[dict[str, Annotated[str, Field(max_length=500)]], Field(max_length=50)]


class TextVariable(BaseModel):
    """`choices`: of a choice only."""

    name: str
    type: VariableKind
    choices: list[str]


class Coming(BaseModel):
    """A version that will take effect."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    language: str
    platform: str
    number: int
    effective_from: datetime


class Text(BaseModel):
    """One text of the catalog. `languages`: the version of each that counts now.

    `own`: languages in which the platform has a text of its own; `missing`: those in which French is read;
    `drafts`: those in which a version takes no effect yet.
    """

    name: str
    purpose: str
    audience: Audience
    channel: Channel
    most_segments: int
    variables: list[TextVariable]
    languages: dict[str, int]
    own: list[str]
    missing: list[str]
    drafts: list[str]
    scheduled: list[Coming]

    @classmethod
    def of(cls, text: TextInForce) -> Text:
        entry = text.entry
        return cls(
            name=entry.name,
            purpose=entry.purpose,
            audience=entry.audience,
            channel=entry.channel,
            most_segments=entry.most_segments,
            variables=[
                TextVariable(name=each.name, type=each.kind, choices=list(each.choices))
                for each in entry.variables.values()
            ],
            languages=dict(text.versions),
            own=sorted(text.own),
            missing=list(text.missing),
            drafts=sorted({each.language for each in text.drafts}),
            scheduled=[Coming.model_validate(each) for each in text.scheduled],
        )


class TextRead(BaseModel):
    """A text as it counts now. `language` may be French where the one asked for has none."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    language: str
    number: int
    body: str


class TextToJudge(BaseModel):
    """`platform` '': for all platforms without a text of their own."""

    language: Language
    body: Body
    platform: Code = ""


class TextToDraft(TextToJudge):
    reason: Reason


class TextToTry(BaseModel):
    """`body` null: the text in force. `values` take the place of the sample person's, by variable."""

    language: Language
    platform: Code
    sample: Sample = Sample.LONGEST
    body: Body | None = None
    values: Values = {}
    at: AwareDatetime | None = None


class SampleShown(BaseModel):
    """Somebody invented. `kind` null: either; `can_sms`: whether an SMS would reach them."""

    sample: Sample
    kind: CaseKind | None
    language: str
    can_sms: bool
    values: dict[str, str]


class Tried(BaseModel):
    """What the text says, and what an SMS of it costs: the setting's price, in euros.

    `written`: before its characters were replaced by those that an SMS has room for.
    """

    text: str
    language: str
    version: int
    segments: int
    parameters: dict[str, int]
    cost: float
    written: str

    @classmethod
    def of(cls, made: RenderedText, price: float) -> Tried:
        return cls(
            text=made.text,
            language=made.language,
            version=made.version,
            segments=made.segments,
            parameters=dict(made.parameters),
            cost=round(made.segments * price, 4),
            written=made.written,
        )


class ToMend(BaseModel):
    """An ERROR keeps a version from taking effect; ADVICE does not."""

    rule: str
    line: int
    sentence: str
    mend: str
    severity: Severity

    @classmethod
    def of(cls, finding: Finding) -> ToMend:
        return cls(**vars(finding))


class Version(BaseModel):
    """`author_id` null: it came with the program, or from the command line."""

    id: UUID
    name: str
    language: str
    platform: str
    number: int
    state: ScriptState
    body: str
    reason: str
    author_id: UUID | None
    author: str
    created_at: datetime
    effective_from: datetime | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, kept: VersionState) -> Version:
        facts = {name: value for name, value in vars(kept.version).items() if name in cls.model_fields}
        return cls(**facts, state=kept.state, author=kept.author)


class Drafted(BaseModel):
    """The draft, and what is to be mended before it may take effect."""

    version: Version
    to_mend: list[ToMend]


class Schedule(BaseModel):
    """`replaces`: the version you saw in force; 409 `text_changed` when another counts by then."""

    effective_from: AwareDatetime
    replaces: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class Activation(BaseModel):
    """`replaces`: as for a schedule."""

    replaces: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class ShownWords(BaseModel):
    """A stretch of a line; `changed`: the other version does not have it."""

    model_config = ConfigDict(from_attributes=True)

    text: str
    changed: bool


class ShownRow(BaseModel):
    """A line of the old version beside one of the new; null where there is none on that side."""

    model_config = ConfigDict(from_attributes=True)

    old: list[ShownWords] | None
    new: list[ShownWords] | None
    old_line: int | None
    new_line: int | None


class Diff(BaseModel):
    """A unified diff, and the same beside each other, word by word."""

    diff: str
    rows: list[ShownRow]


class DatedNumber(BaseModel):
    """A duration from a day on. `id` null: it came with the program; `reason` is then its source."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID | None
    name: str
    country: str
    value: int
    effective_from: date
    reason: str
    author_id: UUID | None
    created_at: datetime | None
    withdrawn_at: datetime | None


class NumberToSet(BaseModel):
    """`country`: two letters. `reason`: the decision that sets the value."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    value: int
    effective_from: date
    reason: Reason


class Parameters(BaseModel):
    """`today`: what counts now; `values`: all that were given, oldest first."""

    today: dict[str, int]
    values: list[DatedNumber]

    @classmethod
    def of(cls, read: tuple[dict[str, int], list[DatedValue]]) -> Parameters:
        return cls(today=read[0], values=[DatedNumber.model_validate(each) for each in read[1]])


class Change(BaseModel):
    """`what`: TOOK_EFFECT or WITHDRAWN; `diff`: against what was in force just before."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    language: str
    platform: str
    number: int
    what: str
    at: datetime
    reason: str
    diff: str


class WhatChanged(BaseModel):
    """`since`: the moment asked for, or when you last worked."""

    since: datetime
    texts: list[Change]
    parameters: list[DatedNumber]

    @classmethod
    def of(cls, changes: Changes) -> WhatChanged:
        return cls(
            since=changes.since,
            texts=[Change.model_validate(each) for each in changes.texts],
            parameters=[DatedNumber.model_validate(each) for each in changes.parameters],
        )


class AccentChoice(BaseModel):
    """KEEP ç ê ô in SMS, which are then UCS-2, or REPLACE them by c e o."""

    accents: Accents


def read_text(text: ScriptText) -> TextRead:
    return TextRead.model_validate(text)
