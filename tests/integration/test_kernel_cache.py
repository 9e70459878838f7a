"""Compiled kernels on disk, written by two processes at once."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numba")

from ygs.adapters.jit import _Index


def test_two_processes_that_compile_at_once_never_take_each_others_code(tmp_path: Path) -> None:
    made: Any = _Index
    one, other = (made(str(tmp_path), "kernel", "stamp") for _ in range(2))
    other._load_index = dict  # read before the first wrote anything
    write = one._save_data

    def write_after_the_other(name: str, data: str) -> None:
        other.save("floats", "code for floats")
        write(name, data)

    one._save_data = write_after_the_other
    one.save("integers", "code for integers")
    assert one.load("integers") in (None, "code for integers")
    assert one.load("floats") in (None, "code for floats")


def test_code_is_found_again_by_its_signature_alone(tmp_path: Path) -> None:
    index: Any = _Index
    kept = index(str(tmp_path), "kernel", "stamp")
    kept.save("floats", "first")
    kept.save("integers", "second")
    kept.save("floats", "third")
    assert (kept.load("floats"), kept.load("integers"), kept.load("bytes")) == ("third", "second", None)
    assert index(str(tmp_path), "kernel", "another stamp").load("floats") is None
