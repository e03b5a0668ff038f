"""What the simulated phones received: the witness that nobody was texted twice."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import urllib3

LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Witness:
    """`texts` received in all; `twice`: phones that got the same text more than once."""

    phones: int
    texts: int
    twice: int


def ask_phones(simulator_url: str, *, pool: urllib3.PoolManager | None = None) -> Witness:
    """Ask every phone what it received."""
    answer = (pool or urllib3.PoolManager()).request("GET", f"{simulator_url}/simulator/phones")
    phones: list[dict[str, Any]] = json.loads(answer.data)["phones"]
    twice = sum(1 for phone in phones if _repeats(phone))
    return Witness(len(phones), sum(len(phone["texts"]) for phone in phones), twice)


def _repeats(phone: dict[str, Any]) -> bool:
    """The same text for the same person; each message's own link tells no two texts apart."""
    bodies = Counter(LINK.sub("", text["body"]) for text in phone["texts"])
    return any(count > 1 for count in bodies.values())
