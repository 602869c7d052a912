"""Serials, register numbers, session codes and candidate numbers are one however they are typed; what stood
before and collides stays, and names nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.certification.recording import repository
from services.certification.recording.rows import SessionKey
from shared.persistence.migrations import migrate, runtime_dsn
from tests.databases import Databases, schema_of
from tests.making.certification import Authorise, sheet
from tests.running import ROLE_SECRET, InProcessTransport, MovableClock, RunningService, running

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
LIKE_X = ("DHV/x ", "dhv/x", " DHV / x", "DHV/x\u00a0", "DHV/\u3000X")


def own(number: int, serial: str, register_number: str, **changes: Any) -> dict[str, Any]:
    numbers = {"serial": serial, "register_number": register_number}
    return sheet(number, issued_on="2026-10-01", **changes) | {"certificate": numbers}


@pytest.mark.parametrize("typed", LIKE_X)
@pytest.mark.parametrize("at_once", [False, True])
async def test_a_serial_that_differs_in_case_or_spaces_is_in_use(
    certification: RunningService, authorise: Authorise, typed: str, at_once: bool
) -> None:
    client = certification.client()
    bodies = own(1, "DHV/x", "1"), own(2, typed, "2")
    if at_once:
        first, second = await asyncio.gather(
            *(client.post("/v1/results", json=body) for body in bodies)
        )
    else:
        first, second = [await client.post("/v1/results", json=body) for body in bodies]
    refused, kept = sorted((first, second), key=lambda answer: -answer.status_code)
    assert (kept.status_code, refused.status_code) == (201, 409)
    assert refused.json()["code"] == "serial_in_use"
    assert refused.json()["errors"][0]["pointer"] == "/certificate/serial"


async def test_the_same_sheet_in_other_letters_is_the_same_sheet(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    made = await client.post("/v1/results", json=own(1, "DHV/x", "0012/2026"))
    again = own(1, " dhv/X", "12")
    again["exam_session"] = {**again["exam_session"], "code": " 2026-09\u00a0"}
    again["candidate"] = {**again["candidate"], "number": "00 01"}
    told = await client.post("/v1/results", json=again)
    assert (made.status_code, told.status_code) == (201, 200)
    assert told.json() == made.json()
    assert told.json()["certificate"]["serial"] == "DHV/x"
    batch = await client.post("/v1/results/batch", json=[again])
    assert (batch.json()["recorded"], batch.json()["duplicates"]) == (0, 1)


async def test_a_register_number_is_compared_within_its_book_and_year(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    assert (await client.post("/v1/results", json=own(1, "A1", "0012/2026"))).status_code == 201
    taken = await client.post("/v1/results", json=own(2, "A2", "12"))
    assert (taken.status_code, taken.json()["code"]) == (409, "register_number_in_use")
    for number, free in enumerate(("12/2025", "12A", "2026/13"), start=3):
        answer = await client.post("/v1/results", json=own(number, f"A{number}", free))
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("code", ["2026-09 ", " 2026-09", "2026 -09"])
async def test_sessions_and_candidates_are_known_in_any_spelling(
    certification: RunningService, authorise: Authorise, code: str
) -> None:
    client = certification.client()
    held_on = "2026-09-20"
    first = await client.post("/v1/results", json=sheet(1))
    second = sheet(2, exam_session={"code": code, "held_on": held_on})
    assert (await client.post("/v1/results", json=second)).status_code == 201
    listed = (await client.get("/v1/results", params={"session": code.upper()})).json()["items"]
    assert [item["exam_session"]["code"] for item in listed] == ["2026-09", "2026-09"]
    other = sheet(3, exam_session={"code": code, "held_on": held_on})
    other["candidate"]["number"] = " 0001"
    taken = await client.post("/v1/results", json=other)
    assert (taken.status_code, taken.json()["code"]) == (409, "result_conflict")
    events = await certification.events()
    assert {
        event["data"]["exam_session"] for event in events if "exam_session" in event["data"]
    } == {"2026-09"}
    assert first.status_code == 201


async def test_one_batch_that_writes_a_session_in_two_ways_opens_one(
    certification: RunningService, authorise: Authorise
) -> None:
    rows = [
        sheet(n, exam_session={"code": code, "held_on": "2026-09-20"})
        for n, code in enumerate(("K1 ", "k1", "K 1"), start=1)
    ]
    client = certification.client()
    report = (await client.post("/v1/results/batch", json=rows)).json()
    assert (report["recorded"], report["rejected"]) == (3, 0)
    listed = (await client.get("/v1/results", params={"session": "k1"})).json()["items"]
    assert len({item["exam_session"]["code"] for item in listed}) == 1
    assert len(listed) == 3


async def test_a_list_goes_on_from_page_to_page_in_the_order_of_its_numbers(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    for n, number in enumerate(("b2", "A1", "a3", "B10"), start=1):
        body = sheet(n)
        body["candidate"]["number"] = number
        assert (await client.post("/v1/results", json=body)).status_code == 201
    seen, cursor = [], None
    for _ in range(4):
        page = await client.get("/v1/results", params={"limit": 1, "cursor": cursor or ""})
        seen += [item["candidate"]["number"] for item in page.json()["items"]]
        cursor = page.json()["next"]
    assert (seen, cursor) == (["A1", "a3", "B10", "b2"], None)


@pytest.mark.parametrize(
    "typed", ["DHV/x", "dhv/x", "DHV/x ", "%20DHV%2Fx", "DHV%2fx%0A", "DHV/x%0D%0A", "DHV%C2%A0/x"]
)
async def test_a_certificate_is_found_by_its_serial_in_any_spelling(
    certification: RunningService, authorise: Authorise, typed: str
) -> None:
    client, public = certification.client(), certification.client(None)
    assert (await client.post("/v1/results", json=own(1, "DHV/x", "1"))).status_code == 201
    answer = await public.get("/v1/verify", params={"serial": "dhv / X\r\n"})
    assert (answer.status_code, answer.json()["serial"]) == (200, "DHV/x")
    for path in (f"/v1/verify/{typed}", f"/v1/certificates/{typed}"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["serial"]) == (200, "DHV/x")


async def test_letters_typed_for_digits_are_answered_where_the_check_character_fits(
    certification: RunningService, authorise: Authorise
) -> None:
    public = certification.client(None)
    made = (await certification.client().post("/v1/results", json=sheet())).json()
    serial: str = made["certificate"]["serial"]
    head, check = serial[:-1].replace("0", "O").replace("1", "l"), serial[-1]
    for typed in (head + check, head.lower() + check, serial.translate(FULL_WIDTH)):
        found = await public.get("/v1/verify", params={"serial": typed})
        assert (found.status_code, found.json()["serial"]) == (200, serial)
        known = await public.post(f"/v1/verify/{typed}", json={"full_name": "Nguyễn Thị Ví Dụ"})
        assert known.status_code == 200
    wrong = head + next(char for char in "ABC" if char != check)
    refused = await public.get("/v1/verify", params={"serial": wrong})
    assert (refused.status_code, "did_you_mean" in refused.json()) == (404, False)


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_another_separator_or_zero_is_offered_and_never_answered(
    certification: RunningService, authorise: Authorise, language: str
) -> None:
    await authorise("DHCT")
    client, public = certification.client(), certification.client(None)
    ours = (await client.post("/v1/results", json=sheet(1))).json()["certificate"]["serial"]
    theirs = sheet(2, "DHCT", issued_on="2026-10-01")
    theirs["certificate"] = {"serial": "DHCT/2026/0007", "register_number": "7"}
    assert (await client.post("/v1/results", json=theirs)).status_code == 201
    check = ours[-1]
    for typed, meant in (
        (f"DHV 2026 1 {check}", ours),
        (f"DHV2026000001{check}", ours),
        (f"{ours}/", ours),
        (f"/{ours}", ours),
        (ours.replace(".", "-"), ours),
        ("DHCT/2026/7", "DHCT/2026/0007"),
        ("dhct.2O26.0007", "DHCT/2026/0007"),
        ("DHCT/2026/0007/", "DHCT/2026/0007"),
    ):
        asked = {"serial": typed, "lang": language}
        told = await public.get("/v1/verify", params=asked)
        assert (told.status_code, told.json().get("did_you_mean")) == (404, meant), typed
        assert "status_vi" not in told.text
        page = await public.get("/v1/verify", params=asked, headers=BROWSER)
        assert (page.status_code, f'href="/v1/verify/{meant}?lang={language}"' in page.text) == (
            404,
            True,
        )
        claim = {"full_name": "Nguyễn Thị Ví Dụ"}
        assert (await public.post(f"/v1/verify/{typed}", json=claim)).status_code == 404
    for typed in ("DHCT/2026/70", "DHV.2026.000002.X", "///", " . ", "2026"):
        told = await public.get("/v1/verify", params={"serial": typed})
        assert "did_you_mean" not in told.json(), typed


async def test_where_several_may_be_meant_nobody_is_named(
    certification: RunningService, authorise: Authorise
) -> None:
    client, public = certification.client(), certification.client(None)
    for n, serial in enumerate(("DHV/07", "DHV-7", "DHV 70"), start=1):
        assert (await client.post("/v1/results", json=own(n, serial, str(n)))).status_code == 201
    several = await public.get("/v1/verify", params={"serial": "DHV.7"})
    assert (several.status_code, "did_you_mean" in several.json()) == (404, False)
    assert "gần giống" in several.json()["detail"], "what to look at is said"
    one = await public.get("/v1/verify", params={"serial": "DHV/7"})
    assert one.status_code == 404
    exact = await public.get("/v1/verify/DHV/07")
    assert (exact.status_code, exact.json()["serial"]) == (200, "DHV/07")


async def test_no_serial_of_ones_own_has_the_form_of_the_system_s_in_small_letters(
    certification: RunningService, authorise: Authorise
) -> None:
    refused = await certification.client().post(
        "/v1/results", json=own(1, "dhv.2026.000001. c", "1")
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "serial_reserved")


OLD = """
    SET search_path = certification;
    INSERT INTO institution (institution_code, version, kind, authorisations) VALUES ('DHV', 0, 'x', '[]');
    INSERT INTO exam_session (institution_code, code, held_on, framework, issuance, status, version)
    VALUES ('DHV', '2026-09', '2026-09-20', 'KNLNNVN-2014', 'on_posting', 'open', 1),
           ('DHV', '2026-09 ', '2026-09-20', 'KNLNNVN-2014', 'on_posting', 'open', 1),
           ('DHCT', '2026-09', '2026-09-20', 'KNLNNVN-2014', 'on_posting', 'open', 1);
    INSERT INTO register_book (institution_code, kind, year, numbering, last_line)
    VALUES ('DHV', 'KNLNN', 2026, 'institution', 4), ('DHV', 'KNLNN', 2025, 'institution', 1);
    INSERT INTO exam_result
    SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, 1, number, decode(md5(n::text), 'hex'), '',
           'citizen_id', 'VN', '0381900' || lpad(n::text, 5, '0'), name, '1990-05-02', 'present', 'VSTEP.3-5',
           'en', 13, 14, 11, 12, 13, 4, 'VSTEP.3-5/729-2015', now() + n * interval '1 second'
    FROM (VALUES (1, '0001', 'Người Thứ Nhất'), (2, '0001 ', 'Người Thứ Hai'), (3, '0003', 'Người Thứ Ba'),
                 (4, '0004', 'Người Thứ Tư')) AS old (n, number, name);
    INSERT INTO register_entry
    SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, book, n, number, serial, NULL, true, false,
           ('00000000-0000-7000-8000-00000000000' || n)::uuid, 1, 'KNLNNVN-2014', 4, 'en', '2026-10-01', NULL,
           NULL, NULL, NULL, NULL, NULL, now() + n * interval '1 second'
    FROM (VALUES (1, 1, '0012/2026', 'DHV/x'), (2, 1, '12', 'dhv/x '), (3, 1, '13', 'DHV/z'),
                 (4, 2, '12', 'DHV/y')) AS old (n, book, number, serial);
"""


@pytest.fixture
async def old_register(
    databases: Databases, service_home: Path, clock: MovableClock, transport: InProcessTransport
) -> AsyncIterator[RunningService]:
    """Migrated with lines that were different while they were compared as written."""
    schema = schema_of("certification")
    async with databases.empty("collisions") as dsn:
        await migrate(dsn, schema, ROLE_SECRET, "0008")
        connection = await asyncpg.connect(dsn)
        await connection.execute(OLD)
        await connection.close()
        await migrate(dsn, schema, ROLE_SECRET)
        own_dsn = runtime_dsn(dsn, schema, ROLE_SECRET)
        async with running("certification", own_dsn, service_home, clock, transport) as service:
            yield service


async def test_lines_that_collide_stay_and_name_nobody(old_register: RunningService) -> None:
    client, public = old_register.client(), old_register.client(None)
    listed = (await client.get("/v1/certificates")).json()["items"]
    assert [each["serial"] for each in listed] == ["DHV/x", "dhv/x ", "DHV/z", "DHV/y"]
    for typed in ("DHV/x", "dhv/x ", "DHV/X"):
        told = await public.get("/v1/verify", params={"serial": typed})
        assert (told.status_code, told.json()["code"]) == (409, "serial_ambiguous")
        page = await public.get("/v1/verify", params={"serial": typed}, headers=BROWSER)
        assert page.status_code == 409
        assert "Người Thứ" not in told.text + page.text
        hidden = await client.get(f"/v1/certificates/{typed.replace(' ', '%20')}")
        assert (hidden.status_code, hidden.json()["code"]) == (409, "serial_ambiguous")
    # Who holds one of them in hand is shown that one; who fits both is shown none.
    known = await public.post("/v1/verify/DHV/x", json={"full_name": "người thứ hai"})
    assert (known.status_code, known.json()["serial"]) == (200, "dhv/x ")
    both = await public.post("/v1/verify/DHV/x", json={"birth_date": "1990-05-02"})
    assert both.status_code == 404
    alone = await public.get("/v1/verify/dhv/Z")
    assert (alone.status_code, alone.json()["serial"]) == (200, "DHV/z")


async def test_lines_that_collide_are_listed_without_persons(old_register: RunningService) -> None:
    found = await old_register.client().get("/v1/register-collisions")
    assert found.status_code == 200
    listed = [
        (one["kind"], [line["written"] for line in one["lines"]]) for one in found.json()["items"]
    ]
    assert listed == [
        ("serial", ["DHV/x", "dhv/x "]),
        ("register_number", ["0012/2026", "12"]),
        ("exam_session", ["2026-09", "2026-09 "]),
        ("candidate_number", ["0001", "0001 "]),
    ]
    assert found.json()["complete"] is True
    assert not [word for word in ("Người", "0381900", "1990") if word in found.text]
    other = old_register.client("institution", institution="DHCT")
    assert (await other.get("/v1/register-collisions")).json()["items"] == []
    own = old_register.client("institution", institution="DHV")
    assert len((await own.get("/v1/register-collisions")).json()["items"]) == 4
    confined = old_register.client("authority", agency="H56")
    assert (await confined.get("/v1/register-collisions")).status_code == 404


async def test_one_of_several_is_reached_by_its_id(old_register: RunningService) -> None:
    client = old_register.client()
    told = (await client.get("/v1/certificates/DHV/x")).json()
    assert [each["serial"] for each in told["certificates"]] == ["DHV/x", "dhv/x "]
    which = {"certificate_id": told["certificates"][1]["certificate_id"]}
    one = await client.get("/v1/certificates/DHV/x", params=which)
    assert (one.status_code, one.json()["holder"]["full_name"]) == (200, "Người Thứ Hai")
    decision = {"reason_code": "fraud", "decision_number": "4/QĐ", "decided_on": "2026-11-20"}
    path = "/v1/certificates/DHV/x/revocation"
    assert (await client.post(path, json=decision)).status_code == 409
    revoked = await client.post(path, json=decision, params=which)
    assert (revoked.status_code, revoked.json()["serial"]) == (201, "dhv/x ")
    again = await client.post(path, json={**decision, "decision_number": "4/qđ "}, params=which)
    assert again.status_code == 200
    other = {"certificate_id": "00000000-0000-7000-8000-000000000003"}
    assert (await client.get("/v1/certificates/DHV/x", params=other)).status_code == 404


async def test_an_old_session_is_found_as_it_is_written_else_the_oldest(
    old_register: RunningService,
) -> None:
    keys = [SessionKey("DHV", code) for code in ("2026-09", "2026-09 ", " 2026-09")]
    async with old_register.database.pool.acquire() as connection:
        found = await repository.find_sessions(connection, [*keys, SessionKey("DHCT", "2026-09 ")])
    assert {tuple(key): row.session_id for key, row in found.items()} == {
        ("DHV", "2026-09"): 1,
        ("DHV", "2026-09 "): 2,
        ("DHV", " 2026-09"): 1,
        ("DHCT", "2026-09 "): 3,
    }
