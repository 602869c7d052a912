"""Runs schemathesis against one service and reads its own record of what it asked and was answered."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)

Examples = Mapping[str, Mapping[str, Any]]
"""By operation id and parameter: what exists in the system asked. `body` stands for the whole body."""


@dataclass(frozen=True)
class Outcome:
    clean: bool
    said: str
    answered: Mapping[str, Counter[int]]
    """Statuses by operation, as `GET /v1/plans`."""

    def never_successful(self) -> list[str]:
        return sorted(
            operation
            for operation, statuses in self.answered.items()
            if not any(200 <= status < 300 for status in statuses)
        )


def operations(document: Mapping[str, Any]) -> dict[str, str]:
    """Operation ids by what schemathesis calls them."""
    return {
        f"{method.upper()} {path}": operation["operationId"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def strict(document: Mapping[str, Any], examples: Examples) -> dict[str, Any]:
    """The document without the catch-all refusal, so that a status nobody wrote down is found, and with
    examples that exist. A feed is not waited for."""
    checked: dict[str, Any] = json.loads(json.dumps(document))
    for methods in checked["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("default", None)
            known = dict(examples.get(operation["operationId"], {}))
            if "body" in known:
                body = operation["requestBody"]["content"]["application/json"]
                body.pop("examples", None)
                body["example"] = known.pop("body")
            for parameter in operation.get("parameters", []):
                if parameter["name"] in known:
                    parameter["example"] = known.pop(parameter["name"])
                elif parameter["name"] == "wait":
                    parameter["schema"] = {"type": "integer", "minimum": 0, "maximum": 0}
            assert not known, f"{operation['operationId']} has no {sorted(known)}"
    return checked


def run(document: Mapping[str, Any], url: str, token: str, folder: Path, *options: str) -> Outcome:
    folder.mkdir(parents=True, exist_ok=True)
    spec, record = folder / "openapi.json", folder / "record.ndjson"
    spec.write_text(json.dumps(document))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", str(spec), "--url", url),
            *("--header", f"Authorization: Bearer {token}"),
            *("--checks", ",".join(CHECKS), "--continue-on-failure"),
            *("--request-timeout", "60"),  # a list of all as a workbook takes its time
            *("--seed", "1", "--generation-database", "none"),
            *("--report", "ndjson", "--report-ndjson-path", str(record), "--no-color"),
            *options,
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=580,
        cwd=folder,
    )
    answered: dict[str, Counter[int]] = {}
    for line in record.read_text().splitlines() if record.exists() else ():
        ((kind, event),) = json.loads(line).items()
        if kind != "ScenarioFinished":
            continue
        statuses = answered.setdefault(event["recorder"]["label"], Counter())
        for exchange in event["recorder"].get("interactions", {}).values():
            if exchange["response"] is not None:
                statuses[exchange["response"]["status_code"]] += 1
    return Outcome(done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:], answered)
