"""Replies as people write them."""

import pytest

from outreach.domain.replies import ReplyMeaning, meaning_of

STOP = """STOP|stop|Stop.|STOP SVP|stop s'il vous plaît|ARRET|Arrêt|arrêt|ARRÊTEZ|arretez|Arrêtez svp|arrêter
STOP SMS|stop merci|STOP, ne m'envoyez plus rien|Arrêtez de m'envoyer des messages|arretez vos sms
oui stop|Bonjour stop|Je ne veux plus recevoir de SMS|plus de sms svp|please stop texting me
Stop the texts please|unsubscribe|STOP STOP|Désinscription|se désabonner|stop rappel|STOP!!!"""
START = "START|start|Start svp|UNSTOP|reprendre|réabonner"
CALL_ME = """RAPPEL|rappel|Rappel svp|Rappelez-moi|rappelez moi demain matin|Merci de me rappeler
call me please|Pouvez-vous me rappeler ?|je veux bien un rappel|Rappel s'il vous plaît|rappel ok|call back"""
READ = "OK|ok|Ok merci|oui|lu|Bien reçu|reçu merci|Merci|d'accord|compris|C'est noté|vu|thanks|okay"
QUESTION = """C'est quoi ?|Qui êtes-vous ?|pourquoi ce message|Ne pas arrêter mon traitement ?|Who are you
quand finit-on|Je dois faire quoi"""
UNCLEAR = """mon fils a de la fièvre|je suis au travail|😀|non|Non merci|je voudrais arreter de travailler
ne pas rappeler|ce n'est pas moi||  """


def _samples(text: str) -> list[str]:
    return [sample for line in text.split("\n") for sample in line.split("|")]


@pytest.mark.parametrize(
    ("meaning", "samples"),
    [
        (ReplyMeaning.STOP, STOP),
        (ReplyMeaning.START, START),
        (ReplyMeaning.CALL_ME, CALL_ME),
        (ReplyMeaning.READ, READ),
        (ReplyMeaning.QUESTION, QUESTION),
        (ReplyMeaning.UNCLEAR, UNCLEAR),
    ],
)
def test_replies_are_understood_as_they_are_written(meaning: ReplyMeaning, samples: str) -> None:
    understood = {sample: meaning_of(sample) for sample in _samples(samples)}
    assert understood == dict.fromkeys(understood, meaning)
