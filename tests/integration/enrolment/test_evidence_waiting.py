"""Papers wait for the authority of the person's own body, and count for the person when it has decided."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.events import (
    EvidenceAccepted,
    EvidenceAcceptedV1,
    EvidenceRecorded,
    EvidenceWithdrawn,
)
from shared.security.person_key import PersonIdentity
from tests.making.certification_feed import KEYS, kinds, tell
from tests.making.rosters import citizen, official, plant_tree, post, row, send
from tests.running import RunningService

PAPER = UUID(int=77)
IDENTITY = PersonIdentity.citizen(citizen(1))


def paper(birth_date: str = "1985-03-02") -> dict[str, Any]:
    return {
        "evidence_id": PAPER,
        "kind": "foreign_certificate",
        "person_key": KEYS.person_key(IDENTITY),
        "birth_check": KEYS.birth_check(IDENTITY, birth_date),
        "language": "en",
        "dated": dt.date(2024, 3, 1),
    }


def recorded(**changes: Any) -> EvidenceRecorded:
    return EvidenceRecorded(version=1, **paper(**changes))


def accepted(
    by: str | None, level: int = 5, bloc: Any = None, decided_on: str = "2026-02-02"
) -> EvidenceAccepted:
    return EvidenceAccepted(
        version=2,
        **paper(),
        expires_on=None,
        test="IELTS",
        level=level,
        specialised=False,
        decision_number="1/QĐ",
        decided_on=dt.date.fromisoformat(decided_on),
        acceptance_id=acceptance_of(by, bloc),
        accepted_by=by,
        bloc=bloc,
    )


def acceptance_of(by: str | None, bloc: Any = None) -> UUID:
    return UUID(int=1000 + sum(f"{by} {bloc}".encode()))


def withdrawn(by: str | None, decided_on: str = "2026-08-01") -> EvidenceWithdrawn:
    return EvidenceWithdrawn(
        version=3,
        evidence_id=PAPER,
        person_key=KEYS.person_key(IDENTITY),
        decision_number="2/QĐ",
        decided_on=dt.date.fromisoformat(decided_on),
        acceptance_id=acceptance_of(by),
        accepted_by=by,
    )


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    await send(enrolment.client(), "/v1/officials/import", [row(1)])
    await enrolment.events()
    return enrolment


async def waiting(service: RunningService, agency: str | None, **who: Any) -> list[Any]:
    client = service.client(who.pop("role", "authority"), agency=agency, **who)
    answer = await client.get("/v1/evidence-waiting")
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


async def levels(service: RunningService) -> list[tuple[int, bool]]:
    answer = await service.client("agency", agency="X.A").get("/v1/officials/O-000001/certificates")
    return [(each["level"], each["standing"]) for each in answer.json()["items"]]


async def test_a_paper_waits_for_the_authority_of_the_person_s_body_and_nobody_else(
    service: RunningService,
) -> None:
    await tell(service, recorded())
    (item,) = await waiting(service, "X")
    assert (item["evidence_id"], item["official_code"], item["agency_code"]) == (
        str(PAPER),
        "O-000001",
        "X.A",
    )
    assert len(await waiting(service, "X.A")) == len(await waiting(service, None)) == 1
    assert len(await waiting(service, "X", bloc="state")) == 1
    for agency, who in (("Y", {}), ("X.B", {}), ("X", {"bloc": "party"})):
        assert await waiting(service, agency, **who) == []
    clerk = await service.client("agency", agency="X.A").get("/v1/evidence-waiting")
    assert clerk.status_code == 403
    for role, who in (("institution", {"institution": "DHV"}), ("official", {})):
        other = await service.client(role, **who).get("/v1/evidence-waiting")
        assert other.status_code == 404


async def test_another_province_s_acceptance_gives_the_official_no_level_and_the_paper_waits(
    service: RunningService,
) -> None:
    before = len(await service.events())
    await tell(service, recorded(), accepted("Y"))
    assert await levels(service) == []
    assert kinds((await service.events())[before:]) == []
    assert len(await waiting(service, "X")) == 1
    await tell(service, accepted("X", level=4))
    assert await levels(service) == [(4, True)]
    assert await waiting(service, "X") == []
    assert kinds((await service.events())[before:]) == ["certified.v1"]


async def test_the_highest_that_stands_of_the_own_authorities_is_shown(
    service: RunningService,
) -> None:
    await tell(
        service, recorded(), accepted("X", level=5), accepted("X.A", level=4), accepted("Y", 6)
    )
    assert await levels(service) == [(5, True)]
    await tell(service, withdrawn("X"))
    assert await levels(service) == [(4, True)]
    await tell(service, withdrawn("X.A", "2026-09-01"))
    assert await levels(service) == [(4, False)]
    assert await waiting(service, "X") == []
    told = kinds(await service.events())
    assert told == ["certified.v1", "certified.v1", "certificate_withdrawn.v1"]


async def test_a_v1_acceptance_counts_as_one_of_the_whole_nation(service: RunningService) -> None:
    v1 = EvidenceAcceptedV1(
        version=2,
        **paper(),
        expires_on=None,
        test=None,
        level=3,
        specialised=False,
        decision_number="1/QĐ",
        decided_on=dt.date(2026, 2, 2),
    )
    await tell(service, v1)
    assert await levels(service) == [(3, True)]
    assert await waiting(service, "X") == []


async def test_the_paper_follows_the_person_to_a_new_body(service: RunningService) -> None:
    await tell(service, recorded())
    moved = official(
        1, post(valid_to="2026-06-30"), post("Y.A", valid_from="2026-07-01", position_title="B")
    )
    client = service.client()
    tag = (await client.get("/v1/officials/O-000001")).headers["ETag"]
    put = await client.put("/v1/officials/O-000001", json=moved, headers={"If-Match": tag})
    assert put.status_code == 200, put.text
    events = await service.events()
    referred = [each["data"] for each in events if each["type"] == "vn.bac.evidence.referred.v1"]
    assert [(each["version"], each["agency_code"]) for each in referred] == [(1, "X.A"), (2, "Y.A")]
    assert await waiting(service, "X") == []
    assert len(await waiting(service, "Y")) == 1
    # Decided for the day before the move, the old authority's word counts; for a later day it does not.
    await tell(service, accepted("X", decided_on="2026-07-01"))
    assert len(await waiting(service, "Y")) == 1
    await tell(service, accepted("X.A", decided_on="2026-06-30"))
    assert await waiting(service, "Y") == []


async def test_a_paper_with_another_birth_date_waits_for_nobody(service: RunningService) -> None:
    await tell(service, recorded(birth_date="1985-03-03"))
    assert await waiting(service, "X") == []


async def test_who_may_read_that_a_paper_waits_is_who_finds_it_in_the_queue(
    service: RunningService,
) -> None:
    await tell(service, recorded())
    for role, agency, bloc, told in (
        ("authority", "X", None, True),
        ("authority", "X.A", None, True),
        ("authority", "X", "state", True),
        ("authority", "X", "party", False),
        ("authority", "Y", None, False),
        ("agency", "X", None, False),
        ("agency", "X.A", None, False),
    ):
        reader = service.client(role, agency=agency, bloc=bloc)
        kinds_read = {each["type"] for each in await service.events(reader)}
        assert ("vn.bac.evidence.referred.v1" in kinds_read) is told, (role, agency, bloc)


async def test_the_feed_read_once_more_changes_nothing(service: RunningService) -> None:
    told = [recorded(), accepted("X", level=5), accepted("Y"), withdrawn("X")]
    await tell(service, *told)
    before = len(await service.events())
    for each in told:
        await tell(service, each)
    assert len(await service.events()) == before
    assert await levels(service) == [(5, False)]
