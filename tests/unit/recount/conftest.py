from __future__ import annotations

import pytest

from tests.worlds import asking


@pytest.fixture(params=["recounting", "serving"])
def counted_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Puts every question of a test to the recount, and again to the path that serves figures."""
    monkeypatch.setattr(asking, "counter_of", getattr(asking, request.param))
    return str(request.param)
