"""The supervisor's pages: the board, what steers a platform, and records."""

from __future__ import annotations

from tests.tour.file_steps import at_two_of_one_person, bring_in_urgent, found_by_number
from tests.tour.steps import (
    click,
    then,
    to_a_record,
    to_an_agent_on_a_call,
    until_it_shows,
    wall_address,
)
from tests.tour.stop import TALL, Stop

SUPERVISOR = "supervisor"
STEER = "supervisors and pilots"
COUNTING = "supervisors, pilots, managers, auditors and administrators"
READERS, WRITERS = "agents, supervisors and pilots", "agents and supervisors"
BOARDS = (
    Stop(
        "board",
        SUPERVISOR,
        "/board",
        "The supervisor's board",
        "The list by class and time left, who is at risk or late and why, what agents are doing; live, "
        "without reloading. Nobody who is called is named.",
        STEER,
        size=(1280, 1300),
    ),
    Stop(
        "board-all",
        SUPERVISOR,
        "/board/all",
        "Platforms side by side",
        "Where the wave is highest, among the platforms that one may see.",
        STEER,
    ),
    Stop(
        "board-entries",
        SUPERVISOR,
        "/imports",
        "At risk or late",
        "Whoever is in nobody's hands while their time runs out: given to an agent, or to another queue.",
        STEER,
        bring_in_urgent,
        shows="/board/entries",
    ),
    Stop(
        "board-alarms",
        SUPERVISOR,
        "/board/alarms",
        "Alerts",
        "Every alert of the platform, open or seen to: since when, what to do, and who saw to it.",
        STEER,
    ),
    Stop(
        "board-agent",
        SUPERVISOR,
        "/board",
        "One agent",
        "Listen, whisper or join, which the agent sees; end a stuck wrap-up, reassign, release, each with "
        "its reason.",
        STEER,
        to_an_agent_on_a_call,
        shows="/board/agents/{user_id}",
    ),
    Stop(
        "wall",
        SUPERVISOR,
        "/board/wall",
        "On the wall",
        "To be read from four metres: no name, nothing to press.",
        COUNTING,
    ),
    Stop(
        "wall-passes",
        SUPERVISOR,
        "/board/wall/passes",
        "Screens",
        "An address for a screen where nobody signs in: shown once, good for 90 days, ended by one click.",
        STEER,
        wall_address,
    ),
)
STEERING = (
    Stop(
        "mode",
        SUPERVISOR,
        "/mode",
        "The mode",
        "What each mode would do to those who wait now, and where it would lead in 72 hours, before one is "
        "switched: with a reason, an end, and its name typed.",
        f"everybody; {STEER} switch",
        size=TALL,
    ),
    Stop(
        "mode-history",
        SUPERVISOR,
        "/mode/history",
        "Its history",
        "Who switched what, when and why, and what became of the SMS that stood for calls.",
        "everybody",
    ),
    Stop(
        "mode-decisions",
        SUPERVISOR,
        "/mode/decisions",
        "Decisions of AUTO",
        "AUTO looks ahead every quarter of an hour and proposes or switches; each look is told in one "
        "sentence.",
        "everybody",
        until_it_shows("main ul.mode-list li"),
    ),
    Stop(
        "mode-rules",
        SUPERVISOR,
        "/mode/rules",
        "What each mode does here",
        "Who is texted and who is called under each mode: the platform's own copy, in versions.",
        "everybody",
    ),
    Stop(
        "rota",
        SUPERVISOR,
        "/rota",
        "The rota",
        "A week of positions and absences, holidays named; forecasts count with it. Edited in place, or "
        "replaced by a file.",
        COUNTING,
        size=TALL,
    ),
    Stop(
        "aid",
        SUPERVISOR,
        "/aid",
        "Mutual aid",
        "What is lent and borrowed, with a cap and an end, who called for whom; taken back at any moment.",
        COUNTING,
        size=TALL,
    ),
    Stop(
        "watch",
        SUPERVISOR,
        "/watch",
        "The watch list",
        "Records that nothing has confirmed after some days: no result, no doctor, or a positive who never "
        "came in.",
        STEER,
    ),
    Stop(
        "publish",
        SUPERVISOR,
        "/notices/publish",
        "Publishing a notice",
        "A few sentences to every agent of a platform or region, until they are withdrawn.",
        STEER,
        size=TALL,
    ),
    Stop(
        "publish-readers",
        SUPERVISOR,
        "/notices/publish",
        "Who has read it",
        "Whoever has not acknowledged a notice comes first.",
        STEER,
        click("main table tr:last-child a[href^='/notices/publish/']"),
        shows="/notices/publish/{notice_id}",
    ),
)
RECORDS = (
    Stop(
        "search",
        SUPERVISOR,
        "/imports",
        "Search",
        "Exact, by number, by name with birth date, or by record number; what was typed is in no address.",
        READERS,
        found_by_number,
        shows="/search",
    ),
    Stop(
        "record",
        SUPERVISOR,
        "/imports",
        "A case record",
        "Where it stands in words, both clocks, one timeline with its authors, people around it, attempts "
        "and messages.",
        READERS,
        to_a_record,
        shows="/records/{case_record_id}",
        size=TALL,
    ),
    Stop(
        "record-edit",
        SUPERVISOR,
        "/imports",
        "Correcting it",
        "Only what was changed is sent: two people may correct different fields at once. Every change is in "
        "the audit.",
        WRITERS,
        then(to_a_record, click("main a[href$='/edit']")),
        shows="/records/{case_record_id}/edit",
    ),
    Stop(
        "record-act",
        SUPERVISOR,
        "/imports",
        "Acting on it",
        "Convert, close, agree on a call, hand over, erase: each with its reason.",
        WRITERS,
        then(to_a_record, click("main a[href$='/act']")),
        shows="/records/{case_record_id}/act",
        size=TALL,
    ),
    Stop(
        "record-merge",
        SUPERVISOR,
        "/imports",
        "Two records of one person",
        "Side by side before they become one; what they tell differently is chosen field by field.",
        WRITERS,
        at_two_of_one_person,
        shows="/records/{case_record_id}/merge",
    ),
)
