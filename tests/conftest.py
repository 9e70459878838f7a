"""What holds for every test."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests read English unless they ask for Korean, which is the default of the settings."""
    monkeypatch.setenv("YGS_LANGUAGE", "en")


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Take back that a test had this process log as the service does."""
    yield
    for handler in [each for each in logging.root.handlers if type(each).__name__ == "StandardOutput"]:
        logging.root.removeHandler(handler)
        logging.root.setLevel(logging.WARNING)
