"""A small case file of invented people, with numbers kept for fiction; and what must never leak of them."""

POSITIVE = "+33639980012"
CONTACT = "+33639980013"
FILE = (
    "type;identifiant;nom;prenoms;date_naissance;telephone_1;code_postal;pays;date_resultat;fiche_positif;"
    "date_dernier_contact;nature_contact\n"
    "positif;LAB-1;Quatrevaux;Zéphyrine;12/05/1961;06 39 98 00 12;40000;FR;16/03/2021;;;\n"
    "contact;LAB-2;Boisjoli;Théophraste;01/02/1990;06 39 98 00 13;40000;FR;;LAB-1;14/03/2021;"
    "repas chez Zéphyrine Quatrevaux\n"
).encode()
NAMED_CONTACT = {
    "family_name": "Grandlieu",
    "given_names": "Ysoline",
    "birth_date": "1985-07-09",
    "phone_1": "06 39 98 00 14",
    "postcode": "40000",
    "last_contact_on": "2021-03-15",
}
# Pieces of names and numbers, in every way they may be written.
CANARIES = (
    *("quatrevaux", "zéphyrine", "zephyrine", "phyrine", "boisjoli", "théophraste", "grandlieu", "ysoline"),
    *("39980012", "39980013", "39980014", "39 98 00 1", "39.98.00.1", "1961-05-12", "12/05/1961"),
)


def leaks(text: str) -> list[str]:
    """The canaries found in a text."""
    folded = text.casefold()
    return [canary for canary in CANARIES if canary in folded]
