"""Real servers, one per test process and started only when a test asks."""

from collections.abc import Iterator

import pytest

from ygs.entrypoints.testing.postgres import LocalPostgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """This test process's own PostgreSQL, without any database of ours: make one per test from a template."""
    with LocalPostgres.start() as server:
        yield server
