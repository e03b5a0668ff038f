"""Codes of six digits that an authenticator shows (RFC 6238), and recovery codes kept on paper."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
KEY_BYTES = 20  # RFC 4226: 160 bits
STEPS_AROUND = 1  # a clock that is half a minute off, and a slow hand
RECOVERY_CODES = 10
# Without letters and digits that look alike.
_PAPER = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY_GROUPS, _RECOVERY_GROUP = 3, 4  # 31^12: 59 bits


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def code_at(key: bytes, step: int) -> str:
    """The code of one time step."""
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def matching_step(key: bytes, typed: str, *, now: datetime) -> int | None:
    """The step around now whose code was typed; every step is compared, whatever matches first."""
    code, found = re.sub(r"\s", "", typed), None
    for step in range(step_of(now) - STEPS_AROUND, step_of(now) + STEPS_AROUND + 1):
        if hmac.compare_digest(code_at(key, step).encode(), code.encode()):
            found = step
    return found


def key_in_groups(key: bytes) -> str:
    """For those who type it into their authenticator: groups of four letters and digits."""
    text = base64.b32encode(key).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def enrolment_address(key: bytes, *, login: str, issuer: str) -> str:
    """What the square picture says to an authenticator."""
    label = quote(f"{issuer}:{login}")
    secret = base64.b32encode(key).decode().rstrip("=")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer})}"


def new_recovery_code() -> str:
    groups = (
        "".join(secrets.choice(_PAPER) for _ in range(_RECOVERY_GROUP)) for _ in range(_RECOVERY_GROUPS)
    )
    return "-".join(groups)


def normal_recovery_code(typed: str) -> str:
    """As it was shown, however it was typed."""
    letters = re.sub(r"[^a-z0-9]", "", typed.lower())
    return "-".join(letters[at : at + _RECOVERY_GROUP] for at in range(0, len(letters), _RECOVERY_GROUP))


def looks_like_recovery_code(typed: str) -> bool:
    return len(re.sub(r"[^a-z0-9]", "", typed.lower())) > DIGITS
