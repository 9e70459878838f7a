"""A pytest plugin that plants one defect: it alters the source of one module as it is imported.

No file changes, so several may run at once, and compiled kernels stay as they are. Programs that a test starts do not
have the defect.
"""

import os
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

VARIABLE = "YGS_MUTANT"


@dataclass(frozen=True)
class Mutant:
    """A defect: `find` becomes `replace`, once, in a module. At least one of `tests` must fail with it."""

    name: str
    module: str
    find: str
    replace: str
    tests: tuple[str, ...]

    def planted(self, source: str) -> str:
        """The module's source with the defect; `ValueError` unless `find` is there exactly once."""
        if (count := source.count(self.find)) != 1:
            raise ValueError(f"{self.name}: found {count} times in {self.module}")
        return source.replace(self.find, self.replace)


def mutants() -> dict[str, Mutant]:
    """All defects by name."""
    with Path(__file__).with_name("mutants.toml").open("rb") as file:
        known = tomllib.load(file)
    return {
        name: Mutant(name, each["module"], each["find"], each["replace"], tuple(each["tests"]))
        for name, each in known.items()
    }


class _Planting(SourceFileLoader):
    def __init__(self, mutant: Mutant, spec: ModuleSpec) -> None:
        super().__init__(spec.name, str(spec.origin))
        self.mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        source = self.mutant.planted(Path(self.path).read_text("utf-8"))
        code: CodeType = compile(source, self.path, "exec", dont_inherit=True)
        return code


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self.mutant.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            spec.loader = _Planting(self.mutant, spec)
        return spec


def plant(mutant: Mutant) -> None:
    """Plant a defect in a module that is not imported yet."""
    if mutant.module in sys.modules:
        raise RuntimeError(f"{mutant.module} was imported before the defect was planted")
    sys.meta_path.insert(0, _Finder(mutant))


if chosen := os.environ.get(VARIABLE):
    plant(mutants()[chosen])
