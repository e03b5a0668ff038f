"""What the mode page shows, put together from the services: every mode side by side, who may switch what."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.bootstrap import App
from outreach.domain.load_shedding import Mode
from outreach.services.access import Asker
from outreach.services.forecasting import LookAhead, OneMode
from outreach.services.territories import TerritoryView
from outreach.web.pages.mode_card import ModeCard, card_of


@dataclass(frozen=True)
class Column:
    """One mode of the comparison. `more`, `fewer`: share of positives called, with an agent more or fewer."""

    one: OneMode
    in_force: bool
    more: float | None
    fewer: float | None

    @property
    def mode(self) -> Mode:
        return self.one.preview.mode


@dataclass(frozen=True)
class UndoEffect:
    """What an undo brings back: a mode, and how many who wait for an SMS now would be called again."""

    mode: Mode
    called_again: int


@dataclass(frozen=True)
class ModeView:
    """`seen`: "40:3 33:7", the versions of everything that can be switched from here."""

    card: ModeCard
    ahead: LookAhead
    columns: list[Column]
    undo: UndoEffect | None
    territories: list[TerritoryView]
    seen: str

    @property
    def zone(self) -> str:
        return self.card.platform.time_zone


def view_of(app: App, asker: Asker, platform: str) -> ModeView:
    """As of now. Raises NotFound."""
    card = card_of(app, platform)
    ahead = app.modes.forecasting.look_ahead(platform)
    territories = reachable(app, asker)
    codes = sorted({platform, *(code for each in territories for code in each.platforms)})
    return ModeView(
        card=card,
        ahead=ahead,
        columns=[_column(one, ahead.in_force) for one in ahead.modes],
        undo=_undo(card, ahead),
        territories=territories,
        seen=" ".join(f"{code}:{app.switch.show(code).version}" for code in codes),
    )


def reachable(app: App, asker: Asker) -> list[TerritoryView]:
    """Territories of several platforms that are all the asker's."""
    return [
        each
        for each in app.modes.territories.covered()
        if len(each.platforms) > 1 and set(each.platforms) <= set(asker.platforms)
    ]


def _column(one: OneMode, in_force: Mode) -> Column:
    called = one.forecast.called_in_time
    more, fewer = (
        None if other is None or called is None else other - called for other in (one.one_more, one.one_fewer)
    )
    return Column(one, one.preview.mode is in_force, more, fewer)


def _undo(card: ModeCard, ahead: LookAhead) -> UndoEffect | None:
    back = card.row.previous
    if back is None or card.ended:
        return None
    texted = {one.preview.mode: one.preview.texted for one in ahead.modes}
    return UndoEffect(back, texted[card.mode] - texted[back])
