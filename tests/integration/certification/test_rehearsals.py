"""`dry_run=true`: the same report, nothing written, no line of a register taken."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.making.certification import Authorise, evidence, scores, sheet
from tests.rehearsals import held, places_in_the_feed, without_mark
from tests.running import RunningService

RESULTS = "/v1/results/batch"
TRY = {"dry_run": "true"}


def results() -> list[Any]:
    rows: list[Any] = [sheet(n) for n in range(1, 1201)]
    rows[3] = sheet(4, claimed_level=5)
    rows[900] = sheet(1)
    rows[1100] = {**sheet(1101), "candidate": sheet(2)["candidate"], "scores": scores(20)}
    return rows


async def test_results_are_reported_as_they_would_be_and_nothing_is_registered(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    await client.post("/v1/results", json=sheet(5000))
    before, place = await held(certification), await places_in_the_feed(certification)
    tried = await client.post(RESULTS, json=results(), params=TRY)
    assert tried.status_code == 200, tried.text
    assert await held(certification) == before
    assert await places_in_the_feed(certification) == place
    done = (await client.post(RESULTS, json=results())).json()
    assert without_mark(tried.json()) == done
    assert (done["duplicates"], done["rejected"]) == (1, 2)
    assert (await client.get("/v1/register-books/DHV/KNLNN/2026")).json()["lines"] == 1198


async def test_an_own_serial_that_the_file_gives_twice_is_told(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    rows = [
        sheet(n, certificate={"serial": f"S{n if n != 700 else 1}", "register_number": str(n)})
        for n in range(1, 701)
    ]
    tried = (await client.post(RESULTS, json=rows, params=TRY)).json()
    assert [(error["row"], error["code"]) for error in tried["errors"]] == [(700, "serial_in_use")]
    assert without_mark(tried) == (await client.post(RESULTS, json=rows)).json()


async def test_nobody_who_registers_waits_for_a_rehearsal(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    await client.post("/v1/results", json=sheet(5000))
    rehearsal = asyncio.create_task(
        client.post(RESULTS, json=[sheet(n) for n in range(1, 4001)], params=TRY)
    )
    posted = 0
    while not rehearsal.done():
        answer = await asyncio.wait_for(
            client.post("/v1/results", json=sheet(6000 + posted)), timeout=5
        )
        assert answer.status_code == 201, answer.text
        posted += 1
    assert posted > 3
    assert rehearsal.result().json()["recorded"] == 4000
    lines = (await client.get("/v1/register-books/DHV/KNLNN/2026")).json()["lines"]
    assert lines == posted + 1


async def test_evidence_is_reported_as_it_would_be(
    certification: RunningService, tree: None
) -> None:
    clerk = certification.client("agency", agency="H56.09")
    rows = [evidence(certificate_number=f"N{n % 1100}") for n in range(1, 1201)]
    rows.append(evidence(certificate_number="N5", scores={"overall": 7.0}))
    before = await held(certification)
    tried = (await clerk.post("/v1/evidence/import", json=rows, params=TRY)).json()
    assert await held(certification) == before
    done = (await clerk.post("/v1/evidence/import", json=rows)).json()
    assert without_mark(tried) == done
    assert (done["recorded"], done["duplicates"], done["rejected"]) == (1100, 100, 1)


async def test_a_list_of_acceptances_is_tried(certification: RunningService, tree: None) -> None:
    clerk = certification.client()
    filed = (await clerk.post("/v1/evidence", json=evidence(agency_code="H56.09"))).json()[
        "evidence_id"
    ]
    body = {
        "decision_number": "12/QĐ",
        "decided_on": "2026-03-01",
        "level": 4,
        "evidence_ids": [filed],
    }
    before = await held(certification)
    key = {"Idempotency-Key": "a-1"}
    tried = await clerk.post("/v1/evidence/acceptances", json=body, params=TRY, headers=key)
    assert tried.status_code == 200, tried.text
    assert tried.json()["accepted"] == 1
    assert await held(certification) == before
    done = await clerk.post("/v1/evidence/acceptances", json=body, headers=key)
    assert done.json() == tried.json()
