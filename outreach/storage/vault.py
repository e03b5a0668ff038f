"""Sealing of personal data: AES-256-GCM under one key per person, and keyed indexes for exact look-up.

A person's key is itself sealed by the wrapping key; destroying it erases the person, in backups too. Every
key below comes from the master key by HKDF: one secret to keep, one key for each use.
"""

from __future__ import annotations

import json
import os
from base64 import b32decode, b32encode
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic_core import to_json  # four times as quick as the standard library's

from outreach.errors import OutreachError

KEY_BYTES = 32
NONCE_BYTES = 12
INDEX_BYTES = 16
UUID_BYTES = 16


class CannotOpen(OutreachError):
    """A sealed value was tampered with, belongs to someone else, or its key is gone."""

    code = "cannot_open"


def _seal(cipher: AESGCM, plain: bytes, context: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, context)


def _open(cipher: AESGCM, sealed: bytes, context: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except InvalidTag:
        raise CannotOpen("A sealed value could not be opened: wrong key, or changed since.") from None


@dataclass(frozen=True)
class PersonKey:
    """One person's key in the clear: seals and opens that person's values only (the id is authenticated)."""

    person_id: UUID
    key: bytes = field(repr=False)

    def seal(self, value: dict[str, Any]) -> bytes:
        return self._seal(to_json(value))

    def open(self, sealed: bytes) -> dict[str, Any]:
        opened: dict[str, Any] = json.loads(self.open_text(sealed))
        return opened

    def seal_text(self, plain: str) -> bytes:
        return self._seal(plain.encode())

    def open_text(self, sealed: bytes) -> str:
        return _open(AESGCM(self.key), sealed, self.person_id.bytes).decode()

    def _seal(self, plain: bytes) -> bytes:
        return _seal(AESGCM(self.key), plain, self.person_id.bytes)


@dataclass(frozen=True)
class Vault:
    """All keys of one installation, derived from `master_key` (32 bytes or more)."""

    master_key: bytes = field(repr=False)

    def _derive(self, use: str) -> bytes:
        return HKDF(hashes.SHA256(), KEY_BYTES, salt=b"outreach", info=use.encode()).derive(self.master_key)

    @cached_property
    def _wrapping(self) -> AESGCM:
        return AESGCM(self._derive("wrap person keys"))

    @cached_property
    def _keyed(self) -> blake2b:
        return blake2b(digest_size=INDEX_BYTES, key=self._derive("blind indexes"))

    @cached_property
    def _system(self) -> AESGCM:
        return AESGCM(self._derive("system values"))

    @cached_property
    def signing_key(self) -> bytes:
        """For signatures on addresses we hand out (callbacks)."""
        return self._derive("signatures")

    def new_person_key(self, person_id: UUID) -> tuple[PersonKey, bytes]:
        """A fresh key and its wrapped form for `person_keys.wrapped_key`."""
        key = os.urandom(KEY_BYTES)
        return PersonKey(person_id, key), _seal(self._wrapping, key, person_id.bytes)

    def person_key(self, person_id: UUID, wrapped: bytes) -> PersonKey:
        return PersonKey(person_id, _open(self._wrapping, wrapped, person_id.bytes))

    def seal_system(self, purpose: str, plain: bytes) -> bytes:
        """Seal what belongs to no one person: a provider's event, an uploaded file, an agent's phone."""
        return _seal(self._system, plain, purpose.encode())

    def open_system(self, purpose: str, sealed: bytes) -> bytes:
        return _open(self._system, sealed, purpose.encode())

    def index(self, kind: str, value: str) -> bytes:
        """Keyed 128-bit digest of a normalised value: equal values meet, nothing can be read back."""
        keyed = self._keyed.copy()  # with its key taken in: a third quicker than a new one
        keyed.update(f"{kind}:{value}".encode())
        return keyed.digest()

    def number_index(self, e164: str) -> bytes:
        return self.index("number", e164)

    def name_birth_index(self, normalised_name: str, birth_date: str) -> bytes:
        """`normalised_name` from domain/case_records.py; `birth_date` ISO."""
        return self.index("name+birth", f"{normalised_name}|{birth_date}")

    def pseudonym(self, known: UUID) -> str:
        """What somebody who may not know an id knows it by: always the same, unreadable without our key."""
        return b32encode(self._one_block.encryptor().update(known.bytes)).decode().rstrip("=")

    def behind(self, pseudonym: str) -> UUID | None:
        """The id of a pseudonym, in large or small letters, with or without hyphens; None for other words."""
        written = pseudonym.strip().replace("-", "").upper()
        try:
            block = b32decode(written + "=" * (-len(written) % 8))
        except ValueError:
            return None
        if len(block) != UUID_BYTES:
            return None
        return UUID(bytes=self._one_block.decryptor().update(block))

    @cached_property
    def _one_block(self) -> Cipher[ECB]:
        # An id is one block of the cipher, and never the same as another: there is no pattern to show.
        return Cipher(AES256(self._derive("pseudonyms")), ECB())  # noqa: S305
