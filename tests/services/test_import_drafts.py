"""Files looked at, checked, mended and taken back: each rule on a real database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from outreach.clock import SetClock
from outreach.domain.column_mappings import Field
from outreach.domain.import_undo import Keeping
from outreach.domain.intake import Verdict
from outreach.domain.roles import Role, scopes_of
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.ids import ImportId, UserId, new_id
from outreach.services.access import Asker
from outreach.services.case_import import CaseImport
from outreach.services.import_mending import ImportMending
from outreach.services.import_preview import ImportPreview
from outreach.services.import_undo import ImportUndo
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.services.case_files import contact, csv_file, positive
from tests.services.import_world import Imports

NAMES = "nature;numero;patronyme;prenom;mobile;resultat_le\r\n"
OTHER_SHAPE = (NAMES + "positif;A1;Durand;Alix;06 39 98 00 01;15/03/2021 18:00\r\n").encode()
OTHER_COLUMNS = {
    "nature": "kind",
    "numero": "external_id",
    "patronyme": "family_name",
    "prenom": "given_names",
    "mobile": "phone_1",
    "resultat_le": "result_at",
}


def someone(*platforms: str) -> Asker:
    roles = frozenset({Role.PILOT})
    return Asker(UserId(new_id()), roles, platforms or ("40",), ("fr",), scopes_of(roles))


@dataclass
class Drafts:
    """Services over one database."""

    imports: Imports
    preview: ImportPreview
    mending: ImportMending
    undo: ImportUndo
    pilot: Asker

    def draft(self, *rows: dict[str, str]) -> ImportId:
        return self.preview.keep(csv_file(*rows), platform="40", asker=self.pilot, file_name="positifs.csv")

    def run(self, import_id: ImportId) -> Any:
        return self.imports.service.run_import(import_id)

    def read(self, *rows: dict[str, str]) -> ImportId:
        import_id = self.draft(*rows)
        self.preview.start(import_id, self.pilot)
        self.run(import_id)
        return import_id

    def undone(self, import_id: ImportId) -> Any:
        self.undo.request(import_id, ["40"], by=self.pilot.user_id)
        self.undo.go_on()
        return self.imports.one(f"select state, taken_back from imports where id = '{import_id}'")

    def record(self, external_id: str) -> UUID:
        found = self.imports.one(
            f"select case_record_id from case_references where external_id = '{external_id}'"
        )
        return UUID(str(found[0]))

    def change(self, statement: str, **values: object) -> None:
        with self.imports.database.begin() as connection:
            connection.execute(text(statement), values)


@pytest.fixture
def drafts(database: Database, vault: Vault, clock: SetClock, platform: str) -> Drafts:
    service = CaseImport(database, vault, clock)
    return Drafts(
        Imports(database, vault, clock),
        ImportPreview(database, vault, clock, service),
        ImportMending(database, vault, clock, service),
        ImportUndo(database, clock, piece=2),
        someone(),
    )


def test_a_preview_shows_rows_as_they_would_be_read_and_writes_nothing(drafts: Drafts) -> None:
    import_id = drafts.draft(
        positive("P1", "Durand", "05 58 00 00 00"), positive("P2", "", code_postal="97300")
    )
    shown = drafts.preview.preview(import_id, drafts.pilot)
    assert (shown.stored.mapping, shown.file_name, shown.mappings) == ("si-dep", "positifs.csv", ("si-dep",))
    first, second = shown.rows
    assert first.case is not None
    assert (first.case.person.phones[0].line_type.value, first.case.place.zone) == ("FIXED", "Europe/Paris")
    assert second.case is None
    assert [finding.field for finding in second.findings] == [Field.FAMILY_NAME]
    assert drafts.imports.rows("select * from case_records") == []
    assert drafts.imports.one("select why, case_record_id from access_lines") == ("IMPORT_ROWS", None)


def test_a_file_nobody_made_a_mapping_for_is_guessed_at_and_must_be_mapped_by_name(drafts: Drafts) -> None:
    import_id = drafts.preview.keep(OTHER_SHAPE, platform="40", asker=drafts.pilot)
    assert drafts.preview.preview(import_id, drafts.pilot).fields == (*[None] * 6,)
    with pytest.raises(Conflict, match="what each column means"):
        drafts.preview.start(import_id, drafts.pilot)
    with pytest.raises(InvalidInput, match="name"):
        drafts.preview.choose(import_id, drafts.pilot, name="", columns=OTHER_COLUMNS)
    drafts.preview.choose(import_id, drafts.pilot, name="labo", columns=OTHER_COLUMNS)
    drafts.preview.start(import_id, drafts.pilot)
    assert drafts.run(import_id).counts.created == 1
    again = drafts.preview.keep(OTHER_SHAPE, platform="40", asker=drafts.pilot)
    assert drafts.preview.preview(again, drafts.pilot).mappings == ("labo",)


def test_the_same_file_says_so_before_it_starts(drafts: Drafts) -> None:
    first = drafts.read(positive("P1", "Durand"))
    again = drafts.draft(positive("P1", "Durand"))
    before = drafts.preview.preview(again, drafts.pilot).sent_before
    assert before is not None
    assert (before.import_id, before.created) == (first, 1)


def test_a_dry_run_counts_what_would_happen_and_changes_nothing(drafts: Drafts) -> None:
    drafts.read(positive("P1", "Durand"), contact("C1", "Martin"))
    before = drafts.imports.everything()
    import_id = drafts.draft(
        positive("P1", "Durand"),
        positive("P9", "Martin", "06 39 98 00 02"),
        positive("P2", "Petit", "079 123 45 67", pays="CH"),
        contact("C2", "Roux", "06 39 98 00 05", fiche_positif="P2"),
        positive("P3", ""),
    )
    drafts.preview.check(import_id, drafts.pilot)
    with pytest.raises(Conflict):
        drafts.preview.preview(import_id, drafts.pilot)
    report = drafts.run(import_id)
    counts = report.counts
    assert (counts.rows, counts.created, counts.unchanged, counts.updated, counts.rejected) == (5, 2, 1, 1, 1)
    stored = drafts.preview.preview(import_id, drafts.pilot).stored
    assert (stored.state.value, stored.converted, stored.asked, stored.checked_at is None) == (
        "DRAFT",
        1,
        1,
        False,
    )
    assert drafts.imports.everything() == before
    # The file's own positives are known to its contacts.
    assert not [each for each in report.warnings if "not known yet" in each.reason]
    drafts.preview.start(import_id, drafts.pilot)
    assert drafts.run(import_id).counts == counts


def test_drafts_are_for_their_platform_and_for_a_day(drafts: Drafts) -> None:
    import_id = drafts.draft(positive("P1", "Durand"))
    with pytest.raises(NotFound):
        drafts.preview.preview(import_id, someone("33"))
    assert drafts.preview.drop_old() == 0
    drafts.imports.clock.advance(timedelta(hours=25))
    assert drafts.preview.drop_old() == 1
    with pytest.raises(NotFound):
        drafts.preview.preview(import_id, drafts.pilot)


def test_a_refused_row_is_mended_in_place_and_counts_for_what_became_of_it(drafts: Drafts) -> None:
    import_id = drafts.read(positive("P1", "Durand"), positive("P2", "", date_resultat="31/02/2021"))
    [row] = drafts.mending.rows(import_id, drafts.pilot)
    assert (row.row, [error.field for error in row.errors]) == (3, ["nom", "date_resultat"])
    still = drafts.mending.mend(import_id, 3, {"nom": "Petit"}, drafts.pilot)
    assert still.verdict is Verdict.REJECTED
    [row] = drafts.mending.rows(import_id, drafts.pilot)
    assert (dict(row.cells)["nom"], [error.field for error in row.errors]) == ("Petit", ["date_resultat"])
    taken = drafts.mending.mend(import_id, 3, {"date_resultat": "15/03/2021 20:00"}, drafts.pilot)
    assert taken.verdict is Verdict.CREATED
    assert drafts.mending.rows(import_id, drafts.pilot) == []
    report = drafts.imports.service.report(import_id)
    assert (report.counts.created, report.counts.rejected, report.counts.add_up) == (2, 0, True)
    assert report.errors == ()
    with pytest.raises(Conflict, match="mended already"):
        drafts.mending.mend(import_id, 3, {}, drafts.pilot)
    assert "IMPORT_ROW_MENDED" in drafts.imports.events()


def test_rows_nobody_mends_are_forgotten_after_a_week(drafts: Drafts) -> None:
    import_id = drafts.read(positive("P1", ""))
    drafts.imports.clock.advance(timedelta(days=8))
    assert drafts.mending.forget_expired() == 1
    assert drafts.mending.rows(import_id, drafts.pilot) == []


def test_findings_are_counted_by_reason_and_filtered(drafts: Drafts) -> None:
    import_id = drafts.read(positive("P1", ""), positive("P2", ""), contact("C1", "Roux", "12"))
    reasons = drafts.mending.reasons(import_id, drafts.pilot)
    assert (reasons[0].reason, reasons[0].rows) == ("no family name", 2)
    [first, second] = drafts.mending.findings(import_id, drafts.pilot, reason="no family name")
    assert (first.row, second.row) == (2, 3)


def test_a_wrong_import_is_taken_back_whole_while_nobody_touched_it(drafts: Drafts) -> None:
    import_id = drafts.read(
        positive("P1", "Durand"),
        contact("C1", "Martin", fiche_positif="P1"),
        positive("P2", "Petit", "06 39 98 00 03"),
    )
    preview = drafts.undo.preview(import_id, ["40"])
    assert (preview.untouched, preview.kept, preview.changed) == (3, (), ())
    assert drafts.undone(import_id) == ("UNDONE", 3)
    assert drafts.imports.rows("select * from person_keys") == []
    assert drafts.imports.rows("select * from persons where sealed is not null") == []
    assert drafts.imports.rows("select * from case_references") == []
    assert set(drafts.imports.rows("select state, closed_because from call_list_entries")) == {
        ("CLOSED", "IMPORT_UNDONE")
    }
    assert drafts.imports.events().count("PERSON_ERASED") == 3
    again = drafts.read(positive("P1", "Durand"))
    assert drafts.imports.service.report(again).counts.created == 1


def test_who_was_called_texted_in_hand_or_changed_stays_and_is_named_with_the_reason(drafts: Drafts) -> None:
    first = drafts.read(contact("C0", "Ancien", "06 39 98 00 09"))
    import_id = drafts.read(
        positive("P1", "Durand"),
        positive("P2", "Petit", "06 39 98 00 03"),
        positive("P3", "Roux", "06 39 98 00 04"),
        positive("P9", "Ancien", "06 39 98 00 09"),
    )
    drafts.change("update case_records set last_outcome = null, version = version + 1")
    drafts.change(
        "insert into journal (at, platform, event, actor, case_record_id)"
        " values (now(), '40', 'CASE_UPDATED', 'user:x', :id)",
        id=drafts.record("P2"),
    )
    drafts.change(
        "update call_list_entries set state = 'LEASED', lease_id = :lease, leased_by = :lease"
        " where case_record_id = :id",
        lease=new_id(),
        id=drafts.record("P3"),
    )
    preview = drafts.undo.preview(import_id, ["40"])
    assert preview.untouched == 1
    assert preview.reasons == {Keeping.CHANGED: 1, Keeping.IN_HAND: 1}
    assert preview.changed == (drafts.record("C0"),)
    assert drafts.undone(import_id) == ("UNDONE", 1)
    assert drafts.imports.one("select count(*) from person_keys") == (3,)
    assert drafts.undone(import_id) == ("UNDONE", 1)
    assert drafts.undo.preview(first, ["40"]).reasons == {Keeping.CHANGED: 1}


def test_what_a_later_file_told_again_is_not_taken_away_with_the_first(drafts: Drafts) -> None:
    first = drafts.read(positive("P1", "Durand"))
    later = drafts.read(positive("P1", "Durand"), positive("P2", "Petit", "06 39 98 00 03"))
    with pytest.raises(Conflict, match="later file"):
        drafts.undo.request(first, ["40"], by=None)
    assert drafts.undone(later) == ("UNDONE", 1)
    assert drafts.undone(first) == ("UNDONE", 1)


def test_a_draft_cannot_be_undone_nor_an_import_of_another_platform(drafts: Drafts) -> None:
    draft = drafts.draft(positive("P1", "Durand"))
    with pytest.raises(Conflict, match="ended"):
        drafts.undo.request(draft, ["40"], by=None)
    with pytest.raises(NotFound):
        drafts.undo.request(drafts.read(positive("P1", "Durand")), ["33"], by=None)
