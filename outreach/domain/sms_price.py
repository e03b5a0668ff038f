"""What SMS cost: the carrier bills segments, people think in euros."""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def euros_of(segments: int, price: Decimal) -> Decimal:
    """The cost of that many segments, to the cent."""
    return (segments * price).quantize(CENT, ROUND_HALF_UP)


def segments_for(euros: Decimal, price: Decimal) -> int | None:
    """How many segments a sum pays for; None when they cost nothing."""
    return int((euros / price).to_integral_value(ROUND_FLOOR)) if price else None
