"""The processes of a run: one service and one worker each, with no more secrets than it needs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.child_process import Child
from shared.persistence.migrations import role_dsn
from shared.persistence.schema import runtime_role_of

KEEPERS_OF_PERSON_KEYS = frozenset({"enrolment", "certification"})
"""Who computes ``person_key``; targets knows people by it and by nothing else."""


def make_children(
    environment: Mapping[str, str],
    home: Path,
    ports: Mapping[str, int],
    admin_dsn: str,
    secrets: Mapping[str, str],
) -> tuple[list[Child], list[Child]]:
    """Services and workers, none of them started."""
    services: list[Child] = []
    workers: list[Child] = []
    for service, port in ports.items():
        own = _environment_of(service, environment, home, ports, secrets)
        own.setdefault(
            f"BAC_{service.upper()}_DATABASE_URL",
            role_dsn(
                admin_dsn, runtime_role_of(service), bytes.fromhex(secrets["BAC_ROLE_SECRET"])
            ),
        )
        logs = home / "logs"
        command = service_command(service, port)
        services.append(Child(service, command, own, logs / f"{service}.log"))
        command = [sys.executable, "-m", "services.command", "worker", service]
        workers.append(Child(f"{service}-worker", command, own, logs / f"{service}-worker.log"))
    return services, workers


def _environment_of(
    service: str,
    given: Mapping[str, str],
    home: Path,
    ports: Mapping[str, int],
    secrets: Mapping[str, str],
) -> dict[str, str]:
    environment = {
        **given,
        "BAC_HOME": str(home),
        "BAC_DEV_KEYS": "1",
        "BAC_PERSON_KEY": secrets["BAC_PERSON_KEY"],
        "PYTHONUNBUFFERED": "1",
        # `bac` looks for its code in its own place only, and so do its children.
        **({"PYTHONSAFEPATH": "1"} if sys.flags.safe_path else {}),
    }
    # A service gets its own role's address and nobody else's.
    for other in ports.keys() - {service}:
        environment.pop(f"BAC_{other.upper()}_DATABASE_URL", None)
    environment.pop("DATABASE_URL", None)
    environment.pop("BAC_ROLE_SECRET", None)
    if service not in KEEPERS_OF_PERSON_KEYS:
        environment.pop("BAC_PERSON_KEY")
    for other, number in ports.items():
        environment[f"BAC_{other.upper()}_URL"] = f"http://127.0.0.1:{number}"
    return environment


def service_command(service: str, port: int, host: str = "127.0.0.1") -> list[str]:
    """How a service is run; `deploy/` says the same."""
    return [
        *(sys.executable, "-m", "uvicorn", f"services.{service}.app:create_app", "--factory"),
        *("--host", host, "--port", str(port), "--loop", "uvloop"),
        *("--http", "shared.web.http_protocol:BoundedHttp", "--ws", "none"),
        *("--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level", "warning"),
        *("--timeout-graceful-shutdown", "5"),
    ]
