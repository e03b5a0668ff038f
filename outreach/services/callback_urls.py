"""The addresses we hand to the phone company: each names one try and carries our own signature of it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

TOKEN_CHARACTERS = 24
# Ask Twilio to try again on any failure of ours, five times; the fragment is not part of its signature.
RETRY = "#rc=5&rp=all"

# Set at the phone company for our numbers; signed by it alone.
INBOUND_CALL_PATH = "/webhooks/twilio/inbound-call"
INBOUND_MESSAGE_PATH = "/webhooks/twilio/inbound-message"


class Webhook(StrEnum):
    """Last part of the path under /webhooks/twilio/; the id beside it is a send id or an attempt id."""

    MESSAGE_STATUS = "message-status"  # send id
    AGENT_ANSWER = "agent-answer"  # attempt id; answers TwiML
    AGENT_KEY = "agent-key"  # attempt id; the agent is at the phone; answers TwiML
    AGENT_STATUS = "agent-status"  # attempt id
    PERSON_STATUS = "person-status"  # attempt id
    MACHINE_DETECTION = "machine-detection"  # attempt id
    CONFERENCE = "conference"  # attempt id
    TRANSFER_STATUS = "transfer-status"  # attempt id
    VOICEMAIL = "voicemail"  # attempt id; answers TwiML
    NOBODY_FREE = "nobody-free"  # attempt id; answers TwiML
    TEST_CALL = "test-call"  # user id; answers TwiML
    LISTENER_ANSWER = "listener-answer"  # listener id; answers TwiML
    LISTENER_KEY = "listener-key"  # listener id; answers TwiML
    LISTENER_STATUS = "listener-status"  # listener id


@dataclass(frozen=True)
class CallbackUrls:
    """`public_url` is the configured address the phone company reaches us at, without a trailing slash."""

    public_url: str
    signing_key: bytes = field(repr=False)

    def of(self, webhook: Webhook, subject: UUID) -> str:
        """The full address, with our token and the request to retry."""
        return f"{self.public_url}{self.path(webhook, subject)}{RETRY}"

    def path(self, webhook: Webhook, subject: UUID) -> str:
        query = urlencode({"t": self.token(webhook, subject)})
        return f"/webhooks/twilio/{webhook.value}/{subject}?{query}"

    def token(self, webhook: Webhook, subject: UUID) -> str:
        digest = hmac.digest(self.signing_key, f"{webhook.value}:{subject}".encode(), "sha256")
        return digest.hex()[:TOKEN_CHARACTERS]

    def accepts(self, webhook: Webhook, subject: UUID, token: str) -> bool:
        """Whether we made this token for this subject (constant time)."""
        return hmac.compare_digest(self.token(webhook, subject), token)
