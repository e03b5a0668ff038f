"""The whole tour, part by part; a test holds that no page is left out."""

from __future__ import annotations

from tests.tour.stop import Part
from tests.tour.stops_of_agents import AGENTS
from tests.tour.stops_of_everybody import CALLED, EVERYBODY
from tests.tour.stops_of_figures import ADMINISTRATORS, MANAGERS
from tests.tour.stops_of_pilots import CAMPAIGNS, IMPORTS, SCRIPTS
from tests.tour.stops_of_supervisors import BOARDS, RECORDS, STEERING

PARTS = (
    Part("Everybody", "What each person who works here finds, whatever their role.", EVERYBODY),
    Part("Whoever is called", "No account, no password: the link in the SMS opens it.", CALLED),
    Part("Agents", "Agents, senior agents and medical advisers, one person at a time.", AGENTS),
    Part("Supervisors: the board", "What is at risk, who does what, and what to do about it.", BOARDS),
    Part("Supervisors: steering", "The mode, the rota, neighbours, and what agents are told.", STEERING),
    Part("Records", "One person's record, for whoever works with it.", RECORDS),
    Part("Pilots: imports", "From a laboratory's file to the call list.", IMPORTS),
    Part("Pilots: campaigns", "From an audience to its answers.", CAMPAIGNS),
    Part("Pilots: scripts", "What is said and written, and from when on.", SCRIPTS),
    Part("Managers and auditors", "What came of it, and who read what.", MANAGERS),
    Part("Administrators", "People, platforms and machines; nobody who is called.", ADMINISTRATORS),
)
STOPS = tuple(stop for part in PARTS for stop in part.stops)
