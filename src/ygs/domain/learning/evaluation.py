"""The result of judging the chance model on weeks that it has not seen."""

from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much one way of predicting is better than another, with its 95 % interval over resampled weeks."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How well answers were predicted: mean log loss per answer (less is better), and AUC inside each person's list
    (0.5 is a coin)."""

    log_loss: float
    auc: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """The introductions whose predicted chance of a mutual yes lay between `least` and `most`, millionths.

    `predicted`: their mean; `mutual` of `introductions` became mutual, a share whose 95 % interval (Wilson) is `low` to
    `high`, millionths.
    """

    least: int
    most: int
    predicted: int
    introductions: int
    mutual: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How the model predicted the weeks that it had not seen.

    `weeks`, `answers`: predicted. `learned`, `score`, `rates`: the model, the score alone, and smoothed rates. The
    gains are over the score alone. `enough`: whether there were weeks and answers enough to tell; without, the other
    figures are empty. `reliability`: ascending by chance.
    """

    enough: bool
    weeks: int = 0
    answers: int = 0
    learned: Quality = Quality(0, 0)
    score: Quality = Quality(0, 0)
    rates: Quality = Quality(0, 0)
    log_loss_gain: Gain = Gain(0, 0, 0)
    auc_gain: Gain = Gain(0, 0, 0)
    reliability: tuple[Reliability, ...] = ()

    @property
    def helps(self) -> bool:
        """Whether the model may be switched on: both intervals say that it predicts better than the score alone."""
        return self.enough and self.log_loss_gain.low > 0 and self.auc_gain.low > 0

    def introductions_like(self, chance: int) -> Reliability | None:
        """The introductions with chances like this, millionths: of the last group that begins at or below it; None
        without groups."""
        below = [each for each in self.reliability if each.least <= chance]
        return below[-1] if below else next(iter(self.reliability), None)


def wilson(happened: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    z = 1.96
    share = happened / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    reach = z / (1 + z * z / of) * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(middle - reach, 0.0), min(middle + reach, 1.0)
