"""How people sign in: what proves who they are, links made for them, tries that failed, and what happened."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

from outreach.storage.tables.base import Moment, id_column, metadata, needed, reference

credentials = Table(  # one row for each user who may sign in here
    "credentials",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id"), primary_key=True),
    Column("password_hash", Text),  # argon2id, with its parameters and salt
    Column("password_set_at", Moment),
    Column("sealed_factor", LargeBinary),  # the key of one-time codes, sealed for the purpose "second-factor"
    Column("factor_set_at", Moment),
    needed("last_step", BigInteger, "0"),  # the time step of the last code used: a code is good once
)

recovery_codes = Table(  # each stands once for a code of the second factor
    "recovery_codes",
    metadata,
    reference("users", "user_id"),
    needed("digest", LargeBinary),  # keyed
    Column("used_at", Moment),
    PrimaryKeyConstraint("user_id", "digest"),
)

sign_in_links = Table(  # one-time links: the first administrator, invitations, passwords set anew
    "sign_in_links",
    metadata,
    id_column(),
    Column("user_id", Uuid, ForeignKey("users.id")),  # null: makes the first administrator
    Column("digest", LargeBinary, nullable=False, unique=True),  # SHA-256; the link itself is never kept
    needed("made_at", Moment),
    needed("expires_at", Moment),
    Column("used_at", Moment),
    Index("sign_in_links_user_idx", "user_id"),
)

sign_in_tries = Table(  # who must wait before the next try; a good one takes its own back
    "sign_in_tries",
    metadata,
    Column("key", LargeBinary, primary_key=True),  # keyed digest of an account, an address, or both
    needed("failures", Integer),
    Column("last_at", Moment, nullable=False, index=True),
)

sign_in_lines = Table(  # what happened around signing in; append-only like the journal
    "sign_in_lines",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    needed("at", Moment),
    needed("event", Text),  # storage/sign_in_line_store.py SignInEvent
    Column("user_id", Uuid),  # whose account; null: no such login
    Column("by_user_id", Uuid),  # who did it, where it is somebody else; null with by "command line" too
    needed("address", Text, "''"),  # short keyed digest: equal addresses meet, none can be read back
    Index("sign_in_lines_user_idx", "user_id", "id"),
)
