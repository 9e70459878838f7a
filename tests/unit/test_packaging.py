"""What the wheel offers is tried by `make wheel-check`."""

import runpy
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_extra_has_a_probe() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    probes = runpy.run_path(str(ROOT / "tools" / "wheel_check.py"))["PROBES"]
    assert probes.keys() == {"", *extras}
    assert all(probes.values())
