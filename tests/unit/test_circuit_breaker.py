"""Who does not answer is left alone for a while, and then asked by one for all."""

from dataclasses import dataclass

import pytest

from ygs.adapters.circuit_breaker import FAILURES, REST_SECONDS, Breaker
from ygs.domain.errors import Unavailable


@dataclass
class Time:
    """Seconds that pass when told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def broken(time: Time) -> Breaker:
    breaker = Breaker("somebody", seconds=time)
    for _ in range(FAILURES):
        breaker.require()
        breaker.failed()
    return breaker


def test_fewer_failures_than_five_in_a_row_keep_nobody_out(time: Time) -> None:
    breaker = Breaker("somebody", seconds=time)
    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.require()
            breaker.failed()
        breaker.answered()
    breaker.require()


def test_after_five_nobody_waits_for_half_a_minute(time: Time) -> None:
    breaker = broken(time)
    for time.now in (0.0, REST_SECONDS - 0.001):
        with pytest.raises(Unavailable, match="somebody"):
            breaker.require()


def test_then_one_tries_for_all_and_the_others_wait_for_how_it_goes(time: Time) -> None:
    breaker = broken(time)
    time.now = REST_SECONDS
    breaker.require()
    with pytest.raises(Unavailable):
        breaker.require()
    breaker.answered()
    breaker.require()
    breaker.require()


def test_one_more_failure_is_another_half_minute(time: Time) -> None:
    breaker = broken(time)
    time.now = REST_SECONDS
    breaker.require()
    breaker.failed()
    time.now = 2 * REST_SECONDS - 0.001
    with pytest.raises(Unavailable):
        breaker.require()
    time.now = 2 * REST_SECONDS
    breaker.require()
