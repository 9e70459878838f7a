"""A match week from end to end on SQLite: ``python -m benchmarks.round [--people 10000 | --okcupid FILE]``.

People come in (made up, or from the OkCupid file), two weeks are planned, published and checked, and the second repeats
no pair. Beside it the scorer runs against NumPy on the same market size.
"""

import argparse
import asyncio
import json
import resource
import tempfile
from collections.abc import Awaitable
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from pydantic import SecretStr

from benchmarks import _rivals
from benchmarks.engine import Stages
from benchmarks.markets import city
from ygs.application.actors import Actor
from ygs.application.importing.mapping import parse_mapping
from ygs.application.rounds.solve_round import BEST_AT_FIRST
from ygs.application.rounds.weeks import CreateWeek
from ygs.application.simulation.club import club
from ygs.bootstrap import Application, build, upgrade_database
from ygs.domain.ids import WeekId
from ygs.domain.matching.plan import RoundPlan
from ygs.domain.matching.policy import Policy
from ygs.settings import Settings

OPERATOR = Actor.operator()
MAPPING = Path(__file__).parents[1] / "examples" / "okcupid.toml"
CHUNK = 2_000
RIVALS = 10_000  # people a side for the scorer beside NumPy, which would need minutes for more

Done = TypeVar("Done")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--okcupid", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=SecretStr(f"sqlite:///{folder}/round.db"))
        figures = asyncio.run(_weeks(settings, options.people, options.okcupid))
    ours, theirs = _rivals.best_speeds(city(RIVALS, seed=1), Policy(), BEST_AT_FIRST)
    print(f"scorer: {ours / 1e6:,.0f} million pairs/s, NumPy {theirs / 1e6:,.1f}: {ours / theirs:.1f} times")
    print(json.dumps(figures | {"scorer_vs_numpy": round(ours / theirs, 1)}))


async def _weeks(settings: Settings, people: int, okcupid: Path | None) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    await upgrade_database(settings)
    async with build(settings) as ygs:
        come = _import(ygs, okcupid) if okcupid else _make_up(ygs, people)
        figures["people"] = await _timed("come_in", come, figures)
        first = await _week(ygs, "", figures)
        second = await _week(ygs, "second_", figures)
        repeated = {(pair.a, pair.b) for pair in first.pairs} & {(pair.a, pair.b) for pair in second.pairs}
        violations = await _timed("check", ygs.invariant_check.check(OPERATOR), figures)
    figures |= {"repeated_pairs": len(repeated), "violations": len(violations)}
    figures["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"repeated pairs {len(repeated)}, broken invariants {len(violations)}, at most {figures['peak_mib']:,} MiB")
    return figures


async def _import(ygs: Application, file: Path) -> int:
    report = await ygs.member_import.run(OPERATOR, str(file), parse_mapping(MAPPING.read_bytes()), commit=True)
    return report.accepted


async def _make_up(ygs: Application, people: int) -> int:
    members = list(club(people, seed=1, at=ygs.clock.now()))
    async with ygs.storage.write() as tx:
        for start in range(0, people, CHUNK):
            await tx.users.add_all(members[start : start + CHUNK])
    return people


async def _week(ygs: Application, name: str, figures: dict[str, Any]) -> RoundPlan:
    week = WeekId((await ygs.weeks.create(OPERATOR, CreateWeek(week=None))).id)
    await _timed(f"{name}lock", ygs.weeks.lock(OPERATOR, week), figures)
    stages = Stages()
    plan = await _timed(f"{name}plan", ygs.planning.plan(OPERATOR, week, progress=stages.tell), figures)
    figures[f"{name}stages"] = stages.seconds()
    await _timed(f"{name}publish", ygs.planning.publish(OPERATOR, week), figures)
    certificate = plan.certificate
    if certificate is not None:
        figures[f"{name}pairs"], figures[f"{name}gap"] = len(plan.pairs), certificate.gap
        share = certificate.gap / max(certificate.bound[-1], 1)
        print(f"{len(plan.pairs):,} pairs, at most {share:.4%} from the optimum; {stages.seconds()}", flush=True)
    return plan


async def _timed(name: str, work: Awaitable[Done], figures: dict[str, Any]) -> Done:
    started = perf_counter()
    done = await work
    figures[f"{name}_seconds"] = round(perf_counter() - started, 2)
    print(f"{name}: {figures[f'{name}_seconds']:.1f} s", flush=True)
    return done


if __name__ == "__main__":
    main()
