"""What is going on in the middle of a full day: a reply to read, a loan, records to watch, a call."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert, select

from outreach.domain.call_attempts import CallStatus
from outreach.domain.call_list import CallClass, Queue
from outreach.domain.mutual_aid import LoanTerms
from outreach.storage import tables
from outreach.telephony.webhooks import InboundMessage
from tests.call_list_rows import add_platform
from tests.call_world import eventually
from tests.pages.conftest import Site
from tests.web.conftest import CALLER_ID

HELPER = "33"
REPLY = "ma fille tousse depuis hier\nje la garde à la maison"  # neither a question nor a word we know


def lend_to_a_neighbour(site: Site, owner: str, author: UUID) -> None:
    """A loan in force, to a platform whose agent speaks French."""
    now = site.app.clock.now()
    with site.app.database.begin() as connection:
        add_platform(connection, HELPER, now)
    site.user("agent", login="helper", platforms=(HELPER,))
    terms = LoanTerms(
        owner=owner,
        helper=HELPER,
        share=20,
        amount=None,
        most=10,
        call_classes=frozenset({CallClass.POSITIVE, CallClass.CONTACT}),
        queues=frozenset({Queue.AGENTS}),
        languages=frozenset(),
        starts_at=now,
        ends_at=now + timedelta(hours=8),
        reason="vague dans les Landes",
    )
    site.app.steering.mutual_aid.lend(terms, author_id=author, actor="system:test")


def watch(site: Site, platform: str, most: int) -> None:
    """Records that nothing has confirmed, for one reason and the other."""
    records, now = tables.case_records, site.app.clock.now()
    with site.app.database.begin() as connection:
        found = connection.execute(
            select(records.c.id, records.c.kind).where(records.c.platform == platform).limit(most)
        ).all()
        for each in found:
            why = "NO_RESULT" if each.kind == "POSITIVE" else "NO_POSITIVE"
            connection.execute(
                insert(tables.watched_records).values(
                    case_record_id=each.id, platform=platform, why=why, since=now
                )
            )


def receive_replies(site: Site, numbers: list[str]) -> UUID:
    """An SMS from each; the conversation of the last."""
    received = [InboundMessage(f"SM{n:032}", number, CALLER_ID, REPLY) for n, number in enumerate(numbers)]
    with site.app.database.begin() as connection:
        for each in received:
            site.app.messaging.events.apply_inbound(connection, each, site.app.clock.now())
        column = tables.conversations.c.id
        return connection.execute(select(column).order_by(column.desc())).scalars().first()  # type: ignore[return-value]


def talk(site: Site, agent: UUID, platform: str) -> None:
    """The agent has the next person on the line."""
    leased = site.app.call_list.next_entry(agent, platforms=[platform], languages=["fr"])
    assert leased is not None
    attempt = site.app.calling.click_to_call(agent, leased.entry_id)

    def answered() -> bool:
        return site.app.call_bar.read(agent, attempt.id).status is CallStatus.ANSWERED

    eventually(answered, "somebody answers")
