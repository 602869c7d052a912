from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system import System


@pytest.fixture(scope="session")
def demonstration_system() -> Iterator[System]:
    """The running system as a newcomer sees it, for checks that change little; nobody asks too often."""
    with System(demonstration=True, settings={"BAC_VERIFY_RATE": "1000000/minute"}) as running:
        yield running


@pytest.fixture
def bare_system() -> Iterator[System]:
    """A system of the test's own, to be broken at will."""
    with System() as running:
        yield running
