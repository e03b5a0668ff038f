"""The demo's campaign: a supervisor writes to every contact, and some of them open their page and answer."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import urllib3

from outreach.demo.client import Client, Refused
from outreach.demo.processes import DemoFailed
from outreach.demo.setting import PLATFORM

TEXT = "campaign_isolation_check"
LINK = re.compile(r"https?://\S+/p/\w+")
ON_THE_WAY = ("QUEUED", "SENDING", "UNCERTAIN", "ACCEPTED", "SENT")
# Of those who got a text with a page: every so many reads it, and every so many asks for a call there.
ONE_IN_READS, ONE_IN_ASKS = 3, 40
MOST_LINKS = 240
MOST_COUNTS = 10
GREW = "audience_grew"


@dataclass
class DemoCampaign:
    """Through the public API, as a supervisor's browser would; `opened`: pages that people read."""

    supervisor: Client
    simulator_url: str
    campaign_id: str = ""
    cost: str = ""
    opened: int = 0
    asked: int = 0
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    def start(self) -> None:
        """Drafted, counted, seen, and started with the count."""
        plan = {"text": TEXT, "audience": {"kind": "CONTACT"}, "pace": {"share": 0.5}}
        body = {"platform": PLATFORM, "name": "Suivi des isolements", "channel": "SMS", "plan": plan}
        self.campaign_id = self.supervisor.post("/api/v1/campaigns", body)["id"]
        started = self._start_with_count()
        if started["state"] != "RUNNING":
            raise DemoFailed(f"The campaign is {started['state']}.")

    def _start_with_count(self) -> dict[str, Any]:
        """Counted again when agents brought somebody in meanwhile, as a supervisor would."""
        for _ in range(MOST_COUNTS):
            counted = self.supervisor.post(f"{self._path}/count")["counted"]["members"]
            self.cost = self.supervisor.post(f"{self._path}/preview")["cost"]
            try:
                started: dict[str, Any] = self.supervisor.post(
                    f"{self._path}/start", {"confirmed_count": counted}
                )
            except Refused as refusal:
                if refusal.code != GREW:
                    raise
            else:
                return started
        raise DemoFailed("The campaign's audience kept growing.")

    def progress(self) -> dict[str, Any]:
        """Its figures and its sentences."""
        shown: dict[str, Any] = self.supervisor.get(self._path)
        return shown

    def has_arrived(self) -> bool:
        """Everybody's message was made, and its fate is known."""
        shown = self.progress()
        figures = shown["figures"]
        on_the_way = sum(figures["statuses"].get(status, 0) for status in ON_THE_WAY)
        return bool(figures["written_to"] > 0 and figures["pending"] == 0 and on_the_way == 0)

    def answer_pages(self) -> None:
        """People open the page of their text; a few ask to be called there."""
        for place, link in enumerate(self._links()):
            if place % ONE_IN_READS == 0:
                self.opened += self._press(link, "read")
            elif place % ONE_IN_ASKS == 1:
                self.asked += self._press(link, "call")

    def _links(self) -> list[str]:
        try:
            answer = self.pool.request("GET", f"{self.simulator_url}/simulator/phones")
        except urllib3.exceptions.HTTPError:  # the phone company may be started again under our feet
            return []
        phones: list[dict[str, Any]] = json.loads(answer.data)["phones"]
        texts = [text["body"] for phone in phones for text in phone["texts"]]
        return [link for text in texts for link in LINK.findall(text)][:MOST_LINKS]

    def _press(self, link: str, button: str) -> bool:
        """One button of a page; whether the page took it."""
        try:
            answer = self.pool.request("POST", f"{link}/{button}", redirect=False, timeout=10.0)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 303

    @property
    def _path(self) -> str:
        return f"/api/v1/campaigns/{self.campaign_id}"
