"""Values of a sample person as text: in a form, and in an answer of the API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

from outreach.domain.scripts import Value


def as_written(sample: Mapping[str, Value]) -> dict[str, str]:
    """The values of a sample person as a form holds them."""
    return {name: _written(value) for name, value in sample.items()}


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, str | int | date):
        return str(value)
    return ", ".join(value)
