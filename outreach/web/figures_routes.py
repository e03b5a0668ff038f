"""The figures a platform answers for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from outreach.errors import InvalidInput
from outreach.web.access import FigureReader, TheApp

router = APIRouter(prefix="/api/v1", tags=["figures"])


@router.get("/figures/sla")
def service_level(
    app: TheApp,
    asker: FigureReader,
    platform: Annotated[str, Query(min_length=1, max_length=20)],
    since: AwareDatetime,
    until: AwareDatetime,
) -> dict[str, Any]:
    """Who was called and reached within 24 hours of the result, recomputed from the journal."""
    asker.need_platform(platform)
    if until <= since:
        raise InvalidInput("The span ends before it begins.", field="until", mend="Choose a later end.")
    late = app.service_level.late_positives(platform, since, until)
    return {
        **app.service_level.figures(platform, since, until).as_json(),
        "late_positives": [vars(each) for each in late],
    }
