"""Keeps the state of a round in a file, so that a run of hours that was interrupted can go on."""

import os
import pickle
from pathlib import Path
from typing import Any

from ygs.ports.scoring_and_solving import RoundState

# All that a state consists of. Unpickling anything else would let a planted file run code.
_PARTS = {
    ("array", "_array_reconstructor"),
    ("array", "array"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("ygs.adapters.solving.lexicographic_weights", "Folding"),
    ("ygs.adapters.solving.numba_solver", "_Warm"),
    ("ygs.domain.matching.market", "Pairs"),
    ("ygs.ports.scoring_and_solving", "RoundState"),
    ("ygs.ports.scoring_and_solving", "Solution"),
}


class CheckpointFile:
    """A `Checkpoint` in one file, which only its owner may read: it holds places, scores and prices, but no names.

    A state takes about 60 bytes per pair of the pool. The file is replaced at once, so an interruption leaves the
    former state. Delete it when the plan is made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self, round_name: str) -> RoundState | None:
        if not self._path.exists():
            return None
        with self._path.open("rb") as file:
            if file.readline().decode().strip() != round_name:
                return None
            state: RoundState = _Unpickler(file).load()
        return state

    def save(self, round_name: str, state: RoundState) -> None:
        fresh = self._path.with_name(f"{self._path.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600, exist_ok=False)
        with fresh.open("wb") as file:
            file.write(f"{round_name}\n".encode())
            pickle.dump(state, file, protocol=5)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """One of the parts of a state; `UnpicklingError` for anything else."""
        if (module, name) not in _PARTS:
            raise pickle.UnpicklingError(f"a checkpoint holds no {module}.{name}: delete the file and start again")
        return super().find_class(module, name)
