"""Counts the billed parts of a text message as the simulated carrier bills them (GSM 03.38)."""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("\f^{}\\[~]|€")
_GSM_ALONE, _GSM_JOINED = 160, 153
_UCS2_ALONE, _UCS2_JOINED = 70, 67


def billed_segments(body: str) -> int:
    """How many parts are billed; an empty text is one."""
    units = 0
    for character in body:
        if character in _BASIC:
            units += 1
        elif character in _DOUBLE:
            units += 2
        else:
            return _parts(len(body.encode("utf-16-le")) // 2, _UCS2_ALONE, _UCS2_JOINED)
    return _parts(units, _GSM_ALONE, _GSM_JOINED)


def _parts(units: int, alone: int, joined: int) -> int:
    return 1 if units <= alone else -(-units // joined)
