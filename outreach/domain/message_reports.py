"""How the carrier's reports move a message: by the table of moves, in any order, twice, late or never."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from outreach.domain.messages import STATUS_OF_WORD, MessageStatus, may_move
from outreach.domain.report_effects import Effect
from outreach.domain.send_ledger import MessageState, Move, Report, ReportLedger


def report_of(word: str, *, sid: str, code: str) -> Report | None:
    """The carrier's word in ours; None when it says nothing of the message's way."""
    to = STATUS_OF_WORD.get(word)
    return None if to is None else Report(to, sid, code)


def apply_report(ledger: ReportLedger, send_id: UUID, report: Report | None, now: datetime) -> Effect:
    """`send_id` comes from the signed address of the callback: it settles a message whoever died."""
    if report is None:
        return Effect.UNKNOWN
    message = ledger.lock_by_send_id(send_id)
    if message is None and report.sid:
        message = ledger.lock_by_sid(report.sid)
    return Effect.UNKNOWN if message is None else move_by_report(ledger, message, report, now)


def move_by_report(ledger: ReportLedger, message: MessageState, report: Report, now: datetime) -> Effect:
    """One step told by the carrier, with all that follows from it; `message` is locked."""
    effect = effect_of(message.status, report.to)
    if effect is Effect.MOVED:
        step = Move(message.message_id, report.to, sid=report.sid, code=report.code)
        ledger.follow_report(ledger.move_by_report(step, now), now)
    return effect


def effect_of(current: MessageStatus, to: MessageStatus) -> Effect:
    """What a report would do to a message that stands there."""
    if current is to:
        return Effect.REPEATED
    return Effect.MOVED if may_move(current, to) else Effect.LATE
