from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system import System


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The running system without invented data, shared by the tests of a worker process."""
    with System() as running:
        yield running


@pytest.fixture(scope="session")
def demonstration_system() -> Iterator[System]:
    """The running system as a newcomer sees it after `make run`."""
    with System(demonstration=True) as running:
        yield running
