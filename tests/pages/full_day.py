"""A platform in the middle of a large day, for whoever looks at every page: lists as long as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update

from outreach.domain.call_attempts import CallStatus
from outreach.domain.campaigns import CampaignChannel, CampaignPlan
from outreach.domain.messages import MessagePurpose
from outreach.domain.notices import NewNotice
from outreach.domain.practice import Scenario
from outreach.domain.practice_call import Act
from outreach.domain.roles import SCOPES_OF_ROLE, Role
from outreach.ids import new_id
from outreach.storage import alarm_store, journal, tables
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.journal import Event, JournalEntry
from outreach.web.pages.navigation import PLACES, Place
from tests.pages.conftest import Site, Visitor
from tests.pages.work_under_way import lend_to_a_neighbour, receive_replies, talk, watch
from tests.services.case_files import contact, csv_file, positive

PLATFORM = "40"
AGENTS, ATTEMPTS, CAMPAIGNS, POSITIVES, REFUSED, NOTICES = 60, 40, 60, 40, 30, 10
REPLIES, WATCHED = 12, 20
OF_EVERYBODY = ("/desk/keys", "/account", "/account/second-factor", "/accessibility")
OF_ADMINISTRATION = (
    "/admin/users/new",
    "/admin/platforms",
    "/admin/platforms/40",
    "/admin/senders",
    "/admin/sign-ins",
    "/admin/retention",
    "/admin/health",
)
STEPS = ("", "/audience", "/text", "/check", "/sending", "/cancel")  # of writing a campaign
# The first of these that sees a page looks at it.
READERS = (Role.AGENT, Role.SUPERVISOR, Role.PILOT, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR)


def reader_of(place: Place) -> Role:
    """Somebody who has the page in their navigation."""
    return next(
        role
        for role in READERS
        if place.scope in SCOPES_OF_ROLE[role] and place.unless not in SCOPES_OF_ROLE[role]
    )


@dataclass(frozen=True)
class FullDay:
    """`looked_at`: each page with who looks at it, the long ones of every area among them."""

    site: Site
    record: UUID
    other: UUID
    import_id: UUID
    draft: UUID
    campaign: UUID
    agent: UUID
    practice: UUID
    conversation: UUID
    notice: UUID

    def looked_at(self) -> Iterator[tuple[str, Role]]:
        yield from ((place.path, reader_of(place)) for place in PLACES)
        for path in self._details():
            yield path, Role.SUPERVISOR
        for path in (f"/training/{self.practice}", f"/inbox/{self.conversation}", *OF_EVERYBODY):
            yield path, Role.AGENT
        for path in ("/audit?what=changes", "/audit?what=glass"):
            yield path, Role.AUDITOR
        for path in (*OF_ADMINISTRATION, f"/admin/users/{self.agent}"):
            yield path, Role.ADMINISTRATOR

    def _details(self) -> tuple[str, ...]:
        record, acts = f"/records/{self.record}", f"/imports/{self.import_id}"
        return (
            record,
            f"{record}/edit",
            f"{record}/act",
            f"{record}/merge",
            f"{record}/merge?other={self.other}",
            f"/break-glass/{self.record}",
            acts,
            f"{acts}/undo",
            f"/imports/{self.draft}",
            *(f"/campaigns/{self.campaign}{step}" for step in STEPS),
            "/campaigns/new",
            "/campaigns/standing",
            f"/board/agents/{self.agent}?platform=40",
            "/board/entries?platform=40&which=",
            "/board/alarms",
            "/board/all",
            "/board/wall",
            "/board/wall/passes",
            "/mode/history",
            "/mode/decisions",
            "/mode/rules",
            f"/notices/publish/{self.notice}",
            "/figures/report",
            "/scripts/positive_full",
            "/scripts/positive_full/edit",
            "/scripts/durations",
        )

    def visitors(self, **how: object) -> Callable[[Role], Visitor]:
        """One browser for each role."""
        known: dict[Role, Visitor] = {}

        def of(role: Role) -> Visitor:
            if role not in known:
                known[role] = self.site.visitor(role.value, **how)  # type: ignore[arg-type]
            return known[role]

        return of


def full_day(site: Site) -> FullDay:
    """Fill the platform."""
    agent = site.user("agent")
    file = csv_file(*_rows())
    site.app.case_import.import_file(file, platform=PLATFORM)
    record = site.app.case_reading.named(PLATFORM, "si-dep", "P0")
    supervisor = site.user("supervisor")
    asker = site.app.access.asker_of(supervisor)
    assert asker is not None
    agents = [site.user("agent", login=f"agent-{n:02}") for n in range(AGENTS)]
    for each in (agent, *agents):
        site.app.call_list.start_shift(each, PLATFORM)
    for each in agents[:20]:
        site.app.call_list.next_entry(each, platforms=[PLATFORM], languages=["fr"])
    _add_attempts(site, record, agent)
    _add_alarms_and_notices(site, supervisor)
    lend_to_a_neighbour(site, PLATFORM, supervisor)
    watch(site, PLATFORM, WATCHED)
    practice = _practice(site, agent)
    for each in (agent, agents[0]):
        site.app.access.new_token(each)
    for n in range(POSITIVES):
        site.day.company.set_phone(_number(n), voice="answers", talk_seconds=0)
    talk(site, agent, PLATFORM)
    import_id = _first_id(site, "imports")
    assert import_id is not None
    return FullDay(
        site=site,
        record=record,
        other=site.app.case_reading.named(PLATFORM, "si-dep", "P1"),
        import_id=import_id,
        draft=site.app.records.preview.keep(file, platform=PLATFORM, asker=asker, file_name="mardi.csv"),
        campaign=_campaigns(site, supervisor),
        agent=agents[0],
        practice=practice,
        conversation=receive_replies(site, [_number(n) for n in range(REPLIES)]),
        notice=site.app.steering.notices.published([PLATFORM])[0].id,
    )


def _number(n: int) -> str:
    """Of a positive."""
    return f"+336399810{n:02}"


def _rows() -> list[dict[str, str]]:
    known = [positive(f"P{n}", f"Durand{n}", f"06 39 98 1{n // 100} {n % 100:02}") for n in range(POSITIVES)]
    named = [
        contact(f"C{n}", f"Petit{n}", f"06 39 98 2{n // 100} {n % 100:02}", fiche_positif=f"P{n % 3}")
        for n in range(2 * POSITIVES)
    ]
    return [*known, *named, *(positive(f"R{n}", "") for n in range(REFUSED))]


def _first_id(site: Site, table: str) -> UUID | None:
    with site.app.database.begin() as connection:
        return connection.execute(select(tables.metadata.tables[table].c.id)).scalars().first()


def _add_attempts(site: Site, record: UUID, agent: UUID) -> None:
    """Calls that nobody took, one an hour."""
    entries, now = tables.call_list_entries, site.app.clock.now()
    with site.app.database.begin() as connection:
        entry = connection.execute(select(entries).where(entries.c.case_record_id == record)).one()
        for n in range(ATTEMPTS):
            began, attempt_id = now - timedelta(hours=ATTEMPTS - n), new_id()
            connection.execute(
                insert(tables.call_attempts).values(
                    id=attempt_id,
                    platform=PLATFORM,
                    entry_id=entry.id,
                    case_record_id=record,
                    person_id=entry.person_id,
                    agent_id=agent,
                    status=CallStatus.WRAP_UP.value,
                    phone_position=0,
                    conference=new_id(),
                    started_at=began,
                    ended_at=began + timedelta(seconds=40),
                    outcome="NO_ANSWER",
                    outcome_at=began + timedelta(minutes=1),
                )
            )
            for event, facts in (
                (Event.ATTEMPT_STARTED, {"phone_position": 0, "kind": "POSITIVE"}),
                (Event.ATTEMPT_OUTCOME, {"outcome": "NO_ANSWER", "purpose": "INTERVIEW"}),
            ):
                line = JournalEntry(
                    began, PLATFORM, event, journal.by_user(agent), record, entry.id, attempt_id, facts=facts
                )
                journal.write(connection, line)
        journal.write(connection, *(_texted(record, why, now) for why in MessagePurpose))
        connection.execute(
            update(tables.case_records)
            .where(tables.case_records.c.id == record)
            .values(first_called_at=now - timedelta(hours=ATTEMPTS))
        )


def _texted(record: UUID, why: MessagePurpose, at: datetime) -> JournalEntry:
    facts = {"purpose": why.value, "status": "QUEUED"}
    return JournalEntry(at, PLATFORM, Event.MESSAGE_QUEUED, journal.by_system("test"), record, facts=facts)


def _add_alarms_and_notices(site: Site, author: UUID) -> None:
    now = site.app.clock.now()
    with site.app.database.begin() as connection:
        for n in range(10):
            alarm_store.raise_alarm(
                connection, AlarmKind.IMPORT_INCOMPLETE, f"of {n}", platform=PLATFORM, now=now
            )
        for n in range(14):
            begins = now.replace(hour=7 + n % 2 * 6) + timedelta(days=n // 2 - 1)
            connection.execute(
                insert(tables.rota_shifts).values(
                    id=new_id(),
                    platform=PLATFORM,
                    day=begins.date(),
                    starts_at=begins,
                    ends_at=begins + timedelta(hours=6),
                    positions=30,
                    written_at=now,
                )
            )
    for n in range(NOTICES):
        notice = NewNotice(f"Consigne {n}", "Rappeler chacun avant midi.", now, None, platform=PLATFORM)
        site.app.steering.notices.publish(notice, author_id=author, platforms=[PLATFORM])


def _campaigns(site: Site, author: UUID) -> UUID:
    plan = CampaignPlan("campaign_isolation_check")
    made = [
        site.app.campaigning.campaigns.draft(
            PLATFORM, f"Contrôle de la semaine {n}", CampaignChannel.SMS, plan, by=author
        )
        for n in range(CAMPAIGNS)
    ]
    return made[0].id


def _practice(site: Site, agent: UUID) -> UUID:
    begun = site.app.training.begin(agent, PLATFORM, scenario=Scenario.WILLING, script="positive_full")
    site.app.training.act(agent, begun.session.id, Act.CALL)
    return begun.session.id
