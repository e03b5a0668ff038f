"""Runs the documents (TwiML) that tell a leg what it hears and where it goes: the verbs our flows use."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from outreach.telephony.simulator.calls import CallDesk
from outreach.telephony.simulator.conferences import ConferenceDesk
from outreach.telephony.simulator.legs import Leg, LegStatus, Seat
from outreach.telephony.simulator.phones import VoiceHabit
from outreach.telephony.simulator.webhooks_out import WebhookPoster

_LETTERS_PER_SECOND = 15.0
_RECORDING_SECONDS = 8.0
_KEY_SECONDS = 1.0
_APPLICATION_ERROR = "We are sorry, an application error has occurred. Goodbye."
_MOST_REDIRECTS = 10


@dataclass(frozen=True)
class _Following:
    """The document to go on with, and the key that led to it."""

    url: str
    digits: str = ""


@dataclass
class ScriptStage:
    """What a leg lives through after it was picked up."""

    calls: CallDesk
    conferences: ConferenceDesk
    poster: WebhookPoster

    async def play(self, leg: Leg) -> None:
        """Sit a participant in its conference, or run the leg's document; the leg ends with it."""
        if leg.seat is not None:
            await self.conferences.sit(leg, leg.seat)
        else:
            await self._run_documents(leg)
        self.calls.end(leg, LegStatus.COMPLETED)

    def leave(self, leg: Leg) -> None:
        """Take the leg out of its conference, if it sits in one."""
        self.conferences.leave(leg)

    async def _run_documents(self, leg: Leg) -> None:
        text: str | None = leg.twiml or await self._fetch(leg, leg.url)
        for _ in range(_MOST_REDIRECTS):
            verbs = _verbs(text)
            if verbs is None:
                self._fail(leg)
                return
            self.calls.begin_inbound(leg)
            following = await self._run(leg, verbs)
            if following is None:
                return
            text = await self._fetch(leg, following.url, following.digits)

    async def _fetch(self, leg: Leg, url: str, digits: str = "") -> str | None:
        pressed = {"Digits": digits} if digits else {}
        return await self.poster.fetch_document(url, self.calls.document_fields(leg) | pressed)

    async def _run(self, leg: Leg, verbs: list[ElementTree.Element]) -> _Following | None:
        """Run one document; the next one, None when there is none."""
        for verb in verbs:
            if leg.over:
                return None
            if verb.tag == "Redirect":
                return _Following((verb.text or "").strip())
            if verb.tag == "Gather":
                if digits := await self._gather(leg, verb):
                    return _Following(verb.get("action", leg.url), digits)
            else:
                await self._do(leg, verb)
        return None

    async def _gather(self, leg: Leg, gather: ElementTree.Element) -> str:
        """The key that is pressed, in the middle of the words; "" when nobody presses one."""
        if self.calls.book.phone(leg.person_number).behaviour.voice is VoiceHabit.AGENT:
            self.calls.say(leg, "".join(gather.itertext()).strip())
            await self.calls.time.pass_by(_KEY_SECONDS)
            return "1"
        for verb in gather:
            await self._do(leg, verb)
        await self.calls.time.pass_by(float(gather.get("timeout", "5")))
        return ""

    async def _do(self, leg: Leg, verb: ElementTree.Element) -> None:
        match verb.tag:
            case "Say":
                await self._say(leg, verb)
            case "Play":
                self.calls.say(leg, f"[recording] {(verb.text or '').strip()}")
                await self.calls.time.pass_by(_RECORDING_SECONDS)
            case "Pause":
                await self.calls.time.pass_by(float(verb.get("length", "1")))
            case "Dial":
                await self._dial(leg, verb)
            case "Hangup":
                self.calls.end(leg, LegStatus.COMPLETED)
            case "Reject":
                self.calls.end(leg, LegStatus.BUSY, sip="486")
            case _:
                self._fail(leg)

    def _fail(self, leg: Leg) -> None:
        self.calls.say(leg, _APPLICATION_ERROR)
        self.calls.end(leg, LegStatus.COMPLETED)

    async def _say(self, leg: Leg, verb: ElementTree.Element) -> None:
        words = "".join(verb.itertext()).strip()
        if not leg.over:
            self.calls.say(leg, words)
        await self.calls.time.pass_by(len(words) / _LETTERS_PER_SECOND)

    async def _dial(self, leg: Leg, dial: ElementTree.Element) -> None:
        noun = dial.find("Conference")
        if noun is None:
            self._fail(leg)
        else:
            await self.conferences.sit(leg, _seat(noun))


def _verbs(text: str | None) -> list[ElementTree.Element] | None:
    """The verbs of a document; None where there is no valid one."""
    if text is None:
        return None
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - written by our own program
    except ElementTree.ParseError:
        return None
    return list(root) if root.tag == "Response" else None


def _seat(noun: ElementTree.Element) -> Seat:
    return Seat(
        conference=(noun.text or "").strip(),
        label=noun.get("participantLabel", ""),
        muted=noun.get("muted") == "true",
        coach=noun.get("coach", ""),
        start_on_enter=noun.get("startConferenceOnEnter", "true") == "true",
        end_on_exit=noun.get("endConferenceOnExit") == "true",
        callback=noun.get("statusCallback", ""),
        callback_events=frozenset(noun.get("statusCallbackEvent", "").split()),
    )
