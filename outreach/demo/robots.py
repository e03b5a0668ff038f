"""Agents of the demo: each works the list through the public API as a person at a browser would."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from outreach.clock import Clock, monotonic
from outreach.demo.client import Client, Refused
from outreach.demo.setting import PLATFORM
from outreach.domain.invented_people import FAMILY_NAMES, GIVEN_NAMES
from outreach.log import get_logger

log = get_logger("demo")

IDLE_SECONDS = 0.4
LOOK_SECONDS = 0.12
LONGEST_CALL_SECONDS = 30.0
HEARTBEAT_SECONDS = 20.0
LONGEST_SILENCE = 5.0
TALK_SECONDS = (0.3, 1.0)  # real ones
NAMES_A_CONTACT = 0.2

# What a conversation comes to, in percent.
AFTER_POSITIVE = {
    "COMPLETED": 84,
    "PARTIAL": 2,
    "CALLBACK_AT": 3,
    "REFUSED": 2,
    "LANGUAGE": 1,
    "ESCALATE_MEDICAL": 2,
    "HOSPITALISED": 1,
    "THIRD_PARTY": 3,
    "WRONG_NUMBER": 1,
    "EMERGENCY": 0.4,
    "ESCALATE_ARS": 0.6,
}
AFTER_CONTACT: dict[str, float] = {
    "INFO_GIVEN": 90,
    "CALLBACK_AT": 2,
    "REFUSED": 2,
    "THIRD_PARTY": 4,
    "WRONG_NUMBER": 1,
    "DO_NOT_CALL": 1,
}
SAVES_ANSWERS = 0.25
# What is saved of an interview: who is on the line, and two figures.
PROOFS = {"speaking_with": "person", "name_confirmed": True, "birth_date_confirmed": True}
COUNTED = {"household_size": (1, 5), "contacts_to_name": (0, 3)}
FINAL = frozenset({"COMPLETED", "INFO_GIVEN"})
MACHINES = ("machine", "fax")


@dataclass(frozen=True)
class Pace:
    """Real seconds, from and to: of a conversation, of a wrap-up, and between two calls.

    `breaks`: one call in so many is followed by a break; 0: never.
    """

    talk: tuple[float, float] = TALK_SECONDS
    wrap_up: tuple[float, float] = (0.0, 0.0)
    between: tuple[float, float] = (0.0, 0.0)
    breaks: int = 0
    break_seconds: tuple[float, float] = (40.0, 120.0)


HURRIED = Pace()
LIKE_PEOPLE = Pace(talk=(30.0, 120.0), wrap_up=(5.0, 25.0), between=(1.0, 8.0), breaks=12)


@dataclass
class Robot:
    """One agent. `seed` makes what people say the same in each run."""

    client: Client
    clock: Clock
    seed: int
    queues: tuple[str, ...]
    leaving: threading.Event
    calls: int = 0
    refusals: int = 0
    named: int = 0  # new people, told by positives
    pace: Pace = HURRIED
    platform: str = PLATFORM
    _chance: random.Random = field(init=False)
    _beat_at: float = 0.0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 - a play, not a secret

    def work(self) -> None:
        """A shift: until told to leave."""
        self.client.post("/api/v1/shift/start", {"platform": self.platform})
        while not self.leaving.is_set():
            try:
                self._beat()
                if not self._call_one():
                    self.leaving.wait(IDLE_SECONDS)
            except Refused as refusal:
                # A lease lapsed, a number in other hands, the phone company away: the next one, please.
                self._note(refusal)
                self._tidy_up()
                self.leaving.wait(IDLE_SECONDS)
        self._end_shift()

    def _end_shift(self) -> None:
        try:
            self._tidy_up()
            self.client.post("/api/v1/shift/end", {"platform": self.platform})
        except Refused as refusal:
            self._note(refusal)

    def _note(self, refusal: Refused) -> None:
        self.refusals += 1
        log.info("robot.refused", status=refusal.status, code=refusal.code)

    def _tidy_up(self) -> None:
        """A call left open is finished, an entry in hand given back; what is refused waits."""
        try:
            attempt = self.client.get("/api/v1/attempts/current")
            if attempt is not None:
                self._finish(attempt, None)
            self.client.post("/api/v1/entries/release")
        except Refused as refusal:
            self._note(refusal)

    def _beat(self) -> None:
        if monotonic() - self._beat_at > HEARTBEAT_SECONDS:
            self.client.post("/api/v1/shift/heartbeat")
            self._beat_at = monotonic()

    def _call_one(self) -> bool:
        """Take one entry and deal with it; whether there was one."""
        in_hand = self.client.post("/api/v1/calls/next", {"queues": list(self.queues)})
        if in_hand is None:
            return False
        attempt = self.client.get("/api/v1/attempts/current")
        if attempt is None:
            attempt = self.client.post(f"/api/v1/entries/{in_hand['entry']['entry_id']}/calls")
        self.calls += 1
        attempt = self._until(attempt, lambda a: a["status"] in ("ANSWERED", "WRAP_UP"))
        if attempt["status"] == "ANSWERED":
            attempt = self._until(attempt, _heard_who)
        if attempt["status"] == "ANSWERED":
            self._answered(in_hand, attempt)
        else:
            self._let_pass(self.pace.wrap_up)
            self._finish(attempt, None)
        self._let_pass(self.pace.between)
        if self.pace.breaks and self.calls % self.pace.breaks == 0:
            self._take_break()
        return True

    def _take_break(self) -> None:
        self.client.put("/api/v1/pause", {"platform": self.platform, "reason": "BREAK"})
        self._let_pass(self.pace.break_seconds)
        self.client.delete("/api/v1/pause")

    def _let_pass(self, span: tuple[float, float]) -> None:
        """Some seconds, during which the page stays open; less when told to leave."""
        left = self._chance.uniform(*span)
        while left > 0 and not self.leaving.is_set():
            self.leaving.wait(min(left, LONGEST_SILENCE))
            left -= LONGEST_SILENCE
            self._beat()

    def _until(self, attempt: dict[str, Any], reached: Any) -> dict[str, Any]:
        until = monotonic() + LONGEST_CALL_SECONDS
        while not reached(attempt) and monotonic() < until:
            self.clock.wait(LOOK_SECONDS)
            attempt = self.client.get(f"/api/v1/attempts/{attempt['id']}")
        return attempt

    def _answered(self, in_hand: dict[str, Any], attempt: dict[str, Any]) -> None:
        if _is_machine(attempt):
            self.client.post(f"/api/v1/attempts/{attempt['id']}/voicemail")
            self._finish(attempt, "VOICEMAIL_LEFT")
            return
        self._let_pass(self.pace.talk)
        positive = in_hand["entry"]["purpose"] == "INTERVIEW"
        if positive and self._chance.random() < SAVES_ANSWERS:
            self._interview(attempt["id"])
        outcome = self._draw(AFTER_POSITIVE if positive else AFTER_CONTACT)
        if positive and outcome == "COMPLETED" and self._chance.random() < NAMES_A_CONTACT:
            self._name_contact(in_hand, attempt)
        self._end_talk(attempt)
        self._finish(attempt, outcome, in_hand["household"])

    def _end_talk(self, attempt: dict[str, Any]) -> None:
        """At the pace of people, the call ends before its wrap-up does."""
        if self.pace.wrap_up[1] > 0:
            self.client.post(f"/api/v1/attempts/{attempt['id']}/hang-up")
            self._let_pass(self.pace.wrap_up)

    def _interview(self, attempt_id: str) -> None:
        """Check who is on the line, then save two figures they tell."""
        answers = f"/api/v1/attempts/{attempt_id}/answers"
        for question, value in PROOFS.items():
            self.client.put(f"{answers}/{question}", {"value": value})
        for question, (least, most) in COUNTED.items():
            self.client.put(f"{answers}/{question}", {"value": self._chance.randint(least, most)})

    def _draw(self, outcomes: dict[str, float]) -> str:
        return self._chance.choices(list(outcomes), weights=list(outcomes.values()))[0]

    def _name_contact(self, in_hand: dict[str, Any], attempt: dict[str, Any]) -> None:
        """Someone the positive met; invented, with a number from the range reserved for fiction."""
        number = f"06 39 98 {self._chance.randrange(100):02} {self._chance.randrange(100):02}"
        fields = {
            "family_name": self._chance.choice(FAMILY_NAMES),
            "given_names": self._chance.choice(GIVEN_NAMES),
            "phone_1": number,
            "last_contact_on": (self.clock.now() - timedelta(days=2)).date().isoformat(),
        }
        case_record_id = attempt["case_record_id"]
        taken = self.client.post(f"/api/v1/case-records/{case_record_id}/contacts", fields)
        self.named += taken["verdict"] == "created"

    def _finish(
        self, attempt: dict[str, Any], outcome: str | None, household: list[dict[str, Any]] | None = None
    ) -> None:
        """Say how it went; without words, what the line said, else that nobody spoke."""
        said: dict[str, Any] = {"outcome": outcome}
        if outcome is None and attempt["suggested_outcome"] is None:
            said["outcome"] = "NO_ANSWER"
        if outcome == "CALLBACK_AT":
            said["callback_at"] = (self.clock.now() + timedelta(hours=1)).isoformat()
        if outcome in FINAL and household:
            said["household"] = [other["entry_id"] for other in household if other["purpose"] == "INFORM"]
        self.client.post(f"/api/v1/attempts/{attempt['id']}/outcome", said)


def _heard_who(attempt: dict[str, Any]) -> bool:
    return attempt["answered_by"] is not None or attempt["status"] == "WRAP_UP"


def _is_machine(attempt: dict[str, Any]) -> bool:
    return str(attempt["answered_by"]).startswith(MACHINES)
