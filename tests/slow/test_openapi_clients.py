"""The published OpenAPI documents are sound, and generators turn them into clients that work."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.persistence.schema import SERVICES
from tests.system import System


def document(system: System, service: str) -> dict[str, Any]:
    with system.client(service) as client:
        answer: dict[str, Any] = client.get("/openapi.json").json()
    return answer


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_is_valid_openapi_3_1(demonstration_system: System, service: str) -> None:
    spec = document(demonstration_system, service)
    assert spec["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(spec).iter_errors()) == []


@pytest.mark.parametrize("service", SERVICES)
def test_operation_ids_are_unique_and_refusals_are_problems(
    demonstration_system: System, service: str
) -> None:
    spec = document(demonstration_system, service)
    operations = [one for path in spec["paths"].values() for one in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    for operation in operations:
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert "application/problem+json" in response["content"], operation["operationId"]


@pytest.fixture(scope="module")
def python_clients(demonstration_system: System, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clients")
    for service in SERVICES:
        spec = folder / f"{service}.json"
        spec.write_text(json.dumps(document(demonstration_system, service)))
        config = folder / f"{service}.yaml"
        config.write_text(
            f"project_name_override: bac-{service}\npackage_name_override: bac_{service}\n"
            "post_hooks: []\n"
        )
        made = subprocess.run(
            [
                *(sys.executable, "-m", "openapi_python_client", "generate"),
                *("--path", str(spec), "--config", str(config), "--meta", "none"),
                *("--output-path", str(folder / f"bac_{service}"), "--fail-on-warning"),
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd=folder,
        )
        assert made.returncode == 0, made.stdout + made.stderr
    return folder


def test_a_generated_python_client_reads_progress_and_posts_a_result(
    demonstration_system: System, python_clients: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(python_clients))
    client_class = importlib.import_module("bac_targets.client").AuthenticatedClient
    client = client_class(
        base_url=demonstration_system.urls["targets"], token=demonstration_system.token()
    )
    progress = importlib.import_module("bac_targets.api.progress.read_progress")
    answer = progress.sync_detailed(plan="hoanghoa-2021", client=client)
    assert answer.status_code == 200
    assert answer.parsed.plan == "hoanghoa-2021"
    assert answer.parsed.indicators[0].id


def test_a_generated_typescript_client_compiles_and_reads(
    demonstration_system: System, tmp_path: Path
) -> None:
    node = shutil.which("node")
    npm = shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node.js is not on this machine; .ci/run installs it")
    package = Path(__file__).parent / "typescript"
    work = tmp_path / "typescript"
    shutil.copytree(package, work)
    subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=work, check=True, timeout=300)
    for service in SERVICES:
        spec = work / f"{service}.json"
        spec.write_text(json.dumps(document(demonstration_system, service)))
        subprocess.run(
            [npm, "exec", "openapi-typescript", "--", str(spec), "-o", f"{service}.d.ts"],
            cwd=work,
            check=True,
            timeout=120,
        )
    subprocess.run([npm, "exec", "tsc", "--", "-p", "."], cwd=work, check=True, timeout=120)
    said = subprocess.run(
        [node, "built/read_progress.js"],
        cwd=work,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={
            **os.environ,
            "TARGETS_URL": demonstration_system.urls["targets"],
            "TOKEN": demonstration_system.token(),
        },
    ).stdout
    assert json.loads(said)["plan"] == "hoanghoa-2021"
