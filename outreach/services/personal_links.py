"""The address of a message's personal page: short enough for one SMS, and guessed by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from outreach.storage.vault import Vault

# No letter or digit that is taken for another when copied by hand, and no sign that a phone drops at the
# end of an address. 17 of 58 are 99 bits.
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
TOKEN_LENGTH = 17
PATH = "/p/"


@dataclass(frozen=True)
class PersonalLinks:
    """`public_url`: where the pages are served. The token is made from the message's id and our key."""

    vault: Vault
    public_url: str

    def address_of(self, message_id: UUID) -> str:
        """What stands in the text."""
        return f"{self.public_url}{PATH}{self._token(message_id)}"

    def digest_of(self, message_id: UUID) -> bytes:
        """What stands in `messages.link_digest`: no token can be read back from it."""
        return self._digest(self._token(message_id))

    def digest_of_token(self, token: str) -> bytes | None:
        """None for what cannot be a token of ours."""
        if len(token) != TOKEN_LENGTH or not set(ALPHABET).issuperset(token):
            return None
        return self._digest(token)

    @property
    def stand_in(self) -> str:
        """As long as every address, so that a text is rendered and counted once for many messages."""
        return f"{self.public_url}{PATH}{'0' * TOKEN_LENGTH}"  # 0 is in no token

    def _token(self, message_id: UUID) -> str:
        number = int.from_bytes(self.vault.index("personal link", str(message_id)))
        signs = []
        for _ in range(TOKEN_LENGTH):
            number, sign = divmod(number, len(ALPHABET))
            signs.append(ALPHABET[sign])
        return "".join(signs)

    def _digest(self, token: str) -> bytes:
        return self.vault.index("personal link's token", token)
