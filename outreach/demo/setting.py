"""Where a demo runs: its ports, its secrets, and the environment of its processes."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path

from outreach.config import Settings
from outreach.telephony.simulator.plan import ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER

PLATFORM = "40"
NEIGHBOUR = "64"  # lends a hand once the day lives on
HOST = "127.0.0.1"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class DemoSetting:
    """Addresses and secrets of one run; `folder` holds logs, the simulator's plan and its state."""

    settings: Settings  # names the two servers
    folder: Path
    web_port: int
    simulator_port: int
    case_system_port: int
    write_back_secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)

    @property
    def web_url(self) -> str:
        return f"http://{HOST}:{self.web_port}"

    @property
    def simulator_url(self) -> str:
        return f"http://{HOST}:{self.simulator_port}"

    @property
    def plan_file(self) -> Path:
        return self.folder / "phone-company.json"

    def environment(self) -> dict[str, str]:
        """What each process is told. SMS may go at any hour: a demo is run at any hour."""
        outreach = {
            "HOME": str(self.settings.home),
            "DATABASE_URL": self.settings.database_url,
            "REDIS_URL": self.settings.redis_url,
            "SECRET_KEY": self.settings.master_key().decode(),
            "PUBLIC_URL": self.web_url,
            "DEMO": "true",
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_API_URL": self.simulator_url,
            "TWILIO_CALLER_ID": OUR_NUMBER,
            "SMS_FROM_HOUR": "0",
            "SMS_UNTIL_HOUR": "24",
            "SMS_SEGMENTS_PER_SECOND": "100",
            "UNKNOWN_FATE_GRACE_SECONDS": "20",
            "WRITE_BACK_URL": f"http://{HOST}:{self.case_system_port}/outcomes",
            "WRITE_BACK_SECRET": self.write_back_secret,
            "LOG_LEVEL": "WARNING",
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OUTREACH_")}
        return inherited | {f"OUTREACH_{name}": value for name, value in outreach.items()}
