"""The `ygs` command as the agency's staff use it: a club on SQLite, from an empty file to an introduced week."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ygs.entrypoints.cli.app import app


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_LANGUAGE", "en")
    monkeypatch.setenv("YGS_DATABASE_URL", f"sqlite:///{tmp_path}/club.db")


def ygs(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "160"})


def output_of(*words: object) -> str:
    """What a command prints when it succeeds."""
    result = ygs(*words)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_demo_leaves_a_file_that_every_command_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = output_of("demo", "--no-serve", "--people", 80, "--weeks", 2, "--file", tmp_path / "club.db")
    assert all(part in story for part in ("mutual", "ust as both wish", "proven", "greedy", "Look around"))
    shown = json.loads(output_of("week", "show", "--json"))
    assert shown["week"]["state"] == "proposed"
    pair = shown["proposal"]["pairs"][0]
    assert pair["reasons"]
    assert output_of("explain", pair["a"]["id"], pair["b"]["id"]).startswith("Satisfaction")
    assert output_of("explain", pair["a"]["id"])
    if shown["proposal"]["unmatched"]:
        assert output_of("explain", shown["proposal"]["unmatched"][0]["person"]["id"])
    other = shown["proposal"]["pairs"][1]
    asked = pair["a"]["id"], other["b"]["id"]
    assert output_of("why-not", *asked)
    assert json.loads(output_of("why-not", *asked, "--json"))["a"]["id"] == pair["a"]["id"]
    questions = json.loads(output_of("questions", "--limit", 3, "--json"))
    assert len(questions["before_publishing"]) <= 3
    assert output_of("questions", pair["a"]["id"])
    assert "%" in output_of("candidates", pair["a"]["id"], "--limit", 2)
    compared = json.loads(output_of("compare", "--json"))
    assert [each["strategy"] for each in compared] == ["optimal", "stable", "greedy"]
    price = json.loads(output_of("week", "forbid", pair["a"]["id"], pair["b"]["id"], "--json"))
    assert price["objectives"][-1]["change"] <= 0
    assert "published" in output_of("week", "publish")
    refused = ygs("introduce", *asked, "--dry-run")
    assert refused.exit_code == 4, refused.output
    assert "In the way: " in refused.output
    assert json.loads(ygs("introduce", *asked, "--dry-run", "--json").output)["obstacles"]
    assert ygs("introduce", *asked, "--reason", "both asked").exit_code == 1
    assert ygs("introduce", *asked, "--dry-run", "--deadline", "tomorrow").exit_code == 2
    assert "Every invariant holds" in output_of("check")
    monkeypatch.setenv("YGS_LANGUAGE", "ko")
    assert "모든 불변 조건" in output_of("check")
    assert "바라는" in output_of("explain", pair["a"]["id"], pair["b"]["id"])
    both = f"{pair['a']['name']} 님과 {pair['b']['name']} 님"
    assert f"{both}의 소개를 막았습니다." in output_of("why-not", pair["a"]["id"], pair["b"]["id"])
    assert "확인하세요." in output_of("questions") or not questions["before_publishing"]
    refused = ygs("week", "close")
    assert refused.exit_code == 1
    assert "아직 답변을 받고 있습니다. 답변 기한이 지난 뒤에 종료하세요." in refused.stderr
    assert "행" in output_of("export", "introductions", tmp_path / "소개.xlsx", "--reason", "주간 보고")


@pytest.mark.long
def test_a_week_can_be_locked_planned_discarded_and_cancelled_by_name(tmp_path: Path) -> None:
    output_of("demo", "--no-serve", "--people", 40, "--weeks", 0, "--file", tmp_path / "club.db")
    assert "opened again" in output_of("week", "discard")
    assert "locked" in output_of("week", "lock")
    assert "pairs" in output_of("week", "plan")
    output_of("week", "create", "2099-W10")
    assert "cancelled" in output_of("week", "cancel", "2099-W10")
    assert "2099-W10" in output_of("week", "list")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("week", "lock"), 2, "ygs db upgrade"),
        (("week", "create", "next week"), 1, "2026-W48"),
        (("week", "show", "2031-W01"), 1, "create"),
        (("explain", "usr_nobody"), 1, ""),
        (("why-not", "usr_nobody", "usr_nowhere"), 1, "create"),
        (("questions", "usr_nobody", "--week", "2031-W01"), 1, "create"),
        (("questions", "--limit", "101"), 2, "100"),
        (("candidates", "usr_nobody"), 1, "no participant usr_nobody"),
        (("export", "everything", "x.csv", "--reason", "r"), 2, "members, introductions, memberships"),
        (("export", "members", "x.pdf", "--reason", "r"), 1, "xlsx"),
        (("import", "nothing.csv", "--mapping", "nothing.toml"), 1, "mapping"),
        (("vocabulary", "shoe_size"), 1, "shoe_size"),
        (("week", "publish"), 1, "create"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_word_on_what_to_do(
    words: tuple[str, ...], code: int, says: str, tmp_path: Path
) -> None:
    if says != "ygs db upgrade":
        output_of("db", "upgrade")
    result = ygs(*words)
    assert result.exit_code == code, result.output
    assert says in result.output
    assert "Traceback" not in result.output


def test_a_locked_database_says_so_and_the_exit_code_says_try_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    from ygs.adapters.sql import sqlite

    output_of("db", "upgrade")
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    holder = sqlite3.connect(tmp_path / "club.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    result = ygs("week", "create")
    holder.execute("ROLLBACK")
    holder.close()
    assert result.exit_code == 3, result.output
    assert "opened" in output_of("week", "create")


def test_the_vocabulary_comes_in_both_languages() -> None:
    assert "서울" in output_of("vocabulary", "region")
    assert "130..220" in output_of("vocabulary", "height_cm")
    assert len(json.loads(output_of("vocabulary", "--json"))) >= 20


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys, contextlib, os; from ygs.entrypoints.cli import main\n"
        "sys.argv = ['ygs', '--help']\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(open(os.devnull, 'w')): main()\n"
        "heavy = {'pydantic', 'sqlalchemy', 'numpy', 'numba', 'fastapi', 'asyncio', 'ortools'} & sys.modules.keys()\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_policy_of_the_club_is_shown_and_set_from_a_file(tmp_path: Path) -> None:
    output_of("db", "upgrade")
    assert "Default policy" in output_of("policy", "show")
    assert "No policy has been set" in output_of("policy", "history")
    file = tmp_path / "policy.toml"
    file.write_text('version = "2026.2"\nfloor = 3500\n', "utf-8")
    assert "3500" in output_of("policy", "set", file)
    shown = json.loads(output_of("policy", "show", "--json"))
    assert (shown["version"], shown["policy"]["version"], shown["policy"]["floor"]) == (1, "2026.2", 3500)
    assert json.loads(output_of("week", "create", "--json"))["policy_version"] == "2026.2"
    assert "2026.2" in output_of("policy", "history")
    file.write_text('version = "2026.2"\nfloor = 3600\n', "utf-8")
    refused = ygs("policy", "set", file)
    assert (refused.exit_code, "choose another version" in refused.output) == (1, True)


@pytest.mark.long
def test_a_proposal_is_read_whole_and_overrides_are_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output_of("demo", "--no-serve", "--people", 60, "--weeks", 1, "--file", tmp_path / "club.db")
    shown = json.loads(output_of("week", "show", "--pairs", 1, "--json"))["proposal"]
    pairs = json.loads(output_of("week", "pairs", "--all", "--json"))
    assert len(pairs) == shown["report"]["pairs"] > 10
    lowest = json.loads(output_of("week", "pairs", "--order", "lowest", "--limit", 2, "--json"))
    rest = json.loads(
        output_of("week", "pairs", "--order", "lowest", "--after", lowest[-1]["cursor"], "--all", "--json")
    )
    assert [each["mutual"] for each in (*lowest, *rest)] == sorted(each["mutual"] for each in pairs)
    assert len(json.loads(output_of("week", "unmatched", "--all", "--json"))) == shown["unmatched_count"]
    assert json.loads(output_of("week", "pairs", "--changed", "--json")) == []
    assert "There is none." in output_of("week", "unmatched", "--changed")
    first = output_of("week", "pairs", "--limit", 2)
    assert f"--after {pairs[1]['cursor']}" in first

    both = pairs[0]["a"]["id"], pairs[0]["b"]["id"]
    assert "There are no overrides." in output_of("week", "overrides")
    output_of("week", "pin", *both)
    refused = ygs("week", "forbid", *both)
    (pin,) = json.loads(output_of("week", "overrides", "--json"))
    assert f"ygs week take-back {pin['key']}" in refused.stderr.replace("\n", " ")
    assert "Pinned" in output_of("week", "overrides")
    assert json.loads(output_of("week", "take-back", pin["key"], "--json"))["objectives"]
    assert json.loads(output_of("week", "overrides", "--json")) == []
    assert ygs("week", "take-back", pin["key"]).exit_code == 1

    other_pairs = [(each["a"]["id"], each["b"]["id"]) for each in pairs[1:]]
    others = next(each for each in other_pairs if ygs("week", "swap", *both, *each).exit_code == 0)
    (swap,) = json.loads(output_of("week", "overrides", "--json"))
    assert (swap["kind"], {each["id"] for each in swap["people"]}) == ("swap", {*both, *others})
    refused = ygs("week", "swap", *both, *others)
    assert refused.exit_code == 1
    assert "usr_" not in refused.stderr, "people are called by name"
    output_of("week", "take-back", swap["key"])
    assert json.loads(output_of("week", "overrides", "--json")) == []

    monkeypatch.setenv("YGS_LANGUAGE", "ko")
    korean = output_of("week", "show", "--pairs", 3) + output_of("week", "list") + output_of("week", "unmatched")
    assert "매칭안 검토" in korean
    assert not any(word in korean for word in ("pricing rounds", "proposed", "closed", "published", "0주", "waiting"))


def test_a_week_is_created_with_a_deadline_in_the_service_s_time_zone(tmp_path: Path) -> None:
    output_of("db", "upgrade")
    policy = tmp_path / "policy.toml"
    policy.write_text('version = "2099.1"\n', "utf-8")
    words = ("--policy", policy, "--deadline", "2099-03-06 18:30", "--json")
    created = json.loads(output_of("week", "create", "2099-W10", *words))
    assert (created["deadline"], created["policy_version"]) == ("2099-03-06T09:30:00Z", "2099.1")
    late = ygs("week", "create", "2099-W11", "--deadline", "2020-03-06 18:30")
    assert (late.exit_code, "give a later one" in late.stderr) == (1, True)


def test_the_schedule_is_off_until_it_is_set_and_what_is_not_given_stays() -> None:
    output_of("db", "upgrade")
    assert "by staff only" in output_of("week", "schedule")
    output_of("week", "schedule", "--on", "--weekday", "thursday", "--hour", 9)
    output_of("week", "schedule", "--deadline-weekday", "saturday")
    assert "locked on Thursday at 09:00; answers end on Saturday at 21:00" in output_of("week", "schedule")
    assert json.loads(output_of("week", "schedule", "--off", "--json"))["schedule"]["weekday"] == "thursday"
    assert ygs("week", "schedule", "--hour", 24).exit_code == 2


@pytest.mark.long
def test_a_plan_is_a_job_of_the_operators_and_a_publication_that_is_refused_says_why(tmp_path: Path) -> None:
    output_of("demo", "--no-serve", "--people", 40, "--weeks", 0, "--file", tmp_path / "club.db")
    assert "pairs" in output_of("week", "plan")
    jobs = {job["kind"]: job for job in json.loads(output_of("jobs", "list", "--json"))}
    assert (jobs["plan_week"]["state"], jobs["plan_week"]["requested_by"]) == ("done", "operator")
    assert "Queued, from 20" in output_of("jobs", "list", "--state", "queued")
    pair = json.loads(output_of("week", "show", "--json"))["proposal"]["pairs"][0]
    pause(tmp_path, pair["a"]["id"])
    refused = ygs("week", "publish")
    assert refused.exit_code == 1
    assert "no longer eligible" in refused.stderr
    assert pair["a"]["id"] in refused.stderr


def pause(folder: Path, user: str) -> None:
    import sqlite3

    with sqlite3.connect(folder / "club.db") as connection:
        connection.execute("UPDATE users SET status = 'paused' WHERE id = ?", [user])
    connection.close()
