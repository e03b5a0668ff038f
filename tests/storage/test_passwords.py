"""Passwords are kept as RFC 9106 asks; the other tests take a cheaper way, and no program does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from argon2.profiles import RFC_9106_LOW_MEMORY

from outreach.storage.passwords import Passwords

PROGRAM = Path(__file__).resolve().parents[2]


class AsShipped(Passwords):
    cost = RFC_9106_LOW_MEMORY


def test_a_process_of_the_program_hashes_at_the_recommended_cost() -> None:
    told = "from outreach.storage.passwords import Passwords; print(Passwords().hash_of('word'))"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=PROGRAM
    )
    assert done.stdout.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_nothing_of_the_program_sets_another_cost() -> None:
    files = [file for folder in ("outreach", "workers") for file in (PROGRAM / folder).rglob("*.py")]
    assert [file for file in files if "Passwords.cost" in file.read_text(encoding="utf-8")] == []


def test_a_hash_of_lesser_cost_is_outdated_and_still_fits() -> None:
    shipped = AsShipped()
    cheap = Passwords().hash_of("correct horse")
    assert shipped.is_outdated(cheap)
    assert shipped.fits(cheap, "correct horse")
    assert not shipped.is_outdated(shipped.hash_of("correct horse"))
