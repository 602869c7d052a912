"""The framework and its rules are published: which version is in force, by what rule a level is derived."""

from __future__ import annotations

import datetime as dt

from tests.running import MovableClock, RunningService


async def test_the_version_in_force_follows_the_day(
    certification: RunningService, clock: MovableClock
) -> None:
    public = certification.client(None)
    for day, code in (
        (dt.date(2026, 5, 30), "KNLNNVN-2014"),
        (dt.date(2026, 11, 23), "KNLNNVN-2026"),
    ):
        clock.day = day
        listed = (await public.get("/v1/frameworks")).json()
        assert [each["code"] for each in listed["items"] if each["in_force"]] == [code]
        assert listed["next"] is None


async def test_one_version_tells_its_levels_rules_and_tables(certification: RunningService) -> None:
    public = certification.client(None)
    answer = await public.get("/v1/frameworks/KNLNNVN-2026")
    body = answer.json()
    assert [level["level"] for level in body["levels"]] == [0, 1, 2, 3, 4, 5, 6]
    assert body["levels"][0]["label_vi"] == "Tiền Bậc 1"
    rules = {rule["format"]: rule for rule in body["score_rules"]}
    assert rules["VSTEP.3-5"]["source"] == "729/QĐ-BGDĐT"
    assert [band["level"] for band in rules["VSTEP.3-5"]["bands"]] == [3, 4, 5]
    assert rules["VSTEP.2"]["overall"] == "sum"
    assert "bands" in rules["VSTEP.2"]["uncertain"]
    assert "TT23-2021" in {table["id"] for table in body["equivalence_tables"]}
    again = await public.get("/v1/frameworks/KNLNNVN-2026")
    other = await public.get("/v1/frameworks/KNLNNVN-2014")
    assert answer.headers["etag"] == again.headers["etag"] != other.headers["etag"]
    unknown = await public.get("/v1/frameworks/KNLNNVN-1999")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
