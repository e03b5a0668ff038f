"""Draws pages: the templates' surroundings, and the headers every page is sent with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Undefined,
)
from jinja2.utils import missing
from starlette.requests import Request
from starlette.responses import HTMLResponse

from outreach.bootstrap import App
from outreach.services.access import Asker
from outreach.web.pages.filters import FILTERS
from outreach.web.pages.labels import label
from outreach.web.pages.navigation import Link, links_for
from outreach.web.pages.packing import Packed, may_be_packed
from outreach.web.pages.platform_names import PlatformNames
from outreach.web.pages.sentences import told
from outreach.web.pages.static_files import STATIC
from outreach.web.pages.words import (
    LANGUAGES,
    counted,
    language_asked,
    speaking,
    spoken,
    translated,
)

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
LANGUAGE_COOKIE = "outreach-language"


class PageUndefined(Undefined):
    """Strict about a page's own names; a field left out of what a component is given is just empty."""

    __slots__ = ()

    def __new__(
        cls,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[Exception] = TypeError,
    ) -> Any:
        lenient = isinstance(obj, (dict, Undefined)) or (hint or "").startswith("No caller defined")
        return (ChainableUndefined if lenient else StrictUndefined)(hint, obj, name)


def _environment() -> Environment:
    made = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("outreach.web"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        undefined=PageUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_callables(translated, counted)  # type: ignore[attr-defined]
    made.policies["ext.i18n.trimmed"] = True
    # Plain: the extension's own asks for the context, which Jinja copies at each call within a loop.
    made.globals["_"] = translated
    made.filters.update(FILTERS, told=told)
    made.globals.update(undefined=ChainableUndefined(), null=None)  # words of govuk-frontend's macros
    made.globals.update(label=label, static=STATIC.address, languages=LANGUAGES, spoken=spoken)
    return made


ENVIRONMENT = _environment()


@dataclass(frozen=True)
class Frame:
    """What stands around a page. `here`: its own address, for the buttons that change language."""

    asker: Asker | None
    links: list[Link]
    here: str
    demo: bool
    names: PlatformNames

    def named(self, platform: str) -> str:
        return self.names.named(platform)

    def listed(self, platform: str) -> str:
        return self.names.listed(platform)


def language_of(request: Request) -> str:
    """The person's choice, else what the browser asks for."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else language_asked(request.headers.get("accept-language", ""))


def headers_with(**more: str) -> dict[str, str]:
    """The headers of a page; `more` adds sources to a directive: connect_src="wss://…"."""
    added = {name.replace("_", "-"): value for name, value in more.items()}
    policy = [f"{name} {value} {added.get(name, '')}".strip() for name, value in POLICY.items()]
    # Without a referrer at all, browsers would send forms with "Origin: null".
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def draw(
    request: Request,
    asker: Asker | None,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A page or a part of one; `template` lies under templates/pages."""
    page = Packed(drawn(request, asker, template, **values).encode())
    return page.answer(may_be_packed(request), {**headers_with(), **(headers or {})}, status)


def drawn(request: Request, asker: Asker | None, template: str, **values: Any) -> str:
    """The text of a page or of a part of one."""
    app: App = request.app.state.outreach
    names = PlatformNames(app.modes.territories)
    with speaking(language_of(request), template.partition("/")[0]):
        return ENVIRONMENT.get_template(f"pages/{template}").render(
            frame=Frame(asker, links_for(asker, request.url.path), _here(request), _is_demo(app), names),
            now=values.pop("now", None) or app.clock.now(),
            **values,
        )


def _here(request: Request) -> str:
    """Where one is, with the filter of a list; what a form posted is not asked again."""
    asked = request.url.query if request.method == "GET" else ""
    return f"{request.url.path}?{asked}" if asked else request.url.path


def draw_failure(request_id: str) -> HTMLResponse:
    """A fault of ours, for people: in both languages, since nothing is sure any more."""
    drawn = ENVIRONMENT.get_template("pages/frame/failed.html").render(request_id=request_id)
    return HTMLResponse(drawn, HTTPStatus.INTERNAL_SERVER_ERROR, headers=headers_with())


def _is_demo(app: App) -> bool:
    return bool(getattr(app.settings, "demo", False))
