"""What every test may ask for: one embedded PostgreSQL per test session."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.embedded_postgres import EmbeddedPostgres


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


def _make_folder() -> Path:
    in_memory = Path("/dev/shm")
    roomy = in_memory.is_dir() and shutil.disk_usage(in_memory).free > 4 * 1024**3
    folder = Path(tempfile.mkdtemp(prefix="bac-", dir=in_memory if roomy else None))
    folder.chmod(0o711)
    return folder
