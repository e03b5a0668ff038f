"""Two platforms with somebody in every role, and the things each of them works on: what requests are about.

Whoever adds a route about a new kind of thing adds one of it here, under the name of its path parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Uuid,
    insert,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from outreach.bootstrap import App
from outreach.domain.call_attempts import CallStatus
from outreach.domain.campaigns import CampaignChannel, CampaignPlan
from outreach.domain.case_records import Person
from outreach.domain.load_shedding import Mode
from outreach.domain.phone_numbers import LineType, PhoneNumber
from outreach.domain.roles import Role
from outreach.ids import new_id
from outreach.services.access import NewUser
from outreach.storage import alarm_store, attempt_store, tables
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Connection
from tests.call_list_rows import add_contact, add_platform, add_positive

NOW = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)
OURS, THEIRS, HELPER = "40", "64", "33"
# What must never be in an answer to somebody who may read no record.
FAMILY_NAME, GIVEN_NAMES, SAID = "Quatrevaux", "Zéphyrine", "rappelez la petite Boisjoli"
NUMBER = "+3363998%04d"
Things = dict[str, str]


@dataclass
class PermissionWorld:
    """`own`: what each role's person holds; `same`: a colleague's; `other`: another platform's."""

    app: App
    tokens: dict[Role, str] = field(default_factory=dict)
    sessions: dict[Role, str] = field(default_factory=dict)
    own: dict[Role, Things] = field(default_factory=dict)
    same: Things = field(default_factory=dict)
    other: Things = field(default_factory=dict)
    _people: int = 0

    def build(self) -> PermissionWorld:
        with self.app.database.begin() as connection:
            for code in (THEIRS, HELPER):
                add_platform(connection, code, NOW)
                self._fill(connection, tables.platform_modes, code, mode="NORMAL", level=1, version=1)
        ours, theirs = self._platform(OURS), self._platform(THEIRS)
        for role in Role:
            user = self._user(role.value, role, OURS)
            self.tokens[role] = self.app.access.new_token(user)[1]
            self.sessions[role] = self.app.sessions.open(user)
            self.own[role] = {**ours, **self._held_by(user, OURS)}
        colleague = self._user("colleague", Role.AGENT, OURS)
        stranger = self._user("stranger", Role.AGENT, THEIRS)
        self.same = {**ours, **self._held_by(colleague, OURS)}
        self.other = {**theirs, **self._held_by(stranger, THEIRS)}
        return self

    def _user(self, login: str, role: Role, platform: str) -> UUID:
        return self.app.access.add_user(NewUser(login, [role.value], [platform]))

    def _held_by(self, user: UUID, platform: str) -> Things:
        """What somebody works on: a person in hand with an open call, a conversation, a practice call."""
        with self.app.database.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))
            things = self._person(connection, platform, user)
            token = self.app.access.new_token(user)[0]
            session = self._fill(
                connection,
                tables.training_sessions,
                platform,
                user_id=user,
                day=date(2021, 3, 16),
                language="fr",
            )
            login = connection.execute(tables.users.select().where(tables.users.c.id == user)).one().login
        return {
            **things,
            "user_id": str(user),
            "login": login,
            "token_id": str(token),
            "session_id": str(session),
        }

    def _person(self, connection: Connection, platform: str, user: UUID) -> Things:
        self._people += 1
        number, now = NUMBER % self._people, self.app.clock.now()
        positive = add_positive(connection, now, platform=platform)
        contact = add_contact(connection, now, platform=platform)
        key, wrapped = self.app.vault.new_person_key(positive.person_id)
        phone = PhoneNumber(number, number, "FR", LineType.MOBILE, "Europe/Paris")
        index = self.app.vault.number_index(number)
        sealed = key.seal(Person(FAMILY_NAME, GIVEN_NAMES, phones=(phone,)).to_sealed())
        connection.execute(
            insert(tables.person_keys).values(person_id=positive.person_id, wrapped_key=wrapped)
        )
        connection.execute(
            update(tables.persons).where(tables.persons.c.id == positive.person_id).values(sealed=sealed)
        )
        connection.execute(
            update(tables.person_phones)
            .where(tables.person_phones.c.person_id == positive.person_id)
            .values(number_index=index)
        )
        connection.execute(
            update(tables.call_list_entries)
            .where(tables.call_list_entries.c.id == positive.entry_id)
            .values(
                state="LEASED",
                lease_id=new_id(),
                leased_by=user,
                number_index=index,
                leased_until=now + timedelta(minutes=10),
            )
        )
        attempt_id = self._attempt(connection, platform, user, positive, index)
        link = {"contact_id": contact.case_record_id, "positive_id": positive.case_record_id}
        self._fill(connection, tables.exposures, platform, **link)
        conversation = self._fill(
            connection,
            tables.conversations,
            platform,
            number_index=index,
            state="OPEN",
            person_id=positive.person_id,
            assigned_to=user,
        )
        reply = key.seal_text(SAID)
        self._fill(
            connection,
            tables.inbound_messages,
            platform,
            person_id=positive.person_id,
            number_index=index,
            sealed_body=reply,
            meaning="QUESTION",
        )
        external_id = f"LAB-{self._people}"
        self._fill(
            connection,
            tables.case_references,
            platform,
            source="si-dep",
            external_id=external_id,
            case_record_id=positive.case_record_id,
        )
        self._fill(
            connection,
            tables.watched_records,
            platform,
            case_record_id=positive.case_record_id,
            why="NO_RESULT",
        )
        return {
            "case_record_id": str(positive.case_record_id),
            "positive_id": str(positive.case_record_id),
            "other": str(contact.case_record_id),
            "contact_id": str(contact.case_record_id),
            "person_id": str(positive.person_id),
            "entry_id": str(positive.entry_id),
            "attempt_id": str(attempt_id),
            "conversation_id": str(conversation),
            "external_id": external_id,
        }

    def _attempt(self, connection: Connection, platform: str, user: UUID, listed: Any, index: bytes) -> UUID:
        attempt = Attempt(
            id=new_id(),
            platform=platform,
            entry_id=listed.entry_id,
            case_record_id=listed.case_record_id,
            person_id=listed.person_id,
            agent_id=user,
            status=CallStatus.WRAP_UP,
            phone_position=0,
            inbound=False,
            conference=new_id(),
            started_at=self.app.clock.now(),
            mode_version=1,
            number_index=index,
        )
        attempt_store.start(connection, self.app.interviews.texts.stamped(connection, attempt))
        return attempt.id

    def _platform(self, platform: str) -> Things:
        """What everybody of a platform shares."""
        app, author = self.app, self._user(f"author of {platform}", Role.SUPERVISOR, platform)
        campaign = app.campaigning.campaigns.draft(
            platform, "Contrôle", CampaignChannel.SMS, CampaignPlan("campaign_isolation_check"), by=author
        )
        planned = app.modes.planned.plan(
            platform, Mode.LIGHT, reason="test", author_id=author, starts_at=NOW + timedelta(hours=4)
        )
        with app.database.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))
            made = self._rows(connection, platform, author)
        return {
            **made,
            "platform": platform,
            "code": platform,
            "campaign_id": str(campaign.id),
            "planned_id": str(planned.id),
            "batch": "1",
            "tag": "school",
            "mode": "LIGHT",
            "purpose": "INFORM",
            "queue": "SUPERVISORS",
            "question": "name_confirmed",
            "source": "si-dep",
            "sender": "+33536490001",
            "name": "contact_informed",
            "position": "0",
            "row": "1",
            "sid": "CA" + "1" * 32,
            "act": "accept",
        }

    def _rows(self, connection: Connection, platform: str, author: UUID) -> Things:
        end, started = NOW + timedelta(hours=8), {"starts_at": NOW, "ends_at": NOW + timedelta(hours=8)}
        alarm_store.raise_alarm(
            connection, AlarmKind.IMPORT_INCOMPLETE, f"of {platform}", platform=platform, now=NOW
        )
        alarm = connection.execute(tables.alarms.select().where(tables.alarms.c.platform == platform)).one()
        loan = connection.execute(
            insert(tables.mutual_aid_loans)
            .values(
                owner=platform,
                helper=HELPER,
                amount=1,
                most=1,
                call_classes=[],
                queues=[],
                languages=[],
                reason="test",
                **started,
            )
            .returning(tables.mutual_aid_loans.c.number)
        ).scalar_one()
        made = {
            "import_id": self._fill(
                connection, tables.imports, platform, state="DONE", file_type="csv", mapping="si-dep"
            ),
            "notice_id": self._fill(connection, tables.notices, platform, author_id=author, **started),
            "absence_id": self._fill(
                connection, tables.rota_absences, platform, positions=1, reason="LEAVE", **started
            ),
            "shift_id": self._fill(connection, tables.rota_shifts, platform, positions=1, **started),
            "proposal_id": self._fill(
                connection, tables.mode_proposals, platform, mode="LIGHT", expires_at=end
            ),
            "version_id": self._fill(
                connection,
                tables.script_versions,
                platform,
                name="contact_informed",
                language="fr",
                number=int(platform),
                body="Bonjour",
                author_id=author,
            ),
            "value_id": self._fill(
                connection, tables.dated_parameters, platform, name="isolation_days", country="FR"
            ),
            "pass_id": self._fill(
                connection, tables.wall_passes, platform, platforms=[platform], made_by=author
            ),
            "alarm_id": alarm.id,
            "number": loan,
        }
        return {name: str(value) for name, value in made.items()}

    def _fill(self, connection: Connection, table: Table, platform: str, **given: Any) -> UUID:
        """A row with what is given, and something plain wherever something must be; its id, if it has one."""
        values = {column.name: _plain(column) for column in table.columns if _must_be_given(column)}
        values |= given | ({"platform": platform} if "platform" in table.c else {})
        connection.execute(insert(table).values(values))
        made = values.get("id")
        return made if isinstance(made, UUID) else UUID(int=0)


def _must_be_given(column: Column[Any]) -> bool:
    return not column.nullable and column.server_default is None and column.identity is None


_PLAIN: Mapping[Any, Any] = {
    DateTime: NOW,
    Date: date(2021, 3, 16),
    Boolean: False,
    (Integer, Numeric): 1,
    JSONB: {},
    ARRAY: [],
}


def _plain(column: Column[Any]) -> Any:
    if isinstance(column.type, Uuid):
        return new_id()
    if isinstance(column.type, LargeBinary):
        return new_id().bytes
    found = (value for types, value in _PLAIN.items() if isinstance(column.type, types))
    return next(found, str(new_id()) if column.unique else "test")
