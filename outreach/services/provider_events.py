"""What the phone company tells us: kept raw and once, applied in the same transaction, then followed up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.agent_devices import rings_computer
from outreach.domain.call_attempts import CallStatus, Leg, LineStatus, line_as_reported, line_status
from outreach.errors import TelephonyError
from outreach.log import get_logger
from outreach.services import call_reports
from outreach.services.call_legs import CallLegs
from outreach.services.call_reports import Effect, LegReport
from outreach.services.callback_urls import CallbackUrls, Webhook
from outreach.services.inbound_calls import InboundCalls
from outreach.services.listening import ListenerNews, Listening
from outreach.services.message_events import MessageEvents
from outreach.services.scripts import Scripts
from outreach.storage import attempt_store, platform_store, provider_event_store
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Connection, Database
from outreach.storage.vault import Vault
from outreach.telephony import markup, webhooks
from outreach.telephony.webhook_parameters import Endpoint
from outreach.telephony.webhooks import CallWord, Form

log = get_logger("provider_events")

FollowUp = Callable[[], None]
# Anybody may hear it, and a voicemail.
PRESS_A_KEY = "Bonjour. Appuyez sur une touche pour prendre l'appel."
TEST_CALL_SAYS = "Bonjour. Si vous entendez cette phrase, votre ordinateur est prêt à recevoir vos appels."
LEG_OF = {
    Webhook.AGENT_STATUS: Leg.AGENT,
    Webhook.AGENT_ANSWER: Leg.AGENT,
    Webhook.AGENT_KEY: Leg.AGENT,
    Webhook.PERSON_STATUS: Leg.PERSON,
    Webhook.TRANSFER_STATUS: Leg.TRANSFER,
}

LISTENER_WEBHOOKS = (Webhook.LISTENER_ANSWER, Webhook.LISTENER_KEY, Webhook.LISTENER_STATUS)


@dataclass(frozen=True)
class Told:
    """The answer to a webhook: TwiML or nothing (204); `then` is to be run once it is given."""

    markup: str | None = None
    then: FollowUp | None = None


@dataclass(frozen=True)
class ProviderEvents:
    """Every webhook ends here, after its signature was checked."""

    database: Database
    vault: Vault
    clock: Clock
    urls: CallbackUrls
    scripts: Scripts
    legs: CallLegs
    inbound: InboundCalls
    messages: MessageEvents
    listening: Listening
    recording_url: str = ""

    def receive(
        self, webhook: Webhook, subject: UUID, endpoint: Endpoint, form: Form, token: str | None
    ) -> Told:
        """Store the event, apply it, say what is to follow. A repeated event changes nothing."""
        key = f"{webhook.value}:{subject}:{webhooks.idempotency_key(endpoint, form, token)}"
        if webhook in LISTENER_WEBHOOKS:
            return self._receive_of_listener(webhook, subject, form, key)
        with self.database.begin() as connection:
            event_id = self._keep(connection, key, webhook.value, form)
            if event_id is not None:
                effect = self._apply(connection, webhook, subject, form)
                if effect is not Effect.MOVED:
                    provider_event_store.note_effect(connection, event_id, effect.value)
            attempt = self._attempt(connection, webhook, subject, form)
        return Told(self._markup(webhook, attempt, form), self._follow_up(webhook, attempt, form))

    def _receive_of_listener(self, webhook: Webhook, listener_id: UUID, form: Form, key: str) -> Told:
        """News of a supervisor's leg to the room of a call."""
        news = _listener_news(webhook, form)
        with self.database.begin() as connection:
            event_id = self._keep(connection, key, webhook.value, form)
            if event_id is not None and not self.listening.apply(connection, listener_id, news):
                provider_event_store.note_effect(connection, event_id, Effect.LATE.value)
        if webhook is Webhook.LISTENER_STATUS:
            return Told()
        return Told(self.listening.markup(listener_id, news))

    def receive_inbound_call(self, form: Form, token: str | None) -> Told:
        """Someone calls the outreach number."""
        key = webhooks.idempotency_key(Endpoint.INBOUND_CALL, form, token)
        with self.database.begin() as connection:
            self._keep(connection, key, "inbound-call", form)
        answered = self.inbound.answer(webhooks.read_inbound_call(form))
        attempt = answered.attempt
        return Told(answered.markup, None if attempt is None else partial(self.inbound.ring_agent, attempt))

    def receive_inbound_message(self, form: Form, token: str | None) -> Told:
        """Someone texts the outreach number."""
        key = webhooks.idempotency_key(Endpoint.INBOUND_SMS, form, token)
        with self.database.begin() as connection:
            event_id = self._keep(connection, key, "inbound-message", form)
            if event_id is not None:
                self.messages.apply_inbound(connection, webhooks.read_inbound_message(form), self.clock.now())
        return Told()

    def _keep(self, connection: Connection, key: str, kind: str, form: Form) -> UUID | None:
        raw = json.dumps(dict(form), ensure_ascii=False, separators=(",", ":")).encode()
        sealed = self.vault.seal_system(provider_event_store.SEALED_FOR, raw)
        return provider_event_store.keep(
            connection,
            key=key,
            kind=kind,
            sealed=sealed,
            effect=Effect.MOVED.value,
            now=self.clock.now(),
        )

    def _attempt(self, connection: Connection, webhook: Webhook, subject: UUID, form: Form) -> Attempt | None:
        if webhook in (Webhook.MESSAGE_STATUS, Webhook.TEST_CALL):
            return None
        if webhook in LEG_OF:
            sid = webhooks.read_inbound_call(form).sid
            return call_reports.attempt_of_leg(connection, subject, LEG_OF[webhook], sid)
        return attempt_store.read(connection, subject)

    def _apply(self, connection: Connection, webhook: Webhook, subject: UUID, form: Form) -> Effect:
        now = self.clock.now()
        match webhook:
            case Webhook.MESSAGE_STATUS:
                report = webhooks.read_message_report(form)
                return self.messages.apply_report(connection, report, subject, now)
            case Webhook.MACHINE_DETECTION:
                heard = webhooks.read_amd_report(form).answered_by.value
                return call_reports.apply_machine_detection(connection, subject, heard, now)
            case Webhook.CONFERENCE:
                sid = webhooks.read_conference_report(form).sid
                return call_reports.apply_conference(connection, subject, sid)
            case Webhook.VOICEMAIL | Webhook.NOBODY_FREE | Webhook.TEST_CALL:
                return Effect.LATE  # only asks what to say
            case _:
                return self._apply_leg(connection, webhook, subject, form)

    def _apply_leg(self, connection: Connection, webhook: Webhook, subject: UUID, form: Form) -> Effect:
        if webhook in (Webhook.AGENT_ANSWER, Webhook.AGENT_KEY):
            sid = webhooks.read_inbound_call(form).sid
            line = LineStatus.IN_PROGRESS if _is_agent(webhook, form) else LineStatus.RINGING
            report = LegReport(subject, Leg.AGENT, sid, line)
        else:
            told = webhooks.read_call_report(form)
            if told.status is CallWord.OTHER:
                return Effect.UNKNOWN
            report = LegReport(
                subject,
                LEG_OF[webhook],
                told.sid,
                line_as_reported(LEG_OF[webhook], LineStatus(told.status.value)),
                sip_code=told.sip_code,
                answered_by=told.answered_by.value if told.answered_by else "",
                seconds=told.duration_seconds,
            )
        return call_reports.apply_leg_report(connection, report, self.clock.now())

    def _markup(self, webhook: Webhook, attempt: Attempt | None, form: Form) -> str | None:
        if webhook is Webhook.TEST_CALL:
            return markup.say_then_hang_up(TEST_CALL_SAYS)
        if attempt is None:
            return None
        if webhook in (Webhook.AGENT_ANSWER, Webhook.AGENT_KEY):
            return self._agent_markup(webhook, attempt, form)
        if webhook is Webhook.VOICEMAIL:
            return self._voicemail(attempt)
        if webhook is Webhook.NOBODY_FREE:
            return self.inbound.message(attempt.platform, known=True)
        return None

    def _agent_markup(self, webhook: Webhook, attempt: Attempt, form: Form) -> str:
        """For the current attempt's own leg the room, once it is the agent; anything else is hung up."""
        sid = webhooks.read_inbound_call(form).sid
        if not attempt.open or attempt.status is CallStatus.WRAP_UP or attempt.agent_sid != sid:
            return markup.hang_up()
        if not _is_agent(webhook, form):
            return markup.ask_for_key(PRESS_A_KEY, self.urls.of(Webhook.AGENT_KEY, attempt.id))
        return markup.join_conference(
            markup.ConferenceSeat(
                conference=str(attempt.conference),
                label=Leg.AGENT.value,
                status_callback=self.urls.of(Webhook.CONFERENCE, attempt.id),
            )
        )

    def _voicemail(self, attempt: Attempt) -> str:
        """The neutral message: no health word, no name; recorded by a person, or spoken."""
        if self.recording_url:
            return markup.play_then_hang_up(self.recording_url)
        with self.database.begin() as connection:
            platform = platform_store.read(connection, attempt.platform)
            spoken = self.scripts.render(
                connection,
                "voicemail",
                language=platform.language,
                platform=platform.code,
                now=self.clock.now(),
            )
        return markup.say_then_hang_up(spoken.text, markup.spoken_language(spoken.language))

    def _follow_up(self, webhook: Webhook, attempt: Attempt | None, form: Form) -> FollowUp | None:
        """What the event asks us to do at the phone company, outside the transaction and after the answer."""
        if attempt is None or webhook not in LEG_OF:
            return None
        if stray := _stray_leg(webhook, attempt, form):
            return partial(self.legs.end_stray, attempt.id, stray)
        if not attempt.open or LEG_OF[webhook] is not Leg.AGENT:
            return None
        if attempt.status is CallStatus.AGENT_ON_LINE:
            return partial(self.legs.dial_person, attempt.id)
        if attempt.agent_left_at is not None:
            return partial(self._after_agent_left, attempt)
        came_back = _is_agent(webhook, form) and attempt.status is CallStatus.ANSWERED
        return partial(self._hold, attempt, on=False) if came_back and attempt.on_hold else None

    def _after_agent_left(self, attempt: Attempt) -> None:
        """The person must not talk into silence: a ringing phone stops, a conversation waits with music."""
        if attempt.inbound and attempt.answered_at is None:
            self.inbound.send_away(attempt)
        elif attempt.status is CallStatus.ANSWERED and attempt.transfer_sid is None:
            self._hold(attempt, on=True)
        elif attempt.status in (CallStatus.DIALLING, CallStatus.RINGING) and attempt.person_sid:
            self.legs.provider.hang_up(attempt.person_sid)

    def _hold(self, attempt: Attempt, *, on: bool) -> None:
        if not attempt.conference_sid or not attempt.person_sid:
            return
        try:
            self.legs.provider.set_hold(attempt.conference_sid, attempt.person_sid, on=on)
        except TelephonyError as error:
            log.info("hold.refused", attempt_id=str(attempt.id), code=error.code)
            return
        with self.database.begin() as connection:
            attempt_store.change(connection, attempt.id, on_hold=on)


def _is_agent(webhook: Webhook, form: Form) -> bool:
    """Whether the agent is there for sure: a key was pressed, or the call taken at their computer."""
    taken = webhook is Webhook.AGENT_ANSWER and rings_computer(form.get("To", ""))
    return taken or webhook is Webhook.AGENT_KEY


def _listener_news(webhook: Webhook, form: Form) -> ListenerNews:
    if webhook is Webhook.LISTENER_STATUS:
        told = webhooks.read_call_report(form)
        return ListenerNews(told.sid, line=line_status(told.status.value))
    taken = webhook is Webhook.LISTENER_ANSWER and rings_computer(form.get("To", ""))
    return ListenerNews(webhooks.read_inbound_call(form).sid, taken or webhook is Webhook.LISTENER_KEY)


def _stray_leg(webhook: Webhook, attempt: Attempt, form: Form) -> str | None:
    """The person's leg, when it is up although the try is over and no colleague goes on with them."""
    asks = webhook in (Webhook.AGENT_ANSWER, Webhook.AGENT_KEY)
    if asks or not attempt.over or attempt.transfer_sid is not None:
        return None
    told = webhooks.read_call_report(form)
    line = line_status(told.status.value)
    if line is None:
        return None
    if webhook is Webhook.PERSON_STATUS:
        return None if line.ended else told.sid
    alone = line.ended and not attempt.open and attempt.ended_at is None  # whoever they talked to has gone
    return attempt.person_sid if alone else None
