"""What alarms of one kind are called on the board."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest

from outreach.services.board import BoardView
from outreach.web.pages.board_parts import alarm_groups
from outreach.web.pages.labels import LABELS

BY_HAND, BY_COMMAND = {"way": "LINK", "by": str(uuid4())}, {"way": "LINK"}


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ([BY_HAND], "An administrator made a way into an account"),
        ([BY_COMMAND, BY_COMMAND], "The command line made a way into an account"),
        ([BY_HAND, BY_COMMAND], "Somebody else made a way into an account"),
    ],
)
def test_a_way_into_an_account_says_who_made_it(facts: list[dict[str, str]], name: str) -> None:
    alarms = [
        {
            "id": uuid4(),
            "kind": "ACCESS_GIVEN",
            "subject": str(uuid4()),
            "facts": each,
            "of_kind": len(facts),
            "raised_at": datetime(2021, 3, 16, tzinfo=UTC),
        }
        for each in facts
    ]
    view = cast("Any", SimpleNamespace(alarms=alarms, agents=[]))
    [group] = alarm_groups(cast("BoardView", view))
    assert LABELS["alarm"][group.name] == name
