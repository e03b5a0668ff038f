"""What platforms are called on a page: read once for each page, and only where one is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from outreach.services.territories import Territories


@dataclass(frozen=True)
class PlatformNames:
    """`frame.named("40")`: Landes; `frame.listed("40")`: 40 Landes, for lists sorted by code."""

    territories: Territories

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {each.code: each.name for each in self.territories.every_platform()}

    def named(self, code: str) -> str:
        """Its name; the code of one that is not there any more."""
        return self._names.get(code, code)

    def listed(self, code: str) -> str:
        """Its code and its name."""
        name = self.named(code)
        return code if name == code else f"{code} {name}"
