"""The choices that all texts share: who speaks, which addresses and numbers may stand in them, the price."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from outreach.domain.phone_numbers import spaced
from outreach.domain.scripts import host_of


@dataclass(frozen=True)
class TextSettings:
    """`identity`: the word that says who speaks. `hosts`, `numbers`: what texts may send people to.

    `segment_price`: euros for one segment of an SMS. `link_url`: ours, shorter, for personal pages.
    """

    outreach_number: str
    public_url: str = ""
    information_address: str = "ameli.fr"
    identity: str = "CPAM"
    hosts: frozenset[str] = frozenset({"ameli.fr"})
    numbers: frozenset[str] = field(
        default=frozenset({"15", "17", "18", "112", "114", "119", "3919", "116117", "0800130000"})
    )
    segment_price: Decimal = Decimal("0.0798")
    link_url: str = ""

    @cached_property
    def allowed_hosts(self) -> frozenset[str]:
        """The hosts of the settings and our own, in small letters and without `www.`."""
        given = (*self.hosts, self.public_url, self.information_address, self.links_at)
        return frozenset(host for address in given if (host := host_of(address)))

    def allowed_numbers(self, caller_id: str = "") -> frozenset[str]:
        """The digits of the settings' numbers and of our own, as they are written here and abroad."""
        own = [number for number in (self.outreach_number, caller_id) if number]
        written = [*self.numbers, *own, *map(spaced, own)]
        return frozenset("".join(filter(str.isdigit, number)) for number in written)

    @property
    def links_at(self) -> str:
        """Where personal pages are served."""
        return self.link_url or self.public_url or f"https://{self.information_address}"

    @property
    def sample_link(self) -> str:
        """An address of ours that leads nowhere, for looking at a text."""
        return f"{self.links_at}/p/{'0' * 17}"

    def facts_of(self, platform_name: str, caller_id: str) -> dict[str, str]:
        """What every text may say of the platform that speaks."""
        return {
            "platform_name": platform_name,
            "outreach_number": caller_id or self.outreach_number,
            "information_address": self.information_address,
        }
