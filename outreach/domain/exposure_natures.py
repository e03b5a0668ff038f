"""How a contact met a positive, in one of a few words: the text itself may name someone and lies sealed."""

from __future__ import annotations

from enum import StrEnum

from outreach.domain.territories import fold_words


class ExposureNature(StrEnum):
    """From the most telling to the least: a meal among colleagues is work."""

    FAMILY = "FAMILY"
    WORK = "WORK"
    SCHOOL = "SCHOOL"
    FRIENDS = "FRIENDS"
    TRANSPORT = "TRANSPORT"
    CARE = "CARE"
    EVENT = "EVENT"
    OTHER = "OTHER"


_WORDS = {
    ExposureNature.FAMILY: "famille familial familiale foyer domicile maison conjoint conjointe parent"
    " parents enfant enfants intrafamilial family home",
    ExposureNature.WORK: "travail professionnel professionnelle collegue collegues bureau entreprise"
    " chantier work",
    ExposureNature.SCHOOL: "ecole scolaire classe college lycee creche universite fac etudes cantine school",
    ExposureNature.FRIENDS: "ami amis amie amies amical amicale repas restaurant voisin voisine"
    " voisins friends",
    ExposureNature.TRANSPORT: "transport transports covoiturage voiture bus car train tram metro avion taxi",
    ExposureNature.CARE: "soin soins hopital clinique ehpad medical medicale"
    " cabinet infirmier infirmiere care",
    ExposureNature.EVENT: "evenement fete mariage bapteme enterrement obseques concert reunion sport"
    " ceremonie soiree event",
}
_NATURE_OF = {word.upper(): nature for nature, words in _WORDS.items() for word in words.split()}


def nature_of(text: str) -> ExposureNature | None:
    """The most telling nature that a word gives; OTHER when none does, None when nothing was written."""
    told = {_NATURE_OF.get(word, ExposureNature.OTHER) for word in fold_words(text)}
    return next((nature for nature in ExposureNature if nature in told), None)
