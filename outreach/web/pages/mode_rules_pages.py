"""A platform's own rules of each mode: what holds, what held before, and a change with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.load_shedding import TEXTED_ANYWAY, ContactGroup, Mode, ScriptLength
from outreach.domain.roles import Scope
from outreach.errors import Conflict, InvalidInput, OutreachError
from outreach.services.access import Asker
from outreach.services.mode_rules import RuleChange
from outreach.web.access import TheApp
from outreach.web.pages.access import PageModeReader, PageModeSwitcher, platform_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.words import N_
from outreach.web.problems import status_of

router = page_router("/mode/rules")
Code = Annotated[str, Query(max_length=20)]
TypedCode = Annotated[str, Form(max_length=20)]
Tries = Annotated[str, Form(max_length=10)]


@dataclass(frozen=True)
class TypedRule:
    """The form of one mode, as it came."""

    script: ScriptLength
    contact_tries: str
    misses_before_sms: str
    texts: frozenset[ContactGroup]
    reason: str
    version: int

    def change(self) -> RuleChange:
        """Raises InvalidInput."""
        return RuleChange(
            self.script,
            _tries(self.contact_tries, "contact_tries"),
            _tries(self.misses_before_sms, "misses_before_sms"),
            self.texts,
            self.reason,
            self.version,
        )


def _tries(typed: str, field: str) -> int:
    if not (typed.strip().isascii() and typed.strip().isdigit()):
        raise InvalidInput(N_("This is not a number of tries."), field=field, mend=N_("write 1 to 10"))
    return int(typed)


@router.get("")
def show(request: Request, app: TheApp, asker: PageModeReader, platform: Code = "") -> Response:
    """What each mode does here."""
    return _page(request, app, asker, platform_of(asker, platform))


@router.post("/{mode}")
def change(
    request: Request,
    app: TheApp,
    asker: PageModeSwitcher,
    mode: Mode,
    script: Annotated[ScriptLength, Form()],
    contact_tries: Tries,
    misses_before_sms: Tries,
    version: Annotated[int, Form()],
    texts: Annotated[list[ContactGroup] | None, Form()] = None,
    reason: Annotated[str, Form(max_length=500)] = "",
    platform: TypedCode = "",
) -> Response:
    """A new version of the platform's copy."""
    code = platform_of(asker, platform)
    typed = TypedRule(script, contact_tries, misses_before_sms, frozenset(texts or ()), reason, version)
    try:
        app.modes.rules.change(code, mode, typed.change(), author_id=asker.user_id)
    except (InvalidInput, Conflict) as error:
        return _page(request, app, asker, code, error=error, mode=mode, typed=typed)
    return go(f"/mode/rules?platform={code}#{mode.value}")


def _page(
    request: Request,
    app: App,
    asker: Asker,
    platform: str,
    *,
    error: OutreachError | None = None,
    mode: Mode | None = None,
    typed: TypedRule | None = None,
) -> Response:
    rules = app.modes.rules.show(platform)
    return draw(
        request,
        asker,
        "mode/rules.html",
        status=HTTPStatus.OK if error is None else status_of(error),
        rules=rules,
        versions={each.rule.mode: app.modes.rules.versions(platform, each.rule.mode) for each in rules},
        calls_everybody=TEXTED_ANYWAY,
        groups=list(ContactGroup),
        platform=app.modes.territories.platform(platform),
        platforms=asker.platforms,
        may_change=Scope.MODES_WRITE in asker.scopes,
        error=error,
        wrong_mode=mode,
        typed=typed,
    )
