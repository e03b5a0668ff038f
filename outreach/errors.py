"""The error tree: each error carries a decision and a sentence a supervisor can read."""

from __future__ import annotations


class OutreachError(Exception):
    """Base of every error the program raises on purpose.

    `str(error)` is one clear sentence without personal data; `code` is a stable word for machines.
    """

    code = "outreach_error"

    def __init__(self, sentence: str, *, code: str | None = None) -> None:
        super().__init__(sentence)
        if code is not None:
            self.code = code


class InvalidInput(OutreachError):
    """What was given cannot be used; `field` names the place, `mend` says how to repair it."""

    code = "invalid_input"

    def __init__(self, sentence: str, *, field: str = "", mend: str = "", code: str | None = None):
        super().__init__(sentence, code=code)
        self.field = field
        self.mend = mend


class NotFound(OutreachError):
    """The thing named does not exist, or not for this person."""

    code = "not_found"


class TooManyRequests(OutreachError):
    """The asker went over a limit; `seconds` until they may ask again."""

    code = "too_many_requests"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many requests: ask again in {seconds} seconds.")
        self.seconds = seconds


class NotAllowed(OutreachError):
    """The person asking may not do this."""

    code = "not_allowed"


class Conflict(OutreachError):
    """The world changed since the asker looked; the sentence says who changed what, and when."""

    code = "conflict"


class SeveralConflicts(Conflict):
    """Of several things asked for at once none was done; `conflicts` has a sentence for each obstacle."""

    def __init__(self, sentence: str, conflicts: list[str], *, code: str | None = None) -> None:
        super().__init__(f"{sentence} {' '.join(conflicts)}", code=code)
        self.conflicts = conflicts


class ConfigurationError(OutreachError):
    """One or more settings are wrong; `problems` lists every one of them."""

    code = "configuration"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Settings to mend: " + " ".join(problems))
        self.problems = problems


class TelephonyError(OutreachError):
    """The phone company refused or did not answer.

    `code` is the provider's code ("21211", or "timeout"); `retryable` says whether the same request may be
    made again now or later; `unknown_fate` says that the provider may have acted although no answer came.
    """

    code = "telephony"

    def __init__(
        self, sentence: str, *, code: str, retryable: bool = False, unknown_fate: bool = False
    ) -> None:
        super().__init__(sentence, code=code)
        self.retryable = retryable
        self.unknown_fate = unknown_fate


class NotReady(OutreachError):
    """The installation lacks something that only whoever runs it can give."""

    code = "not_ready"
