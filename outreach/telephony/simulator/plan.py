"""The plan of a simulated phone company: account, speed, people, faults; read from a JSON file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from outreach.errors import InvalidInput
from outreach.telephony.simulator.asgi import ApiError
from outreach.telephony.simulator.phones import PhoneBehaviour, Share, behaviour_from_json

ACCOUNT_SID = "AC" + "0" * 31 + "1"
AUTH_TOKEN = "simulated-auth-token"  # noqa: S105 - the simulator's own, worth nothing outside it
OUR_NUMBER = "+33974757678"


_NUMBERS = (
    *("speed", "seed", "requests_per_second", "calls_per_second"),
    *("webhook_connections", "retry_base_seconds"),
)


@dataclass(frozen=True)
class Plan:
    """Everything that decides how the simulated phone company behaves.

    `speed`: simulated seconds per real second. `requests_per_second` and `calls_per_second`: 0 for no limit;
    above the first a request is answered 429, above the second a call waits in the queue. `our_numbers`: the
    account's own, the first standing behind messaging services; empty: any sender is taken as ours.
    `sms_url`, `voice_url`, `voice_status_url`: where messages and calls to our numbers are posted.
    `advanced_opt_out` adds OptOutType to a STOP. `state` is the append-only file that outlives `kill -9`.
    """

    account_sid: str = ACCOUNT_SID
    auth_token: str = AUTH_TOKEN
    speed: float = 1.0
    seed: int = 1
    our_numbers: tuple[str, ...] = (OUR_NUMBER,)
    sms_url: str = ""
    voice_url: str = ""
    voice_status_url: str = ""
    requests_per_second: float = 0.0
    calls_per_second: float = 0.0
    advanced_opt_out: bool = False
    webhook_connections: int = 50
    retry_base_seconds: float = 0.25
    shares: tuple[Share, ...] = ()
    phones: Mapping[str, PhoneBehaviour] = field(default_factory=dict)
    faults: Mapping[str, object] = field(default_factory=dict)
    state: Path | None = None


def plan_from_json(told: dict[str, object]) -> Plan:
    """A plan from its JSON form; raises InvalidInput naming the setting that is wrong.

    `shares` is a list of behaviours, each with a `weight`; `phones` maps numbers to behaviours.
    """
    unknown = set(told) - {place.name for place in fields(Plan)}
    if unknown:
        raise InvalidInput(f"The plan has no setting named {', '.join(sorted(unknown))}.")
    readers: dict[str, Callable[[object], object]] = {
        "shares": lambda value: tuple(_share(entry) for entry in _list(value)),
        "phones": _phones,
        "our_numbers": lambda value: tuple(str(number) for number in _list(value)),
        "faults": _object,
        "state": lambda value: None if value is None else Path(str(value)),
        **dict.fromkeys(_NUMBERS, _number),
    }
    given = {name: readers.get(name, _as_it_stands)(value) for name, value in told.items()}
    return Plan(**given)  # type: ignore[arg-type]  # every place was read by its own reader


def plan_from_file(path: Path) -> Plan:
    """A plan from a JSON file; raises InvalidInput."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InvalidInput("The plan file cannot be read as JSON.", field="plan") from None
    return plan_from_json(_object(told))


def _as_it_stands(value: object) -> object:
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise InvalidInput("The plan needs a number here, 0 or more.")
    return value


def _phones(value: object) -> dict[str, PhoneBehaviour]:
    return {number: _behaviour(_object(entry)) for number, entry in _object(value).items()}


def _share(entry: object) -> Share:
    told = dict(_object(entry))
    weight = _number(told.pop("weight", 1))
    return Share(weight, _behaviour(told))


def _behaviour(told: dict[str, object]) -> PhoneBehaviour:
    try:
        return behaviour_from_json(told)
    except ApiError as error:
        raise InvalidInput(error.message, field="phones or shares") from None


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InvalidInput("The plan needs a JSON object here.")
    return {str(name): entry for name, entry in value.items()}


def _list(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise InvalidInput("The plan needs a list here.")
    return list(value)
