"""Texts we send, say or read out: what each is for, what it needs, and which of its versions is in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeAlias, assert_never
from urllib.parse import urlsplit
from uuid import UUID

from outreach.domain.load_shedding import MODES, Mode
from outreach.domain.messages import MessagePurpose
from outreach.domain.sms_text import MOST_CHARACTERS
from outreach.errors import InvalidInput

Value: TypeAlias = str | int | date | time | Sequence[str]

LONGEST_VALUE = 200  # characters of a text given by the program or by a person
MOST_ITEMS = 50  # of a list


class Channel(StrEnum):
    """How a text reaches somebody."""

    SMS = "sms"
    VOICE = "voice"
    INTERVIEW = "interview"  # read by an agent
    PAGE = "page"
    LETTER = "letter"


# What one text may come to, in characters, whatever its variables hold.
MOST_OUTPUT: Mapping[Channel, int] = {
    Channel.SMS: MOST_CHARACTERS,
    Channel.VOICE: 2_000,
    Channel.INTERVIEW: 60_000,
    Channel.PAGE: 20_000,
    Channel.LETTER: 20_000,
}


class Audience(StrEnum):
    """Whom a text speaks to."""

    POSITIVE = "POSITIVE"
    CONTACT = "CONTACT"
    ANYONE = "ANYONE"


class VariableKind(StrEnum):
    """What a variable holds; it decides the filters and comparisons that a text may use on it."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    URL = "url"
    PHONE = "phone"
    CHOICE = "choice"  # one of the words that the catalog lists
    FLAG = "flag"  # yes or no
    LIST = "list"  # of texts; interviews only


@dataclass(frozen=True)
class Variable:
    """One value that a text may name. `worst`: the longest it can be, for counting segments."""

    name: str
    kind: VariableKind
    worst: Value
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class CatalogEntry:
    """One text: what it is for, whom it speaks to, what it needs. `most_segments` 0: not an SMS.

    `call_owed`: the person is called under every mode, so that the text may promise it. `identity`: the text
    says who speaks. `stop`: it says how to end the texts. `modes`: those that use it.
    """

    name: str
    purpose: str
    audience: Audience
    channel: Channel
    version: int
    variables: Mapping[str, Variable]
    most_segments: int = 0
    call_owed: bool = False
    identity: bool = True
    stop: bool = False
    adults_only: bool = False  # minors are left out of campaigns that send it
    modes: frozenset[Mode] = frozenset(Mode)


@dataclass(frozen=True)
class RenderedText:
    """A text ready to send, with what it was made from. `parameters`: the dated ones that it named."""

    text: str
    template: str
    version: int
    language: str
    segments: int
    parameters: Mapping[str, int] = field(default_factory=dict)
    written: str = ""  # before its characters were replaced by those of GSM-7

    @property
    def stamp(self) -> str:
        """The parameters in one line, as messages and attempts keep them."""
        return " ".join(f"{name}={value}" for name, value in sorted(self.parameters.items()))


class ScriptState(StrEnum):
    """Where a version stands; it follows from its dates."""

    DRAFT = "DRAFT"
    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    OLD = "OLD"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True)
class ScriptVersion:
    """One text as it was written once. `platform` '': for all platforms without a text of their own.

    `author_id` None: it came with the program. A body never changes: a change is another version.
    """

    id: UUID
    name: str
    language: str
    platform: str
    number: int
    body: str
    reason: str
    created_at: datetime
    author_id: UUID | None = None
    effective_from: datetime | None = None
    scheduled_at: datetime | None = None
    withdrawn_at: datetime | None = None


def version_in_force(
    versions: Iterable[ScriptVersion], *, platform: str, now: datetime
) -> ScriptVersion | None:
    """Of the versions of one text: the platform's own last one in effect, else the last one for all."""
    begun = [version for version in versions if _has_begun(version, now)]
    for scope in (platform, ""):
        own = [version for version in begun if version.platform == scope]
        if own:
            return max(own, key=_order)
    return None


def states_of(versions: Sequence[ScriptVersion], now: datetime) -> dict[UUID, ScriptState]:
    """The state of each version of one text."""
    active = {
        in_force.id
        for platform in {version.platform for version in versions}
        if (in_force := version_in_force(versions, platform=platform, now=now)) is not None
    }
    return {version.id: _state(version, active, now) for version in versions}


def _state(version: ScriptVersion, active: set[UUID], now: datetime) -> ScriptState:
    if version.withdrawn_at is not None and version.withdrawn_at <= now:
        return ScriptState.WITHDRAWN
    if version.effective_from is None:
        return ScriptState.DRAFT
    if version.effective_from > now:
        return ScriptState.SCHEDULED
    return ScriptState.ACTIVE if version.id in active else ScriptState.OLD


def _has_begun(version: ScriptVersion, now: datetime) -> bool:
    withdrawn = version.withdrawn_at is not None and version.withdrawn_at <= now
    return version.effective_from is not None and version.effective_from <= now and not withdrawn


def _order(version: ScriptVersion) -> tuple[datetime, int]:
    return version.effective_from or version.created_at, version.number


def template_of(purpose: MessagePurpose) -> str:
    """The one text of a purpose. Raises InvalidInput for those that choose among several."""
    if purpose in (MessagePurpose.CAMPAIGN, MessagePurpose.ANSWER):
        raise InvalidInput(f"A message of purpose {purpose} names its own text.", field="template")
    return purpose.value.lower()


def will_call(audience: Audience, mode: Mode) -> bool:
    """Whether a mode calls everybody of an audience (docs/rules.md, Modes)."""
    return audience is Audience.POSITIVE or MODES[mode].level < MODES[Mode.SMS_LOW_RISK].level


def checked_value(variable: Variable, value: Value, hosts: frozenset[str]) -> Value:
    """The value, when it is what the catalog says. Raises InvalidInput naming the variable."""
    problem = _problem_of(variable, value, hosts)
    if problem:
        raise InvalidInput(f"The variable {variable.name} {problem}.", field=variable.name)
    return " ".join(value.split()) if isinstance(value, str) else value


def _problem_of(variable: Variable, value: Value, hosts: frozenset[str]) -> str:
    match variable.kind:
        case VariableKind.TEXT | VariableKind.PHONE:
            return _text_problem(value)
        case VariableKind.URL:
            return _text_problem(value) or _address_problem(str(value), hosts)
        case VariableKind.LIST:
            return _list_problem(value)
        case VariableKind.CHOICE:
            return "" if value in variable.choices else f"must be one of {', '.join(variable.choices)}"
        case VariableKind.NUMBER | VariableKind.FLAG | VariableKind.DATE | VariableKind.TIME:
            wanted, told = _PLAIN_KINDS[variable.kind]
            of_kind = isinstance(value, wanted) and isinstance(value, bool) is (wanted is bool)
            return "" if of_kind else f"must be {told}"
        case _:
            assert_never(variable.kind)


_PLAIN_KINDS: Mapping[VariableKind, tuple[type, str]] = {
    VariableKind.NUMBER: (int, "a whole number"),
    VariableKind.FLAG: (bool, "yes or no"),
    VariableKind.DATE: (date, "a date"),
    VariableKind.TIME: (time, "a time of day"),
}


def _text_problem(value: Value) -> str:
    if not isinstance(value, str):
        return "must be a text"
    return "" if len(value) <= LONGEST_VALUE else f"is longer than {LONGEST_VALUE} characters"


def _list_problem(value: Value) -> str:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return "must be a list of texts"
    if len(value) > MOST_ITEMS:
        return f"has more than {MOST_ITEMS} items"
    return next((problem for item in value if (problem := _text_problem(item))), "")


def _address_problem(address: str, hosts: frozenset[str]) -> str:
    host = host_of(address)
    if is_allowed_host(host, hosts):
        return ""
    return f"leads to {host or 'no host'}, which is not on the list of allowed hosts"


def is_allowed_host(host: str, hosts: frozenset[str]) -> bool:
    """Whether texts may lead there: a host of the list, or a part of one (contact.ameli.fr)."""
    return any(host == allowed or host.endswith(f".{allowed}") for allowed in hosts)


def host_of(address: str) -> str:
    """The host of a web address, with or without its https://, in small letters and without `www.`."""
    try:
        host = urlsplit(address if "://" in address else f"https://{address}").hostname or ""
    except ValueError:
        return ""
    return host.lower().removeprefix("www.")


def read_value(variable: Variable, written: str) -> Value:
    """A value that somebody wrote: a date as 2021-03-16, a time as 14:30, yes or no. Raises InvalidInput."""
    try:
        match variable.kind:
            case VariableKind.NUMBER:
                return int(written)
            case VariableKind.DATE:
                return date.fromisoformat(written)
            case VariableKind.TIME:
                return time.fromisoformat(written)
            case VariableKind.FLAG:
                return {"yes": True, "no": False}[written.lower()]
            case VariableKind.LIST:
                return [item.strip() for item in written.split(",")]
            case VariableKind.TEXT | VariableKind.URL | VariableKind.PHONE | VariableKind.CHOICE:
                return written
            case _:
                assert_never(variable.kind)
    except (ValueError, KeyError):
        raise InvalidInput(
            f"The value of {variable.name} is no {variable.kind}.",
            field=variable.name,
            mend="Write a date as 2021-03-16, a time as 14:30, a number in figures, a flag as yes or no.",
        ) from None
