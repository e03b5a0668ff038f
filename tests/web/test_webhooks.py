"""What the phone company posts is believed only when it signed it, on an address we gave out."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from outreach.bootstrap import App
from outreach.ids import new_id
from outreach.services.callback_urls import Webhook
from outreach.storage import tables
from outreach.web.app import create_web_app
from tests.web.conftest import CALLER_ID, PUBLIC_URL, Carrier

SUBJECT = UUID("0192f5a1-7c35-7d1e-8a31-0612345678ab")
DELIVERED = {"MessageSid": "SM" + "1" * 32, "MessageStatus": "delivered", "To": "+33639980012"}


def _path(app: App, webhook: Webhook = Webhook.MESSAGE_STATUS, subject: UUID = SUBJECT) -> str:
    return app.callback_urls.path(webhook, subject)


def _kept(app: App) -> int:
    with app.database.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.provider_events)).scalar_one())


def test_a_signed_report_is_stored_and_answered_204(app: App, carrier: Carrier) -> None:
    answer = carrier.post(_path(app), DELIVERED)
    assert (answer.status_code, answer.content) == (204, b"")
    assert _kept(app) == 1


def test_the_same_report_again_is_stored_once(app: App, carrier: Carrier) -> None:
    for _ in range(3):
        assert carrier.post(_path(app), DELIVERED).status_code == 204
    assert _kept(app) == 1


def test_what_is_stored_is_sealed(app: App, carrier: Carrier) -> None:
    carrier.post(_path(app), DELIVERED)
    with app.database.begin() as connection:
        row = connection.execute(select(tables.provider_events)).one()
    assert b"639980012" not in row.sealed
    assert "639980012" not in row.key


@pytest.mark.parametrize("token", ["another token", ""])
def test_an_unsigned_or_wrongly_signed_report_is_refused(app: App, carrier: Carrier, token: str) -> None:
    assert carrier.with_token(token).post(_path(app), DELIVERED).status_code == 403
    assert carrier.web.post(_path(app), data=DELIVERED).status_code == 403
    assert _kept(app) == 0


def test_an_address_we_did_not_give_out_is_refused(app: App, carrier: Carrier) -> None:
    good = _path(app)
    other = _path(app, subject=new_id())
    for path in (
        good.split("?")[0],
        good + "x",
        good + "&a=b",
        good.split("?")[0] + "?" + other.split("?")[1],
    ):
        assert carrier.post(path, DELIVERED).status_code == 403
    assert _kept(app) == 0


def test_a_changed_field_breaks_the_signature(app: App, carrier: Carrier) -> None:
    signed: Any = carrier.post(_path(app), DELIVERED).request.headers["x-twilio-signature"]
    changed = {**DELIVERED, "MessageStatus": "failed"}
    answer = carrier.web.post(_path(app), data=changed, headers={"X-Twilio-Signature": signed})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/webhooks/twilio/nothing/0192f5a1-7c35-7d1e-8a31-0612345678ab", 404),
        ("/webhooks/twilio/message-status/not-an-id", 404),
        ("/webhooks/twilio", 404),
        ("/webhooks/twilio/", 404),
    ],
)
def test_an_unknown_webhook_is_not_there(carrier: Carrier, path: str, status: int) -> None:
    assert carrier.post(path, DELIVERED).status_code == status


def test_a_signed_field_we_do_not_know_is_refused_with_an_alarm(app: App, carrier: Carrier) -> None:
    for _ in range(2):
        assert carrier.post(_path(app), {**DELIVERED, "NewName": "1", "Cut anew": ""}).status_code == 400
    (alarm,) = app.alarms.open(["40"])
    assert (alarm["kind"], alarm["subject"]) == ("WEBHOOK_REFUSED", "message_status")
    assert alarm["facts"]["names"] == ["NewName"]


def test_nobody_raises_an_alarm_without_a_signature(app: App, carrier: Carrier) -> None:
    assert carrier.web.post(_path(app), data={**DELIVERED, "NewName": "1"}).status_code == 403
    assert app.alarms.open(["40"]) == []


def test_a_field_named_in_the_settings_is_taken(app: App) -> None:
    told = replace(app, settings=app.settings.model_copy(update={"webhook_extra_names": "NewName, Other"}))
    with TestClient(create_web_app(told)) as web:
        assert Carrier(web).post(_path(app), {**DELIVERED, "NewName": "1"}).status_code == 204


def test_a_reply_with_a_picture_is_kept(app: App, carrier: Carrier) -> None:
    text = {
        "MessageSid": "MM" + "2" * 32,
        "From": "+33639980077",
        "To": CALLER_ID,
        "Body": "",
        "NumMedia": "1",
    }
    media = {"MediaUrl0": "https://media.example/1", "MediaContentType0": "image/jpeg"}
    assert carrier.post("/webhooks/twilio/inbound-message", text | media).status_code == 204
    assert _kept(app) == 1


def test_too_large_a_body_is_refused(app: App, carrier: Carrier) -> None:
    assert carrier.post(_path(app), {**DELIVERED, "ErrorMessage": "x" * 70_000}).status_code == 413


def test_only_a_post_is_a_webhook(app: App, carrier: Carrier) -> None:
    assert carrier.web.get(_path(app)).status_code == 405


def test_a_stranger_who_calls_hears_a_message(carrier: Carrier) -> None:
    call = {"CallSid": "CA" + "1" * 32, "From": "+33639980077", "To": CALLER_ID, "CallStatus": "ringing"}
    answer = carrier.post("/webhooks/twilio/inbound-call", call)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert "<Say" in answer.text
    assert PUBLIC_URL not in answer.text


def test_a_reply_from_a_stranger_is_kept(app: App, carrier: Carrier) -> None:
    text = {"MessageSid": "SM" + "2" * 32, "From": "+33639980077", "To": CALLER_ID, "Body": "Bonjour"}
    assert carrier.post("/webhooks/twilio/inbound-message", text).status_code == 204
    assert _kept(app) == 1


def test_raw_events_are_forgotten_after_a_week(app: App, carrier: Carrier) -> None:
    carrier.post(_path(app), DELIVERED)
    assert app.upkeep.run()["old_provider_events"] == 0
    app.clock.wait(8 * 86400)
    assert app.upkeep.run()["old_provider_events"] == 1
    assert _kept(app) == 0


def test_a_text_with_a_new_name_is_taken_with_an_alarm(app: App, carrier: Carrier) -> None:
    form = {
        "AccountSid": "AC" + "1" * 32,
        "Body": "RAPPEL",
        "From": "+33639980001",
        "MessageSid": "SM" + "5" * 32,
        "NewName": "1",
        "To": CALLER_ID,
    }
    for _ in range(2):
        assert carrier.post("/webhooks/twilio/inbound-message", form).status_code == 204
    (alarm,) = app.alarms.open(["40"])
    assert (alarm["kind"], alarm["facts"]["names"]) == ("WEBHOOK_CHANGED", ["NewName"])
    with app.database.begin() as connection:
        assert len(connection.execute(select(tables.inbound_messages)).all()) == 1
