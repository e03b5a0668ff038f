"""What Jinja says of a text it cannot read, as a mistake of ours: its own words are for programmers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from jinja2.exceptions import TemplateSyntaxError

from outreach.rendering.mistakes import Mistake, Refusal

Found = re.Match[str]
_INNER = frozenset({"elif", "else", "endif", "endfor"})


def refusal_of(error: TemplateSyntaxError) -> Refusal:
    """The line it tells, and the first mistake that its message shows."""
    message = error.message or ""
    for pattern, told in _MESSAGES:
        if found := pattern.search(message):
            mistake = told if isinstance(told, Mistake) else told(found)
            values = {name: value for name, value in found.groupdict().items() if value is not None}
            return Refusal(error.lineno, mistake, values)
    return Refusal(error.lineno, Mistake.UNREADABLE)


def _unknown(found: Found) -> Mistake:
    """A tag that may stand elsewhere is not unknown."""
    return Mistake.STRAY_TAG if found["tag"] in _INNER else Mistake.UNKNOWN_TAG


def _crossed(found: Found) -> Mistake:
    return Mistake.CROSSED_TAG if found["tag"] in _INNER else Mistake.UNKNOWN_TAG


def _sign(found: Found) -> Mistake:
    return Mistake.QUOTE_OPEN if found["sign"] in "'\"" else Mistake.ODD_SIGN


_SHOWN_END, _TAG_END = "'end of print statement'", "'end of statement block'"
_TOLD: Mapping[str, Mistake | Callable[[Found], Mistake]] = {
    r"^Unexpected end of template.*closed is '(?P<tag>\w+)'": Mistake.BLOCK_OPEN,
    r"unknown tag '(?P<tag>\w+)'.*closed is '(?P<open>\w+)'": _crossed,
    r"unknown tag '(?P<tag>\w+)'": _unknown,
    rf"end of template, expected {_SHOWN_END}": Mistake.SHOWN_OPEN,
    r"end of template, expected": Mistake.TAG_OPEN,
    r"Missing end of comment": Mistake.COMMENT_OPEN,
    r"Missing end of raw": Mistake.RAW,
    r"tag name expected": Mistake.NAMELESS_TAG,
    rf"expected token {_TAG_END}, got '='": Mistake.ONE_EQUALS,
    rf"expected token {_TAG_END}": Mistake.TOO_MUCH_IN_TAG,
    rf"expected token {_SHOWN_END}": Mistake.TOO_MUCH_SHOWN,
    r"expected token 'in'": Mistake.NO_LIST,
    r"expected token 'name'|expected name or number": Mistake.NO_NAME,
    rf"(got|unexpected) {_SHOWN_END}": Mistake.EMPTY_SHOWN,
    rf"(got|unexpected) {_TAG_END}": Mistake.EMPTY_TAG,
    r"unexpected char ['\"](?P<sign>.)['\"]": _sign,
    r"unexpected '[\])}]'": Mistake.BRACKET_OPEN,
    r"unexpected '(?P<sign>[^'\w]+)'": Mistake.ODD_SIGN,
}
_MESSAGES = [(re.compile(pattern, re.DOTALL), told) for pattern, told in _TOLD.items()]
