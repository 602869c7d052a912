"""The register of certificates: numbers, versions, revocation, verification."""

from __future__ import annotations

import asyncio
import datetime as dt
import random

import httpx
import pytest

from services.certification.registry.serials import is_well_formed
from tests.making.certification import Authorise, scores, sheet
from tests.running import MovableClock, RunningService


async def test_numbers_are_gapless_and_serials_unique_under_32_writers_and_aborts(
    certification: RunningService, authorise: Authorise
) -> None:
    """Some sheets are refused inside their transaction (a session day that differs, a conflict), some
    earn nothing: none of them leaves a hole."""
    await authorise("DHCT")
    client = certification.client()
    await client.post("/v1/results", json=sheet(90_000))
    await client.post("/v1/results", json=sheet(90_000, "DHCT"))
    rng = random.Random(7)
    numbers = iter(range(1, 10_000))

    async def writer() -> list[httpx.Response]:
        answers = []
        for _ in range(12):
            institution = rng.choice(("DHV", "DHCT"))
            body = sheet(next(numbers), institution, scores=scores(rng.choice((12, 16, 24, 34))))
            if rng.random() < 0.15:
                body["exam_session"] = {"code": "2026-09", "held_on": "2026-09-21"}
            elif rng.random() < 0.15:
                body["candidate"] = {**body["candidate"], "number": "90000"}
            answers.append(await client.post("/v1/results", json=body))
        return answers

    answers = [one for many in await asyncio.gather(*(writer() for _ in range(32))) for one in many]
    assert {answer.status_code for answer in answers} == {201, 409}
    certificates = [
        answer.json()["certificate"]
        for answer in answers
        if answer.status_code == 201 and answer.json()["certificate"]
    ]
    serials = [certificate["serial"] for certificate in certificates]
    assert len(set(serials)) == len(serials) > 150
    assert all(is_well_formed(serial) for serial in serials)
    for institution in ("DHV", "DHCT"):
        given = sorted(
            int(certificate["register_number"])
            for certificate in certificates
            if certificate["register_book"].startswith(f"{institution}/")
        )
        assert given == list(range(2, len(given) + 2))
        book = (await client.get(f"/v1/register-books/{institution}/KNLNN/2026")).json()
        assert book["lines"] == len(given) + 1


async def test_the_first_sheet_after_a_restart_of_the_database_is_recorded(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    assert (await client.post("/v1/results", json=sheet(1))).status_code == 201
    other = await certification.database.connect()
    await other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await other.close()
    while not certification.app.state.results.writer.is_cut_off:
        await asyncio.sleep(0.01)
    assert (await client.post("/v1/results", json=sheet(2))).status_code == 201


async def test_lost_connections_lose_nothing_acknowledged_and_leave_no_hole(
    certification: RunningService, authorise: Authorise
) -> None:
    """Backends are killed under 32 writers; whoever got 503 sends the sheet again."""
    client = certification.client()
    answered: dict[int, httpx.Response] = {}

    async def writer(first: int) -> None:
        for number in range(first, first + 12):
            for _ in range(50):
                answer = await client.post("/v1/results", json=sheet(number))
                if answer.status_code != 503:
                    break
                await asyncio.sleep(0.02)
            answered[number] = answer

    async def killer() -> int:
        killing = await certification.database.connect()
        killed = 0
        for _ in range(6):
            await asyncio.sleep(0.05)
            killed += await killing.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await killing.close()
        return killed

    killed, *_ = await asyncio.gather(killer(), *(writer(1 + 12 * n) for n in range(32)))
    assert killed > 6
    assert {answer.status_code for answer in answered.values()} <= {200, 201}
    numbers = [int(answer.json()["certificate"]["register_number"]) for answer in answered.values()]
    assert sorted(numbers) == list(range(1, 385))
    assert len(await certification.events()) == 384


async def test_a_killed_transaction_gives_its_numbers_back(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    await client.post("/v1/results", json=sheet(1))
    async with certification.database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("UPDATE register_book SET last_line = last_line + 5")
        waiting = asyncio.create_task(client.post("/v1/results", json=sheet(2)))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await transaction.rollback()
    assert (await waiting).json()["certificate"]["register_number"] == "2"


async def test_the_runtime_role_cannot_rewrite_the_register(
    certification: RunningService, authorise: Authorise
) -> None:
    await certification.client().post("/v1/results", json=sheet())
    async with certification.database.pool.acquire() as connection:
        for table in ("register_entry", "register_annex", "exam_result", "evidence", "outbox"):
            for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
                with pytest.raises(Exception, match="permission denied"):
                    await connection.execute(statement)
        with pytest.raises(Exception, match="permission denied"):
            await connection.execute("UPDATE register_entry SET level = 5")


async def test_a_line_dated_before_the_one_above_it_is_marked(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    marks = []
    for number, issued_on in enumerate(("2026-10-05", "2026-10-01", "2026-10-01", "2026-10-09"), 1):
        answer = await client.post("/v1/results", json=sheet(number, issued_on=issued_on))
        marks.append(answer.json()["certificate"]["late_entry"])
    assert marks == [False, True, False, False]


async def test_a_book_begins_anew_each_year(
    certification: RunningService, authorise: Authorise, clock: MovableClock
) -> None:
    client = certification.client()
    await client.post("/v1/results", json=sheet(1))
    clock.day = dt.date(2027, 1, 2)
    answer = await client.post("/v1/results", json=sheet(2))
    certificate = answer.json()["certificate"]
    assert certificate["register_book"] == "DHV/KNLNN/2027"
    assert certificate["register_number"] == "1"
    again = await client.post("/v1/results", json=sheet(1))
    assert again.status_code == 200
    assert again.json()["certificate"]["register_book"] == "DHV/KNLNN/2026"


async def test_an_institution_may_number_its_own_book(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client("institution", institution="DHV")
    path = "/v1/register-books/DHV/KNLNN/2026"
    opened = await client.put(path, json={"numbering": "institution"})
    assert opened.status_code == 201, opened.text
    missing = await client.post("/v1/results", json=sheet(1))
    assert missing.json()["code"] == "register_number_required"
    half = await client.post("/v1/results", json=sheet(1, certificate={"serial": "A1"}))
    assert half.json()["code"] == "register_number_required"
    for number, given in enumerate(("0001/2026", "0002/2026", "0005/2026"), 1):
        own = {"serial": f"A {number}/X", "register_number": given, "register_book": "Sổ 3"}
        answer = await client.post("/v1/results", json=sheet(number, certificate=own))
        assert answer.status_code == 201, answer.text
        assert answer.json()["certificate"]["serial"] == f"A {number}/X"
        assert answer.json()["certificate"]["register_number"] == given
        assert answer.json()["certificate"]["register_book"] == "Sổ 3"
    taken = {"serial": "A 1/X", "register_number": "0009/2026"}
    answer = await client.post("/v1/results", json=sheet(9, certificate=taken))
    assert (answer.status_code, answer.json()["code"]) == (409, "serial_in_use")
    taken = {"serial": "A 9", "register_number": "0005/2026"}
    answer = await client.post("/v1/results", json=sheet(9, certificate=taken))
    assert (answer.status_code, answer.json()["code"]) == (409, "register_number_in_use")
    reserved = {"serial": "DHV.2026.000007.X", "register_number": "7"}
    answer = await client.post("/v1/results", json=sheet(9, certificate=reserved))
    assert answer.json()["code"] == "serial_reserved"
    book = (await client.get(path)).json()
    assert book["lines"] == 3
    assert book["gaps"] == [{"first": 3, "last": 4}]
    shown = await client.get("/v1/certificates/A%201%2FX")
    assert shown.json()["serial"] == "A 1/X"
    change = await client.put(path, json={"numbering": "bac"})
    assert change.status_code == 428
    change = await client.put(path, json={"numbering": "bac"}, headers={"If-Match": "*"})
    assert (change.status_code, change.json()["code"]) == (409, "register_book_in_use")


async def test_a_book_numbered_by_the_system_takes_no_own_number(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    await client.post("/v1/results", json=sheet(1))
    own = {"serial": "A1", "register_number": "7"}
    answer = await client.post("/v1/results", json=sheet(2, certificate=own))
    assert (answer.status_code, answer.json()["code"]) == (409, "book_numbered_by_bac")
    assert (await client.get("/v1/register-books/DHV/KNLNN/2026")).json()["lines"] == 1


async def test_one_bad_sheet_does_not_fail_its_neighbours(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    own = {"serial": "A1", "register_number": "1"}
    await client.post("/v1/results", json=sheet(100, certificate=own))
    bodies = [
        sheet(
            n, certificate={"serial": "A1" if n % 5 == 0 else f"B{n}", "register_number": f"9{n}"}
        )
        for n in range(1, 31)
    ]
    answers = await asyncio.gather(*(client.post("/v1/results", json=body) for body in bodies))
    for number, answer in enumerate(answers, 1):
        expected = 409 if number % 5 == 0 else 201
        assert answer.status_code == expected, answer.text
    assert (await client.get("/v1/register-books/DHV/KNLNN/2026")).json()["lines"] == 25


VERSION = {"reason": "remarking", "decision_number": "12/QĐ", "decided_on": "2026-11-10"}


async def test_a_raised_level_supersedes_the_certificate(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client("institution", institution="DHV")
    first = (await client.post("/v1/results", json=sheet(issued_on="2026-10-01"))).json()
    path = f"/v1/results/{first['result_id']}/versions"
    answer = await client.post(path, json={**VERSION, "scores": scores(34)})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["version"], body["level"]) == (2, 5)
    assert body["superseded"] == first["certificate"]["serial"]
    assert body["certificate"]["issued_on"] == "2026-11-10"
    assert body["certificate"]["register_number"] == "2"
    again = await client.post(path, json={**VERSION, "scores": scores(34)})
    assert (again.status_code, again.json()) == (200, body)
    other = await client.post(path, json={**VERSION, "scores": scores(20)})
    assert (other.status_code, other.json()["code"]) == (409, "result_version_conflict")
    old = (await client.get(f"/v1/certificates/{first['certificate']['serial']}")).json()
    assert (old["status"], old["superseded_by"]) == ("superseded", body["certificate"]["serial"])
    new = (await client.get(f"/v1/certificates/{body['certificate']['serial']}")).json()
    assert (new["status"], new["supersedes"]) == ("valid", old["serial"])
    issued, superseded, reissued = await certification.events()
    assert superseded["type"] == "vn.bac.certificate.superseded.v1"
    assert superseded["data"]["superseded_by"] == new["serial"]
    assert superseded["data"]["decided_on"] == "2026-11-10"
    assert superseded["data"]["version"] == 2
    assert reissued["data"]["supersedes"] == issued["data"]["serial"]
    result = (await client.get(f"/v1/results/{first['result_id']}")).json()
    assert [version["level"] for version in result["versions"]] == [4, 5]
    assert result["certificate"]["serial"] == new["serial"]
    sheet_again = await client.post("/v1/results", json=sheet(issued_on="2026-10-01"))
    assert sheet_again.status_code == 200
    assert sheet_again.json()["certificate"]["status"] == "superseded"


async def test_an_unchanged_level_keeps_the_certificate(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    first = (await client.post("/v1/results", json=sheet(issued_on="2026-10-01"))).json()
    path = f"/v1/results/{first['result_id']}/versions"
    answer = await client.post(path, json={**VERSION, "scores": scores(26)})
    assert answer.json()["certificate"] == first["certificate"]
    assert answer.json()["superseded"] is None
    assert len(await certification.events()) == 1


async def test_a_fall_below_every_level_leaves_no_certificate_and_a_rise_brings_one(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    first = (await client.post("/v1/results", json=sheet(issued_on="2026-10-01"))).json()
    path = f"/v1/results/{first['result_id']}/versions"
    fallen = await client.post(path, json={**VERSION, "scores": scores(10)})
    assert (fallen.json()["level"], fallen.json()["certificate"]) == (None, None)
    superseded = (await certification.events())[-1]
    assert superseded["data"]["superseded_by"] is None
    address = f"/v1/verify/{first['certificate']['serial']}"
    shown = (await certification.client(None).get(address)).json()
    assert (shown["status"], shown["superseded_by"]) == ("superseded", None)
    assert shown["status_vi"] == "Đã hết giá trị do phúc khảo, sửa sai"
    for language, words, never in (
        ("vi", "Đã hết giá trị do phúc khảo, sửa sai", "thay thế"),
        ("en", "Ended by re-marking or correction", "Replaced"),
    ):
        page = await certification.client(None).get(
            f"{address}?lang={language}", headers={"Accept": "text/html"}
        )
        assert words in page.text
        assert never not in page.text
    later = {**VERSION, "decision_number": "13/QĐ", "decided_on": "2026-11-12"}
    risen = await client.post(path, json={**later, "scores": scores(16)})
    assert (risen.json()["version"], risen.json()["level"]) == (3, 3)
    early = {**VERSION, "decision_number": "14/QĐ", "decided_on": "2026-11-01"}
    refused = await client.post(path, json={**early, "scores": scores(18)})
    assert refused.json()["code"] == "result_version_conflict"
    future = {**later, "decision_number": "15/QĐ", "decided_on": "2026-11-24"}
    refused = await client.post(path, json={**future, "scores": scores(18)})
    assert refused.json()["code"] == "dates_impossible"
    for place in (path, "/v1/results"):
        broken = await client.post(
            place, content=b"{broken", headers={"Content-Type": "application/json"}
        )
        assert broken.status_code == 422
        assert broken.json()["detail"] == "Nội dung không phải JSON đúng (UTF-8)."
        assert broken.json()["errors"][0]["code"] == "json_invalid"


async def test_versions_at_once_are_one(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    first = (await client.post("/v1/results", json=sheet(issued_on="2026-10-01"))).json()
    path = f"/v1/results/{first['result_id']}/versions"
    answers = await asyncio.gather(
        *(client.post(path, json={**VERSION, "scores": scores(34)}) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len(await certification.events()) == 3


async def test_revocation_stands_in_the_annex_and_is_told_once(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client("institution", institution="DHV")
    body = (await client.post("/v1/results", json=sheet(issued_on="2026-10-01"))).json()
    serial = body["certificate"]["serial"]
    path = f"/v1/certificates/{serial}/revocation"
    decision = {"reason_code": "fraud", "decision_number": "45/QĐ", "decided_on": "2026-11-20"}
    early = await client.post(path, json={**decision, "decided_on": "2026-09-30"})
    assert (early.status_code, early.json()["code"]) == (422, "decision_date_impossible")
    assert (await client.post(path, json={**decision, "reason_code": "x"})).status_code == 422
    done = await client.post(path, json=decision)
    assert (done.status_code, done.json()["status"]) == (201, "revoked")
    assert (await client.post(path, json=decision)).status_code == 200
    other = await client.post(path, json={**decision, "decision_number": "46/QĐ"})
    assert (other.status_code, other.json()["code"]) == (409, "certificate_not_standing")
    assert other.json()["detail"] == "Trạng thái chứng chỉ: đã bị thu hồi."
    revoked = (await certification.events())[-1]["data"]
    assert (revoked["effect"], revoked["reason_code"], revoked["version"]) == (
        "from_decision",
        "fraud",
        2,
    )
    outsider = certification.client("institution", institution="DHCT")
    assert (await outsider.post(path, json=decision)).status_code == 404
    assert (await outsider.get(f"/v1/certificates/{serial}")).status_code == 404
    versions = f"/v1/results/{body['result_id']}/versions"
    refused = await client.post(versions, json={**VERSION, "scores": scores(34)})
    assert (refused.status_code, refused.json()["code"]) == (409, "certificate_not_standing")


async def test_a_revoked_certificate_can_still_be_declared_void_from_its_issue(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    made = (await client.post("/v1/results", json=sheet(issued_on="2026-10-01"))).json()
    path = f"/v1/certificates/{made['certificate']['serial']}/revocation"
    decision = {"reason_code": "fraud", "decision_number": "45/QĐ", "decided_on": "2026-11-19"}
    assert (await client.post(path, json=decision)).json()["status"] == "revoked"
    void = {**decision, "decision_number": "46/QĐ", "effect": "from_issue"}
    annulled = await client.post(path, json=void)
    assert (annulled.status_code, annulled.json()["status"]) == (201, "annulled")
    assert [line["kind"] for line in annulled.json()["annex"]] == ["revocation", "annulment"]
    assert (await client.post(path, json=void)).status_code == 200
    for more in (void, decision):
        refused = await client.post(path, json={**more, "decision_number": "47/QĐ"})
        assert (refused.status_code, refused.json()["code"]) == (409, "certificate_not_standing")
    first, second = (event["data"] for event in (await certification.events())[-2:])
    assert (first["effect"], second["effect"]) == ("from_decision", "from_issue")
    assert (first["version"], second["version"]) == (2, 3)


async def test_annulment_reaches_a_superseded_certificate(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    first = (await client.post("/v1/results", json=sheet(issued_on="2026-10-01"))).json()
    await client.post(
        f"/v1/results/{first['result_id']}/versions", json={**VERSION, "scores": scores(34)}
    )
    decision = {"reason_code": "fraud", "decision_number": "45/QĐ", "decided_on": "2026-11-20"}
    path = f"/v1/certificates/{first['certificate']['serial']}/revocation"
    assert (await client.post(path, json=decision)).status_code == 409
    annulled = await client.post(path, json={**decision, "effect": "from_issue"})
    assert (annulled.status_code, annulled.json()["status"]) == (201, "annulled")


async def test_verification_is_public_and_shows_no_number_and_no_scores(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    public = certification.client(None)
    first = (await client.post("/v1/results", json=sheet(issued_on="2026-10-01"))).json()
    serial = first["certificate"]["serial"]
    shown = await public.get(f"/v1/verify/{serial}")
    assert shown.status_code == 200
    body = shown.json()
    assert (body["status"], body["level"], body["stands"]) == ("valid", 4, True)
    assert body["holder_name"] is None
    assert body["held_on"] == "2026-09-20"
    assert "1990" not in shown.text
    assert "038190" not in shown.text
    assert "6.5" not in shown.text
    page = await public.get(f"/v1/verify/{serial}", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert "Còn giá trị" in page.text
    assert "Nguyễn Thị Ví Dụ" not in page.text
    unknown = await public.get("/v1/verify/KHONG-CO", headers={"Accept": "text/html"})
    assert (unknown.status_code, "Không tìm thấy" in unknown.text) == (404, True)
    assert (await public.get("/v1/verify/<b>x</b>", headers={"Accept": "text/html"})).text.count(
        "<b>"
    ) == 0
    assert (await public.get("/v1/verify/x%00y")).status_code == 404
    decision = {"reason_code": "fraud", "decision_number": "45/QĐ", "decided_on": "2026-11-20"}
    await client.post(f"/v1/certificates/{serial}/revocation", json=decision)
    body = (await public.get(f"/v1/verify/{serial}")).json()
    assert (body["status"], body["stands"], body["decided_on"]) == ("revoked", False, "2026-11-20")


async def test_the_holder_can_be_confirmed_by_name_or_birth_date(
    certification: RunningService, authorise: Authorise
) -> None:
    serial = (await certification.client().post("/v1/results", json=sheet())).json()["certificate"][
        "serial"
    ]
    public = certification.client(None)
    assert (await public.get(f"/v1/verify/{serial}")).json()["holder_name"] is None
    path = f"/v1/verify/{serial}"
    right = await public.post(path, json={"full_name": "nguyễn thị  ví dụ"})
    assert right.json()["holder_name"] == "Nguyễn Thị Ví Dụ"
    assert (await public.post(path, json={"birth_date": "1990-05-02"})).status_code == 200
    assert (await public.post(path, json={"birth_date": "1990-05-03"})).status_code == 404
    assert (await public.post(path, json={})).status_code == 404


async def test_verification_is_rate_limited(
    certification: RunningService, authorise: Authorise
) -> None:
    public = certification.client(None)
    codes = {(await public.get("/v1/verify/X")).status_code for _ in range(61)}
    assert codes == {404, 429}


async def test_reading_is_scoped_masked_and_audited(
    certification: RunningService, authorise: Authorise
) -> None:
    await authorise("DHCT")
    admin = certification.client()
    mine = (await admin.post("/v1/results", json=sheet(1))).json()
    other = (await admin.post("/v1/results", json=sheet(2, "DHCT"))).json()
    client = certification.client("institution", institution="DHV")
    shown = await client.get(f"/v1/results/{mine['result_id']}")
    assert shown.json()["candidate"]["identity_number"] == "********0001"
    assert (await client.get(f"/v1/results/{other['result_id']}")).status_code == 404
    listed = (await client.get("/v1/results")).json()["items"]
    assert [item["result_id"] for item in listed] == [mine["result_id"]]
    assert (await client.get("/v1/results?institution=DHCT")).json()["items"] == []
    books = (await client.get("/v1/certificates")).json()["items"]
    assert [item["serial"] for item in books] == [mine["certificate"]["serial"]]
    whole = certification.client("auditor", scope="pii:read")
    assert (await whole.get(f"/v1/results/{mine['result_id']}")).json()["candidate"][
        "identity_number"
    ] == "038190000001"
    assert (await whole.get("/v1/results")).json()["items"][1]["result_id"] == other["result_id"]
    page = (await whole.get("/v1/results?limit=1")).json()
    following = (await whole.get("/v1/results", params={"limit": 1, "cursor": page["next"]})).json()
    assert following["items"][0]["result_id"] == other["result_id"]
    assert following["next"] is None
    for role, who, status in (
        ("agency", {"agency": "H56"}, 403),
        ("official", {}, 403),
        ("authority", {"agency": "H56"}, 404),
    ):
        stranger = certification.client(role, **who)
        assert (await stranger.get(f"/v1/results/{mine['result_id']}")).status_code == status
        serial = mine["certificate"]["serial"]
        assert (await stranger.get(f"/v1/certificates/{serial}")).status_code == status
    own = await certification.events(client)
    assert [event["subject"] for event in own] == [mine["certificate"]["serial"]]
    async with certification.database.pool.acquire() as connection:
        reads = await connection.fetchval(
            "SELECT count(*) FROM audit WHERE action = 'result.read' AND subject = $1",
            mine["result_id"],
        )
    assert reads == 2


async def test_an_own_certificate_s_decision_lies_between_exam_and_today(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    own = {"serial": "A1", "register_number": "1", "decision_number": "9/QĐ"}
    for day in ("2026-09-19", "2026-11-24", "0001-01-01"):
        body = sheet(certificate={**own, "decided_on": day})
        refused = await client.post("/v1/results", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "dates_impossible")
        assert refused.json()["errors"][0]["pointer"] == "/certificate/decided_on"
    taken = await client.post(
        "/v1/results", json=sheet(certificate={**own, "decided_on": "2026-10-01"})
    )
    assert taken.status_code == 201, taken.text


async def test_numbers_for_a_certificate_that_a_version_does_not_bring_are_refused(
    certification: RunningService, authorise: Authorise
) -> None:
    """Silence would leave the institution with a printed certificate that no register holds."""
    client = certification.client()
    own = {"serial": "A1", "register_number": "1"}
    made = await client.post("/v1/results", json=sheet(issued_on="2026-10-01", certificate=own))
    path = f"/v1/results/{made.json()['result_id']}/versions"
    other = {"serial": "A2", "register_number": "2"}
    for total in (26, 10):  # the same level, and none
        version = {**VERSION, "scores": scores(total), "certificate": other}
        refused = await client.post(path, json=version)
        assert (refused.status_code, refused.json()["code"]) == (409, "result_version_conflict")
        assert refused.json()["errors"][0]["pointer"] == "/certificate"
    same = {**VERSION, "scores": scores(26), "certificate": own}
    kept = await client.post(path, json=same)
    assert (kept.status_code, kept.json()["certificate"]["serial"]) == (201, "A1")
    assert (await client.get("/v1/register-books/DHV/KNLNN/2026")).json()["lines"] == 1
