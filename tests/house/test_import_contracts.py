"""The import contracts hold, and a planted import breaks each of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.source_rules import PRODUCT

REPOSITORY = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

PLANTED = {
    "services-are-independent": {
        "services/enrolment/planted/use_cases.py": "import services.targets.plans\n"
    },
    "the-demonstration-speaks-http": {
        "services/demonstration/planted.py": "import services.targets.plans\n"
    },
    "shared-knows-no-service": {"shared/planted.py": "import services.enrolment\n"},
    "services-know-no-deployment": {"services/targets/planted.py": "import deploy.local.home\n"},
    "deployment-knows-no-service": {"deploy/local/planted.py": "import services.targets.plans\n"},
    "no-tests-in-the-product": {"services/targets/planted.py": "import hypothesis\n"},
    "rules-are-pure": {
        "services/enrolment/planted/capacity.py": "from services.enrolment.planted import door\n",
        "services/enrolment/planted/door.py": "import shared.persistence.database\n",
    },
    "recount-shares-the-plan-only": {
        "services/targets/recount/planted.py": "import shared.contracts.events\n"
    },
    "slices-have-layers": {
        "services/enrolment/planted/repository.py": "import services.enrolment.planted.use_cases\n",
        "services/enrolment/planted/use_cases.py": "",
    },
    "certification-has-layers": {
        "services/certification/registry/planted.py": "import services.certification.evidence\n"
    },
    "evidence-and-register-know-no-exam": {
        "services/certification/evidence/planted.py": "import services.certification.sheets\n"
    },
    "enrolment-directory-stands-alone": {
        "services/enrolment/directory/planted.py": "import services.enrolment.rosters.layout\n"
    },
    "enrolment-directory-has-doors": {
        "services/enrolment/planted/use_cases.py": (
            "import services.enrolment.directory.officials.repository\n"
        )
    },
    "enrolment-rosters-use-the-doors-of-registration": {
        "services/enrolment/rosters/planted.py": (
            "import services.enrolment.directory.officials.models\n"
        )
    },
}

ALSO_PLANTED = {
    "a use case in a package is one too": {
        "services/enrolment/planted/repository.py": (
            "import services.enrolment.planted.use_cases.deciding\n"
        ),
        "services/enrolment/planted/use_cases/deciding.py": "",
    },
    "endpoints call use cases only": {
        "services/certification/planted/endpoints.py": (
            "import services.certification.registry.repository\n"
        ),
    },
}
"""What else breaks the layers of a slice."""


def contracts() -> dict[str, str]:
    configuration = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    return {
        contract["id"]: contract["name"]
        for contract in configuration["tool"]["importlinter"]["contracts"]
    }


def lint(folder: Path, *contract: str) -> str:
    chosen = [word for name in contract for word in ("--contract", name)]
    done = subprocess.run(
        [LINT, "--no-cache", *chosen],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_all_contracts_hold() -> None:
    said = lint(REPOSITORY)
    assert f"Contracts: {len(contracts())} kept, 0 broken." in said, said


def test_every_contract_has_a_planted_violation() -> None:
    assert set(PLANTED) == set(contracts())


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_breaks_the_contract(contract: str, tmp_path: Path) -> None:
    assert_broken(contract, PLANTED[contract], tmp_path)


@pytest.mark.parametrize("what", ALSO_PLANTED)
def test_what_else_breaks_the_layers_of_a_slice(what: str, tmp_path: Path) -> None:
    assert_broken("slices-have-layers", ALSO_PLANTED[what], tmp_path)


def assert_broken(contract: str, planted: dict[str, str], tmp_path: Path) -> None:
    for top in (*PRODUCT, "tests/house"):
        shutil.copytree(
            REPOSITORY / top, tmp_path / top, ignore=shutil.ignore_patterns("__pycache__")
        )
    (tmp_path / "tests" / "__init__.py").touch()
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    for name, source in planted.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        (path.parent / "__init__.py").touch()
        path.write_text(source)
    said = lint(tmp_path, contract)
    assert f"{contracts()[contract]} BROKEN" in said, said
    assert "planted" in said.partition("Broken contracts")[2], said
