"""The chances of a market: what was learned, as a week that is locked freezes it."""

from ygs.domain.matching.market import Market
from ygs.domain.matching.policy import Objective, Policy
from ygs.ports.storage import Reading


async def with_learned_chances(market: Market, policy: Policy, reading: Reading) -> Market:
    """The market with the version in use, where the policy maximises chances.

    Otherwise, and as long as no version is in use, the market as it is: then the round goes by the score.
    """
    if policy.objective is not Objective.CHANCE:
        return market
    version = await reading.learning.in_use()
    if version is None:
        return market
    people = await reading.learning.people(version.number)
    return market.with_chances(str(version.number), version.rates, people)
