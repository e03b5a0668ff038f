"""Sentences that services say about signing in, marked for the catalogs: pages show them translated."""

from __future__ import annotations

from outreach.web.pages.words import N_

TOLD = (
    N_("This login and this password do not go together."),
    N_("This is not the code of now, or it was used before."),
    N_("This took too long: begin again with your login and password."),
    N_("This link was used, or is too old: ask your administrator for another one."),
    N_("Your organisation's sign-in did not say who you are; try again."),
    N_("Your organisation knows you, but you have no account here: ask your administrator."),
    N_("There is no such account to enter."),
    N_("The demo has no account for this role yet; wait a moment."),
    N_("This form came from another site."),
    N_("This account is closed."),
    N_("Sessions cannot be read for a moment; try again."),
    N_("This is not the code that the application shows now."),
    N_("Type the six digits it shows; look whether its clock is right."),
    N_("This form is not one of ours."),
    N_("Open the page again."),
    N_("This password is too short."),
    N_("Take 12 characters or more: a few words together will do."),
    N_("This password is too long."),
    N_("Take 200 characters at most."),
    N_("This password repeats the same few characters."),
    N_("Take words that do not go together."),
    N_("This password is little more than the login."),
    N_("Leave the login out of it."),
    N_("This password is among those that are tried first."),
    N_("Take a few words that do not go together."),
    N_("The two passwords differ."),
    N_("Type the same one twice."),
    N_("This is not your password."),
    N_("Type the one you use now."),
    N_("This login cannot be used."),
    N_("Take one word of three letters or more."),
    N_("Your roles need a second factor: replace it instead."),
    N_("Another administrator must do this to your account."),
    N_("Change your own password on your account's page."),
    N_("There is no such user on your platforms."),
)
