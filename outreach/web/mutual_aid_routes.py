"""Mutual aid over HTTP: lend, take back, who helped whom."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from outreach.domain.call_list import CallClass, Queue
from outreach.domain.mutual_aid import MOST_IN_REACH, LoanSide, LoanTerms
from outreach.storage import journal
from outreach.storage.mutual_aid_store import HelpGiven, LoansAsked, StoredLoan
from outreach.web.access import FigureReader, ModeSwitcher, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, as_word, number_after, page_of, place_after

router = APIRouter(prefix="/api/v1", tags=["mutual aid"], route_class=ApiRoute)
PlatformCode = Annotated[str, Path(min_length=1, max_length=20)]
Code = Annotated[str, Field(min_length=1, max_length=20)]
Language = Annotated[str, Field(min_length=2, max_length=10)]
Count = Annotated[int, Field(ge=1, le=MOST_IN_REACH)]
OverWanted = Annotated[bool | None, Query(description="Only those over, or only those that are not.")]
Number = Annotated[int, Path(ge=1, le=2_147_483_647)]


class NewLoan(BaseModel):
    """`share`, in percent of those who wait, or `amount` of entries in all; `most` at one time.

    `queues` are the skills asked for; no `languages`: every one that the helper speaks.
    """

    helper: Code
    share: Annotated[int, Field(ge=1, le=100)] | None = None
    amount: Count | None = None
    most: Count
    call_classes: Annotated[list[CallClass], Field(min_length=1, max_length=8)]
    queues: Annotated[list[Queue], Field(min_length=1, max_length=6)] = [Queue.AGENTS]
    languages: Annotated[list[Language], Field(max_length=20)] = []
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Loan(BaseModel):
    """`in_reach`: entries the helper may take now; `lent`: ever."""

    number: int
    owner: str
    helper: str
    share: int | None
    amount: int | None
    most: int
    call_classes: list[int]
    queues: list[str]
    languages: list[str]
    starts_at: datetime
    ends_at: datetime
    reason: str
    lent: int
    in_reach: int
    taken_back_at: datetime | None

    @classmethod
    def of(cls, loan: StoredLoan) -> Loan:
        terms = loan.terms
        return cls(
            number=loan.number,
            owner=terms.owner,
            helper=terms.helper,
            share=terms.share,
            amount=terms.amount,
            most=terms.most,
            call_classes=sorted(int(each) for each in terms.call_classes),
            queues=sorted(terms.queues),
            languages=sorted(terms.languages),
            starts_at=terms.starts_at,
            ends_at=terms.ends_at,
            reason=terms.reason,
            lent=loan.lent,
            in_reach=loan.in_reach,
            taken_back_at=loan.taken_back_at,
        )


class Help(BaseModel):
    """Calls that a helper's agents made for an owner."""

    model_config = ConfigDict(from_attributes=True)

    owner: str
    helper: str
    agents: int
    calls: int
    reached: int
    seconds: int


@router.post("/platforms/{platform}/loans", status_code=201)
def lend(app: TheApp, asker: ModeSwitcher, platform: PlatformCode, body: NewLoan) -> Loan:
    """Let another platform's agents take entries of this one too, until an end."""
    asker.need_platform(platform)
    terms = LoanTerms(
        owner=platform,
        helper=body.helper,
        share=body.share,
        amount=body.amount,
        most=body.most,
        call_classes=frozenset(body.call_classes),
        queues=frozenset(body.queues),
        languages=frozenset(body.languages),
        starts_at=body.starts_at or app.clock.now(),
        ends_at=body.ends_at,
        reason=body.reason,
    )
    actor = journal.by_user(asker.user_id)
    return Loan.of(app.steering.mutual_aid.lend(terms, author_id=asker.user_id, actor=actor))


@router.get("/platforms/{platform}/loans")
def list_loans(
    app: TheApp,
    asker: FigureReader,
    platform: PlatformCode,
    side: LoanSide | None = None,
    over: OverWanted = None,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[Loan]:
    """What the platform lends and is lent, newest first."""
    asker.need_platform(platform)
    asked = LoansAsked(side, over, loan_after(cursor))
    found = app.steering.mutual_aid.loans([platform], asked, most=limit + 1)
    return page_of(found, limit, shown=Loan.of, key=lambda loan: str(loan.number))


@router.post("/loans/{number}/take-back")
def take_back(app: TheApp, asker: ModeSwitcher, number: Number) -> Loan:
    """End a loan now, by its owner or its helper; calls in hand go on."""
    actor = journal.by_user(asker.user_id)
    return Loan.of(app.steering.mutual_aid.take_back(number, platforms=asker.platforms, actor=actor))


@router.get("/platforms/{platform}/help")
def view_help(
    app: TheApp,
    asker: FigureReader,
    platform: PlatformCode,
    since: Annotated[AwareDatetime, Query()],
    until: Annotated[AwareDatetime, Query()],
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[Help]:
    """Calls given and received, by owner and helper."""
    asker.need_platform(platform)
    aid, place = app.steering.mutual_aid, pair_after(cursor)
    found = aid.help_given([platform], since, until, after=place, most=limit + 1)
    return page_of(found, limit, shown=Help.model_validate, key=pair_key)


def loan_after(cursor: str) -> int | None:
    """Where a page of loans begins. Raises InvalidInput."""
    return number_after(cursor, below=2**31)


def pair_after(cursor: str) -> tuple[str, str] | None:
    """Where a page of owners and helpers begins. Raises InvalidInput."""
    return place_after(cursor, _pair)


def pair_key(given: HelpGiven) -> str:
    """What the mark of a page of owners and helpers stands for."""
    return f"{given.owner} {given.helper}"


def _pair(key: str) -> tuple[str, str]:
    owner, helper = key.split(" ")
    return as_word(owner), as_word(helper)
