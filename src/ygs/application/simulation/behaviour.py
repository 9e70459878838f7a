"""A model of how simulated members answer introductions: taste, common attractiveness, and sometimes no answer.

The probability that a person accepts rises with how well the other meets their wishes (which the service can see), with
a taste it cannot see, and with the other's attractiveness; it falls with their own attractiveness.
The form is the usual one for dating markets (Hitsch, Hortaçsu and Ariely, "Matching and Sorting in Online Dating", AER
2010: vertical and horizontal preferences in a logit). There are two populations.

The believing one answers as its wishes say. Its constants are ours, set so that, of the pairs a default round
introduces in a club of 600, about one in five becomes mutual: some 88 % answer; of those, about 62 % of men and 46 % of
women accept.

The sceptical one is what speed-dating studies found: of the variance of romantic desire about 17 % is the chooser, 13 %
the target, and 70 % the pair and noise, hardly any of which wishes or traits predict (Joel, Eastwick and Finkel, "Is
Romantic Desire Predictable?", Psychological Science 2017); inside a chooser's list the score ranks little better than a
coin (AUC about .55). How choosy a person is, is skewed and goes with their attractiveness, so it is not what the chance
model assumes. `tests/unit/test_behaviour.py` holds these rates.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import exp, sqrt

from ygs.application.simulation.seeded_random import dice, weighted
from ygs.domain.introductions import Answer, Choice, DeclineReason, FeedbackReason
from ygs.domain.matching.fit import fit
from ygs.domain.matching.market import Candidate, Genders
from ygs.domain.matching.policy import Affinity, Nearness, Policy
from ygs.domain.matching.scoring import satisfaction
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import FULL

# The members' taste must not change with the agency's policy; otherwise policies could not be compared.
_OWN_TASTE = Policy(
    version="taste",
    unknown_fit=5_500,
    affinities=(
        Affinity(attribute="birth_year", nearness=Nearness.NEAR, weight=3, span=10),
        Affinity(attribute="interests", nearness=Nearness.SHARED, weight=3, span=3),
        Affinity(attribute="exercise", nearness=Nearness.NEAR, weight=1, span=3),
    ),
)
_MEAN_SATISFACTION = 0.85
_SATISFACTION_SPREAD = 0.13
_ANSWERS = 2.2
_DIMENSIONS = 4

_REASON_OF = {
    "birth_year": DeclineReason.AGE,
    "region": DeclineReason.DISTANCE,
    "education": DeclineReason.JOB,
    "job_group": DeclineReason.JOB,
    "income_band": DeclineReason.JOB,
    "religion": DeclineReason.RELIGION,
    "children": DeclineReason.CHILDREN,
    "marital_history": DeclineReason.CHILDREN,
    "height_cm": DeclineReason.LOOKS,
    "body_type": DeclineReason.LOOKS,
    "marriage_timing": DeclineReason.TIMING,
}
_WORDS = {
    DeclineReason.LOOKS: ("제가 그리던 분과는 조금 달라요.", "첫인상이 끌리지 않았어요."),
    DeclineReason.AGE: ("나이 차이가 부담스러워요.", "나이가 조금 더 비슷했으면 해요."),
    DeclineReason.DISTANCE: ("거리가 멀어서 자주 만나기 어려울 것 같아요.",),
    DeclineReason.JOB: ("일하는 환경이 많이 다른 것 같아요.",),
    DeclineReason.RELIGION: ("종교가 달라서 고민했어요.",),
    DeclineReason.CHILDREN: ("가족에 대한 생각이 달라서요.",),
    DeclineReason.VALUES: ("가치관이 다른 것 같아요.", "소개 글을 읽으니 저와는 다른 분 같아요."),
    DeclineReason.TIMING: ("이번 주는 일이 너무 바빠요.",),
    DeclineReason.KNOWS_THEM: ("아는 분의 지인이에요.",),
    DeclineReason.OTHER: ("설명하기 어렵지만 이번에는 아닌 것 같아요.",),
}
_GOOD = (FeedbackReason.CONVERSATION, FeedbackReason.MANNERS, FeedbackReason.VALUES, FeedbackReason.LIFESTYLE)
_BAD = (FeedbackReason.CONVERSATION, FeedbackReason.LOOKS, FeedbackReason.PROFILE_DIFFERED, FeedbackReason.DISTANCE)
_AFTERWARDS = (
    "",
    "대화가 잘 이어지지 않았어요.",
    "나쁘지 않았지만 설레지는 않았어요.",
    "편안했고 더 알아 가고 싶어요.",
    "시간 가는 줄 몰랐어요.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """What moves a whole population's answers: the log odds per standard deviation of each cause.

    `seen`: how well the other meets the wishes; `unseen`: a taste for the other that nothing shows; `charm`: the
    other's attractiveness; `choosy`: one's own, which makes choosy; `picky`: a choosiness of one's own. `willing`: the
    log odds when all of these are average.
    """

    name: str
    seen: float
    unseen: float
    charm: float
    choosy: float
    picky: float
    willing: Mapping[Genders, float]


BELIEVING = Population(
    name="believing",
    seen=0.8,
    unseen=0.8,
    charm=0.55,
    choosy=0.35,
    picky=0.0,
    willing={Genders.MALE: 0.35, Genders.FEMALE: -0.45},
)
SCEPTICAL = Population(
    name="sceptical",
    seen=0.2,
    unseen=0.75,
    charm=0.85,
    choosy=0.35,
    picky=0.9,
    willing={Genders.MALE: 0.35, Genders.FEMALE: -0.45},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Impression:
    """One side's feedback on a meeting, in the terms of `Feedback`: `rating` 1..5 and `again` only when they met."""

    met: bool
    again: bool | None = None
    rating: int | None = None
    reasons: frozenset[FeedbackReason] = frozenset()
    words: str = ""


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A person's hidden traits, which no profile shows; each is standard normal, but `pickiness`, which is skewed: most
    people are a little less choosy than the mean, a few much more."""

    charm: float
    reliability: float
    pickiness: float
    likes: tuple[float, ...]
    is_like: tuple[float, ...]


@lru_cache(maxsize=1 << 17)
def _hidden(seed: int, person: str) -> _Hidden:
    rng = dice(seed, "hidden", person)
    likes = tuple(rng.gauss(0, 1) for _ in range(_DIMENSIONS))
    is_like = tuple(rng.gauss(0, 1) for _ in range(_DIMENSIONS))
    return _Hidden(rng.gauss(0, 1), rng.gauss(0, 1), rng.expovariate(1) - 1, likes, is_like)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Everybody's behaviour; it depends on `seed`, the population and the people, never on the order of the calls."""

    seed: int
    population: Population = BELIEVING

    def acceptance(self, me: Candidate, them: Candidate) -> float:
        """The probability, 0..1, that I accept them, given that I answer at all."""
        seen = (satisfaction(me, them, _OWN_TASTE) / FULL - _MEAN_SATISFACTION) / _SATISFACTION_SPREAD
        ours = self.population
        return _logistic(
            ours.willing[me.gender]
            + ours.seen * seen
            + ours.unseen * self._unseen(me, them)
            + ours.charm * self.charm(them)
            - ours.choosy * self.charm(me)
            - ours.picky * _hidden(self.seed, me.id).pickiness
        )

    def answering(self, me: Candidate) -> float:
        """The probability, 0..1, that I answer before the deadline."""
        return _logistic(_ANSWERS + 0.7 * _hidden(self.seed, me.id).reliability)

    def mutual_yes(self, one: Candidate, other: Candidate) -> float:
        """The probability, 0..1, that both answer and both accept: exact, no sampling."""
        answers = self.answering(one) * self.answering(other)
        return answers * self.acceptance(one, other) * self.acceptance(other, one)

    def charm(self, them: Candidate) -> float:
        """A person's common attractiveness, about standard normal: half from the profile, half hidden."""
        return 0.8 * _hidden(self.seed, them.id).charm + _visible_charm(them)

    def answer(self, me: Candidate, them: Candidate, *, opened: datetime, deadline: datetime) -> Answer | None:
        """My answer, at a moment after `opened` and before `deadline`; None when I do not answer."""
        rng = dice(self.seed, "answer", me.id, them.id)
        if rng.random() >= self.answering(me):
            return None
        # Most look within a day; some wait until the last evening.
        at = opened + (deadline - opened) * (0.02 + 0.96 * rng.betavariate(0.8, 1.6))
        if rng.random() < self.acceptance(me, them):
            return Answer(choice=Choice.ACCEPT, at=at)
        reason = DeclineReason(weighted(rng, self._reasons(me, them)))
        words = rng.choice(_WORDS[reason]) if rng.random() < 0.3 else ""
        return Answer(choice=Choice.DECLINE, at=at, reason=reason, words=words)

    def met(self, one: Candidate, other: Candidate) -> bool:
        """Whether two people who both accepted meet; 85 % do."""
        return dice(self.seed, "met", *sorted((one.id, other.id))).random() < 0.85

    def impression(self, me: Candidate, them: Candidate) -> Impression | None:
        """My feedback on the meeting with them; None for the 20 % who give none."""
        rng = dice(self.seed, "impression", me.id, them.id)
        if rng.random() < 0.2:
            return None
        if not self.met(me, them):
            return Impression(met=False)
        liking = 3.1 + 0.6 * self._unseen(me, them) + 0.3 * self.charm(them) + rng.gauss(0, 0.8)
        rating = min(max(round(liking), 1), 5)
        again = liking + rng.gauss(0, 0.4) > 3.4
        reasons = frozenset(rng.sample(_GOOD if rating >= 3 else _BAD, rng.randint(1, 2)))
        words = _AFTERWARDS[rating - 1] if rng.random() < 0.5 else ""
        return Impression(met=True, again=again, rating=rating, reasons=reasons, words=words)

    def _unseen(self, me: Candidate, them: Candidate) -> float:
        likes = _hidden(self.seed, me.id).likes
        is_like = _hidden(self.seed, them.id).is_like
        return sum(like * trait for like, trait in zip(likes, is_like, strict=True)) / sqrt(_DIMENSIONS)

    def _reasons(self, me: Candidate, them: Candidate) -> Iterator[tuple[str, float]]:
        """The possible reasons for my declining, with weights: unmet wishes, and reasons that no wish covers."""
        for wish in me.wishes.values():
            lacking = 1 - fit(wish, them.value(wish.attribute), _OWN_TASTE) / FULL
            yield _REASON_OF.get(wish.attribute, DeclineReason.VALUES), 0.3 * wish.importance.weight * lacking
        yield DeclineReason.LOOKS, exp(-self.charm(them))
        yield DeclineReason.VALUES, exp(-self._unseen(me, them))
        yield DeclineReason.TIMING, 0.4
        yield DeclineReason.KNOWS_THEM, 0.05
        yield DeclineReason.OTHER, 0.5


def _visible_charm(them: Candidate) -> float:
    """The part of a person's common attractiveness that facts show; an unknown fact counts as average."""
    income = them.value("income_band") or 4
    born = them.value("birth_year") or 50
    height = them.value("height_cm") or 40
    earning = (income - 4) / 1.5
    youth = (VOCABULARY["birth_year"].low + born - 1 - 1990) / 7
    if them.gender is Genders.MALE:
        return 0.45 * earning + 0.2 * (VOCABULARY["height_cm"].low + height - 1 - 174) / 6 + 0.1 * youth
    return 0.1 * earning + 0.45 * youth


def _logistic(log_odds: float) -> float:
    return 1 / (1 + exp(-log_odds))
