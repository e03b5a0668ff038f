"""Measures what one text costs to make, of those that are made most: `python -m benchmarks.render_texts`."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from outreach.domain.scripts import Value
from outreach.rendering.catalog import shipped_catalog
from outreach.services.scripts import Scripts, Snapshot
from outreach.services.text_settings import TextSettings
from outreach.storage.database import Database
from outreach.storage.platform_store import Platform

TIMES = 20_000
NOW = datetime(2021, 3, 16, 9, tzinfo=UTC)
PLATFORM = Platform("40", "Landes", "Europe/Paris", "40", "75", "FR", "fr", {}, "", "")
TEXTS: dict[str, dict[str, Value]] = {
    "third_party": {},
    "missed_call": {},
    "contact_informed": {"personal_link": "https://ameli.fr/p/1"},
}


def main() -> None:
    """Processor time of a text whose version is known: nothing here asks the database."""
    nowhere = Database("postgresql://nowhere/")
    scripts = Scripts(nowhere, shipped_catalog(), TextSettings(outreach_number="+33974757678"))
    scripts.memory.snapshot = Snapshot(0, NOW, NOW, {}, [], {PLATFORM.code: PLATFORM})
    for name, variables in TEXTS.items():
        scripts.render_cached(name, language="fr", platform="40", now=NOW, variables=variables)
        began = time.process_time()
        for _ in range(TIMES):
            scripts.render_cached(name, language="fr", platform="40", now=NOW, variables=variables)
        print(f"{name:20} {(time.process_time() - began) / TIMES * 1e6:6.1f} µs of processor")


if __name__ == "__main__":
    main()
