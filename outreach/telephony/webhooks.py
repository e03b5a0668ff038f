"""Checks and reads what the phone company posts to us: signature, known parameters, one report each."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeVar
from urllib.parse import unquote

from twilio.request_validator import HMAC_SHA1, RequestValidator

from outreach.errors import InvalidInput
from outreach.telephony.webhook_parameters import KNOWN_PARAMETERS, Endpoint

LARGEST_BODY = 64 * 1024
_MOST_FIELDS = 200


class MessageWord(StrEnum):
    """The provider's words for the state of a message; OTHER is one it has invented since."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    READ = "read"
    CANCELED = "canceled"
    RECEIVING = "receiving"
    RECEIVED = "received"
    PARTIALLY_DELIVERED = "partially_delivered"
    OTHER = "other"


class CallWord(StrEnum):
    """The provider's words for the state of a call."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"
    OTHER = "other"


class AnsweredBy(StrEnum):
    """Who picked up, as the detection heard it; UNKNOWN is to be treated as a human."""

    HUMAN = "human"
    MACHINE_START = "machine_start"
    MACHINE_END_BEEP = "machine_end_beep"
    MACHINE_END_SILENCE = "machine_end_silence"
    MACHINE_END_OTHER = "machine_end_other"
    FAX = "fax"
    UNKNOWN = "unknown"

    @property
    def is_machine(self) -> bool:
        """Whether a voicemail (or a fax) picked up."""
        return self not in (AnsweredBy.HUMAN, AnsweredBy.UNKNOWN)

    @property
    def after_beep(self) -> bool:
        """Whether a message may be left now."""
        return self.value.startswith("machine_end")


class ConferenceWord(StrEnum):
    """The provider's words for what happened in a conference."""

    START = "conference-start"
    END = "conference-end"
    JOIN = "participant-join"
    LEAVE = "participant-leave"
    MUTE = "participant-mute"
    UNMUTE = "participant-unmute"
    HOLD = "participant-hold"
    UNHOLD = "participant-unhold"
    MODIFY = "participant-modify"
    OTHER = "other"


@dataclass(frozen=True)
class MessageReport:
    """Progress of a message we sent. `error_code` "" when none."""

    sid: str
    status: MessageWord
    error_code: str = ""


@dataclass(frozen=True)
class CallReport:
    """Progress of a leg. `sequence` counts the leg's events from 0, -1 when untold.

    Reports arrive in any order.
    """

    sid: str
    status: CallWord
    sequence: int = -1
    duration_seconds: int | None = None
    sip_code: str = ""
    answered_by: AnsweredBy | None = None


@dataclass(frozen=True)
class AmdReport:
    """Who picked up a leg."""

    sid: str
    answered_by: AnsweredBy


@dataclass(frozen=True)
class ConferenceReport:
    """Something happened in a conference. `name` is the one we gave; `call_sid` the leg concerned, or ""."""

    sid: str
    name: str
    event: ConferenceWord
    call_sid: str = ""
    label: str = ""
    sequence: int = -1
    hold: bool = False
    muted: bool = False


@dataclass(frozen=True)
class InboundMessage:
    """A person texted us. `opt_out` is the provider's own word (STOP, START, HELP), "" when it saw none."""

    sid: str
    sender: str
    to: str
    body: str
    opt_out: str = ""


@dataclass(frozen=True)
class InboundCall:
    """A leg asks what to do: a person who called us, or one of our own legs just answered."""

    sid: str
    sender: str
    to: str
    status: CallWord
    answered_by: AnsweredBy | None = None


Form = Mapping[str, str]


@dataclass(frozen=True)
class SignatureCheck:
    """Checks X-Twilio-Signature with any of the tokens valid now (two during a rotation).

    The algorithm comes from settings and never from the request.
    """

    tokens: tuple[str, ...]
    algorithm: str = HMAC_SHA1

    @cached_property
    def _keys(self) -> tuple[bytes, ...]:
        return tuple(token.encode() for token in self.tokens)

    def holds(self, url: str, form: Form, signature: str | None) -> bool:
        """Whether the phone company signed this.

        `url` is the configured public address with the raw path and query; a fragment is never signed.
        A missing signature is simply not a valid one.
        """
        if not signature:
            return False
        signed = url.partition("#")[0]
        told = (signed + "".join(f"{name}{form[name]}" for name in sorted(form))).encode()
        # As the SDK's validator for the address as it is; that one also tries it with and without a port.
        if self.algorithm == HMAC_SHA1 and any(_signs(key, told, signature) for key in self._keys):
            return True
        try:
            return any(
                RequestValidator(token).validate(signed, dict(form), signature, self.algorithm)
                for token in self.tokens
            )
        except ValueError:
            return False  # an address that cannot be parsed, a port that is no number


def _signs(key: bytes, told: bytes, signature: str) -> bool:
    computed = base64.b64encode(hmac.digest(key, told, "sha1"))
    return hmac.compare_digest(computed, signature.encode("utf-8", "replace"))


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a webhook; raises InvalidInput (naming no value) for one that cannot be trusted.

    Refused: more than 64 KiB, text that is not UTF-8, a name said twice.
    """
    if len(body) > LARGEST_BODY:
        raise InvalidInput("The webhook is too large.", code="webhook_too_large")
    try:
        pairs = [_pair(piece) for piece in body.decode("utf-8").split("&") if piece]
    except ValueError:
        raise InvalidInput("The webhook is not a form.", code="webhook_not_a_form") from None
    if len(pairs) > _MOST_FIELDS:
        raise InvalidInput("The webhook has too many fields.", code="webhook_not_a_form")
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise InvalidInput("The webhook says a name twice.", code="webhook_name_twice")
    return fields


def _pair(piece: str) -> tuple[str, str]:
    name, _, value = piece.partition("=")
    return _plain(name), _plain(value)


def _plain(word: str) -> str:
    word = word.replace("+", " ")
    return unquote(word, errors="strict") if "%" in word else word


def unknown_names(endpoint: Endpoint, form: Form, *, also: frozenset[str] = frozenset()) -> set[str]:
    """Names that a webhook may not carry: unknown for this endpoint, and not in `also` (from settings).

    A signed form with such a name is a new one of the provider's, or a known one cut anew by a forger.
    """
    return form.keys() - KNOWN_PARAMETERS[endpoint] - also


_PARAMETER = re.compile("[A-Z][A-Za-z]{1,39}[0-9]{0,2}")  # what the provider calls its parameters
_RELIED_ON = ("From", "To")
_INBOUND = (Endpoint.INBOUND_SMS, Endpoint.INBOUND_CALL)


def says_one_thing(endpoint: Endpoint, form: Form, unknown: Iterable[str]) -> bool:
    """Whether a signed inbound form with unknown names may be taken all the same (ADR 14).

    Names and values are signed joined, in the order of the names. A forger who cuts the joined text anew must
    leave its numbers in it: where "From+33…" and "To+33…" stand once only, and the numbers end where their
    digits end, no other cut names another sender or receiver.
    """
    if endpoint not in _INBOUND or not all(_PARAMETER.fullmatch(name) for name in unknown):
        return False
    signed = "".join(f"{name}{form[name]}" for name in sorted(form))
    return all(
        re.findall(rf"{name}(\+\d+)", signed) == [form.get(name)] and signed.count(f"{name}+") == 1
        for name in _RELIED_ON
    )


def read_message_report(form: Form) -> MessageReport:
    """A message's progress."""
    status = form.get("MessageStatus") or form.get("SmsStatus", "")
    return MessageReport(_needed(form, "MessageSid"), _word(MessageWord, status), _code(form))


def read_call_report(form: Form) -> CallReport:
    """A leg's progress."""
    duration = form.get("CallDuration", "")
    return CallReport(
        sid=_needed(form, "CallSid"),
        status=_word(CallWord, _needed(form, "CallStatus")),
        sequence=_sequence(form),
        duration_seconds=int(duration) if duration.isdigit() else None,
        sip_code=form.get("SipResponseCode", ""),
        answered_by=_answered_by(form),
    )


def read_amd_report(form: Form) -> AmdReport:
    """Who picked up; a word we do not know counts as UNKNOWN, hence as a human."""
    return AmdReport(_needed(form, "CallSid"), _answered_by(form) or AnsweredBy.UNKNOWN)


def read_conference_report(form: Form) -> ConferenceReport:
    """What happened in a conference."""
    return ConferenceReport(
        sid=_needed(form, "ConferenceSid"),
        name=form.get("FriendlyName", ""),
        event=_word(ConferenceWord, _needed(form, "StatusCallbackEvent")),
        call_sid=form.get("CallSid", ""),
        label=form.get("ParticipantLabel", ""),
        sequence=_sequence(form),
        hold=form.get("Hold") == "true",
        muted=form.get("Muted") == "true",
    )


def read_inbound_message(form: Form) -> InboundMessage:
    """A text message from a person."""
    return InboundMessage(
        sid=_needed(form, "MessageSid"),
        sender=_needed(form, "From"),
        to=_needed(form, "To"),
        body=form.get("Body", ""),
        opt_out=form.get("OptOutType", ""),
    )


def read_inbound_call(form: Form) -> InboundCall:
    """A leg that asks what to do; serves inbound calls and agents' legs that were just answered."""
    return InboundCall(
        sid=_needed(form, "CallSid"),
        sender=form.get("From", ""),
        to=form.get("To", ""),
        status=_word(CallWord, form.get("CallStatus", "")),
        answered_by=_answered_by(form),
    )


def idempotency_key(endpoint: Endpoint, form: Form, token: str | None) -> str:
    """What makes this event one event: the provider's token, the same on each retry, else what it tells.

    `token` is the header I-Twilio-Idempotency-Token. Made of sids, words and numbers of sequence only.
    """
    if token:
        return f"{endpoint}:{token[:100]}"
    names = ("ConferenceSid", "CallSid", "MessageSid", "MessageStatus", "CallStatus", "StatusCallbackEvent")
    told = [form.get(name, "") for name in (*names, "AnsweredBy", "SequenceNumber")]
    return ":".join([endpoint.value, *told])[:300]


W = TypeVar("W", MessageWord, CallWord, ConferenceWord)


def _word(words: type[W], told: str) -> W:
    try:
        return words(told)
    except ValueError:
        return words("other")


def _answered_by(form: Form) -> AnsweredBy | None:
    told = form.get("AnsweredBy")
    if told is None:
        return None
    try:
        return AnsweredBy(told)
    except ValueError:
        return AnsweredBy.UNKNOWN


def _needed(form: Form, name: str) -> str:
    value = form.get(name)
    if not value:
        raise InvalidInput(f"The webhook lacks {name}.", field=name, code="webhook_lacks_a_name")
    return value


def _code(form: Form) -> str:
    code = form.get("ErrorCode", "")
    return "" if code == "0" else code


def _sequence(form: Form) -> int:
    told = form.get("SequenceNumber", "")
    return int(told) if told.isdigit() else -1
