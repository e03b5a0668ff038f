"""Notices (consignes): what a supervisor tells every agent; never about a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outreach.domain.reasons import holds_contact_details
from outreach.errors import InvalidInput

LONGEST_TITLE, LONGEST_TEXT = 120, 4_000


class NoticeState(StrEnum):
    """How a notice stands; UNREAD: in force, and somebody has not acknowledged it."""

    IN_FORCE = "IN_FORCE"
    UNREAD = "UNREAD"
    TO_COME = "TO_COME"
    OVER = "OVER"
    WITHDRAWN = "WITHDRAWN"


class ReadingState(StrEnum):
    """What somebody did with a notice."""

    WAITING = "WAITING"  # not acknowledged yet
    DONE = "DONE"


@dataclass(frozen=True)
class NewNotice:
    """For one platform or all of a region; in force from `starts_at`, without end when `ends_at` is None."""

    title: str
    text: str
    starts_at: datetime
    ends_at: datetime | None
    platform: str = ""
    region: str = ""


def check_notice(notice: NewNotice) -> None:
    """Raises InvalidInput: notices are kept in the clear, so they name nobody."""
    for field, words, longest in (
        ("title", notice.title, LONGEST_TITLE),
        ("text", notice.text, LONGEST_TEXT),
    ):
        if not words.strip() or len(words) > longest:
            raise InvalidInput(
                "A notice has a title and a text.", field=field, mend=f"1 to {longest} characters"
            )
        if "\0" in words:
            raise InvalidInput(
                "The text holds a sign that cannot be kept.", field=field, mend="type it again"
            )
        if holds_contact_details(words):
            raise InvalidInput(
                "A notice holds no number and no address of anybody.",
                field=field,
                mend="leave them out, and say where they are found",
            )
    if bool(notice.platform) == bool(notice.region):
        raise InvalidInput(
            "A notice is for a platform or a region.", field="platform", mend="name one of them"
        )
    if notice.ends_at is not None and notice.ends_at <= notice.starts_at:
        raise InvalidInput("The notice ends before it begins.", field="ends_at", mend="choose a later end")
