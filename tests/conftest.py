"""What every test may ask for: one embedded PostgreSQL per test session."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
from xdist.scheduler import LoadScopeScheduling

from deploy.local.embedded_postgres.server import EmbeddedPostgres
from shared.security.tokens import DEVELOPMENT_KEY_FILE, make_development_key
from tests.databases import Databases
from tests.making.certification import Authorise, authorised, nothing_new
from tests.running import InProcessTransport, MovableClock, RunningService, running

SEARCHES = ("tests/slow/test_planted_faults", "tests/slow/test_many_worlds")
"""Slow, and without a system."""
ONE_POPULATION = "tests/unit/demonstration/"
"""These tests share one population, which takes ten seconds to be made."""


class OneSystem(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Tests of the running system share one, so one test process runs them all, and first: the other process
    goes through the rest meanwhile."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(ONE_POPULATION):
            return ONE_POPULATION
        shares_a_system = nodeid.startswith(("tests/e2e/", "tests/slow/"))
        return "system" if shares_a_system and not nodeid.startswith(SEARCHES) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneSystem:
    return OneSystem(config, log)


@pytest.fixture(scope="session", autouse=True)
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing here speaks TLS, and reading all certificates takes a twentieth of a second of each client."""
    first, end, _ = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----")
    file = tmp_path_factory.mktemp("certificates") / "one.pem"
    file.write_text(f"{first}{end}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        yield


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder that every account may pass through, with a path short enough for a socket."""
    folder = _make_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def embedded_postgres() -> Iterator[EmbeddedPostgres]:
    """The session's server: durable settings as in a real run, its files in memory if possible."""
    home = _make_folder()
    server = EmbeddedPostgres(home, settings={"max_connections": "300"})
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_dsn(embedded_postgres: EmbeddedPostgres) -> str:
    """Superuser URL of the session's server (database `bac`)."""
    return embedded_postgres.dsn


@pytest.fixture(scope="session")
def databases(postgres_dsn: str) -> Databases:
    """Fresh databases, migrated for one service each."""
    return Databases(postgres_dsn)


@pytest.fixture(scope="session")
def service_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the development signing key."""
    home = tmp_path_factory.mktemp("home")
    make_development_key(home / DEVELOPMENT_KEY_FILE)
    return home


@pytest.fixture
def clock() -> MovableClock:
    """Business time of every service of the test; move it by setting ``day``."""
    return MovableClock()


@pytest.fixture
def transport() -> InProcessTransport:
    """Joins the services of one test."""
    return InProcessTransport()


@pytest.fixture
async def enrolment(
    databases: Databases, service_home: Path, clock: MovableClock, transport: InProcessTransport
) -> AsyncIterator[RunningService]:
    async with (
        databases.runtime("enrolment") as dsn,
        running("enrolment", dsn, service_home, clock, transport) as service,
    ):
        yield service


@pytest.fixture
async def certification(
    databases: Databases, service_home: Path, clock: MovableClock, transport: InProcessTransport
) -> AsyncIterator[RunningService]:
    async with (
        databases.runtime("certification") as dsn,
        running("certification", dsn, service_home, clock, transport) as service,
    ):
        yield service


@pytest.fixture
def enrolment_told_all(certification: RunningService) -> None:
    """What certification knows of enrolment is its last word."""
    certification.catch_up = nothing_new


@pytest.fixture
async def authorise(certification: RunningService, enrolment_told_all: None) -> Authorise:
    """Makes authorisations known as if enrolment's feed had told them."""
    return await authorised(certification)


@pytest.fixture
async def targets(
    databases: Databases, service_home: Path, clock: MovableClock, transport: InProcessTransport
) -> AsyncIterator[RunningService]:
    async with (
        databases.runtime("targets") as dsn,
        running("targets", dsn, service_home, clock, transport) as service,
    ):
        yield service


def _make_folder() -> Path:
    in_memory = Path("/dev/shm")
    roomy = in_memory.is_dir() and shutil.disk_usage(in_memory).free > 4 * 1024**3
    folder = Path(tempfile.mkdtemp(prefix="bac-", dir=in_memory if roomy else None))
    folder.chmod(0o711)
    return folder
