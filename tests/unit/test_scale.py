"""The page on scale says what its benchmark computes, and the schedule agrees with the rounds that were run."""

from pathlib import Path

import pytest

from benchmarks.scale import RUNS, Run, measured_table, numbers_used, planned_table, simulate

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "scale.md"
LARGE = [run for run in RUNS if run.people >= 100_000]


def test_the_page_holds_the_tables_that_the_benchmark_prints() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("|")] == [*measured_table(), *planned_table()]


@pytest.mark.parametrize("run", LARGE, ids=lambda run: f"{run.people:,}")
def test_a_round_that_was_run_takes_as_long_by_the_schedule(run: Run) -> None:
    planned = simulate(run.people, 2, threads=2)
    assert 3600 * 2 * planned.scan_hours == pytest.approx(run.scans_s, rel=0.15)
    assert 3600 * (planned.solve_hours + planned.owner_hours) == pytest.approx(run.solve_s + run.between_s, rel=0.15)
    assert 1024 * planned.owner_gib == pytest.approx(run.peak_mib, rel=0.2)


def test_the_greatest_round_that_was_run_takes_as_long_in_all() -> None:
    assert 3600 * simulate(RUNS[-1].people, 2, threads=2).hours == pytest.approx(RUNS[-1].seconds, rel=0.15)


def test_more_workers_scan_faster_and_are_sent_more() -> None:
    few = simulate(1_000_000, 64)
    many = simulate(1_000_000, 256)
    assert many.scan_hours < few.scan_hours / 3
    assert many.traffic_hours > few.traffic_hours * 3
    assert many.solve_hours == few.solve_hours


def test_cores_that_share_tables_are_sent_less_and_need_less_memory() -> None:
    alone = simulate(1_000_000, 256)
    shared = simulate(1_000_000, 256, threads=64)
    assert shared.gib_a_search == pytest.approx(alone.gib_a_search / 64)
    assert shared.dollars < alone.dollars / 10


def test_a_machine_alone_is_sent_nothing() -> None:
    planned = simulate(1_000_000, 64, threads=64)
    assert planned.traffic_hours == planned.gib_a_search == planned.worker_gib == 0


def test_every_number_of_a_city_of_ten_million_fits_its_bits() -> None:
    assert max(numbers_used(10_000_000).values()) < 1 < max(numbers_used(30_000_000).values())
