"""The texts of campaigns: which may be sent, rendered once for each language, then for each message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from outreach.domain.campaigns import CampaignChannel, CampaignPlan
from outreach.domain.messages import MessagePurpose
from outreach.domain.scripts import CatalogEntry, Channel, RenderedText, Value, Variable, VariableKind
from outreach.domain.sms_text import Accents
from outreach.domain.text_rules import Finding
from outreach.errors import InvalidInput, NotFound
from outreach.rendering.linter import Linter, errors_among
from outreach.services.personal_links import PersonalLinks
from outreach.services.script_editing import terms_of
from outreach.services.scripts import Scripts, ScriptText
from outreach.storage import platform_store
from outreach.storage.database import Connection

LINK = "personal_link"
# What a campaign, or a standing one, may send; the other texts speak of what happened to one person.
SENDABLE = frozenset(
    {
        MessagePurpose.CAMPAIGN,
        MessagePurpose.PREPARE_CONTACTS,
        MessagePurpose.MISSED_AGAIN,
    }
)


@dataclass(frozen=True)
class CampaignTexts:
    """`scripts` knows the texts in force, `links` the personal addresses that may stand in them."""

    scripts: Scripts
    links: PersonalLinks

    def check(self, plan: CampaignPlan, channel: CampaignChannel) -> None:
        """Raises InvalidInput for a text that is unknown, of another kind, or lacks a variable."""
        wanted = Channel.SMS if channel is CampaignChannel.SMS else Channel.INTERVIEW
        entry = self._entry(plan.text, "text")
        if entry.channel is not wanted or (wanted is Channel.SMS and entry.purpose not in SENDABLE):
            raise InvalidInput(
                f"The text {plan.text} cannot be used by a campaign of {channel.value}.",
                field="text",
                mend=f"choose one of {', '.join(self._usable(wanted))}",
            )
        if wanted is Channel.SMS:
            self._check_variables(entry, plan.variables)
            if plan.follow_up.reminder_after_hours is not None:
                self._check_reminder(plan.follow_up.reminder_template)

    def usable(self, channel: CampaignChannel) -> list[CatalogEntry]:
        """The texts a campaign may send, or the scripts it may read."""
        wanted = Channel.SMS if channel is CampaignChannel.SMS else Channel.INTERVIEW
        return [self.scripts.catalog.entry(name) for name in self._usable(wanted)]

    def variables_of(self, name: str) -> list[Variable]:
        """What whoever plans a campaign writes into its text; nothing into a script. Raises InvalidInput."""
        entry = self._entry(name, "text")
        if entry.channel is not Channel.SMS:
            return []
        return [variable for variable in entry.variables.values() if variable.name != LINK]

    def findings(
        self, connection: Connection, name: str, variables: Mapping[str, str], *, platform: str, now: datetime
    ) -> list[Finding]:
        """What is to be mended in what was written into a text, in each language it has."""
        entry = self._entry(name, "text")
        said = {key: _typed(entry, key, value) for key, value in variables.items() if key in entry.variables}
        if entry.channel is not Channel.SMS or not said:
            return []
        place = platform_store.read(connection, platform)
        terms = terms_of(self.scripts.settings, Accents(place.sms_accents), place.caller_id)
        linter, found = Linter(self.scripts.catalog, terms), dict[Finding, None]()
        for language in self.scripts.catalog.languages(name):
            script = self.script(connection, name, language=language, platform=platform, now=now)
            found |= dict.fromkeys(linter.findings(name, language, script.body, said=said))
        return list(found)

    def refuse_faults(
        self, connection: Connection, plan: CampaignPlan, *, platform: str, now: datetime
    ) -> None:
        """Raises InvalidInput where what was written into the text may not be said."""
        for name, value in plan.variables.items():
            if not value.strip():
                raise InvalidInput(
                    f"Nothing is written for {name}.",
                    field=f"variables.{name}",
                    mend="say it in a few words",
                )
        found = self.findings(connection, plan.text, plan.variables, platform=platform, now=now)
        for finding in errors_among(found)[:1]:
            raise InvalidInput(finding.sentence, field="variables", mend=finding.mend, code="text_to_mend")

    def adults_only(self, plan: CampaignPlan) -> bool:
        return plan.adults_only or self._entry(plan.text, "text").adults_only

    def purpose_of(self, plan: CampaignPlan) -> MessagePurpose:
        return MessagePurpose(self._entry(plan.text, "text").purpose)

    def sms(
        self,
        connection: Connection,
        name: str,
        *,
        language: str,
        platform: str,
        variables: Mapping[str, str],
        now: datetime,
    ) -> RenderedText:
        """The text with an address that stands in for each person's own, as long as theirs."""
        entry = self._entry(name, "text")
        given: dict[str, Value] = {
            key: _typed(entry, key, value) for key, value in variables.items() if key in entry.variables
        }
        if LINK in entry.variables:
            given[LINK] = self.links.stand_in
        return self.scripts.render(
            connection, name, language=language, platform=platform, variables=given, now=now
        )

    def script(
        self, connection: Connection, name: str, *, language: str, platform: str, now: datetime
    ) -> ScriptText:
        """What agents read, as it is written."""
        return self.scripts.in_force(connection, name, language=language, platform=platform, now=now)

    def for_message(self, text: RenderedText, message_id: UUID) -> tuple[str, bytes | None]:
        """The text of one message, and the digest of its address; None when it has none."""
        if self.links.stand_in not in text.text:
            return text.text, None
        own = text.text.replace(self.links.stand_in, self.links.address_of(message_id))
        return own, self.links.digest_of(message_id)

    def _entry(self, name: str, field: str) -> CatalogEntry:
        try:
            return self.scripts.catalog.entry(name)
        except NotFound:
            raise InvalidInput(
                f"There is no text {name}.", field=field, mend="take a name of the catalog (scripts list)"
            ) from None

    def _usable(self, channel: Channel) -> list[str]:
        entries = self.scripts.catalog.entries.values()
        return sorted(
            entry.name
            for entry in entries
            if entry.channel is channel and (channel is not Channel.SMS or entry.purpose in SENDABLE)
        )

    def _check_variables(self, entry: CatalogEntry, given: Mapping[str, str]) -> None:
        wanted = set(entry.variables) - {LINK}
        if wanted != set(given):
            told = ", ".join(sorted(wanted)) or "no variables"
            raise InvalidInput(
                f"The text {entry.name} takes {told}.", field="variables", mend="give exactly these"
            )
        for name, value in given.items():
            _typed(entry, name, value)

    def _check_reminder(self, name: str) -> None:
        entry = self._entry(name, "follow_up.reminder_template")
        if entry.purpose != MessagePurpose.REMINDER:
            raise InvalidInput(
                f"The text {name} is not a reminder.",
                field="follow_up.reminder_template",
                mend="choose reminder",
            )


def _typed(entry: CatalogEntry, name: str, value: str) -> Value:
    """A plan holds words; the text wants a number or a day."""
    try:
        match entry.variables[name].kind:
            case VariableKind.NUMBER:
                return int(value)
            case VariableKind.DATE:
                return date.fromisoformat(value)
            case _:
                return value
    except ValueError:
        raise InvalidInput(
            f"The variable {name} of the text {entry.name} cannot be read.",
            field=f"variables.{name}",
            mend="write a day as 2021-09-22 and a number in digits",
        ) from None
