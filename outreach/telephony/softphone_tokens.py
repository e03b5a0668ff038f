"""What lets a browser be rung as a telephone: a token of the phone company's for one identity."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class SoftphoneKey:
    """An API key of the account: the account's own token cannot sign these."""

    account_sid: str
    key_sid: str
    key_secret: str = field(repr=False)

    def token(self, identity: str, *, until: datetime) -> str:
        """Lets a browser take calls to `client:<identity>`, and make none."""
        # Brought in where a browser is rung: every command would wait for it.
        from twilio.jwt.access_token import AccessToken
        from twilio.jwt.access_token.grants import VoiceGrant

        token = AccessToken(
            self.account_sid,
            self.key_sid,
            self.key_secret,
            identity=identity,
            valid_until=int(until.timestamp()),
        )
        token.add_grant(VoiceGrant(incoming_allow=True))
        return str(token.to_jwt())
