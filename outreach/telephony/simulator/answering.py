"""How whoever, or whatever, picks up a phone behaves, and how detection hears it."""

from __future__ import annotations

from typing import assert_never

from outreach.telephony.simulator.legs import Detection
from outreach.telephony.simulator.phones import PhoneBehaviour, VoiceHabit

_HUMAN_DETECTION_SECONDS = 3.0
_VOICEMAIL_RECORDING_SECONDS = 60.0
_CURT_SECONDS = 4.0


def stays_for(behaviour: PhoneBehaviour) -> float:
    """Simulated seconds from picking up to hanging up first; 0 for never."""
    match behaviour.voice:
        case VoiceHabit.VOICEMAIL:
            return behaviour.greeting_seconds + _VOICEMAIL_RECORDING_SECONDS
        case VoiceHabit.HANGS_UP:
            return min(behaviour.talk_seconds, _CURT_SECONDS)
        case VoiceHabit.ANSWERS | VoiceHabit.AGENT | VoiceHabit.CLIENT:
            return behaviour.talk_seconds
        case VoiceHabit.BUSY | VoiceHabit.RINGS_OUT:
            return 0.0
        case VoiceHabit.UNKNOWN_NUMBER | VoiceHabit.NETWORK_FAILURE:
            return 0.0
    assert_never(behaviour.voice)


def detected(behaviour: PhoneBehaviour, detection: Detection) -> tuple[float, str]:
    """After how long, and as what, detection hears whoever picked up."""
    if behaviour.voice is not VoiceHabit.VOICEMAIL:
        return _HUMAN_DETECTION_SECONDS, "human"
    if detection.mode == "DetectMessageEnd":
        return behaviour.greeting_seconds + 0.1, "machine_end_beep"
    return _HUMAN_DETECTION_SECONDS, "machine_start"
