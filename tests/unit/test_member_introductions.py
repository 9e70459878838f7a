"""Introductions: blind answers until both have spoken or the time is over, and what people report afterwards."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from ygs.domain.errors import DeadlinePassed, DomainError, InvalidFact, InvalidText, NotFound, WrongStatus
from ygs.domain.ids import UserId
from ygs.domain.introductions import Answer, Choice, DeclineReason, Introduction, IntroductionState
from ygs.entrypoints.testing.builders import a_feedback, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered

A, B, STRANGER = a_user(1), a_user(2), a_user(3)
MADE = an_introduction(A, B, a_week())
DEADLINE = MADE.deadline
WAITING, MUTUAL, NOT_MUTUAL = IntroductionState.WAITING, IntroductionState.MUTUAL, IntroductionState.NOT_MUTUAL
EXPIRED, CANCELLED = IntroductionState.EXPIRED, IntroductionState.CANCELLED


def yes(at: datetime = NOON) -> Answer:
    return Answer(choice=Choice.ACCEPT, at=at)


def no(at: datetime = NOON, **changes: Any) -> Answer:
    return Answer(**{"choice": Choice.DECLINE, "at": at, "reason": DeclineReason.DISTANCE, **changes})


@pytest.mark.parametrize("first_is_a", [True, False])
@pytest.mark.parametrize(("first", "second"), list(product([yes, no], repeat=2)))
def test_two_answers_decide_whoever_speaks_first(
    first: Callable[..., Answer], second: Callable[..., Answer], first_is_a: bool
) -> None:
    one, other = (A.id, B.id) if first_is_a else (B.id, A.id)
    later = NOON + timedelta(hours=1)
    half = MADE.answered(one, first())
    assert (half.state, half.decided_at) == (WAITING, None)
    decided = half.answered(other, second(later))
    assert decided.state is (MUTUAL if first is second is yes else NOT_MUTUAL)
    assert decided.decided_at == later
    assert (decided.answer_of(one), decided.answer_of(other)) == (first(), second(later))


def test_an_answer_can_change_until_the_other_has_spoken() -> None:
    changed = MADE.answered(A.id, yes()).answered(A.id, no()).answered(A.id, yes(NOON + timedelta(days=1)))
    assert changed.answered(B.id, yes(NOON + timedelta(days=2))).state is MUTUAL


@pytest.mark.parametrize(("mine", "theirs"), list(product([yes, no], repeat=2)))
def test_both_answers_are_final_once_both_have_spoken(
    mine: Callable[..., Answer], theirs: Callable[..., Answer]
) -> None:
    decided = MADE.answered(A.id, mine()).answered(B.id, theirs())
    for me, said in ((A.id, mine), (B.id, theirs)):
        with pytest.raises(WrongStatus):
            decided.answered(me, no() if said is yes else yes())


def test_nobody_can_tell_from_their_own_side_whether_the_other_has_spoken() -> None:
    # What A can do and is told is the same whether B said nothing, yes or no; only deciding ends it.
    for said in (MADE, MADE.answered(B.id, yes()), MADE.answered(B.id, no())):
        assert said.answer_of(A.id) is None
        assert said.state is WAITING
        assert said.decided_at is None
        assert said.other(A.id) == B.id


@pytest.mark.parametrize("state", ["waiting", "decided", "late"])
def test_the_same_answer_again_changes_nothing(state: str) -> None:
    given = MADE.answered(A.id, no(words="너무 멀어요"))
    if state == "decided":
        given = given.answered(B.id, yes())
    again = DEADLINE + timedelta(days=1) if state == "late" else NOON + timedelta(minutes=1)
    assert given.answered(A.id, no(again, words="너무 멀어요")) is given


def test_another_reason_or_other_words_are_another_answer() -> None:
    given = MADE.answered(A.id, no())
    assert given.answered(A.id, no(reason=DeclineReason.AGE)).answer_of(A.id) == no(reason=DeclineReason.AGE)
    assert given.answered(A.id, no(words="죄송합니다")).answer_of(A.id) == no(words="죄송합니다")


def test_answers_count_until_just_before_the_deadline() -> None:
    assert MADE.answered(A.id, yes(DEADLINE - timedelta(microseconds=1))).answer_of(A.id) is not None
    for late in (timedelta(0), timedelta(days=1)):
        with pytest.raises(DeadlinePassed):
            MADE.answered(A.id, yes(DEADLINE + late))
        with pytest.raises(DeadlinePassed):
            MADE.answered(B.id, yes()).answered(A.id, no(DEADLINE + late))


def test_one_answer_alone_is_not_enough_by_the_deadline() -> None:
    assert MADE.answered(A.id, yes()).expire(at=DEADLINE).state is EXPIRED


@pytest.mark.parametrize("state", IntroductionState)
def test_only_what_waits_expires(state: IntroductionState) -> None:
    expired = replace(MADE, state=state).expire(at=DEADLINE)
    assert expired.state is (EXPIRED if state is WAITING else state)
    assert expired.decided_at == (DEADLINE if state is WAITING else None)


def test_nothing_expires_before_the_deadline() -> None:
    with pytest.raises(WrongStatus):
        MADE.expire(at=DEADLINE - timedelta(microseconds=1))


@pytest.mark.parametrize("state", IntroductionState)
def test_only_what_waits_is_answered_or_cancelled_and_only_what_is_mutual_reported(state: IntroductionState) -> None:
    there = replace(MADE, state=state)
    steps: dict[Callable[[], Introduction], IntroductionState] = {
        lambda: there.answered(A.id, yes()): WAITING,
        lambda: there.cancel(at=NOON): WAITING,
        lambda: there.reported(met=True): MUTUAL,
    }
    for step, allowed in steps.items():
        if state is allowed:
            step()
        else:
            with pytest.raises(WrongStatus):
                step()


def test_a_cancelled_introduction_is_decided() -> None:
    cancelled = MADE.answered(A.id, yes()).cancel(at=NOON)
    assert (cancelled.state, cancelled.decided_at) == (CANCELLED, NOON)
    with pytest.raises(WrongStatus):
        cancelled.answered(B.id, yes())


@pytest.mark.parametrize("reports", list(product([True, False], repeat=2)))
def test_one_report_that_they_met_is_enough(reports: tuple[bool, bool]) -> None:
    first, second = reports
    mutual = MADE.answered(A.id, yes()).answered(B.id, yes())
    assert mutual.met is None
    assert mutual.reported(met=first).met is first
    assert mutual.reported(met=first).reported(met=second).met is (first or second)


def test_a_stranger_is_no_part_of_it() -> None:
    for ask in (MADE.other, MADE.answer_of, lambda me: MADE.answered(me, yes())):
        with pytest.raises(NotFound):
            ask(STRANGER.id)


def test_each_is_the_others_other() -> None:
    assert (MADE.other(A.id), MADE.other(B.id)) == (B.id, A.id)


def test_the_lesser_id_stands_first_and_nobody_meets_themselves() -> None:
    for a, b in ((B.id, A.id), (A.id, A.id)):
        with pytest.raises(DomainError):
            replace(MADE, a=a, b=b)


class TestAnswer:
    @pytest.mark.parametrize(
        ("choice", "reason"), [(Choice.ACCEPT, DeclineReason.AGE), (Choice.DECLINE, None)], ids=["yes", "no"]
    )
    def test_a_decline_has_a_reason_and_only_a_decline(self, choice: Choice, reason: DeclineReason | None) -> None:
        with pytest.raises(InvalidFact):
            Answer(choice=choice, at=NOON, reason=reason)

    @pytest.mark.parametrize("bad", ["\x00", "\ud800", "가" * 4001, "제 번호는 900101-1234567"])
    def test_its_words_are_text(self, bad: str) -> None:
        with pytest.raises(InvalidText):
            no(words=bad)


class TestFeedback:
    @pytest.mark.parametrize("rating", range(1, 6))
    def test_a_meeting_is_rated_one_to_five(self, rating: int) -> None:
        assert a_feedback(MADE, A.id, rating=rating).rating == rating

    @pytest.mark.parametrize(
        "changes",
        [
            {"rating": 0},
            {"rating": 6},
            {"rating": None},
            {"again": None},
            {"rating": None, "again": None},
            {"met": False},
            {"met": False, "again": None},
            {"met": False, "rating": None},
        ],
    )
    def test_only_a_meeting_is_rated_and_always(self, changes: dict[str, Any]) -> None:
        with pytest.raises(InvalidFact):
            a_feedback(MADE, A.id, **changes)

    def test_who_did_not_meet_says_so_and_no_more(self) -> None:
        told = a_feedback(MADE, A.id, met=False, again=None, rating=None)
        assert told.met is False

    def test_its_words_are_text(self) -> None:
        with pytest.raises(InvalidText):
            a_feedback(MADE, A.id, words="상대방 주민번호 900101-2234567")


def test_ids_order_people_not_their_numbers() -> None:
    late, early = a_user(1, id=UserId(numbered("usr", 9))), a_user(2, id=UserId(numbered("usr", 5)))
    assert an_introduction(late, early, a_week()).a == early.id
