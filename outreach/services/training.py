"""Practice calls on invented people: the same scripts and outcomes, and nobody at the other end (ADR 23).

Nothing here knows a phone company, a queue of messages or the call list: what is not there cannot ring.
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.clock import Clock
from outreach.domain.interview_answers import StoredValue, identity_confirmed, read_answer, stored_form
from outreach.domain.interviews import IDENTITY, AnswerType, Question, Section
from outreach.domain.outcomes import CallOutcome
from outreach.domain.practice import PracticeCase, Scenario, practice_case, surprise
from outreach.domain.practice_call import Act, Colleague, Line, LineState, line_after
from outreach.domain.practice_contacts import MOST_CONTACTS, PracticeContact, as_kept, read_contact
from outreach.domain.practice_marks import marks
from outreach.domain.practice_partner import names_contacts, opening, reply, said_on
from outreach.domain.practice_truth import asks_for_names
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.practice_scripts import PracticeScripts
from outreach.storage import platform_store, training_store
from outreach.storage.database import Connection, Database
from outreach.storage.platform_store import Platform
from outreach.storage.training_store import Result, Session
from outreach.storage.vault import Vault

SEED_BITS = 48
SEALED_FOR = "practice"
CONTACTS, WORDS = "contacts", "words"  # what is sealed; contacts are asked for like a question
# Buttons at which somebody speaks, as they stand among the questions that were put; no question has a dot.
_WHO = {
    Act.ASK_HELP: Colleague.SUPERVISOR,
    Act.BRING_ADVISER: Colleague.ADVISER,
    Act.SUMMARISE: Colleague.ADVISER,
}
_SAID_ON = {act: f"line.{act}" for act in (Act.ASK_TO_WAIT, *_WHO)}
_ACT_SAID = {key: act for act, key in _SAID_ON.items()}


@dataclass(frozen=True)
class Spoken:
    """One line of the practice conversation. `question` '': how they picked up, or no answer to any.

    `who`: the colleague who speaks; None: the partner.
    """

    question: str
    words: str
    who: Colleague | None = None


@dataclass(frozen=True)
class Typed:
    """What the agent kept: answers by question, and the grid's lines. `words`: answers that are sealed."""

    answers: Mapping[str, StoredValue]
    contacts: tuple[PracticeContact, ...]
    words: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PracticeView:
    """A practice call as its agent sees it. `sections` are empty until somebody picked up.

    `case`: whom it is about; `scenario` within is for whoever looks afterwards. `names`: the script has the
    contacts grid filled in.
    """

    session: Session
    case: PracticeCase
    line: Line
    sections: tuple[Section, ...]
    withheld: int
    spoken: tuple[Spoken, ...]
    typed: Typed
    time_zone: str

    @property
    def questions(self) -> dict[str, Question]:
        """Those shown now, by key."""
        items = (item for section in self.sections for item in section.items)
        return {item.question.key: item.question for item in items if item.question is not None}

    @property
    def names(self) -> bool:
        return asks_for_names(self.questions.values())


@dataclass(frozen=True)
class Training:
    """Agents' use cases. Each reads and writes the agent's own practice calls only."""

    database: Database
    vault: Vault
    clock: Clock
    scripts: PracticeScripts

    def begin(
        self,
        user_id: UUID,
        platform: str,
        *,
        language: str = "fr",
        scenario: Scenario | None = None,
        script: str = "",
    ) -> PracticeView:
        """A new person, or the one who waits already. `scenario`, `script`: to practise, else any."""
        now = self.clock.now()
        scenario = scenario or surprise(random.SystemRandom())
        chosen = script or secrets.choice(self.scripts.names())
        kind = self.scripts.kind_of(chosen)
        with self.database.begin() as connection:
            place = platform_store.read(connection, platform)
            session = replace(_session(user_id, place, scenario, language, now), script=chosen, kind=kind)
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

    def act(self, user_id: UUID, session_id: UUID, act: Act) -> PracticeView:
        """A button of the call bar. Calling twice changes nothing. Raises Conflict for what cannot be now."""
        with self.database.begin() as connection:
            session = self._open(connection, user_id, session_id)
            if act is Act.CALL and session.called_at is not None:
                return self._view(connection, session)
            line = _line(session, _case(session)).after(act)
            now = self.clock.now()
            moments = {
                **({"called_at": now} if session.called_at is None else {}),
                **({"hung_up_at": now} if line.state is LineState.ENDED else {}),
            }
            told = _told_last(session.asked, _SAID_ON[act]) if act in _SAID_ON else session.asked
            training_store.change(connection, session, acts=[*session.acts, act], asked=list(told), **moments)
            return self._again(connection, session)

    def ask(self, user_id: UUID, session_id: UUID, question: str) -> PracticeView:
        """Put a question of the script to the partner, or ask for the contacts.

        Raises NotFound when the script does not ask it now, Conflict when nobody listens.
        """
        with self.database.begin() as connection:
            session = self._open(connection, user_id, session_id)
            view = self._view(connection, session)
            _somebody_listens(view.line)
            if question != CONTACTS or not view.names:
                _asked(view, question)
            training_store.change(connection, session, asked=_told_last(session.asked, question))
            return self._again(connection, session)

    def answer(self, user_id: UUID, session_id: UUID, question: str, value: object) -> PracticeView:
        """Keep what they said, as beside a call; None takes it back. Raises as Interviews.save."""
        with self.database.begin() as connection:
            session, view = self._reached(connection, user_id, session_id)
            stored = stored_form(read_answer(_asked(view, question), value, today=session.day))
            kept = {key: each for key, each in view.typed.answers.items() if key != question}
            answers = kept if stored is None else {**kept, question: stored}
            self._keep(connection, view, replace(view.typed, answers=answers))
            return self._again(connection, session)

    def add_contact(self, user_id: UUID, session_id: UUID, typed: Mapping[str, str]) -> PracticeView:
        """A line of the contacts grid. Raises InvalidInput; Conflict where the script names nobody."""
        with self.database.begin() as connection:
            session, view = self._reached(connection, user_id, session_id)
            contact = read_contact(typed)
            if not view.names:
                raise Conflict("This script has no contacts to name now.", code="names_nobody")
            contacts = (*view.typed.contacts, contact)
            if len(contacts) > MOST_CONTACTS:
                raise InvalidInput("The grid is full.", field="family_name", mend="take a line away")
            self._keep(connection, view, replace(view.typed, contacts=contacts))
            return self._again(connection, session)

    def remove_contact(self, user_id: UUID, session_id: UUID, row: int) -> PracticeView:
        """Take the line at this place, from 1, out of the grid. Raises NotFound."""
        with self.database.begin() as connection:
            session, view = self._reached(connection, user_id, session_id)
            lines = view.typed.contacts
            if not 1 <= row <= len(lines):
                raise NotFound("The grid has no such line.")
            self._keep(connection, view, replace(view.typed, contacts=lines[: row - 1] + lines[row:]))
            return self._again(connection, session)

    def finish(self, user_id: UUID, session_id: UUID, outcome: CallOutcome) -> PracticeView:
        """Say how it went; the marks come at once. Raises Conflict before anybody was called."""
        now = self.clock.now()
        with self.database.begin() as connection:
            session = self._open(connection, user_id, session_id)
            if session.called_at is None:
                raise Conflict("Call first.", code="not_called")
            view = self._view(connection, session)
            typed, asked = view.typed, list(view.questions.values())
            told = marks(view.case, view.line, outcome, typed.answers, typed.contacts, asked)
            training_store.end(connection, session, outcome, told, now)
            return self._again(connection, session)

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

    def _reached(
        self, connection: Connection, user_id: UUID, session_id: UUID
    ) -> tuple[Session, PracticeView]:
        """An open call in which somebody has picked up, whether or not they are still there."""
        session = self._open(connection, user_id, session_id)
        view = self._view(connection, session)
        if not view.line.reached:
            raise Conflict("Call first.", code="not_called")
        return session, view

    def _again(self, connection: Connection, session: Session) -> PracticeView:
        return self._view(connection, training_store.read(connection, session.id))

    def _keep(self, connection: Connection, view: PracticeView, typed: Typed) -> None:
        """Answers in words are sealed with the grid: an agent may type what is not invented."""
        asked, known = view.questions, self._typed(view.session).words
        in_words = known | {key for key, each in asked.items() if each.kind is AnswerType.TEXT}
        words = {key: answer for key, answer in typed.answers.items() if key in in_words}
        sealed = {WORDS: words, CONTACTS: [as_kept(contact) for contact in typed.contacts]}
        training_store.change(
            connection,
            view.session,
            answers={key: each for key, each in typed.answers.items() if key not in in_words},
            sealed=self.vault.seal_system(SEALED_FOR, json.dumps(sealed).encode()),
        )

    def _typed(self, session: Session) -> Typed:
        if session.sealed is None:
            return Typed(session.answers, ())
        opened = json.loads(self.vault.open_system(SEALED_FOR, session.sealed))
        contacts = tuple(read_contact(each) for each in opened[CONTACTS])
        return Typed({**session.answers, **opened[WORDS]}, contacts, frozenset(opened[WORDS]))

    def _view(self, connection: Connection, session: Session) -> PracticeView:
        case, place = _case(session), platform_store.read(connection, session.platform)
        line, typed = _line(session, case), self._typed(session)
        view = PracticeView(session, case, line, (), 0, (), typed, place.time_zone)
        if not line.reached:
            return replace(view, spoken=_spoken(view, session))
        sections = self.scripts.sections(connection, session, case, place, typed.answers, len(typed.contacts))
        if not identity_confirmed(typed.answers):
            shown = tuple(each for each in sections if each.key == IDENTITY)
            view = replace(view, sections=shown, withheld=len(sections) - len(shown))
        else:
            view = replace(view, sections=sections)
        return replace(view, spoken=_spoken(view, session))


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
        script="",
        kind=None,
        language=language,
        started_at=now,
        called_at=None,
        hung_up_at=None,
        ended_at=None,
        outcome=None,
        asked=(),
        acts=(),
        answers={},
        sealed=None,
        marks=None,
        version=1,
    )


def _case(session: Session) -> PracticeCase:
    return practice_case(
        session.seed, session.day, session.scenario, script=session.script, kind=session.kind
    )


def _line(session: Session, case: PracticeCase) -> Line:
    return line_after(session.acts, case.line)


def _told_last(asked: Sequence[str], key: str) -> list[str]:
    return [*(each for each in asked if each != key), key]


def _spoken(view: PracticeView, session: Session) -> tuple[Spoken, ...]:
    """Everything the partner has said so far; a number that rang out is heard too."""
    if session.called_at is None:
        return ()
    case, language, questions = view.case, session.language, view.questions
    rung = (Spoken("", opening(case, number, language)) for number in range(view.line.number + 1))
    replies = _replies(session.asked, case, questions, language, len(view.typed.answers))
    return (*rung, *(each for each in replies if each.words))


def _replies(
    asked: Sequence[str], case: PracticeCase, questions: Mapping[str, Question], language: str, kept: int
) -> Iterator[Spoken]:
    """In the order in which they were told; a supervisor changes what is said after."""
    with_help = False
    for key in asked:
        if key == CONTACTS:
            yield Spoken(key, names_contacts(case, language))
        elif key in _ACT_SAID:
            act = _ACT_SAID[key]
            with_help = with_help or act is Act.ASK_HELP
            yield Spoken("", said_on(act, case, language, kept=kept), _WHO.get(act))
        elif key in questions:
            yield Spoken(key, reply(case, questions[key], language, with_help=with_help))


def _somebody_listens(line: Line) -> None:
    if line.state is LineState.ON_HOLD:
        raise Conflict("They are on hold: take them back first.", code="on_hold")
    if line.state is not LineState.TALKING:
        raise Conflict("Nobody is on the line.", code="nobody_on_line")


def _asked(view: PracticeView, key: str) -> Question:
    """The question, if the script asks it as things stand."""
    question = view.questions.get(key)
    if question is None:
        raise NotFound("The script does not ask this now.", code="not_asked")
    return question
