"""Double écoute: a supervisor's leg in the room of a call, told to the agent before anything is heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_attempts import CallStatus, LineStatus, line_status
from outreach.domain.supervision import WITH_AGENT_IN_ROOM, ListenHow, hearing_of
from outreach.errors import Conflict, NotFound, TelephonyError
from outreach.ids import new_id
from outreach.log import get_logger
from outreach.services.access import Asker
from outreach.services.callback_urls import CallbackUrls, Webhook
from outreach.services.raised_hands import RaisedHands
from outreach.storage import (
    agent_store,
    attempt_store,
    listener_store,
    platform_store,
    user_store,
)
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Connection, Database
from outreach.storage.listener_store import Listener, ShownListener
from outreach.storage.vault import Vault
from outreach.telephony import markup
from outreach.telephony.failure_codes import names_nothing
from outreach.telephony.provider import AgentLegOrder, HearingOrder, TelephonyProvider

log = get_logger("listening")

RING_SECONDS = 30
STILL_RINGS = timedelta(seconds=60)  # then the phone company is asked
STILL_SITS = timedelta(minutes=2)
# Anybody may pick up a supervisor's phone, and what is said in the room is for the supervisor alone.
PRESS_A_KEY = "Bonjour. Appuyez sur une touche pour rejoindre la conversation."


@dataclass(frozen=True)
class ListenerNews:
    """What was told of a supervisor's leg. `is_there`: a key was pressed, or the call taken in our page."""

    sid: str
    is_there: bool = False
    line: LineStatus | None = None


@dataclass(frozen=True)
class Listening:
    """Listen, whisper, join. `caller_id` is shown unless the platform has its own.

    A raised hand is lowered by whoever is in the room: a supervisor whose phone rings is no help yet.
    """

    database: Database
    vault: Vault
    clock: Clock
    provider: TelephonyProvider
    urls: CallbackUrls
    caller_id: str
    hands: RaisedHands

    def listen(self, asker: Asker, attempt_id: UUID, how: ListenHow) -> ShownListener:
        """Ring the supervisor for a room, or change how they sit in it; the agent is told first.

        Raises NotFound for a call of another platform, Conflict when it has no agent in the room, when it is
        their own, or when they are in another one; TelephonyError when their phone cannot be rung.
        """
        now = self.clock.now()
        with self.database.begin() as connection:
            attempt = _live(connection, asker, attempt_id)
            listener = listener_store.open_of_user(connection, asker.user_id)
            if listener is not None and listener.conference == attempt.conference:
                listener_store.change_how(connection, listener, attempt, how, now)
                changed = True
            else:
                changed = False
                listener = _new(attempt, asker, how, now)
                order = self._order(connection, attempt, listener)
                listener_store.start(connection, listener, attempt)
            if listener.in_room_at is not None:
                self.hands.help_came(connection, attempt.id)
        if changed:
            self._seat_anew(listener, attempt, how)
        else:
            self._ring(listener, order)
        return self._shown(listener)

    def stop(self, asker: Asker, attempt_id: UUID) -> None:
        """Leave the room of a call; nothing when they are not in it."""
        with self.database.begin() as connection:
            attempt = attempt_store.read(connection, attempt_id)
            listener = listener_store.open_of_user(connection, asker.user_id)
            if listener is None or listener.conference != attempt.conference:
                return
            listener_store.end(connection, listener, attempt, self.clock.now())
        if listener.sid is not None:
            self._hang_up(listener.id, listener.sid)

    def of_call(self, asker: Asker, attempt_id: UUID) -> list[ShownListener]:
        """Who is in the room of a call, or on their way. Raises NotFound."""
        with self.database.begin() as connection:
            attempt = attempt_store.read(connection, attempt_id)
            if attempt.agent_id != asker.user_id:
                need_call_near(connection, asker, attempt)
            return listener_store.shown_in(connection, [attempt.conference]).get(attempt.conference, [])

    def with_agent(self, agent_id: UUID) -> list[ShownListener]:
        """Who is in the room of the agent's open call."""
        with self.database.begin() as connection:
            attempt = attempt_store.open_of_agent(connection, agent_id)
            if attempt is None:
                return []
            return listener_store.shown_in(connection, [attempt.conference]).get(attempt.conference, [])

    def end_of(self, attempt: Attempt) -> None:
        """The call is over for its agent: nobody stays behind in the room."""
        with self.database.begin() as connection:
            sids = listener_store.sids_in(connection, attempt.conference)
        for sid in sids:
            self._hang_up(attempt.id, sid)

    # --- what the phone company tells, and asks ---

    def apply(self, connection: Connection, listener_id: UUID, news: ListenerNews) -> bool:
        """News of a supervisor's leg; whether anything changed."""
        listener = listener_store.lock(connection, listener_id)
        if listener.ended_at is not None or listener.sid not in (None, news.sid):
            return False
        listener_store.keep_sid(connection, listener_id, news.sid)
        attempt = attempt_store.read(connection, listener_store.attempt_in_room(connection, listener))
        if news.line is not None and news.line.ended:
            listener_store.end(connection, listener, attempt, self.clock.now())
        elif news.is_there and listener.in_room_at is None and not attempt.over:
            listener_store.enter(connection, listener, attempt, self.clock.now())
            self.hands.help_came(connection, attempt.id)
        else:
            return listener.sid is None
        return True

    def markup(self, listener_id: UUID, news: ListenerNews) -> str:
        """The room, once it is the supervisor who is on the line; else the question, or the end."""
        with self.database.begin() as connection:
            listener = listener_store.lock(connection, listener_id)
            attempt = attempt_store.read(connection, listener_store.attempt_in_room(connection, listener))
        if listener.ended_at is not None or listener.sid != news.sid or attempt.over:
            return markup.hang_up()
        if not news.is_there:
            return markup.ask_for_key(PRESS_A_KEY, self.urls.of(Webhook.LISTENER_KEY, listener_id))
        hearing = hearing_of(listener.how)
        seat = markup.ConferenceSeat(
            conference=str(listener.conference),
            label=f"listener-{listener.id}",
            status_callback=self.urls.of(Webhook.CONFERENCE, attempt.id),
            muted=hearing.muted,
            coach=str(attempt.agent_sid) if hearing.whispers else "",
        )
        return markup.join_conference(seat)

    # --- the sweep ---

    def keep(self) -> int:
        """End legs whose call is over, point whispers at the agent's new leg, ask about silent legs."""
        now = self.clock.now()
        with self.database.begin() as connection:
            alone = listener_store.without_call(connection)
            astray = listener_store.whispering_to_nobody(connection)
            silent = listener_store.unheard_of(
                connection, ringing_since=now - STILL_RINGS, asked_before=now - STILL_SITS
            )
        ended = sum(self._leave_empty_room(listener) for listener in alone)
        for listener, room, agent_sid in astray:
            self._whisper_to(listener, room, agent_sid)
        return ended + sum(self._ask(listener) for listener in silent if listener not in alone)

    def _leave_empty_room(self, listener: Listener) -> bool:
        if listener.sid is not None and not self._hang_up(listener.id, listener.sid):
            return False
        return self._end(listener)

    def _whisper_to(self, listener: Listener, room: str, agent_sid: str) -> None:
        try:
            self.provider.set_hearing(
                HearingOrder(room, str(listener.sid), muted=False, coached_sid=agent_sid)
            )
        except TelephonyError as error:
            log.warning("listener.not_moved", listener_id=str(listener.id), code=error.code)
            return
        with self.database.begin() as connection:
            listener_store.keep_coached(connection, listener.id, agent_sid)

    def _ask(self, listener: Listener) -> bool:
        """Whether the leg turned out to be over; one that nobody knows of never came to be."""
        line: LineStatus | None = LineStatus.FAILED
        if listener.sid is not None:
            try:
                line = line_status(self.provider.fetch_call(listener.sid).status)
            except TelephonyError as error:
                if not names_nothing(error.code):
                    log.warning("listener.not_asked", listener_id=str(listener.id), code=error.code)
                    return False
        if line is not None and line.ended:
            return self._end(listener)
        with self.database.begin() as connection:
            listener_store.note_asked(connection, listener.id, self.clock.now())
        return False

    # --- legs ---

    def _order(self, connection: Connection, attempt: Attempt, listener: Listener) -> AgentLegOrder:
        return AgentLegOrder(
            to=agent_store.address_of(connection, self.vault, listener.user_id),
            sender=platform_store.caller_id(connection, attempt.platform) or self.caller_id,
            answer_url=self.urls.of(Webhook.LISTENER_ANSWER, listener.id),
            status_callback=self.urls.of(Webhook.LISTENER_STATUS, listener.id),
            ring_seconds=RING_SECONDS,
        )

    def _ring(self, listener: Listener, order: AgentLegOrder) -> None:
        try:
            leg = self.provider.call_agent(order)
        except TelephonyError as error:
            if error.unknown_fate:
                return  # its own reports tell, else the sweep
            self._end(listener)
            raise
        with self.database.begin() as connection:
            listener_store.keep_sid(connection, listener.id, leg.sid)
            left = listener_store.lock(connection, listener.id).ended_at is not None
        if left:
            self._hang_up(listener.id, leg.sid)

    def _seat_anew(self, listener: Listener, attempt: Attempt, how: ListenHow) -> None:
        """Whoever is in the room already is moved there; whoever still rings sits down as they said last."""
        if listener.in_room_at is None or listener.sid is None or listener.how is how:
            return
        if not attempt.conference_sid:
            self._take_back(listener, attempt)
            raise Conflict("The room is not known yet; try again in a second.", code="room_unknown")
        hearing = hearing_of(how)
        order = HearingOrder(
            conference_sid=attempt.conference_sid,
            call_sid=listener.sid,
            muted=hearing.muted,
            coached_sid=str(attempt.agent_sid) if hearing.whispers else "",
        )
        try:
            self.provider.set_hearing(order)
        except TelephonyError:
            self._take_back(listener, attempt)
            raise
        if hearing.whispers:
            with self.database.begin() as connection:
                listener_store.keep_coached(connection, listener.id, order.coached_sid)

    def _take_back(self, listener: Listener, attempt: Attempt) -> None:
        """They sit as before: that is what the agent must be told."""
        with self.database.begin() as connection:
            listener_store.change_how(connection, listener, attempt, listener.how, self.clock.now())

    def _end(self, listener: Listener) -> bool:
        with self.database.begin() as connection:
            now = listener_store.lock(connection, listener.id)
            attempt = attempt_store.read(connection, listener_store.attempt_in_room(connection, now))
            listener_store.end(connection, now, attempt, self.clock.now())
        return now.ended_at is None

    def _hang_up(self, subject: UUID, sid: str) -> bool:
        try:
            self.provider.hang_up(sid)
        except TelephonyError as error:
            log.warning("leg.not_ended", subject=str(subject), code=error.code)
            return False
        return True

    def _shown(self, listener: Listener) -> ShownListener:
        with self.database.begin() as connection:
            now = listener_store.lock(connection, listener.id)
            login = user_store.by_id(connection, listener.user_id)
        return ShownListener(
            now.id, now.user_id, login.login if login else "", now.how, now.ordered_at, now.in_room_at
        )


def _new(attempt: Attempt, asker: Asker, how: ListenHow, now: datetime) -> Listener:
    return Listener(
        id=new_id(),
        platform=attempt.platform,
        attempt_id=attempt.id,
        conference=attempt.conference,
        user_id=asker.user_id,
        how=how,
        ordered_at=now,
    )


def _live(connection: Connection, asker: Asker, attempt_id: UUID) -> Attempt:
    """A colleague's call with the agent in its room; locked. Raises NotFound, Conflict."""
    attempt = attempt_store.lock(connection, attempt_id)
    need_call_near(connection, asker, attempt)
    if not attempt.open or attempt.status is CallStatus.WRAP_UP:
        raise Conflict("This call is over.", code="call_over")
    if attempt.status not in WITH_AGENT_IN_ROOM or attempt.agent_sid is None:
        raise Conflict("The agent's phone still rings: nobody is in the room yet.", code="nobody_in_room")
    if attempt.agent_id == asker.user_id:
        raise Conflict("This is your own call.", code="own_call")
    if attempt_store.open_of_agent(connection, asker.user_id) is not None:
        raise Conflict("You are in a call of your own: say how it went first.", code="in_own_call")
    return attempt


def need_call_near(connection: Connection, asker: Asker, attempt: Attempt) -> None:
    """A call is the business of its record's platform, and of its agent's: an entry may be lent.

    Raises NotFound.
    """
    if attempt.platform in asker.platforms:
        return
    agent = user_store.by_id(connection, attempt.agent_id)
    if agent is None or not set(agent.platforms) & set(asker.platforms):
        raise NotFound("There is no such call.")
