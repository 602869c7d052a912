"""The tree of agencies for the tests of certification."""

from __future__ import annotations

import pytest

from tests.making.certification import agency, learn
from tests.running import RunningService


@pytest.fixture
async def tree(certification: RunningService, enrolment_told_all: None) -> None:
    """H56 over H56.09 (state) and H56.DU (party); H30 apart."""
    await learn(
        certification,
        agency("H56", None),
        agency("H56.09", "H56"),
        agency("H56.09.TTYT", "H56.09"),
        agency("H56.DU", "H56", system="party", bloc="party"),
        agency("H30", None),
    )
