from __future__ import annotations

import httpx
import pytest

from tests.making.daklak import agencies, officials
from tests.making.written_feed import WrittenFeed
from tests.running import InProcessTransport, RunningService
from tests.worlds import events as made


def _written(name: str, transport: InProcessTransport) -> WrittenFeed:
    feed = WrittenFeed(name)
    transport.apps[f"{name}.test"] = httpx.ASGITransport(feed.app)
    return feed


@pytest.fixture
def directory(transport: InProcessTransport) -> WrittenFeed:
    """Enrolment's feed."""
    return _written("enrolment", transport)


@pytest.fixture
def registers(transport: InProcessTransport) -> WrittenFeed:
    """Certification's feed."""
    return _written("certification", transport)


@pytest.fixture
async def counted(
    targets: RunningService, directory: WrittenFeed, registers: WrittenFeed
) -> RunningService:
    """Five people in four bodies; CB1 holds bậc 4."""
    directory.publish(*agencies(), *officials())
    registers.publish(made.certificate("S1", "key-CB1", 4, "2023-03-01"))
    await targets.follow(directory)
    await targets.follow(registers)
    return targets
