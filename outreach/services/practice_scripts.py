"""The interviews that may be practised, filled in for an invented person as beside a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from outreach.domain.case_records import CaseKind
from outreach.domain.interview_answers import (
    AnswerValue,
    StoredValue,
    as_values,
    findings_of,
    still_fits,
)
from outreach.domain.interview_choice import (
    CONTACT_COLLECTIVE,
    CONTACT_HOUSEHOLD,
    CONTACT_LIGHT,
    POSITIVE_LIGHT,
)
from outreach.domain.interviews import Outline, Section, parse_rendered
from outreach.domain.practice import PracticeCase
from outreach.domain.purposes import Purpose
from outreach.domain.scripts import Audience, Channel
from outreach.errors import InvalidInput
from outreach.services.interview_facts import interview_values
from outreach.services.interview_texts import LIGHT, InterviewTexts
from outreach.storage.answer_store import InterviewFacts
from outreach.storage.database import Connection
from outreach.storage.platform_store import Platform
from outreach.storage.training_store import Session

_KINDS: Mapping[Audience, CaseKind | None] = {
    Audience.POSITIVE: CaseKind.POSITIVE,
    Audience.CONTACT: CaseKind.CONTACT,
    Audience.ANYONE: None,
}


@dataclass(frozen=True)
class PracticeScripts:
    """Every interview of the catalog, as it is in force on the platform of the day."""

    texts: InterviewTexts

    def names(self) -> list[str]:
        """The interviews, in the order of the catalog."""
        entries = self.texts.scripts.catalog.entries.values()
        return [entry.name for entry in entries if entry.channel is Channel.INTERVIEW]

    def kind_of(self, script: str) -> CaseKind | None:
        """Whom a script is read to; None: either. Raises InvalidInput when it is no interview."""
        if script not in self.names():
            raise InvalidInput(
                "This is no interview that can be practised.", field="script", mend="choose one of the list"
            )
        return _KINDS[self.texts.scripts.catalog.entry(script).audience]

    def sections(
        self,
        connection: Connection,
        session: Session,
        case: PracticeCase,
        place: Platform,
        answers: Mapping[str, StoredValue],
        named: int,
    ) -> tuple[Section, ...]:
        """The script with the answers so far. `named`: lines of the contacts grid."""
        scripts, now = self.texts.scripts, session.started_at
        script = scripts.in_force(
            connection, case.script, language=session.language, platform=place.code, now=now
        )
        text = self.texts.ready(script)
        parameters = scripts.parameters(connection, place.code, now)
        known = interview_values(
            scripts.settings.facts_of(place.name, place.caller_id),
            _facts(case, place, session, named),
            case.person,
            findings_of(answers),
            {**parameters, LIGHT: int(case.script in (POSITIVE_LIGHT, CONTACT_LIGHT))},
            today=session.day,
        )
        values = as_values(text.outline, _typed(text.outline, session, answers))
        return parse_rendered(self.texts.filled(text, known, values), text.outline)


def _facts(case: PracticeCase, place: Platform, session: Session, named: int) -> InterviewFacts:
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
        household=case.script == CONTACT_HOUSEHOLD,
        collective_setting=case.script == CONTACT_COLLECTIVE,
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
        contacts_named=named,
    )


def _typed(outline: Outline, session: Session, answers: Mapping[str, StoredValue]) -> dict[str, AnswerValue]:
    return {
        key: still_fits(outline.by_key[key], value, today=session.day)
        for key, value in answers.items()
        if key in outline.by_key
    }
