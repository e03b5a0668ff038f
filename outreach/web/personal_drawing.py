"""Draws personal pages: small, without JavaScript, every value escaped, under the strictest policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from outreach.domain.conversations import PageAnswer
from outreach.domain.phone_numbers import spaced
from outreach.services.personal_page import LONGEST_QUESTION, PageView
from outreach.web.personal_words import FIRST, WORDS, Words, typeset, words_in


def _set(value: object) -> object:
    return typeset(value) if type(value) is str else value  # our own style is Markup, and stays as it is


_environment = Environment(
    loader=PackageLoader("outreach.web"), autoescape=True, undefined=StrictUndefined, finalize=_set
)
_page = _environment.get_template("personal/page.html")
_gone = _environment.get_template("personal/gone.html")
_STYLE = _environment.get_template("personal/page.css").render().strip()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

# "data:" is for the icon that the page does not have: browsers would ask the host for one.
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self' data:; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@dataclass(frozen=True)
class Block:
    """A piece of the advice: a heading, a list, or a paragraph."""

    kind: str
    lines: list[str]


def blocks_of(text: str) -> list[Block]:
    """The advice as the catalog writes it: "## heading", "- item", paragraphs between empty lines."""
    return [Block(kind, lines) for kind, lines in _grouped(text) if kind]


def _grouped(text: str) -> Iterator[tuple[str, list[str]]]:
    lines = [line.strip() for line in text.splitlines()]
    for kind, group in groupby(lines, key=_kind):
        if kind == "heading":
            yield from ((kind, [line.removeprefix("## ")]) for line in group)
        else:
            yield kind, [line.removeprefix("- ") for line in group]


def _kind(line: str) -> str:
    if line.startswith("## "):
        return "heading"
    if line.startswith("- "):
        return "list"
    return "paragraph" if line else ""


def page(view: PageView, *, here: str, sender: str, problem: str = "", status: int = 200) -> HTMLResponse:
    """The page of a link. `here`: its own path; `sender`: the word that says who speaks."""
    code, words = words_in(view.language)
    drawn = _page.render(
        view=view,
        language=code,
        words=words,
        languages={each: WORDS[each].name for each in WORDS},
        style=_style(),
        number=spaced(view.outreach_number),
        sender=sender,
        here=here,
        problem=problem,
        done=_done(view, code, words),
        advice=blocks_of(view.advice),
        times=[(moment.isoformat(), _told(moment, code, words)) for moment in view.times],
        longest=LONGEST_QUESTION,
    )
    return HTMLResponse(drawn, status, headers=HEADERS)


def gone(language: str, *, number: str) -> HTMLResponse:
    """The same for every link that is not valid: no word of whether it ever was."""
    told = {code: (words.gone_title, words.gone) for code, words in WORDS.items()}
    return _apology(told, language, 404, number=number)


def wait(language: str, *, seconds: int) -> HTMLResponse:
    """Too many requests."""
    told = {code: (words.wait_title, words.wait) for code, words in WORDS.items()}
    answer = _apology(told, language, 429, number="")
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _apology(told: Mapping[str, tuple[str, str]], language: str, status: int, *, number: str) -> HTMLResponse:
    first = language if language in told else FIRST
    ordered = {first: told[first], **told}
    drawn = _gone.render(told=ordered, language=first, number=number, shown=spaced(number), style=_style())
    return HTMLResponse(drawn, status, headers=HEADERS)


def _style() -> Markup:
    return Markup(_STYLE)  # noqa: S704 - our own file, told by its hash in the policy


def _done(view: PageView, code: str, words: Words) -> dict[str, object]:
    """What was answered here before, as the page tells it."""
    answers = view.answers
    return {
        "read": PageAnswer.READ in answers,
        "call": _call_done(view, code, words) if PageAnswer.CALL in answers else "",
        "question": PageAnswer.QUESTION in answers,
        "wrong": PageAnswer.WRONG_PERSON in answers,
    }


def _call_done(view: PageView, code: str, words: Words) -> str:
    at = view.answers[PageAnswer.CALL]
    if at is None:
        return words.call_soon_done
    local = at.astimezone(ZoneInfo(view.time_zone))
    return words.call_agreed.format(day=_day(local, code, words), hour=_hour(local, code, words))


def _told(moment: datetime, code: str, words: Words) -> str:
    return f"{_day(moment, code, words)}, {_hour(moment, code, words)}"


def _day(moment: datetime, code: str, words: Words) -> str:
    return format_date(moment, words.day, locale=code)


def _hour(moment: datetime, code: str, words: Words) -> str:
    return format_time(moment, words.hour, tzinfo=moment.tzinfo, locale=code).removesuffix(" 00")
