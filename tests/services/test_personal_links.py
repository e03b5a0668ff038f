"""Addresses of personal pages."""

from math import log2

from outreach.domain.sms_text import segments_of
from outreach.ids import new_id
from outreach.services.personal_links import ALPHABET, TOKEN_LENGTH, PersonalLinks
from outreach.storage.vault import Vault

PUBLIC = "https://suivi.example"


def test_a_link_carries_96_bits_that_only_our_key_can_make(vault: Vault) -> None:
    links, message_id = PersonalLinks(vault, PUBLIC), new_id()
    others = PersonalLinks(Vault(b"another master key, for tests only"), PUBLIC)
    assert TOKEN_LENGTH * log2(len(ALPHABET)) > 96
    assert links.address_of(message_id) == links.address_of(message_id)
    assert links.address_of(message_id) != others.address_of(message_id)
    assert str(message_id) not in links.address_of(message_id)


def test_a_token_leads_to_its_own_message_only(vault: Vault) -> None:
    links, ids = PersonalLinks(vault, PUBLIC), [new_id() for _ in range(500)]
    tokens = [links.address_of(one).removeprefix(f"{PUBLIC}/p/") for one in ids]
    assert [links.digest_of_token(token) for token in tokens] == [links.digest_of(one) for one in ids]
    assert len(set(tokens)) == len(ids)
    assert all(token.encode() not in links.digest_of_token(token) for token in tokens)  # type: ignore[operator]


def test_what_is_no_token_is_not_looked_up(vault: Vault) -> None:
    links = PersonalLinks(vault, PUBLIC)
    for odd in ("", "short", "0" * TOKEN_LENGTH, "é" * TOKEN_LENGTH, "a" * 18, "a" * 16 + "\n"):
        assert links.digest_of_token(odd) is None


def test_the_stand_in_is_as_long_as_every_address_and_has_only_gsm_letters(vault: Vault) -> None:
    links = PersonalLinks(vault, PUBLIC)
    addresses = [links.address_of(new_id()) for _ in range(100)]
    assert {len(one) for one in addresses} == {len(links.stand_in)}
    assert all(segments_of(one * 2) == 1 for one in addresses)
