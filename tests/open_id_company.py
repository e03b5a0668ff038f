"""A small OpenID Connect provider over real HTTP, which can also lie in every way that must be refused."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import FastAPI, Form
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from outreach.clock import Clock
from tests.phone_company import serving

CLIENT_ID = "outreach"
CLIENT_SECRET = "the secret of outreach at its provider"
Lie = Callable[[dict[str, Any]], None]


@dataclass
class OpenIdCompany:
    """Someone is signed in there as `login`. `lie` changes the claims before they are signed."""

    clock: Clock
    issuer: str = ""
    login: str = "jeanne"
    groups: tuple[str, ...] = ()
    lie: Lie | None = None
    told_issuer: str = ""
    address_of_people: str = ""  # where browsers go; empty: the issuer's own
    signs_with: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    published: RSAKey | None = None
    algorithm: str = "RS256"
    _asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def sign_in(self, address: str) -> tuple[str, str]:
        """What the browser comes back with after signing in there: state and code."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self._asked)}"
        self._asked[code] = asked
        return asked["state"], code

    def description(self) -> dict[str, str]:
        return {
            "issuer": self.told_issuer or self.issuer,
            "authorization_endpoint": f"{self.address_of_people or self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [(self.published or self.signs_with).as_dict(private=False)]}

    def token(self, code: str, verifier: str, redirect_uri: str, secret: str) -> Response:
        asked = self._asked.pop(code, None)
        if asked is None or secret != CLIENT_SECRET or redirect_uri != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if digest != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "unused", "token_type": "Bearer", "id_token": self._id_token(asked)}
        )

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(self.clock.now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": "0042",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": self.login,
            "groups": list(self.groups),
        }
        if self.lie is not None:
            self.lie(claims)
        return jwt.encode({"alg": self.algorithm, "kid": "one"}, claims, self.signs_with)


def provider_app(company: OpenIdCompany) -> FastAPI:
    provider = FastAPI()

    @provider.get("/.well-known/openid-configuration")
    def describe() -> dict[str, str]:
        return company.description()

    @provider.get("/authorize")
    def authorize(request: Request) -> HTMLResponse:
        state, code = company.sign_in(str(request.url))
        back = f"{request.query_params['redirect_uri']}?{urlencode({'state': state, 'code': code})}"
        return HTMLResponse(f"<a href='{escape(back)}'>I am {escape(company.login)}</a>")

    @provider.get("/keys")
    def show_keys() -> dict[str, Any]:
        return company.keys()

    @provider.post("/token")
    def give_token(
        code: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
    ) -> Response:
        return company.token(code, code_verifier, redirect_uri, CLIENT_SECRET)

    return provider


@contextmanager
def running_open_id_company(clock: Clock) -> Iterator[OpenIdCompany]:
    company = OpenIdCompany(clock)
    with serving(provider_app(company)) as url:
        company.issuer = url
        yield company
