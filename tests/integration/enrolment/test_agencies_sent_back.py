"""The tree as files and as answers, sent back as it was read."""

from __future__ import annotations

from tests.making.rosters import agency, plant_tree, send
from tests.running import RunningService

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def test_the_tree_goes_home_as_a_file_and_comes_back_unchanged(
    enrolment: RunningService,
) -> None:
    admin = enrolment.client()
    await plant_tree(admin)
    old = [f"X.O{n}" for n in range(8)]
    merged = agency("X.N", "X", valid_from="2025-07-01", predecessor_codes=old[:3])
    many = agency("X.M", "X", valid_from="2025-07-01", predecessor_codes=old)
    renamed = agency("X.A", "X", valid_from="2020-01-01", name="=Tên, mới")
    ended = [agency(code, "X", valid_to="2025-06-30") for code in old]
    rows = [*ended, merged, many, renamed]
    assert (await send(admin, "/v1/agencies/import", rows))["rejected"] == 0
    clerk = enrolment.client("authority", agency="X")
    for day, codes in (
        ("2019-12-31", ["X", "X.A", "X.A.1", "X.B", *old, "X.P"]),
        ("2025-07-01", ["X", "X.A", "X.A.1", "X.B", "X.M", "X.N", "X.P"]),
    ):
        for form, kind in (("csv", "text/csv"), ("xlsx", XLSX)):
            file = await clerk.get(f"/v1/agencies.{form}", params={"as_of": day})
            assert file.headers["content-disposition"] == f'attachment; filename="agencies.{form}"'
            by_accept = await clerk.get(
                "/v1/agencies", params={"as_of": day}, headers={"Accept": kind}
            )
            assert by_accept.headers["content-type"] == file.headers["content-type"]
            back = await clerk.post(
                "/v1/agencies/import", content=file.content, headers={"Content-Type": kind}
            )
            report = back.json()
            # One body has more predecessors than the sheet has columns, and the import says so.
            several = day == "2025-07-01"
            assert (report["received"], report["unchanged"]) == (len(codes), len(codes) - several)
            assert "column_unknown_near" in {each["code"] for each in report["warnings"]}
            if several:
                assert (await send(admin, "/v1/agencies/import", [many]))["updated"] == 1
        text = (await clerk.get("/v1/agencies.csv", params={"as_of": day})).text
        assert [line.partition(";")[0] for line in text.splitlines()[1:]] == sorted(codes)
    below = await clerk.get("/v1/agencies.csv", params={"under": "X.A"})
    assert len(below.text.splitlines()) == 3
    assert "'=Tên" in below.text
    for path in ("/v1/agencies.csv?under=Y", "/v1/agencies.xlsx?under=NOPE"):
        assert (await clerk.get(path)).status_code == 404
    other = enrolment.client("agency", agency="Y.A")
    assert "X" not in (await other.get("/v1/agencies.csv")).text
    odd = await clerk.get("/v1/agencies", headers={"Accept": "application/pdf"})
    assert odd.status_code == 406


async def test_a_version_sent_back_with_its_real_end_is_the_one_that_was_given(
    enrolment: RunningService,
) -> None:
    admin = enrolment.client()
    await plant_tree(admin)
    later = agency("X.A", "X", valid_from="2020-01-01")
    await send(admin, "/v1/agencies/import", [later])
    shown = (await admin.get("/v1/agencies/X.A")).json()
    (first, _) = shown["versions"]
    assert first["valid_to"] == "2019-12-31"
    again = await admin.put("/v1/agencies/X.A", json=first, headers={"If-Match": "*"})
    assert again.headers["etag"] == f'"{shown["version"]}"'
    shorter = await admin.put(
        "/v1/agencies/X.A",
        json=first | {"valid_to": "2019-12-30", "name": "x"},
        headers={"If-Match": "*"},
    )
    assert shorter.status_code == 409, "X.A.1 would outlive its parent by a day"
