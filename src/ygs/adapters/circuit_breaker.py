"""Leaves a service alone that does not answer."""

import time
from collections.abc import Callable

from ygs.domain.errors import N_, Unavailable

FAILURES = 5
REST_SECONDS = 30.0


class Breaker:
    """After five failures in a row nobody is kept waiting for half a minute; then one caller tries for all.

    Only what is called `failed` counts: a refusal is an answer. `advice`: what else can be done, after a comma.
    """

    def __init__(self, name: str, advice: str = "", *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._advice = advice
        self._seconds = seconds
        self._failures = 0
        self._closed_until = 0.0

    def require(self) -> None:
        """`Unavailable` while the service is left alone."""
        now = self._seconds()
        if now < self._closed_until:
            raise Unavailable(
                N_("{name} does not answer at the moment: try again shortly{advice}"),
                name=self._name,
                advice=self._advice,
            )
        if self._failures >= FAILURES:
            # This caller is the one to try; the others wait for how it goes.
            self._closed_until = now + REST_SECONDS

    def answered(self) -> None:
        """It is well."""
        self._failures = 0
        self._closed_until = 0.0

    def failed(self) -> Unavailable:
        """It is not: count it, and get what to raise."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._closed_until = self._seconds() + REST_SECONDS
        return Unavailable(N_("{name} did not answer: try again{advice}"), name=self._name, advice=self._advice)
