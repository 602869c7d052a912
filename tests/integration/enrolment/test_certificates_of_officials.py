"""Certificates meet their holders, whichever of the two comes first."""

from __future__ import annotations

import datetime as dt

import pytest

from shared.contracts.events import (
    CertificateRevoked,
)
from tests.making.certification_feed import issued, kinds, tell
from tests.making.rosters import official, plant_tree, post
from tests.running import RunningService


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    return enrolment


async def test_a_certificate_waits_for_its_holder(service: RunningService) -> None:
    await tell(service, issued(1))
    clerk = service.client("agency", agency="X.A")
    await clerk.put("/v1/officials/O-1", json=official(1))
    await service.settle()
    shown = await clerk.get("/v1/officials/O-1/certificates")
    assert [(c["reference"], c["standing"]) for c in shown.json()["items"]] == [("S-1", True)]
    assert kinds(await service.events(clerk)) == ["certified.v1"]
    other = service.client("agency", agency="Y.A")
    assert kinds(await service.events(other)) == []
    assert (await other.get("/v1/officials/O-1/certificates")).status_code == 404


async def test_a_revocation_reaches_the_holders_bodies(service: RunningService) -> None:
    clerk = service.client("agency", agency="X.A")
    await clerk.put("/v1/officials/O-1", json=official(1))
    certificate = issued(1)
    await tell(service, certificate)
    await tell(service, certificate)
    revoked = CertificateRevoked(
        version=2,
        certificate_id=certificate.certificate_id,
        serial="S-1",
        person_key=certificate.person_key,
        institution_code="VINH",
        reason_code="fraud",
        decision_number="1",
        decided_on=dt.date(2026, 6, 1),
        effect="from_decision",
    )
    await tell(service, revoked)
    assert kinds(await service.events(clerk)) == ["certified.v1", "certificate_withdrawn.v1"]
    shown = (await clerk.get("/v1/officials/O-1/certificates")).json()["items"][0]
    assert (shown["standing"], shown["ended_cause"]) == (False, "revoked")


async def test_another_birth_date_stands_in_the_queue_until_settled(
    service: RunningService,
) -> None:
    clerk = service.client("agency", agency="X.A")
    await clerk.put("/v1/officials/O-1", json=official(1, birth_date="1985-03-20"))
    await tell(service, issued(1))
    await service.settle()
    assert (await clerk.get("/v1/officials/O-1/certificates")).json()["items"] == []
    queue = (await clerk.get("/v1/identity-mismatches")).json()["items"]
    assert [(q["reference"], q["official_code"]) for q in queue] == [("S-1", "O-1")]
    outside = service.client("agency", agency="Y.A")
    assert (await outside.get("/v1/identity-mismatches")).json()["items"] == []
    await clerk.put("/v1/officials/O-1", json=official(1), headers={"If-Match": "*"})
    await service.settle()
    assert (await clerk.get("/v1/identity-mismatches")).json()["items"] == []
    assert kinds(await service.events(clerk)) == ["certified.v1"]


async def test_whoever_takes_over_is_told_what_stands(service: RunningService) -> None:
    await service.client().put("/v1/officials/O-1", json=official(1))
    await tell(service, issued(1))
    await service.settle()
    receiver = service.client("agency", agency="Y.A")
    body = official(1, post("Y.A", valid_from="2026-10-01"))
    await receiver.put("/v1/officials/O-1", json=body)
    await service.settle()
    joined = [e for e in await service.events(receiver) if e["type"] == "vn.bac.official.joined.v1"]
    assert [c["reference"] for c in joined[0]["data"]["certificates"]] == ["S-1"]
