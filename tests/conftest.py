"""What holds for every test."""

import pytest


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests read English unless they ask for Korean, which is the default of the settings."""
    monkeypatch.setenv("YGS_LANGUAGE", "en")
