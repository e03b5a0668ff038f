"""What a row does to what is already known: opens a record, changes it, joins it, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from outreach.domain.case_records import CaseKind, Exposure, latest_day
from outreach.domain.case_rows import CaseRow


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

    def instead_of_refused(self, verdicts: Sequence[Verdict]) -> Counts:
        """As many rows that counted as refused became this."""
        counted = self.plus(0, verdicts)
        return replace(counted, rejected=counted.rejected - len(verdicts))


def kind_after(known: CaseKind, new: CaseKind) -> CaseKind:
    """A contact who tests positive becomes one; a positive who is also a contact stays one."""
    return CaseKind.POSITIVE if CaseKind.POSITIVE in (known, new) else CaseKind.CONTACT


def converts(known: CaseKind, new: CaseKind) -> bool:
    return known is CaseKind.CONTACT and new is CaseKind.POSITIVE


def united(chosen: CaseRow, same: Sequence[CaseRow]) -> CaseRow:
    """One case of several rows about one record: the chosen row's details, the earliest result, every
    exposure, and each reason for care."""
    result_at = min((row.result_at for row in same if row.result_at is not None), default=None)
    first = next(row for row in same if row.result_at == result_at)
    return replace(
        chosen,
        sampled_at=first.sampled_at or chosen.sampled_at,
        result_at=result_at,
        last_exposure_on=latest_day(row.last_exposure_on for row in same),
        exposures=_one_for_each_positive(exposure for row in same for exposure in row.exposures),
        household=any(row.household for row in same),
        collective_setting=any(row.collective_setting for row in same),
        vulnerable=any(row.vulnerable for row in same),
    )


def _one_for_each_positive(exposures: Iterable[Exposure]) -> tuple[Exposure, ...]:
    found: dict[str, Exposure] = {}
    for told in exposures:
        known = found.setdefault(told.positive_reference, told)
        found[told.positive_reference] = replace(
            known,
            last_contact_on=latest_day((known.last_contact_on, told.last_contact_on)),
            nature=known.nature or told.nature,
        )
    return tuple(found.values())
