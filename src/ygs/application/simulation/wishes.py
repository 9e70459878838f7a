"""The wishes of simulated members, which depend on their own facts.

The bands follow what Korean agencies publish yearly as the "ideal spouse" of their members (Duo, Gayeon), loosely:
women ask for age, income, work and height, men for age and looks; both prefer never married to never married, the same
idea about children and, if they believe, the same faith. Shares and importances are judgement.
"""

from collections.abc import Callable, Iterator
from random import Random

from ygs.application.simulation.facts import Answer
from ygs.application.simulation.persona import Sketch
from ygs.application.simulation.seeded_random import Shares
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish

_MOST_MUSTS = 2
_CAPITAL_AREA = ("seoul", "gyeonggi", "incheon")
_STEADY = ("large_company", "public_institution", "civil_servant", "teaching", "finance", "technology")
_PROFESSIONS = ("medicine", "law", "licensed", "academia", "large_company", "finance", "public_institution")

# How much a wish matters once it is made: shares of slight, fair, strong and must.
_MILD = Shares.read("SLIGHT 55, FAIR 40, STRONG 5")
_USUAL = Shares.read("SLIGHT 25, FAIR 50, STRONG 24, MUST 1")
_WEIGHTY = Shares.read("SLIGHT 5, FAIR 40, STRONG 43, MUST 12")
_FIRM = Shares.read("SLIGHT 3, FAIR 27, STRONG 35, MUST 35")
_GRAVE = Shares.read("FAIR 15, STRONG 40, MUST 45")


def wishes_of(rng: Random, who: Sketch, facts: dict[str, Answer]) -> dict[str, Wish]:
    """A person's wishes by attribute, of which at most two are musts."""
    wishes: dict[str, Wish] = {}
    for make in _MAKERS:
        for wish in make(rng, who, facts):
            wishes[wish.attribute] = wish
    return _few_musts(wishes)


def _few_musts(wishes: dict[str, Wish]) -> dict[str, Wish]:
    # Consultants advise against a third must: a member with many musts meets nobody.
    musts = [code for code, wish in wishes.items() if wish.importance is Importance.MUST]
    for code in musts[_MOST_MUSTS:]:
        wishes[code] = _softer(wishes[code])
    return wishes


def _softer(wish: Wish) -> Wish:
    return Wish(
        attribute=wish.attribute, importance=Importance.STRONG, low=wish.low, high=wish.high, accepts=wish.accepts
    )


def _between(attribute: str, low: int, high: int, importance: Importance) -> Wish:
    known = VOCABULARY[attribute]
    low = max(low, known.low)
    high = min(high, known.high)
    return Wish.between(attribute, low, max(low, high), importance)


def _age(rng: Random, who: Sketch, facts: dict[str, Answer]) -> Iterator[Wish]:
    born = int(str(facts["birth_year"]))
    older = rng.randint(0, 2)
    younger = rng.randint(4, 6) + max(who.age - 40, 0) // 4
    if not who.male:
        older = rng.randint(4, 6) + max(who.age - 38, 0) // 5
        younger = rng.randint(0, 3)
    yield _between("birth_year", born - older, born + younger, _importance(rng, _FIRM))


def _height(rng: Random, who: Sketch, facts: dict[str, Answer]) -> Iterator[Wish]:
    height = int(str(facts["height_cm"]))
    if who.male:
        if rng.random() < 0.45:
            low = rng.choice((155, 158, 160))
            yield _between("height_cm", low, max(min(height, low + 15), low + 8), _importance(rng, _MILD))
    elif rng.random() < 0.85:
        low = min(max(height + rng.randint(5, 10), 168), 180)
        yield _between("height_cm", low, 220, _importance(rng, _USUAL))


def _region(rng: Random, who: Sketch, facts: dict[str, Answer]) -> Iterator[Wish]:
    home = str(facts["region"])
    luck = rng.random()
    if luck < 0.12 + 0.05 * who.married_before:
        return  # Accepts every region.
    accepted = {home} | (VOCABULARY["region"].neighbours.get(home, frozenset()) if luck < 0.6 else set())
    if home in _CAPITAL_AREA and luck < 0.9:
        accepted |= set(_CAPITAL_AREA)
    yield Wish.among("region", accepted, _importance(rng, _FIRM))


def _education(rng: Random, who: Sketch, facts: dict[str, Answer]) -> Iterator[Wish]:
    if rng.random() < (0.55 if who.male else 0.75):
        level = VOCABULARY["education"].code_of(str(facts["education"]))
        low = max(level - rng.randint(0, 1) - who.male, 1)
        importance = _importance(rng, _MILD if who.male else _USUAL)
        yield Wish(attribute="education", importance=importance, low=low, high=VOCABULARY["education"].size)


def _income(rng: Random, who: Sketch, facts: dict[str, Answer]) -> Iterator[Wish]:
    if rng.random() < (0.3 if who.male else 0.8):
        band = VOCABULARY["income_band"].code_of(str(facts["income_band"]))
        low = max(min(band - rng.randint(0, 1) - 2 * who.male, 6), 1 if who.male else 3)
        importance = _importance(rng, _MILD if who.male else _USUAL)
        yield Wish(attribute="income_band", importance=importance, low=low, high=VOCABULARY["income_band"].size)


def _job(rng: Random, who: Sketch, facts: dict[str, Answer]) -> Iterator[Wish]:
    if rng.random() < (0.25 if who.male else 0.4):
        accepted = {str(facts["job_group"]), *(_PROFESSIONS if who.standing > 0.6 else _STEADY)}
        yield Wish.among("job_group", accepted - {"not_working"}, _importance(rng, _MILD))


def _religion(rng: Random, who: Sketch, facts: dict[str, Answer]) -> Iterator[Wish]:
    mine = str(facts["religion"])
    if mine == "none":
        if rng.random() < 0.3:
            yield Wish.among("religion", ("none", "catholic", "buddhist"), _importance(rng, _USUAL))
    elif rng.random() < (0.6 if mine == "protestant" else 0.35):
        luck = rng.random()
        accepted = {mine} if luck < 0.45 else {mine, "none"} if luck < 0.85 else {mine, "none", "catholic"}
        yield Wish.among("religion", accepted, _importance(rng, _WEIGHTY if len(accepted) == 1 else _USUAL))


def _history(rng: Random, who: Sketch, facts: dict[str, Answer]) -> Iterator[Wish]:
    if not who.married_before and rng.random() < 0.9:
        yield Wish.among("marital_history", ("never_married",), _importance(rng, _GRAVE))
        if rng.random() < 0.5:
            yield Wish.among("children", ("none",), _importance(rng, _GRAVE))
    elif facts["children"] == "none" and rng.random() < 0.5:
        yield Wish.among("children", ("none", "lives_apart"), _importance(rng, _WEIGHTY))


def _plans(rng: Random, who: Sketch, facts: dict[str, Answer]) -> Iterator[Wish]:
    mine = facts["wants_children"]
    if mine != "maybe" and rng.random() < 0.7:
        low, high = ("maybe", "yes") if mine == "yes" else ("no", "maybe")
        yield Wish.between("wants_children", low, high, _importance(rng, _WEIGHTY))
    if rng.random() < 0.3:
        timing = VOCABULARY["marriage_timing"].code_of(str(facts["marriage_timing"]))
        low_code = max(timing - 1, 1)
        high_code = min(timing + 1, VOCABULARY["marriage_timing"].size)
        importance = _importance(rng, _MILD)
        yield Wish(attribute="marriage_timing", importance=importance, low=low_code, high=high_code)


def _habits(rng: Random, who: Sketch, facts: dict[str, Answer]) -> Iterator[Wish]:
    if facts["smoking"] in ("no", "quitting") and rng.random() < (0.6 if who.male else 0.75):
        yield Wish.between("smoking", "no", "quitting", _importance(rng, _WEIGHTY))
    if rng.random() < 0.4:
        drinking = VOCABULARY["drinking"].code_of(str(facts["drinking"]))
        low = max(drinking - 2, 1)
        high = min(drinking + 1, VOCABULARY["drinking"].size)
        yield Wish(attribute="drinking", importance=_importance(rng, _MILD), low=low, high=high)


def _character(rng: Random, who: Sketch, facts: dict[str, Answer]) -> Iterator[Wish]:
    if rng.random() < 0.5:
        words = rng.sample(("kind", "warm", "considerate", "humorous", "responsible", "diligent", "positive"), 3)
        yield Wish.among("personality", words, _importance(rng, _MILD))
    interests = facts["interests"]
    if isinstance(interests, list) and interests and rng.random() < 0.35:
        yield Wish.among("interests", interests, _importance(rng, _MILD))
    if rng.random() < (0.35 if who.male else 0.2):
        accepted = ("slim", "average", "fit") if who.male else ("average", "fit", "muscular")
        yield Wish.among("body_type", accepted, _importance(rng, _MILD))


def _importance(rng: Random, shares: Shares) -> Importance:
    return Importance[shares.draw(rng)]


_MAKERS: tuple[Callable[[Random, Sketch, dict[str, Answer]], Iterator[Wish]], ...] = (
    _age,
    _height,
    _region,
    _education,
    _income,
    _job,
    _religion,
    _history,
    _plans,
    _habits,
    _character,
)
