"""Counting tries: growing waits, nothing that a stranger can lock for ever."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.rate_limit import PER_ACCOUNT, AttemptCount
from ygs.entrypoints.testing.clock import NOON


def tried(times: int, at: datetime = NOON, attempts: AttemptCount | None = None) -> tuple[AttemptCount, timedelta]:
    attempts, wait = attempts or AttemptCount(since=at), timedelta(0)
    for _ in range(times):
        attempts, wait = attempts.take(PER_ACCOUNT, at=at)
    return attempts, wait


def test_five_tries_are_allowed_and_the_sixth_waits_a_minute() -> None:
    assert tried(5)[1] == timedelta(0)
    assert tried(6)[1] == timedelta(minutes=1)


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    attempts, at, waits = AttemptCount(since=NOON), NOON, []
    for _ in range(7):
        attempts, wait = tried(6, at, attempts)
        waits.append(wait.total_seconds() / 60)
        at += wait
    assert waits == [1, 2, 4, 8, 15, 15, 15]


def test_hammering_during_a_wait_does_not_prolong_it() -> None:
    blocked, _ = tried(6)
    hammered, wait = tried(1000, NOON + timedelta(seconds=59), blocked)
    assert hammered == blocked
    assert wait == timedelta(seconds=1)
    assert hammered.take(PER_ACCOUNT, at=NOON + timedelta(minutes=1))[1] == timedelta(0)


def test_a_try_that_was_right_is_given_back() -> None:
    attempts = AttemptCount(since=NOON)
    for _ in range(50):
        attempts, wait = attempts.take(PER_ACCOUNT, at=NOON)
        assert not wait
        attempts = attempts.give_back()


def test_who_kept_quiet_for_half_a_day_starts_over_with_the_shortest_wait_and_nobody_earlier() -> None:
    attempts = AttemptCount(since=NOON)
    at = NOON
    for _ in range(4):
        attempts, wait = tried(6, at, attempts)
        at += wait
    half_a_day = timedelta(hours=12)
    assert tried(6, at + half_a_day, attempts)[1] == timedelta(minutes=1)
    for quiet in (timedelta(minutes=5), timedelta(hours=1), half_a_day - timedelta(seconds=1)):
        assert tried(6, at + quiet, attempts)[1] == timedelta(minutes=15)


@given(st.lists(st.tuples(st.integers(0, 2000), st.booleans()), max_size=200))
def test_whatever_happens_nobody_waits_longer_than_the_longest_nor_tries_more_often_than_the_limit(
    steps: list[tuple[int, bool]],
) -> None:
    attempts, at, allowed = AttemptCount(since=NOON), NOON, list[datetime]()
    for seconds, right in steps:
        at += timedelta(seconds=seconds)
        attempts, wait = attempts.take(PER_ACCOUNT, at=at)
        assert wait <= PER_ACCOUNT.longest
        if not wait:
            allowed.append(at)
            if right:
                attempts = attempts.give_back()
                allowed.pop()
    # Two windows may touch, with a burst at the seam.
    for place, first in enumerate(allowed):
        window = [each for each in allowed[place:] if each - first < PER_ACCOUNT.per]
        assert len(window) <= 2 * PER_ACCOUNT.most + 5 * PER_ACCOUNT.most
