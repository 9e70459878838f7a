"""Learning from answers: fit the chance model, judge it, and switch it on or off."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from ygs.application.accounts.sessions import require_fresh
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.learning.calibration import calibrated_fit
from ygs.application.learning.evaluation import LEAST_ANSWERS, LEAST_WEEKS, evaluate
from ygs.application.learning.views import EvaluationView, LearnedVersionView
from ygs.domain.errors import N_, LearningRefused
from ygs.domain.learning.evaluation import Evaluation
from ygs.domain.learning.history import AnswerHistory
from ygs.domain.learning.parameters import ChanceParameters
from ygs.domain.learning.versions import LearnedVersion
from ygs.ports.chance_model import ChanceModel
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.storage import Reading, Storage, Writing

# Called at the end of the transaction that stores a result; a job finishes itself there.
Stored: TypeAlias = Callable[[Writing, Mapping[str, str | int]], Awaitable[None]]


async def nothing_more(tx: Writing, result: Mapping[str, str | int]) -> None:
    """A `Stored` for whoever has nothing to store with the result."""


@dataclass(frozen=True, slots=True)
class Learning:
    """What staff do with the chance model. Nobody is shown what it says of a single person."""

    storage: Storage
    clock: Clock
    model: ChanceModel

    async def fit(self, actor: Actor, progress: Progress = silent, stored: Stored = nothing_more) -> LearnedVersionView:
        """Learn from the answers of every closed week, judge the model on them, and store both as a new version.

        The new version is not in use yet. Takes about a minute for half a million answers, and two fits more for
        each four weeks that are predicted. `LearningRefused` when there is no answer to learn from.
        """
        actor.require(Permission.SET_POLICY)
        return LearnedVersionView.of(await self._fit(actor, None, progress, stored))

    async def evaluate(self, actor: Actor, progress: Progress = silent) -> EvaluationView:
        """Judge the model on the answers of the closed weeks, as `fit` does, and store nothing."""
        actor.require(Permission.READ_WEEKS)
        return EvaluationView.of(await self._judged(await self._history(None), progress))

    async def versions(
        self, actor: Actor, *, after: int | None = None, limit: int = MOST_PAGE
    ) -> list[LearnedVersionView]:
        """The versions with numbers below `after`, the latest first, at most `limit` (1..100)."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as reading:
            found = await reading.learning.versions(min(limit, MOST_PAGE), after=after)
        return [LearnedVersionView.of(each) for each in found]

    async def show(self, actor: Actor, number: int) -> LearnedVersionView:
        """One version."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as reading:
            return LearnedVersionView.of(await reading.learning.get(number))

    async def use(
        self, actor: Actor, number: int, progress: Progress = silent, stored: Stored = nothing_more
    ) -> LearnedVersionView:
        """Plan weeks that are locked from now on by this version, where their policy maximises chances.

        When people it was fitted to were erased since, their answers shaped it: it is fitted again without them, to no
        later week than before, and the new version is used. `LearningRefused` unless the evaluation says it helps;
        `SignInTooOld` unless the actor signed in within the last 15 minutes.
        """
        actor.require(Permission.SET_POLICY)
        async with self.storage.read(latest=True) as reading:
            version = await reading.learning.get(number)
            somebody_left = len(await reading.learning.people(number)) < version.people
        if somebody_left:
            version = await self._fit(actor, version.through, progress, nothing_more)
        require_help(version.evaluation)
        async with begin_change(self.storage, actor, Permission.SET_POLICY) as tx:
            await require_fresh(tx, actor, at=self.clock.now())
            await tx.learning.use(version.number)
            await stored(tx, {"version": version.number})
            await self._audited(tx, actor, "learning.used", version.number)
        return LearnedVersionView.of(replace(version, in_use=True))

    async def off(self, actor: Actor) -> None:
        """Use no version: weeks that are locked from now on are planned by the score alone. `SignInTooOld` as for
        `use`."""
        async with begin_change(self.storage, actor, Permission.SET_POLICY) as tx:
            await require_fresh(tx, actor, at=self.clock.now())
            version = await tx.learning.in_use()
            await tx.learning.use(None)
            await self._audited(tx, actor, "learning.switched_off", version.number if version else 0)

    async def _history(self, through: int | None) -> AnswerHistory:
        async with self.storage.read(latest=True) as reading:
            history = await reading.learning.history(through)
        if not history.answers:
            raise LearningRefused(N_("no closed week holds an answer to learn from"))
        return history

    async def _fit(self, actor: Actor, through: int | None, progress: Progress, stored: Stored) -> LearnedVersion:
        history = await self._history(through)
        parameters = await asyncio.to_thread(calibrated_fit, history, self.model)
        evaluation = await self._judged(history, progress)
        async with begin_change(self.storage, actor, Permission.SET_POLICY) as tx:
            version = await tx.learning.add(self._version(parameters, evaluation), parameters.people)
            await stored(tx, {"version": version.number})
            await self._audited(tx, actor, "learning.fitted", version.number)
        return version

    async def _judged(self, history: AnswerHistory, progress: Progress) -> Evaluation:
        """Judge the model in a thread, which ends at the next step once nobody waits for it any more."""
        given_up = threading.Event()

        def heard(stage: str, done: int, total: int) -> None:
            if given_up.is_set():
                raise LearningRefused(N_("nobody waits for this evaluation any more"))
            progress(stage, done, total)

        try:
            return await asyncio.to_thread(evaluate, history, self.model, heard)
        finally:
            given_up.set()

    def _version(self, parameters: ChanceParameters, evaluation: Evaluation) -> LearnedVersion:
        return LearnedVersion(
            created_at=self.clock.now(),
            rates=parameters.rates,
            through=parameters.through,
            answers=parameters.answers,
            people=len(parameters.people),
            evaluation=evaluation,
        )

    async def _audited(self, tx: Writing, actor: Actor, action: str, number: int) -> None:
        await tx.audit.add(audit_entry(actor, action, at=self.clock.now(), what=f"{number}"))


def require_help(evaluation: Evaluation) -> None:
    """`LearningRefused` unless the evaluation says that the model helps."""
    if not evaluation.enough:
        raise LearningRefused(
            N_("too little is known to tell whether it helps: {weeks} closed weeks and {answers} answers are needed"),
            weeks=LEAST_WEEKS,
            answers=LEAST_ANSWERS,
        )
    if not evaluation.helps:
        raise LearningRefused(N_("the evaluation does not say that it helps: it stays off (see `ygs learn show`)"))


async def parameters_of(
    reading: Reading | Writing, version: LearnedVersion, people: Collection[str] | None = None
) -> ChanceParameters:
    """The fitted model of a stored version; of these people, or of everybody."""
    return ChanceParameters(
        rates=version.rates,
        people=await reading.learning.people(version.number, people),
        answers=version.answers,
        through=version.through,
    )
