from __future__ import annotations

import pytest

from services.demonstration.world import Demonstration, build


@pytest.fixture(scope="session")
def demonstration() -> Demonstration:
    return build()
