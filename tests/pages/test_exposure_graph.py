"""The drawing of who met whom."""

from __future__ import annotations

from outreach.ids import new_id
from outreach.storage.record_store import Neighbour
from outreach.web.pages.exposure_graph import MOST_ON_A_SIDE, graph_of


def _someone(link: str, name: str = "Alix Durand", *, known: bool = True) -> Neighbour:
    kind = "POSITIVE" if link == "POSITIVE" else "CONTACT"
    record = new_id() if known else None
    return Neighbour(link, record, "", kind, "OPEN", None, "", name, "40")


def test_positives_stand_on_the_left_and_contacts_on_the_right() -> None:
    graph = graph_of("Zoé", [_someone("POSITIVE"), _someone("CONTACT")], "?")
    assert graph is not None
    positive, contact = graph.others
    assert positive.x < graph.middle.x < contact.x < graph.width
    assert (positive.shape, contact.shape) == ("positive", "contact")


def test_whoever_is_not_known_yet_is_a_place_with_a_word() -> None:
    graph = graph_of("Zoé", [_someone("POSITIVE", "", known=False)], "Not known yet")
    assert graph is not None
    assert [(node.shape, node.name, node.record) for node in graph.others] == [
        ("place", "Not known yet", None)
    ]


def test_a_long_list_is_cut_and_says_by_how_many() -> None:
    graph = graph_of("Zoé", [_someone("CONTACT", "A" * 40) for _ in range(MOST_ON_A_SIDE + 5)], "?")
    assert graph is not None
    assert (len(graph.others), graph.more) == (MOST_ON_A_SIDE, 5)
    assert all(0 < node.y < graph.height and len(node.name) <= 22 for node in graph.others)


def test_a_household_alone_is_no_meeting() -> None:
    assert graph_of("Zoé", [_someone("HOUSEHOLD")], "?") is None
