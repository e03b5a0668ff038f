"""The form of interviews: what a template holds, what one call shows, and what is refused."""

from __future__ import annotations

from importlib.resources import files

import pytest

from outreach.domain.interview_rules import PROOFS, problems_of
from outreach.domain.interviews import (
    IDENTITY,
    AnswerType,
    Choice,
    ItemKind,
    Outline,
    inline,
    parse_rendered,
    parse_source,
)

SHIPPED = [
    file
    for language in ("fr", "en")
    for file in sorted(files("scripts_templates").joinpath(language).iterdir(), key=lambda each: each.name)
    if file.name.endswith(".interview.j2")
]
NAMES = {
    "positive_full",
    "positive_light",
    "positive_follow_up",
    "contact_full",
    "contact_light",
    "contact_household",
    "contact_collective",
    "isolation_check",
    "retro_tracing",
    "vaccination_invitation",
}
PROOF = """## identity | Qui est là
?* speaking_with : choice(person=Elle|guardian=Son parent|other=Un autre) : Qui ?
?* name_confirmed : yes_no : Le nom ?
?* birth_date_confirmed : yes_no : La date ?
"""


def _no_words(_: str) -> list[str]:
    return []


def _rules(source: str) -> list[tuple[int, str]]:
    return [(each.line, each.rule) for each in problems_of(parse_source(source), _no_words)]


def _shown(outline: Outline, text: str) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (section.key, [(item.kind.value, item.text) for item in section.items])
        for section in parse_rendered(text, outline)
    ]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_every_shipped_interview_keeps_to_the_rules(file: object) -> None:
    assert problems_of(parse_source(file.read_text(encoding="utf-8")), _no_words) == []  # type: ignore[attr-defined]


def test_both_languages_ship_the_same_interviews_with_the_same_questions() -> None:
    by_name: dict[str, list[list[tuple[object, ...]]]] = {}
    for file in SHIPPED:
        outline = parse_source(file.read_text(encoding="utf-8"))
        asked: list[tuple[object, ...]] = [
            (q.key, q.kind, q.section, q.anew, q.least, q.most, q.past, [choice.key for choice in q.choices])
            for q in outline.questions
        ]
        by_name.setdefault(file.name.partition(".")[0], []).append(asked)
    assert set(by_name) == NAMES
    for name, (french, english) in by_name.items():
        assert french == english, name


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_no_shipped_interview_holds_a_duration_of_its_own(file: object) -> None:
    text = file.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    for line in parse_source(text).lines:
        for unit in ("jours", "days", "semaine", "week", " heures", " hours"):
            before = line.text.partition(unit)[0].rstrip()
            assert unit not in line.text or not before[-1:].isdigit(), line.text


@pytest.mark.parametrize(
    ("line", "kind", "facts"),
    [
        ("? a : yes_no : Oui ?", AnswerType.YES_NO, {"anew": False}),
        ("?* a : yes_no : Oui ?", AnswerType.YES_NO, {"anew": True}),
        ("? a : date : Quand ?", AnswerType.DATE, {"past": False}),
        (
            "? a : date(past) : Quand : le jour ?",
            AnswerType.DATE,
            {"past": True, "text": "Quand : le jour ?"},
        ),
        ("? a : number(0..30) : Combien ?", AnswerType.NUMBER, {"least": 0, "most": 30}),
        ("? a : text : Lequel ?", AnswerType.TEXT, {"most": 500}),
        ("? a : text(40) : Lequel ?", AnswerType.TEXT, {"most": 40}),
        (
            "? a : choice(x=École, crèche|y = Autre) : Où ?",
            AnswerType.CHOICE,
            {"choices": (Choice("x", "École, crèche"), Choice("y", "Autre"))},
        ),
    ],
)
def test_a_question_says_its_type(line: str, kind: AnswerType, facts: dict[str, object]) -> None:
    (question,) = parse_source(f"## s | S\n{line}").questions
    assert (question.key, question.kind, question.section, question.line) == ("a", kind, "s", 2)
    assert {name: getattr(question, name) for name in facts} == facts


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("? a : colour : Laquelle ?", "unknown_type"),
        ("? a : number : Combien ?", "unknown_type"),
        ("? a : number(9..1) : Combien ?", "unknown_type"),
        ("? a : number(x..y) : Combien ?", "unknown_type"),
        ("? a : text(beaucoup) : Lequel ?", "unknown_type"),
        ("? a : date(tomorrow) : Quand ?", "unknown_type"),
        ("? a : yes_no(maybe) : Oui ?", "unknown_type"),
        ("? a : choice(x=Une) : Laquelle ?", "unknown_type"),
        ("? a : choice(x=Une|x=Deux) : Laquelle ?", "unknown_type"),
        ("? a : choice(x=|y=Deux) : Laquelle ?", "unknown_type"),
        ("? a : choice(é à=Une|y=Deux) : Laquelle ?", "unknown_type"),
        ("? Avez-vous de la fièvre ?", "unreadable_question"),
        ("? A : yes_no : Oui ?", "unreadable_question"),
        ("? a : yes_no :", "unreadable_question"),
        ("? {{ key }} : yes_no : Oui ?", "unreadable_question"),
        ("## Sans clé", "unreadable_section"),
        ("# identity | Un seul dièse", "unreadable_section"),
        ("## name_confirmed |", "unreadable_section"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_mend(line: str, rule: str) -> None:
    (problem,) = problems_of(parse_source(f"{PROOF}{line}\n"), _no_words)
    assert (problem.line, problem.rule) == (5, rule)
    assert problem.reason
    assert problem.mend


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (f"{PROOF}? name_confirmed : yes_no : Encore ?", [(5, "duplicate_question")]),
        (f"{PROOF}## a | A\nx\n## a | B\ny", [(7, "duplicate_section")]),
        (f"Bonjour\n{PROOF}", [(1, "outside_sections")]),
        (f"## news | Résultat\nx\n{PROOF}", [(1, "identity_first")]),
        ("", [(1, "identity_first")]),
        (PROOF.replace("?* name", "? name"), [(1, "identity_proof")]),
        (PROOF.replace("birth_date_confirmed", "age"), [(1, "identity_proof")]),
        (
            PROOF.replace("?* name_confirmed", "## late | Tard\n?* name_confirmed"),
            [(1, "identity_proof")] * 2,
        ),
        (PROOF.replace("yes_no : Le nom", "text : Le nom"), [(1, "identity_proof")]),
        (f"{PROOF}## a | A\n", [(5, "empty_section")]),
        (f"{PROOF}## a | A\n## b | B\nx", [(5, "empty_section")]),
        (f"{PROOF}{{% if false %}}\n## a | A\nx\n{{% endif %}}", [(6, "unreachable")]),
        (
            f"{PROOF}{{% if ill == 'yes' %}}\n## a | A\n? ill : yes_no : Malade ?\n{{% endif %}}",
            [(6, "unreachable"), (7, "unreachable")],
        ),
        (f'{PROOF}{{% if speaking_with == "mother" %}}\n## a | A\nx\n{{% endif %}}', [(6, "unreachable")]),
        (f'{PROOF}## a | A\nx{{% if speaking_with == "person" %}}\n? b : yes_no : Oui ?\n{{% endif %}}', []),
        (f"{PROOF}## a | A\n{{# ? b : yes_no : Oui ? #}}\nx", []),
        (f"{PROOF}## a | A\n{{% if x %}}\ny\n{{% elif z %}}\nt\n{{% else %}}\nu\n{{% endif %}}", []),
    ],
)
def test_what_an_interview_may_not_be_is_told_by_line(source: str, found: list[tuple[int, str]]) -> None:
    assert _rules(source) == found


def test_nothing_that_tells_why_we_call_is_said_before_the_identity_is_confirmed() -> None:
    source = (
        PROOF.replace("Qui ?", "Votre test est positif ?") + "## news | Le test\nVotre test est positif.\n"
    )

    def words(text: str) -> list[str]:
        return [word for word in ("test",) if word in text.casefold()]

    assert [(each.line, each.rule) for each in problems_of(parse_source(source), words)] == [
        (2, "health_before_identity")
    ]


def test_a_question_may_not_take_the_name_of_something_the_program_gives() -> None:
    found = problems_of(parse_source(f"{PROOF}? adult : yes_no : Majeur ?"), _no_words, {"adult"})
    assert [(each.line, each.rule) for each in found] == [(5, "taken_name")]


def test_what_one_call_shows_is_read_line_by_line() -> None:
    outline = parse_source(
        "## a | Un\nBonjour {{ name }}.\n? q : yes_no : Oui {{ name }} ?\n! Stop\n> Ici\n## b | Deux\nFin"
    )
    text = "## a | Un\n\nBonjour Zoé.\n  ? q : yes_no : Oui Zoé ?\n! Stop\n> Ici\n## b | Deux\nFin"
    assert _shown(outline, text) == [
        (
            "a",
            [("say", "Bonjour Zoé."), ("question", "Oui Zoé ?"), ("warning", "Stop"), ("note", "Ici")],
        ),
        ("b", [("say", "Fin")]),
    ]


def test_a_value_that_looks_like_a_question_or_a_section_stays_a_line_of_text() -> None:
    outline = parse_source("## a | Un\n{{ name }}\n? q : yes_no : Oui ?")
    text = "## a | Un\n? forged : yes_no : Oui ?\n## forged | Faux\n? q : text : Oui ?"
    (section,) = parse_rendered(text, outline)
    assert [item.kind for item in section.items] == [ItemKind.SAY, ItemKind.SAY, ItemKind.QUESTION]
    assert section.items[2].question is not None
    assert section.items[2].question.kind is AnswerType.YES_NO


def test_the_identity_check_stands_first_and_asks_its_proofs_in_every_shipped_interview() -> None:
    for file in SHIPPED:
        outline = parse_source(file.read_text(encoding="utf-8"))
        assert outline.sections[0][1].key == IDENTITY
        assert set(PROOFS) <= {q.key for q in outline.questions if q.section == IDENTITY and q.anew}


def test_a_section_that_may_not_open_does_not_end_the_identity_check() -> None:
    source = f"{PROOF}{{% if adult %}}\n## x | X\nbon\n{{% endif %}}\nun test\n## news | Y\nun test\n"
    found = problems_of(parse_source(source), lambda text: ["test"] if "test" in text else [])
    assert [(each.line, each.rule) for each in found] == [(9, "health_before_identity")]


def test_the_identity_check_stands_under_no_condition() -> None:
    assert (2, "identity_first") in _rules(f"{{% if adult %}}\n{PROOF}{{% endif %}}\n## news | X\nbon\n")


@pytest.mark.parametrize("value", ["## news | X", "? a : yes_no : b", "! non", "oui\n## news | X"])
def test_a_value_opens_no_section_and_asks_nothing(value: str) -> None:
    assert str(inline(value))[0] not in "#?!>"
    assert "\n" not in str(inline(value))
