"""What a match week commits to: the content of its leaves, and what its hashes depend on."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ygs.application.facts import WishModel, coded, to_genders
from ygs.domain.commitments import (
    Content,
    WeekKey,
    canonical,
    input_text,
    input_tree,
    plan_input_hash,
    result_texts,
    result_tree,
)
from ygs.domain.ids import IntroductionId
from ygs.domain.introductions import Condition
from ygs.domain.matching.attribute import Kind
from ygs.domain.matching.market import Candidate, Genders, Market
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import FULL, Importance, Wish
from ygs.domain.merkle_tree import HASH_BYTES, leaf_hash, root_of
from ygs.entrypoints.testing.builders import a_user, a_week
from ygs.entrypoints.testing.ids import numbered
from ygs.entrypoints.testing.people import markets

KEY = WeekKey(bytes(range(32)))
WEEK = a_week()
ME = a_user(1).id
ONE = IntroductionId(numbered("mh", 1))
TWO = IntroductionId(numbered("mh", 2))
AGE = Condition(attribute="birth_year", importance=4, low=40, high=50, accepts=0, value=45, fit=FULL)
FAITH = Condition(attribute="religion", importance=3, low=0, high=0, accepts=3, value=1, fit=FULL)


@settings(max_examples=60, deadline=None)
@given(markets(most=4))
def test_a_leaf_is_canonical_json_of_everything_the_round_uses_of_a_person(market: Market) -> None:
    for place in range(len(market)):
        text = input_text(WEEK.week, WEEK.id, market, place)
        content = json.loads(text)
        assert canonical(content) == text
        assert _as_candidate(content) == market.person(place)


def _as_wish(code: str, content: dict[str, Any]) -> Wish:
    """A leaf names how many values of a set are wanted in common as `low`."""
    if VOCABULARY[code].kind is Kind.SET:
        content = {**content, "low": None, "at_least": content["low"]}
    return WishModel(**content).wish(code)


def _as_candidate(content: Any) -> Candidate:
    return Candidate(
        id=content["member"],
        gender=to_genders(content["gender"]),
        seeks=to_genders(content["seeks"]),
        facts={code: coded(code, value) for code, value in content["facts"].items()},
        wishes={code: _as_wish(code, wish) for code, wish in content["wishes"].items()},
        weeks_waited=content["weeks_waited"],
        introduced=content["introduced"],
        due=content["due"],
        capacity=content["capacity"],
    )


@settings(max_examples=60, deadline=None)
@given(markets(most=6))
def test_everybody_s_input_leads_to_the_root(market: Market) -> None:
    tree = input_tree(WEEK.week, WEEK.id, market, KEY)
    for place, member in enumerate(market.ids):
        leaf = leaf_hash(KEY.input_salt(member), input_text(WEEK.week, WEEK.id, market, place))
        assert root_of(leaf, tree.path(leaf)) == tree.root()


@settings(max_examples=30, deadline=None)
@given(markets(least=2, most=4), st.data())
def test_a_change_of_anybody_s_input_changes_the_root(market: Market, data: st.DataObject) -> None:
    before = input_tree(WEEK.week, WEEK.id, market, KEY).root()
    column = data.draw(st.sampled_from([market.weeks_waited, market.due, *market.facts.values()]))
    place = data.draw(st.integers(0, len(market) - 1))
    column[place] = 1 - min(column[place], 1)
    assert input_tree(WEEK.week, WEEK.id, market, KEY).root() != before


def test_results_are_one_for_each_introduction_that_a_member_could_have() -> None:
    texts = list(result_texts(WEEK.week, WEEK.id, ME, 3, {TWO: [AGE], ONE: [FAITH]}))
    contents = [json.loads(text) for _, text in texts]
    assert [(each["slot"], each["introduction"]) for each in contents] == [(1, ONE), (2, TWO), (3, None)]
    assert [introduction for introduction, _ in texts] == [ONE, TWO, None]


def test_a_result_tells_no_sensitive_fact_of_the_partner_no_score_and_no_id_of_theirs() -> None:
    ((_, text),) = result_texts(WEEK.week, WEEK.id, ME, 1, {ONE: [FAITH, AGE]})
    content = json.loads(text)
    assert text == canonical(content)
    assert content == {
        "format": "ygs-result/1",
        "week": "2026-W48",
        "round": WEEK.id,
        "member": ME,
        "slot": 1,
        "introduction": ONE,
        "conditions": [
            {
                "attribute": "birth_year",
                "importance": "must",
                "low": 1979,
                "high": 1989,
                "any_of": None,
                "value": 1984,
                "fit": FULL,
            }
        ],
    }


def test_everybody_s_results_lead_to_the_root() -> None:
    market = Market.blank([ME, a_user(2).id, a_user(3).id], capacity=2)
    proofs: dict[str, dict[IntroductionId, Sequence[Condition]]] = {
        ME: {ONE: [AGE]},
        a_user(2).id: {ONE: [FAITH]},
    }
    tree = result_tree(WEEK.week, WEEK.id, market, proofs, KEY)
    for member in market.ids:
        for slot, (_, text) in enumerate(result_texts(WEEK.week, WEEK.id, member, 2, proofs.get(member, {})), 1):
            leaf = leaf_hash(KEY.result_salt(member, slot), text)
            assert root_of(leaf, tree.path(leaf)) == tree.root()


def test_no_two_salts_are_alike_and_another_week_has_others() -> None:
    keys = (KEY, WeekKey(bytes(32)))
    members = (ME, a_user(2).id)
    salts = [key.input_salt(member) for key in keys for member in members]
    salts += [key.result_salt(member, slot) for key in keys for member in members for slot in (1, 2)]
    salts += [key.plan_input_salt() for key in keys]
    assert len(set(salts)) == len(salts)
    assert {len(salt) for salt in salts} == {HASH_BYTES}


def test_the_commitment_to_the_plan_s_input_covers_each_part_of_it() -> None:
    def committed(week: Any = WEEK, input_hash: str = "0" * 64, version: str = "2.0", salt: bytes = bytes(32)) -> str:
        return plan_input_hash(week.week, week.id, week.policy, week.seed, input_hash, version, salt)

    others = {
        committed(replace(WEEK, policy=Policy(floor=3_001))),
        committed(replace(WEEK, seed=99)),
        committed(a_week(2)),
        committed(input_hash="1" * 64),
        committed(version="2.1"),
        committed(salt=bytes(31) + b"1"),
    }
    assert len(others | {committed()}) == 7


def test_numbers_fit_what_javascript_can_read() -> None:
    def numbers(content: Any) -> list[int]:
        if isinstance(content, dict):
            return [each for value in content.values() for each in numbers(value)]
        if isinstance(content, list):
            return [each for value in content for each in numbers(value)]
        return [content] if isinstance(content, int) else []

    market = Market.of([_with_every_interest()])
    content: Content = json.loads(input_text(WEEK.week, WEEK.id, market, 0))
    assert max(numbers(content)) < 2**53


def _with_every_interest() -> Candidate:
    every = [value.code for value in VOCABULARY["interests"].values]
    return Candidate(
        id=ME,
        gender=Genders.MALE,
        seeks=Genders.MALE | Genders.FEMALE,
        facts={"interests": VOCABULARY["interests"].mask_of(every)},
        wishes={"interests": Wish.among("interests", every, Importance.FAIR)},
    )
