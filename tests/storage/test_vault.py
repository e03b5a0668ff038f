"""Sealed values open only with the right key, for the right person."""

from uuid import UUID

import pytest

from outreach.ids import new_id
from outreach.storage.vault import CannotOpen, Vault


def test_a_sealed_value_opens_again_with_its_person_s_key(vault: Vault) -> None:
    person_id = new_id()
    key, wrapped = vault.new_person_key(person_id)
    sealed = key.seal({"family_name": "Étienne-Léon"})
    assert vault.person_key(person_id, wrapped).open(sealed) == {"family_name": "Étienne-Léon"}


def test_one_person_s_value_cannot_be_moved_to_another(vault: Vault) -> None:
    mine, theirs = new_id(), new_id()
    key, wrapped = vault.new_person_key(mine)
    with pytest.raises(CannotOpen):
        vault.person_key(theirs, wrapped)
    other_key, _ = vault.new_person_key(theirs)
    with pytest.raises(CannotOpen):
        other_key.open(key.seal({"a": 1}))


def test_a_changed_value_does_not_open(vault: Vault) -> None:
    key, _ = vault.new_person_key(new_id())
    sealed = bytearray(key.seal_text("secret"))
    sealed[-1] ^= 1
    with pytest.raises(CannotOpen):
        key.open_text(bytes(sealed))


def test_sealing_twice_gives_two_different_values(vault: Vault) -> None:
    key, _ = vault.new_person_key(new_id())
    assert key.seal_text("same") != key.seal_text("same")


def test_equal_numbers_share_an_index_and_another_master_key_gives_another_index(vault: Vault) -> None:
    number = "+33639980001"
    assert vault.number_index(number) == vault.number_index(number)
    assert vault.number_index(number) != Vault(b"another master key, 32 bytes long").number_index(number)
    assert number.encode() not in vault.number_index(number)


def test_a_system_value_opens_only_for_its_purpose(vault: Vault) -> None:
    sealed = vault.seal_system("agent-phone", b"+33639980002")
    assert vault.open_system("agent-phone", sealed) == b"+33639980002"
    with pytest.raises(CannotOpen):
        vault.open_system("provider-event", sealed)


def test_keys_do_not_show_in_representations(vault: Vault) -> None:
    key, _ = vault.new_person_key(UUID(int=1))
    assert "key=" not in repr(key)
    assert "master" not in repr(vault)
