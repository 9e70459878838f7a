"""What holds for every test."""

import gc
import logging
from collections.abc import Iterator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect tests without the garbage collector, and leave what they consist of out of all later collections.

    It lives as long as the process, and looking through it again and again took a sixth of the time of all tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000)
        gc.enable()


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
