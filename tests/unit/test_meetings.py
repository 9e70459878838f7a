"""The rules of meetings: what is proposed, who may change what until when, and when a contact opens."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.errors import DeadlinePassed, InvalidFact, LimitReached, NotFound, StaleWrite, WrongStatus
from ygs.domain.ids import UserId
from ygs.domain.introductions import Introduction, IntroductionState
from ygs.domain.meetings import (
    DAYS_AHEAD,
    MOST_TIMES_ASKED,
    MOST_TIMES_GIVEN,
    PROPOSED_BEFORE,
    ContactRule,
    DayPart,
    HalfDay,
    Meeting,
    MeetingProposal,
    MeetingState,
    NextStep,
)
from ygs.domain.reminders import is_quiet
from ygs.domain.service_dates import date_at
from ygs.entrypoints.testing.builders import SEOUL, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON

TODAY = date_at(NOON, SEOUL)
ALL = frozenset(HalfDay(TODAY + timedelta(days=day), part) for day in range(1, DAYS_AHEAD + 1) for part in DayPart)
HOUR = timedelta(hours=1)
ONE, OTHER = a_user(1).id, a_user(2).id
NUMBERS = st.sets(st.sampled_from(range(len(ALL))), min_size=3, max_size=12)
ORDERED = sorted(ALL, key=lambda each: (each.day, list(DayPart).index(each.part)))
INTRODUCTION = an_introduction(a_user(1), a_user(2), a_week(), state=IntroductionState.MUTUAL, decided_at=NOON)


def half_days(*numbers: int) -> frozenset[HalfDay]:
    """Half-days by their place among the forty-two of the coming two weeks."""
    return frozenset(ORDERED[number] for number in numbers)


def a_start() -> Meeting:
    return Meeting.of(INTRODUCTION, NOON)


def gives(meeting: Meeting, who: UserId, times: frozenset[HalfDay], at: datetime = NOON, **more: Any) -> Meeting:
    return meeting.with_times(who, times, more.pop("district", "seoul_mapo"), at=at, zone=more.pop("zone", SEOUL))


def proposed(ones: frozenset[HalfDay] = half_days(3, 4, 5), others: frozenset[HalfDay] = half_days(3, 4, 5)) -> Meeting:
    return gives(gives(a_start(), ONE, ones), OTHER, others, district="seoul_gangnam")


def fixed() -> Meeting:
    meeting = proposed()
    return meeting.accept(ONE, 1, at=NOON).accept(OTHER, 1, at=NOON + HOUR)


@given(NUMBERS, NUMBERS, st.integers(0, 23), st.sampled_from(["Asia/Seoul", "America/Los_Angeles", "UTC"]))
def test_what_is_proposed_suits_both_is_the_earliest_lies_ahead_and_in_the_open_hours(
    ones: set[int], others: set[int], hour: int, zone_name: str
) -> None:
    zone = ZoneInfo(zone_name)
    at = NOON + hour * HOUR
    first = date_at(at, zone) + timedelta(days=1)
    shift = first - ORDERED[0].day
    mine, theirs = (
        frozenset(HalfDay(ORDERED[each].day + shift, ORDERED[each].part) for each in them) for them in (ones, others)
    )
    here = gives(gives(a_start(), ONE, mine, at, zone=zone), OTHER, theirs, at, zone=zone, district="seoul_songpa")
    there = gives(gives(a_start(), ONE, theirs, at, zone=zone, district="seoul_songpa"), OTHER, mine, at, zone=zone)
    # The oracle: every time that both gave, in the order of time.
    common = sorted(each.starts_at(zone) for each in mine if each in theirs)
    possible = [each for each in common if each - at >= PROPOSED_BEFORE]
    assert (here.proposal is None) is not bool(possible)
    assert here.proposal == there.proposal
    if here.proposal:
        assert here.proposal.starts_at == possible[0]
        assert not is_quiet(here.proposal.starts_at, zone)
        assert not is_quiet(here.proposal.starts_at + timedelta(hours=2) - timedelta(microseconds=1), zone)


def test_nothing_is_proposed_until_both_gave_times_and_then_both_are_asked() -> None:
    one_gave = gives(a_start(), ONE, half_days(3, 4, 5))
    assert one_gave.proposal is None
    assert (one_gave.next_step(ONE, NOON), one_gave.next_step(OTHER, NOON)) == (NextStep.WAIT, NextStep.GIVE_TIMES)
    meeting = proposed()
    assert meeting.state is MeetingState.PROPOSED
    assert meeting.proposal == MeetingProposal(ORDERED[3].starts_at(SEOUL), "seoul_jongno")
    assert {meeting.next_step(who, NOON) for who in (ONE, OTHER)} == {NextStep.ANSWER_PROPOSAL}


def test_when_nothing_suits_both_both_are_asked_for_more() -> None:
    meeting = proposed(half_days(3, 4, 5), half_days(6, 7, 8))
    assert meeting.state is MeetingState.ARRANGING
    assert {meeting.next_step(who, NOON) for who in (ONE, OTHER)} == {NextStep.GIVE_TIMES}
    more = gives(meeting, ONE, half_days(3, 4, 7))
    assert more.proposal
    assert more.proposal.starts_at == ORDERED[7].starts_at(SEOUL)


@pytest.mark.parametrize("first", [ONE, OTHER])
def test_a_meeting_is_fixed_when_both_accepted_in_either_order(first: UserId) -> None:
    second = OTHER if first == ONE else ONE
    half = proposed().accept(first, 1, at=NOON)
    assert half.state is MeetingState.PROPOSED
    assert half.next_step(first, NOON) is NextStep.WAIT
    done = half.accept(second, 1, at=NOON + HOUR)
    assert (done.state, done.fixed_at) == (MeetingState.FIXED, NOON + HOUR)
    assert done.accept(first, 1, at=NOON + HOUR) == done


def test_what_is_not_proposed_any_more_is_not_accepted() -> None:
    meeting = proposed()
    moved = meeting.accept(ONE, 1, at=NOON).ask_again(OTHER, 1, at=NOON, zone=SEOUL)
    assert moved.proposal
    assert moved.proposal.starts_at == ORDERED[4].starts_at(SEOUL)
    assert not moved.side_a.accepted
    with pytest.raises(StaleWrite):
        moved.accept(ONE, 1, at=NOON)
    with pytest.raises(StaleWrite):
        moved.ask_again(ONE, 1, at=NOON, zone=SEOUL)
    with pytest.raises(NotFound):
        meeting.accept(a_user(3).id, 1, at=NOON)


@given(st.sets(st.sampled_from(range(3, 42)), min_size=3, max_size=6))
def test_times_that_were_refused_never_come_back_and_the_others_come_in_order(those: set[int]) -> None:
    meeting = proposed(half_days(*those), half_days(*those))
    seen = []
    sides = [ONE, OTHER] * MOST_TIMES_ASKED
    while meeting.proposal and sides:
        seen.append(meeting.proposal.starts_at)
        meeting = meeting.ask_again(sides.pop(), meeting.proposals, at=NOON, zone=SEOUL)
    assert seen == sorted(ORDERED[each].starts_at(SEOUL) for each in those)[: len(seen)]
    assert len(seen) == min(len(those), 2 * MOST_TIMES_ASKED)


def test_each_asks_for_another_time_three_times() -> None:
    meeting = proposed(half_days(*range(3, 12)), half_days(*range(3, 12)))
    for number in range(1, MOST_TIMES_ASKED + 1):
        meeting = meeting.ask_again(ONE, number, at=NOON, zone=SEOUL)
    with pytest.raises(WrongStatus, match="often enough"):
        meeting.ask_again(ONE, meeting.proposals, at=NOON, zone=SEOUL)
    assert meeting.ask_again(OTHER, meeting.proposals, at=NOON, zone=SEOUL).proposals == MOST_TIMES_ASKED + 2


def test_a_proposal_lapses_six_hours_before_and_replacing_it_does_not_count() -> None:
    meeting = proposed()
    assert meeting.proposal
    last = meeting.proposal.starts_at - 6 * HOUR
    assert meeting.accept(ONE, 1, at=last).side_a.accepted
    late = last + timedelta(microseconds=1)
    assert meeting.state_at(late) is MeetingState.ARRANGING
    assert meeting.next_step(ONE, late) is NextStep.GIVE_TIMES
    with pytest.raises(DeadlinePassed):
        meeting.accept(ONE, 1, at=late)
    other = meeting.ask_again(ONE, 1, at=late, zone=SEOUL)
    assert other.side_a.times_asked == 0
    given_again = gives(meeting, ONE, half_days(8, 9, 10), at=late)
    assert given_again.proposal is None


def test_a_fixed_meeting_is_moved_until_24_hours_before_and_cancelled_until_it_begins() -> None:
    meeting = fixed()
    assert meeting.proposal
    begins = meeting.proposal.starts_at
    moved = meeting.ask_again(OTHER, 1, at=begins - 24 * HOUR, zone=SEOUL)
    assert moved.state is not MeetingState.FIXED
    assert moved.fixed_at is None
    with pytest.raises(DeadlinePassed):
        meeting.ask_again(OTHER, 1, at=begins - 23 * HOUR, zone=SEOUL)
    with pytest.raises(WrongStatus):
        gives(meeting, ONE, half_days(3, 4, 5))
    ended = meeting.cancel(ONE, at=begins - timedelta(seconds=1))
    assert (ended.state, ended.proposal) == (MeetingState.CANCELLED, None)
    with pytest.raises(WrongStatus, match="has begun"):
        meeting.cancel(ONE, at=begins)
    assert meeting.ended(at=begins) == meeting


def test_a_cancelled_meeting_looks_the_same_whoever_ended_it_and_refuses_everything_alike() -> None:
    ends = {proposed().cancel(ONE, at=NOON), proposed().cancel(OTHER, at=NOON), proposed().ended(at=NOON)}
    assert len(ends) == 1
    (ended,) = ends
    assert ended.ended(at=NOON) is ended
    refusals = set()
    changes: list[Callable[[], Meeting]] = [
        lambda: ended.accept(ONE, 1, at=NOON),
        lambda: ended.ask_again(ONE, 1, at=NOON, zone=SEOUL),
        lambda: ended.cancel(ONE, at=NOON),
        lambda: gives(ended, ONE, half_days(3, 4, 5)),
    ]
    for change in changes:
        with pytest.raises(WrongStatus) as refused:
            change()
        refusals.add(str(refused.value))
    assert len(refusals) == 1


def test_new_times_keep_a_proposal_that_still_suits_both_and_replace_any_other() -> None:
    accepted = proposed().accept(ONE, 1, at=NOON)
    assert gives(accepted, ONE, half_days(0, 3, 30)).proposals == 1
    assert gives(accepted, ONE, half_days(0, 3, 30)).side_a.accepted
    other_time = gives(accepted, ONE, half_days(4, 5, 30))
    assert other_time.proposal
    assert (other_time.proposals, other_time.proposal.starts_at) == (2, ORDERED[4].starts_at(SEOUL))
    assert not other_time.side_a.accepted
    other_place = gives(accepted, ONE, half_days(3, 4, 5), district="seoul_songpa")
    assert other_place.proposal
    assert other_place.proposal.district != "seoul_jongno"


@pytest.mark.parametrize(
    "times",
    [
        half_days(3, 4),
        half_days(3, 4) | {HalfDay(TODAY, DayPart.EVENING)},
        half_days(3, 4) | {HalfDay(TODAY + timedelta(days=DAYS_AHEAD + 1), DayPart.MORNING)},
    ],
)
def test_too_few_half_days_and_those_outside_the_two_weeks_are_refused(times: frozenset[HalfDay]) -> None:
    with pytest.raises(InvalidFact):
        gives(a_start(), ONE, times)


def test_nobody_tries_out_when_the_other_is_free() -> None:
    meeting = a_start()
    for number in range(MOST_TIMES_GIVEN):
        meeting = gives(meeting, ONE, half_days(3, 4, 5 + number))
    with pytest.raises(LimitReached):
        gives(meeting, ONE, half_days(3, 4, 5))
    assert gives(meeting, OTHER, half_days(3, 4, 5)).proposal
    with pytest.raises(InvalidFact):
        gives(a_start(), ONE, half_days(3, 4, 5), district="강남")


def test_the_same_times_given_again_take_no_try_of_the_ten() -> None:
    meeting = gives(a_start(), ONE, half_days(3, 4, 5))
    for _ in range(MOST_TIMES_GIVEN):
        assert gives(meeting, ONE, half_days(3, 4, 5)) == meeting
    moved = gives(meeting, ONE, half_days(3, 4, 5), district="seoul_gangnam")
    assert (meeting.side_a.times_given, moved.side_a.times_given) == (1, 2)
    for number in range(2, MOST_TIMES_GIVEN):
        moved = gives(moved, ONE, half_days(3, 4, 5 + number))
    assert gives(moved, ONE, moved.side_a.half_days) == moved


@pytest.mark.parametrize("state", sorted(set(IntroductionState) - {IntroductionState.MUTUAL}))
def test_only_people_who_both_accepted_meet(state: IntroductionState) -> None:
    with pytest.raises(WrongStatus):
        Meeting.of(replace(INTRODUCTION, state=state), NOON)


def test_staff_fix_any_meeting_in_the_next_90_days() -> None:
    when = MeetingProposal(NOON + 30 * HOUR, "busan", "해운대 호텔 1층")
    for meeting in (a_start(), proposed(), fixed(), proposed().ended(at=NOON)):
        done = meeting.fix(when, at=NOON)
        assert (done.state, done.proposal, done.fixed_at) == (MeetingState.FIXED, when, NOON)
        assert done.proposals == meeting.proposals + 1
    for wrong in (NOON, NOON + timedelta(days=90, seconds=1)):
        with pytest.raises(InvalidFact):
            a_start().fix(replace(when, starts_at=wrong), at=NOON)


def test_a_no_show_is_reported_once_from_the_time_of_the_meeting_for_two_weeks() -> None:
    meeting = fixed()
    assert meeting.proposal
    begins = meeting.proposal.starts_at
    reported = meeting.report_no_show(ONE, "기다렸습니다", at=begins)
    assert (reported.side_a.no_show_at, reported.side_b) == (begins, meeting.side_b)
    assert reported.report_no_show(OTHER, "", at=begins).side_b.no_show_at == begins
    for meeting_then, at, error in (
        (meeting, begins - HOUR, WrongStatus),
        (reported, begins + HOUR, WrongStatus),
        (proposed(), begins + HOUR, WrongStatus),
        (meeting, begins + timedelta(days=15), DeadlinePassed),
    ):
        with pytest.raises(error):
            meeting_then.report_no_show(ONE, "", at=at)


def test_a_contact_opens_when_both_accepted_or_so_many_hours_before_a_fixed_meeting() -> None:
    waiting: Introduction = replace(INTRODUCTION, state=IntroductionState.WAITING, decided_at=None)
    meeting = fixed()
    assert meeting.proposal
    assert ContactRule().opens_at(INTRODUCTION, None) == NOON
    assert ContactRule().opens_at(INTRODUCTION, proposed().ended(at=NOON)) == NOON
    assert ContactRule().opens_at(waiting, None) is None
    assert ContactRule(3).opens_at(waiting, meeting) is None
    assert ContactRule(3).opens_at(INTRODUCTION, meeting) == meeting.proposal.starts_at - 3 * HOUR
    begins = meeting.proposal.starts_at
    assert ContactRule(3).is_open(INTRODUCTION, meeting, begins - 3 * HOUR)
    assert not ContactRule(3).is_open(INTRODUCTION, meeting, begins - 3 * HOUR - timedelta(microseconds=1))
    for not_fixed in (None, a_start(), proposed(), meeting.ended(at=NOON)):
        assert ContactRule(3).opens_at(INTRODUCTION, not_fixed) is None
        assert not ContactRule(3).is_open(INTRODUCTION, not_fixed, NOON + timedelta(days=99))


def test_meetings_begin_at_eleven_two_and_seven_in_the_services_time_zone() -> None:
    begins = [HalfDay(date(2026, 11, 28), part).starts_at(SEOUL) for part in DayPart]
    assert begins == [datetime(2026, 11, 28, hour, tzinfo=UTC) for hour in (2, 5, 10)]
