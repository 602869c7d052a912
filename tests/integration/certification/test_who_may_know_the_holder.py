"""Public verification names the holder to who knows the holder, and nobody finds out by asking often."""

from __future__ import annotations

import asyncio
import datetime as dt
import re

import pytest

from tests.making.certification import Authorise, sheet
from tests.running import RunningService

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
NAME = "Nguyễn Thị Ví Dụ"


@pytest.fixture
async def serial(certification: RunningService, authorise: Authorise) -> str:
    made = await certification.client().post("/v1/results", json=sheet())
    serial: str = made.json()["certificate"]["serial"]
    return serial


def days(count: int) -> list[str]:
    """Guesses around the birth date, which is one of them: 1990-05-02."""
    first = dt.date(1990, 5, 2) - dt.timedelta(days=count - 1)
    return [(first + dt.timedelta(days=n)).isoformat() for n in range(count)]


async def test_a_birth_date_is_not_found_by_trying(
    certification: RunningService, serial: str
) -> None:
    certification.app.state.verification_limit = _Unlimited()
    public = certification.client(None)
    path = f"/v1/verify/{serial}"
    answers = [await public.post(path, json={"birth_date": day}) for day in days(140)]
    assert [answer.status_code for answer in answers] == [404] * 10 + [429] * 130
    last = answers[-1]
    assert last.json()["code"] == "holder_guesses_spent"
    assert int(last.headers["retry-after"]) == 12 * 3600
    assert NAME not in last.text
    # Who guesses cannot hide what the certificate is worth.
    told = last.json()["certificate"]
    assert (told["status"], told["stands"], told["holder_name"]) == ("valid", True, None)
    seen = (await public.get(path)).json()
    assert (seen["status"], seen["stands"]) == ("valid", True)
    form = {"serial": serial, "birth_date": "02/05/1990"}
    page = await public.post("/v1/verify", data=form, headers=BROWSER)
    assert (page.status_code, NAME in page.text, "Còn giá trị" in page.text) == (429, False, True)
    # The next day the holder is compared again.
    certification.clock.day += dt.timedelta(days=1)
    right = await public.post(path, json={"birth_date": "1990-05-02"})
    assert (right.status_code, right.json()["holder_name"]) == (200, NAME)


async def test_a_field_given_twice_is_refused(certification: RunningService, serial: str) -> None:
    public = certification.client(None)
    body = f'\ufeff{{"full_name": "x", "full_name": "{NAME}"}}'.encode()
    typed = {"Content-Type": "application/json"}
    refused = await public.post(f"/v1/verify/{serial}", content=body, headers=typed)
    assert refused.status_code == 422, refused.text
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/full_name", "key_repeated")
    ]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"serial={serial}&birth_date=01/01/1990&birth_date=02/05/1990".encode()
    refused = await public.post("/v1/verify", content=body, headers=form)
    assert refused.status_code == 422
    assert [e["code"] for e in refused.json()["errors"]] == ["key_repeated"]


async def test_a_byte_order_mark_before_a_claim_is_passed_over(
    certification: RunningService, serial: str
) -> None:
    body = f'\ufeff{{"full_name": "{NAME}"}}'.encode()
    typed = {"Content-Type": "application/json"}
    found = await certification.client(None).post(
        f"/v1/verify/{serial}", content=body, headers=typed
    )
    assert (found.status_code, found.json()["holder_name"]) == (200, NAME)


async def test_guesses_sent_at_once_are_counted_each(
    certification: RunningService, serial: str
) -> None:
    certification.app.state.verification_limit = _Unlimited()
    public = certification.client(None)
    wrong = days(60)[:-1]
    answers = await asyncio.gather(
        *(public.post(f"/v1/verify/{serial}", json={"birth_date": day}) for day in wrong)
    )
    assert sorted(answer.status_code for answer in answers) == [404] * 10 + [429] * 49


async def test_right_answers_cost_nothing(certification: RunningService, serial: str) -> None:
    public = certification.client(None)
    for _ in range(15):
        right = await public.post(f"/v1/verify/{serial}", json={"full_name": NAME})
        assert (right.status_code, right.json()["holder_name"]) == (200, NAME)


async def test_one_address_has_a_budget_over_all_certificates(
    certification: RunningService, authorise: Authorise
) -> None:
    client, public = certification.client(), certification.client(None)
    serials = [
        (await client.post("/v1/results", json=sheet(n))).json()["certificate"]["serial"]
        for n in range(1, 14)
    ]
    certification.app.state.verification_limit = _Unlimited()
    wrong = days(10)[:-1]
    codes = [
        (await public.post(f"/v1/verify/{each}", json={"birth_date": day})).status_code
        for each in serials
        for day in wrong
    ]
    assert codes == [404] * 100 + [429] * (len(codes) - 100)


async def test_lines_of_x_forwarded_for_do_not_pass_the_limit(
    certification: RunningService, serial: str
) -> None:
    certification.app.state.verification_limit._proxies = 1
    public = certification.client(None)
    codes = []
    for n in range(70):
        lines = [("X-Forwarded-For", f"10.1.2.{n}"), ("X-Forwarded-For", "203.0.113.7")]
        codes.append((await public.get("/v1/verify/X", headers=lines)).status_code)
    assert codes == [404] * 60 + [429] * 10


@pytest.mark.parametrize(
    ("language", "match", "mismatch"),
    [
        ("vi", "khớp với người được cấp", "không khớp với chứng chỉ này"),
        ("en", "is that of the holder", "is not that of this certificate"),
    ],
)
async def test_the_page_asks_for_the_holder_in_a_form_and_names_them_to_who_knows(
    certification: RunningService, serial: str, language: str, match: str, mismatch: str
) -> None:
    public = certification.client(None)
    headers = {**BROWSER, "Accept-Language": language}
    page = await public.get(f"/v1/verify/{serial}", headers=headers)
    assert NAME not in page.text
    form = re.search(r'<form action="([^"]+)" method="post".*?</form>', page.text, re.DOTALL)
    assert form is not None
    assert "form-action 'self'" in page.headers["content-security-policy"]
    hidden = re.findall(r'name="serial" value="([^"]+)"', form[0])
    assert hidden == [serial]
    for fields in (
        {"full_name": "nguyễn thị ví dụ"},
        {"birth_date": "2/5/1990"},
        {"birth_date": "02-05-1990", "full_name": ""},
        {"birth_date": "1990-05-02", "full_name": NAME},
    ):
        right = await public.post(form[1], data={"serial": serial, **fields}, headers=headers)
        assert (right.status_code, match in right.text) == (200, True)
        assert f"<h1>{NAME}</h1>" in right.text
    for fields in ({"full_name": "Nguyễn Thị Vi Du"}, {"birth_date": "05/02/1990"}):
        wrong = await public.post(form[1], data={"serial": serial, **fields}, headers=headers)
        assert (wrong.status_code, mismatch in wrong.text, NAME in wrong.text) == (200, True, False)
    for fields in ({}, {"birth_date": "31/02/1990"}, {"birth_date": "x", "full_name": " "}):
        odd = await public.post(form[1], data={"serial": serial, **fields}, headers=headers)
        assert (odd.status_code, NAME in odd.text, 'role="alert"' in odd.text) == (200, False, True)


@pytest.mark.parametrize("path", ["/", "/v1/verify", "/v1/verify/"])
async def test_a_browser_is_given_a_page_to_type_a_serial_and_a_program_is_told_where_to_ask(
    certification: RunningService, serial: str, path: str
) -> None:
    public = certification.client(None)
    for language, word in (("vi", "Số hiệu"), ("en", "Serial")):
        page = await public.get(path, headers={**BROWSER, "Accept-Language": language})
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert f'<html lang="{language}">' in page.text
        assert f"<label>{word} <input" in page.text
        form = re.search(r'<form action="([^"]+)" method="get"', page.text)
        assert form is not None
        sent = {"lang": language, "serial": f" {serial.lower()} "}
        found = await public.get(form[1], params=sent, headers=BROWSER)
        assert (found.status_code, serial in found.text) == (200, True)
    told = await public.get(path)
    assert (told.status_code, told.json()["verify"]) == (200, "/v1/verify/{serial}")
    assert (await public.head(path)).status_code == 200
    asked = await public.get("/v1/verify", params={"serial": serial})
    assert (asked.status_code, asked.json()["serial"]) == (200, serial)
    unknown = await public.get("/v1/verify", params={"serial": "KHONG-CO"}, headers=BROWSER)
    assert (unknown.status_code, "<form" in unknown.text) == (404, True)


async def test_where_names_are_shown_or_never_shown_nothing_is_asked(
    certification: RunningService, serial: str
) -> None:
    public = certification.client(None)
    for disclosure, shown in (("shown", True), ("never", False)):
        certification.app.state.holder_disclosure = disclosure
        page = await public.get(f"/v1/verify/{serial}", headers=BROWSER)
        assert (NAME in page.text, "full_name" in page.text) == (shown, False)
        form = {"serial": serial, "birth_date": "02/05/1990"}
        answer = await public.post("/v1/verify", data=form)
        assert answer.json()["holder_name"] == (NAME if shown else None)


async def test_a_form_that_cannot_be_read_is_refused_in_few_bytes(
    certification: RunningService,
) -> None:
    public = certification.client(None)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for raw in (b"\xff\xfe", b"serial=%ff%fe", b"a=1&" * 1000):
        answer = await public.post("/v1/verify", content=raw, headers=form)
        assert (answer.status_code, len(answer.content) < 1000) == (422, True)
    other = await public.post("/v1/verify", json={"serial": "X"})
    assert (other.status_code, other.json()["code"]) == (415, "unsupported_media_type")
    large = await public.post("/v1/verify", content=b"a" * 20_000, headers=form)
    assert large.status_code == 413


class _Unlimited:
    """Look-ups are not limited here, so that the budget of guesses is seen."""

    async def __call__(self, request: object) -> None: ...

    def client_of(self, request: object) -> str:
        return "203.0.113.7"
