"""The chance model as the specification fits it: for small clubs, and where NumPy is not installed."""

from ygs.domain.learning.chance_model import fit
from ygs.domain.learning.history import AnswerHistory
from ygs.domain.learning.parameters import ChanceParameters


class PlainChanceModel:
    """The specification itself."""

    def fit(self, history: AnswerHistory) -> ChanceParameters:
        return fit(history)
