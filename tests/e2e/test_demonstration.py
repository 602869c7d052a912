"""The demonstration data as a newcomer finds it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.system import System

ROOT = Path(__file__).parents[2]
PLANS = ("daklak-2020", "hcm-2022", "hoanghoa-2021", "cantho-2020", "quangtri-2022")


def heads(system: System) -> dict[str, str]:
    found = {}
    for service in system.urls:
        with system.client(service) as client:
            found[service] = client.get("/v1/events", params={"limit": 1}).json()["head"]
    return found


def test_every_plan_has_people_and_a_percentage(demonstration_system: System):
    with demonstration_system.client("targets") as client:
        for plan in PLANS:
            answer = client.get(f"/v1/plans/{plan}/progress", params={"as_of": "2025-12-31"})
            figures = {one["id"]: one for one in answer.json()["indicators"]}
            assert figures["I2-2025"]["eligible"] > 300, plan
            assert 20 < figures["I2-2025"]["percent"] < 60, plan
            assert figures["I2-2025"]["status"] == "not_met"


def test_districts_have_people_in_2024_and_are_empty_today(demonstration_system: System):
    district = "H15.MH.EAKAR"
    with demonstration_system.client("targets") as client:
        for day, empty in (("2024-12-31", False), ("2025-12-31", True)):
            answer = client.get(
                "/v1/plans/daklak-2020/progress", params={"agency": district, "as_of": day}
            )
            statuses = {one["status"] for one in answer.json()["indicators"]}
            assert (statuses == {"no_population"}) == empty, day


def test_loading_again_changes_nothing(demonstration_system: System):
    before = heads(demonstration_system)
    done = subprocess.run(
        [sys.executable, "-m", "services.command", "load", "demonstration"],
        cwd=ROOT,
        env=demonstration_system.environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert heads(demonstration_system) == before
