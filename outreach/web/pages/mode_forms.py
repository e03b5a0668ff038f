"""What is typed into the forms of the mode page, kept as typed and read in the platform's time."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Form

from outreach.domain.load_shedding import Mode
from outreach.errors import InvalidInput
from outreach.web.pages.labels import label
from outreach.web.pages.words import LANGUAGES, N_, speaking

Text = Annotated[str, Form(max_length=500)]
AT, UNTIL_CHANGED, NOW = "at", "open", "now"


@dataclass(frozen=True)
class SwitchForm:
    """As typed. `ends`: open | at; `starts`: now | at; `seen`: "40:3 33:7", the versions looked at."""

    mode: str = ""
    reason: str = ""
    ends: str = ""
    ends_at: str = ""
    starts: str = NOW
    starts_at: str = ""
    typed: str = ""
    territory: str = ""
    seen: str = ""

    def wanted(self) -> Mode:
        """Raises InvalidInput."""
        if self.mode not in Mode.__members__:
            raise InvalidInput(N_("No mode is chosen."), field="mode", mend=N_("choose one of the columns"))
        return Mode(self.mode)

    def check_typed(self) -> Mode:
        """The mode, once its name was typed, in any language of the pages or as its code."""
        mode = self.wanted()
        names = {_plain(mode.value)}
        for language in LANGUAGES:
            with speaking(language):
                names.add(_plain(label("mode", mode)))
        if _plain(self.typed) not in names:
            raise InvalidInput(
                N_("The name that was typed is not that of the chosen mode."),
                field="typed",
                mend=N_("type it as it stands above its column"),
            )
        return mode

    def end(self, zone: str) -> datetime | None:
        """None: until someone changes it. Raises InvalidInput."""
        if self.ends == UNTIL_CHANGED:
            return None
        if self.ends != AT:
            raise InvalidInput(
                N_("Say until when."), field="ends", mend=N_("give an end, or choose to end it yourself")
            )
        return moment_of(self.ends_at, zone, "ends_at")

    def start(self, zone: str) -> datetime | None:
        """None: now. Raises InvalidInput."""
        return moment_of(self.starts_at, zone, "starts_at") if self.starts == AT else None

    def versions(self) -> dict[str, int]:
        """By platform. Raises InvalidInput."""
        try:
            pairs = [each.split(":") for each in self.seen.split()]
            return {platform: int(version) for platform, version in pairs}
        except ValueError:
            raise InvalidInput(N_("This page is too old."), field="seen", mend=N_("load it again")) from None


def switch_form(
    mode: Text = "",
    reason: Text = "",
    ends: Text = "",
    ends_at: Text = "",
    starts: Text = NOW,
    starts_at: Text = "",
    typed: Text = "",
    territory: Text = "",
    seen: Annotated[str, Form(max_length=5_000)] = "",
) -> SwitchForm:
    """The fields of the request."""
    return SwitchForm(mode, reason, ends, ends_at, starts, starts_at, typed, territory, seen)


def moment_of(text: str, zone: str, field_name: str) -> datetime:
    """What a field for a day and an hour holds, in a zone. Raises InvalidInput."""
    try:
        written = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(
            N_("This is not a day and an hour."), field=field_name, mend=N_("give both, as 2021-03-16T08:30")
        ) from None
    return written if written.tzinfo else written.replace(tzinfo=ZoneInfo(zone))


def _plain(text: str) -> str:
    """Without accents, case and signs: what matters of a typed name."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in folded if sign.isalnum())
