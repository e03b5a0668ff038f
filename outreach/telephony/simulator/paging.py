"""Pages of a list as the provider's API writes them, with relative addresses of the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from outreach.telephony.simulator.asgi import ApiError, Form

_LARGEST_PAGE = 1000
_USUAL_PAGE = 50

T = TypeVar("T")


class Paging:
    """One list request: which page of which size, and how its neighbours are addressed."""

    def __init__(self, path: str, filters: str, query: Form) -> None:
        self._path = path
        self._filters = filters
        self._size = _whole(query.one("PageSize", str(_USUAL_PAGE)), least=1)
        if self._size > _LARGEST_PAGE:
            raise ApiError(400, 20006, f"Page size must be at most {_LARGEST_PAGE}")
        self._number = _whole(query.one("Page", "0"), least=0)

    def page(
        self, name: str, found: Sequence[T], as_json: Callable[[T], dict[str, object]]
    ) -> dict[str, object]:
        """The page asked for, under `name`."""
        start = self._number * self._size
        shown = found[start : start + self._size]
        more = start + self._size < len(found)
        return {
            name: [as_json(entry) for entry in shown],
            "end": start + max(0, len(shown) - 1),
            "first_page_uri": self._uri(0),
            "next_page_uri": self._uri(self._number + 1) if more else None,
            "page": self._number,
            "page_size": self._size,
            "previous_page_uri": self._uri(self._number - 1) if self._number else None,
            "start": start,
            "uri": self._uri(self._number),
        }

    def _uri(self, number: int) -> str:
        filters = f"{self._filters}&" if self._filters else ""
        return f"{self._path}?{filters}PageSize={self._size}&Page={number}"


def _whole(text: str, *, least: int) -> int:
    if not text.isdigit() or int(text) < least:
        raise ApiError(400, 20001, "Page and PageSize are whole numbers")
    return int(text)
