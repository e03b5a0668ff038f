"""What agents chose and have seen on the desk: the device that rings, the scripts they read."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text, Uuid

from outreach.storage.tables.base import Moment, metadata, needed

agent_devices = Table(  # no row: the agent's own phone
    "agent_devices",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id"), primary_key=True),
    needed("device", Text),  # domain/agent_devices.py AgentDevice
    needed("chosen_at", Moment),
)

script_readings = Table(  # until when an agent has read what changed in the scripts
    "script_readings",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id"), primary_key=True),
    needed("read_until", Moment),
)
