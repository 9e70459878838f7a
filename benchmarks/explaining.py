"""How long answers take: why one person got nobody, among 100,000 candidates; the same for all unmatched of a round.

`python -m benchmarks.explaining [--people N] [--round N] [--asked N]`: N candidates for one person (as many again
stand beside the person), N people in the round, of whom three in five are men, and how many single people to ask about.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from statistics import median

from benchmarks.markets import city
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.application.explanations.why_unmatched import WhyUnmatched, all_unmatched, why_unmatched
from ygs.application.rounds.solve_round import plan_round
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.explaining import explain_pair
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import RoundPlan
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.relaxations import Change
from ygs.ports.scoring_and_solving import Scores

POLICY = Policy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--round", type=int, default=10_000)
    parser.add_argument("--asked", type=int, default=30)
    asked = parser.parse_args()
    figures = one_of_many(asked.people, asked.asked) | whole_round(asked.round)
    print(json.dumps(figures))


def one_of_many(people: int, asked: int) -> dict[str, float]:
    """Ask about people spread over a market, under a plan that introduces nobody."""
    market = city(people)
    scores = VectorisedScorer().scores(market, POLICY)
    plan = replace(plan_round([], scorer=VectorisedScorer(), solver=ExactSolver()), unmatched=market.ids)
    seconds, told = [], list[WhyUnmatched]()
    began = time.process_time()
    for place in range(0, len(market), max(1, len(market) // asked)):
        since = time.perf_counter()
        told.append(why_unmatched(place, market, scores, POLICY, plan))
        told[-1].sentences(Language.KO)
        seconds.append(time.perf_counter() - since)
    cpu = (time.process_time() - began) / len(seconds)
    recounted = sum(recount(why, market, scores) for why in told[:5])
    least = min(told, key=lambda why: why.candidates)
    print(f"Why nobody, for one person against {people:,} candidates ({len(seconds)} people asked about):")
    print(
        f"  first {seconds[0]:.2f} s, median {median(seconds):.2f} s, longest {max(seconds):.2f} s, "
        f"{cpu:.2f} s of processor time each"
    )
    print(f"  {recounted} relaxations and questions counted again over the whole market: all true")
    print("\n".join(f"    {line}" for line in least.sentences(Language.KO)))
    return {
        "candidates": people,
        "one_median_seconds": round(median(seconds), 3),
        "one_longest_seconds": round(max(seconds), 3),
        "one_cpu_seconds": round(cpu, 3),
        "recounted": recounted,
    }


def recount(why: WhyUnmatched, market: Market, scores: Scores) -> int:
    """Make each change and hold the changed person against everybody; how many were recounted."""
    me = market.person(why.place)
    changes = [([step.change for step in each.steps], each.opens) for each in why.relaxations]
    changes += [([Change(facts={each.attribute: each.answer})], each.opens) for each in why.questions]
    for those, opens in changes:
        changed = me
        for change in those:
            changed = change.applied(changed)
        against = scores.against(changed)
        rows = zip(against.sought, against.i_refuse, against.they_refuse, against.mine, against.theirs, strict=True)
        eligible = sum(1 for s, i, t, a, b in rows if s and not i | t and min(a, b) >= POLICY.floor)
        if eligible - why.candidates != opens:
            sys.exit(f"{why.id}: {those} opens {eligible - why.candidates}, not {opens}")
    return len(changes)


def whole_round(people: int) -> dict[str, float]:
    """Plan a round with more men than women, and explain everybody who got no one, then every pair."""
    market = lopsided(people)
    since = time.perf_counter()
    plan = plan_round(market, POLICY, scorer=VectorisedScorer(), solver=ExactSolver())
    planned = time.perf_counter() - since
    scores = VectorisedScorer().scores(market, POLICY)
    since, began = time.perf_counter(), time.process_time()
    told = list(all_unmatched(market, scores, POLICY, plan, show))
    seconds, cpu = time.perf_counter() - since, time.process_time() - began
    pairs = pairs_a_second(plan, market)
    taken = sum(1 for why in told if why.candidates == why.taken > 0)
    helped = sum(1 for why in told if why.relaxations)
    print(f"\rA round of {people:,} planned in {planned:.1f} s; {len(told):,} got no one:")
    print(
        f"  all explained in {seconds:.1f} s, {1000 * seconds / max(len(told), 1):.1f} ms each; "
        f"{cpu:.1f} s of processor time"
    )
    print(f"  {taken:,} lost all their candidates to others; {helped:,} have a relaxation that opens somebody")
    print(f"  {pairs:,.0f} planned pairs explained a second")
    return {
        "round": people,
        "unmatched": len(told),
        "all_unmatched_seconds": round(seconds, 2),
        "all_unmatched_cpu_seconds": round(cpu, 2),
        "unmatched_milliseconds_each": round(1000 * seconds / max(len(told), 1), 2),
        "plan_seconds": round(planned, 2),
        "pairs_explained_per_second": round(pairs),
    }


def lopsided(people: int) -> Market:
    """A city in which a fifth of the women are men instead."""
    market = city(people // 2)
    women = [place for place, gender in enumerate(market.genders) if gender == 2]
    for place in women[::5]:
        market.genders[place], market.seeks[place] = 1, 2
    return market


def pairs_a_second(plan: RoundPlan, market: Market) -> float:
    places = market.places()
    since = time.perf_counter()
    for pair in plan.pairs:
        a, b = market.person(places[pair.a]), market.person(places[pair.b])
        explain_pair(a, b, POLICY).sentences(Language.KO)
    return len(plan.pairs) / (time.perf_counter() - since)


def show(stage: str, done: int, total: int) -> None:
    if done % 100 == 0:
        print(f"\r  {stage} {done:,} of {total:,}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
