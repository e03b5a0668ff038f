"""Training in the browser: an invented person called, the script followed, marks read."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from outreach.domain.outcomes import CallOutcome
from outreach.domain.practice import Scenario
from outreach.domain.practice_call import Act
from outreach.domain.practice_contacts import as_kept
from tests.pages.conftest import Site
from tests.pages.shots import checked, shoot

NAME = "Quelqu’un qui répond à tout"


def keep(page: Page, question: str, answer: str) -> None:
    place = page.locator(f"#form-{question}")
    place.get_by_label(answer, exact=True).check()
    place.get_by_role("button", name="Garder la réponse").click()
    expect(page.locator(f"#form-{question}")).to_contain_text("gardée")


def reach(page: Page) -> None:
    """Call, and the next number where the first rings out."""
    page.get_by_role("button", name="Appeler", exact=True).press("Enter")
    following = page.get_by_role("button", name="Appeler le numéro suivant")
    if following.is_visible():
        following.press("Enter")
    expect(page.get_by_text("On a décroché.")).to_be_visible()


def test_an_agent_practises_and_reads_the_marks(site: Site) -> None:
    agent = site.visitor("agent")
    page = agent.page
    page.goto("/training")
    expect(page.get_by_text("Aucun appel d’entraînement n’est encore terminé")).to_be_visible()
    shoot(page, "training-empty-1280")
    checked(agent)
    page.get_by_label("Qui décroche").select_option("THIRD_PARTY")
    page.get_by_role("button", name="Donnez-moi quelqu’un à appeler").press("Enter")
    reach(page)
    expect(page.get_by_text("Qui est à l'appareil")).to_be_visible()
    page.get_by_role("button", name="Poser la question").press("Enter")
    expect(page.get_by_text("vous cherchez quelqu'un d'autre").first).to_be_visible()
    keep(page, "speaking_with", "Quelqu'un d'autre")
    expect(page.get_by_text("suivront une fois l’identité confirmée")).to_be_visible()
    shoot(page, "training-call-1280")
    checked(agent)
    page.get_by_role("button", name="Raccrocher").click()
    page.get_by_label("Un tiers a répondu").check()
    page.get_by_role("button", name="Terminer et voir mes résultats").press("Enter")
    expect(page.get_by_role("heading", name="Tout est juste")).to_be_visible()
    shoot(page, "training-marks-1280")
    checked(agent)


def test_a_call_that_goes_on_opens_the_whole_script_even_without_scripts(site: Site) -> None:
    user_id = site.user("agent")
    view = site.app.training.begin(user_id, "40", scenario=Scenario.WILLING, script="positive_light")
    page = site.visitor("agent", scripts=False).page
    page.goto("/training")
    page.get_by_role("link", name="Le reprendre").click()
    reach(page)
    keep(page, "speaking_with", "La personne elle-même")
    keep(page, "name_confirmed", "Oui")
    keep(page, "birth_date_confirmed", "Oui")
    expect(page.locator("#form-breathing_trouble")).to_be_visible()
    page.locator("#form-household_size").get_by_role("textbox").fill("beaucoup")
    page.locator("#form-household_size").get_by_role("button", name="Garder la réponse").click()
    expect(page.get_by_role("alert")).to_be_visible()
    shoot(page, "training-error-1280")
    page.get_by_label("Refus", exact=True).check()
    page.get_by_role("button", name="Terminer et voir mes résultats").click()
    expect(page.get_by_role("heading", name="Un autre résultat était le bon")).to_be_visible()
    assert view.session.id


def test_a_supervisor_sees_everybodys_results_on_a_phone_and_in_english(site: Site) -> None:
    user_id = site.user("agent")
    view = site.app.training.begin(user_id, "40", scenario=Scenario.VOICEMAIL)
    site.app.training.act(user_id, view.session.id, Act.CALL)
    site.app.training.finish(user_id, view.session.id, CallOutcome.VOICEMAIL_NONE)
    supervisor = site.visitor("supervisor", width=400, language="en")
    supervisor.page.goto("/training")
    expect(supervisor.page.get_by_role("cell", name="agent")).to_be_visible()
    shoot(supervisor.page, "training-results-en-400")
    checked(supervisor)
    practising = site.visitor("agent", width=400, language="en")
    begun = site.app.training.begin(user_id, "40", language="en", scenario=Scenario.WILLING)
    site.app.training.act(user_id, begun.session.id, Act.CALL)
    practising.page.goto(f"/training/{begun.session.id}")
    shoot(practising.page, "training-call-en-400")
    checked(practising)


def test_the_line_and_the_contacts_grid_are_practised_with_the_full_interview(site: Site) -> None:
    user_id = site.user("agent")
    agent = site.visitor("agent")
    page = agent.page
    page.goto("/training")
    page.get_by_label("Qui décroche").select_option("WILLING")
    page.get_by_label("Quel entretien").select_option(label="Entretien d’un positif, complet")
    page.get_by_role("button", name="Donnez-moi quelqu’un à appeler").press("Enter")
    reach(page)
    page.get_by_role("button", name="Demander de patienter").press("Enter")
    expect(page.get_by_text("D'accord, je patiente.")).to_be_visible()
    page.get_by_role("button", name="Mettre en attente").press("Enter")
    expect(page.get_by_text("La personne est en attente, avec de la musique.")).to_be_visible()
    expect(page.get_by_role("button", name="Poser la question")).to_have_count(0)
    page.get_by_role("button", name="Reprendre l’appel").press("Enter")
    keep(page, "speaking_with", "La personne elle-même")
    keep(page, "name_confirmed", "Oui")
    keep(page, "birth_date_confirmed", "Oui")
    page.get_by_role("button", name="Demander qui a été rencontré").press("Enter")
    view = site.app.training.current(user_id)
    assert view is not None
    grid = page.get_by_role("form", name="Un cas contact")
    grid.get_by_label("Prénoms").fill("Alix")
    grid.get_by_role("button", name="Ajouter le cas contact").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("nom de famille")
    expect(grid.get_by_label("Prénoms")).to_have_value("Alix")
    shoot(page, "training-grid-error-1280")
    met = as_kept(view.case.met[0])
    grid.get_by_label("Nom", exact=True).fill(met["family_name"])
    grid.get_by_label("Prénoms").fill(met["given_names"])
    grid.get_by_label("Numéro").fill(met["phone_1"])
    grid.get_by_role("button", name="Ajouter le cas contact").press("Enter")
    expect(page.get_by_role("rowheader")).to_contain_text(met["family_name"].upper())
    shoot(page, "training-grid-1280")
    assert agent.violations() == ""
    assert agent.overflow() == 0
    page.get_by_role("button", name="Raccrocher").press("Enter")
    page.get_by_label("Entretien terminé").check()
    page.get_by_role("button", name="Terminer et voir mes résultats").press("Enter")
    expect(page.get_by_role("listitem").filter(has_text=met["given_names"])).to_contain_text(
        "date de naissance"
    )
    shoot(page, "training-grid-marks-1280")
    assert agent.violations() == ""


def test_a_question_for_a_doctor_is_summed_up_and_left_to_an_invented_adviser(site: Site) -> None:
    agent = site.visitor("agent")
    page = agent.page
    page.goto("/training")
    page.get_by_label("Qui décroche").select_option("MEDICAL")
    page.get_by_role("button", name="Donnez-moi quelqu’un à appeler").press("Enter")
    reach(page)
    page.get_by_role("button", name="Mettre en attente").press("Enter")
    page.get_by_role("button", name="Faire venir un médecin conseil").press("Enter")
    expect(page.get_by_text("De qui s'agit-il")).to_be_visible()
    expect(page.get_by_role("button", name="Demander de l’aide")).to_have_count(0)
    page.get_by_role("button", name="Résumer l’appel au médecin").press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Je prends la suite")
    page.get_by_role("button", name="Reprendre l’appel").press("Enter")
    shoot(page, "training-adviser-1280")
    checked(agent)
    page.get_by_role("button", name="Laisser la personne au médecin").press("Enter")
    page.get_by_label("Vers un médecin conseil").check()
    page.get_by_role("button", name="Terminer et voir mes résultats").press("Enter")
    expect(page.get_by_text("sans lui demander de patienter")).to_be_visible()
    shoot(page, "training-adviser-marks-1280")
    page.goto("/training")
    shoot(page, "training-results-slips-1280")
    checked(agent)


def test_help_comes_to_somebody_who_wants_whoever_is_in_charge_on_a_phone_in_english(site: Site) -> None:
    user_id = site.user("agent")
    begun = site.app.training.begin(user_id, "40", language="en", scenario=Scenario.UPSET)
    view = site.app.training.act(user_id, begun.session.id, Act.CALL)
    while Act.NEXT_NUMBER in view.line.may:
        view = site.app.training.act(user_id, begun.session.id, Act.NEXT_NUMBER)
    agent = site.visitor("agent", width=400, language="en")
    page = agent.page
    page.goto(f"/training/{begun.session.id}")
    page.get_by_role("button", name="Ask for help").press("Enter")
    expect(page.get_by_role("log")).to_contain_text("I will stay with you both")
    shoot(page, "training-help-en-400")
    checked(agent)
