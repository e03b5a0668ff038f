"""Changing what we send and say: drafts, dates on which they take effect, durations by decree, accents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid5

from outreach.clock import Clock
from outreach.domain.dated_parameters import DatedValue, check_value
from outreach.domain.reasons import check_plain
from outreach.domain.scripts import ScriptVersion, version_in_force
from outreach.domain.sms_text import Accents
from outreach.domain.text_rules import Finding, TextTerms
from outreach.errors import Conflict, InvalidInput, NotAllowed, NotFound
from outreach.ids import new_id
from outreach.rendering.linter import Linter, errors_among
from outreach.rendering.safe_templates import UnsafeTemplate, refusals_of, tidied
from outreach.services.scripts import Scripts
from outreach.services.text_settings import TextSettings
from outreach.storage import platform_store, script_store
from outreach.storage.database import Connection, Database

SHIPPED = UUID("5f7c9f10-0f0e-5d8e-9b1e-6a3c1f6a2d10")  # the ids of shipped texts are made under this one
EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Editor:
    """Who changes texts. `platforms` None: whoever runs the command line, for all of them."""

    user_id: UUID | None
    platforms: Sequence[str] | None


@dataclass(frozen=True)
class NewText:
    """A text as somebody wrote it. `platform` '': for all platforms without one of their own."""

    name: str
    language: str
    body: str
    reason: str
    platform: str = ""


@dataclass(frozen=True)
class ScriptEditing:
    """A change is a new version with an author and a reason; nothing that was in force is ever rewritten."""

    database: Database
    clock: Clock
    scripts: Scripts

    def lint(self, name: str, language: str, body: str, *, platform: str = "") -> list[Finding]:
        """What is to be mended in a text before it may take effect. Raises NotFound."""
        terms = terms_of(self.scripts.settings)
        if platform:
            with self.database.begin() as connection:
                place = platform_store.read(connection, platform)
            terms = terms_of(self.scripts.settings, Accents(place.sms_accents), place.caller_id)
        return Linter(self.scripts.catalog, terms).findings(name, language, body)

    def draft(self, new: NewText, editor: Editor) -> tuple[ScriptVersion, list[Finding]]:
        """Keep a text that is not in force yet, with what is to be mended in it.

        Raises UnsafeTemplate, naming the line, for what no text may hold; NotFound; NotAllowed.
        """
        entry = self.scripts.catalog.entry(new.name)
        catalog = self.scripts.catalog
        if not (new.language.isascii() and new.language.isalpha() and new.language.islower()):
            raise InvalidInput("A language is named by its two letters.", field="language", mend="fr, en, …")
        if not new.reason.strip():
            raise InvalidInput("Say why the text changes.", field="reason")
        check_plain(new.reason)
        new = replace(new, body=tidied(new.body))
        variables = {**catalog.variables(new.name), **catalog.questions(new.name, new.body)}
        if refusals := refusals_of(new.body, variables, entry.channel):
            raise UnsafeTemplate(refusals)
        with self.database.begin() as connection:
            self._reach(connection, editor, new.platform)
            script_store.lock_text(connection, new.name, new.language)
            version = self._numbered(connection, new, editor)
            script_store.add(connection, version)
        return version, self.lint(new.name, new.language, new.body, platform=new.platform)

    def schedule(
        self,
        version_id: UUID,
        effective_from: datetime | None,
        editor: Editor,
        *,
        replaces: int | None = None,
    ) -> ScriptVersion:
        """Let a draft take effect at a moment, or now (None).

        `replaces`: the number of the version that the editor saw in force; Conflict tells who came second.
        Raises InvalidInput for a moment in the past or a text with something to mend; NotFound; Conflict.
        """
        now = self.clock.now()
        begins = effective_from or now
        if begins < now:
            raise InvalidInput("A text cannot take effect in the past.", field="effective_from")
        with self.database.begin() as connection:
            version = script_store.read(connection, version_id)
            self._reach(connection, editor, version.platform)
        self._refuse_errors(version)
        with self.database.begin() as connection:
            script_store.lock_text(connection, version.name, version.language)
            if replaces is not None:
                self._refuse_unseen(connection, version, begins, replaces)
            script_store.schedule(connection, version_id, effective_from=begins, by=editor.user_id, now=now)
            script_store.add_revision(connection)
            scheduled = script_store.read(connection, version_id)
        self.scripts.memory.forget()
        return scheduled

    def withdraw(self, version_id: UUID, editor: Editor) -> ScriptVersion:
        """Take a version back: the one before it counts again, at once. Raises NotFound, Conflict."""
        with self.database.begin() as connection:
            version = script_store.read(connection, version_id)
            self._reach(connection, editor, version.platform)
            script_store.withdraw(connection, version_id, by=editor.user_id, now=self.clock.now())
            script_store.add_revision(connection)
            withdrawn = script_store.read(connection, version_id)
        self.scripts.memory.forget()
        return withdrawn

    def set_parameter(
        self, name: str, value: int, *, country: str, effective_from: date, reason: str, editor: Editor
    ) -> DatedValue:
        """Let a duration count from a day on, in a country. Raises InvalidInput, NotAllowed."""
        check_value(self.scripts.catalog.parameters, name, value)
        if not reason.strip():
            raise InvalidInput("Say which decision sets the value.", field="reason")
        check_plain(reason)
        dated = DatedValue(
            name=name,
            country=country,
            value=value,
            effective_from=effective_from,
            reason=reason,
            id=new_id(),
            author_id=editor.user_id,
            created_at=self.clock.now(),
        )
        with self.database.begin() as connection:
            self._reach_country(connection, editor, country)
            script_store.add_parameter(connection, dated)
            script_store.add_revision(connection)
        self.scripts.memory.forget()
        return dated

    def withdraw_parameter(self, value_id: UUID, editor: Editor) -> None:
        """Take a value back: the one before it counts again. Raises NotFound, NotAllowed."""
        with self.database.begin() as connection:
            given = {value.id: value for value in script_store.parameters(connection)}
            if value_id not in given:
                raise NotFound("There is no such value.")
            self._reach_country(connection, editor, given[value_id].country)
            now = self.clock.now()
            script_store.withdraw_parameter(connection, value_id, by=editor.user_id, now=now)
            script_store.add_revision(connection)
        self.scripts.memory.forget()

    def choose_accents(self, platform: str, accents: Accents, editor: Editor) -> None:
        """Keep ç ê ô in a platform's SMS, or replace them. Raises NotFound, NotAllowed."""
        with self.database.begin() as connection:
            self._reach(connection, editor, platform)
            platform_store.choose_accents(connection, platform, accents)
        self.scripts.memory.forget()

    def _numbered(self, connection: Connection, new: NewText, editor: Editor) -> ScriptVersion:
        """The draft under its number; the shipped text is kept as the version before the first edit."""
        last = script_store.last_number(connection, new.name, new.language)
        shipped = shipped_version(self.scripts, new.name, new.language)
        if last == 0 and shipped is not None:
            script_store.add(connection, shipped)
            last = shipped.number
        return ScriptVersion(
            id=new_id(),
            name=new.name,
            language=new.language,
            platform=new.platform,
            number=last + 1,
            body=new.body,
            reason=new.reason,
            created_at=self.clock.now(),
            author_id=editor.user_id,
        )

    def _refuse_unseen(
        self, connection: Connection, version: ScriptVersion, begins: datetime, replaces: int
    ) -> None:
        versions = script_store.versions(connection, version.name, version.language)
        standing = version_in_force(versions, platform=version.platform, now=begins)
        number = standing.number if standing else 0
        if number != replaces:
            raise Conflict(
                f"Version {number} of {version.name} counts by then, not {replaces}: compare the two first.",
                code="text_changed",
            )

    def _refuse_errors(self, version: ScriptVersion) -> None:
        found = self.lint(version.name, version.language, version.body, platform=version.platform)
        errors = errors_among(found)
        if errors:
            first = errors[0]
            raise InvalidInput(
                f"Of {len(errors)} things to mend the first is on line {first.line}: {first.sentence}",
                field="body",
                mend=first.mend,
                code="text_to_mend",
            )

    def _reach(self, connection: Connection, editor: Editor, platform: str) -> None:
        """Who works for some platforms changes nothing for the others. Raises NotFound, NotAllowed."""
        all_platforms = {each.code for each in platform_store.all_platforms(connection)}
        if platform and platform not in (all_platforms if editor.platforms is None else editor.platforms):
            raise NotFound("There is no such platform among yours.")
        if not platform:
            _need_all(editor, all_platforms)

    def _reach_country(self, connection: Connection, editor: Editor, country: str) -> None:
        platforms = platform_store.all_platforms(connection)
        _need_all(editor, {each.code for each in platforms if each.country == country})


def _need_all(editor: Editor, platforms: set[str]) -> None:
    if editor.platforms is not None and not platforms <= set(editor.platforms):
        raise NotAllowed("This changes what other platforms say: name a platform, or ask who has them all.")


def shipped_version(scripts: Scripts, name: str, language: str) -> ScriptVersion | None:
    """The file that came with the program as a version of its text; None where there is no file."""
    body = scripts.catalog.source(name, language)
    if body is None:
        return None
    number = scripts.catalog.entry(name).version
    return ScriptVersion(
        id=uuid5(SHIPPED, f"{name} {language} {number}"),
        name=name,
        language=language,
        platform="",
        number=number,
        body=body,
        reason="came with the program",
        created_at=EVER,
        effective_from=EVER,
    )


def terms_of(settings: TextSettings, accents: Accents = Accents.REPLACE, caller_id: str = "") -> TextTerms:
    """What texts are judged by, from the settings and a platform's own choices."""
    return TextTerms(
        identity=settings.identity,
        hosts=settings.allowed_hosts,
        numbers=settings.allowed_numbers(caller_id),
        accents=accents,
        segment_price=settings.segment_price,
    )
