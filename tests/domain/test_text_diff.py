"""Two versions of a text beside each other."""

from __future__ import annotations

from outreach.domain.text_diff import DiffRow, Words, side_by_side


def changed(row: DiffRow) -> tuple[str, str]:
    """The changed words of each side."""
    told = [" ".join(w.text for w in side or () if w.changed) for side in (row.old, row.new)]
    return told[0], told[1]


def test_only_the_word_that_changed_is_marked() -> None:
    (row,) = side_by_side("Restez chez vous 7 jours.", "Restez chez vous 10 jours.")
    assert changed(row) == ("7", "10")
    assert (row.old_line, row.new_line) == (1, 1)


def test_a_line_put_in_stands_alone_and_the_lines_after_it_keep_together() -> None:
    rows = side_by_side("un\ntrois", "un\ndeux\ntrois")
    assert [(row.old_line, row.new_line) for row in rows] == [(1, 1), (None, 2), (2, 3)]
    assert rows[1] == DiffRow(None, (Words("deux", changed=True),), None, 2)


def test_lines_that_have_nothing_in_common_are_one_out_and_one_in() -> None:
    rows = side_by_side("Bonjour à vous", "12345 67890")
    assert [(row.old is None, row.new is None) for row in rows] == [(False, True), (True, False)]


def test_equal_texts_have_no_changed_row_and_lose_nothing() -> None:
    text = "## identity | Vérifier\n> Tant que…\n\nBonjour."
    rows = side_by_side(text, text)
    assert not any(row.changed for row in rows)
    assert "\n".join("".join(w.text for w in row.new or ()) for row in rows) == text


def test_every_character_of_both_versions_is_told_once() -> None:
    old, new = "a b c\nd e\nf", "a x c\nd e g\nh\nf"
    rows = side_by_side(old, new)
    assert "\n".join("".join(w.text for w in r.old) for r in rows if r.old is not None) == old
    assert "\n".join("".join(w.text for w in r.new) for r in rows if r.new is not None) == new
