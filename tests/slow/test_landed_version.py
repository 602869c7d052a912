"""The last landed version and this one bear each other: its code on our schema, its data under our code."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.compatibility import landed_code
from tests.compatibility.documents import LANDED
from tests.databases import at_database
from tests.making.people import officials, result
from tests.slow.installation import Installation

ROOT = Path(__file__).parents[2]
BODY = "H56.09.TTYTHH"
PLAN = "hoanghoa-2021"
FIRST, SECOND = 9, 21
"""Of `tests/bench/people.py`: a public employee each, whose sheet reaches level 4."""

Figures = dict[str, tuple[int, int]]

ONE_MORE = {(1, 1), (0, 1)}
"""One more is eligible; where level 4 suffices, one more has achieved it."""

pytestmark = [
    pytest.mark.skipif(
        landed_code.why_there_is_none() is not None, reason=str(landed_code.why_there_is_none())
    ),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return landed_code.write_landed_code(tmp_path_factory.mktemp("landed"))


@pytest.fixture
async def database(postgres_dsn: str) -> Any:
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("CREATE DATABASE landed_version")
    yield at_database(postgres_dsn, "landed_version")
    await connection.execute("DROP DATABASE landed_version WITH (FORCE)")
    await connection.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def walk(installation: Installation, number: int) -> Figures:
    """One official, one result, one certificate; returns the figures once they count."""
    bodies = [{"code": BODY, "system": "public_service"}, {"code": BODY, "system": "state"}]
    person = next(iter(officials(1, bodies, number)))
    with installation.client("enrolment", "agency", agency=BODY) as clerk:
        imported = clerk.post("/v1/officials/import", json=[person])
        assert imported.status_code == 200, imported.text
        assert imported.json()["created"] == 1, imported.text
        shown = clerk.get(f"/v1/officials/{person['official_code']}")
        assert shown.status_code == 200, shown.text
    with installation.client("certification", "institution", institution="VINH") as university:
        posted = university.post("/v1/results", json=result(number, "LANDED-1"))
        assert posted.status_code == 201, posted.text
        serial = posted.json()["certificate"]["serial"]
        verified = university.get(f"/v1/verify/{serial}")
        assert verified.status_code == 200, verified.text
    return figures(installation)


def figures(installation: Installation) -> Figures:
    """Achieved and eligible of each indicator, once both feeds are counted."""
    until = time.monotonic() + 60
    with installation.client("targets") as targets:
        while True:
            answer = targets.get(f"/v1/plans/{PLAN}/progress")
            if answer.status_code == 200 and counted(installation, answer.json()["counted_at"]):
                return {
                    each["id"]: (each["achieved"], each["eligible"])
                    for each in answer.json()["indicators"]
                }
            assert time.monotonic() < until, answer.text
            time.sleep(0.2)


def counted(installation: Installation, position: dict[str, str]) -> bool:
    for service in ("enrolment", "certification"):
        with installation.client(service) as client:
            after = {"after": position[service], "limit": 1}
            page = client.get("/v1/events", params=after).json()
        if page["events"] or not page["settled"]:
            return False
    return True


def test_the_landed_code_works_on_the_schema_of_today(
    landed: Path, database: str, home: Path
) -> None:
    Installation(ROOT, database, home).migrate()
    with Installation(landed, database, home) as installation:
        before = figures(installation)
        after = walk(installation, FIRST)
    assert gained(before, after) == ONE_MORE


def test_a_database_of_the_landed_version_is_brought_up_to_today(
    landed: Path, database: str, home: Path
) -> None:
    Installation(landed, database, home).migrate()
    with Installation(landed, database, home) as installation:
        of_landed = walk(installation, FIRST)
    Installation(ROOT, database, home).migrate()
    with Installation(ROOT, database, home) as installation:
        assert figures(installation) == of_landed
        of_today = walk(installation, SECOND)
    assert gained(of_landed, of_today) == ONE_MORE


def gained(before: Figures, after: Figures) -> set[tuple[int, int]]:
    """What indicators gained in achieved and eligible, those left out that gained nothing."""
    changes = {
        (after[name][0] - achieved, after[name][1] - eligible)
        for name, (achieved, eligible) in before.items()
    }
    return changes - {(0, 0)}


def test_the_landed_documents_are_what_the_landed_code_publishes(
    landed: Path, tmp_path: Path
) -> None:
    """Nobody mends a break by changing what the landed version is said to have published."""
    made = tmp_path / "documents"
    program = (
        "import sys; from pathlib import Path; from tests.compatibility.documents import write_shapes;"
        " write_shapes(Path(sys.argv[1]))"
    )
    # The landed code with the shaping of today.
    for name in (
        "tests/compatibility/documents.py",
        "tests/compatibility/__init__.py",
        "tests/catalogues.py",
    ):
        target = landed / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", program, made],
        env={"PYTHONPATH": str(landed), "PYTHONSAFEPATH": "1", "PATH": "/usr/bin:/bin"},
        cwd=landed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for path in LANDED.glob("*.json"):
        assert (made / path.name).read_bytes() == path.read_bytes(), path.name
