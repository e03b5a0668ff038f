"""Lists with more rows than a piece or a small page holds, for whoever looks at pages and files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert

from outreach.bootstrap import App
from outreach.domain.call_list import CallClass, Queue
from outreach.domain.campaigns import CampaignChannel, CampaignPlan
from outreach.domain.mutual_aid import LoanTerms
from outreach.domain.notices import NewNotice
from outreach.ids import new_id
from outreach.services.script_editing import Editor, NewText
from outreach.storage import alarm_store, journal, mutual_aid_store, tables
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.journal import Event, JournalEntry
from tests.call_list_rows import Listed, add_contact, add_platform
from tests.conftest import MORNING
from tests.message_world import give_numbers
from tests.web.case_files import FILE
from tests.web.conftest import Hire

MINUTE = timedelta(minutes=1)
Fill = Callable[[App, Hire], None]
ROWS = 5  # of each list: more than two pieces of a file


def _user(app: App, hire: Hire, role: str, login: str) -> UUID:
    hire(role, login=login)
    return app.access.user_named(login).id


def fill_imports(app: App, hire: Hire) -> None:
    for _ in range(ROWS):
        app.case_import.import_file(FILE, platform="40")


def fill_notices(app: App, hire: Hire) -> None:
    author = _user(app, hire, "supervisor", "author")
    notice = NewNotice("=1+1", "New durations.", app.clock.now(), None, platform="40")
    for _ in range(ROWS):
        app.steering.notices.publish(notice, author_id=author, platforms=["40"])


def fill_alarms(app: App, hire: Hire) -> None:
    with app.database.begin() as connection:
        for number in range(ROWS):
            alarm_store.raise_alarm(
                connection, AlarmKind.DISTRESS, f"{number}", platform="40", now=app.clock.now()
            )


def fill_users(app: App, hire: Hire) -> None:
    for number in range(ROWS):
        hire("agent", login=f"agent-{number}")


def fill_sign_ins(app: App, hire: Hire) -> None:
    whose = _user(app, hire, "agent", "lea")
    for _ in range(ROWS):
        app.signing_in.links.invite(whose)


def fill_decisions(app: App, hire: Hire) -> None:
    now = app.clock.now()
    facts = {"mode": "NORMAL", "because": "enough hands", "done": "STAYS"}
    lines = [
        JournalEntry(now, "40", Event.AUTO_DECIDED, journal.by_system("auto"), facts=facts)
        for _ in range(ROWS)
    ]
    with app.database.begin() as connection:
        journal.write_all(connection, lines)


def fill_glass(app: App, hire: Hire) -> None:
    by, people = _user(app, hire, "agent", "lea"), listed(app)
    for each in people:
        app.break_glass.open(each.case_record_id, "They stand at our desk", by=by)


def fill_practice(app: App, hire: Hire) -> None:
    agent = hire("agent")
    for _ in range(ROWS):
        path = f"/training/{agent.post('/training', {'platform': '40'}).json()['id']}"
        agent.post(f"{path}/call")
        agent.post(f"{path}/outcome", {"outcome": "NO_ANSWER"})


def fill_watch_list(app: App, hire: Hire) -> None:
    rows = [
        {"case_record_id": each.case_record_id, "platform": "40", "why": "NO_POSITIVE", "since": MORNING}
        for each in listed(app)
    ]
    with app.database.begin() as connection:
        connection.execute(insert(tables.watched_records), rows)


def fill_call_list(app: App, hire: Hire) -> None:
    listed(app)


def fill_campaigns(app: App, hire: Hire) -> None:
    by, plan = _user(app, hire, "pilot", "author"), CampaignPlan("campaign_isolation_check")
    for number in range(ROWS):
        app.campaigning.campaigns.draft("40", f"Week {number}", CampaignChannel.SMS, plan, by=by)


def fill_switches(app: App, hire: Hire) -> None:
    switched(app, ROWS)


def fill_loans(app: App, hire: Hire) -> None:
    lent(app, ROWS)


def fill_aid(app: App, hire: Hire) -> None:
    """Lent to as many platforms as a list has rows, each of which made a call."""
    ended = app.clock.now() - MINUTE
    for number in range(ROWS):
        helper = f"9{number}"
        with app.database.begin() as connection:
            add_platform(connection, helper, MORNING)
            mutual_aid_store.add(connection, loan_to(helper), None)
        hire("agent", login=f"helper-{number}", platforms=(helper,))
        agent = app.access.user_named(f"helper-{number}").id
        with app.database.begin() as connection:
            called = add_contact(connection, MORNING)
            connection.execute(
                insert(tables.call_attempts).values(
                    id=new_id(),
                    platform="40",
                    entry_id=called.entry_id,
                    case_record_id=called.case_record_id,
                    person_id=called.person_id,
                    agent_id=agent,
                    status="ENDED",
                    phone_position=0,
                    conference=new_id(),
                    started_at=ended - MINUTE,
                    ended_at=ended,
                    outcome="BUSY",
                )
            )


def fill_wall_passes(app: App, hire: Hire) -> None:
    maker = hire("supervisor", login="maker")
    for _ in range(ROWS):
        assert maker.post("/wall-passes", {"platforms": ["40"]}).status_code == 201


def fill_versions(app: App, hire: Hire) -> None:
    editor = Editor(_user(app, hire, "pilot", "editor"), ("40",))
    body = app.script_reading.in_force("voicemail", language="fr", platform="40").body
    for number in range(ROWS):
        app.script_editing.draft(NewText("voicemail", "fr", f"{body} {number}", "Other words"), editor)


def fill_nothing(app: App, hire: Hire) -> None:
    """It came with the program."""


def listed(app: App) -> list[Listed]:
    """As many contacts as a list has rows."""
    with app.database.begin() as connection:
        found = [add_contact(connection, app.clock.now()) for _ in range(ROWS)]
        for number, each in enumerate(found):
            give_numbers(connection, app.vault, each, (f"+3363998000{number}",))
    return found


def switched(app: App, times: int) -> None:
    """The mode of platform 40, one minute after the other."""
    facts = {"mode": "NORMAL", "version": 1, "reason": "a wave", "ends_at": None, "previous": "LIGHT"}
    actor = journal.by_system("test")
    lines = [
        JournalEntry(MORNING - n * MINUTE, "40", Event.MODE_SWITCHED, actor, facts=facts)
        for n in range(times)
    ]
    with app.database.begin() as connection:
        journal.write_all(connection, lines)


def lent(app: App, times: int) -> None:
    """By platform 40 to another one."""
    with app.database.begin() as connection:
        add_platform(connection, "33", MORNING)
        for _ in range(times):
            mutual_aid_store.add(connection, loan_to("33"), None)


def loan_to(helper: str) -> LoanTerms:
    """Of platform 40's contacts."""
    return LoanTerms(
        owner="40",
        helper=helper,
        share=20,
        amount=None,
        most=10,
        call_classes=frozenset({CallClass.CONTACT}),
        queues=frozenset({Queue.AGENTS}),
        languages=frozenset(),
        starts_at=MORNING,
        ends_at=MORNING + 60 * MINUTE,
        reason="a wave",
    )
