"""An OpenID Connect provider, asked by authorization code with PKCE, state and nonce; Authlib lives here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from outreach.services.open_id_words import OpenIdRefused, Question

ANSWER_SECONDS = 5.0
LEEWAY_SECONDS = 60
ALGORITHMS = ["RS256", "PS256", "ES256"]
SCOPE = "openid profile"


@dataclass(frozen=True)
class OpenIdProvider:
    """`issuer` as the provider writes it; `back_to`: our address that its answer comes to."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    back_to: str

    def ask(self) -> Question:
        """Raises OpenIdRefused when the provider does not describe itself."""
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        with self._session() as session:
            endpoint = self._described(session)["authorization_endpoint"]
            address, _ = session.create_authorization_url(
                endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        return Question(address, state, nonce, verifier)

    def claims(self, code: str, *, nonce: str, verifier: str, now: datetime) -> Mapping[str, Any]:
        """Who signed in there, every check passed. Raises OpenIdRefused."""
        try:
            with self._session() as session:
                described = self._described(session)
                token = session.fetch_token(
                    described["token_endpoint"],
                    code=code,
                    grant_type="authorization_code",
                    code_verifier=verifier,
                    timeout=ANSWER_SECONDS,
                )
                keys = KeySet.import_key_set(self._json(session, described["jwks_uri"]))
            return self._checked(token, keys, nonce=nonce, now=now)
        except (AuthlibBaseError, JoseError) as error:
            raise OpenIdRefused(str(error.error)) from None
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise OpenIdRefused(type(error).__name__) from None

    def _checked(
        self, token: Mapping[str, Any], keys: KeySet, *, nonce: str, now: datetime
    ) -> Mapping[str, Any]:
        decoded = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self.client_id},
                "nonce": {"essential": True},
            },
            params={
                "nonce": nonce,
                "client_id": self.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        return dict(claims)

    def _session(self) -> OAuth2Session:
        return OAuth2Session(
            self.client_id,
            self.client_secret,
            scope=SCOPE,
            redirect_uri=self.back_to,
            code_challenge_method="S256",
        )

    def _described(self, session: OAuth2Session) -> Mapping[str, str]:
        """The provider's own description. Raises OpenIdRefused for one of another issuer, or none."""
        try:
            described: Mapping[str, str] = self._json(
                session, self.issuer.rstrip("/") + "/.well-known/openid-configuration"
            )
        except (requests.RequestException, ValueError) as error:
            raise OpenIdRefused(type(error).__name__) from None
        if described.get("issuer") != self.issuer:
            raise OpenIdRefused("another_issuer")
        return described

    def _json(self, session: OAuth2Session, address: str) -> Any:
        answer = session.get(address, withhold_token=True, timeout=ANSWER_SECONDS, allow_redirects=False)
        answer.raise_for_status()
        return answer.json()
