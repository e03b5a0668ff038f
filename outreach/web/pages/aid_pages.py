"""The mutual aid page: lend, take back, what is lent to us, and who called for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Form, Query, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.call_list import CallClass, Queue
from outreach.domain.mutual_aid import LENDABLE, LENDABLE_QUEUES, LoanSide, LoanTerms
from outreach.domain.roles import Scope
from outreach.errors import Conflict, InvalidInput, NotFound, OutreachError
from outreach.services.access import Asker
from outreach.storage import journal
from outreach.storage.mutual_aid_store import LoansAsked
from outreach.web.access import TheApp
from outreach.web.mutual_aid_routes import loan_after, pair_after, pair_key
from outreach.web.pages.access import PageFigureReader, PageModeSwitcher, platform_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.labels import LABELS
from outreach.web.pages.mode_forms import moment_of
from outreach.web.pages.words import N_
from outreach.web.paging import Cursor, next_mark
from outreach.web.problems import status_of

router = page_router("/aid")
Code = Annotated[str, Query(max_length=20)]
Text = Annotated[str, Form(max_length=500)]
HELP_DAYS = 7
SHOWN = 20
OVER = {"": None, "no": False, "yes": True}
USUAL_CLASSES = frozenset(
    each.value
    for each in (CallClass.POSITIVE, CallClass.HOUSEHOLD, CallClass.COLLECTIVE_SETTING, CallClass.CONTACT)
)


@dataclass(frozen=True)
class LoanForm:
    """As typed. `by`: share, in percent, or amount of people; `size`: of either."""

    helper: str = ""
    by: str = "share"
    size: str = ""
    most: str = ""
    classes: frozenset[int] = USUAL_CLASSES
    queues: frozenset[Queue] = frozenset({Queue.AGENTS})
    languages: frozenset[str] = frozenset()
    ends_at: str = ""
    reason: str = ""

    def terms(self, owner: str, now: datetime, zone: str) -> LoanTerms:
        """Raises InvalidInput."""
        by_share = self.by == "share"
        size = _whole(self.size, "share" if by_share else "amount")
        return LoanTerms(
            owner=owner,
            helper=self.helper,
            share=size if by_share else None,
            amount=None if by_share else size,
            most=_whole(self.most, "most"),
            call_classes=frozenset(each for each in LENDABLE if each.value in self.classes),
            queues=self.queues,
            languages=self.languages,
            starts_at=now,
            ends_at=moment_of(self.ends_at, zone, "ends_at"),
            reason=self.reason,
        )


def loan_form(
    helper: Text = "",
    by: Text = "share",
    size: Text = "",
    most: Text = "",
    classes: Annotated[list[int] | None, Form()] = None,
    queues: Annotated[list[Queue] | None, Form()] = None,
    languages: Annotated[list[str] | None, Form()] = None,
    ends_at: Text = "",
    reason: Text = "",
) -> LoanForm:
    """The fields of the request."""
    chosen = (frozenset(classes or ()), frozenset(queues or ()), frozenset(languages or ()))
    return LoanForm(helper, by, size, most, *chosen, ends_at, reason)


@dataclass(frozen=True)
class Wanted:
    """What the address says of the two lists; `cursor` is of the loans, `help` of who called for whom."""

    side: str = ""
    over: str = ""
    cursor: str = ""
    help: str = ""

    @property
    def asked(self) -> LoansAsked:
        """Raises InvalidInput for a mark that is not ours."""
        side = LoanSide(self.side) if self.side in set(LoanSide) else None
        return LoansAsked(side, OVER.get(self.over), loan_after(self.cursor))


FIRST = Wanted()


def wanted(side: Code = "", over: Code = "", cursor: Cursor = "", help: Cursor = "") -> Wanted:
    """From the address; words that the form does not have filter nothing."""
    return Wanted(side if side in set(LoanSide) else "", over if over in OVER else "", cursor, help)


WantedNow = Annotated[Wanted, Depends(wanted)]


@router.get("")
def show(
    request: Request, app: TheApp, asker: PageFigureReader, wanted: WantedNow, platform: Code = ""
) -> Response:
    """What the platform lends and is lent."""
    return _page(request, app, asker, platform_of(asker, platform), wanted)


@router.post("/lend")
def lend(
    request: Request,
    app: TheApp,
    asker: PageModeSwitcher,
    typed: Annotated[LoanForm, Depends(loan_form)],
    platform: Text = "",
) -> Response:
    """Another platform's agents may take entries of this one too."""
    code = platform_of(asker, platform)
    zone = app.modes.territories.platform(code).time_zone
    try:
        terms = typed.terms(code, app.clock.now(), zone)
        app.steering.mutual_aid.lend(terms, author_id=asker.user_id, actor=journal.by_user(asker.user_id))
    except (InvalidInput, Conflict, NotFound) as error:
        return _page(request, app, asker, code, error=error, typed=typed)
    return go(f"/aid?platform={code}")


@router.post("/loans/{number}/take-back")
def take_back(app: TheApp, asker: PageModeSwitcher, number: int, platform: Text = "") -> Response:
    """End a loan now."""
    actor = journal.by_user(asker.user_id)
    app.steering.mutual_aid.take_back(number, platforms=asker.platforms, actor=actor)
    return go(f"/aid?platform={platform_of(asker, platform)}")


def help_span(app: App) -> tuple[datetime, datetime]:
    """The days of which the page says who called for whom."""
    now = app.clock.now()
    return now - timedelta(days=HELP_DAYS), now


def _whole(text: str, field: str) -> int:
    written = text.strip().rstrip("%").strip()
    if not (written.isascii() and written.isdigit() and len(written) < 7):
        raise InvalidInput(N_("This is not a whole number."), field=field, mend=N_("write digits only"))
    return int(written)


def _page(
    request: Request,
    app: App,
    asker: Asker,
    platform: str,
    wanted: Wanted = FIRST,
    *,
    error: OutreachError | None = None,
    typed: LoanForm | None = None,
) -> Response:
    since, now = help_span(app)
    aid = app.steering.mutual_aid
    loans = aid.loans([platform], wanted.asked, most=SHOWN + 1)
    given = aid.help_given([platform], since, now, after=pair_after(wanted.help), most=SHOWN + 1)
    places = app.modes.territories.every_platform()
    return draw(
        request,
        asker,
        "aid/aid.html",
        status=HTTPStatus.OK if error is None else status_of(error),
        platform=next(each for each in places if each.code == platform),
        others=[each for each in places if each.code != platform],
        names={each.code: each.name for each in places},
        loans=loans[:SHOWN],
        next=next_mark(loans, SHOWN, lambda loan: str(loan.number)),
        asked={"platform": platform, "side": wanted.side, "over": wanted.over},
        cursor=wanted.cursor,
        sides=list(LoanSide),
        help=given[:SHOWN],
        help_next=next_mark(given, SHOWN, pair_key),
        help_cursor=wanted.help,
        days=HELP_DAYS,
        classes=sorted(LENDABLE),
        queues=sorted(LENDABLE_QUEUES - {Queue.SEARCH}),
        spoken_ones=sorted(LABELS["language"]),
        may_lend=Scope.MODES_WRITE in asker.scopes,
        error=error,
        typed=typed or LoanForm(),
    )
