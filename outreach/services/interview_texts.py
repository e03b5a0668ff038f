"""Interviews as they were in force when a call began: chosen, stamped on the attempt, compiled once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from outreach.domain.interview_choice import WhoIsCalled, interview_for
from outreach.domain.interviews import Outline, inline, parse_source
from outreach.domain.load_shedding import ScriptLength
from outreach.domain.scripts import Channel, Value, checked_value
from outreach.errors import NotFound
from outreach.rendering.safe_templates import SafeTemplate, names_in, safe_template
from outreach.services.scripts import Scripts, ScriptText
from outreach.storage import answer_store, mode_store, script_store
from outreach.storage.answer_store import InterviewFacts
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Connection

LIGHT = "light"  # stamped beside the dated parameters: 1 under a mode that asks for the short form
MOST_COMPILED = 200


@dataclass(frozen=True)
class InterviewText:
    """One version of one interview, ready to be filled in. `names`: the variables it uses."""

    name: str
    outline: Outline
    template: SafeTemplate
    names: frozenset[str]


@dataclass(frozen=True)
class InterviewTexts:
    """Which interview an attempt reads, and its text."""

    scripts: Scripts
    compiled: dict[tuple[str, str, str], InterviewText] = field(default_factory=dict)

    def stamped(self, connection: Connection, attempt: Attempt) -> Attempt:
        """The attempt with the script that its agent is to read, as in force when it begins."""
        now = attempt.started_at
        facts = answer_store.facts_of(connection, attempt.entry_id)
        mode = mode_store.in_force(connection, attempt.platform).at(now)
        length = mode_store.rules_of(connection, attempt.platform)[mode].script
        script = self.scripts.in_force(
            connection,
            self._chosen(facts, length),
            language=facts.language,
            platform=attempt.platform,
            now=now,
        )
        parameters = self.scripts.parameters(connection, attempt.platform, now)
        return replace(
            attempt,
            script=script.name,
            script_version=script.number,
            script_language=script.language,
            script_parameters={**parameters, LIGHT: int(length is ScriptLength.LIGHT)},
        )

    def of(self, connection: Connection, attempt: Attempt, now: datetime) -> InterviewText:
        """The very text that was stamped. Raises NotFound for an attempt of before there were interviews."""
        if not attempt.script:
            raise NotFound("This call has no script.", code="no_script")
        return self.ready(self._stamped_text(connection, attempt, now))

    def ready(self, script: ScriptText) -> InterviewText:
        """One version, compiled once."""
        key = (script.name, script.language, script.body)
        if key not in self.compiled:
            if len(self.compiled) >= MOST_COMPILED:
                self.compiled.clear()
            self.compiled[key] = self._compile(script)
        return self.compiled[key]

    def filled(self, text: InterviewText, facts: Mapping[str, Value], answers: Mapping[str, Value]) -> str:
        """The text with its values: what the catalog gives it, and what was answered."""
        given = self.scripts.catalog.variables(text.name)
        hosts = self.scripts.settings.allowed_hosts
        checked = {
            name: checked_value(given[name], facts[name], hosts)
            for name in text.names
            if name in given and name in facts
        }
        return text.template.fill({name: inline(value) for name, value in {**answers, **checked}.items()})

    def _chosen(self, facts: InterviewFacts, length: ScriptLength) -> str:
        entry = self.scripts.catalog.entries.get(facts.own_script)
        own = facts.own_script if entry is not None and entry.channel is Channel.INTERVIEW else ""
        return interview_for(
            WhoIsCalled(
                purpose=facts.purpose,
                kind=facts.kind,
                length=length,
                household=facts.household,
                collective_setting=facts.collective_setting,
                own_script=own,
            )
        )

    def _stamped_text(self, connection: Connection, attempt: Attempt, now: datetime) -> ScriptText:
        """The version in force is nearly always the one stamped; a call may outlast a change."""
        name, language = attempt.script, attempt.script_language
        standing = self.scripts.in_force(
            connection, name, language=language, platform=attempt.platform, now=now
        )
        if (standing.number, standing.language) == (attempt.script_version, language):
            return standing
        for version in script_store.versions(connection, name, language):
            if version.number == attempt.script_version:
                return ScriptText(name, language, version.number, version.body, version)
        source = self.scripts.catalog.source(name, language)
        if source is None:
            raise NotFound("The script of this call is no longer kept.", code="no_script")
        return ScriptText(name, language, attempt.script_version, source)

    def _compile(self, script: ScriptText) -> InterviewText:
        catalog = self.scripts.catalog
        variables = {**catalog.variables(script.name), **catalog.questions(script.name, script.body)}
        return InterviewText(
            script.name,
            parse_source(script.body),
            safe_template(script.body, variables, Channel.INTERVIEW, script.language),
            names_in(script.body, Channel.INTERVIEW),
        )
