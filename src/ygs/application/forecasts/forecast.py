"""The computation of a forecast: simulate the contract many times, in a club as today's, with its own rates.

What makes the interval wide is simulated: others take the same people, people join and leave, and of the rates of
joining, leaving and accepting the club's record says only so much. A further person's rate of mutual answers is drawn
for each contract, because people differ more than any mean.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from ygs.application.explanations.suggestions import Relaxation, what_would_help
from ygs.application.forecasts.club_rates import MutualRate, WeeklyRate
from ygs.application.forecasts.pool import Pool, candidates_of, pool_of
from ygs.application.forecasts.simulated_contract import SimulatedContract
from ygs.domain.forecasts import ClubRecord, ExpectedCount, Forecast, ForecastTerms, told_count
from ygs.domain.matching.market import Candidate, Market, type_flag
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import Progress, Scorer, silent

# With 39 contracts, a further one lies between the second lowest and the second highest with a probability of 90 %.
CONTRACTS = 39
_ANSWERS_EACH = 20


@dataclass(frozen=True, slots=True)
class ForecastInputs:
    """What a forecast is computed from, besides the person: today's market, its policy, and the club's record."""

    market: Market
    policy: Policy
    record: ClubRecord


@dataclass(frozen=True, slots=True)
class ForecastResult:
    """A forecast, the places of the person's candidates, and the cheapest relaxations."""

    forecast: Forecast
    candidates: Sequence[int]
    relaxations: Sequence[Relaxation]


def make_forecast(
    person: Candidate,
    inputs: ForecastInputs,
    terms: ForecastTerms,
    *,
    seed: int = 0,
    scorer: Scorer,
    contracts: int = CONTRACTS,
    progress: Progress = silent,
) -> ForecastResult:
    """Forecast what a contract brings the person: a pure function of its arguments. Takes seconds: run it in a thread.

    `contracts`: how often the contract is simulated, at least 19. The person's id must be `NOBODYS_ID`.
    """
    rng = Random(seed)  # noqa: S311 - a simulation needs no secrets
    scores = scorer.scores(inputs.market, inputs.policy)
    candidates = candidates_of(person, scores, inputs.policy)
    everybody = array(type_flag, [1]) * len(inputs.market)
    relaxations, _ = what_would_help(person, scores, everybody)
    pool = pool_of(person, candidates, inputs.market, inputs.policy, scorer, rng)
    introduced = list(_introductions(pool, inputs, terms, contracts, rng, progress))
    mutual = [count for each in introduced for count in _mutual(each, inputs.record, rng)]
    forecast = Forecast(
        terms=terms,
        candidates=told_count(len(candidates)),
        introductions=ExpectedCount.of(introduced),
        mutual=ExpectedCount.of(mutual),
        kept_percent=_kept_percent(introduced, terms),
        seed=seed,
    )
    return ForecastResult(forecast, candidates, relaxations)


def _introductions(
    pool: Pool, inputs: ForecastInputs, terms: ForecastTerms, contracts: int, rng: Random, progress: Progress
) -> Iterator[int]:
    leaving = WeeklyRate.of_leaving(inputs.record)
    joining = WeeklyRate.of_joining(inputs.record, len(inputs.market))
    for number in range(contracts):
        contract = SimulatedContract(pool, inputs.policy, terms, rng)
        yield contract.run(leaving.draw(rng), joining.draw(rng))
        progress("forecast", number + 1, contracts)


def _mutual(introductions: int, record: ClubRecord, rng: Random) -> Iterator[int]:
    """Draws of how many of one contract's introductions both accept."""
    rate = MutualRate.of(record.tallies)
    for _ in range(_ANSWERS_EACH):
        accepted = rate.draw(rng)
        yield sum(rng.random() < accepted for _ in range(introductions))


def _kept_percent(introduced: Sequence[int], terms: ForecastTerms) -> int | None:
    if not terms.promised:
        return None
    return round(100 * sum(each >= terms.promised for each in introduced) / len(introduced))
