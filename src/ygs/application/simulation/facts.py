"""The facts of a simulated person, in the vocabulary's values.

Sources, all approximate. Heights: Size Korea, 8th survey (KATS, 2021). Religion: Korea Research, 2023. Smoking and
drinking: Korea National Health and Nutrition Examination Survey, tilted down as an agency's members are. Children of
the divorced: Statistics Korea. MBTI: shares of the Korean form's users. The rest is judgement.
"""

from random import Random

from ygs.application.simulation import places, work
from ygs.application.simulation.persona import Sketch
from ygs.application.simulation.seeded_random import Shares, weighted
from ygs.domain.matching.attribute import Kind
from ygs.domain.matching.vocabulary import VOCABULARY

Answer = str | int | list[str]

# The shares of people who leave a fact unknown. Facts that a profile needs are always given.
UNKNOWN_SHARES = {
    "income_band": 0.12,
    "religion": 0.06,
    "wants_children": 0.15,
    "body_type": 0.15,
    "mbti": 0.18,
    "marriage_timing": 0.15,
    "work_after_marriage": 0.2,
    "living": 0.1,
    "languages": 0.25,
    "drinking": 0.06,
    "smoking": 0.04,
    "exercise": 0.1,
    "diet": 0.3,
    "pets": 0.2,
    "weekend": 0.15,
    "sleep": 0.25,
    "contact_style": 0.2,
    "spending_style": 0.3,
    "interests": 0.05,
    "personality": 0.08,
}

_RELIGION = {
    (True, False): Shares.read("none 60, protestant 17, catholic 9, buddhist 12, other 1"),
    (False, False): Shares.read("none 54, protestant 23, catholic 12, buddhist 10, other 1"),
    (True, True): Shares.read("none 43, protestant 20, catholic 12, buddhist 24, won_buddhist .5, other .5"),
    (False, True): Shares.read("none 36, protestant 24, catholic 14, buddhist 25, won_buddhist .5, other .5"),
}
_SMOKING = {
    True: Shares.read("no 70, quitting 5, sometimes 4, vaping 9, daily 12"),
    False: Shares.read("no 94, quitting 1.5, sometimes 1.5, vaping 1.5, daily 1.5"),
}
_DRINKING = {
    True: Shares.read("none 10, rarely 20, socially 42, often 22, very_often 6"),
    False: Shares.read("none 17, rarely 30, socially 39, often 12, very_often 2"),
}
_BODY = {
    True: Shares.read("slim 9, average 42, fit 26, muscular 8, full 9, large 6"),
    False: Shares.read("slim 27, average 50, fit 13, muscular 1, full 8, large 1"),
}
_CHILDREN = {
    True: Shares.read("none 48, lives_with_me 20, lives_apart 32"),
    False: Shares.read("none 46, lives_with_me 40, lives_apart 14"),
}
_TIMING = Shares.read("within_6_months 7, within_1_year 33, within_2_years 36, within_3_years 11, no_hurry 13")
_AFTER_MARRIAGE = {True: Shares.read("both 58, one 7, open 35"), False: Shares.read("both 62, one 6, open 32")}
_DIET = Shares.read("anything 93, pescatarian 2, vegetarian 2, vegan .7, other 2.3")
_PETS = Shares.read("none 33, likes 33, dog 16, cat 8, both 1.5, other 2.5, avoids 6")
_SLEEP = Shares.read("early 30, between 41, late 23, irregular 6")
_CONTACT = Shares.read("when_needed 14, daily 37, often 38, always 11")
_SPENDING = Shares.read("thrifty 15, planned 39, balanced 34, generous 10, free 2")
_NATIONALITY = Shares.read("korea 98.6, china .4, united_states .4, canada .2, japan .2, other .2")
_SECOND_LANGUAGE = Shares.read(
    "english 70, japanese 13, chinese 10, french 2, german 2, spanish 2, sign_language .4, other .6"
)
_OUTGOING_WEEKENDS = Shares.read("outdoors 29, sports 21, culture 14, friends 21, family 8, study 4, work 3")
_HOMELY_WEEKENDS = Shares.read("home 36, outdoors 12, sports 7, culture 20, friends 4, family 9, study 8, work 4")
_OUTGOING_INTERESTS = Shares.read("""
    travel 16, hiking 7, camping 7, fishing 2, driving 9, cycling 4, running 8, gym 12, swimming 5, golf 8, tennis 5,
    badminton 3, climbing 3, snow_sports 4, water_sports 3, concerts 5, wine 5, dining_out 13, cafes 8, movies 9,
    photography 4, dance 2, volunteering 3, singing 4, investing 5, bowling 2, martial_arts 1, walking 8
""")
_HOMELY_INTERESTS = Shares.read("""
    movies 16, dramas 10, music 11, reading 11, walking 13, cooking 10, baking 4, cafes 9, dining_out 9, travel 11,
    exhibitions 7, theatre 5, webtoons 4, video_games 7, board_games 3, escape_rooms 2, animation 3, classical_music 3,
    instruments 4, writing 2, history 3, science 2, language_study 5, investing 7, drawing 3, crafts 2, gardening 4,
    interiors 4, animals 5, meditation 3, gadgets 3, yoga 5
""")
_MENS_INTERESTS = Shares.read(
    "football 8, basketball 4, baseball 9, gym 10, video_games 9, fishing 4, gadgets 6, golf 5"
)
_WOMENS_INTERESTS = Shares.read("yoga 14, exhibitions 8, theatre 6, baking 5, beauty 5, fashion 6, cafes 9, dramas 6")
_PERSONALITY = Shares.read("""
    kind 8, warm 9, honest 8, calm 7, cheerful 8, humorous 6, considerate 9, responsible 8, diligent 10, positive 9,
    polite 7, serious 4, romantic 3, rational 4, sensitive 4, organised 5, spontaneous 2, adventurous 2, ambitious 3,
    independent 4, family_minded 7, good_listener 6, patient 4, decisive 2, flexible 3, curious 4, creative 3, frugal 4,
    attentive 4, easygoing 4, confident 3, modest 4, loyal 5
""")


def facts_of(rng: Random, who: Sketch) -> dict[str, Answer]:
    """All facts of a person, also those they leave unknown, as values (lists for sets)."""
    facts: dict[str, Answer] = {"height_cm": _height(rng, who), "region": places.REGIONS.draw(rng)}
    facts |= _standing(rng, who) | _family(rng, who) | _character(rng, who) | _habits(rng, who)
    return facts


def told_facts(rng: Random, facts: dict[str, Answer], *, sensitive: bool) -> dict[str, int]:
    """The facts that the person gives, as codes (masks for sets); sensitive ones only with the consent."""
    return {
        code: _coded(code, answer)
        for code, answer in facts.items()
        if rng.random() >= UNKNOWN_SHARES.get(code, 0) and (sensitive or not VOCABULARY[code].sensitive)
    }


def _coded(code: str, answer: Answer) -> int:
    attribute = VOCABULARY[code]
    if attribute.kind is Kind.SET:
        return attribute.mask_of(answer if isinstance(answer, list) else [str(answer)])
    return attribute.code_of(answer if isinstance(answer, int) else str(answer))


def _height(rng: Random, who: Sketch) -> int:
    # Each decade born earlier is about 1.2 cm shorter; spreads are those of one age group.
    mean, spread = (174.6, 5.7) if who.male else (161.7, 5.2)
    height = rng.gauss(mean - 0.12 * max(who.age - 34, 0), spread)
    return round(min(max(height, 145), 199))


def _standing(rng: Random, who: Sketch) -> dict[str, Answer]:
    degree = work.education(rng, who)
    occupation = work.job(rng, who, degree)
    return {"education": degree, "job_group": occupation, "income_band": work.income(rng, who, occupation)}


def _family(rng: Random, who: Sketch) -> dict[str, Answer]:
    widowed = 0.03 + 0.004 * max(who.age - 40, 0)
    late = 0.06 * max(who.age - (42 if who.male else 38), 0)
    wish = weighted(rng, (("no", 0.08 + late), ("maybe", 0.42 + late), ("yes", max(0.5 - late, 0.02))))
    return {
        "religion": _RELIGION[who.male, who.age >= 45].draw(rng),
        "marital_history": ("widowed" if rng.random() < widowed else "divorced")
        if who.married_before
        else "never_married",
        "children": _CHILDREN[who.male].draw(rng) if who.married_before else "none",
        "wants_children": wish,
        "marriage_timing": _TIMING.draw(rng),
        "work_after_marriage": _AFTER_MARRIAGE[who.male].draw(rng),
        "nationality": _NATIONALITY.draw(rng),
    }


def _character(rng: Random, who: Sketch) -> dict[str, Answer]:
    outgoing = who.outgoing > 0.1
    letters = "e" if outgoing else "i"
    letters += "n" if rng.random() < 0.43 else "s"
    letters += "t" if rng.random() < (0.58 if who.male else 0.36) else "f"
    letters += "p" if rng.random() < 0.47 else "j"
    words = _PERSONALITY.several(rng, rng.randint(3, 5))
    extra = weighted(rng, (("sociable", 3), ("talkative", 1)) if outgoing else (("quiet", 2), ("serious", 1)))
    return {"mbti": letters, "personality": [*words, extra], "interests": _interests(rng, who)}


def _interests(rng: Random, who: Sketch) -> list[str]:
    out = rng.randint(1, 3) + (who.outgoing > 0)
    home = rng.randint(1, 3) + (who.outgoing <= 0)
    own = _MENS_INTERESTS if who.male else _WOMENS_INTERESTS
    drawn = [
        *_OUTGOING_INTERESTS.several(rng, out),
        *_HOMELY_INTERESTS.several(rng, home),
        *own.several(rng, rng.randint(0, 2)),
    ]
    return list(dict.fromkeys(drawn))


def _habits(rng: Random, who: Sketch) -> dict[str, Answer]:
    often = 2 + 0.5 * who.outgoing + rng.gauss(0, 0.9)
    exercise = ("none", "monthly", "weekly", "often", "daily")[min(max(round(often), 0), 4)]
    with_parents = 0.55 if who.age < 34 else 0.3
    living = weighted(
        rng,
        (
            ("alone", 0.9 - with_parents),
            ("with_parents", with_parents),
            ("with_family", 0.05),
            ("shared", 0.02),
            ("company_housing", 0.05),
        ),
    )
    languages = ["korean", _SECOND_LANGUAGE.draw(rng)] if rng.random() < 0.4 + 0.15 * who.standing else ["korean"]
    return {
        "body_type": _BODY[who.male].draw(rng),
        "living": living,
        "languages": languages,
        "smoking": _SMOKING[who.male].draw(rng),
        "drinking": _DRINKING[who.male].draw(rng),
        "exercise": exercise,
        "diet": _DIET.draw(rng),
        "pets": _PETS.draw(rng),
        "weekend": (_OUTGOING_WEEKENDS if who.outgoing > 0 else _HOMELY_WEEKENDS).draw(rng),
        "sleep": _SLEEP.draw(rng),
        "contact_style": _CONTACT.draw(rng),
        "spending_style": _SPENDING.draw(rng),
    }
