"""The agent's day: notices, the desk, replies by SMS, practice."""

from __future__ import annotations

from tests.tour.desk_steps import on_a_call, practise, practise_to_the_end, with_the_shift_begun
from tests.tour.steps import click
from tests.tour.stop import PHONE, TALL, Stop

CALLERS = "agents, senior agents, medical advisers and supervisors"
AGENTS = (
    Stop(
        "desk-notices",
        "agent",
        "/desk",
        "The desk as a shift begins",
        "What supervisors told since the last shift stands on top until it is acknowledged; then the next "
        "person of the list is one key away.",
        CALLERS,
        with_the_shift_begun,
    ),
    Stop(
        "notices",
        "agent",
        "/notices",
        "Notices",
        "Everything that was told, whether it is still in force, and when one read it; with what changed in "
        "the scripts.",
        "agents, senior agents and medical advisers",
    ),
    Stop(
        "desk",
        "agent",
        "/desk",
        "The agent's desk, on a call",
        "One person at a time: who and why now, with the deadline in words and what was said before; the "
        "script beside the call, answers kept as they are typed; how the call went, by number.",
        CALLERS,
        on_a_call,
        size=TALL,
    ),
    Stop(
        "desk-phone",
        "agent",
        "/desk",
        "The same call on a phone",
        "The call is on the server: on another screen it is the same call, with the text typed so far.",
        CALLERS,
        on_a_call,
        size=PHONE,
    ),
    Stop(
        "desk-keys",
        "agent",
        "/desk/keys",
        "Shortcuts",
        "Every act of the desk has a key, found by its place on the keyboard; each may be another.",
        CALLERS,
    ),
    Stop(
        "inbox",
        "agent",
        "/inbox",
        "Replies by SMS",
        "What the program could not answer by itself, danger first. The list names nobody: to open a "
        "conversation is what is logged.",
        CALLERS,
    ),
    Stop(
        "conversation",
        "agent",
        "/inbox",
        "One conversation",
        "What was written to and fro, the texts that may be answered, and a call for whoever needs one.",
        CALLERS,
        click("main a[href^='/inbox/']"),
        shows="/inbox/{conversation_id}",
    ),
    Stop(
        "practice",
        "agent",
        "/training",
        "A practice call",
        "The script of the day with somebody invented who answers; nobody is rung. Marks come at the end.",
        CALLERS,
        practise,
        shows="/training/{session_id}",
        size=TALL,
    ),
    Stop(
        "training",
        "agent",
        "/training",
        "Training",
        "Choose who picks up and which interview, and see how one's practice calls went; a supervisor sees "
        "everybody's.",
        CALLERS,
        practise_to_the_end,
    ),
)
