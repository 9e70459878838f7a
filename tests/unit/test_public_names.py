"""`ygs` offers the same names to Python, to type checkers and to editors, and loads nothing before they are used."""

import ast
import shutil
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

import ygs

PACKAGE = Path(ygs.__file__).parent
TESTS = Path(__file__).parents[1]
README = PACKAGE.parents[1] / "README.md"


def stub_names() -> dict[str, str]:
    """The names that `__init__.pyi` exports, and the module of each."""
    tree = ast.parse((PACKAGE / "__init__.pyi").read_text("utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or "": node.module or "" for node in imports for alias in node.names}


def test_type_checkers_see_the_names_that_python_gives() -> None:
    assert stub_names().keys() == set(ygs.__all__)


@pytest.mark.parametrize("name", ygs.__all__)
def test_a_name_is_what_the_stub_imports(name: str) -> None:
    assert getattr(ygs, name) is getattr(import_module(stub_names()[name]), name)


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = getattr(ygs, "nothing_like_it")  # noqa: B009


def test_dir_lists_the_public_names_and_the_version() -> None:
    assert {*ygs.__all__, "__version__", "__doc__"} <= set(dir(ygs))
    assert ygs.__version__ == version("ygs")


def test_importing_ygs_loads_only_the_standard_library() -> None:
    code = "import sys; before = {*sys.modules}; import ygs; print(*sys.modules.keys() - before)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {name.split(".")[0] for name in run.stdout.split()} <= sys.stdlib_module_names | {"ygs"}
    assert {name for name in run.stdout.split() if name.startswith("ygs")} == {"ygs"}


@pytest.mark.slow
def test_mypy_sees_through_the_public_names(tmp_path: Path) -> None:
    """With no configuration, as in an embedder's project: ygs is read as an installed package with `py.typed`."""
    shutil.copy(TESTS / "typed_embedder.py", tmp_path)
    (tmp_path / "readme.py").write_text(README.read_text("utf-8").split("```python\n")[1].split("```")[0], "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "typed_embedder.py", "readme.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_the_installed_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").exists()
