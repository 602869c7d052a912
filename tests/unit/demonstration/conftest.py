from __future__ import annotations

import pytest

from services.demonstration.world import Demonstration, build
from services.targets.recount.counting import Recount
from tests.unit.demonstration.told import feeds


@pytest.fixture(scope="session")
def demonstration() -> Demonstration:
    return build()


@pytest.fixture(scope="session")
def recount(demonstration: Demonstration) -> Recount:
    """All of it, to be asked for figures."""
    return Recount(feeds(demonstration))
