"""What the agent reads beside a call, and the answers saved as they go (docs/rules.md, Interviews)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.clock import Clock
from outreach.domain.case_records import Person
from outreach.domain.interview_answers import (
    CONTACTS_TO_NAME,
    RAISED_BY,
    SICK_LEAVE,
    AnswerValue,
    Findings,
    StoredValue,
    as_values,
    findings_of,
    identity_confirmed,
    read_answer,
    still_fits,
    stored_form,
)
from outreach.domain.interviews import IDENTITY, Outline, Question, Section, parse_rendered
from outreach.domain.scripts import Value
from outreach.errors import Conflict, NotAllowed, NotFound
from outreach.ids import new_id
from outreach.log import get_logger
from outreach.services.answer_history import GivenAnswer, counting, latest, opened_answers, values_of
from outreach.services.break_glass import why_read
from outreach.services.call_bar import own
from outreach.services.interview_facts import interview_values
from outreach.services.interview_texts import InterviewTexts
from outreach.storage import (
    access_store,
    answer_store,
    attempt_store,
    case_sheet_store,
    journal,
    person_store,
)
from outreach.storage.access_store import AccessLine, AccessReason
from outreach.storage.answer_store import ContactsMissing, InterviewFacts, StoredAnswer
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Connection, Database
from outreach.storage.vault import PersonKey, Vault

log = get_logger("interviews")


@dataclass(frozen=True)
class Reader:
    """Who asks. `platforms`: theirs; `supervises`: may read what others asked there."""

    user_id: UUID
    platforms: tuple[str, ...]
    supervises: bool = False


@dataclass(frozen=True)
class ContactCount:
    """What a positive told of, and what was recorded; `to_name` None: not asked yet."""

    to_name: int | None
    named: int


@dataclass(frozen=True)
class Interview:
    """What one call shows now.

    Until the identity is confirmed in this very call, `sections` ends with the identity check and `withheld`
    counts the others. `answers` count in this call; `last_time` holds earlier answers to what is asked anew.
    """

    attempt: Attempt
    identity_confirmed: bool
    sections: tuple[Section, ...]
    withheld: int
    answers: Mapping[str, GivenAnswer]
    last_time: Mapping[str, GivenAnswer]
    contacts: ContactCount


@dataclass(frozen=True)
class RecordAnswers:
    """All that was answered about one case record, oldest first, and what it comes to."""

    case_record_id: UUID
    findings: Findings
    contacts: ContactCount
    history: list[GivenAnswer]


@dataclass(frozen=True)
class Interviews:
    """The script beside the call, question by question."""

    database: Database
    vault: Vault
    clock: Clock
    texts: InterviewTexts

    def read(self, attempt_id: UUID, reader: Reader) -> Interview:
        """The script of a call with the answers so far. Raises NotFound, NotAllowed."""
        with self._reading(reader) as connection:
            attempt = _readable(attempt_store.read(connection, attempt_id), reader)
            interview, _ = self._interview(connection, self._opened(connection, attempt))
            self._note(connection, attempt, reader)
        log.info("interview.read", attempt_id=str(attempt_id), user_id=str(reader.user_id))
        return interview

    def beside(self, connection: Connection, attempt: Attempt) -> Interview | None:
        """The script of an agent's own call, in the transaction of their desk; None when it has none."""
        if not attempt.script:
            return None
        return self._interview(connection, self._opened(connection, attempt))[0]

    def answers(self, attempt_id: UUID, reader: Reader) -> list[GivenAnswer]:
        """What was answered in one call, corrections included, oldest first."""
        with self._reading(reader) as connection:
            attempt = _readable(attempt_store.read(connection, attempt_id), reader)
            history = self._opened(connection, attempt).history
            self._note(connection, attempt, reader)
        log.info("answers.read", attempt_id=str(attempt_id), user_id=str(reader.user_id))
        return [each for each in history if each.attempt_id == attempt_id]

    def of_case_record(self, case_record_id: UUID, reader: Reader) -> RecordAnswers:
        """What all calls of a record told. Raises NotFound."""
        now = self.clock.now()
        with self._reading(reader) as connection:
            facts = case_sheet_store.facts(connection, case_record_id)
            given = why_read(connection, facts, reader=reader.user_id, platforms=reader.platforms, now=now)
            why = given if given is AccessReason.BROKEN_GLASS else AccessReason.ANSWERS
            key = person_store.person_key(connection, self.vault, facts.person_id)
            history = opened_answers(key, answer_store.of_case_record(connection, case_record_id))
            contacts = _contacts(connection, case_record_id)
            line = AccessLine(now, facts.platform, reader.user_id, case_record_id, why)
            access_store.note(connection, line)
        log.info("answers.read", case_record_id=str(case_record_id), user_id=str(reader.user_id))
        return RecordAnswers(case_record_id, findings_of(values_of(latest(history))), contacts, history)

    def contacts_missing(
        self, platforms: Sequence[str], *, after: UUID | None = None, most: int
    ) -> list[ContactsMissing]:
        """Positives who told of more contacts than were named, by id."""
        with self.database.reading_as(platforms, now=self.clock.now()) as connection:
            return answer_store.contacts_missing(connection, platforms, after=after, most=most)

    def save(self, agent_id: UUID, attempt_id: UUID, question_key: str, value: object) -> GivenAnswer:
        """Keep an answer of the agent's own open call, with what it sets on the case record.

        `value` None takes the answer back; the same again changes nothing. Raises NotFound for a question the
        script does not have, Conflict for one that is not asked now or once the outcome was said,
        InvalidInput for a value of another type.
        """
        with self.database.begin() as connection:
            attempt = own(attempt_store.lock(connection, attempt_id), agent_id)
            if not attempt.open:
                raise Conflict("The outcome of this call was said: its answers stand.", code="outcome_said")
            call = self._opened(connection, attempt)
            interview, outline = self._interview(connection, call)
            question = _asked(interview, outline, question_key)
            stored = stored_form(read_answer(question, value, today=call.today))
            known = call.here.get(question_key)
            if known is not None and _same(known.value, stored):
                return known
            answer = _answer(attempt, question_key, stored, self.clock.now())
            _keep(connection, call, answer)
        return answer

    def _reading(self, reader: Reader) -> AbstractContextManager[Connection]:
        return self.database.reading_as(reader.platforms, reader=reader.user_id, now=self.clock.now())

    def _note(self, connection: Connection, attempt: Attempt, reader: Reader) -> None:
        """Whoever holds the call was noted as they took it."""
        if attempt.agent_id != reader.user_id or not attempt.open:
            record, why = attempt.case_record_id, AccessReason.ANSWERS
            line = AccessLine(self.clock.now(), attempt.platform, reader.user_id, record, why)
            access_store.note(connection, line)

    def _opened(self, connection: Connection, attempt: Attempt) -> _Call:
        facts = answer_store.facts_of(connection, attempt.entry_id)
        if facts.wrapped_key is None or facts.sealed_person is None:
            raise NotFound("This person's data was erased.", code="erased")
        key = self.vault.person_key(attempt.person_id, facts.wrapped_key)
        return _Call(
            attempt=attempt,
            key=key,
            facts=facts,
            person=Person.from_sealed(key.open(facts.sealed_person)),
            today=self.clock.now().astimezone(ZoneInfo(facts.zone)).date(),
            history=opened_answers(key, answer_store.of_case_record(connection, attempt.case_record_id)),
        )

    def _interview(self, connection: Connection, call: _Call) -> tuple[Interview, Outline]:
        text = self.texts.of(connection, call.attempt, self.clock.now())
        answers, last_time = counting(text.outline, call.here, call.before)
        filled = self.texts.filled(
            text,
            self._known(call),
            as_values(text.outline, _typed(text.outline, answers, call.today)),
        )
        sections = parse_rendered(filled, text.outline)
        confirmed = identity_confirmed(values_of(call.here))
        shown = sections if confirmed else tuple(each for each in sections if each.key == IDENTITY)
        withheld = len(sections) - len(shown)
        contacts = ContactCount(call.facts.contacts_to_name, call.facts.contacts_named)
        interview = Interview(call.attempt, confirmed, shown, withheld, answers, last_time, contacts)
        return interview, text.outline

    def _known(self, call: _Call) -> dict[str, Value]:
        """What the script may name without asking."""
        return interview_values(
            self.texts.scripts.settings.facts_of(call.facts.platform_name, call.facts.caller_id),
            call.facts,
            call.person,
            findings_of(values_of({**call.before, **call.here})),
            call.attempt.script_parameters,
            today=call.today,
        )


@dataclass(frozen=True)
class _Call:
    """A call with all that was answered about its case record, in the clear for one request."""

    attempt: Attempt
    key: PersonKey
    facts: InterviewFacts
    person: Person
    today: date
    history: list[GivenAnswer]

    @property
    def here(self) -> dict[str, GivenAnswer]:
        return latest(each for each in self.history if each.attempt_id == self.attempt.id)

    @property
    def before(self) -> dict[str, GivenAnswer]:
        return latest(each for each in self.history if each.attempt_id != self.attempt.id)


def _typed(outline: Outline, answers: Mapping[str, GivenAnswer], today: date) -> dict[str, AnswerValue]:
    """The answers in the types of the questions of today."""
    return {key: still_fits(outline.by_key[key], each.value, today=today) for key, each in answers.items()}


def _keep(connection: Connection, call: _Call, answer: GivenAnswer) -> None:
    attempt = call.attempt
    answer_store.add(
        connection,
        StoredAnswer(
            id=new_id(),
            attempt_id=answer.attempt_id,
            script=answer.script,
            script_version=answer.script_version,
            sealed=call.key.seal({"question": answer.question, "value": answer.value}),
            answered_by=answer.answered_by,
            answered_at=answer.answered_at,
        ),
        platform=attempt.platform,
        case_record_id=attempt.case_record_id,
        person_id=attempt.person_id,
    )
    _feed(connection, attempt, answer)
    if not call.here:
        journal.write(connection, _begun(attempt, answer.answered_at))


def _readable(attempt: Attempt, reader: Reader) -> Attempt:
    """One's own call; a supervisor's platform's calls."""
    if attempt.agent_id == reader.user_id:
        return attempt
    if reader.supervises and attempt.platform in reader.platforms:
        return attempt
    raise NotAllowed("This call is another agent's.", code="not_your_call")


def _asked(interview: Interview, outline: Outline, key: str) -> Question:
    """The question, if it is asked as things stand."""
    if key not in outline.by_key:
        raise NotFound("This script has no such question.", code="no_such_question")
    for section in interview.sections:
        for item in section.items:
            if item.question is not None and item.question.key == key:
                return item.question
    if not interview.identity_confirmed:
        raise Conflict("Confirm the identity first: the other questions follow it.", code="identity_first")
    raise Conflict("This question is not asked after what was answered so far.", code="not_asked")


def _same(known: StoredValue, given: StoredValue) -> bool:
    """True is not 1 here."""
    return type(known) is type(given) and known == given


def _answer(attempt: Attempt, question: str, value: StoredValue, now: datetime) -> GivenAnswer:
    return GivenAnswer(
        question, value, attempt.id, attempt.script, attempt.script_version, attempt.agent_id, now
    )


def _feed(connection: Connection, attempt: Attempt, answer: GivenAnswer) -> None:
    """What the case record takes over at once, so that a wrap-up that never comes loses nothing."""
    if answer.question == CONTACTS_TO_NAME:
        answer_store.set_contacts_to_name(
            connection,
            attempt.case_record_id,
            platform=attempt.platform,
            count=answer.value if isinstance(answer.value, int) else None,
            now=answer.answered_at,
        )
    elif answer.question == SICK_LEAVE:
        answer_store.set_facts(connection, attempt.case_record_id, needs_sick_leave=answer.value is True)
    elif answer.question in RAISED_BY and answer.value is True:
        answer_store.set_facts(connection, attempt.case_record_id, **{RAISED_BY[answer.question]: True})


def _contacts(connection: Connection, case_record_id: UUID) -> ContactCount:
    return ContactCount(
        answer_store.contacts_to_name(connection, case_record_id),
        case_sheet_store.contacts_of(connection, case_record_id),
    )


def _begun(attempt: Attempt, now: datetime) -> journal.JournalEntry:
    """One line for each interview, without content: the answers carry their own history, sealed."""
    return journal.JournalEntry(
        now,
        attempt.platform,
        journal.Event.INTERVIEW_BEGUN,
        journal.by_user(attempt.agent_id),
        case_record_id=attempt.case_record_id,
        entry_id=attempt.entry_id,
        attempt_id=attempt.id,
        facts={
            "script": attempt.script,
            "script_version": attempt.script_version,
            "language": attempt.script_language,
        },
    )
