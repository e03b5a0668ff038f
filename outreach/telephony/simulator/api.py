"""The addresses of the provider's API, and what answers at each."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.telephony.simulator.accounts import Gate
from outreach.telephony.simulator.asgi import Answer, ApiError, Form, Request, json_answer, not_found
from outreach.telephony.simulator.calls import CallDesk
from outreach.telephony.simulator.conferences import ConferenceDesk
from outreach.telephony.simulator.messages import MessageDesk


@dataclass
class Api:
    """Everything under /2010-04-01/Accounts."""

    gate: Gate
    messages: MessageDesk
    calls: CallDesk
    conferences: ConferenceDesk

    def answer(self, request: Request) -> Answer:
        """Answer one request; refusals are answers too."""
        try:
            account_sid, *parts = request.path.removesuffix(".json").split("/")[3:]
            self.gate.check(request.authorization, account_sid)
            self.gate.pace()
            return self._routed(request, parts)
        except ApiError as error:
            return error.answer()

    def _routed(self, request: Request, parts: list[str]) -> Answer:
        match (request.method, *parts):
            case ("POST", "Messages"):
                return json_answer(self.messages.create(request.form()), 201)
            case ("GET",):
                return json_answer(self.gate.account_as_json())
            case (_, "Messages", *rest):
                return self._routed_message(request, rest)
            case (_, "Calls", *rest):
                return self._routed_call(request, rest)
            case (_, "Conferences", *rest):
                return self._routed_conference(request, rest)
        raise not_found()

    def _routed_message(self, request: Request, rest: list[str]) -> Answer:
        messages = self.messages
        match (request.method, *rest):
            case ("GET",):
                return json_answer(messages.listing(Form(request.query), request.path))
            case ("GET", sid):
                return json_answer(messages.fetch(sid))
            case ("POST", sid):
                return json_answer(messages.cancel(sid, request.form()))
        raise not_found()

    def _routed_call(self, request: Request, rest: list[str]) -> Answer:
        calls = self.calls
        match (request.method, *rest):
            case ("POST",):
                return json_answer(calls.create(request.form()), 201)
            case ("GET", sid):
                return json_answer(calls.fetch(sid))
            case ("POST", sid):
                return json_answer(calls.update(sid, request.form()))
        raise not_found()

    def _routed_conference(self, request: Request, rest: list[str]) -> Answer:
        conferences = self.conferences
        match (request.method, *rest):
            case ("GET",):
                return json_answer(conferences.listing(Form(request.query), request.path))
            case ("GET", sid):
                return json_answer(conferences.fetch(sid))
            case ("POST", sid):
                return json_answer(conferences.update(sid, request.form()))
            case (_, sid, "Participants", *who):
                return self._routed_participant(request, sid, who)
        raise not_found()

    def _routed_participant(self, request: Request, sid: str, rest: list[str]) -> Answer:
        conferences = self.conferences
        match (request.method, *rest):
            case ("POST",):
                return json_answer(conferences.create_participant(sid, request.form()), 201)
            case ("GET",):
                query = Form(request.query)
                return json_answer(conferences.list_participants(sid, query, request.path))
            case ("GET", who):
                return json_answer(conferences.fetch_participant(sid, who))
            case ("POST", who):
                return json_answer(conferences.update_participant(sid, who, request.form()))
            case ("DELETE", who):
                conferences.remove_participant(sid, who)
                return Answer(204)
        raise not_found()
