"""Keyboard shortcuts of the desk, by the place of a key: AZERTY and QWERTY hands press the same one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from outreach.errors import InvalidInput


class Command(StrEnum):
    """What a shortcut does; pressed together with Alt and Shift."""

    NEXT = "next"
    CALL = "call"
    HANG_UP = "hang_up"
    HOLD = "hold"
    NEXT_NUMBER = "next_number"
    VOICEMAIL = "voicemail"
    HELP = "help"
    REJOIN = "rejoin"
    TAKE = "take"  # the call that rings at this computer
    MUTE = "mute"
    SCRIPT = "script"
    CONTACTS = "contacts"
    NOTE = "note"
    OUTCOMES = "outcomes"
    SAVE = "save"
    UNDO = "undo"
    PAUSE = "pause"
    KEYS = "keys"


# Places on the keyboard (KeyboardEvent.code): the letter is what a US keyboard prints there.
DEFAULT_KEYS: Mapping[Command, str] = {
    Command.NEXT: "KeyN",
    Command.CALL: "KeyC",
    Command.HANG_UP: "KeyX",
    Command.HOLD: "KeyH",
    Command.NEXT_NUMBER: "KeyM",
    Command.VOICEMAIL: "KeyV",
    Command.HELP: "KeyU",
    Command.REJOIN: "KeyR",
    Command.TAKE: "KeyA",
    Command.MUTE: "KeyQ",
    Command.SCRIPT: "KeyS",
    Command.CONTACTS: "KeyK",
    Command.NOTE: "KeyO",
    Command.OUTCOMES: "KeyI",
    Command.SAVE: "KeyE",
    Command.UNDO: "KeyZ",
    Command.PAUSE: "KeyP",
    Command.KEYS: "Slash",
}
KEY = re.compile("Key[A-Z]|Slash|Comma|Period|Semicolon|Quote|F[1-9]|F1[0-2]")


def keys_in_force(chosen: Mapping[str, str]) -> dict[Command, str]:
    """An agent's shortcuts: what they changed, else as we made them."""
    return {command: chosen.get(command.value, key) for command, key in DEFAULT_KEYS.items()}


def checked_keys(wanted: Mapping[str, str]) -> dict[str, str]:
    """What differs from the shortcuts as made. Raises InvalidInput for a command or key that is not known,
    and for one key that would do two things."""
    commands = {command.value for command in Command}
    for name, key in wanted.items():
        if name not in commands:
            raise InvalidInput(f"There is no command {name}.", field="keys")
        if not KEY.fullmatch(key):
            raise InvalidInput("This key cannot be a shortcut.", field=name, mend="choose a letter")
    in_force = keys_in_force(wanted)
    for command, key in in_force.items():
        others = [other for other, used in in_force.items() if used == key and other is not command]
        if others and command.value in wanted:
            raise InvalidInput(
                "One key does two things.", field=command.value, mend="choose another key for one of them"
            )
    return {command.value: key for command, key in in_force.items() if key != DEFAULT_KEYS[command]}
