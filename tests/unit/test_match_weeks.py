"""Match weeks: the calendar they stand in, their states, and who may work on one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.errors import DeadlinePassed, DomainError, LeaseLost, WrongStatus
from ygs.domain.match_weeks import LIVE_STATES, BrokenPair, IsoWeek, MatchWeek, WeekState
from ygs.domain.matching.plan import Overrides
from ygs.entrypoints.testing.builders import SEOUL, a_user, a_week
from ygs.entrypoints.testing.clock import NOON

OPEN, LOCKED, PROPOSED = WeekState.OPEN, WeekState.LOCKED, WeekState.PROPOSED
PUBLISHED, CLOSED, FAILED, CANCELLED = WeekState.PUBLISHED, WeekState.CLOSED, WeekState.FAILED, WeekState.CANCELLED
DEADLINE = a_week().deadline
BROKEN = (BrokenPair(a=a_user(1).id, b=a_user(2).id, reason="over_capacity"),)
OVERRIDES = Overrides.of(left_out=[a_user(1).id])

Step = Callable[[MatchWeek], MatchWeek]
STEPS: dict[str, tuple[Step, set[WeekState], WeekState]] = {
    "lock": (lambda week: week.lock(at=NOON, input_hash="ab" * 32), {OPEN}, LOCKED),
    "propose": (lambda week: week.propose(at=NOON, overrides=OVERRIDES), {LOCKED, PROPOSED}, PROPOSED),
    "discard": (lambda week: week.discard(at=NOON), {LOCKED, PROPOSED}, OPEN),
    "publish": (lambda week: week.publish(at=NOON), {PROPOSED}, PUBLISHED),
    "close": (lambda week: week.close(at=DEADLINE), {PUBLISHED}, CLOSED),
    "cancel": (lambda week: week.cancel(at=NOON), {OPEN, FAILED}, CANCELLED),
    "fail": (lambda week: week.fail(at=NOON, why=BROKEN), {LOCKED, PROPOSED}, FAILED),
}


@pytest.mark.parametrize("state", WeekState)
@pytest.mark.parametrize("name", STEPS)
def test_each_step_is_taken_from_its_states_and_from_no_other(name: str, state: WeekState) -> None:
    step, allowed, to = STEPS[name]
    week = a_week(state=state)
    if state in allowed:
        assert step(week).state is to
    else:
        with pytest.raises(WrongStatus, match=state):
            step(week)


def test_the_wrong_state_is_told_before_the_wrong_time() -> None:
    with pytest.raises(WrongStatus, match="open"):
        a_week().publish(at=DEADLINE + timedelta(days=1))
    with pytest.raises(WrongStatus, match="this needs one of: published"):
        a_week().close(at=NOON)


def test_advice_for_a_planned_week_says_that_the_plan_goes_first() -> None:
    with pytest.raises(WrongStatus, match="advice comes before the plan: discard the plan"):
        a_week(state=PROPOSED).require_advisable()
    a_week(state=LOCKED).require_advisable()


@pytest.mark.parametrize(
    ("state", "step", "says"),
    [
        (LOCKED, "lock", "needs no lock: plan it, or discard it first"),
        (OPEN, "publish", "lock it first, then plan it"),
        (LOCKED, "publish", "plan it first"),
        (PUBLISHED, "publish", "have been made"),
        (CLOSED, "propose", "have been made"),
        (PROPOSED, "close", "publish it first"),
        (PROPOSED, "cancel", "discard it first"),
    ],
)
def test_a_step_out_of_order_says_what_to_do_first(state: WeekState, step: str, says: str) -> None:
    with pytest.raises(WrongStatus, match=says):
        STEPS[step][0](a_week(state=state))


def test_what_plans_and_what_publishes_can_be_asked_before_it_begins() -> None:
    for ready in (a_week(state=LOCKED), a_week(state=PROPOSED)):
        ready.require_locked()
    a_week(state=PROPOSED).require_proposed()
    with pytest.raises(WrongStatus, match="lock it first, then plan it"):
        a_week().require_locked()
    with pytest.raises(WrongStatus, match="plan it first"):
        a_week(state=LOCKED).require_proposed()


def test_locking_keeps_the_hash_of_what_was_locked() -> None:
    assert a_week().lock(at=NOON, input_hash="ab" * 32).input_hash == "ab" * 32


def test_a_discarded_week_forgets_its_inputs_its_overrides_and_its_lease() -> None:
    week = a_week().leased(at=NOON, seconds=60).lock(at=NOON, input_hash="ab" * 32)
    again = week.propose(at=NOON, overrides=OVERRIDES).discard(at=NOON)
    assert (again.input_hash, again.overrides, again.lease_until) == ("", Overrides(), None)
    with pytest.raises(LeaseLost):
        again.require_lease(week.fence, NOON)


def test_a_failed_week_says_why_and_is_nobodys() -> None:
    failed = a_week().leased(at=NOON, seconds=60).lock(at=NOON, input_hash="ab" * 32).fail(at=NOON, why=BROKEN)
    assert (failed.failure, failed.lease_until, failed.published_at) == (BROKEN, None, None)


def test_a_week_is_published_while_people_can_still_answer() -> None:
    proposed = a_week(state=PROPOSED)
    just_in_time = DEADLINE - timedelta(microseconds=1)
    assert proposed.publish(at=just_in_time).published_at == just_in_time
    with pytest.raises(DeadlinePassed):
        proposed.publish(at=DEADLINE)


def test_a_week_is_closed_from_its_deadline_on() -> None:
    published = a_week(state=PUBLISHED)
    assert published.close(at=DEADLINE).state is CLOSED
    with pytest.raises(WrongStatus):
        published.close(at=DEADLINE - timedelta(microseconds=1))


def test_a_week_lives_until_it_is_closed_failed_or_cancelled() -> None:
    assert set(WeekState) - LIVE_STATES == {CLOSED, FAILED, CANCELLED}


class TestLease:
    def test_each_worker_gets_a_greater_token(self) -> None:
        first = a_week().leased(at=NOON, seconds=60)
        second = first.leased(at=NOON + timedelta(seconds=60), seconds=60)
        assert (first.fence, second.fence) == (1, 2)

    def test_another_waits_until_the_lease_is_over(self) -> None:
        leased = a_week().leased(at=NOON, seconds=60)
        for seconds in (0, 59, 59.999999):
            with pytest.raises(LeaseLost):
                leased.leased(at=NOON + timedelta(seconds=seconds), seconds=60)

    def test_a_lease_holds_to_its_last_microsecond(self) -> None:
        leased = a_week().leased(at=NOON, seconds=60)
        leased.require_lease(1, NOON + timedelta(seconds=60, microseconds=-1))
        with pytest.raises(LeaseLost):
            leased.require_lease(1, NOON + timedelta(seconds=60))

    def test_an_older_token_is_worth_nothing(self) -> None:
        later = NOON + timedelta(seconds=60)
        taken_over = a_week().leased(at=NOON, seconds=60).leased(at=later, seconds=60)
        taken_over.require_lease(2, later)
        for fence in (0, 1, 3):
            with pytest.raises(LeaseLost):
                taken_over.require_lease(fence, later)

    def test_nobody_has_a_lease_that_was_never_taken(self) -> None:
        with pytest.raises(LeaseLost):
            a_week().require_lease(0, NOON)

    def test_a_renewed_lease_lasts_from_now_and_keeps_its_token(self) -> None:
        at = NOON + timedelta(seconds=50)
        renewed = a_week().leased(at=NOON, seconds=60).renewed(fence=1, at=at, seconds=60)
        assert (renewed.fence, renewed.lease_until) == (1, at + timedelta(seconds=60))

    def test_a_lease_that_ran_out_is_not_renewed(self) -> None:
        with pytest.raises(LeaseLost):
            a_week().leased(at=NOON, seconds=60).renewed(fence=1, at=NOON + timedelta(seconds=60), seconds=60)

    def test_a_lease_given_back_is_free_at_once_and_its_token_dead(self) -> None:
        released = a_week().leased(at=NOON, seconds=60).released(fence=1)
        with pytest.raises(LeaseLost):
            released.require_lease(1, NOON)
        assert released.leased(at=NOON, seconds=60).fence == 2

    def test_who_wakes_late_does_not_give_anothers_lease_back(self) -> None:
        later = NOON + timedelta(seconds=61)
        taken_over = a_week().leased(at=NOON, seconds=60).leased(at=later, seconds=60)
        assert taken_over.released(fence=1) == taken_over


WEEKS = st.dates(date(1, 1, 8), date(9998, 12, 31)).map(lambda day: IsoWeek(*day.isocalendar()[:2]))


class TestIsoWeek:
    @pytest.mark.parametrize("year", [1903, 1981, 2004, 2009, 2015, 2020, 2026, 2032, 2037, 2099])
    def test_long_years_have_a_53rd_week(self, year: int) -> None:
        assert IsoWeek(year, 53).following() == IsoWeek(year + 1, 1)
        assert IsoWeek(year, 52).following() == IsoWeek(year, 53)

    @pytest.mark.parametrize("year", [2021, 2022, 2023, 2024, 2025, 2027])
    def test_other_years_have_none(self, year: int) -> None:
        assert IsoWeek(year, 52).following() == IsoWeek(year + 1, 1)
        with pytest.raises(DomainError):
            IsoWeek(year, 53)

    @pytest.mark.parametrize(("year", "week"), [(2026, 0), (2026, 54), (2026, -1), (0, 1), (10_000, 1)])
    def test_there_are_no_other_weeks(self, year: int, week: int) -> None:
        with pytest.raises(DomainError):
            IsoWeek(year, week)

    @given(WEEKS)
    def test_what_is_written_is_read_back(self, week: IsoWeek) -> None:
        assert IsoWeek.parse(str(week)) == week

    @pytest.mark.parametrize(
        "text",
        ["", "2026", "2026W48", "2026-48", "2026-W7", "2026-W074", "26-W48", "2026-W5\uff13", "2026-w48", " 2026-W48"],
    )
    def test_nothing_else_is_read(self, text: str) -> None:
        with pytest.raises(DomainError, match="write it like 2026-W48"):
            IsoWeek.parse(text)

    @given(WEEKS, st.integers(-400, 400))
    def test_weeks_follow_one_another_by_seven_days(self, week: IsoWeek, count: int) -> None:
        if 2 < week.year < 9990 and week.year + count // 52 > 10:
            later = week.following(count)
            assert later.monday - week.monday == timedelta(weeks=count)
            assert later.following(-count) == week
            assert (later > week) is (count > 0)

    def test_the_new_year_may_belong_to_the_old_ones_last_week(self) -> None:
        assert IsoWeek.at(datetime(2027, 1, 1, 12, tzinfo=UTC), SEOUL) == IsoWeek(2026, 53)
        assert IsoWeek.at(datetime(2024, 12, 30, 12, tzinfo=UTC), SEOUL) == IsoWeek(2025, 1)

    def test_a_week_begins_at_midnight_in_seoul(self) -> None:
        midnight = datetime(2026, 11, 22, 15, tzinfo=UTC)
        assert IsoWeek.at(midnight, SEOUL) == IsoWeek(2026, 48)
        assert IsoWeek.at(midnight - timedelta(microseconds=1), SEOUL) == IsoWeek(2026, 47)

    def test_answers_are_due_on_sunday_at_nine_in_the_evening(self) -> None:
        assert IsoWeek(2026, 48).answer_deadline(SEOUL) == datetime(2026, 11, 29, 12, tzinfo=UTC)

    def test_summer_time_moves_the_deadline_in_utc_not_on_the_block(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        # The clocks go back on Sunday 25 October 2026, within week 43.
        assert IsoWeek(2026, 42).answer_deadline(berlin) == datetime(2026, 10, 18, 19, tzinfo=UTC)
        assert IsoWeek(2026, 43).answer_deadline(berlin) == datetime(2026, 10, 25, 20, tzinfo=UTC)

    def test_the_deadline_falls_in_its_own_week(self) -> None:
        for number in range(1, 54):
            week = IsoWeek(2026, number)
            assert IsoWeek.at(week.answer_deadline(SEOUL), SEOUL) == week


def test_every_step_says_when() -> None:
    later = NOON + timedelta(hours=1)
    assert a_week().lock(at=later, input_hash="ab" * 32).updated_at == later
    assert replace(a_week(), state=PUBLISHED).close(at=DEADLINE).updated_at == DEADLINE
