"""One text message as the simulated phone company holds it, and how the API and webhooks show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outreach.telephony.simulator.asgi import text_fields
from outreach.telephony.simulator.phones import Phone, ReceivedText
from outreach.telephony.simulator.simulated_time import rfc2822

LONGEST_VALIDITY = 36_000
_MESSAGES_OF_CODES = {
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30036: "Validity Period Expired",
}


@dataclass(slots=True)
class Message:
    """One text message as the phone company holds it."""

    sid: str
    to: str
    sender: str
    service: str
    body: str
    status: str
    created_at: datetime
    updated_at: datetime
    callback: str = ""
    direction: str = "outbound-api"
    validity_seconds: int = LONGEST_VALIDITY
    segments: int = 1
    send_at: datetime | None = None
    sent_at: datetime | None = None
    error_code: int | None = None
    told: str = ""  # the last status the other end took

    def kept(self) -> dict[str, object]:
        """The message as the state file keeps it."""
        return {
            "sid": self.sid,
            "to": self.to,
            "sender": self.sender,
            "service": self.service,
            "body": self.body,
            "status": self.status,
            "created_at": self.created_at.isoformat(),
            "callback": self.callback,
            "direction": self.direction,
            "validity_seconds": self.validity_seconds,
            "segments": self.segments,
            "send_at": self.send_at.isoformat() if self.send_at else None,
        }


def message_from_kept(line: dict[str, Any]) -> Message:
    """A message from its line in the state file."""
    created = datetime.fromisoformat(line["created_at"])
    return Message(
        **{name: value for name, value in line.items() if name not in ("kind", "created_at", "send_at")},
        created_at=created,
        updated_at=created,
        send_at=datetime.fromisoformat(line["send_at"]) if line["send_at"] else None,
    )


def into_the_phone(phone: Phone, message: Message, at: datetime) -> None:
    """The message has arrived: the phone holds it from now on."""
    phone.received.append(ReceivedText(message.sid, message.sender, message.body, at))


def message_as_json(message: Message, account_sid: str) -> dict[str, object]:
    """A message as the API shows it; how many segments a service bills is unknown until it has a sender."""
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{message.sid}"
    code = message.error_code
    return {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": rfc2822(message.created_at),
        "date_sent": rfc2822(message.sent_at),
        "date_updated": rfc2822(message.updated_at),
        "direction": message.direction,
        "error_code": code,
        "error_message": None if code is None else _MESSAGES_OF_CODES.get(code, "Unknown error"),
        "from": message.sender or None,
        "messaging_service_sid": message.service or None,
        "num_media": "0",
        "num_segments": "0" if message.status == "accepted" else str(message.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


def status_fields(message: Message, account_sid: str) -> dict[str, str]:
    """A progress report of a message."""
    return text_fields(
        {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageStatus": message.status,
            "SmsStatus": message.status,
            "AccountSid": account_sid,
            "From": message.sender,
            "To": message.to,
            "ApiVersion": "2010-04-01",
            "MessagingServiceSid": message.service or None,
            "ErrorCode": message.error_code,
            "RawDlrDoneDate": f"{message.updated_at:%y%m%d%H%M}" if message.status == "delivered" else None,
        }
    )


def inbound_fields(message: Message, account_sid: str) -> dict[str, str]:
    """What is posted when a person texts us."""
    return text_fields(
        {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsMessageSid": message.sid,
            "SmsStatus": "received",
            "AccountSid": account_sid,
            "From": message.sender,
            "To": message.to,
            "Body": message.body,
            "NumMedia": 0,
            "NumSegments": message.segments,
            "ApiVersion": "2010-04-01",
        }
    )
