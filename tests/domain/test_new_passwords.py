"""What a new password must be."""

import pytest

from outreach.domain.new_passwords import check_new_password
from outreach.errors import InvalidInput

LOGIN = "jeanne.martin"
TOO_SHORT, TOO_LONG = "too short", "too long"
REFUSED = [
    ("", TOO_SHORT),
    ("Zebre!42bl?", TOO_SHORT),
    ("x" * 201, TOO_LONG),
    ("aaaaaaaaaaaa", "repeats"),
    ("abababababab", "repeats"),
    ("121212121212", "repeats"),
    ("123456789012", "repeats"),
    ("abcdefghijkl", "repeats"),
    ("jeanne.martin", "login"),
    ("jeanne.martin1", "login"),
    ("JeanneMartin!21", "login"),
    ("motdepasse123", "tried first"),
    ("Mot de passe 2021", "tried first"),
    ("m0t-de-p@sse-20", "tried first"),
    ("Azertyuiop2021", "tried first"),
    ("2021azertyuiop", "tried first"),
    ("bonjourbonjour", "tried first"),
    ("Bonjour Bonjour 1", "tried first"),
    ("administrateur", "tried first"),
    ("Assurance-Maladie-2021", "tried first"),
    ("correct horse battery staple", "tried first"),
    ("Covid20202021", "tried first"),
]
TAKEN = [
    "trois canards verts dansent",
    "Zebre!42bleu?",
    "le 12 mars, il pleuvait sur Dax",
    "jeanne.martin aime les huîtres",
    "éàçùœ-éàçùœ-1234",
    "x" * 5 + "abcdqrstuvw",
]


@pytest.mark.parametrize(("password", "because"), REFUSED)
def test_a_weak_password_is_refused_with_a_sentence_that_does_not_quote_it(
    password: str, because: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_new_password(password, login=LOGIN)
    assert because in str(refused.value)
    assert refused.value.mend
    assert not password or password not in str(refused.value) + refused.value.mend


@pytest.mark.parametrize("password", TAKEN)
def test_a_long_password_of_any_composition_is_taken(password: str) -> None:
    check_new_password(password, login=LOGIN)
