"""Every GET of the directory, asked by everybody: what lies elsewhere is absent, numbers are masked, reads
by others are in the trail. An endpoint that this file does not know fails its first test."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from shared.security.masking import masked
from tests.catalogues import openapi
from tests.making.certification_feed import issued, tell
from tests.making.rosters import (
    agency,
    citizen,
    official,
    plant_tree,
    post,
    row,
    send,
)
from tests.running import RunningService

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HERE, THERE, PARTY = "O-1", "O-2", "O-3"
MARKS = {
    HERE: ("O-1", "Người Một", citizen(1), masked(citizen(1)), "S-1"),
    THERE: ("O-2", "Người Hai", citizen(2), masked(citizen(2)), "S-2"),
    PARTY: ("O-3", "Người Ba", citizen(3), masked(citizen(3)), "S-3"),
}
"""What an answer would show of each: code, name, number, masked number, certificate."""

OF_PERSONS = {
    "/v1/officials": [
        ("/v1/officials", {}),
        ("/v1/officials", {"Accept": "text/csv"}),
        ("/v1/officials", {"Accept": XLSX}),
    ],
    "/v1/officials.{form}": [("/v1/officials.csv", {}), ("/v1/officials.xlsx", {})],
    "/v1/officials/{official_code}": [("/v1/officials/{}", {})],
    "/v1/officials/{official_code}/certificates": [("/v1/officials/{}/certificates", {})],
    "/v1/officials/{official_code}/moves": [("/v1/officials/{}/moves", {})],
    "/v1/identity-mismatches": [("/v1/identity-mismatches", {})],
    "/v1/events": [("/v1/events", {})],
}
OF_NOBODY = {
    "/health/live", "/health/ready", "/metrics", "/v1/followed-feeds",
    "/v1/agencies", "/v1/agencies/{code}", "/v1/agencies.{form}",
    "/v1/institutions", "/v1/institutions/{code}", "/v1/institutions.{form}",
    "/v1/job-positions", "/v1/job-positions/{code}", "/v1/job-positions.{form}",
    "/v1/agencies/import/template", "/v1/agencies/import/template.{form}",
    "/v1/officials/import/template", "/v1/officials/import/template.{form}",
}  # fmt: skip
OF_JOININGS = {"/v1/joinings", "/v1/joinings/{joining_id}", "/v1/evidence-waiting"}
"""Of persons too; who sees them is asked where they are made."""
QUESTIONS = [each for many in OF_PERSONS.values() for each in many]
READERS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("agency", {"agency": "X.A"}, {HERE}),
    ("agency", {"agency": "X.B"}, set()),
    ("agency", {"agency": "Y.A"}, {THERE}),
    ("agency", {"agency": "X"}, {HERE, PARTY}),
    ("agency", {"agency": "X", "bloc": "state"}, {HERE}),
    ("authority", {"agency": "X", "bloc": "party"}, {PARTY}),
    ("authority", {"bloc": "party"}, {PARTY}),
    ("authority", {"agency": "Y"}, {THERE}),
    ("auditor", {"agency": "X.A"}, {HERE}),
    ("auditor", {}, {HERE, THERE, PARTY}),
    ("official", {"official_code": HERE}, {HERE}),
    ("official", {}, set()),
    ("institution", {"institution": "VINH"}, set()),
    ("agency", {"agency": "nowhere"}, set()),
]


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    """One person each in X.A, in Y.A and in the Party's X.P, with a certificate that is theirs and one
    that gives another birth date."""
    admin = enrolment.client()
    await plant_tree(admin)
    bodies = {HERE: "X.A", THERE: "Y.A", PARTY: "X.P"}
    for number, code in enumerate(MARKS, start=1):
        body = official(number, post(bodies[code]), full_name=MARKS[code][1])
        assert (await admin.put(f"/v1/officials/{code}", json=body)).status_code == 201
        own = issued(number, serial=f"S-{number}")
        other = issued(number, "1985-03-20", serial=f"S-{number}-lệch")
        await tell(enrolment, own, other)
    await enrolment.settle()
    return enrolment


def text_of(answer: httpx.Response) -> str:
    if answer.headers["content-type"] != XLSX:
        return answer.text
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return "\n".join(str(cells) for cells in book.get_sheet_by_index(0).to_python())


def shown(text: str) -> set[str]:
    return {code for code, marks in MARKS.items() if any(mark in text for mark in marks)}


async def trail(service: RunningService, caller: str) -> str:
    async with service.database.pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT subject, detail FROM audit WHERE caller = $1 AND action <> 'feed'", caller
        )
    return "\n".join(f"{one['subject']} {one['detail']}" for one in rows)


def test_every_endpoint_is_known_here() -> None:
    paths = {path for path, ways in openapi("enrolment")["paths"].items() if "get" in ways}
    assert paths == OF_PERSONS.keys() | OF_NOBODY | OF_JOININGS


@pytest.mark.parametrize(
    ("role", "who", "expected"),
    READERS,
    ids=[" ".join([role, *who.values()]) for role, who, _ in READERS],
)
async def test_persons_elsewhere_are_absent_and_reads_are_in_the_trail(
    service: RunningService, role: str, who: dict[str, Any], expected: set[str]
) -> None:
    for number, (path, headers) in enumerate(QUESTIONS):
        single = "{}" in path
        for code in MARKS if single else [""]:
            caller = f"reader-{number}-{code}"
            client = service.client(role, subject=caller, **who)
            answer = await client.get(path.format(code), headers=headers)
            text = text_of(answer)
            if single and code not in expected:
                assert answer.status_code == 404, (path, code)
                assert shown(text) == set(), (path, code)
                continue
            assert answer.status_code in (200, 403, 404), (path, text)
            seen = shown(text)
            assert seen <= expected, (path, text)
            assert not any(marks[2] in text for marks in MARKS.values()) or role == "official"
            if role == "auditor":  # facts and counts, no persons; names cannot be asked for either
                assert not any(marks[1] in text for marks in MARKS.values()), path
            if answer.status_code == 200 and expected and not single and role != "official":
                assert seen == expected, (path, text)
            if role != "official" and path != "/v1/events":
                line = await trail(service, caller)
                persons = {code} if single else seen
                assert all(person in line for person in persons), (path, line)
                assert "Người" not in line
                assert "0380" not in line


@pytest.mark.parametrize("role", ["agency", "auditor"])
async def test_numbers_are_whole_for_those_who_may_read_them_alone(
    service: RunningService, role: str
) -> None:
    who = {"agency": "X.A"}
    plain = service.client(role, **who)
    trusted = service.client(role, scope="pii:read", **who)
    for path in ("/v1/officials", "/v1/officials/O-1", "/v1/officials.csv", "/v1/officials.xlsx"):
        masked_text, whole = text_of(await plain.get(path)), text_of(await trusted.get(path))
        assert MARKS[HERE][2] not in masked_text
        assert MARKS[HERE][3] in masked_text, path
        assert MARKS[HERE][2] in whole, path
    own = await service.client("official", official_code=HERE).get("/v1/officials/O-1")
    assert own.json()["citizen_id"] == MARKS[HERE][2]


async def test_the_queue_of_mismatches_tells_nothing_of_others_by_its_cursor(
    service: RunningService,
) -> None:
    clerk = service.client("agency", agency="X.A")
    await tell(service, issued(1, "1985-03-21", serial="S-1-khác"))
    await service.settle()
    page = (await clerk.get("/v1/identity-mismatches", params={"limit": 1})).json()
    assert [each["official_code"] for each in page["items"]] == [HERE]
    asked = {"limit": 1, "after": page["next"]}
    rest = (await clerk.get("/v1/identity-mismatches", params=asked)).json()
    assert [each["official_code"] for each in rest["items"]] == [HERE]
    assert rest["next"] is None
    assert {rest["items"][0]["reference"], page["items"][0]["reference"]} == {
        "S-1-lệch",
        "S-1-khác",
    }


async def test_a_complete_roster_names_nobody_of_the_other_bloc(service: RunningService) -> None:
    for bloc, left_out in (("state", [HERE]), ("party", [PARTY]), (None, [HERE, PARTY])):
        clerk = service.client("agency", agency="X", bloc=bloc)
        report = await send(clerk, "/v1/officials/import", [], complete_for="X")
        assert report["not_listed"] == left_out, bloc
    other = service.client("agency", agency="Y")
    refused = await other.post("/v1/officials/import?complete_for=X", json=[])
    assert refused.status_code == 404


async def test_bodies_elsewhere_are_absent(service: RunningService) -> None:
    clerk = service.client("agency", agency="X.A")
    listed = (await clerk.get("/v1/agencies")).json()["items"]
    assert [each["code"] for each in listed] == ["X.A", "X.A.1"]
    for code in ("X", "X.B", "Y", "Y.A"):
        assert (await clerk.get(f"/v1/agencies/{code}")).status_code == 404
        assert (await clerk.get("/v1/agencies", params={"under": code})).status_code == 404
        assert (await clerk.get("/v1/officials", params={"agency": code})).status_code == 404
    for role, who in (("institution", {"institution": "VINH"}), ("official", {})):
        stranger = service.client(role, **who)
        for path in ("/v1/agencies", "/v1/agencies/X", "/v1/job-positions"):
            assert (await stranger.get(path)).status_code == 404


async def test_a_lookup_is_stored_nowhere_and_read_anew(service: RunningService) -> None:
    clerk = service.client("agency", agency="X.A", subject="clerk")
    body = {"official_codes": [HERE, THERE]}
    once = {"Idempotency-Key": "k"}
    first = await clerk.post("/v1/officials/lookup", json=body, headers=once)
    again = await clerk.post("/v1/officials/lookup", json=body, headers=once)
    assert first.json() == again.json()
    assert first.json()["missing"] == [THERE]
    assert again.headers["idempotency-replayed"] == "true"
    other = await clerk.post("/v1/officials/lookup", json={"official_codes": []}, headers=once)
    assert other.json()["code"] == "idempotency_key_reused"
    async with service.database.pool.acquire() as connection:
        stored = await connection.fetch("SELECT body FROM idempotency")
    assert [one["body"] for one in stored] == [""]
    assert (await trail(service, "clerk")).count(HERE) == 2


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_refusals_never_repeat_a_name_or_a_number(
    service: RunningService, language: str
) -> None:
    clerk = service.client("agency", agency="X.B")
    clerk.headers["Accept-Language"] = language
    secrets = (citizen(2), "Người Hai", "03808599999", "Người\x00Lạ", "Người Lạ")
    bodies: list[dict[str, Any]] = [
        official(2, post("X.B"), full_name="Người Lạ"),
        official(9, post("Y.A"), full_name="Người Lạ"),
        official(9, post("X.B"), full_name="Người\x00Lạ"),
        official(9, post("X.B"), full_name=["Người Lạ"]),
        official(9, post("X.B"), full_name="Người Lạ", citizen_id="03808599999"),
        official(9, post("X.B"), full_name="Người Lạ", birth_date="Người Lạ"),
        official(9, post("X.B", **{"Người Lạ": 1}), full_name="Người Lạ"),
        official(9, post("X.B"), full_name="Người Lạ", sex="Người Lạ"),
    ]
    for body in bodies:
        answer = await clerk.put("/v1/officials/O-9", json=body)
        assert answer.status_code in (409, 422), answer.text
        assert not [secret for secret in secrets if secret in answer.text], answer.text
        report = await clerk.post("/v1/officials/import", json=[{"official_code": "O-9", **body}])
        assert report.json()["rejected"] == 1, report.text
        assert not [secret for secret in secrets if secret in report.text], report.text


@pytest.mark.parametrize("code", ["import", "lookup", "A/1", "template", "Import"])
async def test_whatever_is_stored_can_be_asked_for_by_its_code(
    service: RunningService, code: str
) -> None:
    admin = service.client()
    report = await send(admin, "/v1/officials/import", [row(7) | {"official_code": code}])
    body = await send(admin, "/v1/agencies/import", [agency(code)])
    if code in ("import", "lookup", "A/1"):
        for refused, pointer in ((report, "/official_code"), (body, "/code")):
            (fault,) = refused["errors"]
            assert (fault["pointer"], fault["code"]) == (pointer, "code_malformed")
            assert "“import”" in fault["message"]
        return
    assert (report["created"], body["created"]) == (1, 1)
    for path in ("officials/{}", "officials/{}/certificates", "officials/{}/moves", "agencies/{}"):
        answer = await admin.get(f"/v1/{path.format(code)}")
        assert answer.status_code == 200, (path, answer.text)
    again = await admin.put(f"/v1/officials/{code}", json=official(7), headers={"If-Match": "*"})
    assert again.status_code == 200
