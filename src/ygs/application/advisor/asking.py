"""Asks about the pairs of one round, several calls at once, within the round's budget.

Every answer is stored as soon as it came, with what it took, so that whoever goes on after a crash pays for nothing
twice. A call without a usable answer leaves its pairs as they are, and of a pair one of whom withdrew the consent while
the model answered nothing is kept.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from ygs.application.actors import Actor, Permission
from ygs.application.advisor.answers import checked_answers
from ygs.application.advisor.prompts import PairItem, pairs_prompt, tokens_of
from ygs.application.advisor.questions import PairOfMembers, Questions
from ygs.application.advisor.rules import AdviceRules
from ygs.application.changes import require_by_now
from ygs.domain.advice import AdviceUsage, PairAdvice, consenting
from ygs.domain.errors import Misconfigured, Unavailable, YgsError
from ygs.domain.ids import WeekId
from ygs.ports.clock_and_ids import Clock
from ygs.ports.match_advisor import MatchAdvisor, ModelReply, Prompt
from ygs.ports.repositories.users import UserReader
from ygs.ports.scoring_and_solving import Progress
from ygs.ports.storage import Storage


class AdviceEnd(StrEnum):
    """How asking ended."""

    DONE = "done"
    BUDGET = "budget"
    TIME = "time"
    NO_ANSWER = "no_answer"  # some calls had none


Pair = TypeVar("Pair", PairItem, PairAdvice)

# After so many calls in a row without an answer the rest is not asked.
_MOST_FAILURES = 5


class Asking:
    """One attempt at the advice of a round. `shares`: what came of it, also from answers stored before."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        advisor: MatchAdvisor,
        rules: AdviceRules,
        actor: Actor,
        week: WeekId,
        spent: AdviceUsage,
    ) -> None:
        self.shares: dict[PairOfMembers, int] = {}
        self.cached = 0
        self.used = AdviceUsage()
        self.end = AdviceEnd.DONE
        self._storage = storage
        self._clock = clock
        self._advisor = advisor
        self._rules = rules
        self._actor = actor
        self._week = week
        self._spent = spent
        self._in_flight = AdviceUsage()
        self._failures = 0
        self._done = 0
        self._refusal: YgsError | None = None

    async def run(self, batches: AsyncIterator[Questions], pairs: int, progress: Progress) -> None:
        """Ask until everything is answered or the budget is used up.

        Nothing more is sent once the actor may not run weeks any more; what was sent is waited for and stored, then
        their refusal is raised.
        """
        try:
            # Calls that run when the time is over are given up; what they would answer is not waited for.
            async with asyncio.timeout(self._rules.budget.seconds):
                await self._run(batches, pairs, progress)
        except TimeoutError:
            self.end = AdviceEnd.TIME
        if self._refusal:
            raise self._refusal

    async def _run(self, batches: AsyncIterator[Questions], pairs: int, progress: Progress) -> None:
        free = asyncio.Semaphore(self._rules.at_once)
        try:
            async with asyncio.TaskGroup() as calls:
                async for batch in batches:
                    self._keep(batch.known)
                    self.cached += len(batch.known)
                    for cut in in_calls(batch.open, self._rules.pairs_per_call):
                        await free.acquire()
                        # The batch was read before the calls that were waited for.
                        items = await self._still_askable(cut)
                        if not items:
                            free.release()
                            continue
                        prompt = pairs_prompt(items, self._rules.language)
                        if self._refusal or not self._may_ask(prompt):
                            free.release()
                            return
                        call = calls.create_task(self._ask(prompt, items))
                        call.add_done_callback(lambda _: free.release())
                    self._done += batch.pairs
                    progress("advise", self._done, pairs)
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _still_askable(self, cut: Sequence[PairItem]) -> list[PairItem]:
        """Those of the pairs that may be asked about by now; notes whether the actor may still ask at all."""
        async with self._storage.read(latest=True) as reading:
            try:
                await require_by_now(reading, self._actor, Permission.RUN_WEEKS)
            except YgsError as refusal:
                self._refusal = refusal
            return await self._consented(reading.users, cut)

    def _may_ask(self, prompt: Prompt) -> bool:
        if self._failures >= _MOST_FAILURES:
            self.end = AdviceEnd.NO_ANSWER
            return False
        total = self._spent + self.used + self._in_flight + estimate(prompt)
        if not self._rules.budget.allows(total, self._rules.prices):
            self.end = AdviceEnd.BUDGET
            return False
        self._in_flight += estimate(prompt)
        return True

    async def _ask(self, prompt: Prompt, items: Sequence[PairItem]) -> None:
        expected = estimate(prompt)
        try:
            reply = await self._advisor.ask(prompt)
        except Unavailable as error:
            self._failures = _MOST_FAILURES if isinstance(error, Misconfigured) else self._failures + 1
            self.end = AdviceEnd.NO_ANSWER
            # What a call without an answer costs is unknown; what was sent is counted.
            await self._store([], AdviceUsage(calls=1, input_tokens=expected.input_tokens), expected)
            return
        self._failures = 0
        answers = self._answers(reply, items)
        answered = sum(bool(each.reason) for each in answers)
        used = AdviceUsage(
            calls=1,
            input_tokens=reply.input_tokens,
            output_tokens=reply.output_tokens,
            answered=answered,
            refused=len(answers) - answered,
        )
        await self._store(answers, used, expected)

    def _answers(self, reply: ModelReply, items: Sequence[PairItem]) -> list[PairAdvice]:
        """An answer for every item; of strength 0 and without a reason where the reply had no usable one."""
        found = checked_answers(reply, items, self._rules.language)
        now = self._clock.now()
        return [
            PairAdvice(
                content_hash=item.content_hash(self._advisor.model, self._rules.language),
                a=item.a,
                b=item.b,
                strength=found[at].strength if at in found else 0,
                reason=found[at].reason if at in found else "",
                created_at=now,
            )
            for at, item in enumerate(items)
        ]

    async def _store(self, answers: Sequence[PairAdvice], used: AdviceUsage, expected: AdviceUsage) -> None:
        async with self._storage.write() as tx:
            # Whose members are locked by this, so that a consent that is withdrawn now deletes the answers.
            kept = await self._consented(tx.users, answers)
            await tx.advice.add(self._week, kept, used)
        self.used += used
        self._in_flight -= expected
        self._keep(kept)

    async def _consented(self, users: UserReader, pairs: Sequence[Pair]) -> list[Pair]:
        """The pairs both of whom consent by now."""
        people = sorted({person for each in pairs for person in (each.a, each.b)})
        agreed = consenting(await users.by_ids(people), self._rules.disclosure)
        return [each for each in pairs if each.a in agreed and each.b in agreed]

    def _keep(self, answers: Sequence[PairAdvice]) -> None:
        for each in answers:
            if share := each.share(self._rules.most_share):
                self.shares[each.a, each.b] = share


def estimate(prompt: Prompt) -> AdviceUsage:
    """The most that one call takes."""
    return AdviceUsage(calls=1, input_tokens=tokens_of(prompt), output_tokens=prompt.most_output)


def shares_by_id(shares: Mapping[PairOfMembers, int]) -> dict[tuple[str, str], int]:
    """Shares under plain ids, as a market takes them."""
    return {(str(a), str(b)): share for (a, b), share in shares.items()}


def in_calls(items: Sequence[PairItem], size: int) -> list[Sequence[PairItem]]:
    """The pairs of each call, at most `size` of them."""
    return [items[start : start + size] for start in range(0, len(items), size)]
