"""The public page of one certificate: in both languages, of what stands, what was taken back and what is in
no register, safe to show whatever was typed into the address."""

from __future__ import annotations

import re

import pytest

from tests.integration.certification.conftest import Authorise, sheet
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
        assert f'href="?lang={"en" if language == "vi" else "vi"}"' in page
        assert "$" not in page
        other = says["en" if language == "vi" else "vi"]
        assert not [word for word in other if f">{word}<" in page]
    assert unknown.status_code == 404
    assert f"<dt>{says[language][3]}</dt><dd>23/11/2026</dd>" in revoked
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
