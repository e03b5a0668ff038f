"""What everybody sees: signing in, one's account; and the page of whoever got an SMS."""

from __future__ import annotations

from tests.tour.steps import A_USER, click, follow_link_made, then
from tests.tour.stop import PERSONAL, PHONE, Stop

EVERYBODY = (
    Stop(
        "sign-in",
        "",
        "/sign-in",
        "Signing in",
        "Login and password, then a code where there is a second factor. A demo explains itself here and "
        "lets each role in with one click.",
        "everybody",
    ),
    Stop(
        "welcome",
        "administrator",
        "/admin",
        "A first sign-in",
        "A one-time link, made by an administrator, leads here: whoever opens it chooses a password of their "
        "own.",
        "whoever was given the link",
        then(click(A_USER), click("form[action$='/link'] button"), follow_link_made),
        shows="/welcome/{token}",
    ),
    Stop(
        "account",
        "supervisor",
        "/account",
        "One's account",
        "The language of the pages, password, second factor, and every session and token that is open; each "
        "can be ended here.",
        "everybody",
    ),
    Stop(
        "second-factor",
        "supervisor",
        "/account/second-factor",
        "A second factor",
        "A code of the telephone besides the password: scanned once, confirmed once. Outside a demo "
        "everybody who steers, counts or administers needs it.",
        "everybody",
    ),
    Stop(
        "accessibility",
        "",
        "/accessibility",
        "Accessibility",
        "What everybody can count on with a keyboard, a screen reader or large type, and what to do where it "
        "fails.",
        "everybody, without signing in",
    ),
)
CALLED = (
    Stop(
        "personal",
        "",
        PERSONAL,
        "Somebody's own page",
        "What to do now, how to be called and when, and how to write. It tells nothing about illness to "
        "whoever picks up the telephone.",
        "whoever got the SMS",
        shows="/p/{token}",
        size=PHONE,
    ),
)
