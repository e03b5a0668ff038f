"""The judge of texts: clean on what ships, and each rule found on a set made to break it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from outreach.domain.sms_text import Accents
from outreach.domain.text_rules import Finding, Severity, TextTerms
from outreach.errors import InvalidInput
from outreach.rendering.catalog import Catalog, shipped_catalog
from outreach.rendering.linter import Linter
from outreach.services.script_editing import terms_of
from outreach.services.text_settings import TextSettings

BAD = Catalog(Path(__file__).parent / "bad_texts")
TERMS = TextTerms(
    identity="CPAM",
    hosts=frozenset({"ameli.fr"}),
    numbers=frozenset({"15"}),
    segment_price=Decimal("0.0798"),
)
FOUND = list(Linter(BAD, TERMS).whole_catalog())
RULES = sorted(set(BAD.entries) - {"accents"})


def found(name: str) -> list[Finding]:
    return [finding for file, finding in FOUND if file.startswith(f"fr/{name}.")]


def judged(body: str, name: str = "promise_of_call", terms: TextTerms = TERMS) -> list[Finding]:
    return Linter(BAD, terms).findings(name, "fr", body)


def test_the_shipped_texts_have_nothing_to_mend() -> None:
    linter = Linter(shipped_catalog(), terms_of(TextSettings(outreach_number="+33974757678")))
    found = list(linter.whole_catalog())
    assert [each for each in found if each[1].severity is Severity.ERROR] == []
    assert {finding.rule for _, finding in found} <= {"accents"}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_found_where_it_is_broken_and_says_how_to_mend_it(rule: str) -> None:
    errors = [finding for finding in found(rule) if finding.severity is Severity.ERROR]
    assert rule in {finding.rule for finding in errors}
    assert all(finding.sentence and finding.mend for finding in errors)


def test_a_file_of_no_catalog_is_found() -> None:
    assert [finding.rule for finding in found("nobodys")] == ["unknown_file"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("undefined_variable", 2),
        ("not_allowed", 2),
        ("health_word", 3),
        ("promise_of_call", 2),
        ("link_not_allowed", 2),
        ("number_not_allowed", 2),
        ("alphabet", 2),
        ("duplicate_question", 4),
    ],
)
def test_a_finding_names_its_line(name: str, line: int) -> None:
    assert next(finding.line for finding in found(name) if finding.rule == name) == line


def test_each_sign_that_forces_ucs_2_is_found_with_its_repair() -> None:
    repairs = {finding.sentence[15]: finding.mend for finding in found("alphabet")}
    assert repairs == {
        "’": "Write “'”.",
        "«": 'Write “"”.',
        "»": 'Write “"”.',
        "œ": "Write “oe”.",
        "…": "Write “...”.",
        "👍": "Leave it out: there is no plain form of it.",
    }


def test_a_hard_space_is_found() -> None:
    assert "no-break space" in judged("CPAM\u00a0{{ platform_name }} : bonjour.")[0].sentence


def test_accents_are_advice_with_both_prices() -> None:
    (advice,) = found("accents")
    assert advice.severity is Severity.ADVICE
    assert advice.sentence == (
        "The letters ç ê kept make 1 segment, written c e they make 1 segment."
        " A thousand cost 79.80 € or 79.80 €."
    )


def test_a_platform_that_keeps_its_accents_pays_for_them_in_segments() -> None:
    body = "CPAM {{ platform_name }} : vous êtes en relation avec nous" + ", bonjour" * 9
    kept = TextTerms("CPAM", accents=Accents.KEEP)
    assert "too_many_segments" not in {finding.rule for finding in judged(body, terms=TERMS)}
    assert "too_many_segments" in {finding.rule for finding in judged(body + ", bonjour" * 3, terms=kept)}


@pytest.mark.parametrize("name", ["too_many_segments", "health_word"])
def test_every_way_a_text_can_read_is_judged(name: str) -> None:
    body = {
        "too_many_segments": "CPAM {% if flag %}nous{% elif not flag %}covid{% else %}{% endif %}",
        "health_word": "CPAM co{% if platform_name == 'x' %}vid{% else %}nseil{% endif %} oui",
    }[name]
    assert "health_word" in {finding.rule for finding in judged(body, name)}


def test_a_health_word_in_a_given_value_is_the_givers_affair() -> None:
    assert judged("CPAM {{ platform_name }} : bonjour.") == []


def test_positives_and_agreed_calls_may_be_promised_a_call() -> None:
    linter = Linter(shipped_catalog(), TERMS)
    body = "CPAM {{ platform_name }} : nous vous rappellerons."
    promised = {
        name: "promise_of_call" in {each.rule for each in linter.findings(name, "fr", body)}
        for name in (
            "missed_call",
            "callback_agreed",
            "contact_informed",
            "voicemail",
            "campaign_vaccination",
        )
    }
    assert promised == {
        "missed_call": False,
        "callback_agreed": False,
        "contact_informed": True,
        "voicemail": True,
        "campaign_vaccination": True,
    }


def test_our_own_numbers_may_be_named_as_people_write_them() -> None:
    terms = terms_of(TextSettings(outreach_number="+33974757678"), caller_id="+33558000000")
    for number in ("09 74 75 76 78", "+33974757678", "05.58.00.00.00", "3919"):
        assert judged(f"CPAM {{{{ platform_name }}}} : appelez le {number}.", terms=terms) == []


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[texts.a", "catalog.toml"),
        ('[texts.a]\npurpose = "X"', "the text a"),
        ('[texts.a]\npurpose = "X"\naudience = "NOBODY"\nchannel = "sms"\nversion = 1', "NOBODY"),
        ('[texts.a]\npurpose = "X"\naudience = "ANYONE"\nchannel = "sms"\nversion = 1\nodd = 1', "odd"),
        (
            '[texts.a]\npurpose = "X"\naudience = "ANYONE"\nchannel = "sms"\nversion = 1\nvariables = ["b"]',
            "'b'",
        ),
        ('[standard]\na = { type = "number", worst = "x" }', "worst value of a"),
        ('[variables]\na = { type = "odd", worst = "x" }\n[texts.b]', "the variable a"),
    ],
)
def test_a_catalog_that_cannot_be_read_says_where(tmp_path: Path, written: str, told: str) -> None:
    (tmp_path / "catalog.toml").write_text(written, encoding="utf-8")
    catalog = Catalog(tmp_path)
    with pytest.raises(InvalidInput, match=told):
        _ = (catalog.entries, catalog.standard)


def test_a_file_that_is_not_utf_8_says_which(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "a.sms.j2").write_bytes(b"\xff")
    entry = '[texts.a]\npurpose = "X"\naudience = "ANYONE"\nchannel = "sms"\nversion = 1'
    (tmp_path / "catalog.toml").write_text(entry, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"a\.sms\.j2"):
        list(Linter(Catalog(tmp_path), TERMS).whole_catalog())


@pytest.mark.parametrize(
    ("link", "allowed"),
    [
        ("https://ameli.fr/x", True),
        ("www.ameli.fr", True),
        ("https://contact.ameli.fr/p", True),
        ("https://ameli.fr.example.com/x", False),
        ("https://notameli.fr", False),
        ("http://user@evil.fr/ameli.fr", False),
        ("ameli.fr@evil.fr", False),
        ("https://{{ platform_name }}.evil.fr", False),
    ],
)
def test_links_lead_to_allowed_hosts_only(link: str, allowed: bool) -> None:
    rules = {finding.rule for finding in judged(f"CPAM {{{{ platform_name }}}} : voir {link} merci")}
    assert ("link_not_allowed" not in rules) is allowed


@pytest.mark.parametrize(
    "word", ["co\u200bvid", "co\u00advid", "de\u0301pistage", "ﬁèvre", "co{# x #}vid", "ＣＯＶＩＤ"]
)
def test_a_health_word_is_found_behind_signs_that_nobody_sees(word: str) -> None:
    found = Linter(shipped_catalog(), TERMS).findings(
        "voicemail", "fr", f"CPAM {{{{ platform_name }}}} {word}"
    )
    assert [each.rule for each in found] == ["health_word"]


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        ("restez 7 jours", True),
        ("pendant sept jours", True),
        ("two weeks", True),
        ("48 heures sans appel", True),
        ("{{ isolation_days | days }}", False),
        ("{{ fever_free_hours }} heures", False),
        ("24 heures sur 24, 7 jours sur 7", False),
    ],
)
def test_a_duration_is_named_by_its_parameter(written: str, refused: bool) -> None:
    body = f"CPAM {{{{ platform_name }}}} {written}"
    rules = {each.rule for each in Linter(shipped_catalog(), TERMS).findings("missed_call", "fr", body)}
    assert ("literal_duration" in rules) is refused


@pytest.mark.parametrize("name", ["contact_page", "letter_contact_unreached", "general_page"])
def test_pages_and_letters_promise_no_call_that_a_mode_does_not_make(name: str) -> None:
    linter = Linter(shipped_catalog(), TERMS)
    for promise in ("Demandez-le à l'agent qui vous appelle.", "CPAM : nous vous rappellerons."):
        assert "promise_of_call" in {each.rule for each in linter.findings(name, "fr", promise)}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("contact_page", "{% if quarantine_days %}x{% endif %}" * 8 + "a-" * 9_000),
        ("contact_page", "a." * 9_900 + "1"),
        ("contact_full", "{%" * 20_000),
        ("contact_full", "{#" * 20_000),
        ("contact_full", "a\n" * 500_000),
    ],
    ids=["dashes", "dots", "tags", "comments", "size"],
)
def test_no_text_keeps_the_judge_busy(name: str, body: str) -> None:
    """Each took minutes, or seconds, of a processor when its regular expressions tried every way."""
    assert isinstance(Linter(shipped_catalog(), TERMS).findings(name, "fr", body), list)
