"""What the practice partner says: how they pick up, and their answer to each question, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from outreach.domain.interview_answers import StoredValue
from outreach.domain.interview_rules import (
    ADDRESS_CONFIRMED,
    BIRTH_DATE_CONFIRMED,
    NAME_CONFIRMED,
    SPEAKING_WITH,
)
from outreach.domain.practice import NOBODY_TO_TELL, PracticeCase, Scenario
from outreach.domain.row_values import read_date

IDENTITY_QUESTIONS = frozenset({SPEAKING_WITH, NAME_CONFIRMED, BIRTH_DATE_CONFIRMED, ADDRESS_CONFIRMED})


@dataclass(frozen=True)
class Phrases:
    """One language. `answers`: for yes and for no, or one phrase with {value}."""

    opening: Mapping[Scenario, str]
    who: Mapping[Scenario, str]
    turns: Mapping[Scenario, str]  # said instead of answering, once they know who calls
    name: str
    birth: str
    address: str
    answers: Mapping[str, tuple[str, str] | str]
    unsure: str
    day: str


_FRENCH = Phrases(
    opening={
        Scenario.WILLING: "Allô, oui ?",
        Scenario.THIRD_PARTY: "Allô ? Qui est à l'appareil ?",
        Scenario.VOICEMAIL: "Bonjour, vous êtes sur ma messagerie. Laissez-moi un message après le bip. Bip.",
        Scenario.WRONG_NUMBER: "Allô ? Il n'y a personne de ce nom ici, vous faites erreur.",
        Scenario.REFUSES: "Oui, allô ? Encore un appel ?",
        Scenario.LATER: "Allô, oui ? Je suis au travail, là.",
        Scenario.DISTRESS: "Allô… oui… excusez-moi…",
        Scenario.HOSPITAL: "Allô, oui ? Parlez plus fort, je suis dans une chambre à deux.",
    },
    who={
        Scenario.THIRD_PARTY: "Non, vous cherchez quelqu'un d'autre, qui est sorti. C'est à quel sujet ?",
        Scenario.VOICEMAIL: "(Personne ne répond : c'est une messagerie.)",
        Scenario.WRONG_NUMBER: "Non, je vous dis que ce n'est pas le bon numéro.",
    },
    turns={
        Scenario.REFUSES: "Je ne veux répondre à aucune question. Laissez-moi tranquille, s'il vous plaît.",
        Scenario.LATER: "Je ne peux pas parler maintenant. Rappelez-moi à 18 heures, s'il vous plaît.",
    },
    name="Je m'appelle {given} {family}.",
    birth="Je suis né le {birth}.",
    address="J'habite {address}, à {town}.",
    answers={
        "breathing_trouble": (
            "Oui… j'ai du mal à finir mes phrases… et ça me serre dans la poitrine…",
            "Non, de ce côté-là ça va.",
        ),
        "in_hospital": ("Oui, on m'a admis hier soir.", "Non, je suis à la maison."),
        "has_symptoms": ("Oui, j'ai de la fièvre et je tousse.", "Non, je n'ai rien du tout."),
        "symptom_onset": "Ça a commencé le {value}.",
        "vulnerable_health": ("Oui, j'ai du diabète.", "Non, je suis en bonne santé."),
        "vaccinated": ("Oui, j'ai eu toutes mes doses.", "Non, pas encore."),
        "household_size": "En tout, avec moi, il y a {value} personne(s) à la maison.",
        "can_isolate": ("Oui, c'est possible.", "Non, c'est tout petit chez nous, je dors avec les enfants."),
        "wants_isolation_help": ("Oui, je veux bien qu'on m'aide.", "Non, merci, on se débrouillera."),
        "isolation_difficulty": "C'est le logement : il est trop petit.",
        "needs_sick_leave": ("Oui, il me faudrait un arrêt.", "Non, je télétravaille."),
        "works_in_collective_setting": ("Oui, dans une école.", "Non, je suis dans un bureau à trois."),
        "contacts_to_name": "Sans masque… ça fait {value} personne(s).",
        "may_give_name": ("Oui, vous pouvez leur dire que c'est moi.", "Non, je préfère que non."),
        "knew_exposure": ("Oui, on m'avait prévenu.", "Non, je l'apprends."),
        "confirms_exposure": ("Oui, c'est bien ça.", "Non, ce n'est pas exact."),
        "tested_already": ("Oui, je l'ai fait.", "Non, pas depuis."),
        "test_difficulty": ("Oui, je ne peux pas me déplacer.", "Non, la pharmacie est à côté."),
    },
    unsure="Euh… je ne saurais pas vous dire.",
    day="%d/%m/%Y",
)
_ENGLISH = Phrases(
    opening={
        Scenario.WILLING: "Hello, yes?",
        Scenario.THIRD_PARTY: "Hello? Who is calling?",
        Scenario.VOICEMAIL: "Hello, this is my voicemail. Leave a message after the tone. Beep.",
        Scenario.WRONG_NUMBER: "Hello? There is nobody of that name here, you have the wrong number.",
        Scenario.REFUSES: "Yes, hello? Another call?",
        Scenario.LATER: "Hello, yes? I am at work just now.",
        Scenario.DISTRESS: "Hello… yes… sorry…",
        Scenario.HOSPITAL: "Hello, yes? Speak up, I share the room.",
    },
    who={
        Scenario.THIRD_PARTY: "No, you want somebody else of the house, who is out. What is it about?",
        Scenario.VOICEMAIL: "(Nobody answers: it is a voicemail.)",
        Scenario.WRONG_NUMBER: "No, I am telling you, this is not the right number.",
    },
    turns={
        Scenario.REFUSES: "I will not answer any question. Leave me alone, please.",
        Scenario.LATER: "I really cannot talk now. Call me back at six, I will tell you everything.",
    },
    name="My name is {given} {family}.",
    birth="I was born on {birth}.",
    address="I live at {address}, in {town}.",
    answers={
        "breathing_trouble": (
            "Yes… I can hardly finish a sentence… and my chest feels tight…",
            "No, that is all right.",
        ),
        "in_hospital": ("Yes, I was admitted last night.", "No, I am at home."),
        "has_symptoms": ("Yes, I have a fever and a cough.", "No, nothing at all."),
        "symptom_onset": "It began on {value}.",
        "vulnerable_health": ("Yes, I have diabetes.", "No, I am in good health."),
        "vaccinated": ("Yes, I have had all my doses.", "No, not yet."),
        "household_size": "With me, that makes {value} at home.",
        "can_isolate": ("Yes, that is possible.", "No, our place is tiny, I sleep with the children."),
        "wants_isolation_help": ("Yes, I would like some help.", "No, thank you, we will manage."),
        "isolation_difficulty": "It is the flat: it is too small.",
        "needs_sick_leave": ("Yes, I would need a sick note.", "No, I work from home."),
        "works_in_collective_setting": ("Yes, in a school.", "No, I share an office with two others."),
        "contacts_to_name": "Without a mask… that makes {value}.",
        "may_give_name": ("Yes, you can tell them it was me.", "No, I would rather not."),
        "knew_exposure": ("Yes, I had been told.", "No, this is news to me."),
        "confirms_exposure": ("Yes, that is right.", "No, that is not right."),
        "tested_already": ("Yes, I have.", "No, not since."),
        "test_difficulty": ("Yes, I cannot go out.", "No, the chemist is next door."),
    },
    unsure="Well… I could not say.",
    day="%d %B %Y",
)


def phrases(language: str) -> Phrases:
    """The partner's language: that of the script."""
    return _ENGLISH if language == "en" else _FRENCH


def opening(case: PracticeCase, language: str) -> str:
    """What is heard when somebody, or something, picks up."""
    return phrases(language).opening[case.scenario]


def reply(case: PracticeCase, question: str, language: str) -> str:
    """What the person says to a question of the script."""
    words = phrases(language)
    if case.scenario in NOBODY_TO_TELL:
        return words.who[case.scenario]
    if question in IDENTITY_QUESTIONS:
        return _who_they_are(case, question, words)
    if case.scenario in words.turns:
        return words.turns[case.scenario]
    return _answer(words, question, case.truth.get(question))


def _who_they_are(case: PracticeCase, question: str, words: Phrases) -> str:
    person = case.person
    if question == BIRTH_DATE_CONFIRMED and person.birth_date is not None:
        return words.birth.format(birth=person.birth_date.strftime(words.day))
    if question == ADDRESS_CONFIRMED:
        return words.address.format(address=person.address, town=person.town)
    return words.name.format(given=person.given_names, family=person.family_name.title())


def _answer(words: Phrases, question: str, truth: StoredValue) -> str:
    known = words.answers.get(question)
    if known is None or truth is None:
        return words.unsure
    if isinstance(known, tuple):
        return known[0] if truth is True else known[1]
    day = read_date(truth) if isinstance(truth, str) and question == "symptom_onset" else None
    return known.format(value=day.strftime(words.day) if day else truth)
