"""What steers a platform from day to day, built together: rota, mutual aid, figures, notices, watch list."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.clock import Clock
from outreach.services.contact_yield import ContactYield
from outreach.services.daily_reports import DailyReports
from outreach.services.mutual_aid import MutualAid
from outreach.services.notices import Notices
from outreach.services.platform_figures import PlatformFigures
from outreach.services.platform_moves import PlatformMoves
from outreach.services.rota import Rota
from outreach.services.rota_editing import RotaEditing
from outreach.services.rota_week import RotaWeeks
from outreach.services.service_level import ServiceLevelFigures
from outreach.services.watch_list import WatchList
from outreach.storage.database import Database


@dataclass(frozen=True)
class Steering:
    """One object for each thing that supervisors and pilots do besides the mode."""

    rota: Rota
    rota_editing: RotaEditing
    rota_weeks: RotaWeeks
    mutual_aid: MutualAid
    figures: PlatformFigures
    contact_yield: ContactYield
    notices: Notices
    watch_list: WatchList
    moves: PlatformMoves
    daily_reports: DailyReports


def build_steering(database: Database, clock: Clock) -> Steering:
    service_level = ServiceLevelFigures(database, clock)
    figures = PlatformFigures(database, service_level)
    return Steering(
        rota=Rota(database, clock),
        rota_editing=RotaEditing(database, clock),
        rota_weeks=RotaWeeks(database, clock),
        mutual_aid=MutualAid(database, clock),
        moves=PlatformMoves(database, clock),
        watch_list=WatchList(database, clock),
        notices=Notices(database, clock),
        contact_yield=ContactYield(database, clock),
        figures=figures,
        daily_reports=DailyReports(database, clock, figures, service_level),
    )
