"""The public page of one certificate: in both languages, of what stands, what was taken back and what is in
no register, safe to show whatever was typed into the address."""

from __future__ import annotations

import re

import pytest

from services.certification.registry.serials import earlier_check_character
from tests.making.certification import Authorise, scores, sheet
from tests.running import RunningService

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
async def serial(certification: RunningService, authorise: Authorise) -> str:
    made = await certification.client().post("/v1/results", json=sheet())
    serial: str = made.json()["certificate"]["serial"]
    return serial


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("", "", "vi"),
        ("", "vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("", "en-US,en;q=0.9", "en"),
        ("?lang=en", "vi", "en"),
        ("?lang=vi&fbclid=x", "en", "vi"),
    ],
)
async def test_it_speaks_the_language_asked_for_and_offers_the_other(
    certification: RunningService, serial: str, asked: str, accepted: str, language: str
) -> None:
    client = certification.client(None)
    headers = {**BROWSER, "Accept-Language": accepted}
    valid = (await client.get(f"/v1/verify/{serial}{asked}", headers=headers)).text
    unknown = await client.get(f"/v1/verify/NONE{asked}", headers=headers)
    decision = {"reason_code": "fraud", "decision_number": "4/QĐ", "decided_on": "2026-11-23"}
    path = f"/v1/certificates/{serial}/revocation"
    assert (await certification.client().post(path, json=decision)).status_code == 201
    revoked = (await client.get(f"/v1/verify/{serial}{asked}", headers=headers)).text
    says = {
        "vi": ("Còn giá trị", "Đã bị thu hồi", "Không tìm thấy", "Ngày quyết định"),
        "en": ("Valid", "Revoked", "Not found", "Decided on"),
    }
    for page, status, tone in zip(
        (valid, revoked, unknown.text), says[language][:3], ("good", "bad", "bad"), strict=True
    ):
        assert f'<html lang="{language}">' in page
        assert f'<div class="status {tone}" role="status">{status}</div>' in page
        assert f'?lang={"en" if language == "vi" else "vi"}" hreflang' in page
        assert "$" not in page
        other = says["en" if language == "vi" else "vi"]
        assert not [word for word in other if f">{word}<" in page]
    assert unknown.status_code == 404
    day = "23/11/2026" if language == "vi" else "2026-11-23"
    assert f"<dt>{says[language][3]}</dt><dd>{day}</dd>" in revoked
    assert f"12:00 {day} (UTC+7)" in valid
    assert f"12:00 {day} (UTC+7)" in unknown.text
    assert "<dl>" not in unknown.text


async def test_it_fits_a_narrow_phone_and_needs_nothing_from_elsewhere(
    certification: RunningService, serial: str
) -> None:
    answer = await certification.client(None).get(f"/v1/verify/{serial}", headers=BROWSER)
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in answer.text
    assert "overflow-wrap: anywhere" in answer.text
    assert not re.findall(r"(?:src|href)=.?(?:https?:)?//", answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["vary"] == "Accept, Accept-Language"


@pytest.mark.parametrize("typed", ['<script>alert("x")</script>', "$serial", "${rows}", '"><b>'])
async def test_what_was_typed_into_the_address_is_shown_as_text(
    certification: RunningService, typed: str
) -> None:
    page = await certification.client(None).get(f"/v1/verify/{typed}", headers=BROWSER)
    assert page.status_code == 404
    assert "<script" not in page.text
    assert "<b>" not in page.text


@pytest.mark.parametrize(
    ("language", "framework"), [("vi", "Khung năng lực"), ("en", "Foreign-language framework")]
)
async def test_it_names_the_institution_and_the_framework(
    certification: RunningService, serial: str, language: str, framework: str
) -> None:
    client = certification.client(None)
    page = (await client.get(f"/v1/verify/{serial}?lang={language}", headers=BROWSER)).text
    assert "<dd>Trường Đại học Ví Dụ (DHV)</dd>" in page
    assert f"<dd>{framework}" in page
    shown = (await client.get(f"/v1/verify/{serial}")).json()
    assert (shown["institution_code"], shown["institution_name"]) == ("DHV", "Trường Đại học Ví Dụ")


async def test_what_replaced_it_and_what_it_replaced_are_one_step_away(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    made = (await client.post("/v1/results", json=sheet(issued_on="2026-10-01"))).json()
    old = made["certificate"]["serial"]
    version = {
        "reason": "remarking",
        "decision_number": "12/QĐ",
        "decided_on": "2026-11-10",
        "scores": scores(34),
    }
    path = f"/v1/results/{made['result_id']}/versions"
    new = (await client.post(path, json=version)).json()["certificate"]["serial"]
    for shown, other, label in ((old, new, "Replaced by"), (new, old, "Replaces")):
        address = f"/v1/verify/{shown}?lang=en"
        page = (await certification.client(None).get(address, headers=BROWSER)).text
        link = f'<a href="/v1/verify/{other}?lang=en">{other}</a>'
        assert f"<dt>{label}</dt><dd>{link}</dd>" in page
        assert (await client.get(f"/v1/verify/{other}?lang=en", headers=BROWSER)).status_code == 200


async def test_a_serial_is_found_however_a_phone_writes_it(
    certification: RunningService, serial: str
) -> None:
    client = certification.client(None)
    for typed in (serial.lower(), f" {serial} ", serial.replace(".", ". "), f"{serial}%20"):
        answer = await client.get(f"/v1/verify/{typed}")
        assert (answer.status_code, answer.json()["serial"]) == (200, serial)
    claim = {"full_name": "Nguyễn Thị Ví Dụ"}
    known = await client.post(f"/v1/verify/{serial.lower()}", json=claim)
    assert known.status_code == 200


@pytest.mark.parametrize(
    ("language", "doubt"), [("vi", "ký tự kiểm tra"), ("en", "check character")]
)
async def test_a_mistyped_serial_is_told_from_one_that_nobody_gave(
    certification: RunningService, serial: str, language: str, doubt: str
) -> None:
    client = certification.client(None)
    body, check = serial[:-1], serial[-1]
    earlier = earlier_check_character(body.rstrip("."))
    mistyped = body + next(char for char in "ABC" if char not in (check, earlier))
    headers = {"Accept-Language": language}
    for typed, said in ((mistyped, True), (mistyped.lower(), True), ("KHONG-CO", False)):
        page = await client.get(f"/v1/verify/{typed}", headers={**BROWSER, **headers})
        told = await client.get(f"/v1/verify/{typed}", headers=headers)
        assert (page.status_code, told.status_code) == (404, 404)
        assert (doubt in page.text, doubt in told.json()["detail"]) == (said, said)
        assert told.json()["code"] == "not_found"


async def test_who_looks_too_often_gets_a_page_too(
    certification: RunningService, serial: str
) -> None:
    client = certification.client(None)
    address = f"/v1/verify/{serial}?lang=en"
    for _ in range(60):
        assert (await client.get(address)).status_code == 200
    page = await client.get(address, headers=BROWSER)
    assert page.status_code == 429
    assert '<div class="status wait" role="status">Too many look-ups</div>' in page.text
    assert int(page.headers["retry-after"]) > 0
    told = await client.get(address)
    assert (told.status_code, told.json()["code"]) == (429, "too_many_requests")
    knowing = await client.post(f"/v1/verify/{serial}", json={"birth_date": "1990-05-02"})
    assert knowing.status_code == 429
