"""Several authorities about one paper: each decides once, for itself, and undoes what is its own or below it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
from httpx import AsyncClient

from shared.contracts.events import TYPE_OF, Envelope, EvidenceReferred
from tests.making.certification import evidence, learn
from tests.running import RunningService

ACCEPT = {"decision_number": "118/QĐ-SNV", "decided_on": "2026-06-01", "level": 4}
WITHDRAW = {"decision_number": "9/QĐ", "decided_on": "2026-09-01"}


async def filed_by(certification: RunningService, agency: str) -> str:
    clerk = certification.client("agency", agency=agency)
    answer = await clerk.post("/v1/evidence", json=evidence())
    return f"/v1/evidence/{answer.json()['evidence_id']}"


async def seen(client: AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def test_the_event_says_which_authority_accepted(
    certification: RunningService, tree: None
) -> None:
    for agency, bloc, said in (
        ("H56.09", None, ("H56.09", None)),
        ("H56", "state", ("H56", "state")),
        (None, None, (None, None)),
    ):
        path = await filed_by(certification, "H56.09.TTYT")
        client = certification.client("authority", agency=agency, bloc=bloc)
        assert (await client.post(f"{path}/acceptance", json=ACCEPT)).status_code == 201
        event = (await certification.events())[-1]
        assert event["type"] == "vn.bac.evidence.accepted.v2"
        assert (event["data"]["accepted_by"], event["data"]["bloc"]) == said
        assert event["data"]["decided_on"] == "2026-06-01"


async def test_another_authority_s_acceptance_adds_one_and_the_highest_that_stands_is_shown(
    certification: RunningService, tree: None
) -> None:
    path = await filed_by(certification, "H56.09.TTYT")
    department = certification.client("authority", agency="H56.09")
    province = certification.client("authority", agency="H56")
    assert (await department.post(f"{path}/acceptance", json=ACCEPT)).status_code == 201
    higher = {**ACCEPT, "level": 5, "decision_number": "7/QĐ-UBND"}
    assert (await province.post(f"{path}/acceptance", json=higher)).json()["level"] == 5
    assert (await province.post(f"{path}/acceptance", json=higher)).status_code == 200
    other = await province.post(f"{path}/acceptance", json={**higher, "level": 6})
    assert (other.status_code, other.json()["code"]) == (409, "evidence_already_decided")
    assert [fault["pointer"] for fault in other.json()["errors"]] == ["/level"]
    view = await seen(department, path)
    assert [(each["accepted_by"], each["level"]) for each in view["acceptances"]] == [
        ("H56.09", 4),
        ("H56", 5),
    ]
    assert (view["level"], view["acceptance"]["decision_number"]) == (5, "7/QĐ-UBND")
    gone = await province.post(f"{path}/withdrawal", json=WITHDRAW)
    assert (gone.json()["status"], gone.json()["level"]) == ("accepted", 4)
    assert (await province.post(f"{path}/withdrawal", json=WITHDRAW)).status_code == 200
    events = await certification.events()
    assert [event["data"]["version"] for event in events] == [1, 2, 3, 4]
    assert events[3]["data"]["accepted_by"] == "H56"
    assert events[3]["data"]["acceptance_id"] == events[2]["data"]["acceptance_id"]


async def test_an_acceptance_is_withdrawn_by_its_authority_or_one_above(
    certification: RunningService, tree: None
) -> None:
    path = await filed_by(certification, "H56.09.TTYT")
    department = certification.client("authority", agency="H56.09")
    province = certification.client("authority", agency="H56")
    await province.post(f"{path}/acceptance", json=ACCEPT)
    below = await department.post(f"{path}/withdrawal", json=WITHDRAW)
    assert (below.status_code, below.json()["code"]) == (403, "forbidden")
    await department.post(f"{path}/acceptance", json=ACCEPT)
    (mine,) = (
        each["acceptance_id"]
        for each in (await seen(department, path))["acceptances"]
        if each["accepted_by"] == "H56.09"
    )
    named = {**WITHDRAW, "acceptance_id": mine}
    assert (await province.post(f"{path}/withdrawal", json=named)).status_code == 201
    assert (await province.post(f"{path}/withdrawal", json=named)).status_code == 200
    view = await seen(department, path)
    assert [each["withdrawal"] is None for each in view["acceptances"]] == [True, False]
    whole = certification.client("authority")
    assert (await whole.post(f"{path}/withdrawal", json=WITHDRAW)).status_code == 201
    assert (await seen(department, path))["status"] == "withdrawn"


async def test_of_several_that_stand_below_one_must_be_named(
    certification: RunningService, tree: None
) -> None:
    path = await filed_by(certification, "H56.09.TTYT")
    for agency in ("H56.09", "H56.09.TTYT"):
        client = certification.client("authority", agency=agency)
        await client.post(f"{path}/acceptance", json=ACCEPT)
    province = certification.client("authority", agency="H56")
    refused = await province.post(f"{path}/withdrawal", json=WITHDRAW)
    assert (refused.status_code, refused.json()["code"]) == (409, "acceptance_not_named")
    assert refused.json()["errors"][0]["pointer"] == "/acceptance_id"


async def test_neither_answer_nor_tag_nor_feed_tells_what_the_other_bloc_decided(
    certification: RunningService, tree: None
) -> None:
    path = await filed_by(certification, "H56.09.TTYT")
    state = certification.client("authority", agency="H56", bloc="state")
    party = certification.client("authority", agency="H56", bloc="party")
    unconfined = certification.client("authority", agency="H56")
    before = await state.get(path)
    assert (await party.get(path)).status_code == 404
    assert (await unconfined.post(f"{path}/acceptance", json=ACCEPT)).status_code == 201
    assert (await seen(state, path))["status"] == "accepted"
    party_path = await filed_by(certification, "H56.DU")
    assert (await party.post(f"{party_path}/acceptance", json=ACCEPT)).status_code == 201
    assert (await state.get(party_path)).status_code == 404
    assert (await state.post(f"{party_path}/withdrawal", json=WITHDRAW)).status_code == 404
    told = {event["subject"] for event in await certification.events(state)}
    assert told == {path.rpartition("/")[2]}
    assert (await state.get(path)).headers["ETag"] != before.headers["ETag"]
    over = await unconfined.post(f"{party_path}/withdrawal", json=WITHDRAW)
    assert over.status_code == 201


async def test_an_acceptance_of_before_the_authorities_were_named_is_withdrawn_as_it_was(
    certification: RunningService, tree: None
) -> None:
    path = await filed_by(certification, "H56.09.TTYT")
    async with certification.database.pool.acquire() as connection:
        await connection.execute(
            """
            INSERT INTO evidence_decision (evidence_id, seq, kind, decision_number, decided_on, level,
                equivalence_table, recorded_at, acceptance_id, authority_named, accepted_by, bloc)
            VALUES ($1, 1, 'acceptance', '118/QĐ-SNV', '2026-06-01', 4, NULL, now(), $1, false, NULL, NULL)
            """,
            path.rpartition("/")[2],
        )
    province = certification.client("authority", agency="H56")
    assert (await seen(province, path))["level"] == 4
    assert (await province.post(f"{path}/acceptance", json=ACCEPT)).status_code == 200
    assert (await province.post(f"{path}/withdrawal", json=WITHDRAW)).status_code == 201
    event = (await certification.events())[-1]["data"]
    assert event["acceptance_id"] == event["evidence_id"]
    assert (event["accepted_by"], event["bloc"]) == (None, None)


async def test_a_paper_that_waits_for_an_authority_is_shown_to_it_and_accepted_by_it(
    certification: RunningService, tree: None
) -> None:
    path = await filed_by(certification, "H30")
    own = certification.client("authority", agency="H56")
    bloc = certification.client("authority", agency="H56", bloc="party")
    clerk = certification.client("agency", agency="H56")
    filer = certification.client("authority", agency="H30")
    assert (await own.get(path)).status_code == 404
    await learn(certification, referred(path, "H56.09", 1))
    assert (await seen(own, path))["status"] == "recorded"
    assert [each["evidence_id"] for each in (await own.get("/v1/evidence")).json()["items"]] == [
        path.rpartition("/")[2]
    ]
    for other in (clerk, bloc):
        assert (await other.get(path)).status_code == 404
        assert (await other.get("/v1/evidence")).json()["items"] == []
    assert (await bloc.post(f"{path}/acceptance", json=ACCEPT)).status_code == 404
    foreign = {**ACCEPT, "level": 6, "decision_number": "foreign"}
    assert (await filer.post(f"{path}/acceptance", json=foreign)).status_code == 201
    assert (await seen(own, path))["acceptances"] == []
    listed = {**ACCEPT, "evidence_ids": [path.rpartition("/")[2]]}
    report = (await own.post("/v1/evidence/acceptances", json=listed)).json()
    assert (report["accepted"], report["rejected"]) == (1, 0)
    assert (await seen(filer, path))["level"] == 6
    assert [each["accepted_by"] for each in (await seen(own, path))["acceptances"]] == ["H56"]
    told = [each["data"].get("accepted_by") for each in await certification.events(filer)]
    assert told == [None, "H30"]
    # It waits no more: whoever accepted it still sees it, and may undo it; nobody else.
    await learn(certification, referred(path, None, 2))
    assert (await seen(own, path))["level"] == 4
    department = certification.client("authority", agency="H56.09")
    assert (await department.get(path)).status_code == 404
    theirs = await filer.post(f"{path}/withdrawal", json=WITHDRAW)
    assert theirs.status_code == 201
    assert (await seen(own, path))["status"] == "accepted"
    assert (await own.post(f"{path}/withdrawal", json=WITHDRAW)).json()["status"] == "withdrawn"


async def test_an_older_word_about_whom_a_paper_waits_for_changes_nothing(
    certification: RunningService, tree: None
) -> None:
    path = await filed_by(certification, "H30")
    await learn(certification, referred(path, "H56.09", 2), referred(path, "H56.DU", 1))
    assert (await certification.client("authority", agency="H56.09").get(path)).status_code == 200
    assert (await certification.client("authority", agency="H56.DU").get(path)).status_code == 404


def referred(path: str, body: str | None, version: int) -> Envelope:
    payload = EvidenceReferred(
        version=version,
        evidence_id=UUID(path.rpartition("/")[2]),
        official_code=None if body is None else "CB1",
        agency_code=body,
    )
    return Envelope(
        specversion="1.0",
        id="x",
        source="/enrolment",
        type=TYPE_OF[EvidenceReferred].name,
        subject=str(payload.evidence_id),
        time=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        datacontenttype="application/json",
        data=msgspec.to_builtins(payload),
    )
