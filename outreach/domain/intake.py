"""What a row does to what is already known: opens a record, changes it, joins it, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from outreach.domain.case_records import CaseKind


class Verdict(StrEnum):
    """What became of a row; each row has exactly one."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    MERGED = "merged"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Counts:
    """Rows read, and what became of them."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    rejected: int = 0

    @property
    def add_up(self) -> bool:
        """False means that a row was lost: the import is INCOMPLETE."""
        return self.rows == self.created + self.updated + self.unchanged + self.merged + self.rejected

    def plus(self, rows: int, verdicts: Iterable[Verdict]) -> Counts:
        told = Counter(verdicts)
        return Counts(
            self.rows + rows,
            *(getattr(self, verdict.value) + told[verdict] for verdict in Verdict),
        )


def kind_after(known: CaseKind, new: CaseKind) -> CaseKind:
    """A contact who tests positive becomes one; a positive who is also a contact stays one."""
    return CaseKind.POSITIVE if CaseKind.POSITIVE in (known, new) else CaseKind.CONTACT


def converts(known: CaseKind, new: CaseKind) -> bool:
    return known is CaseKind.CONTACT and new is CaseKind.POSITIVE
