"""Which part of the installation answers."""

from __future__ import annotations

from outreach.bootstrap import App
from outreach.errors import TelephonyError
from outreach.storage import schema
from outreach.storage.database import SQLAlchemyError


def parts_of(app: App) -> dict[str, str]:
    """ "up", or a few words on what is wrong, for each part."""
    return {
        "database": _database(app),
        "redis": "up" if app.jobs.answers() else "does not answer",
        "phone company": _phone_company(app),
    }


def _database(app: App) -> str:
    try:
        if command := schema.command_to_run(app.database):
            return f"may not hold readings to their platforms; as its administrator run: {command}"
        return "up" if schema.is_current(app.database) else "old tables: run outreach migrate"
    except SQLAlchemyError:
        return "does not answer"


def _phone_company(app: App) -> str:
    try:
        app.provider.ping()
    except TelephonyError as error:
        return str(error)
    return "up"
