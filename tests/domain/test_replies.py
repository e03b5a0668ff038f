"""Replies as people write them."""

import pytest

from outreach.domain.replies import Reading, ReplyMeaning, Suggestion, reading_of

STOP = """STOP|stop|Stop.|STOP SVP|stop s'il vous plaît|ARRET|Arrêt|arrêt|ARRÊTEZ|arretez|Arrêtez svp|arrêter
STOP SMS|stop merci|STOP, ne m'envoyez plus rien|Arrêtez de m'envoyer des messages|arretez vos sms
oui stop|Bonjour stop|Je ne veux plus recevoir de SMS|plus de sms svp|please stop texting me
Stop the texts please|unsubscribe|STOP STOP|Désinscription|se désabonner|stop rappel|STOP!!!|St0p|stoop
ne m'écrivez plus|Ne m’écrivez plus SVP|ne plus m'envoyer de sms|N'envoyez plus rien
Je veux plus de vos messages|plus de message|Merci de ne plus me contacter|ne me contactez plus
Arrêtez tout|ARRET SMS|arrêtez ces envois|STOP 36063|stop au sms|Arrête stp
no more texts|No more messages please|don't text me|do not contact me again
Please don’t send me any more messages|never text me again|remove me from your list|take me off this list
Leave me alone|laissez-moi tranquille|Laissez moi tranquille svp|opt out|Opt-out please|STOP ?|ＳＴＯＰ
cancel|quit|désabonnez-moi|Désinscrivez-moi de votre liste|bonjour je souhaite me désinscrire merci
Je demande l'arrêt des messages|arrêtez immédiatement vos textos|Monsieur, stop svp
s t o p|S.T.O.P|stop pub|stop spam|STOP harcèlement|STOP arnaque|Arnaque ! STOP|stop c est une arnaque
c bon stop|stop, pas intéressé
STOP STP MERCI D AVANCE|jveux plus de vos sms|Veuillez ne plus m'envoyer de sms|ARETE
Foutez moi la paix|fichez moi la paix|retirez moi de votre liste|enlevez moi de la liste|je me désinscris
"STOP"|« stop »|“Stop”|توقف|قف|STOP قف|Bonjour, STOP. Cordialement|oui oui stop"""
STOP_LINES = [
    "STOP\nEnvoyé de mon iPhone",
    "Stop\nJean Dupont",
    "stop.\n\nSent from my Galaxy",
    "Arrêt\r\nM. D.",
]
START = (
    "START|start|Start svp|UNSTOP|reprendre|réabonner|ok start|Reprenez les SMS svp|Réabonnez-moi|start sms"
)
CALL_ME = """RAPPEL|rappel|Rappel svp|Rappelez-moi|rappelez moi demain matin|Merci de me rappeler
call me please|Pouvez-vous me rappeler ?|je veux bien un rappel|Rappel s'il vous plaît|rappel ok|call back
Appelez-moi au plus vite|Vous pouvez me joindre ce soir|please phone me|Rappelez le 0612345678
rappel urgent|rapelez moi|rapel|appelé moi svp|téléphonez moi|je veux qu'on m'appelle|jvoudrai etre rappelé
vous pouvez m'appeler ?|Je préfère être appelée|j'aimerai parler à quelqu'un|je veux parler a un medecin
Je ne comprends pas, rappelez moi|svp apelez moi je compren pas|j'ai pas compris rappelez moi plus tard
au secours|aidez moi|AIDE SVP|help|urgent
اتصل بي|ok اتصلوا بي من فضلك|rappelez-moi, je suis en arrêt maladie"""
READ = """OK|ok|Ok merci|oui|lu|Bien reçu|reçu merci|Merci|d'accord|compris|C'est noté|vu|thanks|okay
Message bien reçu merci|SMS lu|👍|👌👌|Parfait merci|Bonjour, bien reçu. Cordialement|oki|understood thanks
A aimé « CPAM Landes : répondez OK, RAPPEL pour être appelé, STOP pour ne plus recevoir de SMS. »
Liked “CPAM Landes: reply OK once read, RAPPEL to be called, STOP for no more texts.”
👍 to “CPAM Landes: reply OK once read, STOP for no more texts.”|👍 à « CPAM Landes : répondez OK »
Merci beaucoup|merci bcp|mrc|ok thx|شكرا|نعم
tout va bien|Ça va merci|oui ça va mieux|très bien|c'est fait|déjà fait merci|RAS|ça marche|super merci|dac"""
QUESTION = """C'est quoi ?|Qui êtes-vous ?|pourquoi ce message|Who are you
quand finit-on|Je dois faire quoi|Je suis en arrêt maladie, que dois-je faire ?|Où est l'arrêt de bus ?
Combien de jours|A posé une question sur « STOP pour ne plus recevoir de SMS »?|Is it a scam?
oui ?|ok ?|vous m'avez appelé ?|c ki|kan est ce que je pe sortir|puis je reprendre?"""
DISTRESS = """je n'arrive plus à respirer|g du mal a respirer c grave ?|J'ai une douleur à la poitrine
douleur poitrine|j'ai très mal dans la poitrine|ma poitrine est serrée|Je fais une crise cardiaque je crois
I have chest pain|pain in my chest|can't breathe|mon mari est inconscient|elle a perdu connaissance
à bout de souffle depuis ce matin|il a les lèvres bleues|je crache du sang|je veux en finir avec la vie
douleurs thoraciques depuis hier, que faire ?|j'étouffe|Rappelez-moi j'ai mal au coeur et à la poitrine"""
SOMEBODY_ELSE = """ce n'est pas moi|Wrong number|Mauvais numéro|Vous vous trompez de numéro|erreur de numéro
Ce n'est pas le bon numéro|je ne connais pas cette personne|faux numéro madame|wrong person sorry"""
# No danger although a word of it stands there.
CALM = "je n'ai pas de douleur à la poitrine|aucune douleur dans la poitrine|sans douleur thoracique"
# Refused as opt-outs although a word of theirs stands in them.
UNCLEAR = """mon fils a de la fièvre|je suis au travail|😀|non|Non merci|je voudrais arreter de travailler
ne pas rappeler||  |arrêt maladie|Je suis en arrêt maladie|je suis à l'arrêt de bus
Arrêt de travail svp|Je ne peux plus recevoir de visites|I have no more fever|Je n'ai plus de fièvre
arrêt cardiaque en 2019|il ne faut plus|j'ai plus de batterie|envoyez le papier
Le bus ne s'arrête plus ici depuis le stop|ma femme aussi
message pas reçu|jamais reçu de message|je n'ai jamais reçu le sms|je n'ai plus votre message|j'ai plus le sms
please send more texts|i did not receive your message|pas contact|plus contact|je ne suis plus contact
Ne m'appelez pas au travail|pas besoin de me rappeler|inutile de me rappeler|merci de ne pas appeler
don't call me|je vous rappelle demain|Désolé, je suis en conduite. Je vous rappelle plus tard.|rien d'urgent
rappel vaccin|3eme dose de rappel|j'ai fait mon rappel|je voudrais reprendre|oui je veux|ok 39
ça va pas|ça va mal|ça va pas très bien|c'est pas fait|ok 我发烧了|merci عندي حمى|oui mais je travaille demain
mes enfant peuve aller a lecole|tel moi"""
# An agent reads these, and is told what they may mean.
UNCLEAR_STOP = """Stop aux mensonges|ne stoppez pas les messages|n'arrêtez pas|Ne m'appelez plus|stop covid
don't stop|Stop Jean Dupont|Arrêtez de me harceler
mon arrêt|l'arrêt merci|demande d'arrêt|je demande l'arrêt|je veux mon arrêt par sms|un arret svp
mauvais numéro stop|supprimez mon numéro|retirez mon numéro de votre liste|plus de messages comme ca"""
QUESTION_STOP = """Ne pas arrêter mon traitement ?|Comment faire pour stopper les sms ?
Puis-je arrêter l'isolement ?
Quand est-ce que ça s'arrête ?|how do I stop these messages?|Je dois envoyer stop à qui ?"""


def _samples(text: str) -> list[str]:
    return [sample for line in text.split("\n") for sample in line.split("|")]


@pytest.mark.parametrize(
    ("reading", "samples"),
    [
        (Reading(ReplyMeaning.STOP), _samples(STOP) + STOP_LINES),
        (Reading(ReplyMeaning.START), _samples(START)),
        (Reading(ReplyMeaning.CALL_ME), _samples(CALL_ME)),
        (Reading(ReplyMeaning.READ), _samples(READ)),
        (Reading(ReplyMeaning.QUESTION), _samples(QUESTION)),
        (Reading(ReplyMeaning.UNCLEAR), _samples(UNCLEAR)),
        (Reading(ReplyMeaning.UNCLEAR, Suggestion.STOP), _samples(UNCLEAR_STOP)),
        (Reading(ReplyMeaning.UNCLEAR, Suggestion.WRONG_PERSON), _samples(SOMEBODY_ELSE)),
        (Reading(ReplyMeaning.CALL_ME, Suggestion.DISTRESS), _samples(DISTRESS)),
        (Reading(ReplyMeaning.QUESTION, Suggestion.STOP), _samples(QUESTION_STOP)),
    ],
)
def test_replies_are_understood_as_they_are_written(reading: Reading, samples: list[str]) -> None:
    understood = {sample: reading_of(sample) for sample in samples}
    assert understood == dict.fromkeys(understood, reading)


def test_a_question_is_called_and_what_only_a_person_understands_goes_to_the_inbox() -> None:
    assert not reading_of("Qui êtes-vous ?").for_inbox
    assert reading_of("ma fille tousse").for_inbox
    assert reading_of("Comment faire pour stopper les sms ?").for_inbox
    assert not reading_of("STOP").for_inbox


def test_a_long_text_is_read_at_once() -> None:
    assert reading_of("?" + "«" * 100_000).meaning is ReplyMeaning.QUESTION


@pytest.mark.parametrize("sample", _samples(CALM))
def test_a_danger_that_is_denied_raises_no_alarm(sample: str) -> None:
    assert not reading_of(sample).in_distress


def test_whoever_wants_no_sms_and_cannot_breathe_gets_no_sms_and_is_called() -> None:
    assert reading_of("STOP\nje n'arrive plus à respirer") == Reading(ReplyMeaning.STOP, Suggestion.DISTRESS)
