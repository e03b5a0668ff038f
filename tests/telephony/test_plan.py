"""Plans of the simulated phone company, and the people they draw."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from outreach.errors import InvalidInput
from outreach.telephony.simulator.phones import PhoneBehaviour, PhoneBook, SmsHabit, VoiceHabit
from outreach.telephony.simulator.plan import plan_from_file, plan_from_json
from tests.phone_company import PhoneCompany

_SHARES = [
    {"weight": 60, "voice": "answers"},
    {"weight": 30, "voice": "voicemail", "texts_back": "STOP"},
    {"weight": 10, "voice": "busy", "sms": "unreachable"},
]


def _book(seed: int) -> PhoneBook:
    return PhoneBook(seed, plan_from_json({"shares": _SHARES}).shares, {})


def test_a_plan_file_names_people_shares_and_faults(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    told = {
        "speed": 30,
        "seed": 7,
        "our_numbers": ["+33974757678"],
        "phones": {"+33639980001": {"voice": "busy", "sms": "landline"}},
        "shares": _SHARES,
        "faults": {"slow_down": {"next": 1}},
        "state": str(tmp_path / "state.jsonl"),
    }
    path.write_text(json.dumps(told))
    plan = plan_from_file(path)
    assert plan.phones["+33639980001"] == PhoneBehaviour(voice=VoiceHabit.BUSY, sms=SmsHabit.LANDLINE)
    assert (plan.speed, plan.seed, len(plan.shares)) == (30, 7, 3)
    assert plan.state == tmp_path / "state.jsonl"


def test_people_are_drawn_by_seed_and_number_in_any_order() -> None:
    numbers = [f"+3363998{n:04}" for n in range(500)]
    one, other = _book(3), _book(3)
    drawn = {number: one.phone(number).behaviour for number in numbers}
    assert drawn == {number: other.phone(number).behaviour for number in reversed(numbers)}
    assert drawn != {number: _book(4).phone(number).behaviour for number in numbers}


def test_shares_are_met_as_often_as_they_weigh() -> None:
    book = _book(1)
    voices = Counter(book.phone(f"+336399{n:05}").behaviour.voice for n in range(4000))
    assert 2250 < voices[VoiceHabit.ANSWERS] < 2550
    assert 1080 < voices[VoiceHabit.VOICEMAIL] < 1320
    assert 320 < voices[VoiceHabit.BUSY] < 480


@pytest.mark.parametrize(
    "told",
    [
        {"nothing": 1},
        {"speed": "fast"},
        {"speed": -1},
        {"phones": {"+33639980001": {"voice": "sings"}}},
        {"phones": {"+33639980001": {"mood": "good"}}},
        {"phones": []},
        {"shares": [{"weight": -1}]},
        {"shares": {"voice": "busy"}},
        {"our_numbers": "+33974757678"},
    ],
)
def test_a_wrong_plan_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        plan_from_json(told)


def test_a_plan_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("speed: 3")
    with pytest.raises(InvalidInput):
        plan_from_file(tmp_path / "plan.json")


def test_an_agents_phone_is_one_word(phone_company: PhoneCompany) -> None:
    phone_company.set_phone("+33639980100", voice="agent")
    behaviour = phone_company.phone("+33639980100")["behaviour"]
    assert (behaviour["answer_after"], behaviour["talk_seconds"]) == (1.0, 0.0)


@pytest.mark.parametrize("behaviour", [{"voice": "sings"}, {"mood": 1}, {"answer_after": "soon"}])
def test_a_behaviour_nobody_has_is_refused(phone_company: PhoneCompany, behaviour: dict[str, object]) -> None:
    with pytest.raises(AssertionError, match="20001"):
        phone_company.set_phone("+33639980001", **behaviour)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/simulator/nothing"),
        ("POST", "/simulator/phones/+33639980001/dance"),
        ("GET", "/elsewhere"),
        ("DELETE", "/simulator/phones/+33639980001"),
    ],
)
def test_a_page_that_is_not_there_is_a_404(phone_company: PhoneCompany, method: str, path: str) -> None:
    with pytest.raises(AssertionError, match="20404"):
        phone_company.ask(method, path)


def test_all_phones_are_listed(phone_company: PhoneCompany) -> None:
    phone_company.set_phone("+33639980001", voice="busy")
    phone_company.set_phone("+33639980002", voice="agent")
    listed = phone_company.ask("GET", "/simulator/phones")["phones"]
    assert [phone["number"] for phone in listed] == ["+33639980001", "+33639980002"]
