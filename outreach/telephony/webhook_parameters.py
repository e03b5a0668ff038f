"""The parameters each webhook of ours may carry: a signature joins names and values without separators, so
a name we do not know could be a piece of another one's value, and is refused.

Source: the provider's pages on each request, read with the SDK 9.13.
"""

from __future__ import annotations

from enum import StrEnum


class Endpoint(StrEnum):
    """A webhook address of ours, by what is posted there."""

    MESSAGE_STATUS = "message_status"
    CALL_STATUS = "call_status"
    AMD = "amd"
    CONFERENCE = "conference"
    INBOUND_SMS = "inbound_sms"
    INBOUND_CALL = "inbound_call"
    AGENT_ANSWER = "agent_answer"
    AGENT_KEY = "agent_key"


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PLACES = frozenset(
    f"{end}{place}"
    for end in ("From", "To", "Caller", "Called")
    for place in ("City", "State", "Zip", "Country")
)

_MESSAGE = _names(
    """
        MessageSid SmsSid SmsMessageSid AccountSid ApiVersion From To MessagingServiceSid SmsStatus
        MessageStatus ErrorCode ErrorMessage RawDlrDoneDate EventType ChannelInstallSid
        ChannelStatusCode ChannelStatusMessage ChannelPrefix ChannelToAddress ChannelMetadata
        StructuredMessage NumSegments Price PriceUnit
        """
)

_CALL = (
    _names(
        """
        CallSid AccountSid From To CallStatus ApiVersion Direction Caller Called ForwardedFrom
        CallerName ParentCallSid CallToken StirVerstat StirPassportToken StirStatus AnsweredBy
        MachineDetectionDuration ApplicationSid AddOns SipDomain SipUsername SipCallId SipSourceIp
        """
    )
    | _PLACES
)

# A message has ten pictures at most.
_MEDIA = frozenset(f"{name}{place}" for name in ("MediaUrl", "MediaContentType") for place in range(10))

_CALL_PROGRESS = _names(
    """
        CallDuration Duration SipResponseCode CallbackSource Timestamp SequenceNumber RecordingUrl
        RecordingSid RecordingDuration ErrorCode ErrorMessage QueueTime
        """
)

_CONFERENCE = _names(
    """
        ConferenceSid FriendlyName AccountSid SequenceNumber Timestamp StatusCallbackEvent CallSid
        ParticipantLabel Muted Hold Coaching CallSidToCoach EndConferenceOnExit StartConferenceOnEnter
        Reason ReasonConferenceEnded CallSidEndingConference EventName ReasonParticipantLeft
        ParticipantCallStatus QueueTime ReasonAnnouncementFailed AnnounceUrl ApiVersion
        """
)

KNOWN_PARAMETERS: dict[Endpoint, frozenset[str]] = {
    Endpoint.MESSAGE_STATUS: _MESSAGE,
    Endpoint.CALL_STATUS: _CALL | _CALL_PROGRESS,
    Endpoint.AMD: frozenset({"CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"}),
    Endpoint.CONFERENCE: _CONFERENCE,
    Endpoint.INBOUND_SMS: _MESSAGE | _PLACES | _MEDIA | _names("Body NumMedia OptOutType MessageType"),
    Endpoint.INBOUND_CALL: _CALL,
    Endpoint.AGENT_ANSWER: _CALL,
    Endpoint.AGENT_KEY: _CALL | _names("Digits FinishedOnKey msg"),
}
