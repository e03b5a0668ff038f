"""The words around the advice on a personal page, in each language it can be read in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language. `call_agreed` takes the day and the hour; `day` and `hour` are Babel's patterns."""

    name: str
    title: str
    languages: str
    read: str
    read_done: str
    call_title: str
    call_when: str
    call_soon: str
    call: str
    call_us: str
    call_soon_done: str
    call_agreed: str
    moment_gone: str
    question_title: str
    question_label: str
    question: str
    question_done: str
    wrong_title: str
    wrong_hint: str
    wrong: str
    wrong_done: str
    mistaken: str
    gone_title: str
    gone: str
    wait_title: str
    wait: str
    day: str
    hour: str


# A language more: its words here, and the texts of the catalog whose channel is "page".
WORDS: Mapping[str, Words] = {
    "fr": Words(
        name="Français",
        title="Vos consignes",
        languages="Langue",
        read="J'ai lu ces consignes",
        read_done="Merci, c'est noté : vous avez lu ces consignes.",
        call_title="Demander un appel",
        call_when="Quand pouvons-nous vous appeler ?",
        call_soon="Dès que possible",
        call="Appelez-moi",
        call_us="Vous pouvez aussi nous appeler :",
        call_soon_done="C'est noté : un agent vous appellera dès que possible.",
        call_agreed="C'est noté : un agent vous appellera {day} vers {hour}.",
        moment_gone="Ce moment n'est plus proposé. Choisissez-en un autre.",
        question_title="J'ai des questions",
        question_label="Votre question (facultatif)",
        question="Envoyer ma question",
        question_done="Merci. Un agent lit votre question et vous répond par SMS ou vous appelle.",
        wrong_title="Ce n'est pas moi",
        wrong_hint="Ce message ne vous est pas destiné ? Dites-le-nous : nous cherchons quelqu'un d'autre.",
        wrong="Ce numéro n'est pas le bon",
        wrong_done="Merci de nous avoir prévenus. Nous n'utiliserons plus ce numéro pour cette personne.",
        mistaken="Vous avez appuyé par erreur ? Appelez-nous :",
        gone_title="Ce lien n'est pas valable",
        gone="Il est incomplet ou périmé. Appelez le numéro ci-dessous, ou répondez RAPPEL au SMS.",
        wait_title="Un instant",
        wait="Trop de demandes viennent de votre connexion. Réessayez dans une minute.",
        day="EEEE d MMMM",
        hour="H 'h' mm",
    ),
    "en": Words(
        name="English",
        title="Your instructions",
        languages="Language",
        read="I have read these instructions",
        read_done="Thank you, noted: you have read these instructions.",
        call_title="Ask for a call",
        call_when="When may we call you?",
        call_soon="As soon as possible",
        call="Call me",
        call_us="You may also call us:",
        call_soon_done="Noted: an agent will call you as soon as possible.",
        call_agreed="Noted: an agent will call you on {day} at about {hour}.",
        moment_gone="This moment is no longer offered. Please choose another.",
        question_title="I have questions",
        question_label="Your question (optional)",
        question="Send my question",
        question_done="Thank you. An agent reads your question and answers by text, or calls you.",
        wrong_title="This is not me",
        wrong_hint="Is this message not for you? Tell us: we are looking for someone else.",
        wrong="This is the wrong number",
        wrong_done="Thank you for telling us. We will not use this number for that person any more.",
        mistaken="Did you press by mistake? Call us:",
        gone_title="This link is not valid",
        gone="It is incomplete or out of date. Call the number below, or reply RAPPEL to the text.",
        wait_title="One moment",
        wait="Too many requests come from your connection. Try again in a minute.",
        day="EEEE d MMMM",
        hour="H:mm",
    ),
}
FIRST = "fr"


def words_in(language: str) -> tuple[str, Words]:
    """The language itself when it is there, else the first one."""
    code = language if language in WORDS else FIRST
    return code, WORDS[code]


def typeset(text: str) -> str:
    """No line begins with a sign that French sets apart, nor parts a number from its days."""
    return _APART.sub("\N{NO-BREAK SPACE}", text)


_APART = re.compile(r" (?=[?!:;»])|(?<=«) |(?<=\d) (?=\w)")
