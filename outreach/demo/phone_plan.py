"""The simulated phones of the demo: how often people answer, miss, hang up or text back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from outreach.demo.setting import DemoSetting
from outreach.services.callback_urls import INBOUND_CALL_PATH, INBOUND_MESSAGE_PATH
from outreach.telephony.simulator.plan import OUR_NUMBER

SPEED = 60.0  # a minute of conversation takes a second
LIVING_SPEED = 4.0  # once people watch: calls ring and last long enough to be listened to
LIVING_TALK = 1_800  # simulated seconds after which a person hangs up by themselves

# Weights out of 100. Of a day's calls in 2020-2021 roughly two in three were answered by someone.
SHARES: list[dict[str, Any]] = [
    {"weight": 58, "voice": "answers", "answer_after": 8, "talk_seconds": 240},
    {"weight": 3, "voice": "answers", "answer_after": 12, "texts_back": "STOP SVP", "talk_seconds": 240},
    {"weight": 2, "voice": "answers", "answer_after": 12, "texts_back": "Rappelez-moi ce soir ?"},
    {"weight": 2, "voice": "rings_out", "texts_back": "Vous faites erreur, ce n'est pas mon numéro"},
    {"weight": 13, "voice": "rings_out"},
    {"weight": 12, "voice": "voicemail", "answer_after": 18, "greeting_seconds": 8},
    {"weight": 4, "voice": "busy"},
    {"weight": 2, "voice": "hangs_up", "talk_seconds": 5},
    {"weight": 2, "voice": "unknown_number", "sms": "unknown_number"},
    {"weight": 2, "voice": "rings_out", "sms": "unreachable"},
]


def write_plan(setting: DemoSetting, *, agent_phones: Sequence[str], seed: int, living: bool = False) -> None:
    """The plan file; the simulator's truth is kept beside it, so that it survives a kill.

    `living`: at a pace that people can follow, and whoever answers talks until the agent hangs up.
    """
    plan = {
        "speed": LIVING_SPEED if living else SPEED,
        "seed": seed,
        "our_numbers": [OUR_NUMBER],
        "sms_url": setting.web_url + INBOUND_MESSAGE_PATH,
        "voice_url": setting.web_url + INBOUND_CALL_PATH,
        "shares": [_patient(share) for share in SHARES] if living else SHARES,
        "phones": {phone: {"voice": "agent"} for phone in agent_phones},
        "state": str(setting.folder / "phone-company.state"),
    }
    setting.plan_file.write_text(json.dumps(plan, indent=2), encoding="utf-8")


def _patient(share: dict[str, Any]) -> dict[str, Any]:
    return share | {"talk_seconds": LIVING_TALK} if share["voice"] == "answers" else share
