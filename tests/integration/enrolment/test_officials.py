"""Officials over HTTP, one at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.making.rosters import citizen, official, plant_tree, post, send
from tests.running import RunningService


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    return enrolment


def bodies(answer: Any) -> list[tuple[str, str, str | None]]:
    return [
        (each["agency_code"], each["valid_from"], each["valid_to"])
        for each in answer.json()["assignments"]
    ]


async def test_is_registered_read_masked_and_changed_with_if_match(service: RunningService) -> None:
    clerk = service.client("agency", agency="X.A")
    made = await clerk.put("/v1/officials/O-1", json=official(full_name="Nguyễn  Văn A"))
    assert made.status_code == 201, made.text
    assert made.json()["full_name"] == "Nguyễn Văn A"
    assert made.json()["citizen_id"] == "********0001"
    read = await clerk.get("/v1/officials/O-1")
    assert read.json()["agency_code"] == "X.A"
    assert citizen(1) not in read.text
    reader = service.client("auditor", scope="pii:read")
    assert (await reader.get("/v1/officials/O-1")).json()["citizen_id"] == citizen(1)
    own = service.client("official", official_code="O-1")
    assert (await own.get("/v1/officials/O-1")).json()["citizen_id"] == citizen(1)
    assert (await own.get("/v1/officials/O-2")).status_code == 404
    assert (await own.put("/v1/officials/O-1", json=official())).status_code == 403

    change = official(full_name="Nguyễn Văn B")
    assert (await clerk.put("/v1/officials/O-1", json=change)).status_code == 428
    tag = read.headers["etag"]
    done = await clerk.put("/v1/officials/O-1", json=change, headers={"If-Match": tag})
    assert done.status_code == 200
    assert done.json()["version"] == 2
    stale = await clerk.put("/v1/officials/O-1", json=change, headers={"If-Match": tag})
    assert stale.status_code == 412
    without_number = {k: v for k, v in change.items() if k != "citizen_id"}
    again = await clerk.put("/v1/officials/O-1", json=without_number, headers={"If-Match": '"2"'})
    assert again.json()["version"] == 2, "the same facts change nothing"


async def test_a_number_belongs_to_one_official_whoever_asks_first(service: RunningService) -> None:
    clients = [service.client("admin", subject=f"clerk-{n}") for n in range(16)]
    answers = await asyncio.gather(
        *(client.put(f"/v1/officials/O-{n}", json=official(7)) for n, client in enumerate(clients))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] + [409] * 15
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] == "citizen_already_registered"
            assert "O-" not in answer.text
            assert citizen(7) not in answer.text
    listed = (await service.client().get("/v1/officials")).json()["items"]
    assert len(listed) == 1


async def test_a_former_number_blocks_too_and_is_linked_in_the_feed(
    service: RunningService,
) -> None:
    admin = service.client()
    old = {"type": "cmnd9", "country": "VN", "number": "171234567"}
    await admin.put("/v1/officials/O-1", json=official(1, former_identities=[old]))
    other = {k: v for k, v in official(2).items() if k != "citizen_id"} | {"identity": old}
    refused = await admin.put("/v1/officials/O-2", json=other)
    assert refused.json()["code"] == "citizen_already_registered"
    events = await service.events()
    linked = [e for e in events if e["type"] == "vn.bac.official.identities_linked.v1"]
    assert len(linked[0]["data"]["identities"]) == 2
    assert "171234567" not in str(events)
    assert citizen(1) not in str(events)
    # Another current number: the one before becomes a former one by itself.
    await admin.put(
        "/v1/officials/O-1",
        json=official(3, identity_reason="new_number"),
        headers={"If-Match": "*"},
    )
    shown = (await service.client("admin").get("/v1/officials/O-1")).json()
    assert [each["type"] for each in shown["former_identities"]] == ["cmnd9", "citizen_id"]
    # The list given whole: a number typed wrong is free again.
    await admin.put(
        "/v1/officials/O-1",
        json=official(3, former_identities=[], identity_reason="clerical"),
        headers={"If-Match": "*"},
    )
    assert (await admin.put("/v1/officials/O-2", json=official(1))).status_code == 201


async def test_the_receiving_body_that_knows_the_number_takes_somebody_over(
    service: RunningService,
) -> None:
    old = service.client("agency", agency="X.A")
    new = service.client("agency", agency="Y.A")
    await old.put("/v1/officials/O-1", json=official())
    assert (await new.get("/v1/officials/O-1")).status_code == 404
    wrong = official(2, post("Y.A", valid_from="2026-01-01"))
    refused = await new.put("/v1/officials/O-1", json=wrong)
    assert (refused.status_code, refused.json()["code"]) == (409, "official_code_in_use")
    joined = await new.put(
        "/v1/officials/O-1", json=official(1, post("Y.A", valid_from="2026-01-01"))
    )
    assert joined.status_code == 200, joined.text
    assert bodies(joined) == [
        ("X.A", "2018-09-01", "2025-12-31"),
        ("Y.A", "2026-01-01", None),
    ]
    assert (await old.get("/v1/officials/O-1")).status_code == 404
    # The old body's roster, sent again, does not take the official back.
    report = await send(old, "/v1/officials/import", [{"official_code": "O-1", **official()}])
    assert (report["unchanged"], report["updated"]) == (1, 0), report
    assert (await old.get("/v1/officials/O-1")).status_code == 404


async def test_a_secondment_never_moves_membership(service: RunningService) -> None:
    home = service.client("agency", agency="X.A")
    host = service.client("agency", agency="Y.A")
    await home.put("/v1/officials/O-1", json=official())
    away = post("Y.A", posting="secondment", primary=False, valid_from="2026-02-01")
    primary = await host.put("/v1/officials/O-1", json=official(1, away | {"primary": True}))
    assert primary.json()["errors"][0]["code"] == "secondment_is_not_primary"
    assert (await host.put("/v1/officials/O-1", json=official(1, away))).status_code == 200
    for client in (home, host):
        shown = await client.get("/v1/officials/O-1")
        assert shown.json()["agency_code"] == "X.A"
        assert bodies(shown)[0] == ("X.A", "2018-09-01", None)


async def test_put_replaces_within_the_scope_and_leaves_the_rest(service: RunningService) -> None:
    admin = service.client()
    await admin.put(
        "/v1/officials/O-1",
        json=official(
            1,
            post("X.A"),
            post("X.B", posting="concurrent", primary=False),
            post("Y.A", posting="concurrent", primary=False),
        ),
    )
    clerk = service.client("agency", agency="X")
    put = await clerk.put(
        "/v1/officials/O-1", json=official(1, post("X.A")), headers={"If-Match": "*"}
    )
    assert {each[0] for each in bodies(put)} == {"X.A", "Y.A"}
    outside = await clerk.put(
        "/v1/officials/O-1",
        json=official(
            1,
            post("X.A"),
            post("Y.A", posting="concurrent", primary=False, valid_from="2020-01-01"),
        ),
        headers={"If-Match": "*"},
    )
    assert outside.json()["code"] == "agency_unknown"
    shown = (await clerk.get("/v1/officials/O-1")).json()
    echo = {key: shown[key] for key in ("full_name", "birth_date", "sex", "attributes", "absences")}
    echo["assignments"] = [
        {k: v for k, v in each.items() if k != "assignment_id"} for each in shown["assignments"]
    ]
    sent_back = await clerk.put("/v1/officials/O-1", json=echo, headers={"If-Match": "*"})
    assert sent_back.status_code == 200, sent_back.text
    assert sent_back.json()["version"] == shown["version"]
    last = await clerk.put(
        "/v1/officials/O-1", json=official(1) | {"assignments": []}, headers={"If-Match": "*"}
    )
    assert last.status_code == 200
    assert {each[0] for each in bodies(last)} == {"Y.A"}


async def test_two_primaries_on_one_day_are_refused(service: RunningService) -> None:
    admin = service.client()
    both = official(1, post("X.A"), post("X.B", valid_from="2020-01-01"))
    answer = await admin.put("/v1/officials/O-1", json=both)
    assert answer.status_code == 422
    assert {each["code"] for each in answer.json()["errors"]} == {"two_primaries"}
    await admin.put("/v1/officials/O-1", json=official(1, post("X.A")))
    clerk = service.client("agency", agency="Y.A")
    same_day = await clerk.put("/v1/officials/O-1", json=official(1, post("Y.A")))
    assert same_day.json()["code"] == "primary_conflict"


async def test_doubts_about_the_number_are_warnings_only(service: RunningService) -> None:
    admin = service.client()
    odd = official(citizen_id="003185000001")
    answer = await admin.put("/v1/officials/O-1", json=odd)
    assert answer.status_code == 201
    assert {each["code"] for each in answer.json()["warnings"]} == {
        "citizen_id_prefix",
        "citizen_id_sex",
    }
    for number in ("38085000001", "03808500000x", "0380850000011", "٠٣٨٠٨٥٠٠٠٠٠١"):
        refused = await admin.put("/v1/officials/O-2", json=official(citizen_id=number))
        assert refused.status_code == 422
        assert number not in refused.text


async def test_lists_follow_scope_day_and_filters(service: RunningService) -> None:
    admin = service.client()
    for number, body, status in (
        (1, "X.A", "cadre"),
        (2, "X.A.1", "cadre"),
        (3, "Y.A", "civil_servant"),
    ):
        put = await admin.put(
            f"/v1/officials/O-{number}",
            json=official(number, post(body, status=status), full_name=f"Trần Văn {number}"),
        )
        assert put.status_code == 201, put.text
    retired = official(4, post("X.A", valid_to="2020-12-31"))
    await admin.put("/v1/officials/O-4", json=retired)

    async def codes(client: Any, **params: Any) -> list[str]:
        answer = await client.get("/v1/officials", params=params)
        assert answer.status_code == 200, answer.text
        return [item["official_code"] for item in answer.json()["items"]]

    async def found(client: Any, **body: Any) -> list[str]:
        answer = await client.post("/v1/officials/search", json=body)
        assert answer.status_code == 200, answer.text
        return [item["official_code"] for item in answer.json()["items"]]

    clerk = service.client("agency", agency="X.A")
    assert await codes(clerk) == ["O-1", "O-2", "O-4"]
    assert await codes(clerk, as_of="2026-01-01") == ["O-1", "O-2"]
    assert await codes(clerk, as_of="2020-01-01") == ["O-1", "O-2", "O-4"]
    assert await codes(clerk, agency="X.A.1") == ["O-2"]
    assert await codes(admin, status="civil_servant") == ["O-3"]
    assert await found(admin, name="văn 3") == ["O-3"]
    assert await found(admin, name="o-1") == ["O-1"]
    assert await found(admin, name="100%") == []
    assert await found(clerk, name="trần") == ["O-1", "O-2"]
    assert await found(clerk, name="trần", agency="X.A.1", as_of="2026-01-01") == ["O-2"]
    assert await found(service.client("auditor"), name="trần") == []
    assert await found(service.client("official", official_code="O-3"), name="Trần") == ["O-3"]
    first = (await admin.post("/v1/officials/search", json={"name": "trần", "limit": 2})).json()
    rest = await found(admin, name="trần", cursor=first["next"])
    assert [item["official_code"] for item in first["items"]] + rest == ["O-1", "O-2", "O-3"]
    assert (await admin.get("/v1/officials?q=văn")).status_code == 422
    assert (await clerk.post("/v1/officials/search", json={"name": "a"})).status_code == 422
    assert (await clerk.get("/v1/officials", params={"agency": "Y"})).status_code == 404
    assert await codes(service.client("agency", agency="nowhere")) == []
    assert await codes(service.client("official", official_code="O-3")) == ["O-3"]
    school = service.client("institution", institution="VINH")
    assert (await school.get("/v1/officials")).status_code == 404
    page = (await admin.get("/v1/officials?limit=3")).json()
    rest = (await admin.get("/v1/officials", params={"cursor": page["next"], "limit": 3})).json()
    assert [i["official_code"] for i in rest["items"]] == ["O-4"]
    assert rest["next"] is None


async def test_blocs_do_not_see_each_others_persons(service: RunningService) -> None:
    admin = service.client()
    await admin.put("/v1/officials/O-1", json=official(1, post("X.P", status="cadre")))
    await admin.put("/v1/officials/O-2", json=official(2, post("X.A")))
    party = service.client("authority", agency="X", bloc="party")
    state = service.client("authority", agency="X", bloc="state")
    assert (await party.get("/v1/officials/O-2")).status_code == 404
    assert (await state.get("/v1/officials/O-1")).status_code == 404
    for client, code in ((party, "O-1"), (state, "O-2")):
        listed = (await client.get("/v1/officials")).json()["items"]
        assert [item["official_code"] for item in listed] == [code]
    nation = service.client("authority", bloc="party")
    assert [i["official_code"] for i in (await nation.get("/v1/officials")).json()["items"]] == [
        "O-1"
    ]


async def test_names_by_code_and_codes_by_number(service: RunningService) -> None:
    clerk = service.client("agency", agency="X.A")
    await clerk.put("/v1/officials/O-1", json=official(1))
    await service.client().put("/v1/officials/O-2", json=official(2, post("Y.A")))
    asked = await clerk.post("/v1/officials/lookup", json={"official_codes": ["O-2", "O-1"]})
    assert asked.json() == {
        "items": [{"official_code": "O-1", "full_name": "Nguyễn Văn Ví Dụ", "agency_code": "X.A"}],
        "missing": ["O-2"],
    }
    number = {"citizen_id": citizen(2), "birth_date": "1985-03-02"}
    found = await clerk.post("/v1/officials/lookup", json=number)
    assert found.json()["items"][0]["official_code"] == "O-2"
    assert found.json()["items"][0]["agency_code"] is None
    guessed = await clerk.post("/v1/officials/lookup", json=number | {"birth_date": "1985-03-03"})
    assert guessed.json()["items"] == []
    assert (await clerk.post("/v1/officials/lookup", json={})).status_code == 422


async def test_every_read_and_change_by_another_is_audited_without_names(
    service: RunningService,
) -> None:
    clerk = service.client("agency", agency="X.A", subject="clerk-7")
    await clerk.put("/v1/officials/O-1", json=official())
    await clerk.get("/v1/officials/O-1")
    await clerk.get("/v1/officials")
    await service.client("official", official_code="O-1", subject="me").get("/v1/officials/O-1")
    async with service.database.pool.acquire() as connection:
        lines = await connection.fetch("SELECT * FROM audit WHERE caller IN ('clerk-7', 'me')")
    assert [line["action"] for line in lines] == [
        "official.changed",
        "official.read",
        "officials.listed",
    ]
    assert not any("Nguyễn" in str(line) or citizen(1) in str(line) for line in lines)


async def test_odd_values_are_refused_not_crashed_on(service: RunningService) -> None:
    admin = service.client()
    for changes in (
        {"full_name": "a\x00"},
        {"full_name": " "},
        {"birth_date": "1985-02-30"},
        {"birth_date": "85"},
        {"birth_date": "9999"},
        {"birth_date": "１９８５"},
        {"sex": "x"},
        {"identity": {"type": "passport", "country": "Việt", "number": "1"}},
        {"citizen_id": None, "identity": {"type": "passport", "country": "US", "number": "\x00"}},
        {"citizen_id": None},
        {"attributes": {"language_degree_awarded_on": "0001-01-01"}},
        {"absences": [{"kind": "x", "valid_from": "2020-02-01", "valid_to": "2020-01-01"}]},
        {"assignments": []},
        {"assignments": [post(position_title="\x00")]},
        {"assignments": [post(), post()]},
        {"assignments": [post(valid_from="1899-12-31")]},
        {"record_code": "\x01"},
        {"extra": 1},
    ):
        answer = await admin.put("/v1/officials/O-1", json=official() | changes)
        assert answer.status_code == 422, (changes, answer.text)
    assert (await admin.put("/v1/officials/O-1", json=official(1, post("Q")))).status_code == 409
    assert (await admin.post("/v1/officials/search", json={"name": "\x00a"})).status_code == 422
    assert (await admin.get("/v1/officials/a%00")).status_code == 422
    assert (
        await admin.post("/v1/officials/lookup", json={"official_codes": ["\x00"]})
    ).status_code == 422
    identity = {"type": "passport", "country": "US", "number": "a\x00"}
    lookup = {"identity": identity, "birth_date": "1985"}
    assert (await admin.post("/v1/officials/lookup", json=lookup)).status_code == 422
