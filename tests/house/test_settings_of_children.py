"""What `make run` and the containers tell each process, and what they keep from it."""

from __future__ import annotations

from pathlib import Path

import yaml

from deploy.local.children import make_children

OWN = {"BAC_PERSON_KEY": "5e" * 32, "BAC_ROLE_SECRET": "7a" * 32}


def test_a_process_gets_its_own_address_and_targets_no_person_key(tmp_path: Path) -> None:
    given = {
        "BAC_PERSON_KEY": OWN["BAC_PERSON_KEY"],
        "BAC_ROLE_SECRET": OWN["BAC_ROLE_SECRET"],
        "DATABASE_URL": "postgresql://postgres:secret@localhost/bac",
        "BAC_TARGETS_DATABASE_URL": "postgresql://bac_targets:x@elsewhere/bac",
    }
    ports = {"enrolment": 8001, "certification": 8002, "targets": 8003}
    services, workers = make_children(given, tmp_path, ports, given["DATABASE_URL"], OWN)
    assert len(services) == len(workers) == 3
    for child in (*services, *workers):
        service = child.name.removesuffix("-worker")
        environment = child.environment
        assert ("BAC_PERSON_KEY" in environment) == (service != "targets"), child.name
        assert "BAC_ROLE_SECRET" not in environment
        assert "DATABASE_URL" not in environment
        addresses = {name for name in environment if name.endswith("_DATABASE_URL")}
        assert addresses == {f"BAC_{service.upper()}_DATABASE_URL"}


def test_containers_of_targets_are_given_no_person_key() -> None:
    compose = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text())
    for name, service in compose["services"].items():
        keeps = name.removesuffix("-worker") in ("enrolment", "certification")
        assert ("person_key" in service.get("secrets", [])) == keeps, name
        assert ("BAC_PERSON_KEY_FILE" in service.get("environment", {})) == keeps, name
