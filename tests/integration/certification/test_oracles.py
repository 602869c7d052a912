"""No refusal of the register tells what lies outside the caller's scope."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.making.certification import Authorise, agency, evidence, learn, sheet
from tests.oracles import OF_ADMINISTRATORS, Question, compare, operations
from tests.running import RunningService

NOTHING_HIDDEN = {
    *("health_live", "health_ready", "metrics", "read_events"),
    *("results_batch_template", "results_batch_template_file"),
    *("evidence_import_template", "evidence_import_template_file"),
    *("list_frameworks", "get_framework"),
    *("verify_certificate", "verify_certificate_holder"),
    *("start_verification", "verify_certificate_by_form"),
    *("list_evidence", "export_evidence"),
}
"""Operations that name nothing, or that tell everybody: the public verifies any serial."""

CALLERS: dict[str, dict[str, Any]] = {
    "an institution": {"role": "institution", "institution": "DHV"},
    "an institution without a book": {"role": "institution", "institution": "CTU"},
    "a clerk elsewhere": {"role": "agency", "agency": "H30"},
    "an authority elsewhere": {"role": "authority", "agency": "H30"},
    "an authority of the other bloc": {"role": "authority", "agency": "H56", "bloc": "party"},
    "an auditor elsewhere": {"role": "auditor", "agency": "H30"},
    "an official": {"role": "official", "official_code": "O-1"},
}


def questions(world: dict[str, str], caller: dict[str, Any]) -> list[Question]:
    found: list[Question] = []

    def ask(
        operation: str,
        about: str,
        outside: str,
        unknown: Any,
        method: str,
        path: str,
        *bodies: Any,
        **more: Any,
    ) -> None:
        for body in bodies or (None,):
            found.append(
                Question(
                    operation,
                    about,
                    method,
                    outside,
                    unknown,
                    lambda v, path=path: path.format(v),
                    body=None
                    if body is None
                    else (lambda v, body=body: body(v) if callable(body) else body),
                    **more,
                )
            )

    def some_id(_: int) -> str:
        return str(uuid4())

    decision = {"decision_number": "1/QĐ", "decided_on": "2026-11-01"}
    result, serial, paper = world["result"], world["serial"], world["evidence"]
    version = {**decision, "reason": "remarking", "scores": sheet()["scores"]}
    ask("get_result", "result", result, some_id, "GET", "/v1/results/{}")
    ask("post_result_version", "result", result, some_id, "POST", "/v1/results/{}/versions",
        version)  # fmt: skip
    ask("get_evidence", "evidence", paper, some_id, "GET", "/v1/evidence/{}")
    ask("accept_evidence", "evidence", paper, some_id, "POST", "/v1/evidence/{}/acceptance",
        {**decision, "level": 4}, {**decision, "equivalence_table": "TT23-2021"})  # fmt: skip
    ask("withdraw_evidence", "evidence", paper, some_id, "POST", "/v1/evidence/{}/withdrawal",
        decision)  # fmt: skip
    ask("accept_evidence_list", "evidence", paper, some_id, "POST", "/v1/evidence/acceptances",
        lambda v: {**decision, "level": 4, "evidence_ids": [v]},
        lambda v: {**decision, "items": [{"evidence_id": v, "level": 4}]})  # fmt: skip
    if caller["role"] in ("institution", "agency", "official"):
        # Others read the whole register.
        def some_serial(n: int) -> str:
            return f"{serial[:-3]}9{n:02d}"

        revocation = {**decision, "reason_code": "fraud"}
        ask("get_certificate", "serial", serial, some_serial, "GET", "/v1/certificates/{}")
        ask("revoke_certificate", "serial", serial, some_serial, "POST",
            "/v1/certificates/{}/revocation", revocation)  # fmt: skip

    def some_institution(n: int) -> str:
        return f"TRUONG{n:02d}"

    other = "DHCT"
    book = "/v1/register-books/{}/KNLNN/2026"
    if caller["role"] == "institution":
        ask("get_register_book", "institution", other, some_institution, "GET", book)
        ask("put_register_book", "institution", other, some_institution, "PUT", book,
            {"numbering": "institution"}, headers=({}, {"If-Match": "*"}))  # fmt: skip
        for operation, path in (
            ("list_register_books", "/v1/register-books?institution={}"),
            ("list_register_collisions", "/v1/register-collisions?institution={}"),
            ("list_certificates", "/v1/certificates?institution={}"),
            ("export_certificates", "/v1/certificates.csv?institution={}"),
            ("list_results", "/v1/results?institution={}"),
            ("export_results", "/v1/results.csv?institution={}"),
            ("list_results", "/v1/results?session=2026-09&institution={}"),
        ):
            ask(operation, "institution", other, some_institution, "GET", path)
    posted = lambda v: sheet(7, v)  # noqa: E731
    ask("post_result", "institution", other, some_institution, "POST", "/v1/results", posted)
    ask("post_results_batch", "institution", other, some_institution, "POST",
        "/v1/results/batch", lambda v: [sheet(7, v)])  # fmt: skip

    def filed(v: str) -> dict[str, Any]:
        return evidence(agency_code=v)

    ask("file_evidence", "agency_code", "H56.09", lambda n: f"Q{n}", "POST", "/v1/evidence", filed)
    ask("import_evidence", "agency_code", "H56.09", lambda n: f"Q{n}", "POST",
        "/v1/evidence/import", lambda v: [filed(v)])  # fmt: skip
    return found


@pytest.fixture
async def world(certification: RunningService, authorise: Authorise) -> dict[str, str]:
    """A certificate of DHCT, and a paper that H56.09 filed; DHV has a book of its own."""
    await authorise("DHCT")
    await authorise("DHV")
    await learn(
        certification,
        agency("H56", None),
        agency("H56.09", "H56"),
        agency("H56.DU", "H56", system="party", bloc="party"),
        agency("H30", None),
    )
    admin = certification.client()
    made = (await admin.post("/v1/results", json=sheet(1, "DHCT"))).json()
    await admin.post("/v1/results", json=sheet(2, "DHV"))
    clerk = certification.client("agency", agency="H56.09")
    paper = await clerk.post("/v1/evidence", json=evidence())
    assert paper.status_code == 201, paper.text
    return {
        "result": made["result_id"],
        "serial": made["certificate"]["serial"],
        "evidence": paper.json()["evidence_id"],
    }


@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS.keys())
async def test_no_refusal_tells_what_lies_outside_the_scope(
    certification: RunningService, world: dict[str, str], caller: dict[str, Any]
) -> None:
    client = certification.client(**caller)
    for question in questions(world, caller):
        assert await compare(certification, client, question)


async def test_every_operation_is_asked_or_has_nothing_to_hide(
    certification: RunningService, world: dict[str, str]
) -> None:
    asked = {each.operation for caller in CALLERS.values() for each in questions(world, caller)}
    assert operations(certification) == asked | NOTHING_HIDDEN | OF_ADMINISTRATORS
    assert not asked & NOTHING_HIDDEN
