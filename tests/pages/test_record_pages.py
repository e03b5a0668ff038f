"""Imports, search and case records in a browser: what a pilot and a supervisor do with them."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from outreach.domain.column_mappings import Field
from outreach.services.access import Asker
from tests.pages.conftest import Site, Visitor
from tests.services.case_files import contact, csv_file, positive
from workers.jobs import read_file


def _is_sound(visitor: Visitor) -> None:
    assert visitor.violations() == ""
    assert visitor.overflow() <= 0
    assert [said for said in visitor.complaints if "status of 4" not in said] == []


def _work(site: Site) -> None:
    """What the worker does."""
    site.app.records.undo.go_on()
    for import_id in site.app.case_import.unfinished():
        read_file(site.app.case_import, import_id)


def _file(tmp_path: Path, name: str, *rows: dict[str, str]) -> str:
    path = tmp_path / name
    path.write_bytes(csv_file(*rows))
    return str(path)


def _import(site: Site, *rows: dict[str, str]) -> None:
    site.app.case_import.import_file(csv_file(*rows), platform="40")


def _record(site: Site, external_id: str) -> UUID:
    return site.app.case_reading.named("40", "si-dep", external_id)


def test_a_pilots_import_is_looked_at_checked_mended_imported_and_a_wrong_one_undone(
    site: Site, tmp_path: Path
) -> None:
    visitor = site.visitor("pilot")
    page = visitor.page
    page.goto("/imports")
    expect(page.get_by_text("Rien n’a encore été importé")).to_be_visible()
    _is_sound(visitor)
    rows = (
        positive("P1", "Durand", commune="Dax"),
        positive("P2", "", "06 39 98 00 03"),
        contact("C1", "Petit", "079 123 45 67", fiche_positif="P1", pays="CH"),
    )
    page.get_by_label("Un fichier de positifs").set_input_files(_file(tmp_path, "lundi.csv", *rows))
    page.get_by_role("button", name="Regarder ce fichier").press("Enter")
    expect(page.get_by_role("heading", name="lundi.csv")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Durand")).to_contain_text("Mobile")
    expect(page.get_by_role("row").filter(has_text="pas de nom de famille")).to_be_visible()
    _is_sound(visitor)
    page.get_by_role("button", name="Vérifier sans importer").press("Enter")
    expect(page.get_by_text("Vérification en cours")).to_be_visible()
    _is_sound(visitor)
    _work(site)
    expect(page.get_by_role("heading", name="Ce que ferait l’import")).to_be_visible()
    expect(page.get_by_text("2 Nouvelles fiches")).to_be_visible()
    page.get_by_role("button", name="Importer ce fichier").press("Enter")
    _work(site)
    expect(page.get_by_role("heading", name="Lignes refusées, à corriger ici")).to_be_visible()
    _is_sound(visitor)
    with page.expect_response("**/rows/3"):
        page.get_by_role("button", name="Renvoyer la ligne 3").press("Enter")
    expect(page.locator("#row-3.htmx-added, #row-3:not(.htmx-settling)")).to_be_visible()
    page.get_by_label("nom", exact=True).fill("Roux")
    page.keyboard.press("Enter")
    expect(page.get_by_text("La ligne 3 a été prise en compte.")).to_be_visible()
    _is_sound(visitor)
    page.get_by_role("link", name="annuler cet import").click()
    expect(page.get_by_text("3 fiches seraient reprises")).to_be_visible()
    _is_sound(visitor)
    page.get_by_role("button", name="Reprendre 3 fiches").press("Enter")
    expect(page.get_by_text("Annulation en cours")).to_be_visible()
    _work(site)
    expect(page.get_by_text("3 fiches ont été reprises.")).to_be_visible()
    page.goto("/imports")
    expect(page.get_by_role("row").filter(has_text="lundi.csv")).to_contain_text("Annulé")


DROP = """(names) => {
  const dragged = new DataTransfer();
  for (const name of names) dragged.items.add(new File(["type;nom\\nx;y\\n"], name, { type: "text/csv" }));
  for (const kind of ["dragover", "drop"])
    document.querySelector("h2").dispatchEvent(
      new DragEvent(kind, { dataTransfer: dragged, bubbles: true, cancelable: true }));
}"""


def test_a_file_is_dropped_anywhere_on_the_page_and_of_two_none_is_sent(site: Site) -> None:
    visitor = site.visitor("pilot")
    page = visitor.page
    page.goto("/imports")
    expect(page.get_by_text("Un fichier à la fois")).to_be_hidden()
    page.evaluate(DROP, ["lundi.csv", "mardi.csv"])
    expect(page.get_by_role("alert")).to_contain_text("Un fichier à la fois")
    expect(page).to_have_url(re.compile("/imports$"))
    page.evaluate(DROP, ["lundi.csv"])
    page.get_by_role("heading", name="lundi.csv").wait_for()
    assert visitor.complaints == []


def test_a_file_of_another_shape_is_mapped_once_and_recognised_the_next_time(
    site: Site, tmp_path: Path
) -> None:
    content = "nature;numero;patronyme;resultat_le\r\npositif;A1;Durand;15/03/2021 18:00\r\n"
    path = tmp_path / "labo.csv"
    path.write_text(content, encoding="utf-8")
    page = site.visitor("pilot").page
    page.goto("/imports")
    page.get_by_label("Un fichier de positifs").set_input_files(path)
    page.get_by_role("button", name="Regarder ce fichier").click()
    page.get_by_label("nature").select_option("kind")
    page.get_by_label("numero").select_option("external_id")
    page.get_by_label("patronyme").select_option("family_name")
    page.get_by_role("button", name="Lire ainsi").click()
    expect(page.get_by_role("alert")).to_contain_text("nom")
    page.get_by_label("resultat_le").select_option("result_at")
    page.get_by_label("Nom de ce type de fichier").fill("labo du port")
    page.get_by_role("button", name="Lire ainsi").click()
    expect(page.get_by_role("row").filter(has_text="Durand")).to_contain_text("Positif")
    page.goto("/imports")
    page.get_by_label("Un fichier de positifs").set_input_files(path)
    page.get_by_role("button", name="Regarder ce fichier").click()
    expect(page.get_by_text("labo du port").first).to_be_visible()


def test_a_supervisor_finds_corrects_merges_and_closes_a_record_by_keyboard(site: Site) -> None:
    _import(
        site,
        positive("P1", "Durand", commune="Dax"),
        contact("C1", "Durant", "06 39 98 00 07"),
        contact("C2", "Autre", "06 39 98 00 08", fiche_positif="P1", nature_contact="repas"),
    )
    visitor = site.visitor("supervisor")
    page = visitor.page
    page.goto("/search")
    page.get_by_label("Numéro de téléphone").focus()
    page.keyboard.type("06 39 98 00 01")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 fiche trouvée")).to_be_visible()
    assert page.url.endswith("/search")  # nothing that was typed
    _is_sound(visitor)
    page.get_by_role("link", name="Alix Durand").press("Enter")
    expect(page.get_by_role("heading", name="Alix Durand", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Alix Autre")).to_be_visible()
    _is_sound(visitor)
    page.get_by_role("link", name="Corriger", exact=True).press("Enter")
    _is_sound(visitor)
    _change_town(site, "P1", "Mimizan")
    page.get_by_label("Commune").fill("Pau")
    page.get_by_role("button", name="Enregistrer les corrections").press("Enter")
    expect(page.get_by_role("heading", name="Quelqu’un a été plus rapide")).to_be_visible()
    expect(page.get_by_text("Maintenant\u202f: Mimizan")).to_be_visible()
    assert page.get_by_label("Commune").input_value() == "Pau"
    _is_sound(visitor)
    page.get_by_role("button", name="Enregistrer les corrections").press("Enter")
    expect(page.get_by_text("La fiche est corrigée.")).to_be_visible()
    page.get_by_role("link", name="Fusionner avec une autre fiche").press("Enter")
    page.get_by_label("Numéro de l’autre fiche").fill("C1")
    page.keyboard.press("Enter")
    page.locator("#take-family_name-other").check()
    _is_sound(visitor)
    page.get_by_role("button", name="N’en faire qu’une").press("Enter")
    expect(page.get_by_text("Les deux fiches n’en font plus qu’une.")).to_be_visible()
    expect(page.get_by_role("heading", name="Alix Durant", level=1)).to_be_visible()
    _is_sound(visitor)
    page.get_by_role("button", name="Annuler la dernière fusion").press("Enter")
    expect(page.get_by_text("chaque fiche retrouve")).to_be_visible()
    page.get_by_role("link", name="Convertir, clore").press("Enter")
    _is_sound(visitor)
    page.get_by_label("Comment elle s’est terminée").select_option("HOSPITALISED")
    page.get_by_role("button", name="Clore", exact=True).press("Enter")
    expect(page.get_by_text("La fiche est close.")).to_be_visible()


def _change_town(site: Site, external_id: str, town: str) -> None:
    asker = _asker(site, "faster")
    site.app.records.editing.edit(_record(site, external_id), {Field.TOWN: town}, asker)


def test_a_number_in_two_countries_is_asked_on_the_page(site: Site) -> None:
    _import(site, positive("P1", "Durand", "", pays="CH"))
    visitor = site.visitor("agent")
    page = visitor.page
    page.goto(f"/records/{_record(site, 'P1')}/edit")
    page.get_by_label("Un autre numéro").fill("079 123 45 67")
    page.keyboard.press("Enter")
    page.get_by_label("+41 79 123 45 67").check()
    _is_sound(visitor)
    page.get_by_role("button", name="Ajouter ce numéro").press("Enter")
    expect(page.get_by_role("button", name="ne mène pas à la personne")).to_be_visible()


def test_a_person_is_erased_only_by_who_typed_the_word(site: Site) -> None:
    _import(site, positive("P1", "Durand"))
    page = site.visitor("supervisor").page
    page.goto(f"/records/{_record(site, 'P1')}/act")
    page.locator("#because").select_option(label="À sa demande")
    page.get_by_role("button", name="Effacer pour de bon").click()
    expect(page.locator("#confirm-error")).to_be_visible()
    page.get_by_label("Tapez EFFACER pour confirmer").fill("effacer")
    page.get_by_role("button", name="Effacer pour de bon").click()
    expect(page.get_by_role("heading", name="Personne effacée")).to_be_visible()
    assert "Durand" not in page.content()


def test_a_supervisor_restricts_a_record_with_a_reason_and_an_end_and_lifts_it_by_keyboard(
    site: Site,
) -> None:
    _import(site, positive("P1", "Durand"), contact("C1", "Petit", fiche_positif="P1"))
    record, visitor = _record(site, "P1"), site.visitor("supervisor", width=400)
    page = visitor.page
    page.goto(f"/records/{record}/act")
    page.get_by_role("button", name="Mettre sous restriction").press("Enter")
    expect(page.locator("#restricted_because-error")).to_be_visible()
    page.locator("#restricted_because").select_option("CONTESTED")
    page.locator("#kept_until").fill("2021-05-01")
    page.get_by_role("button", name="Mettre sous restriction").press("Enter")
    expect(page.get_by_text("La fiche est sous restriction")).to_be_visible()
    expect(page.get_by_text("conteste l’exactitude")).not_to_have_count(0)
    expect(page.get_by_text("pas d’effacement avant le 2 mai 2021")).to_be_visible()
    assert "Durand" not in page.content()
    assert visitor.violations() == ""
    assert visitor.overflow() <= 0
    page.goto(f"/records/{_record(site, 'C1')}")
    expect(page.get_by_role("link", name="Fiche sous restriction")).to_be_visible()
    assert "Durand" not in page.content()
    page.goto(f"/records/{record}")
    page.get_by_label("Pourquoi devez-vous la lire").fill("La personne demande une rectification")
    page.get_by_role("button", name="Ouvrir la fiche pour une heure").press("Enter")
    expect(page.get_by_role("heading", name="Alix Durand", level=1)).to_be_visible()
    expect(page.get_by_text("pas d’effacement avant le 2 mai 2021")).to_be_visible()
    page.get_by_role("link", name="Convertir, clore").press("Enter")
    _is_sound(visitor)
    page.locator("#kept_until").fill("2029-01-01")
    page.get_by_role("button", name="Modifier la restriction").press("Enter")
    expect(page.locator("#kept_until-error")).to_contain_text("un an au plus")
    page.get_by_role("button", name="Lever la restriction").press("Enter")
    expect(page.locator("#lifted_because-error")).to_contain_text("Dites pourquoi vous levez la restriction.")
    page.get_by_label("Pourquoi la levez-vous").fill("La rectification est faite")
    page.get_by_role("button", name="Lever la restriction").press("Enter")
    expect(page.get_by_text("La restriction est levée.")).to_be_visible()
    expect(page.get_by_text("Fiche sous restriction")).to_have_count(0)
    agent = site.visitor("agent").page
    agent.goto(f"/records/{record}/act")
    assert agent.get_by_role("heading", name="Effacer la personne").count() == 0
    assert agent.get_by_role("button", name="Mettre sous restriction").count() == 0


@pytest.mark.parametrize(("width", "language"), [(1280, "fr"), (400, "en")])
def test_every_page_is_drawn_in_both_languages_wide_and_narrow(site: Site, width: int, language: str) -> None:
    rows = (positive("P1", "Durand"), contact("C1", "Petit", "12", fiche_positif="P1"), positive("P3", ""))
    _import(site, *rows)
    with site.app.database.begin() as connection:
        import_id = connection.execute(text("select id from imports")).scalar_one()
    record = _record(site, "P1")
    visitor = site.visitor("supervisor", width=width, language=language)
    draft = site.app.records.preview.keep(
        csv_file(*rows), platform="40", asker=_asker(site), file_name="x.csv"
    )
    paths = (
        "/imports",
        f"/imports/{import_id}",
        f"/imports/{import_id}/undo",
        f"/imports/{draft}",
        "/search",
    )
    acts = ("", "/edit", "/act", "/merge", f"/merge?other={_record(site, 'C1')}")
    for path in (*paths, *(f"/records/{record}{act}" for act in acts)):
        answer = visitor.page.goto(path)
        assert answer is not None
        if "other=" not in path:  # two people: refused, with the reason
            assert answer.status == 200, path
        _is_sound(visitor)


def _asker(site: Site, login: str = "") -> Asker:
    asker = site.app.access.asker_of(site.user("supervisor", login=login))
    assert asker is not None
    return asker


def test_without_scripts_a_record_reads_and_a_row_is_mended(site: Site) -> None:
    _import(site, positive("P1", "Durand"), positive("P2", "", "06 39 98 00 03"))
    visitor = site.visitor("supervisor", scripts=False)
    page = visitor.page
    page.goto(f"/records/{_record(site, 'P1')}")
    assert page.get_by_role("heading", name="Ce qui s’est passé").is_visible()
    page.goto("/imports")
    page.get_by_role("link", name="(sans nom)").click()
    page.get_by_label("nom", exact=True).fill("Roux")
    page.get_by_role("button", name="Renvoyer la ligne 3").click()
    assert page.get_by_text("0 Lignes refusées").is_visible()


def test_a_record_of_another_platform_is_opened_only_for_a_reason(site: Site) -> None:
    _import(site, positive("P1", "Durand"))
    record = _record(site, "P1")
    stranger = site.visitor("agent", login="far", platforms=("33",)).page
    answer = stranger.goto(f"/records/{record}")
    assert answer is not None
    assert answer.status == 404
    page = site.visitor("senior", login="far-senior", platforms=("33",)).page
    page.goto(f"/records/{record}")
    page.get_by_label("Pourquoi devez-vous la lire").fill("La personne est au guichet, sans sa plateforme")
    page.get_by_role("button", name="Ouvrir la fiche pour une heure").click()
    expect(page.get_by_role("heading", name="Alix Durand", level=1)).to_be_visible()
    assert page.get_by_role("link", name="Corriger", exact=True).count() == 0
