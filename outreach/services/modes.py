"""What surrounds the mode switch, built together: rules, plans, forecasts, AUTO; and their sweeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from outreach.clock import Clock
from outreach.domain.sms_hours import SmsHours
from outreach.services.auto_switch import AutoSwitch
from outreach.services.ended_modes import EndedModes
from outreach.services.forecasting import Forecasting
from outreach.services.load_shedding_switch import LoadSheddingSwitch
from outreach.services.message_queueing import MessageQueueing
from outreach.services.mode_history import ModeHistory
from outreach.services.mode_progress import ModeProgresses
from outreach.services.mode_rules import PlatformRules
from outreach.services.outlooks import Outlooks
from outreach.services.past_forecasts import PastForecasts
from outreach.services.planned_switches import PlannedSwitches
from outreach.services.prepare_contacts import PrepareContacts
from outreach.services.territories import Territories
from outreach.services.territory_drawing import TerritoryDrawing
from outreach.services.upkeep import Sweep
from outreach.storage.database import Database


@dataclass(frozen=True)
class Modes:
    """One object for each user's job around the mode."""

    switch: LoadSheddingSwitch
    history: ModeHistory
    progress: ModeProgresses
    rules: PlatformRules
    planned: PlannedSwitches
    territories: Territories
    drawing: TerritoryDrawing
    forecasting: Forecasting
    past_forecasts: PastForecasts
    auto: AutoSwitch
    prepare: PrepareContacts
    ended: EndedModes

    def sweeps(self) -> Mapping[str, Sweep]:
        return {
            "planned_switches": Sweep(timedelta(seconds=5), self.planned.carry_out),
            "shed_levels": Sweep(timedelta(seconds=30), self.rules.bring_into_line),
            "prepare_contacts": Sweep(timedelta(seconds=5), self.prepare.run),
            "missed_without_sms": Sweep(timedelta(seconds=30), self.switch.call_missed),
            "auto_mode": Sweep(timedelta(minutes=15), self.auto.run),
            "forecasts_made": Sweep(timedelta(hours=1), self.forecasting.keep),
            "forecasts_scored": Sweep(timedelta(minutes=5), self.forecasting.score),
        }


def build_modes(
    *,
    database: Database,
    clock: Clock,
    nudge: Callable[[str], object],
    minutes_ahead: Callable[[str, datetime, int], list[float]],
    queueing: MessageQueueing,
    sms_hours: SmsHours,
    segment_price: Decimal,
) -> Modes:
    switch = LoadSheddingSwitch(database, clock, nudge)
    outlooks = Outlooks(database, clock, minutes_ahead)
    return Modes(
        switch=switch,
        history=ModeHistory(database, clock),
        progress=ModeProgresses(database, clock, sms_hours),
        rules=PlatformRules(database, clock, nudge),
        planned=PlannedSwitches(database, clock, switch),
        territories=Territories(database),
        drawing=TerritoryDrawing(database, clock),
        forecasting=Forecasting(database, clock, outlooks, segment_price),
        past_forecasts=PastForecasts(database, clock),
        auto=AutoSwitch(database, clock, outlooks, switch),
        prepare=PrepareContacts(database, clock, queueing, nudge),
        ended=EndedModes(database),
    )
