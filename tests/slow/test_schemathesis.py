"""Generated requests find no 5xx and no answer outside the published schema."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shared.persistence.schema import SERVICES
from tests.system import System


@pytest.mark.timeout(600)
@pytest.mark.parametrize("service", SERVICES)
def test_no_5xx_and_no_answer_outside_the_schema(bare_system: System, service: str) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run"),
            f"{bare_system.urls[service]}/openapi.json",
            *("--header", f"Authorization: Bearer {bare_system.token()}"),
            *("--checks", "not_a_server_error,status_code_conformance,content_type_conformance"),
            *("--checks", "response_schema_conformance,response_headers_conformance"),
            *("--checks", "unsupported_method"),
            *("--phases", "examples,coverage,fuzzing"),
            *("--max-examples", "15", "--seed", "1", "--workers", "2"),
            *("--exclude-operation-id", "read_events"),
            "--no-color",
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=580,
    )
    assert done.returncode == 0, done.stdout[-12000:]
