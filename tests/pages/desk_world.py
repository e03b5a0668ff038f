"""People to be called from the desk in a browser, and what an agent does there by hand and by keyboard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from playwright.sync_api import Page, expect
from sqlalchemy import select

from outreach.domain.call_attempts import CallStatus
from outreach.domain.load_shedding import Mode
from outreach.domain.reasons import ErasureReason
from outreach.storage import tables
from tests.call_world import eventually
from tests.pages.conftest import Site, Visitor
from tests.web.conftest import AGENT_PHONE

PLATFORM = "40"
LONG_GREETING = 1500  # simulated seconds, so that a hand is quicker


@dataclass
class DeskWorld:
    """A site with people on the call list of platform 40."""

    site: Site
    people: dict[str, UUID] = field(default_factory=dict)

    def person(
        self, name: str, number: str, *, kind: str = "positif", voice: str = "answers", **more: str
    ) -> UUID:
        """Someone on the list whose phone behaves so; their case record."""
        self.site.day.company.set_phone(
            number, voice=voice, answer_after=1, talk_seconds=0, greeting_seconds=LONG_GREETING
        )
        result = self.site.app.clock.now().isoformat()
        fields = {
            "type": kind,
            "nom": name,
            "prenoms": "Camille",
            "date_naissance": "05/03/1980",
            "telephone_1": number,
            **({"date_resultat": result} if kind == "positif" else {}),
            **more,
        }
        outcome = self.site.app.case_import.put_case_record(PLATFORM, "test", f"R-{name}", fields, by=None)
        assert outcome.case_record_id is not None, outcome
        self.people[name] = outcome.case_record_id
        return outcome.case_record_id

    def agent(self, **how: Any) -> Visitor:
        """An agent before their desk, on shift."""
        self.site.app.call_list.start_shift(self.site.user("agent"), PLATFORM)
        visitor = self.site.visitor("agent", **how)
        visitor.page.goto("/desk")
        return visitor

    def drop_agent_line(self) -> None:
        """The agent's own telephone loses the call."""
        self.site.day.company.hang_up(AGENT_PHONE)

    def wait_for_answer(self) -> None:
        """Until the person has picked up."""
        agent_id = self.site.user("agent")

        def answered() -> bool:
            attempt = self.site.app.call_bar.current(agent_id)
            return attempt is not None and attempt.status is CallStatus.ANSWERED

        eventually(answered, "somebody answers")

    def switch(self, mode: Mode, reason: str) -> None:
        self.site.app.switch.switch(PLATFORM, mode, reason=reason, author_id=None, expected_version=1)

    def erase_contacts(self) -> None:
        """All that positives named."""
        with self.site.app.database.begin() as connection:
            found = connection.execute(
                select(tables.case_records.c.person_id).where(tables.case_records.c.kind == "CONTACT")
            ).scalars()
            people = list(found)
        for person_id in people:
            self.site.app.erasure.erase(person_id, actor="system:test", because=ErasureReason.ASKED)

    def outcomes(self) -> list[str]:
        """Of every try with an outcome, in the order they were said."""
        c = tables.call_attempts.c
        with self.site.app.database.begin() as connection:
            return list(
                connection.execute(
                    select(c.outcome).where(c.outcome.is_not(None)).order_by(c.outcome_at, c.id)
                ).scalars()
            )


def next_person(page: Page) -> None:
    page.get_by_role("button", name="Personne suivante").click()
    expect(page.get_by_role("heading", name="Pourquoi maintenant")).to_be_visible()


def call(page: Page) -> None:
    """Ring whoever is in hand; the state shows what happens."""
    page.get_by_role("button", name="Appeler le").first.click()


def state(page: Page, words: str) -> None:
    expect(page.locator("#call-state")).to_contain_text(words)
