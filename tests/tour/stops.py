"""What the tour shows: every page, who looks at it, and what to say of it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.tour.steps import (
    A_TEXT,
    Step,
    a_new_campaign,
    begin_to_practise,
    beyond,
    click,
    follow_link_made,
    nothing,
    send_a_file,
    take_next,
    then,
    to_a_record,
    with_a_draft,
    with_a_text,
    with_an_audience,
)

DESKTOP, PHONE = (1280, 800), (400, 800)
PERSONAL = "/p/…"  # a page whose address somebody got by SMS


@dataclass(frozen=True)
class Stop:
    """`role`: the button of the demo's sign-in page; "" for nobody. `act`: what to do before the picture.

    `shows`: the route of the page that is then seen; the path it opens at, when it is another.
    """

    name: str
    role: str
    path: str
    title: str
    told: str
    act: Step = nothing
    shows: str = ""
    size: tuple[int, int] = DESKTOP

    @property
    def route(self) -> str:
        return self.shows or self.path


SUPERVISOR, PILOT, ADMINISTRATOR = "supervisor", "pilot", "administrator"
A_CAMPAIGN = "main a[href^='/campaigns/']:not([href*='/new']):not([href*='standing'])"
A_USER = "main a[href^='/admin/users/']:not([href$='/new'])"

OUTSIDE = (
    Stop("sign-in", "", "/sign-in", "Signing in", "The demo explains itself, and lets each role in."),
    Stop(
        "welcome",
        ADMINISTRATOR,
        "/admin",
        "A first sign-in",
        "A one-time link: a password of one's own.",
        then(click(A_USER), click("form[action$='/link'] button"), follow_link_made),
        shows="/welcome/{token}",
    ),
    Stop(
        "personal",
        "",
        PERSONAL,
        "Somebody's own page",
        "What the SMS leads to: what to do, and how to be called.",
        shows="/p/{token}",
        size=PHONE,
    ),
    Stop("accessibility", "", "/accessibility", "Accessibility", "What everybody can count on."),
)
AGENT = (
    Stop(
        "desk",
        "agent",
        "/desk",
        "The agent's desk",
        "One person at a time: why now, what was said before, the script beside the call.",
        take_next,
    ),
    Stop(
        "desk-phone",
        "agent",
        "/desk",
        "The same on a phone",
        "Nothing is lost at 400 pixels.",
        take_next,
        size=PHONE,
    ),
    Stop("desk-keys", "agent", "/desk/keys", "Shortcuts", "By the place of the key; each may be another."),
    Stop("inbox", "agent", "/inbox", "Replies by SMS", "What the program could not answer by itself."),
    Stop(
        "conversation",
        "agent",
        "/inbox",
        "One conversation",
        "What was written to and fro, and what may be answered.",
        click("main a[href^='/inbox/']"),
        shows="/inbox/{conversation_id}",
    ),
    Stop("notices", "agent", "/notices", "Notices", "What changed today, to be acknowledged."),
    Stop("training", "agent", "/training", "Training", "Invented people: nobody is called or texted."),
    Stop(
        "practice",
        "agent",
        "/training",
        "A practice call",
        "The script of the day, and somebody invented who answers.",
        then(click("main .training-card button, main a.govuk-button[href^='/training/']"), begin_to_practise),
        shows="/training/{session_id}",
    ),
)
BOARD = (
    Stop(
        "board",
        SUPERVISOR,
        "/board",
        "The supervisor's board",
        "What is at risk, who does what, and what to do about it.",
    ),
    Stop("board-all", SUPERVISOR, "/board/all", "Platforms side by side", "Where the wave is highest."),
    Stop(
        "board-entries",
        SUPERVISOR,
        "/board/entries?which=risk",
        "At risk or late",
        "In nobody's hands: given to an agent, or sent on.",
        shows="/board/entries",
    ),
    Stop(
        "board-agent",
        SUPERVISOR,
        "/board",
        "One agent",
        "Listen, whisper, join; end a stuck wrap-up, reassign, release.",
        click("main a[href^='/board/agents/']"),
        shows="/board/agents/{user_id}",
    ),
    Stop("wall", SUPERVISOR, "/board/wall", "On the wall", "To be read from four metres; it names nobody."),
    Stop("wall-passes", SUPERVISOR, "/board/wall/passes", "Screens", "Addresses that need no session."),
)
STEERING = (
    Stop("mode", SUPERVISOR, "/mode", "The mode", "Where each mode would lead, before it is switched."),
    Stop("mode-history", SUPERVISOR, "/mode/history", "Its history", "Who switched what, when and why."),
    Stop("mode-decisions", SUPERVISOR, "/mode/decisions", "AUTO", "Every decision in one sentence."),
    Stop("mode-rules", SUPERVISOR, "/mode/rules", "Its rules", "Who is texted under which mode."),
    Stop("rota", SUPERVISOR, "/rota", "The rota", "Positions and absences, holidays named."),
    Stop("aid", SUPERVISOR, "/aid", "Mutual aid", "What is lent, and what is borrowed."),
    Stop("watch", SUPERVISOR, "/watch", "The watch list", "Records that still wait for a result."),
    Stop("publish", SUPERVISOR, "/notices/publish", "Publishing a notice", "And who has not read it yet."),
)
RECORDS = (
    Stop("imports", PILOT, "/imports", "Imports", "Drop a file; every import stays to be looked at."),
    Stop(
        "import-columns",
        PILOT,
        "/imports",
        "A file before it is imported",
        "What each column means, the first rows as they would be read.",
        send_a_file,
        shows="/imports/{import_id}",
    ),
    Stop(
        "import-errors",
        PILOT,
        "/imports",
        "What was wrong with it",
        "Row, field and mend; corrected in place.",
        then(send_a_file, click("form[action$='/start'] button")),
        shows="/imports/{import_id}",
    ),
    Stop(
        "import-undo",
        PILOT,
        "/imports",
        "An import undone",
        "While nobody of it was called or texted.",
        then(click("main a.rec-name"), beyond("/undo")),
        shows="/imports/{import_id}/undo",
    ),
    Stop("search", SUPERVISOR, "/search", "Search", "By exact number, or name and birth date."),
    Stop(
        "record",
        SUPERVISOR,
        "/imports",
        "A case record",
        "Timeline, exposures, people, attempts, messages.",
        to_a_record,
        shows="/records/{case_record_id}",
    ),
    Stop(
        "record-edit",
        SUPERVISOR,
        "/imports",
        "Correcting it",
        "What is known of the person; every change is in the audit.",
        then(to_a_record, click("main a[href$='/edit']")),
        shows="/records/{case_record_id}/edit",
    ),
    Stop(
        "record-act",
        SUPERVISOR,
        "/imports",
        "Acting on it",
        "Convert, close, put back, hand over, erase: each with its reason.",
        then(to_a_record, click("main a[href$='/act']")),
        shows="/records/{case_record_id}/act",
    ),
    Stop(
        "record-merge",
        SUPERVISOR,
        "/imports",
        "Two records of one person",
        "Side by side before they become one.",
        then(to_a_record, click("main a[href$='/merge']")),
        shows="/records/{case_record_id}/merge",
    ),
)
CAMPAIGNS = (
    Stop("campaigns", PILOT, "/campaigns", "Campaigns", "Their whole life, from audience to answers."),
    Stop(
        "campaign",
        PILOT,
        "/campaigns",
        "One campaign",
        "Prepared, sent, delivered, answered.",
        click(A_CAMPAIGN),
        shows="/campaigns/{campaign_id}",
    ),
    Stop("campaigns-standing", PILOT, "/campaigns/standing", "Standing ones", "They write by themselves."),
    Stop("campaign-new", PILOT, "/campaigns/new", "A new campaign", "Nothing is sent before the last step."),
    Stop(
        "campaign-audience",
        PILOT,
        "/campaigns/new",
        "Its audience",
        "Counted with everybody who is left out, and why.",
        with_an_audience,
        shows="/campaigns/{campaign_id}/audience",
    ),
    Stop(
        "campaign-text",
        PILOT,
        "/campaigns/new",
        "Its text",
        "Tried on people of the audience, in segments.",
        then(a_new_campaign, beyond("/../text")),
        shows="/campaigns/{campaign_id}/text",
    ),
    Stop(
        "campaign-sending",
        PILOT,
        "/campaigns/new",
        "Its pace",
        "Hours, days, reminders, calls to who does not read.",
        then(a_new_campaign, beyond("/../sending")),
        shows="/campaigns/{campaign_id}/sending",
    ),
    Stop(
        "campaign-check",
        PILOT,
        "/campaigns/new",
        "Before it starts",
        "The count stands on the button.",
        then(with_a_text, beyond("/../check")),
        shows="/campaigns/{campaign_id}/check",
    ),
    Stop(
        "campaign-cancel",
        PILOT,
        "/campaigns/new",
        "Dropping it",
        "What is not sent yet is never sent.",
        then(a_new_campaign, beyond("/../cancel")),
        shows="/campaigns/{campaign_id}/cancel",
    ),
)
SCRIPTS = (
    Stop("scripts", PILOT, "/scripts", "Scripts", "Every text, with the version in force."),
    Stop(
        "script",
        PILOT,
        "/scripts",
        "One text",
        "Its languages and versions; what comes into force when.",
        click(A_TEXT),
        shows="/scripts/{name}",
    ),
    Stop(
        "script-edit",
        PILOT,
        "/scripts",
        "A text in three panes",
        "The text, a person to try it on, and the result.",
        then(click(A_TEXT), click("main a[href*='/edit']")),
        shows="/scripts/{name}/edit",
    ),
    Stop(
        "script-version",
        PILOT,
        "/scripts",
        "One version",
        "As it was read, sent or said.",
        with_a_draft,
        shows="/scripts/versions/{version_id}",
    ),
    Stop(
        "script-compare",
        PILOT,
        "/scripts",
        "Two versions side by side",
        "What changed, word by word.",
        then(with_a_draft, click("main a[href*='/compare']")),
        shows="/scripts/{name}/compare",
    ),
    Stop("durations", PILOT, "/scripts/durations", "Durations", "How long each measure lasts, dated."),
)
FIGURES = (
    Stop("figures", "manager", "/figures", "Figures", "Always with both denominators."),
    Stop("report", "manager", "/figures/report", "The day's report", "Two pages for the prefecture."),
    Stop("audit", "auditor", "/audit", "Audit", "Who read what; pseudonyms only."),
)
ADMINISTRATION = (
    Stop("admin", ADMINISTRATOR, "/admin", "Administration", "Users; no personal data of the called."),
    Stop(
        "admin-user",
        ADMINISTRATOR,
        "/admin",
        "One user",
        "Rights, links, tokens, sessions.",
        click(A_USER),
        shows="/admin/users/{user_id}",
    ),
    Stop("admin-new-user", ADMINISTRATOR, "/admin/users/new", "A new user", "They choose their password."),
    Stop("admin-platforms", ADMINISTRATOR, "/admin/platforms", "Platforms", "And the territories above."),
    Stop(
        "admin-platform",
        ADMINISTRATOR,
        "/admin/platforms",
        "One platform",
        "Its hours, holidays and limits.",
        click("main a[href^='/admin/platforms/']"),
        shows="/admin/platforms/{code}",
    ),
    Stop("admin-senders", ADMINISTRATOR, "/admin/senders", "Senders", "Pace, budgets, breakers."),
    Stop("admin-retention", ADMINISTRATOR, "/admin/retention", "Retention", "What is forgotten, and when."),
    Stop("admin-sign-ins", ADMINISTRATOR, "/admin/sign-ins", "Sign-ins", "Who came in, from where."),
    Stop("admin-health", ADMINISTRATOR, "/admin/health", "Health", "What answers, and what stands still."),
    Stop("account", SUPERVISOR, "/account", "One's account", "Language, password, sessions."),
    Stop(
        "second-factor",
        SUPERVISOR,
        "/account/second-factor",
        "A second factor",
        "A code of the telephone besides the password.",
    ),
)
STOPS = (
    *OUTSIDE,
    *AGENT,
    *BOARD,
    *STEERING,
    *RECORDS,
    *CAMPAIGNS,
    *SCRIPTS,
    *FIGURES,
    *ADMINISTRATION,
)
