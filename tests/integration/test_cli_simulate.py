"""``ygs simulate`` and ``ygs backtest`` as a person at a terminal meets them."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from ygs.application.simulation.behaviour import Behaviour
from ygs.application.simulation.club import club
from ygs.application.simulation.demo_weeks import Club, StoryClock
from ygs.bootstrap import build, upgrade_database
from ygs.entrypoints.cli import simulate as looking
from ygs.ports.clock_and_ids import Clock

app = typer.Typer()
app.command()(looking.simulate)
app.command()(looking.backtest)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_LANGUAGE", "en")
    monkeypatch.setenv("YGS_DATABASE_URL", "memory:")


def ygs(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "100"})


def test_a_simulation_prints_a_row_per_policy_and_saves_its_chart(tmp_path: Path) -> None:
    (tmp_path / "patient.toml").write_text("wait_bonus = 500\n", "utf-8")
    said = ygs(
        *("simulate", "--people", 20, "--weeks", 2, "--seeds", 2),
        *("--policy", tmp_path / "patient.toml", "--chart", tmp_path / "chart.png"),
    )
    assert said.exit_code == 0, said.output
    assert all(name in said.output for name in ("unconstrained", "default", "stable", "greedy", "patient"))
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_a_simulation_as_json_holds_intervals_and_every_season() -> None:
    said = ygs("simulate", "--people", 20, "--men", 10, "--weeks", 2, "--seeds", 2, "--json")
    outcomes = json.loads(said.stdout)
    assert outcomes[0]["policy"] == "unconstrained"
    assert outcomes[0]["cost_percent"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert [len(outcome["seasons"]) for outcome in outcomes] == [2] * len(outcomes)


def test_policies_that_are_named_are_the_only_ones_compared() -> None:
    said = ygs(
        *("simulate", "--people", 20, "--weeks", 2, "--seeds", 2, "--json"),
        *("--policy", "default", "--policy", "greedy"),
    )
    assert [(outcome["population"], outcome["policy"]) for outcome in json.loads(said.stdout)] == [
        ("believing", "default"),
        ("believing", "greedy"),
        ("sceptical", "default"),
        ("sceptical", "greedy"),
    ]


@pytest.mark.long
def test_no_figure_is_cut_off_in_a_terminal_of_80_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_DATABASE_URL", f"sqlite:///{tmp_path / 'club.db'}")
    asyncio.run(_two_weeks())
    for words in (("simulate", "--people", 40, "--weeks", 2, "--seeds", 2), ("backtest", "--policy", "greedy")):
        for language in ("ko", "en"):
            monkeypatch.setenv("YGS_LANGUAGE", language)
            said = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "80"})
            assert said.exit_code == 0, said.output
            assert "…" not in said.output


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--policy", "fairest"), "neither a file nor one of unconstrained, default"),
        (("--people", 20, "--men", 21), "no more men than people"),
        (("--chart", "/nowhere/at/all.png"), "no such folder"),
        (("--chart", "chart.docx"), ".png, .svg or .pdf"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_work(words: tuple[object, ...], part: str) -> None:
    said = ygs("simulate", *words)
    assert said.exit_code == 1
    assert part in said.output


def test_a_wrong_policy_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("wait_bonus = 9999\n", "utf-8")
    for command in ("simulate", "backtest"):
        said = ygs(command, "--policy", tmp_path / "bad.toml")
        assert said.exit_code == 1
        assert "wait_bonus" in said.output


def test_looking_back_on_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "any.toml").write_text("", "utf-8")
    said = ygs("backtest", "--policy", tmp_path / "any.toml")
    assert said.exit_code == 0
    assert "No week has been published yet." in said.output


@pytest.mark.long
def test_looking_back_shows_each_week_then_and_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_DATABASE_URL", f"sqlite:///{tmp_path / 'club.db'}")
    asyncio.run(_two_weeks())
    (tmp_path / "greedy.toml").write_text('strategy = "greedy"\n', "utf-8")
    said = ygs("backtest", "--policy", tmp_path / "greedy.toml")
    assert said.exit_code == 0, said.output
    assert said.output.index("2026-W45") < said.output.index("2026-W46")
    replayed = json.loads(ygs("backtest", "--policy", tmp_path / "greedy.toml", "--weeks", 1, "--json").stdout)
    assert [each["week"] for each in replayed] == ["2026-W46"]
    assert replayed[0]["stored"]["known"] == replayed[0]["stored"]["pairs"]


async def _two_weeks() -> None:
    clock = StoryClock(datetime(2026, 11, 2, 1, tzinfo=UTC))
    await upgrade_database()
    async with build(overrides={Clock: clock}) as application:
        async with application.storage.write() as tx:
            await tx.users.add_all(list(club(40, seed=3, at=clock.now())))
        story = Club(
            *(application.storage, clock, application.ids, application.weeks, application.planning), Behaviour(3)
        )
        for week in ("2026-W45", "2026-W46"):
            await story.play(week)
            clock.moment = clock.moment.replace(hour=1)
