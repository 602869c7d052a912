"""Settings of the embedded server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

LONGEST_SOCKET_PATH: Final = 100

DURABLE: Final[Mapping[str, str]] = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}
"""Never traded, whatever the caller asked for."""


def server_settings(port: int, sockets: Path, *, shared: bool) -> dict[str, str]:
    """``shared``: the server runs under another account than we, which must reach its socket."""
    long_path = len(os.fsencode(sockets)) > LONGEST_SOCKET_PATH
    return {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "" if long_path else str(sockets),
        "unix_socket_permissions": "0777" if shared else "0700",
        "password_encryption": "scram-sha-256",
        "max_connections": "200",
        "shared_buffers": "256MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "wal_buffers": "16MB",
        "random_page_cost": "1.1",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
    }
