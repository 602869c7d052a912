"""Every GET of the register, asked by everybody: what is another's is absent, numbers are masked, reads are
in the trail. An endpoint that this file does not know fails its first test."""

from __future__ import annotations

from typing import Any

import pytest

from shared.listing.pages import encode_page_cursor
from shared.security.masking import masked
from tests.catalogues import openapi
from tests.making.certification import Authorise, agency, evidence, learn, sheet
from tests.running import RunningService

OF_PERSONS = {
    "/v1/results": ["/v1/results"],
    "/v1/results.{form}": ["/v1/results.csv"],
    "/v1/results/{result_id}": ["/v1/results/{result}"],
    "/v1/certificates": ["/v1/certificates"],
    "/v1/certificates.{form}": ["/v1/certificates.csv"],
    "/v1/certificates/{serial}": ["/v1/certificates/{serial}"],
    "/v1/evidence": ["/v1/evidence"],
    "/v1/evidence.{form}": ["/v1/evidence.csv"],
    "/v1/evidence/{evidence_id}": ["/v1/evidence/{evidence}"],
    "/v1/events": ["/v1/events"],
}
OF_BOOKS = {
    "/v1/register-books": "/v1/register-books",
    "/v1/register-books/{institution}/{kind}/{year}": "/v1/register-books/{institution}/KNLNN/2026",
}
OF_NOBODY = {
    "/health/live", "/health/ready", "/metrics", "/v1/followed-feeds", "/v1/frameworks", "/v1/frameworks/{code}",
    "/v1/results/batch/template", "/v1/results/batch/template.{form}",
    "/v1/evidence/import/template", "/v1/evidence/import/template.{form}",
    "/v1/verify", "/v1/verify/{serial}", "/v1/register-collisions",
}  # fmt: skip
ONE, OTHER = "DHV", "DHCT"
NUMBERS = {ONE: "038190000001", OTHER: "038190000002", "H56.09": "038190000003"}
NAMES = {ONE: "Người Một", OTHER: "Người Hai", "H56.09": "Người Ba"}
READERS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("institution", {"institution": ONE}, {ONE}),
    ("institution", {"institution": "CTU"}, set()),
    ("authority", {}, {ONE, OTHER, "H56.09"}),
    ("authority", {"agency": "H56"}, {"H56.09"}),
    ("authority", {"agency": "H30"}, set()),
    ("authority", {"bloc": "party"}, set()),
    ("authority", {"bloc": "state"}, {"H56.09"}),
    ("auditor", {}, {ONE, OTHER, "H56.09"}),
    ("auditor", {"agency": "H30"}, set()),
    ("agency", {"agency": "H56.09"}, {"H56.09"}),
    ("agency", {"agency": "H56.DU"}, set()),
    ("official", {"official_code": "O-1"}, set()),
    ("official", {}, set()),
]

World = dict[str, dict[str, str]]


@pytest.fixture
async def world(certification: RunningService, authorise: Authorise) -> World:
    """A certificate of each of two institutions, and a paper filed by H56.09."""
    await authorise(OTHER)
    await learn(
        certification,
        agency("H56", None),
        agency("H56.09", "H56"),
        agency("H56.DU", "H56", system="party", bloc="party"),
        agency("H30", None),
    )
    admin = certification.client()
    found: World = {}
    for number, institution in enumerate((ONE, OTHER), start=1):
        body = sheet(number, institution)
        body["candidate"]["full_name"] = NAMES[institution]
        made = (await admin.post("/v1/results", json=body)).json()
        found[institution] = {
            "institution": institution,
            "result": made["result_id"],
            "serial": made["certificate"]["serial"],
        }
    paper = evidence()
    paper["person"] |= {"citizen_id": NUMBERS["H56.09"], "full_name": NAMES["H56.09"]}
    clerk = certification.client("agency", agency="H56.09")
    filed = await clerk.post("/v1/evidence", json=paper)
    found["H56.09"] = {"evidence": filed.json()["evidence_id"]}
    await certification.sequence()
    return found


def shown(world: World, text: str) -> set[str]:
    return {
        owner
        for owner, marks in world.items()
        if any(
            mark in text
            for mark in (
                NAMES[owner],
                NUMBERS[owner],
                masked(NUMBERS[owner]),
                *(value for name, value in marks.items() if name != "institution"),
            )
        )
    }


async def trail(service: RunningService, caller: str) -> str:
    async with service.database.pool.acquire() as connection:
        rows = await connection.fetch("SELECT subject, detail FROM audit WHERE caller = $1", caller)
    return "\n".join(f"{one['subject']} {one['detail']}" for one in rows)


def test_every_endpoint_is_known_here() -> None:
    paths = {path for path, ways in openapi("certification")["paths"].items() if "get" in ways}
    assert paths == OF_PERSONS.keys() | OF_BOOKS.keys() | OF_NOBODY


@pytest.mark.parametrize(
    ("role", "who", "expected"),
    READERS,
    ids=[" ".join([role, *who.values()]) for role, who, _ in READERS],
)
async def test_what_is_anothers_is_absent_and_reads_are_in_the_trail(
    certification: RunningService,
    world: World,
    role: str,
    who: dict[str, Any],
    expected: set[str],
) -> None:
    for number, path in enumerate(path for many in OF_PERSONS.values() for path in many):
        kind = path.rpartition("{")[2].rstrip("}") if "{" in path else ""
        for owner, marks in world.items() if kind else [("", {})]:
            if kind and kind not in marks:
                continue
            caller = f"reader-{number}-{owner}"
            client = certification.client(role, subject=caller, **who)
            answer = await client.get(path.format(**marks))
            seen = shown(world, answer.text)
            assert seen <= expected, (path, owner, answer.text)
            assert not any(one in answer.text for one in NUMBERS.values()), path
            if role == "auditor":
                assert not any(name in answer.text for name in NAMES.values()), path
            if kind:
                refused = owner not in expected
                assert answer.status_code in ({403, 404} if refused else {200}), (path, owner)
            if answer.status_code == 200 and path != "/v1/events":
                line = await trail(certification, caller)
                for owner_seen in seen:
                    own = world[owner_seen]
                    assert any(own[name] in line for name in own if name != "institution"), path
                assert "Người" not in line
                assert "03819" not in line
    client = certification.client(role, **who)
    if role == "official":
        assert (await client.get("/v1/events")).status_code == 403
        return
    told = str(await certification.events(client))
    assert shown(world, told) == expected
    assert not any(text in told for text in (*NAMES.values(), *NUMBERS.values()))


@pytest.mark.parametrize(
    ("role", "who", "expected"),
    READERS,
    ids=[" ".join([role, *who.values()]) for role, who, _ in READERS],
)
async def test_books_are_those_of_the_own_institution(
    certification: RunningService,
    world: World,
    role: str,
    who: dict[str, Any],
    expected: set[str],
) -> None:
    client = certification.client(role, **who)
    listed = await client.get("/v1/register-books")
    if listed.status_code == 200:
        books = {each["institution_code"] for each in listed.json()["items"]}
        assert books == expected - {"H56.09"}
    for institution in (ONE, OTHER):
        path = OF_BOOKS["/v1/register-books/{institution}/{kind}/{year}"]
        answer = await client.get(path.format(institution=institution))
        assert answer.status_code in ({200} if institution in expected else {403, 404})


async def test_numbers_are_whole_with_the_right_to_read_them_alone(
    certification: RunningService, world: World
) -> None:
    whole = certification.client("auditor", scope="pii:read")
    plain = certification.client("auditor")
    paths = (
        (ONE, "/v1/results", "result"),
        (ONE, "/v1/certificates", "serial"),
        ("H56.09", "/v1/evidence", "evidence"),
    )
    for owner, path, name in paths:
        for asked in (path, f"{path}/{world[owner][name]}"):
            assert NUMBERS[owner] in (await whole.get(asked)).text
            hidden = (await plain.get(asked)).text
            assert NUMBERS[owner] not in hidden
            assert masked(NUMBERS[owner]) in hidden


async def test_a_revocation_told_again_is_answered_anew_and_stored_without_its_holder(
    certification: RunningService, world: World
) -> None:
    issuer = certification.client("institution", institution=ONE, subject="issuer")
    path = f"/v1/certificates/{world[ONE]['serial']}/revocation"
    decision = {"reason_code": "fraud", "decision_number": "4/QĐ", "decided_on": "2026-11-23"}
    once = {"Idempotency-Key": "k"}
    first = await issuer.post(path, json=decision, headers=once)
    again = await issuer.post(path, json=decision, headers=once)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert NAMES[ONE] in again.text
    other = {**decision, "decision_number": "5/QĐ"}
    refused = await issuer.post(path, json=other, headers=once)
    assert refused.json()["code"] == "idempotency_key_reused"
    async with certification.database.pool.acquire() as connection:
        stored = await connection.fetch("SELECT body FROM idempotency")
    assert [one["body"] for one in stored] == [""]
    assert (await trail(certification, "issuer")).count(world[ONE]["serial"]) == 2


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_refusals_never_repeat_a_name_or_a_number(
    certification: RunningService, world: World, language: str
) -> None:
    client = certification.client()
    client.headers["Accept-Language"] = language
    candidate = sheet(1)["candidate"] | {"full_name": NAMES[ONE]}
    sheets: list[dict[str, Any]] = [
        sheet(1, candidate=candidate, scores={**sheet()["scores"], "reading": 1.0}),
        sheet(1, candidate=candidate | {"number": "0009"}),
        sheet(9, candidate=candidate | {"citizen_id": "03819"}),
        sheet(9, candidate=candidate | {"birth_date": NAMES[ONE]}),
        sheet(9, candidate=candidate | {NAMES[ONE]: 1}),
        sheet(9, candidate=candidate | {"full_name": [NAMES[ONE]]}),
        sheet(9, candidate=candidate | {"attendance": NAMES[ONE]}),
        sheet(9, "XXX", candidate=candidate),
    ]
    for body in sheets:
        answer = await client.post("/v1/results", json=body)
        assert answer.status_code in (409, 422), answer.text
        report = await client.post("/v1/results/batch", json=[body])
        assert report.json()["rejected"] == 1, report.text
        for text in (answer.text, report.text):
            assert not [one for one in (NAMES[ONE], "03819") if one in text], text
    person = evidence()["person"] | {"full_name": NAMES[ONE]}
    for person_given in (
        person | {"citizen_id": "03819"},
        person | {"birth_date": NAMES[ONE]},
        person | {NAMES[ONE]: NUMBERS[ONE]},
        person | {"citizen_id": [NUMBERS[ONE]]},
    ):
        paper = evidence(person=person_given)
        answer = await client.post("/v1/evidence", json=paper)
        report = await client.post("/v1/evidence/import", json=[paper])
        assert (answer.status_code, report.json()["rejected"]) == (422, 1)
        for text in (answer.text, report.text):
            assert not [one for one in (NAMES[ONE], "03819") if one in text], text


async def test_an_auditor_reads_persons_with_pii_read_only(
    certification: RunningService, world: World
) -> None:
    path = f"/v1/certificates/{world[ONE]['serial']}"
    without = (await certification.client("auditor").get(path)).json()["holder"]
    assert (without["full_name"], without["birth_date"]) == ("•••", "•••")
    whole = (await certification.client("auditor", scope="pii:read").get(path)).json()["holder"]
    assert (whole["full_name"], whole["identity_number"]) == (NAMES[ONE], NUMBERS[ONE])


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/v1/certificates", (2**31, 1)),
        ("/v1/results", (2**31, "a")),
        ("/v1/register-books", (-(2**31) - 1,)),
    ],
)
async def test_a_cursor_no_row_can_have_is_refused(
    certification: RunningService, path: str, key: tuple[Any, ...]
) -> None:
    answer = await certification.client().get(path, params={"cursor": encode_page_cursor(*key)})
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_unknown")
