"""Territories (departments, regions, the country), and one switch over all platforms of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, Field

from outreach.domain.load_shedding import Mode
from outreach.domain.territory_tree import LONGEST_TERRITORY, Territory, TerritoryKind
from outreach.services.access import Asker
from outreach.services.territories import TerritoryView
from outreach.web.access import ModeReader, ModeSwitcher, TheApp, UsersAdmin
from outreach.web.idempotency import ApiRoute
from outreach.web.modes_routes import ModeNow

router = APIRouter(prefix="/api/v1/territories", tags=["territories"], route_class=ApiRoute)
TerritoryCode = Annotated[str, Path(min_length=1, max_length=LONGEST_TERRITORY)]


class Place(BaseModel):
    """A territory: `code` is a department's number, a region's ISO 3166-2 code (FR-NAQ), FR, or P- and the
    code of a platform that stands apart from its department (`kind` PLATFORM)."""

    code: str
    name: str
    kind: TerritoryKind
    parent: str | None
    platforms: list[str]

    @classmethod
    def of(cls, view: TerritoryView) -> Place:
        return cls(**vars(view.territory), platforms=view.platforms)


class Drawing(BaseModel):
    """A territory of your own, or another name or parent for one."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    kind: TerritoryKind
    parent: Annotated[str, Field(min_length=1, max_length=LONGEST_TERRITORY)] | None = None

    def territory(self, code: str) -> Territory:
        return Territory(code, self.name.strip(), self.kind, self.parent)


class DrawingToKeep(Drawing):
    """`accounts`: how many the preview said would change; 409 when others would by now. `reason`: kept in the
    journal."""

    reason: Annotated[str, Field(max_length=300)] = ""
    accounts: int | None = None


class AccountChange(BaseModel):
    """Platforms that an account gains and loses; `login` null: it reaches platforms beyond yours."""

    login: str | None
    roles: list[str]
    gains: list[str]
    loses: list[str]


class TerritorySwitch(BaseModel):
    """`versions`: what you saw of each platform; one that changed since answers 409, and none is switched."""

    mode: Mode
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    versions: dict[str, int]
    ends_at: AwareDatetime | None = None


@router.get("")
def list_territories(app: TheApp, asker: ModeReader, empty: bool = False) -> list[Place]:
    """Territories that hold a platform; `empty`: the others too."""
    found = app.modes.territories.every() if empty else app.modes.territories.covered()
    return [Place.of(view) for view in found]


@router.put("/{code}", status_code=204)
def draw_territory(app: TheApp, asker: UsersAdmin, code: TerritoryCode, body: DrawingToKeep) -> None:
    """Add a territory, or draw one anew: another name, or another place in the tree, and the platforms inside
    it with it. Whoever has rights by a territory has those of its platforms from now on."""
    app.modes.drawing.draw(
        body.territory(code),
        within=asker.platforms,
        by=asker.user_id,
        reason=body.reason,
        seen=body.accounts,
    )


@router.post("/{code}/preview")
def preview_territory(
    app: TheApp, asker: UsersAdmin, code: TerritoryCode, body: Drawing
) -> list[AccountChange]:
    """Whose rights would change, were it drawn so; nothing is drawn."""
    changes = app.modes.drawing.preview(body.territory(code), within=asker.platforms)
    return [
        AccountChange(
            login=each.login or None,
            roles=list(each.roles),
            gains=list(each.gains),
            loses=list(each.loses),
        )
        for each in changes
    ]


@router.get("/{code}/mode")
def read_modes(app: TheApp, asker: ModeReader, code: TerritoryCode) -> list[ModeNow]:
    """The modes of its platforms."""
    _need_all(app.modes.territories.platforms_in(code), asker)
    return [ModeNow.of(row, app.clock.now()) for row in app.switch.in_territory(code)]


@router.put(
    "/{code}/mode",
    responses={409: {"description": "None was switched; `conflicts` says why."}},
)
def switch_territory(
    app: TheApp, asker: ModeSwitcher, code: TerritoryCode, body: TerritorySwitch
) -> list[ModeNow]:
    """Put a mode in force on every platform of a territory, or on none."""
    _need_all(app.modes.territories.platforms_in(code), asker)
    after = app.switch.switch_territory(
        code,
        body.mode,
        reason=body.reason,
        author_id=asker.user_id,
        versions=body.versions,
        ends_at=body.ends_at,
    )
    return [ModeNow.of(row, app.clock.now()) for row in after]


def _need_all(platforms: list[str], asker: Asker) -> None:
    for platform in platforms:
        asker.need_platform(platform)
