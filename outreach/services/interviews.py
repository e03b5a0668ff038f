"""What the agent reads beside a call, and the answers saved as they go (docs/rules.md, Interviews)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.clock import Clock
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
from outreach.domain.interviews import IDENTITY, ItemKind, Outline, Question, Section, parse_rendered
from outreach.errors import Conflict, NotAllowed, NotFound
from outreach.ids import new_id
from outreach.log import get_logger
from outreach.services.call_bar import own
from outreach.services.interview_facts import interview_values
from outreach.services.interview_texts import InterviewTexts
from outreach.storage import answer_store, attempt_store, case_sheet_store, journal, person_store
from outreach.storage.answer_store import ContactsMissing, StoredAnswer
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
class GivenAnswer:
    """One answer in the clear, and where it comes from; `value` None: it was taken back."""

    question: str
    value: StoredValue
    attempt_id: UUID
    script: str
    script_version: int
    answered_by: UUID
    answered_at: datetime


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
        with self.database.begin() as connection:
            attempt = _readable(attempt_store.read(connection, attempt_id), reader)
            interview = self._interview(connection, attempt, self._history(connection, attempt))[0]
        log.info("interview.read", attempt_id=str(attempt_id), user_id=str(reader.user_id))
        return interview

    def answers(self, attempt_id: UUID, reader: Reader) -> list[GivenAnswer]:
        """What was answered in one call, corrections included, oldest first."""
        with self.database.begin() as connection:
            attempt = _readable(attempt_store.read(connection, attempt_id), reader)
            history = self._history(connection, attempt)
        log.info("answers.read", attempt_id=str(attempt_id), user_id=str(reader.user_id))
        return [each for each in history if each.attempt_id == attempt_id]

    def of_case_record(self, case_record_id: UUID, reader: Reader) -> RecordAnswers:
        """What all calls of a record told. Raises NotFound."""
        with self.database.begin() as connection:
            facts = case_sheet_store.facts(connection, case_record_id)
            if facts.platform not in reader.platforms:
                raise NotFound("There is no such case record.")
            key = person_store.person_key(connection, self.vault, facts.person_id)
            history = _opened(key, answer_store.of_case_record(connection, case_record_id))
            contacts = _contacts(connection, case_record_id)
        log.info("answers.read", case_record_id=str(case_record_id), user_id=str(reader.user_id))
        return RecordAnswers(case_record_id, findings_of(_values(_latest(history))), contacts, history)

    def contacts_missing(
        self, platforms: Sequence[str], *, after: UUID | None = None, most: int
    ) -> list[ContactsMissing]:
        """Positives who told of more contacts than were named, by id."""
        with self.database.begin() as connection:
            return answer_store.contacts_missing(connection, platforms, after=after, most=most)

    def save(self, agent_id: UUID, attempt_id: UUID, question_key: str, value: object) -> GivenAnswer:
        """Keep an answer of the agent's own open call, with what it sets on the case record.

        `value` None takes the answer back; the same again changes nothing. Raises NotFound for a question the
        script does not have, Conflict for one that is not asked now or once the outcome was said,
        InvalidInput for a value of another type.
        """
        now = self.clock.now()
        with self.database.begin() as connection:
            attempt = own(attempt_store.lock(connection, attempt_id), agent_id)
            if not attempt.open:
                raise Conflict("The outcome of this call was said: its answers stand.", code="outcome_said")
            history = self._history(connection, attempt)
            interview, outline = self._interview(connection, attempt, history)
            question = _asked(interview, outline, question_key)
            zone = answer_store.facts_of(connection, attempt.entry_id).zone
            stored = stored_form(read_answer(question, value, today=now.astimezone(ZoneInfo(zone)).date()))
            here = [each for each in history if each.attempt_id == attempt_id]
            known = _latest(here).get(question_key)
            if known is not None and _same(known.value, stored):
                return known
            answer = _answer(attempt, question_key, stored, now)
            self._keep(connection, attempt, answer, first=not here)
        return answer

    def _keep(self, connection: Connection, attempt: Attempt, answer: GivenAnswer, *, first: bool) -> None:
        key = person_store.person_key(connection, self.vault, attempt.person_id)
        row = StoredAnswer(
            id=new_id(),
            attempt_id=answer.attempt_id,
            script=answer.script,
            script_version=answer.script_version,
            sealed=key.seal({"question": answer.question, "value": answer.value}),
            answered_by=answer.answered_by,
            answered_at=answer.answered_at,
        )
        answer_store.add(
            connection,
            row,
            platform=attempt.platform,
            case_record_id=attempt.case_record_id,
            person_id=attempt.person_id,
        )
        _feed(connection, attempt, answer)
        if first:
            journal.write(connection, _begun(attempt, answer.answered_at))

    def _history(self, connection: Connection, attempt: Attempt) -> list[GivenAnswer]:
        key = person_store.person_key(connection, self.vault, attempt.person_id)
        return _opened(key, answer_store.of_case_record(connection, attempt.case_record_id))

    def _interview(
        self, connection: Connection, attempt: Attempt, history: Sequence[GivenAnswer]
    ) -> tuple[Interview, Outline]:
        now = self.clock.now()
        text = self.texts.of(connection, attempt)
        person = person_store.open_person(connection, self.vault, attempt.person_id).person
        facts = answer_store.facts_of(connection, attempt.entry_id)
        contacts = _contacts(connection, attempt.case_record_id)
        today = now.astimezone(ZoneInfo(facts.zone)).date()
        here = _latest(each for each in history if each.attempt_id == attempt.id)
        before = _latest(each for each in history if each.attempt_id != attempt.id)
        answers, last_time = _counting(text.outline, here, before)
        typed: dict[str, AnswerValue] = {
            key: still_fits(text.outline.by_key[key], each.value, today=today)
            for key, each in answers.items()
        }
        known = interview_values(
            self.texts.scripts.settings.facts_of(facts.platform_name, facts.caller_id),
            facts,
            person,
            findings_of(_values({**before, **here})),
            attempt.script_parameters,
            today=today,
            contacts_named=contacts.named,
        )
        filled = self.texts.filled(text, known, as_values(text.outline, typed))
        sections = parse_rendered(filled, text.outline)
        confirmed = identity_confirmed(_values(here))
        shown = sections if confirmed else tuple(each for each in sections if each.key == IDENTITY)
        interview = Interview(
            attempt, confirmed, shown, len(sections) - len(shown), answers, last_time, contacts
        )
        return interview, text.outline


def _readable(attempt: Attempt, reader: Reader) -> Attempt:
    """One's own call; a supervisor's platform's calls."""
    if attempt.agent_id == reader.user_id:
        return attempt
    if reader.supervises and attempt.platform in reader.platforms:
        return attempt
    raise NotAllowed("This call is another agent's.", code="not_your_call")


def _opened(key: PersonKey, rows: Iterable[StoredAnswer]) -> list[GivenAnswer]:
    answers = []
    for row in rows:
        opened = key.open(row.sealed)
        answers.append(
            GivenAnswer(
                opened["question"],
                opened["value"],
                row.attempt_id,
                row.script,
                row.script_version,
                row.answered_by,
                row.answered_at,
            )
        )
    return answers


def _latest(answers: Iterable[GivenAnswer]) -> dict[str, GivenAnswer]:
    return {each.question: each for each in answers}


def _values(answers: Mapping[str, GivenAnswer]) -> dict[str, StoredValue]:
    return {key: each.value for key, each in answers.items()}


def _counting(
    outline: Outline, here: Mapping[str, GivenAnswer], before: Mapping[str, GivenAnswer]
) -> tuple[dict[str, GivenAnswer], dict[str, GivenAnswer]]:
    """The answers that count in this call, and earlier ones to what is asked anew."""
    questions = outline.by_key
    anew = {key: each for key, each in before.items() if key in questions and questions[key].anew}
    kept = {key: each for key, each in before.items() if key in questions and key not in anew}
    mine = {key: each for key, each in here.items() if key in questions}
    counting = {key: each for key, each in {**kept, **mine}.items() if each.value is not None}
    return counting, {key: each for key, each in anew.items() if each.value is not None}


def _asked(interview: Interview, outline: Outline, key: str) -> Question:
    """The question, if it is asked as things stand."""
    if key not in outline.by_key:
        raise NotFound("This script has no such question.", code="no_such_question")
    for section in interview.sections:
        for item in section.items:
            if item.kind is ItemKind.QUESTION and item.question is not None and item.question.key == key:
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
