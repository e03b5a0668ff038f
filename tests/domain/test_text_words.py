"""Words that tell strangers why we call, promises of a call, addresses and numbers, by real samples."""

from __future__ import annotations

import pytest

from outreach.domain.text_words import health_words, link_spans, number_spans, promise_spans


@pytest.mark.parametrize(
    "text",
    [
        "votre test PCR",
        "vos tests",
        "cas contact",
        "CAS-CONTACTS",
        "COVID-19",
        "coronavirus",
        "vaccination",
        "isolement",
        "vous isoler",
        "ISOLÉE",
        "résultat positif",
        "negative",
        "symptômes",
        "symptomes",
        "vous êtes malade",
        "Assurance Maladie",
        "exposé",
        "dépistage",
        "depistage",
        "médecin",
        "Médecine",
        "santé",
        "sante publique",
        "quatorzaine",
        "mise en quarantaine",
        "hôpital",
        "hospitalisé",
        "fièvre",
        "toux",
        "un arrêt de travail",
        "arrêt maladie",
        "infirmière",
        "pharmacie",
        "patient",
        "your test",
        "tested",
        "health",
        "sick leave",
        "you were exposed",
        "quarantine",
        "self-isolation",
        "isolate",
        "doctor",
        "clinic",
        "vaccine",
        "infection",
        "contagious",
    ],
)
def test_words_of_health_are_found(text: str) -> None:
    assert health_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "un appel important",
        "consignes à suivre",
        "contactez-nous",
        "attestation",
        "testament",
        "merci de patienter",
        "position",
        "nous restons à votre disposition",
        "vos contacts",
        "the instructions",
        "illimité",
        "un arrêt de bus",
        "le contact",
        "will",
    ],
)
def test_plain_words_are_not_taken_for_health(text: str) -> None:
    assert health_words(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "nous vous rappellerons",
        "Nous rappelons demain",
        "un agent vous appellera",
        "nous allons vous appeler",
        "vous serez rappelé",
        "vous serez bientôt contactée",
        "vous recevrez un appel",
        "attendez notre appel",
        "on vous rappelle",
        "nous vous contacterons",
        "we will call you",
        "we'll call",
        "you will be called",
        "an agent is going to call",
        "we are calling you back",
        "expect our call",
        "you will receive a call",
    ],
)
def test_promises_of_a_call_are_found(text: str) -> None:
    assert list(promise_spans(text))


@pytest.mark.parametrize(
    "text",
    [
        "Répondez RAPPEL pour être appelé",
        "rappelez-nous dès que possible",
        "nous vous rappelons que ces consignes comptent",
        "nous vous rappelons votre rendez-vous",
        "nous avons essayé de vous appeler",
        "we tried to call you",
        "please call this number",
        "Reply RAPPEL to be called",
        "No call is waiting",
    ],
)
def test_what_is_no_promise_is_let_through(text: str) -> None:
    assert list(promise_spans(text)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("voir https://ameli.fr/x.", ["https://ameli.fr/x"]),
        ("voir www.ameli.fr, merci", ["www.ameli.fr"]),
        ("sur bit.ly/2xY", ["bit.ly/2xY"]),
        ("Bonjour. Merci", []),
        ("à 14.30", []),
    ],
)
def test_links_are_found_without_the_full_stop_of_the_sentence(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in link_spans(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("au 09 74 75 76 78.", ["09 74 75 76 78"]),
        ("au 0899.12.34.56", ["0899.12.34.56"]),
        ("+33 9 74 75 76 78", ["+33 9 74 75 76 78"]),
        ("appelez le 15", ["15"]),
        ("composez le 3919", ["3919"]),
        ("envoyez OUI au 38663", ["38663"]),
        ("call 112", ["112"]),
        ("pendant 7 jours en 2021", []),
        ("dossier 2021-040-0000012345", []),
    ],
)
def test_numbers_that_a_text_sends_people_to_are_found(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in number_spans(text)] == found
