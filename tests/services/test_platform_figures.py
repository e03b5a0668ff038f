"""Two small days, counted by hand, and the same from the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, insert, text, update

from outreach.clock import SetClock
from outreach.domain.platform_figures import By
from outreach.errors import InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.platform_figures import Area, PlatformFigures, as_csv
from outreach.services.service_level import ServiceLevelFigures
from outreach.storage import journal, tables
from outreach.storage.database import Database
from outreach.storage.journal import Event, JournalEntry
from tests.call_list_rows import Listed, add_contact, add_positive
from tests.conftest import MORNING

TUESDAY = MORNING - timedelta(hours=10)  # 00:00 in Paris
WEDNESDAY = TUESDAY + timedelta(days=1)
THURSDAY = TUESDAY + timedelta(days=2)


@dataclass
class Story:
    connection: Connection

    def line(self, hours: float, event: Event, listed: Listed | None = None, **facts: object) -> None:
        """Something that happened so many hours after Tuesday's ten o'clock."""
        attempt = new_id() if event is Event.ATTEMPT_OUTCOME else None
        message = facts.pop("message_id", None)
        entry = JournalEntry(
            at(hours),
            "40",
            event,
            "user:anne",
            None if listed is None else listed.case_record_id,
            None if listed is None else listed.entry_id,
            attempt,
            message if isinstance(message, UUID) else None,
            facts,
        )
        journal.write(self.connection, entry)

    def call(self, hours: float, listed: Listed, outcome: str, *marks: str) -> None:
        told = {mark: at(hours).isoformat() for mark in marks}
        self.line(hours, Event.ATTEMPT_OUTCOME, listed, outcome=outcome, **told)
        if "reached_at" in marks:
            cases = tables.case_records
            self.connection.execute(
                update(cases).where(cases.c.id == listed.case_record_id).values(reached_at=at(hours))
            )

    def close(self, hours: float, listed: Listed, because: str) -> None:
        entries = tables.call_list_entries
        self.connection.execute(
            update(entries).where(entries.c.id == listed.entry_id).values(state="CLOSED", closed_at=at(hours))
        )
        self.line(hours, Event.ENTRY_CLOSED, listed, because=because)

    def names(self, positive: Listed, contact: Listed) -> None:
        self.connection.execute(
            insert(tables.exposures).values(
                id=new_id(),
                contact_id=contact.case_record_id,
                positive_id=positive.case_record_id,
                created_at=MORNING,
            )
        )

    def sms(self, hours: float, listed: Listed) -> None:
        """Sent and delivered, not read, and called after all."""
        message_id = new_id()
        self.connection.execute(text("set local session_replication_role = replica"))
        self.connection.execute(
            insert(tables.messages).values(
                id=message_id,
                platform="40",
                person_id=listed.person_id,
                purpose="CONTACT_INFORMED",
                status="DELIVERED",
                urgency=1,
                number_index=b"n",
                phone_position=0,
                sender="s",
                template="t",
                template_version=1,
                mode_version=1,
                language="fr",
                segments=1,
                send_id=new_id(),
                tries=1,
                not_before=at(hours),
                useful_until=at(hours + 9),
                created_at=at(hours),
                accepted_at=at(hours),
                delivered_at=at(hours),
                returned_at=at(hours + 9),
            )
        )
        self.line(hours, Event.MESSAGE_QUEUED, listed, message_id=message_id, purpose="CONTACT_INFORMED")


def at(hours: float) -> datetime:
    return MORNING + timedelta(hours=hours)


def tell(connection: Connection) -> None:
    story = Story(connection)
    answered, missed = add_positive(connection, MORNING), add_positive(connection, MORNING)
    told, never = add_contact(connection, MORNING), add_contact(connection, MORNING)
    story.line(0, Event.SHIFT_STARTED)
    story.call(0.5, answered, "COMPLETED", "called_at", "reached_at")
    story.close(0.5, answered, "COMPLETED")
    story.names(answered, told)
    story.names(answered, never)
    story.line(1, Event.PAUSE_STARTED, reason="MEAL")
    story.line(1.5, Event.PAUSE_ENDED)
    story.call(1.6, missed, "NO_ANSWER", "called_at")
    story.call(2, told, "INFO_GIVEN", "called_at", "reached_at", "informed_at")
    story.close(2, told, "INFO_GIVEN")
    story.line(3, Event.SHIFT_ENDED)
    story.line(6, Event.MODE_SWITCHED, mode="SMS_CONTACTS", ends_at=at(23).isoformat())
    story.sms(7, never)
    second = add_positive(connection, at(24))
    story.line(24, Event.SHIFT_STARTED)
    story.call(24.5, second, "COMPLETED", "called_at", "reached_at")
    story.close(24.5, second, "COMPLETED")
    story.call(24.7, missed, "INVALID_NUMBER")
    story.line(25, Event.SHIFT_ENDED)
    story.close(26, never, "UNREACHED")


@pytest.fixture
def figures(database: Database, clock: SetClock, platform: str) -> PlatformFigures:
    with database.begin() as connection:
        tell(connection)
    clock.advance(timedelta(days=3))
    return PlatformFigures(database, ServiceLevelFigures(database, clock))


COUNTED_BY_HAND = {
    "2021-03-16": {
        "modes": "NORMAL SMS_CONTACTS",
        "positives": 2,
        "positives_in_time_at_arrival": 2,
        "called_in_time": 2,
        "called_share_of_all": 1.0,
        "reached_in_time": 1,
        "reached_share_of_all": 0.5,
        "reached_share_of_in_time_at_arrival": 0.5,
        "median_result_to_call_seconds": 3600 * (2.5 + 3.6) / 2,
        "contacts": 2,
        "informed_in_time": 1,
        "informed_share": 0.5,
        "positives_asked": 1,
        "contacts_per_positive_asked": 2.0,
        "contacts_per_positive_of_all": 1.0,
        "named_nobody_share_of_asked": 0.0,
        "unreached_share_of_closed": 0.0,
        "calls": 3,
        "bad_number_share_of_calls": 0.0,
        "attempts_per_person_reached": 1.5,
        "agent_hours": 2.5,
        "calls_per_agent_hour": 1.2,
        "backlog": 2,
        "backlog_hours": 2.0,  # three calls, in three different hours
        "sms_sent": 1,
        "sms_delivered_share": 1.0,
        "sms_read_share": 0.0,
        "sms_called_after_all_share": 1.0,
    },
    "2021-03-17": {
        "modes": "NORMAL SMS_CONTACTS",
        "positives": 1,
        "called_in_time": 1,
        "contacts": 0,
        "informed_share": None,
        "contacts_per_positive_asked": 0.0,
        "named_nobody_share_of_asked": 1.0,
        "unreached_share_of_closed": 0.5,
        "calls": 2,
        "bad_number_share_of_calls": 0.5,
        "attempts_per_person_reached": 1.0,
        "agent_hours": 1.0,
        "backlog": 1,
        "sms_sent": 0,
        "sms_delivered_share": None,
    },
}


def test_the_figures_of_each_day_are_those_counted_by_hand(figures: PlatformFigures) -> None:
    rows = figures.rows(["40"], TUESDAY, THURSDAY, By.DAY)
    assert [row["row"] for row in rows] == list(COUNTED_BY_HAND)
    for row, counted in zip(rows, COUNTED_BY_HAND.values(), strict=True):
        assert {name: row[name] for name in counted} == pytest.approx(counted)


def test_by_mode_each_call_counts_under_the_mode_in_force_then(figures: PlatformFigures) -> None:
    rows = {row["row"]: row for row in figures.rows(["40"], TUESDAY, THURSDAY, By.MODE)}
    assert set(rows) == {"NORMAL", "SMS_CONTACTS"}
    assert (rows["NORMAL"]["calls"], rows["SMS_CONTACTS"]["calls"]) == (5, 0)
    assert (rows["NORMAL"]["sms_sent"], rows["SMS_CONTACTS"]["sms_sent"]) == (0, 1)
    assert rows["NORMAL"]["backlog"] == 1
    # The result of Wednesday seven o'clock came while contacts were texted.
    assert (rows["NORMAL"]["positives"], rows["SMS_CONTACTS"]["positives"]) == (2, 1)


def test_the_whole_is_the_sum_of_its_days(figures: PlatformFigures) -> None:
    (whole,) = figures.rows(["40"], TUESDAY, THURSDAY, None)
    days = figures.rows(["40"], TUESDAY, THURSDAY, By.DAY)
    for name in ("positives", "called_in_time", "contacts", "calls", "sms_sent", "agent_hours"):
        assert whole[name] == sum(float(day[name] or 0) for day in days)
    assert whole["backlog"] == days[-1]["backlog"]


def test_a_region_and_a_country_hold_their_platforms(figures: PlatformFigures) -> None:
    assert figures.platforms_of(Area(region="75")) == ["40"]
    assert figures.platforms_of(Area(region="FR-NAQ")) == ["40"]
    assert figures.platforms_of(Area(country="FR")) == ["40"]
    for area, wrong in (
        (Area(), InvalidInput),
        (Area("40", "75"), InvalidInput),
        (Area(region="X"), NotFound),
    ):
        with pytest.raises(wrong):
            figures.platforms_of(area)


def test_a_span_that_ends_before_it_begins_is_refused(figures: PlatformFigures) -> None:
    with pytest.raises(InvalidInput):
        figures.rows(["40"], THURSDAY, TUESDAY, None)


def test_the_csv_opens_in_a_spreadsheet_and_runs_nothing(figures: PlatformFigures) -> None:
    lines = as_csv(figures.rows(["40"], TUESDAY, THURSDAY, By.DAY)).splitlines()
    assert lines[0].startswith("\ufeffrow;modes;positives;")
    assert lines[1].startswith("2021-03-16;NORMAL SMS_CONTACTS;2;2;2;1.0;")
    assert as_csv([{"row": "=1+1", "none": None}]).splitlines()[1] == "'=1+1;"
    assert as_csv([]) == ""
