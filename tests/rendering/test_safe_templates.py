"""What people write is data: whatever is not on the list is refused with its line."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import nodes

from outreach.domain.scripts import Channel, Value, Variable, VariableKind
from outreach.errors import InvalidInput
from outreach.rendering.allow_list import DEEPEST
from outreach.rendering.filters import FILTERS
from outreach.rendering.safe_templates import (
    LONGEST_SOURCE,
    UnsafeTemplate,
    parsed,
    refusals_of,
    safe_template,
)

WORST: dict[VariableKind, Value] = {
    VariableKind.TEXT: "Landes",
    VariableKind.NUMBER: 7,
    VariableKind.DATE: date(2020, 11, 25),
    VariableKind.TIME: time(14, 30),
    VariableKind.URL: "https://ameli.fr",
    VariableKind.PHONE: "+33974757678",
    VariableKind.CHOICE: "a",
    VariableKind.FLAG: True,
    VariableKind.LIST: ["un", "deux"],
}
VARIABLES = {kind.value: Variable(kind.value, kind, value, ("a", "b")) for kind, value in WORST.items()}
VALUES = {kind.value: value for kind, value in WORST.items()}

# Each stands on the second line, so that its line must be told.
HOSTILE = [
    "{{ text.__class__ }}",
    "{{ text.__class__.__mro__[1].__subclasses__() }}",
    "{{ text['__class__'] }}",
    "{{ ''.__class__ }}",
    "{{ text.upper() }}",
    "{{ text|attr('__class__') }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__ }}",
    "{{ range(10) }}",
    "{{ namespace() }}",
    "{{ config }}",
    "{{ text.format(text) }}",
    "{{ '%s' % text }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 2 ** 2 ** 2 ** 2 ** 60 }}",
    "{{ [1, 2] }}",
    "{{ {'a': 1} }}",
    "{{ (1, 2) }}",
    "{{ list[0] }}",
    "{{ text ~ text }}",
    "{{ text if flag else 'x' }}",
    "{{ text is defined }}",
    "{{ text|replace('a', 'b') }}",
    "{{ text|upper('x') }}",
    "{{ text|upper(*list) }}",
    "{{ text|safe }}",
    "{{ text|map('upper') }}",
    "{{ list|join }}",
    "{{ ('x'|upper)|attr('y') }}",
    "{{ -number }}",
    "{{ not flag }}",
    "{{ number + 1 }}",
    "{% set text = 'x' %}",
    "{% set text %}x{% endset %}",
    "{% include 'catalog.toml' %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% macro x() %}{% endmacro %}",
    "{% call text() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with a = 1 %}{% endwith %}",
    "{% autoescape true %}x{% endautoescape %}",
    "{% raw %}{{ text }}{% endraw %}",
    "{% for item in list %}{{ item }}{% endfor %}",
    "{% for item in range(9) %}x{% endfor %}",
    "{% if text.x %}x{% endif %}",
    "{% if text in list %}x{% endif %}",
    "{% if flag and missing %}x{% endif %}",
    "{% if text|upper == 'X' %}x{% endif %}",
    "{% if (number + 1) > 2 %}x{% endif %}",
    "{% if text < 3 %}x{% endif %}",
    "{% if number == date %}x{% endif %}",
    "{% if choice == 'c' %}x{% endif %}",
    "{{ missing }}",
    "{{ date }}",
    "{{ flag }}",
    "{{ list }}",
    "{{ text|long_date }}",
    "{% debug %}",
    "{% do text.append(1) %}",
    "{% trans %}x{% endtrans %}",
    "{{ text",
    "{% if text %}",
    "{% endif %}",
    "{{ text|nothing }}",
    "{{ ｔext }}",
    "{{ text.ﬀ }}",
    "{{ 'text' }}",
    "{{ 12 }}",
    "{{ 1e999 }}",
    '{{ "\\n## identity | x" }}',
    "{% if number < none %}x{% endif %}",
    "{% if date < 1.5 %}x{% endif %}",
    "{% if time > 1e5 %}x{% endif %}",
    "\x00",
    "texte\u2028texte",
    "{%- raw -%}x{%- endraw -%}",
]
IN_INTERVIEWS = [
    "{% for item in text %}x{% endfor %}",
    "{% for item in ['a'] %}x{% endfor %}",
    "{% for item in list recursive %}x{% endfor %}",
    "{% for item in list if item %}x{% endfor %}",
    "{% for item in list %}x{% else %}y{% endfor %}",
    "{% for a, b in list %}x{% endfor %}",
    "{% for text in list %}x{% endfor %}",
    "{% for a in list %}{% for b in list %}x{% endfor %}{% endfor %}",
    "{% for item in list %}{{ item.x }}{% endfor %}",
    "{% for item in list %}{{ loop.index }}{% endfor %}",
    "{% for item in list %}{% break %}{% endfor %}",
    "{% for loop in list %}x{% endfor %}",
    "{% for self in list %}x{% endfor %}",
    "Bonjour {% if flag -%} x {% endif %}",
    "Bonjour {#- x #}",
    "{{ text\n}}",
    "{% if\nflag %}x{% endif %}",
    "{# a\nb #}",
]


@pytest.mark.parametrize("payload", HOSTILE)
def test_what_is_not_on_the_list_is_refused_with_its_line(payload: str) -> None:
    refusals = refusals_of(f"CPAM\n{payload}\n", VARIABLES, Channel.SMS)
    assert refusals
    assert refusals[0].line in (2, 3)  # what is never closed is missed on the line after
    assert refusals[0].sentence
    with pytest.raises(UnsafeTemplate, match=r"Line [23]: "):
        safe_template(f"CPAM\n{payload}\n", VARIABLES, Channel.SMS, "fr")


@pytest.mark.parametrize("payload", IN_INTERVIEWS)
def test_an_interview_repeats_lines_in_one_way_only(payload: str) -> None:
    assert refusals_of(f"CPAM\n{payload}\n", VARIABLES, Channel.INTERVIEW)[0].line == 2


@pytest.mark.parametrize(
    "source",
    [
        "a" * (LONGEST_SOURCE[Channel.SMS] + 1),
        "{{ text }}" * 399 + "{% if flag %}{% endif %}",
        "{% if flag %}" * (DEEPEST + 1) + "x" + "{% endif %}" * (DEEPEST + 1),
        "{{ " + "(" * 1500 + "text" + ")" * 1500 + " }}",
        "{% if " + "not " * 900 + "flag %}x{% endif %}",
        "{% if " + " and ".join(["flag"] * 40) + " %}x{% endif %}",
    ],
    ids=["long", "many tags", "deep", "parentheses", "nots", "wide"],
)
def test_what_would_tire_the_machine_is_refused(source: str) -> None:
    assert refusals_of(source, VARIABLES, Channel.SMS)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Bonjour {{ text }}.", "Bonjour Landes."),
        ("{{ date | long_date }}", "mercredi 25 novembre"),
        ("{{ date | full_date }}", "25 novembre 2020"),
        ("{{ date | short_date }}", "25/11/2020"),
        ("{{ time | hour }}", "14 h 30"),
        ("{{ number | days }}", "7 jours"),
        ("{{ phone | phone }}", "09 74 75 76 78"),
        ("{{ text | upper }} {{ text | lower }} {{ text | capital }}", "LANDES landes Landes"),
        ("{{ url }}", "https://ameli.fr"),
        ("{% if number > 5 and not (text == 'x') %}oui{% else %}non{% endif %}", "oui"),
        ("{% if choice == 'b' %}b{% elif choice == 'a' %}a{% endif %}", "a"),
        ("{% if 1 < number <= 7 %}dedans{% endif %}", "dedans"),
        ("{# rien #}x", "x"),
        ("a\n{% if flag %}\nb\n{% endif %}\nc", "a\nb\nc"),
        ("&#39; <b>", "&#39; <b>"),
        ("a{% if flag %} b{% endif %}\nc", "a b\nc"),
        ("a{% if flag %} b{% endif %}\r\nc", "a b\nc"),
        ("a\n  {% if flag %}{# d #}\nb\n{% endif %}\nc", "a\nb\nc"),
        ("de\u0301ja\u0300", "d\u00e9j\u00e0"),
    ],
)
def test_what_is_on_the_list_says_what_it_says(source: str, text: str) -> None:
    assert safe_template(source, VARIABLES, Channel.SMS, "fr").fill(VALUES) == text


def test_an_interview_may_repeat_a_line_for_each_item_of_a_list() -> None:
    source = "{% for item in list %}\n- {{ item }}\n{% endfor %}"
    assert safe_template(source, VARIABLES, Channel.INTERVIEW, "fr").fill(VALUES) == "- un\n- deux"


@pytest.mark.parametrize(
    ("language", "day", "moment", "days"),
    [
        ("fr", "mardi 1er décembre", "9 h", "1 jour"),
        ("en", "Tuesday 1 December", "9:00\u202fAM", "1 day"),
        ("zz", "mardi 1 décembre", "09:00", "1 jour"),
    ],
)
def test_filters_speak_the_language_of_the_text(language: str, day: str, moment: str, days: str) -> None:
    source = "{{ date | long_date }}|{{ time | hour }}|{{ number | days }}"
    values = VALUES | {"date": date(2020, 12, 1), "time": time(9, 0), "number": 1}
    made = safe_template(source, VARIABLES, Channel.VOICE, language).fill(values)
    assert made == f"{day}|{moment}|{days}"


@pytest.mark.parametrize(("language", "days"), [("fr", "0 jour"), ("en", "0 days")])
def test_nought_is_singular_in_french(language: str, days: str) -> None:
    made = safe_template("{{ number | days }}", VARIABLES, Channel.VOICE, language).fill({"number": 0})
    assert made == days


def test_a_value_is_never_read_as_a_template() -> None:
    made = safe_template("{{ text }}", VARIABLES, Channel.SMS, "fr").fill({"text": "{{ phone }}{% raw %}"})
    assert made == "{{ phone }}{% raw %}"


def test_an_output_beyond_its_channel_is_refused() -> None:
    endless = safe_template("{{ text }}" * 50, VARIABLES, Channel.SMS, "fr")
    with pytest.raises(InvalidInput, match="1600"):
        endless.fill({"text": "a" * 100})


PIECES = st.sampled_from(
    [
        *HOSTILE,
        *IN_INTERVIEWS,
        "{{ text }}",
        "{{ date | long_date }}",
        "{% if flag %}x{% endif %}",
        "{% if number > 2 %}",
        "{% endif %}",
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "texte ",
        "\n",
        "|upper",
        "(",
        ")",
        ".x",
        "[0]",
    ]
)
LISTED = {
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.For,
    nodes.Name,
    nodes.Const,
    nodes.Filter,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
}


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=6).map("".join), st.text(max_size=60)))
@example("{{ text.__class__ }}")
def test_whatever_passes_holds_nothing_outside_the_list(source: str) -> None:
    if refusals_of(source, VARIABLES, Channel.INTERVIEW):
        return
    for node in parsed(source, Channel.INTERVIEW).find_all(nodes.Node):
        assert type(node) in LISTED
        if isinstance(node, nodes.Filter):
            assert node.name in FILTERS
            assert not node.args
            assert not node.kwargs
    text = safe_template(source, VARIABLES, Channel.INTERVIEW, "fr").fill(VALUES)
    assert "__" not in text or "__" in source
