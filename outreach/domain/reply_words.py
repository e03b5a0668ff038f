"""The words of replies, in capitals without accents: wishes, and what may stand around one."""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W_]+")  # in any script: a word we cannot read is a word all the same
LETTERS_OF_STOP = re.compile(r"\bS[ .\-]+T[ .\-]+O[ .\-]+P\b")


def words_of(text: str) -> frozenset[str]:
    """The words of a text already in capitals without accents."""
    return frozenset(WORD.findall(text))


STOP = words_of(
    "STOP STOPP STOOP STOPE ST0P 5TOP STOPALL STOPSMS STOPPUB ARRET ARRETE ARRETER ARRETEZ ARRETES ARRETS "
    "ARETE ARETER ARETEZ STOPPER STOPPEZ UNSUBSCRIBE DESABONNER DESABONNEZ DESABONNE DESABONNEMENT "
    "DESINSCRIRE DESINSCRIS DESINSCRIVEZ DESINSCRIPTION CANCEL QUIT OPTOUT توقف قف"
)
# "Arrêt" is also the sick leave that many ask us for.
SICK_LEAVE = words_of("ARRET ARRETS")
A_LEAVE = words_of("MON UN")
ASKED_FOR = words_of("MON UN L D DEMANDE SOUHAITE VEUX JVEUX VOUDRAIS")
# What is said of us after STOP, and takes nothing from it.
SAID_OF_US = words_of(
    "ARNAQUE ARNAQUES SPAM SPAMS PUB PUBS PHISHING HARCELEMENT ESCROC ESCROCS UNE INTERESSE INTERESSEE PAS "
    "AVANCE BON RAS BOL"
)
START = words_of("START UNSTOP REPRENDRE REPRENEZ REPRISE REABONNER REABONNEZ REACTIVER RECOMMENCEZ")
RESUMING = words_of("REPRENDRE REPRENEZ REPRISE RECOMMENCEZ")
WANTED = words_of("VEUX VEUT JVEUX VOUDRAIS SOUHAITE DEMANDE WANT")
IMPERATIVES = words_of(
    "RAPPELEZ RAPPELLE RAPPELLEZ RAPELEZ RAPELLEZ APPELEZ APELEZ APPELLEZ APELLEZ TELEPHONEZ AIDEZ"
)
CALL_NOUNS = words_of("RAPPEL RAPEL")
CALL_ME = (
    IMPERATIVES | CALL_NOUNS | words_of("RAPPELER RAPELER CALLBACK URGENT AIDE SECOURS HELP اتصل اتصلوا")
)
CALL_PHRASES = (
    "CALL ME",
    "CALL BACK",
    "PHONE ME",
    "APPELER MOI",
    "APPELE MOI",
    "APELE MOI",
    "TELEPHONER MOI",
    "M APPELER",
    "QU ON M APPELLE",
    "ETRE APPELE",
    "ETRE APPELEE",
    "ETRE RAPPELE",
    "ETRE RAPPELEE",
    "ME JOINDRE",
    "PARLER A QUELQU UN",
    "PARLER A UN MEDECIN",
)
CALL_PHRASE = re.compile(
    rf"(?<= )(?:(?P<imperative>{'|'.join(sorted(IMPERATIVES))})|(?P<noun>{'|'.join(sorted(CALL_NOUNS))})"
    rf"|{'|'.join(sorted({*CALL_ME, *CALL_PHRASES} - IMPERATIVES - CALL_NOUNS))})(?= )"
)
# They ring us, or had a booster dose.
NO_CALL = ("VOUS RAPPELLE", "TE RAPPELLE", "JE RAPPELLE", "VOUS RAPPEL", "MON RAPPEL")
VACCINES = words_of("VACCIN VACCINS VACCINAL VACCINALE VACCINATION DOSE DOSES INJECTION")
DECLINING = words_of("NE N PAS NON NO NOT DON DONT JAMAIS NEVER SANS RIEN INUTILE AUCUN")
LATER = (["TARD"], ["TOT"], ["VITE"])
# Who writes this is called whatever stands around it.
DISTRESS = words_of("RESPIRER RESPIRE ETOUFFE ETOUFFER SUFFOQUE SUFFOQUER BREATHE BREATHING")
READ = words_of(
    "OK OKAY OKI OUI YES LU MERCI RECU VU COMPRIS ENTENDU NOTE THANKS THANK RECEIVED DACCORD ACCORD READ "
    "PARFAIT UNDERSTOOD AIME ADORE LIKED LOVED MRC THX TKS شكرا نعم تمام"
)
# "Tout va bien", "c'est déjà fait": what our texts ask to be told by OK.
ALL_IS_WELL = words_of("VA CA TRES FAIT DEJA MIEUX RAS NICKEL IMPEC SUPER MARCHE ROULE DAC DACC FINE DONE")
THUMBS_UP = "👍👌🆗✅"

# What a wish for no more SMS is about; "plus" or "no more" beside one of them is a wish too.
WRITING = words_of(
    "SMS MESSAGE MESSAGES TEXTO TEXTOS TEXT TEXTS TEXTING ENVOI ENVOIS ENVOYER ENVOYEZ ECRIRE ECRIVEZ "
    "RECEVOIR CONTACTER CONTACTEZ SEND SENDING WRITE WRITING CONTACTING MESSAGING"
)
SMS = words_of("SMS MESSAGE MESSAGES TEXTO TEXTOS TEXTS")
HAD = words_of("AI RECU VU LU EU RECEIVED GOT")  # "je n'ai plus le message": it is missed
NONE = words_of("NO NOT DON DONT ANY")  # "more texts" alone asks for more
# No opt-out: a sick leave, a bus stop, an order to stop working.
OTHER_STOPS = words_of("MALADIE TRAVAIL TRAVAILLER BUS TRAM METRO TRAIN CARDIAQUE GARE SCHOOL WORK COUGHING")

# Whole wishes whose words are no wish one by one.
PHRASES = (
    words_of("LAISSEZ MOI TRANQUILLE"),
    words_of("LAISSE MOI TRANQUILLE"),
    words_of("LAISSEZ MOI EN PAIX"),
    words_of("FOUTEZ MOI LA PAIX"),
    words_of("FICHEZ MOI LA PAIX"),
    words_of("RETIREZ MOI LISTE"),
    words_of("ENLEVEZ MOI LISTE"),
    words_of("LEAVE ME ALONE"),
    words_of("REMOVE ME"),
    words_of("TAKE ME OFF"),
    words_of("OPT OUT"),
)
# Perhaps an opt-out, perhaps a wish to be forgotten: an agent decides.
TO_BE_FORGOTTEN = words_of("RETIREZ ENLEVEZ SUPPRIMEZ SUPPRIMER EFFACEZ EFFACER REMOVE DELETE LACHEZ")

# Polite and small words that may stand around a wish without changing it.
AROUND = words_of(
    "LE LA LES DE DES D L VOS VOTRE CES CE CET MES M ME MOI S SE IL VOUS TE PLAIT SVP STP MERCI BONJOUR "
    "BONSOIR BJR SALUT CORDIALEMENT MONSIEUR MADAME PLEASE PLZ PLS THANKS THANK YOU HELLO HI THE THESE THIS "
    "THAT YOUR TOUT TOUS TOUTE TOUTES BIEN J JE AI C EST ON NOUS VEUX VEUT VOULOIR VOUDRAIS SOUHAITE DEMANDE "
    "A AU AUX BE I WANT IT MA MON PAR TELEPHONE NUMERO LISTE LIST SOIR MATIN MIDI DEMAIN MAINTENANT "
    "IMMEDIATEMENT SUITE VEUILLEZ JVEUX BEAUCOUP BCP FROM TO ME MY NOW ANY OF IN ET AND SUR CE"
)
NO_MORE = words_of("PLUS ANYMORE AGAIN NEVER JAMAIS RIEN")
NEGATIONS = words_of("NE N PAS NON NOT DON DONT DO T NO JAMAIS NEVER")
# "Ne pas arrêter" asks for the opposite.
REVERSED = words_of("PAS NOT DON DONT")
QUESTION_WORDS = words_of(
    "QUI QUOI QUE QUAND COMMENT POURQUOI COMBIEN OU QUEL QUELLE QUELS QUELLES WHO WHAT WHEN HOW WHY WHERE "
    "WHICH KI KOI KAN POURKOI PK PQ"
)
