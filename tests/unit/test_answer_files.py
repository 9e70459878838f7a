"""Pairs and answers as CSV: what is read is what was written, and faults name their line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ygs.application.learning.answer_files import chances_as_csv, read_answers, read_pairs
from ygs.application.learning.pair_scores import PairToScore
from ygs.domain.errors import BadFile
from ygs.domain.learning.history import Said
from ygs.domain.matching.market import Genders
from ygs.entrypoints.cli.app import app

ANSWERS = """iid,pid,gender,said,week,satisfaction
m1,w1,male,yes,202601,9000
w1,m1,female,no,202601,
m1,w2,male,,202602,8000
"""


def test_answers_are_read_with_silence_and_everybodys_gender() -> None:
    history, genders = read_answers(ANSWERS)
    assert genders == {"m1": Genders.MALE, "w1": Genders.FEMALE, "w2": Genders.FEMALE}
    assert [(side.me, side.them, side.satisfaction, side.said) for side in history.sides()] == [
        ("m1", "w1", 9_000, Said.YES),
        ("w1", "m1", 8_500, Said.NO),
        ("m1", "w2", 8_000, Said.NOTHING),
    ]


def test_chances_are_written_with_six_digits() -> None:
    pairs = read_pairs("pid,iid,satisfaction\nw1,m1,9000\nw2,m1,\n")
    assert pairs == [PairToScore("m1", "w1", 9_000), PairToScore("m1", "w2")]
    assert chances_as_csv(pairs, [1, 123_456]) == "iid,pid,chance\nm1,w1,0.000001\nm1,w2,0.123456\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("iid\nm1\n", "no column pid"),
        ("iid,pid\nm1,m1\n", "line 2: iid and pid"),
        ("iid,pid\nm1\n", "line 2: iid and pid"),
        ("iid,pid,satisfaction\nm1,w1,10001\n", "line 2: satisfaction must be a whole number, 0..10000"),
        ("iid,pid,satisfaction\nm1,w1,½\n", "satisfaction must be"),
    ],
)
def test_a_fault_in_a_file_of_pairs_is_named(text: str, fault: str) -> None:
    with pytest.raises(BadFile, match=fault):
        read_pairs(text)


def test_a_file_of_answers_says_yes_no_or_nothing() -> None:
    with pytest.raises(BadFile, match="line 2: gender is"):
        read_answers("iid,pid,gender,said\nm1,w1,male,maybe\n")


def ygs(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["learn", *map(str, words)], env={"COLUMNS": "100", "YGS_LANGUAGE": "en"})
    return done.exit_code, " ".join(done.output.split())


def test_pairs_are_scored_from_a_file_of_answers_without_any_club(tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text(ANSWERS, "utf-8")
    (tmp_path / "pairs.csv").write_text("iid,pid\nm1,w1\nw2,m1\n", "utf-8")
    said = ygs("score", tmp_path / "pairs.csv", tmp_path / "out.csv", "--answers", tmp_path / "answers.csv")
    assert said[0] == 0, said[1]
    lines = (tmp_path / "out.csv").read_text("utf-8").splitlines()
    assert [line.rpartition(",")[0] for line in lines] == ["iid,pid", "m1,w1", "w2,m1"]
    assert all(0 < float(line.rpartition(",")[2]) < 1 for line in lines[1:])
    (tmp_path / "pairs.csv").write_text("iid,pid\nm1,w9\n", "utf-8")
    refused = ygs("score", tmp_path / "pairs.csv", tmp_path / "out.csv", "--answers", tmp_path / "answers.csv")
    assert refused[0] == 1
    assert "nothing is known of w9" in refused[1]


def test_members_are_scored_only_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("iid,pid\nm1,w1\n", "utf-8")
    refused = ygs("score", tmp_path / "pairs.csv", tmp_path / "out.csv")
    assert refused[0] == 1
    assert "Give a --reason" in refused[1]


def test_leave_one_out_is_refused_with_the_reason() -> None:
    refused = ygs("evaluate", "--method", "leave-one-out")
    assert refused[0] == 1
    assert "Leave-one-out leaks" in refused[1]
