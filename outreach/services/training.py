"""Practice calls on invented people: the same scripts and outcomes, and nobody at the other end (ADR 23).

Nothing here knows a phone company, a queue of messages or the call list: what is not there cannot ring.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.clock import Clock
from outreach.domain.case_records import CaseKind
from outreach.domain.interview_answers import (
    AnswerValue,
    as_values,
    findings_of,
    identity_confirmed,
    read_answer,
    still_fits,
    stored_form,
)
from outreach.domain.interviews import IDENTITY, Outline, Question, Section, parse_rendered
from outreach.domain.outcomes import CallOutcome
from outreach.domain.practice import PracticeCase, Scenario, marks, practice_case
from outreach.domain.practice_lines import opening, reply
from outreach.domain.purposes import Purpose
from outreach.errors import Conflict, NotFound
from outreach.ids import new_id
from outreach.services.interview_facts import interview_values
from outreach.services.interview_texts import LIGHT, InterviewText, InterviewTexts
from outreach.storage import platform_store, training_store
from outreach.storage.answer_store import InterviewFacts
from outreach.storage.database import Connection, Database
from outreach.storage.platform_store import Platform
from outreach.storage.training_store import Result, Session

SEED_BITS = 48


@dataclass(frozen=True)
class Spoken:
    """One line of the practice conversation. `question` '': how they picked up."""

    question: str
    words: str


@dataclass(frozen=True)
class PracticeView:
    """A practice call as its agent sees it. `sections` are empty until somebody picked up.

    `case`: whom it is about; `scenario` within is for whoever looks afterwards.
    """

    session: Session
    case: PracticeCase
    sections: tuple[Section, ...]
    withheld: int
    spoken: tuple[Spoken, ...]
    time_zone: str


@dataclass(frozen=True)
class Training:
    """Agents' use cases. Each reads and writes the agent's own practice calls only."""

    database: Database
    clock: Clock
    texts: InterviewTexts

    def begin(
        self, user_id: UUID, platform: str, *, language: str = "fr", scenario: Scenario | None = None
    ) -> PracticeView:
        """A new person, or the one who waits already. `scenario`: the one to practise, else any."""
        now = self.clock.now()
        with self.database.begin() as connection:
            place = platform_store.read(connection, platform)
            session = _session(user_id, place, scenario, language, now)
            training_store.begin(connection, session)
            standing = training_store.open_of(connection, user_id)
            return self._view(connection, standing or session)

    def current(self, user_id: UUID) -> PracticeView | None:
        """The practice call that is open."""
        with self.database.begin() as connection:
            session = training_store.open_of(connection, user_id)
            return None if session is None else self._view(connection, session)

    def read(self, user_id: UUID, session_id: UUID) -> PracticeView:
        """Raises NotFound for another agent's."""
        with self.database.begin() as connection:
            return self._view(connection, self._own(connection, user_id, session_id))

    def call(self, user_id: UUID, session_id: UUID) -> PracticeView:
        """The practice partner picks up. Calling twice changes nothing."""
        with self.database.begin() as connection:
            session = self._open(connection, user_id, session_id)
            if session.called_at is None:
                training_store.change(connection, session, called_at=self.clock.now())
            return self._view(connection, training_store.read(connection, session_id))

    def ask(self, user_id: UUID, session_id: UUID, question: str) -> PracticeView:
        """Put a question of the script to the partner. Raises NotFound, Conflict when it is not asked now."""
        with self.database.begin() as connection:
            session = self._on_the_line(connection, user_id, session_id)
            _asked(self._view(connection, session), question)
            told = [*(each for each in session.asked if each != question), question]
            training_store.change(connection, session, asked=told)
            return self._view(connection, training_store.read(connection, session_id))

    def answer(self, user_id: UUID, session_id: UUID, question: str, value: object) -> PracticeView:
        """Keep what they said, as beside a call; None takes it back. Raises as Interviews.save."""
        with self.database.begin() as connection:
            session = self._open(connection, user_id, session_id)
            if session.called_at is None:
                raise Conflict("Call first.", code="not_called")
            view = self._view(connection, session)
            asked = _asked(view, question)
            stored = stored_form(read_answer(asked, value, today=session.day))
            kept = {key: each for key, each in session.answers.items() if key != question}
            answers = kept if stored is None else {**kept, question: stored}
            training_store.change(connection, session, answers=answers)
            return self._view(connection, training_store.read(connection, session_id))

    def hang_up(self, user_id: UUID, session_id: UUID) -> PracticeView:
        """The conversation is over; answers may still be put right."""
        with self.database.begin() as connection:
            session = self._on_the_line(connection, user_id, session_id)
            training_store.change(connection, session, hung_up_at=self.clock.now())
            return self._view(connection, training_store.read(connection, session_id))

    def finish(self, user_id: UUID, session_id: UUID, outcome: CallOutcome) -> PracticeView:
        """Say how it went; the marks come at once. Raises Conflict before anybody was called."""
        now = self.clock.now()
        with self.database.begin() as connection:
            session = self._open(connection, user_id, session_id)
            if session.called_at is None:
                raise Conflict("Call first.", code="not_called")
            view = self._view(connection, session)
            told = marks(view.case, outcome, session.answers, _questions(view))
            training_store.end(connection, session, outcome, told, now)
            return self._view(connection, training_store.read(connection, session_id))

    def give_up(self, user_id: UUID, session_id: UUID) -> None:
        """Leave it without marks: nobody sees it among the results."""
        with self.database.begin() as connection:
            training_store.forget(connection, self._open(connection, user_id, session_id))

    def results(
        self,
        platforms: Sequence[str],
        *,
        user_id: UUID | None = None,
        before: UUID | None = None,
        most: int,
    ) -> list[Result]:
        """Practice calls that are over, newest first; of one agent, or of all of these platforms."""
        with self.database.begin() as connection:
            return training_store.results(connection, platforms, user_id=user_id, before=before, most=most)

    def _own(self, connection: Connection, user_id: UUID, session_id: UUID, *, lock: bool = False) -> Session:
        session = training_store.read(connection, session_id, lock=lock)
        if session.user_id != user_id:
            raise NotFound("There is no such practice call.")
        return session

    def _open(self, connection: Connection, user_id: UUID, session_id: UUID) -> Session:
        session = self._own(connection, user_id, session_id, lock=True)
        if session.ended_at is not None:
            raise Conflict("This practice call is over.", code="practice_over")
        return session

    def _on_the_line(self, connection: Connection, user_id: UUID, session_id: UUID) -> Session:
        session = self._open(connection, user_id, session_id)
        if session.called_at is None or session.hung_up_at is not None:
            raise Conflict("Nobody is on the line.", code="nobody_on_line")
        return session

    def _view(self, connection: Connection, session: Session) -> PracticeView:
        case = practice_case(session.seed, session.day, session.scenario)
        place = platform_store.read(connection, session.platform)
        spoken = _spoken(session, case)
        if session.called_at is None:
            return PracticeView(session, case, (), 0, spoken, place.time_zone)
        sections = self._sections(connection, session, case, place)
        if not identity_confirmed(session.answers):
            shown = tuple(each for each in sections if each.key == IDENTITY)
            return PracticeView(session, case, shown, len(sections) - len(shown), spoken, place.time_zone)
        return PracticeView(session, case, sections, 0, spoken, place.time_zone)

    def _sections(
        self, connection: Connection, session: Session, case: PracticeCase, place: Platform
    ) -> tuple[Section, ...]:
        script = self.texts.scripts.in_force(
            connection, case.script, language=session.language, platform=place.code, now=session.started_at
        )
        text: InterviewText = self.texts.ready(script)
        parameters = self.texts.scripts.parameters(connection, place.code, session.started_at)
        known = interview_values(
            self.texts.scripts.settings.facts_of(place.name, place.caller_id),
            _facts(case, place, session),
            case.person,
            findings_of(session.answers),
            {**parameters, LIGHT: 0},
            today=session.day,
        )
        filled = self.texts.filled(text, known, as_values(text.outline, _typed(text.outline, session)))
        return parse_rendered(filled, text.outline)


def _session(
    user_id: UUID, place: Platform, scenario: Scenario | None, language: str, now: datetime
) -> Session:
    return Session(
        id=new_id(),
        user_id=user_id,
        platform=place.code,
        seed=secrets.randbits(SEED_BITS),
        day=now.astimezone(ZoneInfo(place.time_zone)).date(),
        scenario=scenario,
        language=language,
        started_at=now,
        called_at=None,
        hung_up_at=None,
        ended_at=None,
        outcome=None,
        asked=(),
        answers={},
        marks=None,
        version=1,
    )


def _facts(case: PracticeCase, place: Platform, session: Session) -> InterviewFacts:
    """What a script speaks of, of somebody who has no record."""
    positive = case.kind is CaseKind.POSITIVE
    tested = datetime.combine(case.tested_on, time(12), tzinfo=UTC)
    return InterviewFacts(
        purpose=Purpose.INTERVIEW if positive else Purpose.INFORM,
        kind=case.kind,
        sampled_at=tested if positive else None,
        result_at=tested if positive else None,
        listed_at=session.started_at,
        last_exposure_on=None if positive else case.exposed_on,
        household=False,
        collective_setting=False,
        vulnerable=False,
        adult=True,
        language=session.language,
        sealed_person=None,
        wrapped_key=None,
        zone=place.time_zone,
        platform_name=place.name,
        caller_id=place.caller_id,
        own_script="",
        contacts_to_name=None,
        contacts_named=0,
    )


def _typed(outline: Outline, session: Session) -> dict[str, AnswerValue]:
    return {
        key: still_fits(outline.by_key[key], value, today=session.day)
        for key, value in session.answers.items()
        if key in outline.by_key
    }


def _spoken(session: Session, case: PracticeCase) -> tuple[Spoken, ...]:
    """Everything the partner has said so far."""
    if session.called_at is None:
        return ()
    picked_up = Spoken("", opening(case, session.language))
    told = (Spoken(key, reply(case, key, session.language)) for key in session.asked)
    return (picked_up, *told)


def _questions_shown(view: PracticeView) -> Iterator[Question]:
    for section in view.sections:
        yield from (item.question for item in section.items if item.question is not None)


def _questions(view: PracticeView) -> list[str]:
    return [question.key for question in _questions_shown(view)]


def _asked(view: PracticeView, key: str) -> Question:
    """The question, if the script asks it as things stand."""
    for question in _questions_shown(view):
        if question.key == key:
            return question
    raise NotFound("The script does not ask this now.", code="not_asked")
