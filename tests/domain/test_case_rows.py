"""Rows of case files: what they mean, and what is told when they cannot be read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from outreach.domain.case_records import CaseKind
from outreach.domain.case_rows import CaseRow, Finding, RowSetting, Severity, read_row
from outreach.domain.column_mappings import Field
from outreach.domain.exposure_natures import ExposureNature
from outreach.domain.row_values import masked, read_date, read_language, read_moment, read_yes_no

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)
SETTING = RowSetting(PARIS, "40", NOW)
POSITIVE = {
    Field.KIND: "positif",
    Field.EXTERNAL_ID: "P1",
    Field.FAMILY_NAME: "Durand",
    Field.RESULT_AT: "15/03/2021 18:00",
    Field.PHONE_1: "06 39 98 00 01",
}
CONTACT = {
    Field.KIND: "contact",
    Field.EXTERNAL_ID: "C1",
    Field.FAMILY_NAME: "Martin",
    Field.PHONE_1: "06 39 98 00 02",
}


def good(cells: dict[Field, str], setting: RowSetting = SETTING) -> CaseRow:
    row, findings = read_row(7, cells, {}, setting)
    assert row is not None, findings
    return row


def errors(cells: dict[Field, str]) -> list[Field | None]:
    row, findings = read_row(7, cells, {}, SETTING)
    assert row is None
    return [finding.field for finding in findings if finding.severity is Severity.ERROR]


def warnings(cells: dict[Field, str]) -> list[Finding]:
    row, findings = read_row(7, cells, {}, SETTING)
    assert row is not None
    return findings


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("15/03/2021 18:00", datetime(2021, 3, 15, 17, 0, tzinfo=UTC)),
        ("15/03/2021 18h05", datetime(2021, 3, 15, 17, 5, tzinfo=UTC)),
        ("2021-03-15T18:00:30", datetime(2021, 3, 15, 17, 0, 30, tzinfo=UTC)),
        ("2021-03-15 18:00:30.123", datetime(2021, 3, 15, 17, 0, 30, tzinfo=UTC)),
        ("2021-03-15T18:00:00Z", datetime(2021, 3, 15, 18, 0, tzinfo=UTC)),
        ("2021-03-15T18:00+01:00", datetime(2021, 3, 15, 17, 0, tzinfo=UTC)),
        ("2021-03-15T18:00:00-0300", datetime(2021, 3, 15, 21, 0, tzinfo=UTC)),
        ("15/03/2021", datetime(2021, 3, 15, 22, 59, tzinfo=UTC)),
        ("2021-07-15", datetime(2021, 7, 15, 21, 59, tzinfo=UTC)),
        ("31/02/2021", None),
        ("03/15/2021", None),
        ("15/03/21", None),
        ("15/03/2021 25:00", None),
        ("15/03/2021 bientôt", None),
        ("44270", None),
        ("", None),
    ],
)
def test_a_moment_is_read_in_the_platforms_zone_unless_it_says_its_own(
    text: str, moment: datetime | None
) -> None:
    assert read_moment(text, PARIS) == moment


def test_a_day_may_carry_an_hour_that_is_not_needed() -> None:
    assert read_date("02/01/1980 00:00") == read_date("1980-01-02T00:00:00") == date(1980, 1, 2)


def test_a_result_of_today_without_an_hour_counts_from_the_import() -> None:
    assert good(POSITIVE | {Field.RESULT_AT: "16/03/2021"}).result_at == NOW


def test_a_result_of_yesterday_without_an_hour_counts_from_the_end_of_that_day() -> None:
    found = good(POSITIVE | {Field.RESULT_AT: "15/03/2021"}).result_at
    assert found == datetime(2021, 3, 15, 22, 59, tzinfo=UTC)


def test_a_result_hour_is_read_in_the_platforms_zone() -> None:
    cayenne = RowSetting(ZoneInfo("America/Cayenne"), "973", NOW)
    assert good(POSITIVE, cayenne).result_at == datetime(2021, 3, 15, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        ({Field.KIND: "négatif"}, [Field.KIND]),
        ({Field.EXTERNAL_ID: ""}, [Field.EXTERNAL_ID]),
        ({Field.EXTERNAL_ID: "x" * 201}, [Field.EXTERNAL_ID]),
        ({Field.RESULT_AT: "31/12/9999"}, [Field.RESULT_AT]),
        ({Field.FAMILY_NAME: " - "}, [Field.FAMILY_NAME]),
        ({Field.RESULT_AT: ""}, [Field.RESULT_AT]),
        ({Field.RESULT_AT: "31/02/2021"}, [Field.RESULT_AT]),
        ({Field.RESULT_AT: "17/03/2021"}, [Field.RESULT_AT]),
        ({Field.RESULT_AT: "16/03/2021 23:00"}, [Field.RESULT_AT]),
        ({Field.TEST_RESULT: "Négatif"}, [Field.TEST_RESULT]),
        ({Field.KIND: "", Field.EXTERNAL_ID: ""}, [Field.KIND, Field.EXTERNAL_ID]),
    ],
)
def test_a_row_that_cannot_be_a_case_is_rejected_field_by_field(
    cells: dict[Field, str], fields: list[Field]
) -> None:
    assert errors(POSITIVE | cells) == fields


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({Field.BIRTH_DATE: "02/01/2080"}, Field.BIRTH_DATE),
        ({Field.BIRTH_DATE: "hier"}, Field.BIRTH_DATE),
        ({Field.LAST_CONTACT_ON: "30/02/2021"}, Field.LAST_CONTACT_ON),
        ({Field.HOUSEHOLD: "peut-être"}, Field.HOUSEHOLD),
        ({Field.POSITIVE_REFERENCE: "x" * 201}, Field.POSITIVE_REFERENCE),
        ({Field.COUNTRY: "Syldavie"}, Field.COUNTRY),
        ({Field.LANGUAGE: "martien"}, Field.LANGUAGE),
        ({Field.SAMPLED_AT: "?"}, Field.SAMPLED_AT),
        ({Field.PHONE_2: "38663"}, Field.PHONE_2),
        ({Field.PHONE_1: "0899 70 12 34", Field.PHONE_2: "06 39 98 00 03"}, Field.PHONE_1),
    ],
)
def test_a_person_is_kept_whatever_else_is_wrong_and_it_is_told(
    cells: dict[Field, str], field: Field
) -> None:
    [finding] = warnings(CONTACT | cells)
    assert (finding.field, finding.severity, finding.row) == (field, Severity.WARNING, 7)
    assert finding.reason
    assert finding.mend


def test_someone_without_a_usable_number_is_kept_with_the_raw_one() -> None:
    row = good(CONTACT | {Field.PHONE_1: "079 123 45 67", Field.COUNTRY: "Suisse"})
    assert row.person.phones == ()
    assert row.person.unusable_phones[0].candidates == ("+41791234567", "+33791234567")


def test_several_numbers_in_one_cell_are_several_numbers() -> None:
    row = good(CONTACT | {Field.PHONE_1: "06 39 98 00 02 / 05 36 49 00 01 ou 06 39 98 00 02"})
    assert [phone.e164 for phone in row.person.phones] == ["+33639980002", "+33536490001"]


@pytest.mark.parametrize(
    ("cells", "zone"),
    [
        ({Field.POSTCODE: "40100"}, "Europe/Paris"),
        ({Field.POSTCODE: "97300", Field.PHONE_1: "06 39 98 00 02"}, "America/Cayenne"),
        ({Field.POSTCODE: "97410", Field.PHONE_1: "0692 12 34 56"}, "Indian/Reunion"),
        ({Field.POSTCODE: "97600", Field.PHONE_1: "0639 01 02 03"}, "Indian/Mayotte"),
        ({Field.COUNTRY: "La Réunion", Field.PHONE_1: "0692 12 34 56"}, "Indian/Reunion"),
        ({Field.COUNTRY: "Suisse", Field.POSTCODE: "1201"}, "Europe/Zurich"),
        ({Field.PHONE_1: "+594 694 20 12 34"}, "America/Cayenne"),
        ({Field.PHONE_1: "0692 12 34 56"}, "Europe/Paris"),  # two zones: the platform's own
        ({Field.COUNTRY: "Japon", Field.PHONE_1: "+81 90 1234 5678"}, "Asia/Tokyo"),
    ],
)
def test_the_callees_clock_comes_from_the_address_then_the_number_then_the_platform(
    cells: dict[Field, str], zone: str
) -> None:
    assert good(CONTACT | cells).place.zone == zone


def test_a_contact_carries_how_they_met_the_positive() -> None:
    row = good(
        CONTACT
        | {
            Field.POSITIVE_REFERENCE: "P9",
            Field.LAST_CONTACT_ON: "14/03/2021",
            Field.EXPOSURE_NATURE: "repas",
            Field.HOUSEHOLD: "oui",
            Field.VULNERABLE: "X",
        }
    )
    assert row.kind is CaseKind.CONTACT
    [exposure] = row.exposures
    assert (exposure.positive_reference, exposure.nature) == ("P9", ExposureNature.FRIENDS)
    assert row.person.kept_aside == {"exposure_nature": "repas"}
    assert row.last_exposure_on == date(2021, 3, 14)
    assert (row.household, row.collective_setting, row.vulnerable) == (True, False, True)


def test_columns_nobody_asked_for_are_kept_with_the_person() -> None:
    row, _ = read_row(7, CONTACT, {"mutuelle": "oui"}, SETTING)
    assert row is not None
    assert row.person.kept_aside == {"mutuelle": "oui"}


@pytest.mark.parametrize(
    ("text", "answer"),
    [("oui", True), ("NON", False), ("O", True), ("1", True), ("faux", False), ("bof", None)],
)
def test_yes_and_no_are_read_in_their_usual_spellings(text: str, answer: bool | None) -> None:
    assert read_yes_no(text) is answer


@pytest.mark.parametrize(
    ("text", "code"),
    [("fr", "fr"), ("Français", "fr"), ("anglais", "en"), ("Arabic", "ar"), ("klingonais", None)],
)
def test_languages_are_read_by_code_or_by_name(text: str, code: str | None) -> None:
    assert read_language(text) == code


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0612345678", "06******78"),
        ("Durand", "Du****"),
        ("06 12 34 56 78", "06 ** ** ** 78"),
        ("x", "x"),
        ("", ""),
        ("un très long texte qui dit tout", "un **** **** ***** *** d"),
    ],
)
def test_reports_show_the_shape_of_a_value_not_the_value(value: str, shown: str) -> None:
    assert masked(value) == shown
