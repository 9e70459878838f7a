"""Staff's overrides of a round, and the plan with its certificate."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from ygs.domain.errors import N_, BadFile, OverrideInTheWay, RoundRefused
from ygs.domain.matching.no_harm import Bonuses, NoHarm
from ygs.domain.matching.policy import Strategy

PairOfIds = tuple[str, str]


def ordered_pair(one: str, other: str) -> PairOfIds:
    """The two ids, least first; `RoundRefused` when they are one person."""
    if one == other:
        raise RoundRefused(N_("a person cannot be paired with themselves"))
    return (one, other) if one < other else (other, one)


SwapOfIds = tuple[str, str, str, str]


def swap_of(one: PairOfIds, other: PairOfIds) -> SwapOfIds:
    """The exchange after which the first of each pair has the second of the other; the same one written in another
    order gives the same four ids. `RoundRefused` unless these are four people."""
    a, b = one
    c, d = other
    if len({a, b, c, d}) < 4:
        raise RoundRefused(N_("a swap takes two pairs of four people"))
    return min((a, b, c, d), (c, d, a, b), (b, a, d, c), (d, c, b, a))


def pairs_before(swap: SwapOfIds) -> tuple[PairOfIds, PairOfIds]:
    """The pairs that a swap forbids."""
    a, b, c, d = swap
    return ordered_pair(a, b), ordered_pair(c, d)


def pairs_after(swap: SwapOfIds) -> tuple[PairOfIds, PairOfIds]:
    """The pairs that a swap pins."""
    a, b, c, d = swap
    return ordered_pair(a, d), ordered_pair(c, b)


class OverrideKind(StrEnum):
    """The kinds of decisions that staff make before the rest is solved."""

    PIN = "pin"
    FORBID = "forbid"
    LEAVE_OUT = "leave_out"
    SWAP = "swap"


@dataclass(frozen=True, slots=True)
class Override:
    """One decision of staff: about a pair (two ids, least first), for `LEAVE_OUT` about a person, for `SWAP` about two
    pairs: a and b, c and d, of whom a gets d and c gets b."""

    kind: OverrideKind
    people: tuple[str, ...]

    @property
    def key(self) -> str:
        """The name by which it is listed and taken back: ``pin.usr_….usr_…``."""
        return ".".join((self.kind.value, *self.people))

    def alone(self) -> "Overrides":
        """This decision without any other."""
        if self.kind is OverrideKind.LEAVE_OUT:
            return Overrides.of(left_out=self.people)
        if self.kind is OverrideKind.SWAP:
            a, b, c, d = self.people
            return Overrides.of(swaps=[((a, b), (c, d))])
        one, other = self.people
        pair = [(one, other)]
        return Overrides.of(pins=pair) if self.kind is OverrideKind.PIN else Overrides.of(forbids=pair)


@dataclass(frozen=True, slots=True)
class Overrides:
    """Staff's decisions before the rest is solved: pairs that must be in the plan, pairs that must not, and people who
    are left out this week.

    `swaps`: which of the pins and forbidden pairs were made as one exchange, and are taken back as one. A plan does not
    depend on it, so overrides that differ in it only are equal.
    """

    pins: frozenset[PairOfIds] = frozenset()
    forbids: frozenset[PairOfIds] = frozenset()
    left_out: frozenset[str] = frozenset()
    swaps: frozenset[SwapOfIds] = field(default=frozenset(), compare=False)

    @classmethod
    def of(
        cls,
        pins: Iterable[tuple[str, str]] = (),
        forbids: Iterable[tuple[str, str]] = (),
        left_out: Iterable[str] = (),
        swaps: Iterable[tuple[PairOfIds, PairOfIds]] = (),
    ) -> "Overrides":
        """Make overrides from pairs in either order, and swaps from the pairs before them; `RoundRefused` when they
        contradict one another."""
        swapped = frozenset(swap_of(*pairs) for pairs in swaps)
        pinned = frozenset(ordered_pair(*pair) for pair in pins).union(*map(pairs_after, swapped))
        forbidden = frozenset(ordered_pair(*pair) for pair in forbids).union(*map(pairs_before, swapped))
        out = frozenset(left_out)
        for one, other in sorted(pinned & forbidden):
            raise RoundRefused(
                N_("{one} and {other} are both pinned and forbidden: take one of the two back"), one=one, other=other
            )
        for person in sorted(out.intersection(person for pair in pinned for person in pair)):
            raise RoundRefused(N_("{person} is both pinned and left out: take one of the two back"), person=person)
        return cls(pinned, forbidden, out, swapped)

    def added(self, more: "Overrides") -> "Overrides":
        """These overrides and `more`; `OverrideInTheWay` names the present one that conflicts."""
        for override in more.each():
            if conflict := self._conflict(override):
                raise OverrideInTheWay(conflict.key, override.kind)
        together = Overrides.of(self.pins | more.pins, self.forbids | more.forbids, self.left_out | more.left_out)
        return replace(together, swaps=self.swaps | more.swaps)

    def without(self, override: Override) -> "Overrides":
        """These overrides without one of them."""
        one = override.alone()
        return Overrides(
            self.pins - one.pins, self.forbids - one.forbids, self.left_out - one.left_out, self.swaps - one.swaps
        )

    def each(self) -> tuple[Override, ...]:
        """Every single override, in order; a swap is one."""
        pins = self.pins.difference(*map(pairs_after, self.swaps))
        forbids = self.forbids.difference(*map(pairs_before, self.swaps))
        return (
            *(Override(OverrideKind.PIN, pair) for pair in sorted(pins)),
            *(Override(OverrideKind.FORBID, pair) for pair in sorted(forbids)),
            *(Override(OverrideKind.LEAVE_OUT, (person,)) for person in sorted(self.left_out)),
            *(Override(OverrideKind.SWAP, swap) for swap in sorted(self.swaps)),
        )

    def find(self, key: str) -> Override | None:
        """The override of that key, or None."""
        return next((each for each in self.each() if each.key == key), None)

    def _conflict(self, override: Override) -> Override | None:
        """The first present override that conflicts with another one."""
        more = override.alone()
        if not self._hinders(more):
            return None
        return next((each for each in self.each() if each != override and each.alone()._hinders(more)), None)

    def _hinders(self, more: "Overrides") -> bool:
        """Whether something here contradicts `more`, or repeats a part of a swap, which would be taken back with it."""
        contradicted = self.pins & more.forbids or self.forbids & more.pins
        busy = self.left_out & more._pinned or self._pinned & more.left_out
        repeated = (self.swaps or more.swaps) and (self.pins & more.pins or self.forbids & more.forbids)
        return bool(contradicted or busy or repeated)

    @property
    def _pinned(self) -> frozenset[str]:
        return frozenset[str]().union(*self.pins)

    @property
    def people(self) -> frozenset[str]:
        """Everybody whom an override names."""
        return self.left_out.union(*self.pins, *self.forbids)

    def as_lists(self) -> dict[str, list[PairOfIds] | list[str]]:
        """The arguments of `of`, in order."""
        return {"pins": sorted(self.pins), "forbids": sorted(self.forbids), "left_out": sorted(self.left_out)}


@dataclass(frozen=True, slots=True)
class PlannedPair:
    """Two people to be introduced: ids, least first; both satisfactions and the mutual score, basis points.

    `chance`: of a mutual yes, millionths; None where nothing was learned.
    """

    a: str
    b: str
    a_to_b: int
    b_to_a: int
    mutual: int
    chance: int | None = None

    def to_row(self) -> tuple[str | int, ...]:
        """The arguments of this pair, to be stored; without a chance as short as before there were any."""
        row = (self.a, self.b, self.a_to_b, self.b_to_a, self.mutual)
        return row if self.chance is None else (*row, self.chance)


class PlanObjective(StrEnum):
    """What plans are compared by, the most important first; a policy may leave the middle ones out, and has one of the
    last two."""

    PROMISES_DUE = "promises_due"
    LONGEST_WAITS = "longest_waits"
    INTRODUCED = "introduced"
    TOTAL = "total"
    CHANCES = "chances"


class PairOrder(StrEnum):
    """The order in which a plan's pairs are listed for review."""

    BEST = "best"
    LOWEST = "lowest"
    LEAST_CERTAIN = "least_certain"
    LONGEST_WAITING = "longest_waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What is proven about a plan, over *all* eligible pairs of the market.

    `value`, `bound`: promises due, people past the longest wait, people introduced (under `coverage` only), total of
    ``worth + wait bonus``, adjusted, in that order; no plan exceeds `bound`. `pricing_rounds`: how often the market
    was scanned with the solution's prices; `pairs_scanned`: pairs examined by those scans; `pairs_held`: pairs given to
    the solver.
    """

    value: tuple[int, ...]
    bound: tuple[int, ...]
    pricing_rounds: int
    pairs_scanned: int
    pairs_held: int

    @property
    def gap(self) -> int:
        """How far the last objective may be from the optimum, in units of `PairWorth`; 0 is proven optimal."""
        return self.bound[-1] - self.value[-1]

    @property
    def proven(self) -> bool:
        """Whether no plan is better in any objective."""
        return self.value == self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStatistics:
    """The figures of a plan.

    `distribution`: pairs per 1,000 basis points of mutual score, ten counts. `blocking_pairs`: pairs outside the plan
    in which both would prefer each other. `longest_wait`: most weeks waited among the people without an introduction.
    `gini`: of everybody's introductions so far, including these, basis points. `total_chance`: the expected number of
    mutual yeses, millionths; None where nothing was learned.
    """

    people: int
    introduced: int
    pairs: int
    total_mutual: int
    distribution: tuple[int, ...]
    blocking_pairs: int
    longest_wait: int
    gini: int
    due: int
    due_introduced: int
    overdue: int
    overdue_introduced: int
    total_chance: int | None = None

    def to_document(self) -> dict[str, Any]:
        """The figures, to be stored; without a total of chances as before there was one."""
        document = asdict(self)
        if self.total_chance is None:
            del document["total_chance"]
        return document


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPlan:
    """The pairs of a round, the certificate that none are better, and the inputs they were made from.

    `input_hash`: SHA-256 of the market, history included; `prices`: per person in the order of their ids, in units of
    1/`scale` of the objective's, folded as `Solution.prices`; empty for strategies other than `optimal`. `by_chance`:
    whether the certificate's last number and the prices count chances, millionths, and not scores, basis points.
    `no_harm`: where the policy asks for chances, how both plans compare; this is the plan by scores where it is broken.
    """

    strategy: Strategy
    policy_version: str
    seed: int
    input_hash: str
    overrides: Overrides
    pairs: tuple[PlannedPair, ...]
    unmatched: tuple[str, ...]
    certificate: Certificate | None
    report: PlanStatistics
    prices: tuple[int, ...] = field(default=(), repr=False)
    scale: int = 1
    by_chance: bool = False
    no_harm: NoHarm | None = None

    @property
    def group_bonuses(self) -> Bonuses:
        """What introductions of groups add to what the plan maximises, under the no-harm rule."""
        return self.no_harm.bonuses if self.by_chance and self.no_harm else {}

    def to_json(self) -> str:
        """One line of JSON; the same plan gives the same bytes."""
        document = {
            name: getattr(self, name) for name in ("policy_version", "seed", "input_hash", "unmatched", "scale")
        }
        document |= {"strategy": self.strategy.value, "overrides": self.overrides.as_lists(), "prices": self.prices}
        document |= {"certificate": self.certificate and asdict(self.certificate), "report": self.report.to_document()}
        document["pairs"] = [pair.to_row() for pair in self.pairs]
        # Only where they say something: a plan by scores keeps the bytes it had before there were chances.
        document |= {"by_chance": True} if self.by_chance else {}
        document |= {"no_harm": asdict(self.no_harm)} if self.no_harm else {}
        return json.dumps(document, separators=(",", ":"), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "RoundPlan":
        """The plan of `to_json`; `BadFile` when it is not one."""
        try:
            document = json.loads(text)
            certificate = document.pop("certificate")
            report = document.pop("report")
            compared = document.pop("no_harm", None)
            return cls(
                strategy=Strategy(document.pop("strategy")),
                overrides=Overrides.of(**document.pop("overrides")),
                pairs=tuple(PlannedPair(*pair) for pair in document.pop("pairs")),
                unmatched=tuple(document.pop("unmatched")),
                certificate=certificate and Certificate(**{name: _frozen(each) for name, each in certificate.items()}),
                report=PlanStatistics(**{name: _frozen(each) for name, each in report.items()}),
                prices=tuple(document.pop("prices")),
                no_harm=compared and NoHarm.from_document(compared),
                **document,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadFile(N_("not a stored plan of this version of ygs: plan the week again")) from error


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
