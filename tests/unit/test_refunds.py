"""Refunds come out to the won, and every step is shown."""

import json
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from ygs.application.memberships.refund_calculator import RefundRequest, RefundView, calculate
from ygs.domain.errors import InvalidFact
from ygs.domain.refunds import RULE_SETS, Basis, Cancellation, RefundFault, RefundStage, refund, rule_set
from ygs.entrypoints.cli.app import app

MEMBER, OPERATOR = RefundFault.MEMBER, RefundFault.OPERATOR
OLD, NEW = date(2018, 5, 1), date(2023, 5, 1)


def by_meetings(fault: RefundFault, held: int, *, fee: int = 1_000_000, **more: object) -> int:
    """The refund of ten meetings by the rules of 2021, unless something else is given."""
    figures = {"fee": fee, "contracted_on": NEW, "fault": fault, "meetings": 10, "meetings_held": held}
    return calculate(RefundRequest.model_validate(figures | more)).amount


def by_days(fault: RefundFault, passed: int, **more: object) -> int:
    """The refund of a year's contract of 1,200,000 won during which the two met, by the rules of 2021."""
    figures = {"fee": 1_200_000, "contracted_on": NEW, "fault": fault, "days": 365, "days_passed": passed}
    return calculate(RefundRequest.model_validate(figures | {"stage": "met"} | more)).amount


def test_the_published_examples_come_out() -> None:
    assert by_meetings(MEMBER, 3) == 560_000
    assert by_meetings(OPERATOR, 3) == 900_000
    assert by_meetings(MEMBER, 3, fee=5_000_000, meetings=3, service_meetings=3) == 2_000_000


@pytest.mark.parametrize(
    ("contracted_on", "stage", "by_member", "by_operator"),
    [
        (NEW, "joined", 900_000, 1_100_000),
        (NEW, "profile_given", 850_000, 1_150_000),
        (NEW, "date_fixed", 800_000, 1_200_000),
        (OLD, "joined", 800_000, 1_200_000),
        (OLD, "profile_given", 800_000, 1_200_000),
        (OLD, "date_fixed", 800_000, 1_200_000),
    ],
)
def test_before_the_first_meeting_the_stage_decides(
    contracted_on: date, stage: str, by_member: int, by_operator: int
) -> None:
    assert by_meetings(MEMBER, 0, contracted_on=contracted_on, stage=stage) == by_member
    assert by_meetings(OPERATOR, 0, contracted_on=contracted_on, stage=stage) == by_operator
    # A contract of a period has the same stages: the days count from the first meeting on.
    assert by_days(MEMBER, 200, fee=1_000_000, contracted_on=contracted_on, stage=stage) == by_member


@pytest.mark.parametrize(
    ("held", "by_member", "by_operator"),
    [
        (1, 720_000, 1_100_000),
        (9, 80_000, 300_000),
        (10, 0, 200_000),  # all held
        (12, 0, 200_000),  # more held than promised: nothing is taken back
    ],
)
def test_after_a_meeting_what_is_left_decides_in_both_contracts(held: int, by_member: int, by_operator: int) -> None:
    assert by_meetings(MEMBER, held) == by_member
    assert by_meetings(OPERATOR, held) == by_operator
    assert by_meetings(MEMBER, held, contracted_on=OLD) == by_member
    assert by_meetings(OPERATOR, held, contracted_on=OLD) == by_operator


@pytest.mark.parametrize(
    ("passed", "by_member", "by_operator"),
    [
        (0, 960_000, 1_440_000),
        (73, 768_000, 1_200_000),
        (103, 689_095, 1_101_369),  # 1,200,000 x 262/365 = 861,369.86; its 80 % is 689,095.89
        (365, 0, 240_000),
        (400, 0, 240_000),
    ],
)
def test_a_contract_of_a_period_counts_days(passed: int, by_member: int, by_operator: int) -> None:
    assert by_days(MEMBER, passed) == by_member
    assert by_days(OPERATOR, passed) == by_operator


@pytest.mark.parametrize(
    ("fault", "fee", "meetings", "held", "won"),
    [
        (MEMBER, 1_000_000, 3, 2, 266_666),  # 266,666.67: what is less than a won is dropped
        (MEMBER, 1_000_000, 3, 1, 533_333),
        (OPERATOR, 999_999, 10, 3, 899_999),  # 699,999.3 + 199,999.8: dropped once, not twice
        (MEMBER, 1, 1, 1, 0),
        (MEMBER, 0, 5, 2, 0),
        (OPERATOR, 10**12, 7, 6, 342_857_142_857),
    ],
)
def test_what_is_less_than_a_won_is_dropped_once(
    fault: RefundFault, fee: int, meetings: int, held: int, won: int
) -> None:
    assert by_meetings(fault, held, fee=fee, meetings=meetings) == won


def test_the_first_day_of_new_rules_falls_under_them() -> None:
    for rules in RULE_SETS:
        assert rule_set(rules.since) == rules
    assert rule_set(date(2021, 10, 16)).version == "2015"
    assert by_meetings(MEMBER, 0, contracted_on=date(2021, 10, 16)) == 800_000
    assert by_meetings(MEMBER, 0, contracted_on=date(2021, 10, 17)) == 900_000


def test_a_contract_may_name_its_rules_and_an_older_one_must() -> None:
    assert by_meetings(MEMBER, 0, rules="2015") == 800_000
    assert by_meetings(MEMBER, 0, contracted_on=date(2010, 1, 1), rules="2015") == 800_000
    with pytest.raises(InvalidFact, match="no rule set is known"):
        by_meetings(MEMBER, 0, contracted_on=date(2015, 1, 11))
    with pytest.raises(InvalidFact, match="there are 2015, 2021"):
        by_meetings(MEMBER, 0, rules="1999")


def test_what_is_not_paid_yet_is_set_off() -> None:
    def paid(won: int) -> tuple[int, int, int]:
        found = calculate(RefundRequest(fee=1_000_000, contracted_on=NEW, fault=MEMBER, meetings=10, paid=won))
        return found.amount, found.to_pay, found.owed

    assert paid(1_000_000) == (900_000, 900_000, 0)
    assert paid(300_000) == (900_000, 200_000, 0)
    assert paid(100_000) == (900_000, 0, 0)
    assert paid(0) == (900_000, 0, 100_000)


@pytest.mark.parametrize(
    "more",
    [
        {"fee": -1},
        {"meetings": 0},
        {"meetings_held": 0, "stage": "met"},
        {"days": 0},
        {"days": 365, "days_passed": -1},
        {"paid": 1_000_001},
        {"unknown": 1},
        {"fee": 1.5},
    ],
)
def test_figures_that_cannot_be_are_refused(more: dict[str, object]) -> None:
    figures = {"fee": 1_000_000, "contracted_on": NEW, "fault": MEMBER, "meetings": 10}
    with pytest.raises((InvalidFact, ValueError)):
        calculate(RefundRequest.model_validate(figures | more))


FIGURES = st.builds(
    Cancellation,
    fee=st.integers(0, 10**9),
    basis=st.just(Basis.DAYS),
    total=st.integers(1, 800),
    used=st.integers(0, 900),
    stage=st.sampled_from(RefundStage),
    fault=st.sampled_from(RefundFault),
    contracted_on=st.sampled_from([OLD, NEW]),
)


def expected(given: Cancellation) -> int:
    """The rules as a formula in decimals of a hundred, apart from the code."""
    new = given.contracted_on == NEW
    left = Fraction(max(given.total - given.used, 0), given.total)
    place = list(RefundStage).index(given.stage)
    if given.stage is RefundStage.MET:
        share = left * Fraction(4, 5) if given.fault is MEMBER else left + Fraction(1, 5)
    elif given.fault is MEMBER:
        share = Fraction([90, 85, 80][place] if new else 80, 100)
    else:
        share = 1 + Fraction([10, 15, 20][place] if new else 20, 100)
    return int(given.fee * share)


@settings(max_examples=200)
@given(FIGURES)
def test_any_figures_agree_with_the_formula_and_the_steps_lead_to_the_result(figures: Cancellation) -> None:
    found = refund(figures)
    assert found.amount == found.to_pay == expected(figures)
    assert found.steps[-1].amount == found.amount
    assert 0 <= found.amount <= figures.fee * 6 // 5


def test_every_step_is_a_sentence_in_both_languages() -> None:
    found = calculate(RefundRequest(fee=1_000_000, contracted_on=NEW, fault=OPERATOR, meetings=3, meetings_held=2))
    assert [(step.exact, step.won) for step in found.steps] == [
        (None, None),
        (None, None),
        (None, None),
        ("1000000/3", 333_333),
        ("200000", 200_000),
        ("1600000/3", 533_333),
        ("533333", 533_333),
    ]
    assert [step.shown_amount() for step in found.steps[3:]] == ["333,333.33…", "200,000", "533,333.33…", "533,333"]
    assert found.steps[2].ko == "서비스를 포함한 총 3회 중 2회를 만나 1회가 남았습니다."
    assert found.steps[3].en == "Fee 1,000,000 × 1 / 3"
    assert "법률 자문이 아닙니다" in found.notice.ko[0]
    assert "no legal advice" in found.notice.en[0]
    assert RefundView.model_validate_json(found.model_dump_json()) == found


def ygs_refund(*words: object, language: str = "ko") -> Result:
    environment = {"YGS_LANGUAGE": language, "COLUMNS": "120"}
    return CliRunner().invoke(app, ["refund", *map(str, words)], env=environment)


EXAMPLE = ("--fee", 1_000_000, "--meetings", 10, "--held", 3, "--contracted", "2023-05-01")


def test_the_command_prints_the_steps_and_that_it_is_no_legal_advice() -> None:
    korean = ygs_refund(*EXAMPLE, "--fault", "member").output
    assert "가입비 1,000,000원 × 80% × 7 / 10" in korean
    assert "돌려줄 금액: 560,000원" in korean
    assert "법률 자문이 아닙니다" in korean
    english = ygs_refund(*EXAMPLE, "--fault", "operator", language="en").output
    assert "To be paid back: 900,000 won." in english
    owing = ygs_refund(*EXAMPLE, "--fault", "member", "--paid", 400_000).output
    assert "회원이 40,000원을 더 내야 합니다." in owing


def test_the_command_prints_one_json_document() -> None:
    found = json.loads(ygs_refund(*EXAMPLE, "--fault", "member", "--json").stdout)
    assert (found["amount"], found["rules"], len(found["steps"])) == (560_000, "2021", 5)


def test_the_command_says_in_korean_what_is_wrong() -> None:
    refused = ygs_refund("--fee", 1, "--meetings", 1, "--fault", "member", "--contracted", "2010-01-01")
    assert (refused.exit_code, refused.output) == (
        1,
        "ygs: 계약일: 2015-01-12 전에 맺은 계약에 적용할 환급 기준이 없습니다. 계약서에서 정한 기준을 지정해 주세요.\n",
    )
