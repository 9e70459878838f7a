"""The port of learning: fits the chance model to a history of answers."""

from typing import Protocol

from ygs.domain.learning.history import AnswerHistory
from ygs.domain.learning.parameters import ChanceParameters


class ChanceModel(Protocol):
    """Fits the chance model. Every implementation equals `ygs.domain.learning.chance_model.fit`: integers that differ
    at all differ by one, because sums of floating-point numbers round differently."""

    def fit(self, history: AnswerHistory) -> ChanceParameters:
        """Fit the model; the same history gives the same integers on one machine, in whatever order it came."""
        ...
