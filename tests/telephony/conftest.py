"""A phone company and a listener for its webhooks, beside each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.phone_company import Listener, PhoneCompany, listening, running_phone_company


@pytest.fixture
def phone_company() -> Iterator[PhoneCompany]:
    """A simulated phone company, one hundred times faster than life."""
    with running_phone_company() as company:
        yield company


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A server that keeps the webhooks it is sent."""
    with listening() as running:
        yield running
