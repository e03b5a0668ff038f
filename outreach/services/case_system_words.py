"""What whoever tells an outside case system must know of it: how a post fails, and how long one may take."""

from __future__ import annotations

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 10.0
QUICK_SECONDS = 5.0  # no quick try is planned later than that
QUICK_PAUSE = 2.0
# The last quick try, and all that came before it.
LONGEST_TELL_SECONDS = QUICK_SECONDS + QUICK_PAUSE + CONNECT_SECONDS + ANSWER_SECONDS


class NotDelivered(Exception):
    """The post failed; `word` says how without quoting anything: "HTTP 503", "no connection"."""

    def __init__(self, word: str, *, quick: bool) -> None:
        super().__init__(word)
        self.word = word
        self.quick = quick
