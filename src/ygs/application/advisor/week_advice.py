"""The advice of a match week: a dry run, asking, and the plan with and without it.

Advice is asked for after a week is locked and before it is planned. What comes of it becomes a part of the locked
market, which is committed to anew.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.advisor.asking import AdviceEnd, Asking, estimate, in_calls, shares_by_id
from ygs.application.advisor.evaluation import (
    AdviceEvaluation,
    AdviceEvaluationView,
    Strengths,
    evaluate_advice,
    strengths_of,
)
from ygs.application.advisor.prompts import pairs_prompt
from ygs.application.advisor.questions import Questions, questions, shortlist, without_advice
from ygs.application.advisor.rules import AdviceRules
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.person_views import People, people_of
from ygs.application.rounds.commitments import CodeVersion, FrozenMarket, commit_inputs, freeze
from ygs.application.rounds.leases import LeaseSeconds, week_lease
from ygs.application.rounds.solve_round import plan_round
from ygs.application.rounds.weeks import Finish, unfinished
from ygs.domain.advice import AdviceUsage, PairAdvice
from ygs.domain.errors import N_, NotFound, NotSetUp, RoundRefused
from ygs.domain.ids import UserId, WeekId
from ygs.domain.match_weeks import MatchWeek, WeekState
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import PairOfIds, RoundPlan
from ygs.ports.authentication import Secrets
from ygs.ports.clock_and_ids import Clock
from ygs.ports.match_advisor import MatchAdvisor, Prompt
from ygs.ports.scoring_and_solving import Progress, RoundSolver, Scorer, silent
from ygs.ports.storage import Storage, Writing

# Until closed weeks say that advice helps, a pair moves by at most this much, basis points.
TRIAL_SHARE = 100
# Closed weeks that are looked at, the latest first.
MOST_JUDGED = 26


class AdviceBill(BaseModel):
    """What advice takes: before, as the most that it can take, and afterwards."""

    model_config = ConfigDict(frozen=True)

    pairs: int = Field(description="Pairs on the shortlists.", ge=0)
    cached: int = Field(description="Pairs that were answered before.", ge=0)
    to_ask: int = Field(
        default=0, description="Of an estimate: the pairs to ask about. Both consented and both wrote a text.", ge=0
    )
    calls: int = Field(ge=0)
    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)
    answered: int = Field(default=0, description="Pairs with a usable answer of this attempt.", ge=0)
    refused: int = Field(default=0, description="Pairs whose answer was of no use.", ge=0)
    cost: Decimal = Field(description="In `currency`, by the prices in the settings.", ge=0)
    currency: str
    end: AdviceEnd = AdviceEnd.DONE


class DryRun(BaseModel):
    """One prompt exactly as it would be sent, or, last, the bill of all."""

    model_config = ConfigDict(frozen=True)

    instructions: str = ""
    data: str = ""
    bill: AdviceBill | None = None


class ComparedPair(BaseModel):
    """A pair of only one of two plans, and what was advised about it."""

    model_config = ConfigDict(frozen=True)

    a: UserId
    b: UserId
    mutual: int
    share: int = Field(description="By which share of itself its weight moved, basis points.")
    reason: str


class AdviceState(BaseModel):
    """The advice of a week: whether it can be asked for, what it moved, what it has taken, and the most of a round."""

    model_config = ConfigDict(frozen=True)

    on: bool = Field(description="Whether the operator has set up a language model.")
    moved: int = Field(ge=0, description="Pairs whose weight is moved in the locked week.")
    calls: int = Field(ge=0, description="Calls so far, over all attempts.")
    tokens: int = Field(ge=0, description="Tokens so far, read and written.")
    cost: Decimal = Field(ge=0, description="What they cost, in `currency`, by the prices in the settings.")
    most_calls: int = Field(ge=0, description="The most calls of a round.")
    most_tokens: int = Field(ge=0, description="The most tokens of a round.")
    most_seconds: int = Field(ge=0, description="How long one attempt may take, seconds.")
    most_cost: Decimal = Field(ge=0, description="The most that a round may cost.")
    currency: str = Field(description="The currency of the prices.")
    most_share: int = Field(ge=0, description="The most by which a pair moves once it helps, basis points.")


class AdviceComparison(BaseModel):
    """The plan of a week with and without advice, and whether advice predicted answers of closed weeks. Machine-made
    reasons; nothing is stored."""

    model_config = ConfigDict(frozen=True)

    evaluation: AdviceEvaluationView = Field(description="Advice against the score alone, over closed weeks.")
    advised: int = Field(description="Pairs whose weight moved.")
    introduced: tuple[int, int] = Field(description="People introduced, without and with advice.")
    total_mutual: tuple[int, int] = Field(description="Total of mutual scores, without and with advice.")
    only_without: list[ComparedPair]
    only_with: list[ComparedPair]


@dataclass(slots=True)
class _Estimate:
    """Of the pairs on shortlists: how many were answered before, how many there are to ask about, and what that takes
    at most."""

    pairs: int = 0
    cached: int = 0
    to_ask: int = 0
    used: AdviceUsage = field(default_factory=AdviceUsage)

    def add(self, batch: Questions, rules: AdviceRules) -> Sequence[Prompt]:
        """Count a batch; return the prompts that would be sent about it."""
        prompts = [pairs_prompt(items, rules.language) for items in in_calls(batch.open, rules.pairs_per_call)]
        self.pairs += batch.pairs
        self.cached += len(batch.known)
        self.to_ask += len(batch.open)
        self.used = sum(map(estimate, prompts), self.used)
        return prompts


@dataclass(frozen=True, slots=True)
class WeekAdvice:
    """Advice about the pairs of a locked week."""

    storage: Storage
    clock: Clock
    advisor: MatchAdvisor
    rules: AdviceRules
    scorer: Scorer
    solver: RoundSolver
    secrets: Secrets
    code_version: CodeVersion
    lease_seconds: LeaseSeconds

    async def dry_run(self, actor: Actor, id: WeekId, progress: Progress = silent) -> AsyncIterator[DryRun]:
        """Yield every prompt exactly as it would be sent, then the bill. Nothing is sent.

        The audit log holds everybody whose texts are in the prompts.
        """
        actor.require(Permission.RUN_WEEKS)
        asked = _Estimate()
        async for batch in self._questions(id, progress):
            people = sorted({person for item in batch.open for person in (item.a, item.b)})
            await self._audit_preview(actor, id, people)
            for prompt in asked.add(batch, self.rules):
                yield DryRun(instructions=prompt.instructions, data=prompt.data)
        yield DryRun(bill=self._estimated(asked))

    def require_model(self) -> None:
        """`NotSetUp` without a language model."""
        if not self.advisor.model:
            raise NotSetUp(N_("no language model is set up here: set YGS_ADVISOR"))

    async def state(self, actor: Actor, id: WeekId) -> AdviceState:
        """Return where the advice of a week stands."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read(latest=True) as reading:
            await reading.weeks.get(id)
            used = await reading.advice.usage(id)
            try:
                snapshot = await reading.weeks.snapshot(id)
            except NotFound:
                snapshot = b""
        moved = len(await asyncio.to_thread(_adjusted, snapshot)) if snapshot else 0
        budget = self.rules.budget
        return AdviceState(
            on=bool(self.advisor.model),
            moved=moved,
            calls=used.calls,
            tokens=used.tokens,
            cost=self.rules.prices.cost(used),
            most_calls=budget.calls,
            most_tokens=budget.tokens,
            most_seconds=budget.seconds,
            most_cost=budget.cost,
            currency=self.rules.prices.currency,
            most_share=self.rules.most_share,
        )

    async def estimate(self, actor: Actor, id: WeekId, progress: Progress = silent) -> AdviceBill:
        """Return the most that advice about a locked week can take; nothing is sent, and nobody's data is shown."""
        actor.require(Permission.RUN_WEEKS)
        asked = _Estimate()
        async for batch in self._questions(id, progress):
            asked.add(batch, self.rules)
        return self._estimated(asked)

    async def _questions(self, id: WeekId, progress: Progress) -> AsyncIterator[Questions]:
        week, market = await self._locked(id)
        keys = await asyncio.to_thread(shortlist, week, market, self.rules, self.scorer, progress)
        async for batch in questions(self.storage, market, keys, self.rules, self.advisor.model):
            yield batch

    async def evaluate(self, actor: Actor) -> AdviceEvaluationView:
        """Judge the advice of the last closed weeks, at most half a year of them, by the answers that came."""
        actor.require(Permission.READ_WEEKS)
        return AdviceEvaluationView.of(await self._evaluation())

    async def _evaluation(self) -> AdviceEvaluation:
        async with self.storage.read(latest=True) as reading:
            weeks = [each for each in await reading.weeks.latest() if each.state is WeekState.CLOSED][:MOST_JUDGED]
            advised = dict[int, Strengths]()
            for week in weeks:
                # One after the other: a market of a large club takes megabytes.
                with suppress(NotFound):
                    snapshot = await reading.weeks.snapshot(week.id)
                    advised[week.week.number] = await asyncio.to_thread(_strengths, snapshot)
            if not any(advised.values()):
                return AdviceEvaluation(enough=False)
            history = await reading.learning.history()
        return await asyncio.to_thread(evaluate_advice, history, advised)

    async def _audit_preview(self, actor: Actor, id: WeekId, people: list[UserId]) -> None:
        if people:
            async with begin_change(self.storage, actor, Permission.RUN_WEEKS) as tx:
                entry = audit_entry(actor, "week.advice_previewed", at=self.clock.now(), subjects=people, what=id)
                await tx.audit.add(entry)

    async def advise(
        self, actor: Actor, id: WeekId, progress: Progress = silent, finish: Finish = unfinished
    ) -> AdviceBill:
        """Ask about the shortlists of a locked week, and make what comes of it a part of the locked market.

        Unless closed weeks say that advice helps, a pair moves by at most `TRIAL_SHARE`: enough for its order to be
        judged by the answers. `finish` is called in the transaction that stores it. Whatever cannot be answered within
        the budget leaves its pairs as they are. `NotSetUp` without a language model, `WrongStatus` unless the week is
        locked and not planned, `LeaseLost` while another worker is busy with it.
        """
        actor.require(Permission.RUN_WEEKS)
        self.require_model()
        ready = MatchWeek.require_advisable
        async with week_lease(self.storage, self.clock, self.lease_seconds, actor, id, ready) as fence:
            week, market = await self._locked(id)
            keys = await asyncio.to_thread(shortlist, week, market, self.rules, self.scorer, progress)
            async with self.storage.read(latest=True) as reading:
                spent = await reading.advice.usage(id)
            rules = self.rules if (await self._evaluation()).helps else _on_trial(self.rules)
            asking = Asking(self.storage, self.clock, self.advisor, rules, actor, id, spent)
            batches = questions(self.storage, market, keys, self.rules, self.advisor.model)
            await asking.run(batches, len(keys), progress)
            advised = without_advice(market).with_adjustments(shares_by_id(asking.shares))
            frozen = await asyncio.to_thread(freeze, week, advised, self.secrets)
            bill = self._bill(len(keys), asking.cached, asking.used, asking.end)
            async with begin_change(self.storage, actor, Permission.RUN_WEEKS) as tx:
                await self._store(tx, actor, id, fence, frozen, bill)
                await finish(tx, _result(id, len(asking.shares), bill))
        return bill

    async def _store(
        self, tx: Writing, actor: Actor, id: WeekId, fence: int, frozen: FrozenMarket, bill: AdviceBill
    ) -> None:
        """Replace the locked market by the advised one, unless nothing about it changed."""
        now = self.clock.now()
        week = await tx.weeks.get(id)
        week.require_lease(fence, now)
        taken = f"{id} calls={bill.calls} tokens={bill.input_tokens + bill.output_tokens} end={bill.end}"
        await tx.audit.add(audit_entry(actor, "week.advised", at=now, what=taken))
        if frozen.input_hash == week.input_hash:
            return
        week = week.advised(at=now, input_hash=frozen.input_hash)
        await tx.weeks.keep_snapshot(id, frozen.snapshot)
        committed = await commit_inputs(tx, week, frozen, self.code_version, now)
        roots = f"{id} inputs={committed.input_root} plan_input={committed.plan_input}"
        await tx.audit.add(audit_entry(actor, "week.committed", at=now, what=roots))
        await tx.weeks.save(week)

    async def compare(self, actor: Actor, id: WeekId, progress: Progress = silent) -> AdviceComparison:
        """Plan a locked or proposed week with and without its advice, under its overrides; nothing is stored."""
        actor.require(Permission.READ_WEEKS)
        week, market = await self._locked(id)
        if market.adjustments is None:
            raise RoundRefused(N_("no advice has moved any pair of this week: ask for advice first"))
        without, advised = await asyncio.to_thread(self._both_plans, week, market, progress)
        old = {(each.a, each.b): each.mutual for each in without.pairs}
        new = {(each.a, each.b): each.mutual for each in advised.pairs}
        people = sorted({UserId(person) for pair in old.keys() ^ new.keys() for person in pair})
        async with begin_change(self.storage, actor, Permission.READ_WEEKS) as tx:
            known = {(each.a, each.b): each for each in reversed(await tx.advice.among(people))}
            if people:
                entry = audit_entry(actor, "week.advice_compared", at=self.clock.now(), subjects=people, what=id)
                await tx.audit.add(entry)
        shares = _shares(market)

        def listed(pairs: dict[PairOfIds, int], others: dict[PairOfIds, int]) -> list[ComparedPair]:
            return [_compared(pair, pairs[pair], shares, known) for pair in sorted(pairs.keys() - others.keys())]

        return AdviceComparison(
            evaluation=AdviceEvaluationView.of(await self._evaluation()),
            advised=len(market.adjustments),
            introduced=(without.report.introduced, advised.report.introduced),
            total_mutual=(without.report.total_mutual, advised.report.total_mutual),
            only_without=listed(old, new),
            only_with=listed(new, old),
        )

    async def compare_by_name(
        self, actor: Actor, id: WeekId, language: Language, progress: Progress = silent
    ) -> tuple[AdviceComparison, People]:
        """Compare as `compare` does, which audits everybody whom it shows, and name these people."""
        compared = await self.compare(actor, id, progress)
        pairs = (*compared.only_with, *compared.only_without)
        people = (person for each in pairs for person in (each.a, each.b))
        return compared, await people_of(self.storage, people, language)

    def _both_plans(self, week: MatchWeek, market: Market, progress: Progress) -> tuple[RoundPlan, RoundPlan]:
        plans = [
            plan_round(
                each,
                week.policy,
                week.overrides,
                seed=week.seed,
                scorer=self.scorer,
                solver=self.solver,
                progress=progress,
            )
            for each in (without_advice(market), market)
        ]
        return plans[0], plans[1]

    async def _locked(self, id: WeekId) -> tuple[MatchWeek, Market]:
        async with self.storage.read(latest=True) as reading:
            week = await reading.weeks.get(id)
            snapshot = await reading.weeks.snapshot(id)
        return week, await asyncio.to_thread(Market.from_bytes, snapshot)

    def _estimated(self, asked: "_Estimate") -> AdviceBill:
        bill = self._bill(asked.pairs, asked.cached, asked.used)
        return bill.model_copy(update={"to_ask": asked.to_ask})

    def _bill(self, pairs: int, cached: int, used: AdviceUsage, end: AdviceEnd = AdviceEnd.DONE) -> AdviceBill:
        prices = self.rules.prices
        return AdviceBill(
            pairs=pairs,
            cached=cached,
            calls=used.calls,
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            answered=used.answered,
            refused=used.refused,
            cost=prices.cost(used),
            currency=prices.currency,
            end=end,
        )


def _on_trial(rules: AdviceRules) -> AdviceRules:
    return replace(rules, most_share=min(rules.most_share, TRIAL_SHARE))


def _strengths(snapshot: bytes) -> Strengths:
    return strengths_of(Market.from_bytes(snapshot))


def _adjusted(snapshot: bytes) -> Mapping[int, int]:
    adjustments = Market.from_bytes(snapshot).adjustments
    return adjustments.by_key if adjustments else {}


def _result(id: WeekId, moved: int, bill: AdviceBill) -> dict[str, str | int]:
    """What the job of the advice stores."""
    tokens = bill.input_tokens + bill.output_tokens
    counts = {"pairs": moved, "calls": bill.calls, "tokens": tokens, "cached": bill.cached, "refused": bill.refused}
    return {"week": id, **counts, "cost": str(bill.cost), "end": str(bill.end)}


def _shares(market: Market) -> dict[PairOfIds, int]:
    moved = market.adjustments.by_key if market.adjustments else {}
    return {(market.ids[key // len(market)], market.ids[key % len(market)]): share for key, share in moved.items()}


def _compared(
    pair: PairOfIds, mutual: int, shares: dict[PairOfIds, int], known: dict[tuple[UserId, UserId], PairAdvice]
) -> ComparedPair:
    a = UserId(pair[0])
    b = UserId(pair[1])
    advice = known.get((a, b))
    return ComparedPair(a=a, b=b, mutual=mutual, share=shares.get(pair, 0), reason=advice.reason if advice else "")
