"""Settings, read once from OUTREACH_* variables and checked together; secrets come from nowhere else."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from outreach.domain.roles import Role
from outreach.errors import ConfigurationError

SHORTEST_SECRET = 32  # characters


class Settings(BaseSettings):
    """Every setting; the name of its variable is the field's name in capitals after OUTREACH_."""

    model_config = SettingsConfigDict(env_prefix="OUTREACH_", extra="ignore")

    home: Path = Field(default_factory=lambda: Path.home() / ".local/share/outreach")
    database_url: str = ""  # empty: the embedded PostgreSQL under `home`
    redis_url: str = ""  # empty: the embedded Redis under `home`
    public_url: str = "http://127.0.0.1:8000"  # where the phone company reaches our webhooks
    secret_key: SecretStr = SecretStr("")  # master key of the vault; generated under `home` when embedded

    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")  # two, separated by a comma, while one replaces the other
    twilio_api_url: str = ""  # empty: Twilio's own; else a Twilio-compatible carrier or the simulator
    twilio_messaging_service_sid: str = ""
    twilio_caller_id: str = ""
    twilio_api_key_sid: str = ""  # signs the tokens of computers that are rung; empty: phones only
    twilio_api_key_secret: SecretStr = SecretStr("")
    voicemail_recording_url: str = ""  # played on a voicemail in place of the spoken neutral message
    sms_segments_per_second: int = Field(default=10, ge=1, le=10_000)
    sms_segment_price: Decimal = Field(default=Decimal("0.0798"), ge=0)  # euros a billed segment
    sms_from_hour: int = Field(default=8, ge=0, le=23)  # in the callee's zone
    sms_until_hour: int = Field(default=20, ge=1, le=24)
    webhook_extra_names: str = ""  # parameters the phone company added to webhooks since, comma between
    unknown_fate_grace_seconds: int = Field(default=120, ge=1)

    text_identity: str = "CPAM"  # the word by which every text says who speaks
    information_address: str = "ameli.fr"  # where texts send people for advice
    text_hosts: str = "ameli.fr"  # hosts that texts may link to beside our own, comma between
    text_numbers: str = "15,17,18,112,114,119,3919,116117,0800130000"  # numbers they may name beside our own

    link_url: str = ""  # a shorter address that leads here, for links in SMS; empty: the public one
    link_days: int = Field(default=14, ge=1, le=365)  # a personal link is good for this long
    # Personal pages for one address (a mobile operator has thousands of phones behind one); 0: no limit.
    page_requests_per_minute: int = Field(default=1_200, ge=0)

    write_back_url: str = ""  # empty: outcomes stay in the outbox until an address is set
    write_back_secret: SecretStr = SecretStr("")
    alarms_kept_days: int = Field(default=365, ge=30)  # once cleared; the journal keeps its lines
    log_level: str = "INFO"

    demo: bool = False  # ready accounts without passwords; refused on a database that no demo made
    oidc_issuer: str = ""  # the organisation's sign-in (OpenID Connect); empty: local accounts only
    oidc_name: str = ""  # what its button says, for example "CPAM"; empty: the issuer's host
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_login_claim: str = "preferred_username"  # which claim is the login here
    oidc_roles_claim: str = "groups"
    oidc_roles: str = ""  # "their word=our role", comma between; empty: roles are given here
    oidc_adds_agents: bool = False  # somebody new becomes an agent of no platform
    api_requests_per_minute: int = Field(default=3_000, ge=0)  # of one token; 0: no limit
    api_failures_per_minute: int = Field(default=120, ge=0)  # unknown tokens from one address; 0: no limit

    @property
    def needs_embedded(self) -> bool:
        """Whether a server is to be started from a wheel."""
        return not (self.database_url and self.redis_url)

    def with_servers(self, database_url: str, redis_url: str) -> Settings:
        """The same settings, naming these servers."""
        return self.model_copy(update={"database_url": database_url, "redis_url": redis_url})

    def auth_tokens(self) -> list[str]:
        """The tokens that may sign webhooks; the first signs our own requests."""
        return _words(self.twilio_auth_token.get_secret_value())

    def extra_names(self) -> frozenset[str]:
        """What webhooks may carry beside the parameters this version knows."""
        return frozenset(_words(self.webhook_extra_names))

    def hosts(self) -> list[str]:
        """The hosts that texts may link to."""
        return _words(self.text_hosts)

    def numbers(self) -> list[str]:
        """The numbers that texts may name."""
        return _words(self.text_numbers)

    def sender(self) -> str:
        return self.twilio_messaging_service_sid or self.twilio_caller_id

    def role_words(self) -> dict[str, str]:
        """Our role for each word of the organisation's sign-in."""
        pairs = (word.partition("=") for word in _words(self.oidc_roles))
        return {theirs.strip(): ours.strip() for theirs, _, ours in pairs}

    def master_key(self) -> bytes:
        """The vault's master key: the setting, or in the embedded default a file made at first use."""
        given = self.secret_key.get_secret_value()
        return given.encode() if given else _kept_secret(self.home / "secret.key")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _kept_secret(path: Path) -> bytes:
    """Read the file; make it when it is not there. Raises ConfigurationError for one that was cut short."""
    if not path.exists():
        _make_secret(path)
    secret = path.read_bytes()
    if len(secret) < SHORTEST_SECRET:
        raise ConfigurationError([f"{path} holds no whole key: bring it back from a copy, or remove it."])
    return secret


def _make_secret(path: Path) -> None:
    """Readable by its owner only, and never there in part; whoever makes it first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=path.name) as file:
        file.write(secrets.token_urlsafe(48).encode())
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)


def _secret_problems(settings: Settings) -> list[str]:
    given = settings.secret_key.get_secret_value()
    if settings.database_url and not given:
        return ["OUTREACH_SECRET_KEY is needed with a database of yours; keep it in a safe place."]
    if given and len(given) < SHORTEST_SECRET:
        return [f"OUTREACH_SECRET_KEY is too short: {SHORTEST_SECRET} characters at least."]
    return []


def _address_problems(settings: Settings) -> list[str]:
    problems = []
    for name in (
        "public_url",
        "link_url",
        "twilio_api_url",
        "write_back_url",
        "voicemail_recording_url",
        "oidc_issuer",
    ):
        value = getattr(settings, name)
        if value and urlsplit(value).scheme not in ("http", "https"):
            problems.append(f"OUTREACH_{name.upper()} must begin with https:// (or http://).")
    if settings.public_url.endswith("/"):
        problems.append("OUTREACH_PUBLIC_URL must not end with a slash.")
    return problems


def _carrier_problems(settings: Settings) -> list[str]:
    problems = []
    if bool(settings.twilio_account_sid) != bool(settings.auth_tokens()):
        problems.append("OUTREACH_TWILIO_ACCOUNT_SID and OUTREACH_TWILIO_AUTH_TOKEN go together.")
    if bool(settings.twilio_api_key_sid) != bool(settings.twilio_api_key_secret.get_secret_value()):
        problems.append("OUTREACH_TWILIO_API_KEY_SID and OUTREACH_TWILIO_API_KEY_SECRET go together.")
    if settings.twilio_account_sid and not settings.twilio_caller_id:
        problems.append("OUTREACH_TWILIO_CALLER_ID is needed: the number people see and call back.")
    if settings.sms_from_hour >= settings.sms_until_hour:
        problems.append("OUTREACH_SMS_FROM_HOUR must be before OUTREACH_SMS_UNTIL_HOUR.")
    if settings.write_back_url and not settings.write_back_secret.get_secret_value():
        problems.append("OUTREACH_WRITE_BACK_SECRET is needed with OUTREACH_WRITE_BACK_URL.")
    return problems


def _open_id_problems(settings: Settings) -> list[str]:
    problems = []
    given = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret.get_secret_value())
    if any(given) and not all(given):
        problems.append(
            "OUTREACH_OIDC_ISSUER, OUTREACH_OIDC_CLIENT_ID and OUTREACH_OIDC_CLIENT_SECRET go together."
        )
    known = {role.value for role in Role}
    if unknown := sorted(set(settings.role_words().values()) - known):
        problems.append(
            f"OUTREACH_OIDC_ROLES names roles that are not known: {', '.join(unknown) or 'none'}; "
            f"choose among {', '.join(sorted(known))}."
        )
    return problems


def read_settings(**overrides: object) -> Settings:
    """The settings of this process. Raises ConfigurationError naming every problem at once."""
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise ConfigurationError(
            [f"OUTREACH_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}." for e in error.errors()]
        ) from None
    problems = [
        *_secret_problems(settings),
        *_address_problems(settings),
        *_carrier_problems(settings),
        *_open_id_problems(settings),
    ]
    if problems:
        raise ConfigurationError(problems)
    return settings
