"""What passes between us and an OpenID Connect provider: a question, and a refusal to believe the answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from outreach.errors import OutreachError


class OpenIdRefused(OutreachError):
    """What the provider said is not to be believed, or it said nothing; `word` says which check failed."""

    code = "open_id_refused"

    def __init__(self, word: str) -> None:
        super().__init__("Your organisation's sign-in did not say who you are; try again.")
        self.word = word


@dataclass(frozen=True)
class Question:
    """One sign-in begun: where the browser goes, and what the answer must fit."""

    address: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
