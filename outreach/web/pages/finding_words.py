"""What is told of a row of a file, for the catalogs: the domain says it in English."""

from __future__ import annotations

from outreach.domain.column_mappings import Field
from outreach.web.pages.words import N_

REASONS = (
    N_("the type is neither positif nor contact"),
    N_("no identifier"),
    N_("the identifier is too long"),
    N_("no family name"),
    N_("the test is not positive"),
    N_("no valid result date"),
    N_("the result lies in the future"),
    N_("the result is more than 60 days old"),
    N_("not a date; left empty"),
    N_("not a date in the past; left empty"),
    N_("neither oui nor non; read as non"),
    N_("too long; left empty"),
    N_("unknown country; read as none"),
    N_("unknown language; read as French"),
    N_("no number that can be called"),
    N_("this identifier already stands for someone else"),
    N_("more cells than columns: what follows a stray separator is out of place"),
    N_("exposure to a positive who is not known yet"),
    N_("number not used: not a phone number"),
    N_("number not used: no line has this number"),
    N_("number not used: a short code is not a person's phone"),
    N_("number not used: premium-rate numbers are not called"),
    N_("number not used: shared-cost numbers are not called"),
    N_("number not used: a service number is not a person's phone"),
    N_("number not used: satellite numbers are not called"),
    N_("number not used: two countries have this number: a stranger may answer"),
)
# Of a number that somebody types.
NUMBERS = (
    N_("not a phone number"),
    N_("no line has this number"),
    N_("a short code is not a person's phone"),
    N_("premium-rate numbers are not called"),
    N_("shared-cost numbers are not called"),
    N_("a service number is not a person's phone"),
    N_("satellite numbers are not called"),
    N_("two countries have this number: a stranger may answer"),
)
MENDS = (
    N_("write positif or contact"),
    N_("give the record's identifier in its own system"),
    N_("give the identifier only"),
    N_("give the person's family name"),
    N_("mend the type or the result"),
    N_("write dd/mm/yyyy hh:mm, or yyyy-mm-ddThh:mm"),
    N_("check the day and the month"),
    N_("check the year"),
    N_("write dd/mm/yyyy or yyyy-mm-dd"),
    N_("write oui or non"),
    N_("write its name or its two-letter code"),
    N_("write its name or two-letter code"),
    N_("find a number: the person waits in the search queue"),
    N_("give each person an identifier of their own"),
    N_("put quotation marks around the cell"),
    N_("keep one row for each identifier, or one for each exposure of a contact"),
    N_("nothing if the positive's record follows: the link is made when it comes; else check the identifier"),
    N_("write the digits only, or + and the country code"),
    N_("check the digits with the doctor or the laboratory"),
    N_("give the person's own number"),
    N_("give another number"),
    N_("write it with + and the country code"),
)
# Said with a row's number in it.
SOMEONE_ELSE = N_("row %(number)s gives this identifier to someone else")
COUNTS_INSTEAD = N_("row %(number)s has the same identifier and counts instead")
COUNTS_WITH_EXPOSURE = N_(
    "row %(number)s has the same identifier and counts instead; the exposure told here is kept"
)
FIELD_NAMES = {
    Field.KIND: N_("Type: positif or contact"),
    Field.EXTERNAL_ID: N_("Identifier"),
    Field.FAMILY_NAME: N_("Family name"),
    Field.GIVEN_NAMES: N_("Given names"),
    Field.BIRTH_DATE: N_("Birth date"),
    Field.SEX: N_("Sex"),
    Field.ADDRESS: N_("Address"),
    Field.POSTCODE: N_("Postcode"),
    Field.TOWN: N_("Town"),
    Field.COUNTRY: N_("Country"),
    Field.PHONE_1: N_("Phone number 1"),
    Field.PHONE_2: N_("Phone number 2"),
    Field.PHONE_3: N_("Phone number 3"),
    Field.EMAIL: N_("E-mail"),
    Field.LANGUAGE: N_("Language"),
    Field.DOCTOR: N_("Doctor"),
    Field.SAMPLED_AT: N_("Date of the test"),
    Field.RESULT_AT: N_("Date of the result"),
    Field.TEST_TYPE: N_("Type of test"),
    Field.TEST_RESULT: N_("Result of the test"),
    Field.POSITIVE_REFERENCE: N_("Identifier of their positive"),
    Field.LAST_CONTACT_ON: N_("Day of the last contact"),
    Field.EXPOSURE_NATURE: N_("How they met"),
    Field.HOUSEHOLD: N_("Same household"),
    Field.COLLECTIVE_SETTING: N_("Collective setting"),
    Field.VULNERABLE: N_("Vulnerable"),
}
IMPORT_STATES = {
    "DRAFT": N_("Not started"),
    "CHECKING": N_("Being checked"),
    "QUEUED": N_("Waits its turn"),
    "RUNNING": N_("Being imported"),
    "DONE": N_("Imported"),
    "INCOMPLETE": N_("Incomplete"),
    "REFUSED": N_("Refused"),
    "UNDOING": N_("Being undone"),
    "UNDONE": N_("Undone"),
}
KEEPING = {
    "KNOWN_BEFORE": N_("The person was known before"),
    "CALLED": N_("Called since"),
    "IN_HAND": N_("In an agent's hands"),
    "TEXTED": N_("Had an SMS, or wrote to us"),
    "CHANGED": N_("Changed since"),
}
