from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system import System

APART = ("test_planted_faults", "test_planted_faults_in_crowds", "test_many_worlds")
"""Pure searches: they may run on one core while the systems of the others use the other."""


@pytest.hookimpl(tryfirst=True)  # before xdist's own hook, which reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "slow" in item.path.parts and item.path.stem not in APART:
            item.add_marker(pytest.mark.xdist_group("system"))


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
