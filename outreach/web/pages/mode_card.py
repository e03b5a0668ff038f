"""The mode in force as a card, with what AUTO proposes: for the mode page and the board, told again live."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.bootstrap import App
from outreach.domain.load_shedding import Mode, ModeInForce
from outreach.services.auto_switch import AutoState
from outreach.services.mode_history import PastMode
from outreach.services.mode_progress import ModeProgress
from outreach.storage.auto_mode_store import Proposal
from outreach.storage.planned_switch_store import PlannedSwitch
from outreach.storage.platform_store import Platform


@dataclass(frozen=True)
class ModeCard:
    """`last`: the switch that put the row in force, None at the very beginning; `planned`: still to come."""

    platform: Platform
    row: ModeInForce
    mode: Mode
    last: PastMode | None
    auto: AutoState
    proposal: Proposal | None
    planned: list[PlannedSwitch]
    progress: ModeProgress

    @property
    def ended(self) -> bool:
        """Whether the row's end has passed, so that NORMAL holds."""
        return self.mode is not self.row.mode


def card_of(app: App, platform: str) -> ModeCard:
    """As of now. Raises NotFound."""
    now, row = app.clock.now(), app.switch.show(platform)
    past = app.modes.history.page(platform, most=1, sent=False)
    auto = app.modes.auto.show(platform)
    planned = [each for each in app.modes.planned.of_platform(platform) if each.state == "PLANNED"]
    return ModeCard(
        platform=app.modes.territories.platform(platform),
        row=row,
        mode=row.at(now),
        last=past[0] if past and past[0].version == row.version else None,
        auto=auto,
        proposal=auto.open_proposal(now),
        planned=planned,
        progress=app.modes.progress.glance(platform),
    )
