"""The pace of a sender falls when the carrier asks, and comes back by itself."""

from datetime import UTC, datetime, timedelta

from outreach.domain.send_pace import SenderPace

NOW = datetime(2021, 3, 16, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def pace(**changes: object) -> SenderPace:
    usual: dict[str, object] = {"pace": 10, "most": 100, "tokens": 0, "refilled_at": NOW}
    return SenderPace(**(usual | changes))  # type: ignore[arg-type]


def test_tokens_come_with_time_and_never_exceed_a_burst() -> None:
    assert pace().refilled(NOW + SECOND / 2).tokens == 5
    assert pace().refilled(NOW + 60 * SECOND).tokens == 10


def test_parts_of_a_segment_are_not_lost() -> None:
    bucket = pace(pace=1)
    for step in range(1, 31):
        bucket = bucket.refilled(NOW + step * SECOND / 10)
        bucket = bucket.spent(bucket.allowance(NOW))
    assert bucket.refilled_at == NOW + 3 * SECOND


def test_an_overdrawn_bucket_waits() -> None:
    bucket = pace(tokens=1).spent(3)
    assert bucket.allowance(NOW) == 0
    assert bucket.refilled(NOW + SECOND / 4).allowance(NOW) == 0
    assert bucket.refilled(NOW + SECOND / 2).allowance(NOW + SECOND) == 3


def test_it_halves_and_pauses_when_asked_then_comes_back() -> None:
    slow = pace(tokens=9).after_batch(slowed_down=True, now=NOW)
    assert (slow.pace, slow.tokens, slow.allowance(NOW)) == (5, 0, 0)
    assert slow.refilled(NOW + 2 * SECOND).allowance(NOW + 2 * SECOND) > 0
    for _ in range(60):
        slow = slow.after_batch(slowed_down=False, now=NOW)
    assert slow.pace == 100


def test_it_never_stops_by_itself_and_a_stopped_one_sends_nothing() -> None:
    assert pace(pace=1).after_batch(slowed_down=True, now=NOW).pace == 1
    assert pace(tokens=10, stopped_because="OUR_FAULT").allowance(NOW) == 0


def test_those_who_can_wait_leave_a_fifth_of_a_burst_to_a_missed_call() -> None:
    assert pace(tokens=10).bulk_allowance(NOW) == 8
    assert pace(tokens=2).bulk_allowance(NOW) == 0
    assert pace(tokens=2).allowance(NOW) == 2
    assert pace(pace=1, tokens=1).bulk_allowance(NOW) == 1  # at a pace of one, all would wait for ever
