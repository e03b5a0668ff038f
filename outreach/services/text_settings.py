"""The choices that all texts share: who speaks, which addresses and numbers may stand in them, the price."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from outreach.domain.scripts import host_of


@dataclass(frozen=True)
class TextSettings:
    """`identity`: the word that says who speaks. `hosts`, `numbers`: what texts may send people to.

    `segment_price`: euros for one segment of an SMS.
    """

    outreach_number: str
    public_url: str = ""
    information_address: str = "ameli.fr"
    identity: str = "CPAM"
    hosts: frozenset[str] = frozenset({"ameli.fr"})
    numbers: frozenset[str] = field(
        default=frozenset({"15", "17", "18", "112", "114", "119", "3919", "116117"})
    )
    segment_price: Decimal = Decimal("0.0798")

    @cached_property
    def allowed_hosts(self) -> frozenset[str]:
        """The hosts of the settings and our own, in small letters and without `www.`."""
        given = (*self.hosts, self.public_url, self.information_address)
        return frozenset(host for address in given if (host := host_of(address)))

    def facts_of(self, platform_name: str, caller_id: str) -> dict[str, str]:
        """What every text may say of the platform that speaks."""
        return {
            "platform_name": platform_name,
            "outreach_number": caller_id or self.outreach_number,
            "information_address": self.information_address,
        }
