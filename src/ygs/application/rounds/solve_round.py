"""A round: who is introduced to whom this week, proven over the whole market.

The solver sees each person's best candidates first. Its prices say what any further pair would have to be worth to
matter, so the whole market is searched for such pairs; they are added and the round is solved again, until there is
none. What then stands is the best plan over *all* eligible pairs, though most were never held in memory.
"""

from array import array
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from operator import and_, sub

from ygs.application.rounds.baselines import ChosenPairs, greedy, stable
from ygs.application.rounds.column_generation import ColumnGeneration
from ygs.application.rounds.first_prices import first_prices
from ygs.application.rounds.pair_pool import PairPool
from ygs.domain.errors import N_, RoundRefused
from ygs.domain.matching.constraints import Terms, adjusted_pairs
from ygs.domain.matching.market import Candidate, Market, Pairs, type_mask
from ygs.domain.matching.no_harm import MOST_RAISES, Bonuses, ComparedPlan, NoHarm, compare_plans
from ygs.domain.matching.pair_worth import PairWorth
from ygs.domain.matching.plan import Overrides, RoundPlan
from ygs.domain.matching.plan_statistics import least_content, not_counted, planned_pairs, statistics_of
from ygs.domain.matching.policy import Objective, Policy, Strategy
from ygs.ports.scoring_and_solving import Checkpoint, Progress, RoundSolver, Scorer, Solution, Test, silent

BEST_AT_FIRST = 12  # candidates per person given to the solver before the market is searched
# By chances they are ranked by a guess at the prices, so the searches at prices find so many pairs that longer lists at
# first cost less.
BEST_BY_CHANCE = 20
# Solving twice over, as a market without two sides must be, costs more than holding pairs that turn out not to matter:
# with these OkCupid's 57,412 people take five searches instead of ten.
BEST_WITHOUT_SIDES = 30


def plan_round(
    market: Market | Iterable[Candidate],
    policy: Policy | None = None,
    overrides: Overrides | None = None,
    *,
    history: Iterable[tuple[str, str]] = (),
    seed: int = 0,
    scorer: Scorer,
    solver: RoundSolver,
    progress: Progress = silent,
    guarded: bool = True,
    checkpoint: Checkpoint | None = None,
) -> RoundPlan:
    """Plan one round: a pure function of its arguments, whatever their order.

    `market`: everybody who takes part, as a `Market` or as candidates, then with the pairs of ids `history` who met
    before. `guarded`: whether a plan by chances must keep the no-harm rule, or the plan by scores is taken. A market of
    which nothing was learned is planned by scores where the policy asks for chances.
    `RoundRefused` when the overrides cannot be kept; it names whom and why.
    """
    if not isinstance(market, Market):
        market = Market.of(market, met=history)
    elif history:
        raise RoundRefused(N_("a market holds its own history: give `history` with candidates only"))
    policy = policy or Policy()
    planning = Round(
        market,
        policy,
        seed=seed,
        scorer=scorer,
        solver=solver,
        progress=progress,
        guarded=guarded,
        checkpoint=checkpoint,
    )
    return planning.plan(overrides)


class Round:
    """One market under one policy, to be planned again and again under different overrides.

    The first plan is made from nothing and depends on the arguments only. Later ones start from the last solution and
    take a fraction of the time; they are worth exactly what a first plan would be, but among plans of the same worth
    may be another. So what is published comes from a first plan, and what a change would cost from a later one.
    """

    def __init__(
        self,
        market: Market,
        policy: Policy,
        *,
        seed: int = 0,
        scorer: Scorer,
        solver: RoundSolver,
        progress: Progress = silent,
        guarded: bool = True,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.market = market
        self.policy = policy
        self.seed = seed
        self.progress = progress
        self._scorer = scorer
        self._solver = solver
        self._checkpoint = checkpoint
        self._worth = PairWorth.of(market, policy)
        self._guarded = guarded and self._worth.by_chance
        self._by_score: Round | None = None
        self._scores = scorer.scores(market, policy)
        self._hash = market.input_hash()
        self._pool: PairPool | None = None
        self._last: Solution | None = None
        self._bonuses: Bonuses = {}

    def plan(self, overrides: Overrides | None = None, strategy: Strategy | None = None) -> RoundPlan:
        """The plan under these overrides and the policy's strategy (or another)."""
        overrides = overrides or Overrides()
        strategy = strategy or self.policy.strategy
        plan = self._planned(overrides, strategy)
        if not self._guarded:
            return plan
        by_score = self._round_by_score().plan(overrides, strategy)
        least = self._compared(by_score)
        compared = compare_plans(self.market, self._compared(plan), least)
        if compared.kept:
            return replace(plan, no_harm=compared)
        mended = self._mended(overrides, compared, least) if strategy is Strategy.OPTIMAL else None
        return mended or replace(by_score, no_harm=compared)

    def _mended(self, overrides: Overrides, compared: NoHarm, by_score: ComparedPlan) -> RoundPlan | None:
        """The plan by chances with bonuses for the groups that were harmed without; None where it does not keep the
        rule within a few raises, or has no greater total of chances than the plan by scores."""
        for _ in range(MOST_RAISES):
            bonuses = compared.raised()
            plan = self._planned(overrides, Strategy.OPTIMAL, bonuses)
            by_chance = self._compared(plan)
            if by_chance.chances <= by_score.chances:
                return None
            compared = compare_plans(self.market, by_chance, by_score, bonuses)
            if compared.kept:
                return replace(plan, no_harm=compared)
        return None

    def _round_by_score(self) -> "Round":
        """The same round by scores, which the no-harm rule compares with."""
        if self._by_score is None:
            self._by_score = Round(
                self.market,
                replace(self.policy, objective=Objective.TOTAL),
                seed=self.seed,
                scorer=self._scorer,
                solver=self._solver,
                progress=self.progress,
            )
        return self._by_score

    def _compared(self, plan: RoundPlan) -> ComparedPlan:
        places = self.market.places()
        return ComparedPlan(
            tuple((places[pair.a], places[pair.b], pair.chance or 0) for pair in plan.pairs), plan.report.gini
        )

    def _planned(self, overrides: Overrides, strategy: Strategy, bonuses: Bonuses | None = None) -> RoundPlan:
        terms = Terms.of(self.market, self.policy, overrides, bonuses)
        self._reweigh(terms, bonuses or {})
        if strategy is Strategy.OPTIMAL:
            choice = self._optimal(overrides, terms)
        else:
            choose = stable if strategy is Strategy.STABLE else greedy
            choice = choose(terms, self._pair_pool(terms), self._scores, self.progress)
        return self._written(overrides, strategy, terms, choice)

    def compare(self, overrides: Overrides | None = None) -> dict[Strategy, RoundPlan | RoundRefused]:
        """The plan of each strategy, or why the strategy does not apply."""
        plans: dict[Strategy, RoundPlan | RoundRefused] = {}
        for strategy in Strategy:
            try:
                plans[strategy] = self.plan(overrides, strategy)
            except RoundRefused as refused:
                plans[strategy] = refused
        return plans

    def _optimal(self, overrides: Overrides, terms: Terms) -> ChosenPairs:
        if self._checkpoint is None or self._pool is not None:
            generation = self._generation(terms)
            start = self._last
        else:
            generation, start = self._resumed(self._checkpoint, self._name(overrides), terms)
        choice, self._last = generation.optimal(self.seed, start)
        return choice

    def _reweigh(self, terms: Terms, bonuses: Bonuses) -> None:
        """Weigh the pool by other bonuses than before. The last solution is of other weights, and no start then."""
        if self._pool is not None and bonuses != self._bonuses:
            self._pool.reweigh(terms.weights)
            self._last = None
        self._bonuses = bonuses

    def _generation(self, terms: Terms) -> ColumnGeneration:
        return ColumnGeneration(terms, self._pair_pool(terms), self._scores, self._solver, self.progress)

    def _resumed(self, checkpoint: Checkpoint, name: str, terms: Terms) -> tuple[ColumnGeneration, Solution | None]:
        """The column generation as it was kept, or from its first pairs, which are kept."""
        state = checkpoint.load(name)
        if state is not None:
            self._pool = PairPool.of_batches(len(self.market), state.pool, terms.weights)
        generation = self._generation(terms)
        generation.keep = partial(checkpoint.save, name)
        if state is None:
            generation.keep_state(None)
            return generation, None
        generation.searches = state.searches
        generation.scanned = state.scanned
        return generation, state.solution

    def _name(self, overrides: Overrides) -> str:
        """A name for this round under these overrides, which no other round has."""
        pairs = [sorted(sorted(pair) for pair in some) for some in (overrides.pins, overrides.forbids)]
        given = (self._hash, self.policy, self.seed, pairs, sorted(overrides.left_out))
        return sha256(repr(given).encode()).hexdigest()

    def _pair_pool(self, terms: Terms) -> PairPool:
        if self._pool is None:
            two_sided = not any(map(and_, self.market.genders, self.market.seeks))
            at_first = BEST_BY_CHANCE if self._worth.by_chance else BEST_AT_FIRST
            most = at_first if two_sided else BEST_WITHOUT_SIDES
            prices = first_prices(self.market, self._worth)
            offsets = array(type_mask, map(sub, terms.bonus, prices))
            best = self._scores.best(most, offsets, self.progress)
            self._pool = PairPool(len(self.market), best, terms.weights)
            # A search finds pairs by their weight before it is adjusted, so these are held whatever they are worth.
            self._pool.add(adjusted_pairs(self.market, self.policy), frozenset())
        return self._pool

    def _written(self, overrides: Overrides, strategy: Strategy, terms: Terms, choice: ChosenPairs) -> RoundPlan:
        chosen = _together(terms.pinned, choice.pairs)
        least = least_content(self.market, chosen, overrides)
        blocking = self._scores.beyond(Test.BLOCKS, least, 1, progress=self.progress).count
        blocking -= not_counted(self.market, self.policy, chosen, overrides, least)
        ids = self.market.ids
        introduced = {*chosen.a, *chosen.b}
        return RoundPlan(
            strategy=strategy,
            policy_version=self.policy.version,
            seed=self.seed,
            input_hash=self._hash,
            overrides=overrides,
            pairs=tuple(planned_pairs(self.market, chosen)),
            unmatched=tuple(person for place, person in enumerate(ids) if place not in introduced),
            certificate=choice.certificate,
            report=statistics_of(self.market, self.policy, chosen, blocking),
            prices=tuple(choice.prices),
            scale=choice.scale,
            by_chance=self._worth.by_chance,
        )


def _together(pinned: Pairs, chosen: Pairs) -> Pairs:
    both = Pairs.none()
    for row in sorted([*pinned.rows(), *chosen.rows()]):
        both.add(*row)
    return both
