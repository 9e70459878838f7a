"""What import-linter's contracts in pyproject.toml cannot say."""

import sys
import tomllib
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]


def test_use_cases_need_nothing_but_pydantic() -> None:
    graph = grimp.build_graph("ygs", include_external_packages=True)
    use_cases = {"ygs.application"} | graph.find_descendants("ygs.application")
    # Two parts of pydantic's that are packages of their own.
    allowed = {"ygs", "pydantic", "pydantic_core", "typing_extensions"} | sys.stdlib_module_names
    assert not {
        (importer, imported)
        for importer in use_cases
        for imported in graph.find_modules_directly_imported_by(importer)
        if imported.split(".")[0] not in allowed
    }


def test_pages_and_routes_call_use_cases_and_never_the_storage() -> None:
    for entrypoint in ("console", "http"):
        for file in sorted((ROOT / "src/ygs/entrypoints" / entrypoint).rglob("*.py")):
            assert ".storage" not in file.read_text(encoding="utf-8"), file


def test_all_leaves_no_extra_out_but_ray() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    (everything,) = extras["all"]
    assert set(everything.removeprefix("ygs[").removesuffix("]").split(",")) == extras.keys() - {"all", "ray"}
    assert "dev" in project["dependency-groups"]
