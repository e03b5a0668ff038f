"""The call bar: what an agent does to the call they are in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_attempts import CallStatus, Leg
from outreach.domain.outcomes import CallOutcome
from outreach.errors import Conflict, NotAllowed, TelephonyError
from outreach.services.call_legs import CallLegs
from outreach.services.callback_urls import CallbackUrls, Webhook
from outreach.storage import agent_store, attempt_store
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Database
from outreach.telephony.provider import TelephonyProvider


def own(attempt: Attempt, agent_id: UUID) -> Attempt:
    """The attempt, if it is the agent's. Raises NotAllowed."""
    if attempt.agent_id != agent_id:
        raise NotAllowed("This call is another agent's.", code="not_your_call")
    return attempt


@dataclass(frozen=True)
class CallBar:
    """Commands on a call in progress; each raises Conflict when the call is not in a state for it."""

    database: Database
    clock: Clock
    provider: TelephonyProvider
    urls: CallbackUrls
    legs: CallLegs

    def read(self, agent_id: UUID, attempt_id: UUID) -> Attempt:
        """The agent's own attempt as it stands."""
        with self.database.begin() as connection:
            return own(attempt_store.read(connection, attempt_id), agent_id)

    def current(self, agent_id: UUID) -> Attempt | None:
        """The agent's open attempt: the same call on whatever computer they open."""
        with self.database.begin() as connection:
            return attempt_store.open_of_agent(connection, agent_id)

    def hang_up(self, agent_id: UUID, attempt_id: UUID, *, leg: Leg = Leg.PERSON) -> None:
        """End one side; while the person has not answered, ending either side ends the try."""
        attempt = self.read(agent_id, attempt_id)
        if leg is not Leg.TRANSFER and _has_no_leg_to_person(attempt):
            self.legs.end_unconnected(attempt_id, CallOutcome.CANCELLED)
            attempt = self.read(agent_id, attempt_id)  # the person's leg may have come to be meanwhile
        sids = {
            Leg.AGENT: attempt.agent_sid,
            Leg.PERSON: attempt.person_sid,
            Leg.TRANSFER: attempt.transfer_sid,
        }
        if sids[leg]:
            self.provider.hang_up(str(sids[leg]))
        if leg is Leg.AGENT and attempt.person_sid and not attempt.person_on_line:
            self.provider.hang_up(attempt.person_sid)

    def hold(self, agent_id: UUID, attempt_id: UUID, *, on: bool) -> None:
        """Let the person wait, or come back to them."""
        attempt = self._with_person(agent_id, attempt_id)
        if not attempt.conference_sid:
            raise Conflict("The room is not known yet; try again in a second.", code="room_unknown")
        self.provider.set_hold(attempt.conference_sid, str(attempt.person_sid), on=on)
        self._change(attempt_id, on_hold=on)

    def leave_voicemail(self, agent_id: UUID, attempt_id: UUID) -> None:
        """Drop the neutral message on the machine that answered; the agent is free at once."""
        attempt = self._with_person(agent_id, attempt_id)
        self._change(attempt_id, voicemail_left=True)  # before the line's end is reported
        try:
            self.provider.say_to(str(attempt.person_sid), self.urls.of(Webhook.VOICEMAIL, attempt_id))
        except TelephonyError:
            self._change(attempt_id, voicemail_left=False)
            raise

    def transfer(self, agent_id: UUID, attempt_id: UUID, *, role: str) -> UUID:
        """Bring a free colleague with a role ("medical", "supervisor") into the room; who it is."""
        attempt = self._with_person(agent_id, attempt_id)
        with self.database.begin() as connection:
            colleague = agent_store.free_on_shift(
                connection, attempt.platform, [role], self.clock.now(), but=agent_id
            )
        if colleague is None:
            raise Conflict(f"Nobody with the role {role} is free now.", code="nobody_free")
        self.legs.bring_in(attempt, colleague)
        return colleague

    def rejoin(self, agent_id: UUID, attempt_id: UUID) -> None:
        """Ring the agent again after their own line dropped, while the person waits in the room."""
        with self.database.begin() as connection:
            attempt = own(attempt_store.lock(connection, attempt_id), agent_id)
            if attempt.agent_left_at is None or not attempt.person_on_line:
                raise Conflict("There is no call to come back to.", code="nothing_to_rejoin")
            attempt_store.change(connection, attempt_id, agent_sid=None)
        self.legs.ring_agent(attempt)

    def _with_person(self, agent_id: UUID, attempt_id: UUID) -> Attempt:
        attempt = self.read(agent_id, attempt_id)
        if not attempt.person_on_line or not attempt.person_sid:
            raise Conflict("Nobody is on the line.", code="nobody_on_line")
        return attempt

    def _change(self, attempt_id: UUID, **values: object) -> None:
        with self.database.begin() as connection:
            attempt_store.change(connection, attempt_id, **values)


def _has_no_leg_to_person(attempt: Attempt) -> bool:
    """The person was not dialled, or the phone company has not named that leg yet."""
    if attempt.status is CallStatus.DIALLING:
        return attempt.person_sid is None
    return attempt.status in (CallStatus.RINGING_AGENT, CallStatus.AGENT_ON_LINE)
