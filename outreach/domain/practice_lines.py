"""What the practice partner says, as one table: a line's key, the French words, the English words.

Keys: `picks_up.`, `who.` and `turn.` with a scenario; a question's key with `.yes` and `.no`, or alone with
{value}; a kind of question for those that have no words of their own. `place_n_…` serves place_1_… and so on.
"""

from __future__ import annotations

from collections.abc import Mapping

FRENCH, ENGLISH = 0, 1
LINES: Mapping[str, tuple[str, str]] = {
    # How they pick up.
    "picks_up.WILLING": ("Allô, oui ?", "Hello, yes?"),
    "picks_up.THIRD_PARTY": ("Allô ? Qui est à l'appareil ?", "Hello? Who is calling?"),
    "picks_up.VOICEMAIL": (
        "Bonjour, vous êtes sur ma messagerie. Laissez-moi un message après le bip. Bip.",
        "Hello, this is my voicemail. Leave a message after the tone. Beep.",
    ),
    "picks_up.WRONG_NUMBER": (
        "Allô ? Il n'y a personne de ce nom ici, vous faites erreur.",
        "Hello? There is nobody of that name here, you have the wrong number.",
    ),
    "picks_up.REFUSES": ("Oui, allô ? Encore un appel ?", "Yes, hello? Another call?"),
    "picks_up.LATER": ("Allô, oui ? Je suis au travail, là.", "Hello, yes? I am at work just now."),
    "picks_up.DISTRESS": (
        "Allô… oui… excusez-moi… j'ai du mal… à respirer…",
        "Hello… yes… sorry… I can hardly… breathe…",
    ),
    "picks_up.HOSPITAL": (
        "Allô, oui ? Parlez plus fort, je suis à l'hôpital, dans une chambre à deux.",
        "Hello, yes? Speak up, I am in hospital, in a shared room.",
    ),
    "picks_up.MEDICAL": (
        "Allô, oui ? Vous tombez bien : dois-je arrêter ce que je prends pour mon cœur ?",
        "Hello, yes? Good that you call: should I stop what I take for my heart?",
    ),
    "picks_up.UPSET": (
        "Encore vous ? C'est le troisième appel de la journée, j'en ai plus qu'assez !",
        "You again? That is the third call today, I have had more than enough!",
    ),
    "rings_out": ("(Le numéro sonne, personne ne répond.)", "(It rings, and nobody answers.)"),
    # Whoever is not the person; and what is said instead of answering, once they know who calls.
    "who.THIRD_PARTY": (
        "Non, vous cherchez quelqu'un d'autre, qui est sorti. C'est à quel sujet ?",
        "No, you want somebody else of the house, who is out. What is it about?",
    ),
    "who.VOICEMAIL": (
        "(Personne ne répond : c'est une messagerie.)",
        "(Nobody answers: it is a voicemail.)",
    ),
    "who.WRONG_NUMBER": (
        "Non, je vous dis que ce n'est pas le bon numéro.",
        "No, I am telling you, this is not the right number.",
    ),
    "turn.REFUSES": (
        "Je ne veux répondre à aucune question. Laissez-moi tranquille, s'il vous plaît.",
        "I will not answer any question. Leave me alone, please.",
    ),
    "turn.LATER": (
        "Je ne peux pas parler maintenant. Rappelez-moi à 18 heures, s'il vous plaît.",
        "I really cannot talk now. Call me back at six, I will tell you everything.",
    ),
    "turn.UPSET": (
        "Je ne dirai rien. Passez-moi votre responsable, tout de suite !",
        "I will say nothing. Put me through to whoever is in charge, now!",
    ),
    # On hold, and with whoever is brought in.
    "line.ASK_TO_WAIT": ("D'accord, je patiente.", "All right, I will wait."),
    "line.ASK_HELP": (
        "Je vous rejoins. Bonjour, je suis responsable de l'équipe ; je reste avec vous deux.",
        "I am joining you. Hello, I am in charge of the team; I will stay with you both.",
    ),
    "line.BRING_ADVISER": (
        "Conseil médical, bonjour. De qui s'agit-il, et pourquoi m'appelez-vous ?",
        "Medical adviser. Whom is it about, and why do you call me?",
    ),
    "line.SUMMARISE": (
        "Compris : {given} {family}, né(e) le {birth}, réponses gardées : {kept}. Je prends la suite.",
        "Understood: {given} {family}, born on {birth}, answers kept: {kept}. I will take it from here.",
    ),
    # Who they are.
    "name": ("Je m'appelle {given} {family}.", "My name is {given} {family}."),
    "birth": ("Ma date de naissance, c'est le {birth}.", "I was born on {birth}."),
    "address": ("J'habite {address}, à {town}.", "I live at {address}, in {town}."),
    # Whom they met.
    "met.household": (
        "Il y a {name}, né(e) le {birth}, qui vit avec moi : {number}. On s'est vus le {seen}.",
        "There is {name}, born on {birth}, who lives with me: {number}. We last met on {seen}.",
    ),
    "met.other": (
        "J'ai vu {name}, né(e) le {birth}, le {seen}. Son numéro : {number}.",
        "I saw {name}, born on {birth}, on {seen}. The number is {number}.",
    ),
    "met.none": ("Je ne vois personne à vous donner.", "I can think of nobody to name."),
    # Health.
    "breathing_trouble.yes": (
        "Oui… j'ai du mal à finir mes phrases… et ça me serre dans la poitrine…",
        "Yes… I can hardly finish a sentence… and my chest feels tight…",
    ),
    "breathing_trouble.no": ("Non, de ce côté-là ça va.", "No, that is all right."),
    "in_hospital.yes": ("Oui, on m'a admis hier soir.", "Yes, I was admitted last night."),
    "in_hospital.no": ("Non, je suis à la maison.", "No, I am at home."),
    "hospital_name": ("Au centre hospitalier de Dax.", "At the hospital in Dax."),
    "has_symptoms.yes": ("Oui, j'ai de la fièvre et je tousse.", "Yes, I have a fever and a cough."),
    "has_symptoms.no": ("Non, je n'ai rien du tout.", "No, nothing at all."),
    "symptom_onset": ("Ça a commencé le {value}.", "It began on {value}."),
    "symptoms_told": ("De la fièvre, de la toux et des courbatures.", "A fever, a cough and aches."),
    "fever_now.yes": ("Oui, encore un peu, 38,2 ce matin.", "Yes, still a little, 38.2 this morning."),
    "fever_now.no": ("Non, plus de fièvre.", "No, no more fever."),
    "feels": ("Par rapport à la dernière fois : {value}.", "Compared with last time: {value}."),
    "seen_doctor.yes": ("Oui, hier, en téléconsultation.", "Yes, yesterday, by video."),
    "seen_doctor.no": ("Non, je n'en ai pas eu besoin.", "No, I did not need to."),
    "has_doctor.yes": ("Oui, j'ai mon médecin traitant.", "Yes, I have my own doctor."),
    "has_doctor.no": ("Non, le mien est parti en retraite.", "No, mine has retired."),
    "vulnerable_health.yes": ("Oui, j'ai du diabète.", "Yes, I have diabetes."),
    "vulnerable_health.no": ("Non, je suis en bonne santé.", "No, I am in good health."),
    "vaccinated.yes": ("Oui, j'ai eu toutes mes doses.", "Yes, I have had all my doses."),
    "vaccinated.no": ("Non, pas encore.", "No, not yet."),
    "knew_result.yes": ("Oui, j'ai reçu le résultat du laboratoire.", "Yes, the laboratory told me."),
    "knew_result.no": ("Positif ? Ah non, vous me l'apprenez…", "Positive? No, I did not know…"),
    # Home and work.
    "household_size": ("En tout, avec moi, {value} à la maison.", "With me, that makes {value} at home."),
    "household_vulnerable.yes": ("Oui, ma mère, elle a 78 ans.", "Yes, my mother, she is 78."),
    "household_vulnerable.no": ("Non, tout le monde va bien.", "No, everybody is well."),
    "household_ill.yes": ("Oui, mon fils depuis hier.", "Yes, my son, since yesterday."),
    "household_ill.no": ("Non, personne d'autre.", "No, nobody else."),
    "separate_room.yes": ("Oui, il y a une chambre pour ça.", "Yes, there is a room for that."),
    "separate_room.no": ("Non, nous n'avons qu'une pièce.", "No, we have one room only."),
    "children": ("Des enfants à l'école : {value}.", "Children at school: {value}."),
    "can_isolate.yes": ("Oui, c'est possible.", "Yes, that is possible."),
    "can_isolate.no": (
        "Non, c'est tout petit chez nous, je dors avec les enfants.",
        "No, our place is tiny, I sleep with the children.",
    ),
    "wants_isolation_help.yes": ("Oui, je veux bien qu'on m'aide.", "Yes, I would like some help."),
    "wants_isolation_help.no": ("Non, merci, on se débrouillera.", "No, thank you, we will manage."),
    "isolation_difficulty": ("Le plus difficile, c'est : {value}.", "What is hardest is: {value}."),
    "staying_home": ("Pour être honnête : {value}.", "To be honest: {value}."),
    "leaving_because": ("Si je sors, c'est à cause de : {value}.", "If I go out, it is because of: {value}."),
    "help_needed": ("Ce qu'il me faudrait : {value}.", "What I would need: {value}."),
    "works": ("En ce moment : {value}.", "At the moment: {value}."),
    "needs_sick_leave.yes": ("Oui, il me faudrait un arrêt.", "Yes, I would need a sick note."),
    "needs_sick_leave.no": ("Non, je n'en ai pas besoin.", "No, I do not need one."),
    "works_in_collective_setting.yes": ("Oui, dans une école.", "Yes, in a school."),
    "works_in_collective_setting.no": ("Non, rien de tout cela.", "No, nothing of the kind."),
    # Places.
    "setting_kind": ("C'est un endroit comme ça : {value}.", "It is that kind of place: {value}."),
    "setting_name": ("« Les Tamaris », à Dax.", "“Les Tamaris”, in Dax."),
    "setting_role": ("En fait : {value}.", "Well: {value}."),
    "setting_others": ("À ma connaissance, {value}.", "As far as I know, {value}."),
    "setting_told.yes": ("Oui, la direction est au courant.", "Yes, the management knows."),
    "setting_told.no": ("Non, pas encore.", "No, not yet."),
    "setting_phone": ("C'est le 05 36 49 00 12.", "It is 05 36 49 00 12."),
    "gathering.yes": ("Oui, un anniversaire le week-end d'avant.", "Yes, a birthday the weekend before."),
    "gathering.no": ("Non, je n'ai rien fait de tel.", "No, nothing like that."),
    "gathering_kind": ("C'était plutôt : {value}.", "It was rather: {value}."),
    "gathering_on": ("C'était le {value}.", "It was on {value}."),
    "gathering_ill.yes": ("Oui, mon cousin.", "Yes, my cousin."),
    "gathering_ill.no": ("Non, pas que je sache.", "No, not that I know of."),
    "gathering_place": ("Dans la salle des fêtes de Tarnos.", "In the village hall of Tarnos."),
    "gathering_people": ("Nous étions {value}, je crois.", "There were {value} of us, I think."),
    "place_n_kind": ("C'était : {value}.", "It was: {value}."),
    "place_n_name": ("« Le Café du Port », à Capbreton.", "“Le Café du Port”, in Capbreton."),
    "place_n_on": ("J'y étais le {value}.", "I was there on {value}."),
    "place_n_people": ("Il y avait environ {value} personnes.", "There were about {value} people."),
    "place_n_indoors.yes": ("Oui, à l'intérieur.", "Yes, indoors."),
    "place_n_indoors.no": ("Non, en terrasse.", "No, outside."),
    "place_n_ill.yes": ("Oui, deux ou trois.", "Yes, two or three."),
    "place_n_ill.no": ("Non, je n'ai rien entendu.", "No, I have heard nothing."),
    "more_places": ("D'autres moments ? {value}.", "Other moments? {value}."),
    "remembers.yes": ("Oui, attendez… oui, je me souviens.", "Yes, wait… yes, I remember."),
    "remembers.no": ("Non, vraiment, rien de spécial.", "No, really, nothing special."),
    "knows_co_exposed.yes": ("Oui, j'en connais.", "Yes, I know some."),
    "knows_co_exposed.no": ("Non, des inconnus.", "No, strangers."),
    "organiser_known.yes": ("Oui, la présidente du club.", "Yes, the chair of the club."),
    "organiser_known.no": ("Non, il n'y en avait pas.", "No, there was none."),
    "organiser": ("Madame Castéra, au 05 36 49 00 13.", "Mrs Castéra, on 05 36 49 00 13."),
    "likely_source": ("Je pense que c'est : {value}.", "I think it was: {value}."),
    # Contacts.
    "contacts_to_name": ("Sans masque… ça fait {value}.", "Without a mask… that makes {value}."),
    "co_exposed_count": ("J'en connais {value}.", "I know {value} of them."),
    "contacts_missing_because": ("Je vous donne tous ceux que j'ai.", "I am giving you all I have."),
    "may_give_name.yes": ("Oui, vous pouvez leur dire que c'est moi.", "Yes, you can tell them it was me."),
    "may_give_name.no": ("Non, je préfère que non.", "No, I would rather not."),
    "knew_exposure.yes": ("Oui, on m'avait prévenu.", "Yes, I had been told."),
    "knew_exposure.no": ("Non, je l'apprends.", "No, this is news to me."),
    "confirms_exposure.yes": ("Oui, c'est bien ça.", "Yes, that is right."),
    "confirms_exposure.no": ("Non, ce n'est pas exact.", "No, that is not right."),
    "exposure_on": ("C'était plutôt le {value}.", "It was rather on {value}."),
    # Tests and vaccination.
    "tested_already.yes": ("Oui, je l'ai fait.", "Yes, I have."),
    "tested_already.no": ("Non, pas depuis.", "No, not since."),
    "test_on": ("Le {value}.", "On {value}."),
    "test_result": ("Le résultat : {value}.", "The result: {value}."),
    "test_difficulty.yes": ("Oui, je ne peux pas me déplacer.", "Yes, I cannot go out."),
    "test_difficulty.no": ("Non, la pharmacie est à côté.", "No, the chemist is next door."),
    "second_test_done.yes": ("Oui, le rendez-vous est pris.", "Yes, it is booked."),
    "second_test_done.no": ("Non, j'avais oublié.", "No, I had forgotten."),
    "vaccine_wish": ("Ce que je voudrais : {value}.", "What I would like: {value}."),
    "vaccine_question": ("Est-ce que ça donne de la fièvre ?", "Does it give a fever?"),
    "can_travel.yes": ("Oui, j'ai une voiture.", "Yes, I have a car."),
    "can_travel.no": ("Non, je ne conduis plus.", "No, I do not drive any more."),
    "home_visit.yes": ("Oui, ce serait bien.", "Yes, that would be good."),
    "home_visit.no": ("Non, je préfère sortir.", "No, I would rather go out."),
    "transport_help.yes": ("Oui, volontiers.", "Yes, gladly."),
    "transport_help.no": ("Non, ma fille m'emmènera.", "No, my daughter will take me."),
    "appointment_on": ("Alors disons le {value}.", "Then let us say {value}."),
    "appointment_place": ("Au centre de Mont-de-Marsan.", "At the centre of Mont-de-Marsan."),
    # Questions that have no words of their own, by what they take.
    "yes_no.yes": ("Oui.", "Yes."),
    "yes_no.no": ("Non.", "No."),
    "number": ("{value}, je dirais.", "{value}, I would say."),
    "date": ("C'était le {value}.", "It was on {value}."),
    "choice": ("Je dirais : {value}.", "I would say: {value}."),
    "text": ("Rien de particulier.", "Nothing in particular."),
    "unsure": ("Euh… je ne saurais pas vous dire.", "Well… I could not say."),
}


def line(key: str, language: str) -> str:
    """The words of a line. Raises KeyError."""
    return LINES[key][ENGLISH if language == "en" else FRENCH]
