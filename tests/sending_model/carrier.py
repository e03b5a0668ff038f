"""The model's phone company: takes in, answers or does not, carries, reports, lists. It knows the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from outreach.domain.messages import STATUS_OF_WORD, MessageStatus
from outreach.domain.send_answers import FailureClass, FoundMessage, SendAnswer, SendVerdict
from outreach.domain.send_steps import Posting
from tests.sending_model.virtual_time import VirtualTime
from tests.sending_model.weather import Weather

LONGEST_LAG = 55.0  # seconds until a message shows in the list
NEVER = 1e12
SLOWEST_ACCEPTANCE = 15.0  # seconds until a request that was given up is taken in all the same
LANDLINE, NOWHERE, FILTERED = b"L", b"W", b"F"  # what a number begins with says what its line does
DELIVERED, UNDELIVERED, SILENT = b"D", b"U", b"S"
REFUSALS = {
    LANDLINE: ("21614", FailureClass.NO_SMS_ON_LINE),
    NOWHERE: ("21211", FailureClass.WRONG_NUMBER),
    FILTERED: ("21612", FailureClass.FILTERED),
}
UNCERTAIN = SendAnswer(SendVerdict.UNCERTAIN, code="500", failure=FailureClass.UNKNOWN_FATE)
SLOW_DOWN = SendAnswer(SendVerdict.SLOW_DOWN, code="20429", failure=FailureClass.SLOW_DOWN)
Answer = Callable[[SendAnswer], None]


@dataclass(slots=True, eq=False)
class Carried:
    """A message that the phone company took in: an SMS that was sent."""

    sid: str
    message_id: UUID
    send_id: UUID
    number: str
    body: str
    taken_at: float
    listed_at: float
    word: str = "queued"
    code: str = ""


@dataclass(frozen=True)
class Told:
    """One callback; `token` is the same in each repetition."""

    token: str
    send_id: UUID
    word: str
    sid: str
    code: str


class Carrier:
    """`took` hears of each message taken in, `reports` of each callback, `replies` of each reply."""

    def __init__(
        self,
        time: VirtualTime,
        weather: Weather,
        took: Callable[[Carried], None],
        reports: Callable[[Told], None],
        replies: Callable[[str, str, str], None],
    ) -> None:
        self.time, self.weather = time, weather
        self.took, self.reports, self.replies = took, reports, replies
        self.by_number: dict[str, list[Carried]] = {}
        self.stopped: set[str] = set()
        self.listing_away_until = 0.0
        self._sids = 0

    def receive(self, posting: Posting, answer: Answer) -> None:
        """One request: taken in or not, answered or not."""
        message, draw = posting.message, self.time.draw
        refusal = self._refusal(message.to)
        if refusal is not None:
            answer(refusal)
            return
        chance = 1.0 if self.time.calm else draw.random()
        w = self.weather
        for probability, fault in (
            (w.slow_down, self._slow_down),
            (w.error_before, self._error_before),
            (w.hang_before, self._hang_before),
            (w.error_after, self._error_after),
            (w.hang_after, self._hang_after),
            (w.no_sid, self._error_after),
        ):
            if chance < probability:
                fault(posting, answer)
                return
            chance -= probability
        carried = self._take_in(posting)
        answer(SendAnswer(SendVerdict.ACCEPTED, sid=carried.sid, segments=message.segments))

    def listing(self, number: str) -> list[FoundMessage] | None:
        """What is known at a number, newest first; None while the list cannot be read."""
        now = self.time.seconds
        if now < self.listing_away_until or self.time.chance(self.weather.listing_away):
            if now >= self.listing_away_until:
                self.listing_away_until = now + self.time.draw.uniform(10, 600)
            return None
        start = self.time.starts_at
        return [
            FoundMessage(one.sid, one.word, one.body, one.code, start + timedelta(seconds=one.taken_at))
            for one in reversed(self.by_number.get(number, ()))
            if one.listed_at <= now
        ]

    def _refusal(self, number: str) -> SendAnswer | None:
        if number in self.stopped:
            return SendAnswer(SendVerdict.REFUSED, code="21610", failure=FailureClass.OPTED_OUT)
        known = REFUSALS.get(bytes.fromhex(number[:2]))
        return None if known is None else SendAnswer(SendVerdict.REFUSED, code=known[0], failure=known[1])

    def _slow_down(self, posting: Posting, answer: Answer) -> None:
        """Never processed; some carriers report even that try as failed, when it is tried again already."""
        answer(SLOW_DOWN)
        if self.time.chance(self.weather.turned_away_reported):
            told = Told(self._new_sid(), posting.message.send_id, "failed", self._new_sid(), "30008")
            self.time.after(self.time.draw.uniform(0.5, 60), self.reports, told)

    def _error_before(self, _posting: Posting, answer: Answer) -> None:
        answer(UNCERTAIN)

    def _hang_before(self, _posting: Posting, _answer: Answer) -> None:
        return

    def _error_after(self, posting: Posting, answer: Answer) -> None:
        self._take_in(posting)
        answer(UNCERTAIN)

    def _hang_after(self, posting: Posting, _answer: Answer) -> None:
        self.time.after(self.time.draw.uniform(0, SLOWEST_ACCEPTANCE), self._take_in, posting)

    def _new_sid(self) -> str:
        self._sids += 1
        return f"SM{self._sids:032x}"

    def _take_in(self, posting: Posting) -> Carried:
        message, time = posting.message, self.time
        lag = time.draw.choice((0.0, LONGEST_LAG, LONGEST_LAG))
        if time.chance(self.weather.never_listed):
            lag = NEVER
        carried = Carried(
            self._new_sid(),
            message.message_id,
            message.send_id,
            message.to,
            message.body,
            time.seconds,
            time.seconds + lag,
        )
        self.by_number.setdefault(message.to, []).append(carried)
        self.took(carried)
        time.after(time.draw.uniform(0.2, 5), self._carry, carried, posting.validity_seconds)
        return carried

    def _carry(self, carried: Carried, validity_seconds: int) -> None:
        """On its way; what becomes of it is decided by the line."""
        self._say(carried, "sent")
        line = bytes.fromhex(carried.number[:2])
        later = min(self.time.draw.expovariate(1 / 20), validity_seconds)
        if line == UNDELIVERED:
            self.time.after(later, self._say, carried, "undelivered", "30003")
        elif line != SILENT:
            self.time.after(later, self._say, carried, "delivered")
            if self.time.draw.random() < self.weather.replies:
                self.time.after(later + self.time.draw.uniform(1, 600), self._reply, carried)

    def _say(self, carried: Carried, word: str, code: str = "") -> None:
        """The truth moves; its callback comes or does not."""
        if carried.word in ("delivered", "undelivered"):
            return
        carried.word, carried.code = word, code
        w, draw = self.weather, self.time.draw
        if self.time.chance(w.report_lost):
            return
        told = Told(f"{carried.sid}:{word}", carried.send_id, word, carried.sid, code)
        delay = draw.uniform(60, 7200) if self.time.chance(w.report_late) else draw.uniform(0.05, 3)
        self.time.after(delay, self.reports, told)
        if self.time.chance(w.report_repeated):
            self.time.after(delay + draw.uniform(0, 600), self.reports, told)

    def _reply(self, carried: Carried) -> None:
        """The person answers; the callback may come twice."""
        body = self.time.draw.choice(("STOP", "RAPPEL", "OK"))
        if body == "STOP":
            self.stopped.add(carried.number)
        sid = self._new_sid()
        self.replies(sid, carried.number, body)
        if self.time.chance(self.weather.report_repeated):
            self.time.after(self.time.draw.uniform(1, 60), self.replies, sid, carried.number, body)


def final_status(carried: Carried) -> MessageStatus:
    """What the ledger should say of it in the end."""
    return STATUS_OF_WORD[carried.word]
