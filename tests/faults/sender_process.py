"""A sender in a process of its own, which kills itself at the step it is told."""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime

from outreach.clock import SetClock
from outreach.services.callback_urls import CallbackUrls
from outreach.services.messaging import build_messaging
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from outreach.telephony.simulator import Plan
from outreach.telephony.twilio_provider import TwilioProvider
from tests.message_world import scripts_of, settings_for


def main() -> None:
    """Send what is due, as told on standard input; die without a word at the step it names."""
    told = json.load(sys.stdin)

    def die_at(step: str) -> None:
        if step == told["die_at"]:
            os.kill(os.getpid(), signal.SIGKILL)

    vault, database = Vault(told["master_key"].encode()), Database(told["database_url"])
    messaging = build_messaging(
        database=database,
        vault=vault,
        clock=SetClock(datetime.fromisoformat(told["now"])),
        provider=TwilioProvider(
            account_sid=Plan().account_sid,
            auth_token=Plan().auth_token,
            api_url=told["company_url"],
            timeout_seconds=30.0,
            recorder=lambda _exchange: None,
        ),
        urls=CallbackUrls(told["listener_url"], vault.signing_key),
        scripts=scripts_of(database),
        settings=settings_for(batch=told["batch"], post_seconds=60.0),
        nudge=lambda _queue: None,
        checkpoint=die_at,
    )
    messaging.sending.send_due(most_seconds=30)


if __name__ == "__main__":
    main()
