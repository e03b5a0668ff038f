"""What the codes of acts on a record, and the names of fields, are called on pages."""

from __future__ import annotations

from collections.abc import Mapping

from outreach.web.pages.words import N_

RECORD_LABELS: Mapping[str, Mapping[str, str]] = {
    "field": {
        "day": N_("Day"),
        "starts": N_("Start"),
        "ends": N_("End"),
        "from": N_("Start"),
        "until": N_("End"),
        "date": N_("Day"),
        "positions": N_("Positions"),
        "agent": N_("Agent"),
        "file": N_("File"),
        "starts_at": N_("Start"),
        "ends_at": N_("End"),
    },
    "restriction": {
        "CONTESTED": N_("They contest the data"),
        "UNLAWFUL": N_("The data should not be held, and they want them kept"),
        "CLAIM": N_("They need the data for a legal claim"),
        "OBJECTED": N_("They objected, and this is being looked at"),
        "CURIOSITY": N_("Many would be curious about them"),
    },
    "erasure": {
        "ASKED": N_("They asked for it"),
        "MISTAKE": N_("Listed by mistake"),
        "ORDERED": N_("Ordered by an authority"),
    },
}
