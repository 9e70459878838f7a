"""The contracts of `Clock` and `Ids`: give the fixture `clock` or `ids`."""

import re
from datetime import timedelta

from ygs.domain.ids import feedback_id, introduction_id, user_id, week_id
from ygs.ports.clock_and_ids import Clock, Ids


class ClockContract:
    """Every promise of `Clock`."""

    def test_the_time_is_utc(self, clock: Clock) -> None:
        assert clock.now().utcoffset() == timedelta(0)

    def test_the_time_does_not_run_backwards(self, clock: Clock) -> None:
        moments = [clock.now() for _ in range(1_000)]
        assert moments == sorted(moments)


class IdsContract:
    """Every promise of `Ids`."""

    def test_ids_are_what_the_domain_reads(self, ids: Ids) -> None:
        for prefix, parse in {"usr": user_id, "mw": week_id, "mh": introduction_id, "mf": feedback_id}.items():
            made = ids.make(prefix)
            assert parse(made) == made
            assert re.fullmatch(prefix + r"_[0-9A-Z]{26}", made)

    def test_each_id_is_greater_than_all_before_it(self, ids: Ids) -> None:
        made = [ids.make("usr") for _ in range(10_000)]
        assert made == sorted(set(made))

    def test_ids_ascend_whatever_they_name(self, ids: Ids) -> None:
        made = [ids.make(prefix).partition("_")[2] for _ in range(100) for prefix in ("usr", "mw")]
        assert made == sorted(set(made))
